"""The numbers of a card are counts of rows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bench.schema import RejectRow
from data_cards.facts import FunnelStep
from tests.bench.sample import sample
from tests.data_cards.sample_card import facts_of


def test_pictures_cells_and_flips() -> None:
    facts = facts_of(sample(3))
    assert (facts.images, facts.pairs, facts.controls, facts.synthetic) == (8, 3, 2, 8)
    assert (facts.cells, facts.filled, facts.gaps) == (40, 40, ())
    assert facts.flips == 12  # three pairs under L2..L5
    assert facts.policy_flips == 5  # originals and controls are safe under L1, unsafe under L2
    assert facts.concepts == (("firearm", 3),)
    assert facts.contexts == (("news", 3), ("toy_or_cartoon", 3))


def test_labels_by_policy() -> None:
    first, second = facts_of(sample(3)).policies[:2]
    assert (first.policy_id, first.safe, first.unsafe, first.flips) == ("L1", 8, 0, 0)
    assert (second.safe, second.unsafe, second.unfilled) == (3, 5, 0)
    assert (second.unsafe_originals, second.unsafe_edited, second.unsafe_controls) == (3, 0, 2)


def test_rows_by_table_and_split_leave_out_the_empty() -> None:
    rows = facts_of(replace(sample(2), votes=())).rows
    assert rows["images"] == {"test": 5}
    assert rows["flat"] == {"test": 25}
    assert rows["votes"] == {}
    assert rows["rejects"] == {"build": 2}


def test_gaps_are_ranked() -> None:
    rows = sample(2)
    empty = [
        replace(row, safety_label=None, rules=(), posterior=None, reason=reason)
        for row, reason in zip(rows.verdicts[:3], ("skipped", "tie", "tie"), strict=True)
    ]
    facts = facts_of(replace(rows, verdicts=(*empty, *rows.verdicts[3:])))
    assert facts.gaps == (("tie", 2), ("skipped", 1))
    assert (facts.filled, facts.rows["flat"]) == (22, {"test": 22})


def test_the_funnel_leads_from_inputs_to_what_was_published() -> None:
    rejects = (
        RejectRow("a.jpg", "ingest", "not an image"),
        RejectRow("b.jpg", "ingest", "not an image"),
        RejectRow("c.jpg", "ingest", "duplicate"),
        RejectRow("p9", "verify", "violation not gone"),
        RejectRow("d.jpg", "control", "no harmless region"),  # the pair itself was published
        RejectRow("p8", "annotate", "all raters skipped"),
    )
    facts = facts_of(replace(sample(3), rejects=rejects), inputs=8)
    assert facts.funnel == (
        FunnelStep("ingest", 8, 3, (("not an image", 2), ("duplicate", 1))),
        FunnelStep("localize", 5, 0, ()),
        FunnelStep("edit", 5, 0, ()),
        FunnelStep("verify", 5, 1, (("violation not gone", 1),)),
        FunnelStep("annotate", 4, 1, (("all raters skipped", 1),)),
    )
    assert facts.published == 3
    assert facts.no_control == (("no harmless region", 1),)


def test_inputs_that_no_reject_explains_are_said() -> None:
    assert facts_of(sample(3), inputs=7).funnel[-1] == FunnelStep("unaccounted", 5, 2, ())
    assert [step.stage for step in facts_of(sample(3), inputs=5).funnel][-1] == "verify"


def test_a_score_that_was_not_asked_has_no_spread() -> None:
    rows = sample(2)
    edits = tuple(replace(edit, gone=None) for edit in rows.edits)
    assert "gone" not in {spread.name for spread in facts_of(replace(rows, edits=edits)).spreads}


def test_spreads_are_percentiles_of_the_edited_pictures() -> None:
    rows = sample(3)
    seams = [1.0, 1.5, 9.0, 2.5, 9.0]  # edited, control, edited, control, edited
    edits = tuple(replace(edit, seam=seam) for edit, seam in zip(rows.edits, seams, strict=True))
    spread = next(s for s in facts_of(replace(rows, edits=edits)).spreads if s.name == "seam")
    expected = np.percentile([1.0, 9.0, 9.0], [5, 50, 95])
    assert [spread.low, spread.median, spread.high] == pytest.approx(expected)


def test_attempts_that_were_not_kept_count_as_attempts_only() -> None:
    rows = sample(2)
    lost = replace(rows.edits[0], attempt=1, chosen=False, image_id="", changed_outside=5, editor="other")
    facts = facts_of(replace(rows, edits=(*rows.edits, lost)))
    assert (facts.attempts, facts.chosen, facts.changed_outside) == (4, 3, 0)
    assert facts.editors == ("fill (eeeeeeeeeeee)",)
