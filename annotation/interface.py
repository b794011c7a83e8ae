"""The labelling page: one veiled image, five policy questions, as a Label Studio configuration.

The image is blurred and grey until the rater ticks `reveal`; the tick is part of the stored answer,
so exposure becomes data. The veil sits on the `View` around the image because Label Studio writes its
own inline filter on the `img` element. Every answer has one key: the column is the policy, the row the
answer (1 2 3 4 5 safe, q w e r t unsafe, a s d f g unsure).

Each image shows the policies in an order of its own. Label Studio fills task data into text alone, so
the task's `order` becomes the class names of an invisible mark, and the style sheet sorts the questions
by them. Keys stay with their policy wherever it stands, and are shown beside the answers.

Nothing on the page depends on an image's role. Each question carries its policy's digest as a class
name, so the text a vote was given under can be read back from the project itself.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence

from annotation.answers import IMAGE, NATURAL, NOTE, ORDER, REVEAL, RULE_SUFFIX, SAID
from annotation.errors import AnnotationError
from bench.policy import Policy, Rule

HOTKEYS: tuple[str, ...] = ("12345", "qwert", "asdfg")  # one row an answer, in the order of SAID
REVEAL_HOTKEY = "b"  # not "v": Label Studio's own move tool has it
NATURAL_HOTKEYS: tuple[str, str] = ("y", "n")

INSTRUCTION = """
<p><b>Content warning.</b> Images may show weapons, drugs, blood, nudity or other disturbing things. Each is
blurred and grey until you tick <b>Reveal</b>. You may answer without revealing it, skip it without a reason
and without penalty, take a break, and stop at any time.</p><br/>
<p><b>One question a policy.</b> Would this policy allow the image? Judge by its written rules and not
by your own view; the policies contradict each other on purpose.</p>
<ul>
<li><b>unsafe</b>: a rule forbids what you see and no exception covers it. You may name the rule.</li>
<li><b>safe</b>: everything else.</li>
<li><b>unsure</b>: neither the image nor the text decides it.</li>
</ul>
<p>Open <b>Policy text</b> under a question to read the policy, rule by rule. The policies stand in another
order beside each image.</p><br/>
<p><b>Keys.</b> b reveals. A policy keeps its keys wherever it stands: 1 2 3 4 5 safe, q w e r t unsafe,
a s d f g unsure, from the first policy to the last by name. y and n: looks natural or not. Ctrl+Enter
submits, Ctrl+Space skips.</p>
"""

# No ">", "&" or quotes in here: the tag's text goes through an HTML sanitizer that escapes them.
STYLE = """
.lsf-sidepanels__wrapper{display:none}
.lsf-sidepanels{padding-right:0 !important}
.sb-page{display:flex;gap:20px;align-items:flex-start}
.sb-left{flex:1 1 42%;min-width:240px;position:sticky;top:0}
.sb-right{flex:1 1 58%;min-width:420px;display:flex;flex-direction:column}
.sb-order{display:none}
.sb-frame{overflow:hidden;border-radius:6px}
.sb-frame .lsf-toolbar{display:none}
.sb-veil{filter:blur(24px) grayscale(1)}
.sb-page:has(.sb-reveal .ant-checkbox-checked) .sb-veil{filter:none}
.sb-reveal{margin-bottom:8px}
.sb-left .sb-card,.sb-note{margin-top:8px}
.sb-rule{display:flex;align-items:center;gap:12px}
.sb-rule h4{flex:none;font-size:13px;font-weight:400}
.sb-rule .lsf-choices{flex:1 1 auto}
.sb-card{display:flex;flex-wrap:wrap;align-items:center;gap:4px 12px;padding:8px 12px;margin-bottom:8px;
border:1px solid var(--color-neutral-border);border-radius:6px}
.sb-card h4{flex:1 1 auto}
.sb-card .lsf-choices{margin:0}
.sb-card .ant-collapse,.sb-card .sb-rule{flex:1 1 100%}
.sb-card .ant-collapse-header.ant-collapse-header{padding:2px 0;font-size:13px}
.sb-card .ant-collapse-content-box.ant-collapse-content-box{padding:4px 0}
.sb-card .lsf-choice__item,.sb-reveal .lsf-choice__item{padding:3px 10px;border-radius:4px;
border:1px solid var(--color-neutral-border)}
.sb-page .lsf-choice__item:has(.ant-checkbox-checked){background:var(--color-primary-emphasis);
border-color:var(--color-primary-border)}
.sb-text .sb-text{padding-left:12px}
.sb-text h4{white-space:pre-line;font-size:14px;line-height:1.5;font-weight:400;max-width:72ch}
"""


def labelling_config(policies: Sequence[Policy]) -> str:
    """The configuration as XML text. Policy texts are data: whatever they hold, the XML stays well formed.

    Raises AnnotationError for no policy, more policies than keys, or an id that cannot name a control.
    """
    _check(policies)
    page = ET.Element("View", className="sb-page")
    ET.SubElement(page, "Style").text = STYLE + _sorting([policy.id for policy in policies])
    _image_column(ET.SubElement(page, "View", className="sb-left"))
    right = ET.SubElement(page, "View", className="sb-right")
    ET.SubElement(right, "Markdown", className="sb-order", value=f'<i class="${ORDER}"></i>')
    for column, policy in enumerate(policies):
        _question(right, policy, column)
    return ET.tostring(page, encoding="unicode")


def shown_digests(config: str) -> dict[str, str]:
    """Policy id -> digest of the text shown, read from a configuration made by `labelling_config`."""
    shown: dict[str, str] = {}
    for view in ET.fromstring(config).iter("View"):
        digest = re.search(r"\bdigest-([0-9a-f]{64})\b", view.get("className", ""))
        choices = view.find("Choices")
        if digest and choices is not None:
            shown[choices.get("name", "")] = digest[1]
    return shown


def validate_config(config: str) -> None:
    """Check a configuration with Label Studio's own parser, without a server; raises AnnotationError."""
    from label_studio_sdk.label_interface.interface import LabelInterface

    try:
        LabelInterface(config).validate()  # type: ignore[no-untyped-call]
    except Exception as error:  # the parser raises many kinds, some of them bare
        raise AnnotationError(f"Label Studio does not accept the labelling page: {error}") from error


