"""The card: complete, honest about its labels, and unharmed by what the data contain."""

from __future__ import annotations

from dataclasses import dataclass, replace

import jinja2
import pytest
import yaml

from bench.dataset import front_matter
from bench.layout import TABLE_ROWS, TableName, table_columns
from data_cards.card import environment, render_data_card
from data_cards.front_matter import size_category, yaml_features
from tests.bench.sample import sample
from tests.data_cards.sample_card import facts_of


@dataclass(frozen=True, slots=True)
class Agreed:
    policy_id: str
    raters: int
    items: int
    votes: int
    alpha: float | None
    low: float | None
    high: float | None
    raw: float | None


def test_an_unfilled_slot_is_an_error() -> None:
    with pytest.raises(jinja2.UndefinedError, match="'nothing' is undefined"):
        environment().from_string("{{ nothing }}").render()


def test_the_front_matter_lists_tables_with_rows_only() -> None:
    card = render_data_card(facts_of(replace(sample(), votes=())))
    block = front_matter(card)
    names = [config["config_name"] for config in block["configs"]]  # type: ignore[attr-defined]
    assert names == ["images", "verdicts", "edits", "rejects", "flat"]
    assert block["pretty_name"] == "Sample benchmark"
    assert block["size_categories"] == ["n<1K"]
    assert block["tags"] == ["content-safety", "image-editing", "benchmark", "safeeditbench", "synthetic"]


def test_the_seven_groups_of_a_datasheet_are_there_in_order() -> None:
    card = render_data_card(facts_of(sample()))
    headings = [line.removeprefix("## ") for line in card.splitlines() if line.startswith("## ")]
    assert headings == [
        "Use it",
        "Motivation",
        "Composition",
        "Collection",
        "Preprocessing: the edits",
        "Annotation",
        "Uses",
        "Limits",
        "Distribution",
        "Maintenance",
        "Citation",
    ]


def test_the_content_warning_names_what_is_shown() -> None:
    card = render_data_card(facts_of(sample()))
    assert (
        "> **Content warning.** Drawings stand in here for things that a written policy may forbid: f" in card
    )
    assert "Access is gated: readers give their name and purpose first." in card
    assert "Access is gated" not in render_data_card(facts_of(sample(), gated=False))


def test_policies_of_another_kind_are_not_called_fictional() -> None:
    rows = sample(2)
    illustrations = tuple(replace(policy, kind="illustration") for policy in rows.policies)
    card = render_data_card(facts_of(replace(rows, policies=illustrations)))
    assert "> **The policies" not in card
    assert "**Not all policies are fictional.** L1, L2, L3, L4, L5 are made by rule" in card


def test_a_gate_can_be_left_out() -> None:
    assert "extra_gated_fields" in render_data_card(facts_of(sample()))
    assert "extra_gated_fields" not in render_data_card(facts_of(sample(), gated=False))


def test_photographs_are_marked_for_adults() -> None:
    rows = sample(2)
    real = replace(rows, images=tuple(replace(row, synthetic=False) for row in rows.images))
    card = render_data_card(facts_of(real))
    assert "not-for-all-audiences" in card
    assert "Drawn stand-ins" not in card


def test_label_sources_are_said_plainly() -> None:
    rows = sample(2)
    card = render_data_card(facts_of(rows))
    assert "**Rule labels.**" in card
    assert "**Simulated raters.** Some votes come from simulated raters" in card
    assert "No label was given by a person." in card
    by_people = replace(
        rows, verdicts=tuple(replace(row, label_source="human") for row in rows.verdicts), votes=()
    )
    card = render_data_card(facts_of(by_people))
    assert "Rule labels" not in card
    assert "Simulated raters" not in card
    assert "No votes were cast" in card
    assert "No label was given by a person." not in card


def test_the_policies_are_called_fictional() -> None:
    assert "**The policies L1, L2, L3, L4, L5 are fictional.**" in render_data_card(facts_of(sample(2)))


def test_agreement_is_a_table_where_given() -> None:
    agreed = (
        Agreed("L2", 3, 40, 120, 0.8123, 0.7, 0.9, 0.93),
        Agreed("L1", 3, 40, 120, None, None, None, 1.0),
    )
    card = render_data_card(facts_of(sample(2), agreement=agreed))
    assert "| L2 | 3 | 40 | 120 | 0.93 | 0.812 | 0.7 to 0.9 |" in card
    assert "| L1 | 3 | 40 | 120 | 1 | - | - to - |" in card
    assert "Krippendorff" not in render_data_card(facts_of(sample(2)))


def test_hostile_names_stay_in_their_cell() -> None:
    rows = sample(2)
    evil = "a|b\n# Heading <script>alert(1)</script> [x](javascript:y)"
    images = tuple(replace(row, source=evil, licence="---\nlicense: mit") for row in rows.images)
    card = render_data_card(facts_of(replace(rows, images=images), title="T: 'x'\n---\n# y"))
    assert "<script>" not in card
    assert "| a\\|b # Heading &lt;script>alert(1)&lt;/script> \\[x](javascript:y) | 5 |" in card
    assert front_matter(card)["pretty_name"] == "T: 'x'\n---\n# y"


@pytest.mark.parametrize("table", [*TABLE_ROWS, "flat"])
def test_features_are_what_datasets_would_write(table: TableName) -> None:
    datasets = pytest.importorskip("datasets")
    columns = table_columns(table, ["L1", "L2"])
    features = datasets.Features.from_dict({column.name: column.feature for column in columns})
    assert yaml.safe_load(yaml.safe_dump(yaml_features(columns))) == features._to_yaml_list()


@pytest.mark.parametrize(
    ("images", "name"),
    [(999, "n<1K"), (1_000, "1K<n<10K"), (99_999, "10K<n<100K"), (100_000, "100K<n<1M"), (10**6, "n>1M")],
)
def test_size_categories(images: int, name: str) -> None:
    assert size_category(images) == name
