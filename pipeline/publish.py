"""From a build to a benchmark folder: verdicts from rules or from votes, the card, the tables."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from annotation.agreement import agreement_table
from annotation.consensus import Item, settle
from bench.export import export_benchmark
from bench.policy import Policy, load_policies
from bench.schema import VerdictRow, VoteRow
from bench.staging import write_atomic
from data_cards.card import render_data_card
from data_cards.croissant import croissant_json
from data_cards.generator import facts_from_rows

from .build import Built
from .config import BuildConfig
from .rows import edit_rows, image_rows, region_rows, verdict_rows
from .store import Store, canonical

VOTES = "votes.jsonl"


def policies_of(config: BuildConfig) -> tuple[Policy, ...]:
    """The configured policies: the five, or a folder's."""
    return load_policies(Path(config.policies) if config.policies else None)


def publish(built: Built, config: BuildConfig, progress: Callable[[int, int], None] | None = None) -> None:
    """Write `config.out`. Cells with votes get the voted verdict, the others what the rules say.

    Raises ValueError where the build made no pair.
    """
    if not built.pairs:
        raise ValueError(f"no pair could be made of {built.inputs} inputs, so {config.out} was not written")
    store, policies = Store(config.work), policies_of(config)
    images, edits = image_rows(built, store, config), list(edit_rows(built, config.verify.gone))
    regions = region_rows(built, store)
    votes = load_votes(config.work)
    verdicts = settled(list(verdict_rows(built, policies)), votes, policies)
    facts = facts_from_rows(
        title=config.export.title,
        licence=config.export.licence,
        version=config.export.version,
        inputs=built.inputs,
        images=images,
        verdicts=verdicts,
        votes=votes,
        edits=edits,
        regions=regions,
        rejects=built.rejects,
        policies=policies,
        agreement=agreement_table(votes) if votes else (),
    )
    export_benchmark(
        config.out,
        images=images,
        verdicts=verdicts,
        votes=votes,
        edits=edits,
        regions=regions,
        rejects=built.rejects,
        policies=policies,
        readme=render_data_card(facts),
        croissant=lambda files: croissant_json(facts, files),
        progress=progress,
    )


def settled(
    by_rule: list[VerdictRow], votes: tuple[VoteRow, ...], policies: tuple[Policy, ...]
) -> list[VerdictRow]:
    """The votes' verdict in every cell that has votes, the rules' own in the others."""
    if not votes:
        return by_rule
    items = dict.fromkeys(Item(row.image_id, row.pair_id, row.role) for row in by_rule)
    voted = {(vote.image_id, vote.policy_id) for vote in votes}
    by_vote = {(row.image_id, row.policy_id): row for row in settle(votes, list(items), policies)}
    cells = [((row.image_id, row.policy_id), row) for row in by_rule]
    return [by_vote[cell] if cell in voted else row for cell, row in cells]


def save_votes(work: Path, votes: tuple[VoteRow, ...]) -> None:
    """Keep pulled votes beside the build, whole or not at all."""
    write_atomic(work / VOTES, "".join(canonical(asdict(vote)) + "\n" for vote in votes).encode())


def load_votes(work: Path) -> tuple[VoteRow, ...]:
    """The votes pulled so far; none before the first pull."""
    path = work / VOTES
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return tuple(VoteRow(**json.loads(line)) for line in lines)