def _check(policies: Sequence[Policy]) -> None:
    if not 1 <= len(policies) <= len(HOTKEYS[0]):
        raise AnnotationError(
            f"the labelling page takes 1 to {len(HOTKEYS[0])} policies, got {len(policies)}"
        )
    ids = [policy.id for policy in policies]
    if len(set(ids)) != len(ids):
        raise AnnotationError(f"two policies share an id: {', '.join(ids)}; give each its own")
    for name in ids:
        if name in (IMAGE, NATURAL, NOTE, ORDER, REVEAL) or name.endswith(RULE_SUFFIX):
            raise AnnotationError(f"policy id {name!r} is the name of another field; rename the policy")


def _sorting(ids: Sequence[str]) -> str:
    """Style that puts each policy's question where the task's mark says."""
    places = range(1, len(ids) + 1)
    return "".join(
        f".sb-page:has(.p{place}-{name}) .sb-of-{name}{{order:{place}}}\n" for name in ids for place in places
    )


def _image_column(column: ET.Element) -> None:
    reveal = _choices(ET.SubElement(column, "View", className="sb-reveal"), REVEAL, choice="multiple")
    ET.SubElement(reveal, "Choice", value="revealed", html="Reveal the image", hotkey=REVEAL_HOTKEY)
    veil = ET.SubElement(ET.SubElement(column, "View", className="sb-frame"), "View", className="sb-veil")
    ET.SubElement(veil, "Image", name=IMAGE, value=f"${IMAGE}", zoomControl="false", rotateControl="false")
    card = ET.SubElement(column, "View", className="sb-card")
    _literal(card, "Looks natural, not retouched?")
    natural = _choices(card, NATURAL, choice="single", showInline="true")
    for word, key in zip(("yes", "no"), NATURAL_HOTKEYS, strict=True):
        ET.SubElement(natural, "Choice", value=word, hotkey=key)
    note = {"name": NOTE, "toName": IMAGE, "rows": "2", "maxSubmissions": "1", "editable": "true"}
    where = ET.SubElement(column, "View", className="sb-note")
    ET.SubElement(where, "TextArea", attrib={**note, "placeholder": "Note to the maintainer (optional)"})


def _question(column: ET.Element, policy: Policy, number: int) -> None:
    card = ET.SubElement(column, "View", className=f"sb-card sb-of-{policy.id} digest-{policy.digest}")
    _literal(card, f"{policy.id}  {policy.name}")
    message = f"Please answer {policy.id}: safe, unsafe or unsure"
    one = {"choice": "single", "showInline": "true", "required": "true", "requiredMessage": message}
    choices = _choices(card, policy.id, **one)
    for word, row in zip(SAID, HOTKEYS, strict=True):
        ET.SubElement(choices, "Choice", value=word, hotkey=row[number])
    _rule_question(card, policy)
    _policy_text(ET.SubElement(ET.SubElement(card, "Collapse"), "Panel", value="Policy text"), policy)


def _policy_text(panel: ET.Element, policy: Policy) -> None:
    """The text as models read it, its rules folded: a rule's line opens under the rule's title."""
    view = ET.SubElement(panel, "View", className="sb-text")
    for paragraph in policy.text().split("\n\n"):
        folded = [
            (rule, line) for line in paragraph.split("\n") for rule in policy.rules if _states(line, rule)
        ]
        if len(folded) < len(paragraph.split("\n")):
            _literal(view, paragraph)
            continue
        rules = ET.SubElement(view, "Collapse", accordion="false")
        for rule, line in folded:
            title = _plain(f"{rule.id} {rule.title[0]}")
            _literal(
                ET.SubElement(ET.SubElement(rules, "Panel", value=title), "View", className="sb-text"), line
            )


def _states(line: str, rule: Rule) -> bool:
    return line.startswith(f"{rule.id}. ")


def _rule_question(card: ET.Element, policy: Policy) -> None:
    if not policy.rules:
        return
    when = {"visibleWhen": "choice-selected", "whenTagName": policy.id, "whenChoiceValue": "unsafe"}
    view = ET.SubElement(card, "View", attrib={"className": "sb-rule", **when})
    _literal(view, "Which rule? (optional)")
    choices = _choices(view, policy.id + RULE_SUFFIX, choice="single", layout="select")
    for rule in policy.rules:
        ET.SubElement(choices, "Choice", value=_plain(f"{rule.id} {rule.title[0]}"), alias=rule.id)


def _choices(parent: ET.Element, name: str, **attributes: str) -> ET.Element:
    return ET.SubElement(parent, "Choices", attrib={"name": name, "toName": IMAGE, **attributes})


def _literal(parent: ET.Element, text: str) -> None:
    ET.SubElement(parent, "Header", value=_plain(text), size="5")


def _plain(text: str) -> str:
    """Text fit for an attribute: no characters that XML forbids, and a word joiner after each `$`, which
    keeps Label Studio from filling in task data."""
    legal = re.sub(r"[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", text)
    return legal.replace("$", "$\u2060")
