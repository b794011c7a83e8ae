"""Some pairs of a finished benchmark as a benchmark of its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path

from annotation.agreement import agreement_table
from bench.dataset import Benchmark, ImageInfo, front_matter
from bench.export import export_benchmark
from bench.layout import CARD, CROISSANT
from bench.schema import EditRow, ImageRow, RegionRow, RejectRow, VerdictRow, VoteRow
from data_cards.card import render_data_card
from data_cards.croissant import croissant_json
from data_cards.facts import CardFacts
from data_cards.generator import facts_from_rows

from .on_access import OnAccess

CONTROL = "control"  # a reject of this stage cost a pair its control, not its place


@dataclass(frozen=True, slots=True)
class Part:
    """The rows of a benchmark that belong to some of its pairs."""

    benchmark: Benchmark
    images: OnAccess[str, ImageRow]
    verdicts: tuple[VerdictRow, ...]
    votes: tuple[VoteRow, ...]
    edits: tuple[EditRow, ...]
    regions: tuple[RegionRow, ...]
    rejects: tuple[RejectRow, ...]

    @classmethod
    def of(cls, benchmark: Benchmark, pairs: Collection[str], *, others: bool) -> Part:
        """The rows of `pairs`; with `others`, also what belongs to no published pair at all."""
        published = {benchmark.meta(image_id).pair_id for image_id in benchmark.image_ids}
        ids = [i for i in benchmark.image_ids if benchmark.meta(i).pair_id in pairs]
        known = set(ids)

        def mine(pair_id: str) -> bool:
            return pair_id in pairs or (others and pair_id not in published)

        return cls(
            benchmark=benchmark,
            images=OnAccess(ids, partial(_image_row, benchmark)),
            verdicts=tuple(row for row in benchmark.verdicts if row.image_id in known),
            votes=tuple(row for row in benchmark.votes if row.image_id in known),
            edits=tuple(row for row in benchmark.edits if mine(row.pair_id)),
            regions=tuple(row for row in benchmark.regions if row.image_id in known),
            rejects=tuple(row for row in benchmark.rejects if mine(row.item)),
        )

    def facts(self, name: str) -> CardFacts:
        """What its card says; title, licence and version are those of the whole, with `name` in the title."""
        front = front_matter((self.benchmark.root / CARD).read_text(encoding="utf-8"))
        originals = sum(self.benchmark.meta(i).role == "original" for i in self.images.keys)
        lost = sum(row.stage != CONTROL for row in self.rejects)
        return facts_from_rows(
            title=f"{self.benchmark.title}, {name}",
            licence=str(front.get("license", "other")),
            version=_version(self.benchmark),
            gated="extra_gated_prompt" in front,
            inputs=originals + lost,
            images=self.images,
            verdicts=self.verdicts,
            votes=self.votes,
            edits=self.edits,
            regions=self.regions,
            rejects=self.rejects,
            policies=self.benchmark.policies,
            agreement=agreement_table(self.votes) if self.votes else (),
        )

    def export(
        self, out: Path, name: str, note: str = "", progress: Callable[[int, int], None] | None = None
    ) -> None:
        """Write it as the benchmark folder `out`; `note` is Markdown that its card ends with."""
        facts = self.facts(name)
        export_benchmark(
            out,
            images=self.images,
            verdicts=self.verdicts,
            votes=self.votes,
            edits=self.edits,
            regions=self.regions,
            rejects=self.rejects,
            policies=self.benchmark.policies,
            readme=render_data_card(facts) + note,
            croissant=lambda files: croissant_json(facts, files),
            progress=progress,
        )


def _image_row(benchmark: Benchmark, image_id: str) -> ImageRow:
    meta = benchmark.meta(image_id)
    return ImageRow(
        image=benchmark.image_bytes(image_id),
        mask=benchmark.mask_bytes(image_id),
        **{field.name: getattr(meta, field.name) for field in fields(ImageInfo)},
    )


def _version(benchmark: Benchmark) -> str:
    """The version in croissant.json, the one place of a benchmark that says it to machines."""
    try:
        return str(json.loads((benchmark.root / CROISSANT).read_text(encoding="utf-8"))["version"])
    except (ValueError, KeyError, TypeError, OSError):
        raise ValueError(f"{benchmark.root / CROISSANT} tells no version; build or export it again") from None
