from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest

from annotation.answers import Answers, to_result
from annotation.errors import AnnotationError
from annotation.interface import HOTKEYS, labelling_config, shown_digests, validate_config
from bench.policy import Policy, load_policies

POLICIES = load_policies()
TAGS = {"View", "Style", "Image", "Choices", "Choice", "TextArea", "Header", "Markdown", "Collapse", "Panel"}
HOSTILE = """</View><Choices name="x"/> & "quotes" ' <script>alert(1)</script> $image \x00\x1b ]]> end"""


def choices(config: str, name: str) -> ET.Element:
    return next(tag for tag in ET.fromstring(config).iter("Choices") if tag.get("name") == name)


def test_label_studios_own_parser_accepts_the_page() -> None:
    validate_config(labelling_config(POLICIES))


def test_label_studios_own_parser_accepts_an_answered_form() -> None:
    from label_studio_sdk.label_interface.interface import LabelInterface

    said = {policy.id: "unsafe" for policy in POLICIES}
    rules = {policy.id: policy.rules[0].id for policy in POLICIES if policy.rules}
    result = to_result(Answers(said, rules, True, True))  # type: ignore[arg-type]
    page = LabelInterface(labelling_config(POLICIES))
    assert page.validate_annotation({"result": result})  # type: ignore[no-untyped-call]


def test_a_broken_page_is_refused_with_the_reason() -> None:
    with pytest.raises(AnnotationError, match="does not accept the labelling page"):
        validate_config("<View><Choices name='a' toName='nothing'/></View>")


def test_every_policy_has_one_required_question_of_three_answers() -> None:
    config = labelling_config(POLICIES)
    for policy in POLICIES:
        question = choices(config, policy.id)
        assert (question.get("choice"), question.get("required")) == ("single", "true")
        assert [choice.get("value") for choice in question] == ["safe", "unsafe", "unsure"]


def test_keys_are_a_row_an_answer_and_a_column_a_policy() -> None:
    config = labelling_config(POLICIES)
    rows = ["".join(choices(config, p.id)[row].get("hotkey", "") for p in POLICIES) for row in range(3)]
    assert rows == list(HOTKEYS)


def test_no_two_controls_share_a_key() -> None:
    config = labelling_config(POLICIES)
    keys = [tag.get("hotkey") for tag in ET.fromstring(config).iter("Choice") if tag.get("hotkey")]
    assert len(keys) == len(set(keys)) == 3 * 5 + 1 + 2


def test_the_image_lies_under_the_veil_until_the_reveal_is_ticked() -> None:
    page = ET.fromstring(labelling_config(POLICIES))
    veil = next(view for view in page.iter("View") if view.get("className") == "sb-veil")
    assert [tag.tag for tag in veil] == ["Image"]
    style = page.findtext("Style") or ""
    assert ".sb-veil{filter:blur(24px) grayscale(1)}" in style
    assert ".sb-page:has(.sb-reveal .ant-checkbox-checked) .sb-veil{filter:none}" in style
    assert not set('>&"') & set(style)


def test_rules_can_be_named_where_there_are_some() -> None:
    config = labelling_config(POLICIES)
    named = [choice.get("alias") for choice in choices(config, "L3-rule")]
    assert named == [rule.id for rule in POLICIES[2].rules]
    assert "L1-rule" not in config


def question(policy_id: str) -> ET.Element:
    page = ET.fromstring(labelling_config(POLICIES))
    return next(view for view in page.iter("View") if f"sb-of-{policy_id} " in view.get("className", ""))


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.id)
def test_the_whole_policy_text_is_in_its_question(policy: Policy) -> None:
    shown = [tag.get("value", "") for tag in question(policy.id).iter("Header")][1:]  # after the name
    lines = "\n".join(line for line in shown if line != "Which rule? (optional)").split("\n")
    assert lines == [line for line in policy.text().split("\n") if line]


def test_each_rule_folds_under_its_title() -> None:
    panels = question("L3").findall(".//Collapse/Panel/View/Collapse/Panel")
    assert [panel.get("value") for panel in panels[:2]] == ["R1 Weapons", "R2 Tobacco"]
    assert len(panels) == len(POLICIES[2].rules)
    assert all((panel.find("View/Header") is not None) for panel in panels)


def test_each_image_puts_the_policies_in_its_own_order() -> None:
    page = ET.fromstring(labelling_config(POLICIES))
    assert [tag.get("value") for tag in page.iter("Markdown")] == ['<i class="$order"></i>']
    style = page.findtext("Style") or ""
    for place in range(1, 6):
        for policy in POLICIES:
            assert f".sb-page:has(.p{place}-{policy.id}) .sb-of-{policy.id}{{order:{place}}}" in style


def test_a_rater_can_leave_a_note() -> None:
    note = next(ET.fromstring(labelling_config(POLICIES)).iter("TextArea"))
    assert (note.get("name"), note.get("toName"), note.get("required")) == ("note", "image", None)


def test_the_shown_texts_can_be_read_back() -> None:
    assert shown_digests(labelling_config(POLICIES)) == {p.id: p.digest for p in POLICIES}
    assert shown_digests("<View/>") == {}


def test_hostile_text_stays_text() -> None:
    hostile = replace(POLICIES[0], name=HOSTILE, purpose=(HOSTILE, HOSTILE, HOSTILE))
    config = labelling_config([hostile, *POLICIES[1:]])
    validate_config(config)
    assert {tag.tag for tag in ET.fromstring(config).iter()} == TAGS
    assert re.findall(r"\$\w+", config) == ["$image", "$order"]


def test_the_page_shows_nothing_of_a_task_but_its_image_and_the_order_of_policies() -> None:
    """So no role can reach a rater: a task's other data are an id made from the image's bytes."""
    assert re.findall(r"\$\w+", labelling_config(POLICIES)) == ["$image", "$order"]
    assert not {"original", "edited", "control"} & set(re.findall(r"\w+", labelling_config(POLICIES)))


@pytest.mark.parametrize(
    ("policies", "message"),
    [
        ([], "takes 1 to 5 policies, got 0"),
        ([*POLICIES, replace(POLICIES[0], id="L6")], "got 6"),
        ([POLICIES[0], POLICIES[0]], "share an id: L1, L1"),
        ([replace(POLICIES[0], id="natural")], "'natural' is the name of another field"),
        ([replace(POLICIES[0], id="order")], "'order' is the name of another field"),
        ([replace(POLICIES[0], id="L1-rule")], "'L1-rule' is the name of another field"),
    ],
)
def test_what_cannot_be_asked_is_refused(policies: list, message: str) -> None:  # type: ignore[type-arg]
    with pytest.raises(AnnotationError, match=message):
        labelling_config(policies)
