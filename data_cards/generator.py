"""Make a card in two steps: `render_data_card(facts_from_rows(...))`. This file counts."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields
from statistics import quantiles
from typing import TypeVar

from bench.dataset import ImageInfo
from bench.layout import BUILD_SPLIT, TableName, by_split
from bench.policy import Policy
from bench.schema import EditRow, ImageRow, RegionRow, RejectRow, VerdictRow, VoteRow
from data_cards.card import render_data_card
from data_cards.edit_quality import edit_quality
from data_cards.facts import AgreementLike, CardFacts, FunnelStep, Identity, PolicyFacts, Spread
from data_cards.ranking import ranked

__all__ = ["facts_from_rows", "render_data_card"]

BUILD_STAGES = ("ingest", "localize", "edit", "verify")
CONTROL = "control"  # a reject of this stage cost the pair its control, not its place

R = TypeVar("R")


def facts_from_rows(
    *,
    title: str,
    licence: str,
    inputs: int,
    images: Sequence[ImageRow],
    verdicts: Sequence[VerdictRow],
    votes: Sequence[VoteRow],
    edits: Sequence[EditRow],
    rejects: Sequence[RejectRow],
    policies: Sequence[Policy],
    regions: Sequence[RegionRow] = (),
    agreement: Sequence[AgreementLike] = (),
    version: str = "1.0.0",
    released: str = "",
    contact: str = "",
    gated: bool = True,
) -> CardFacts:
    """Count everything the card prints.

    Args:
        title, licence, version, released, contact, gated: see `Identity`.
        inputs: what the build was given, published or not.
        images, regions: read once, so sequences that load rows on access work.
        agreement: from `annotation.agreement_table(votes)`; without it the card has no such table.
    """
    infos = [_info(row) for row in images]
    originals = [info for info in infos if info.role == "original"]
    chosen = [row for row in edits if row.chosen]
    return CardFacts(
        identity=Identity(title, version, licence, released, contact, gated),
        policies=tuple(_policy(policy, verdicts) for policy in policies),
        rows=_table_rows(infos, verdicts, votes, edits, regions, rejects),
        images=len(infos),
        pairs=sum(info.role == "edited" for info in infos),
        controls=sum(info.role == "control" for info in infos),
        synthetic=sum(info.synthetic for info in infos),
        sizes=tuple(size for size, _ in ranked(f"{info.width}x{info.height}" for info in infos)),
        sources=ranked(info.source for info in infos),
        licences=ranked(info.licence for info in infos),
        concepts=ranked(concept for info in originals for concept in set(info.concepts)),
        contexts=ranked(context for info in originals for context in {c for cs in info.contexts for c in cs}),
        cells=len(infos) * len(policies),
        filled=sum(row.safety_label is not None for row in verdicts),
        gaps=ranked(row.reason for row in verdicts if row.safety_label is None),
        flips=sum(_flips(policy.id, verdicts) for policy in policies),
        policy_flips=_policy_flips(verdicts),
        label_sources=ranked(row.label_source for row in verdicts if row.safety_label is not None),
        votes=len(votes),
        raters=len({row.rater for row in votes}),
        simulated_votes=sum(row.label_source == "simulated" for row in votes),
        agreement=tuple(agreement),
        editors=tuple(sorted({f"{row.editor} ({row.editor_digest[:12]})" for row in chosen})),
        localizers=tuple(sorted({row.localizer for row in chosen})),
        attempts=len(edits),
        chosen=len(chosen),
        changed_outside=sum(row.changed_outside for row in chosen),
        new_violations=sum(bool(row.new_violation) for row in chosen),
        quality=edit_quality(edits),
        spreads=_spreads([row for row in chosen if row.role == "edited"]),
        funnel=_funnel(inputs, [row for row in rejects if row.stage != CONTROL], len(originals)),
        published=len(originals),
        no_control=ranked(row.reason for row in rejects if row.stage == CONTROL),
    )


def _info(row: ImageRow) -> ImageInfo:
    return ImageInfo(**{field.name: getattr(row, field.name) for field in fields(ImageInfo)})


def _policy(policy: Policy, verdicts: Sequence[VerdictRow]) -> PolicyFacts:
    rows = [row for row in verdicts if row.policy_id == policy.id]
    unsafe = Counter(row.role for row in rows if row.safety_label == "unsafe")
    return PolicyFacts(
        policy_id=policy.id,
        name=policy.name,
        kind=policy.kind,
        digest=policy.digest,
        safe=sum(row.safety_label == "safe" for row in rows),
        unsafe=unsafe.total(),
        unfilled=sum(row.safety_label is None for row in rows),
        unsafe_originals=unsafe["original"],
        unsafe_edited=unsafe["edited"],
        unsafe_controls=unsafe["control"],
        flips=_flips(policy.id, rows),
    )


def _flips(policy_id: str, verdicts: Iterable[VerdictRow]) -> int:
    """Pairs whose original and edited picture have unlike labels under the policy."""
    labels: dict[str, set[str]] = {}
    for row in verdicts:
        if row.policy_id == policy_id and row.role != "control" and row.safety_label is not None:
            labels.setdefault(row.pair_id, set()).add(row.safety_label)
    return sum(len(pair) == 2 for pair in labels.values())


def _policy_flips(verdicts: Iterable[VerdictRow]) -> int:
    labels: dict[str, set[str]] = {}
    for row in verdicts:
        if row.safety_label is not None:
            labels.setdefault(row.image_id, set()).add(row.safety_label)
    return sum(len(image) == 2 for image in labels.values())


def _table_rows(
    images: Sequence[ImageInfo],
    verdicts: Sequence[VerdictRow],
    votes: Sequence[VoteRow],
    edits: Sequence[EditRow],
    regions: Sequence[RegionRow],
    rejects: Sequence[RejectRow],
) -> dict[TableName, dict[str, int]]:
    """Rows by table and split, as `bench.export` lays them out; empty splits are left out."""
    of_image = {row.image_id: row.split for row in images}
    of_pair = {row.pair_id: row.split for row in images}
    filled = [row for row in verdicts if row.safety_label is not None]
    return {
        "images": _counts(images, lambda row: row.split),
        "verdicts": _counts(verdicts, lambda row: of_image[row.image_id]),
        "votes": _counts(votes, lambda row: of_image[row.image_id]),
        "edits": _counts(edits, lambda row: of_pair.get(row.pair_id, BUILD_SPLIT)),
        "regions": _counts(regions, lambda row: of_pair[row.pair_id]),
        "rejects": _counts(rejects, lambda row: BUILD_SPLIT),
        "flat": _counts(filled, lambda row: of_image[row.image_id]),
    }


def _counts(rows: Iterable[R], split_of: Callable[[R], str]) -> dict[str, int]:
    return {split: len(group) for split, group in by_split(rows, split_of, ()).items()}


SCORES: tuple[tuple[str, str, Callable[[EditRow], float | None]], ...] = (
    ("gone", "1 = the independent check finds no violation left", lambda row: row.gone),
    ("seam", "jump across the ring over that of random rings, 1 = no seam", lambda row: row.seam),
    ("naturalness", "1 = the fill is like its surroundings", lambda row: row.naturalness),
    ("area_share", "share of the picture the region covers, before dilation", lambda row: row.area_share),
    ("changed_share", "share of the picture that did change", lambda row: row.changed_share),
    ("detector_score", "the localizer's confidence", lambda row: row.detector_score),
    ("phash_distance", "bits of 64 between the perceptual hashes", lambda row: row.phash_distance),
)


def _spreads(edited: Sequence[EditRow]) -> tuple[Spread, ...]:
    """Percentiles of every score over the rows that have it."""
    spreads = []
    for name, meaning, read in SCORES:
        values = sorted(value for value in map(read, edited) if value is not None and math.isfinite(value))
        if values:
            spreads.append(Spread(name, meaning, *_percentiles(values)))
    return tuple(spreads)


def _percentiles(values: Sequence[float]) -> tuple[float, float, float]:
    """The 5th, 50th and 95th percentile, linear between order statistics as numpy does."""
    if len(values) == 1:
        return values[0], values[0], values[0]
    cuts = quantiles(values, n=20, method="inclusive")
    return cuts[0], cuts[9], cuts[18]


def _funnel(inputs: int, lost: Sequence[RejectRow], published: int) -> tuple[FunnelStep, ...]:
    """The stages in order, those beyond the build's four last; what no reject explains is `unaccounted`."""
    by_stage = by_split(lost, lambda row: row.stage, BUILD_STAGES)
    order = [*BUILD_STAGES, *(stage for stage in by_stage if stage not in BUILD_STAGES)]
    left, steps = inputs, list[FunnelStep]()
    for stage in order:
        rows = by_stage[stage]
        steps.append(FunnelStep(stage, left, len(rows), ranked(row.reason for row in rows)))
        left -= len(rows)
    if left != published:
        steps.append(FunnelStep("unaccounted", left, left - published, ()))
    return tuple(steps)
