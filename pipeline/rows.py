"""From what was built to the rows of the tables: a pure sort and join, nothing is computed twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import cast

from bench.policy import Policy, Ruling, Sighting
from bench.region_check import bounding_box
from bench.schema import EditRow, ImageRow, Instruction, RegionRow, Role, VerdictRow

from .build import Built, Pair, Tried, Unpaired
from .config import BuildConfig
from .dedup import cluster, split_of
from .images import load_mask
from .on_access import OnAccess
from .stage import Seen
from .stages import region_name, sightings_of, told_regions
from .store import Entry, Store
from .verify import failure


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture of a pair, by digest: what an ImageRow is made of when its bytes are wanted."""

    pair: Pair
    role: Role
    image: str
    mask: str
    phash: str
    seen: tuple[Seen, ...]

    @property
    def image_id(self) -> str:
        """First 16 hex of the picture's sha256."""
        return self.image[:16]


def image_rows(built: Built, store: Store, config: BuildConfig) -> OnAccess[Picture, ImageRow]:
    """Original, edited and control of every pair; the bytes are read on access."""
    splits = pair_splits(built.pairs, config)

    def make(picture: Picture) -> ImageRow:
        value = picture.pair.image.value
        return ImageRow(
            image=store.get(picture.image),
            mask=store.get(picture.mask),
            image_id=picture.image_id,
            pair_id=picture.pair.pair_id,
            role=picture.role,
            concepts=tuple(concept for concept, _ in picture.seen),
            contexts=tuple(contexts for _, contexts in picture.seen),
            split=splits[picture.pair.pair_id],
            source=str(value["source"]),
            licence=str(value["licence"]),
            synthetic=bool(value["synthetic"]),
            width=int(str(value["width"])),
            height=int(str(value["height"])),
            sha256=picture.image,
            phash=picture.phash,
        )

    return OnAccess([picture for pair in built.pairs for picture in pictures(pair)], make)


def region_rows(built: Built, store: Store) -> OnAccess[tuple[Pair, int], RegionRow]:
    """Every region of every original; the masks are read on access."""

    def make(region: tuple[Pair, int]) -> RegionRow:
        pair, number = region
        concept, contexts, localizer, confidence = told_regions(pair.region)[number]
        data = store.get(pair.region.outputs[region_name(number)])
        mask = load_mask(data)
        return RegionRow(
            mask=data,
            image_id=pair.pair_id,
            pair_id=pair.pair_id,
            number=number,
            concept=concept,
            contexts=tuple(contexts),
            localizer=localizer,
            detector_score=confidence,
            box=bounding_box(mask),
            area_share=float(mask.mean()),
        )

    regions = [(pair, number) for pair in built.pairs for number in range(len(told_regions(pair.region)))]
    return OnAccess(regions, make)


def pictures(pair: Pair) -> Iterator[Picture]:
    """The two or three pictures of a pair. An edit removes every region, so an edited picture shows none."""
    seen = tuple(sightings_of(pair.region))
    image = pair.image
    yield Picture(
        pair, "original", image.outputs["image"], pair.region.outputs["mask"], str(image.value["phash"]), seen
    )
    for role, tried, shown in (("edited", pair.edited, ()), ("control", pair.control, seen)):
        if tried is not None:
            edit = made(tried)
            phash = str(edit.value["phash"])
            yield Picture(pair, cast(Role, role), edit.outputs["image"], edit.outputs["region"], phash, shown)


def verdict_rows(built: Built, policies: Sequence[Policy]) -> Iterator[VerdictRow]:
    """What the rules say of every (image, policy) cell: `label_source` is `rule`."""
    for pair in built.pairs:
        for picture in pictures(pair):
            for policy in policies:
                ruling = rule_on(picture, policy)
                yield VerdictRow(
                    image_id=picture.image_id,
                    pair_id=pair.pair_id,
                    role=picture.role,
                    policy_id=policy.id,
                    policy_digest=policy.digest,
                    safety_label=ruling.label,
                    rules=ruling.rules,
                    posterior=1.0,
                    votes=0,
                    label_source="rule",
                )


def rule_on(picture: Picture, policy: Policy) -> Ruling:
    """The policy's own ruling on what the picture is known to show."""
    return policy.judge([Sighting(concept, frozenset(contexts)) for concept, contexts in picture.seen])


def edit_rows(built: Built, gone_at: float) -> Iterator[EditRow]:
    """Every scored attempt with its provenance, kept or not, also of pictures that came to no pair."""
    for pair in built.pairs:
        for tried in pair.tried:
            yield _edit_row(pair, tried, gone_at, kept=tried in (pair.edited, pair.control))
    for unpaired in built.unpaired:
        for tried in unpaired.tried:
            yield _edit_row(unpaired, tried, gone_at, kept=False)


def pair_splits(pairs: Sequence[Pair], config: BuildConfig) -> dict[str, str]:
    """Split by pair id: near-duplicates fall into the split of their cluster's smallest id."""
    labels = cluster([str(pair.image.value["phash"]) for pair in pairs], config.source.near_duplicate_bits)
    smallest: dict[int, str] = {}
    for pair, label in zip(pairs, labels, strict=True):
        smallest[label] = min(smallest.get(label, pair.pair_id), pair.pair_id)
    return {
        pair.pair_id: split_of(smallest[label], config.export.splits)
        for pair, label in zip(pairs, labels, strict=True)
    }


def made(tried: Tried) -> Entry:
    """The journal entry of an attempt that was scored, so made."""
    assert tried.edit is not None
    return tried.edit


def _edit_row(pair: Pair | Unpaired, tried: Tried, gone_at: float, *, kept: bool) -> EditRow:
    edit = made(tried)
    assert tried.scores is not None, "only scored attempts become rows"
    regions = told_regions(pair.region)
    box = cast(tuple[int, int, int, int], tuple(cast(Sequence[int], edit.value["box"])))
    return EditRow(
        pair_id=pair.pair_id,
        role="control" if tried.plan.role == "control" else "edited",
        original_id=pair.pair_id,
        image_id=edit.outputs["image"][:16] if kept else "",
        attempt=tried.plan.attempt,
        chosen=kept,
        seed=int(str(edit.value["seed"])),
        editor=str(edit.value["editor"]),
        editor_digest=str(edit.value["editor_digest"]),
        prompt=str(edit.value["prompt"]),
        negative_prompt=str(edit.value["negative_prompt"]),
        instruction=cast(Instruction, edit.value["instruction"]),
        concepts=tuple(concept for concept, _ in sightings_of(pair.region)),
        localizer=regions[0][2],
        detector_score=min(score for _, _, _, score in regions),
        box=box,
        area_share=float(str(edit.value["area_share"])),
        ring_px=int(str(edit.value["ring_px"])),
        reason=failure(tried.scores, gone_at),
        **asdict(tried.scores),
    )
