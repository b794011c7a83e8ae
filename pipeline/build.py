"""A whole build, stage after stage: what was made of every input, and why some of it was not.

`build` is the same whatever runs the shards, and what it returns is a pure join over the journal.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter

from bench.schema import RejectRow

from .config import BuildConfig
from .console import Progress
from .ingest import Ingest
from .run import Runner, run_stage
from .sources import list_items
from .stages import Edit, EditItem, Localize, Verify
from .store import Entry, Store
from .verify import Scores, choose, failure
from .violation import check_independence


@dataclass(frozen=True, slots=True)
class Tried:
    """One edit attempt. Where it failed before it was scored, `scores` is None and `reason` says why."""

    plan: EditItem
    edit: Entry | None = None
    scores: Scores | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """An original with its edited and, where one could be made, its control."""

    pair_id: str
    image: Entry
    region: Entry
    edited: Tried
    control: Tried | None
    tried: tuple[Tried, ...]  # every scored attempt of both roles


@dataclass(frozen=True, slots=True)
class Unpaired:
    """A picture none of whose edits could be kept, with every scored attempt of both roles."""

    pair_id: str
    region: Entry
    tried: tuple[Tried, ...]


@dataclass(frozen=True, slots=True)
class Built:
    """Pairs and what came to no pair, both by id, rejects with their reasons, and the number of inputs."""

    pairs: tuple[Pair, ...]
    unpaired: tuple[Unpaired, ...]
    rejects: tuple[RejectRow, ...]
    inputs: int


def build(config: BuildConfig, runner: Runner, progress: Progress, *, retry_failed: bool = False) -> Built:
    """Ingest, localize, edit and verify a whole source, doing only what the journal does not hold yet.

    Raises ConfigError where the check would be circular.
    """
    check_independence(config.localize, config.verify)
    Store(config.work).sweep()
    items = list_items(config.source)
    read = run_stage(Ingest, items, config, runner, progress, retry_failed=retry_failed)
    rejects = [
        RejectRow(item.name, "ingest", entry.reason) for item, entry in read if entry.status == "failed"
    ]
    images, doubles = drop_duplicates([entry for _, entry in read if entry.status == "ok"])
    located = run_stage(Localize, images, config, runner, progress, retry_failed=retry_failed)
    rejects += [
        _reject(image, "localize", entry.reason) for image, entry in located if entry.status == "failed"
    ]
    found = [(image, entry) for image, entry in located if entry.status == "ok"]
    plans = [plan for image, region in found for plan in plan_edits(image, region, config)]
    tried = try_edits(plans, config, runner, progress, retry_failed=retry_failed)
    pairs, unpaired, why_not = make_pairs(found, tried, config)
    rejects = sorted([*rejects, *doubles, *why_not], key=lambda row: (row.item, row.stage, row.reason))
    return Built(tuple(pairs), tuple(unpaired), tuple(rejects), len(items))


def drop_duplicates(images: Sequence[Entry]) -> tuple[list[Entry], list[RejectRow]]:
    """Of pictures with equal pixels the first by name is kept."""
    first: dict[str, Entry] = {}
    rejects = []
    for entry in sorted(images, key=lambda entry: str(entry.value["name"])):
        kept = first.setdefault(str(entry.value["pixels"]), entry)
        if kept is not entry:
            rejects.append(_reject(entry, "ingest", f"the same picture as {kept.value['name']}"))
    return list(first.values()), rejects


def plan_edits(image: Entry, region: Entry, config: BuildConfig) -> Iterator[EditItem]:
    """Every edit to try for one picture."""
    for role in ("edited", "control") if config.edit.controls else ("edited",):
        for attempt in range(config.edit.attempts):
            yield EditItem(image, region, role, attempt)


def try_edits(
    plans: Sequence[EditItem], config: BuildConfig, runner: Runner, progress: Progress, *, retry_failed: bool
) -> dict[str, list[Tried]]:
    """All attempts, scored, by the key of the picture they belong to."""
    edits = run_stage(Edit, plans, config, runner, progress, retry_failed=retry_failed)
    made = [(plan, entry) for plan, entry in edits if entry.status == "ok"]
    checked = run_stage(Verify, made, config, runner, progress, retry_failed=retry_failed)
    tried = [Tried(plan, reason=entry.reason) for plan, entry in edits if entry.status == "failed"]
    for (plan, edit), entry in checked:
        scores = Scores(**entry.value) if entry.status == "ok" else None  # type: ignore[arg-type]
        tried.append(Tried(plan, edit, scores, entry.reason))
    by_image: dict[str, list[Tried]] = defaultdict(list)
    for one in sorted(tried, key=lambda one: (one.plan.role, one.plan.attempt)):
        by_image[one.plan.image.key].append(one)
    return by_image


def make_pairs(
    found: Sequence[tuple[Entry, Entry]], tried: Mapping[str, Sequence[Tried]], config: BuildConfig
) -> tuple[list[Pair], list[Unpaired], list[RejectRow]]:
    """Choose the best attempt of each role. A picture without a good edit is a reject, not a pair."""
    pairs, unpaired, rejects = [], [], []
    for image, region in found:
        attempts, pair_id = tried.get(image.key, ()), image.outputs["image"][:16]
        scored = tuple(one for one in attempts if one.scores is not None)
        edited, why_not = _best(attempts, "edited", config)
        control, no_control = _best(attempts, "control", config)
        if edited is None:
            rejects.append(_reject(image, "verify", why_not))
            unpaired.append(Unpaired(pair_id, region, scored))
            continue
        if control is None and config.edit.controls:
            rejects.append(RejectRow(pair_id, "control", no_control))
        pairs.append(Pair(pair_id, image, region, edited, control, scored))
    by_id = attrgetter("pair_id")
    return sorted(pairs, key=by_id), sorted(unpaired, key=by_id), rejects


def _best(attempts: Sequence[Tried], role: str, config: BuildConfig) -> tuple[Tried | None, str]:
    """The attempt to keep, or None and why the first one failed."""
    mine = [one for one in attempts if one.plan.role == role]
    scored = [(one, one.scores) for one in mine if one.scores is not None]
    index = choose([scores for _, scores in scored], config.verify)
    if index is not None:
        return scored[index][0], ""
    reasons = [one.reason for one in mine if one.reason]
    reasons += [failure(scores, config.verify.gone) for _, scores in scored]
    return None, reasons[0] if reasons else "no attempt was made"


def _reject(image: Entry, stage: str, reason: str) -> RejectRow:
    return RejectRow(str(image.value["name"]), stage, reason)
