"""The sample benchmark with its real card and croissant.json."""

from __future__ import annotations

from pathlib import Path

from bench.export import export_benchmark
from data_cards.croissant import croissant_json
from data_cards.facts import AgreementLike, CardFacts
from data_cards.generator import facts_from_rows, render_data_card
from tests.bench.sample import Sample, sample


def facts_of(
    rows: Sample,
    *,
    title: str = "Sample benchmark",
    gated: bool = True,
    inputs: int = 5,
    agreement: tuple[AgreementLike, ...] = (),
) -> CardFacts:
    return facts_from_rows(
        title=title,
        licence="cc-by-4.0",
        inputs=inputs,
        images=rows.images,
        verdicts=rows.verdicts,
        votes=rows.votes,
        edits=rows.edits,
        rejects=rows.rejects,
        policies=rows.policies,
        agreement=agreement,
        released="2026-03-01",
        gated=gated,
    )


def publish(out: Path, rows: Sample | None = None) -> Path:
    rows = rows or sample()
    facts = facts_of(rows)
    export_benchmark(
        out,
        images=rows.images,
        verdicts=rows.verdicts,
        votes=rows.votes,
        edits=rows.edits,
        rejects=rows.rejects,
        policies=rows.policies,
        readme=render_data_card(facts),
        croissant=lambda files: croissant_json(facts, files),
    )
    return out
