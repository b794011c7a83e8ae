"""Localize, edit, verify: the three stages that make a pair of an ingested picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import cast

from bench.policy import Concept, load_concepts
from bench.region_check import bounding_box

from .config import BuildConfig
from .edit import EMBEDDED, Task, edit_regions, load_editor
from .images import Pixels, Refused, encode, encode_mask, load, load_mask, perceptual_hash
from .inpainters.base import Editor
from .instruction_writer import load_writer
from .instructions import Instruction, instruct, paint_background
from .localize import load_localizer, union
from .localizers.base import Region
from .naturalness import GRAIN
from .region import zones
from .sham import sham_mask
from .stage import Result, Seen, Stage
from .store import Entry, Json, Store, sha256
from .verify import Attempt, score
from .weights import weights_digest


@dataclass(frozen=True, slots=True)
class EditItem:
    """One edit to make: `role` is `edited` or `control`; `attempt` counts from 0."""

    image: Entry  # of ingest
    region: Entry  # of localize
    role: str
    attempt: int


class Localize(Stage[Entry]):
    """Find the violating regions of one picture: each with its mask (`region-0`, ...) and what it shows, and
    their union (`mask`)."""

    name = "localize"
    version = 2

    def __init__(self, config: BuildConfig) -> None:
        self.config = config.localize
        self.params: dict[str, Json] = {
            "backend": self.config.backend,
            "max_area": self.config.max_area_share,
        }
        if self.config.backend == "grounded":
            models = [weights_digest(path) for path in (self.config.detector, self.config.segmenter)]
            self.params |= {"models": models, "threshold": self.config.threshold, "for": self.config.concepts}
            self.params["shadows"] = self.config.shadows

    def inputs(self, item: Entry) -> tuple[str, ...]:
        """The picture, its truth mask where that is used, and what was seen in it."""
        return (item.outputs["image"], item.outputs.get("mask", ""), repr(item.value["seen"]))

    def run(self, store: Store, item: Entry) -> Result:
        """Refuses a picture without a region, or with one that leaves nothing to compare."""
        regions = self._truth(store, item) if self.config.backend == "truth" else self._grounded(store, item)
        mask = union(regions)
        share = float(mask.mean())
        if share > self.config.max_area_share:
            raise Refused(f"the violating region covers {share:.0%} of the image; nothing is left to compare")
        outputs = {"mask": store.put(encode_mask(mask))}
        for number, region in enumerate(regions):
            outputs[region_name(number)] = store.put(encode_mask(region.mask))
        return Result(outputs, {"regions": [_told(region) for region in regions], "area_share": share})

    def _truth(self, store: Store, item: Entry) -> list[Region]:
        """The one truth mask of a picture stands for each thing in it."""
        if "mask" not in item.outputs:
            raise Refused("no truth mask; add it to truth.jsonl, or set localize.backend = 'grounded'")
        mask = load_mask(store.get(item.outputs["mask"]))
        if not mask.any() or not item.value["seen"]:
            raise Refused("nothing regulated in the picture")
        return [Region(concept, contexts, mask, "truth", 1.0) for concept, contexts in _sightings(item)]

    def _grounded(self, store: Store, item: Entry) -> list[Region]:
        localizer = load_localizer(self.config)
        regions = localizer.locate(
            load(store.get(item.outputs["image"])), wanted_concepts(self.config.concepts)
        )
        if not regions:
            raise Refused(
                f"no violating region found by {localizer.name} at threshold {self.config.threshold}"
            )
        return regions


@dataclass(frozen=True, slots=True)
class Planned:
    """An edit that can be made: the task for the editor, and the instruction its prompt comes from."""

    task: Task
    instruction: Instruction


class Edit(Stage[EditItem]):
    """Replace the region (`edited`), or a like one on harmless content (`control`), with one seed."""

    name = "edit"
    version = 3

    def __init__(self, config: BuildConfig) -> None:
        self.config = config.edit
        self.at_once = config.edit.batch
        options = asdict(config.edit)
        for other in ("attempts", "controls", "device"):  # they decide which edits are made, not how
            del options[other]
        self.params: dict[str, Json] = {
            **options,
            "weights": weights_digest(config.edit.model or str(EMBEDDED)),
        }

    def inputs(self, item: EditItem) -> tuple[str, ...]:
        """Picture, region, role and attempt, which make the seed, and what the instruction is made of."""
        return (*_identity(item), repr(sightings_of(item.region)))

    def run(self, store: Store, item: EditItem) -> Result:
        """Do one edit. Raises Refused for a control that finds no place."""
        (result,) = self.run_together(store, [item])
        if isinstance(result, Refused):
            raise result
        return result

    def run_together(self, store: Store, items: Sequence[EditItem]) -> list[Result | Refused]:
        """Do several edits in the editor's batches."""
        editor = load_editor(self.config)
        plans = [self._planned(store, item, editor) for item in items]
        tasks = [plan.task for plan in plans if isinstance(plan, Planned)]
        edited = iter(edit_regions(editor, tasks, self.config))
        return [
            self._finish(store, plan, next(edited), editor) if isinstance(plan, Planned) else plan
            for plan in plans
        ]

    def _planned(self, store: Store, item: EditItem, editor: Editor) -> Planned | Refused:
        try:
            return self._plan(store, item, editor)
        except Refused as refusal:
            return refusal

    def _plan(self, store: Store, item: EditItem, editor: Editor) -> Planned:
        """What is to be edited and how. The seed follows from the item, so neither the order nor the
        batches of edits change a result."""
        mask = load_mask(store.get(item.region.outputs["mask"]))
        seen = sightings_of(item.region)
        original, instruction = load(store.get(item.image.outputs["image"])), instruct(seen)
        if item.role == "control":
            moved = sham_mask(mask, original, seed=int(item.region.outputs["mask"][:8], 16))
            if moved is None:
                raise Refused("no harmless place of like size for a control")
            mask, instruction = moved, paint_background(seen)
        elif self.config.writer:
            instruction = load_writer(self.config.writer).write(instruction, seen, original, mask)
        task = Task(
            original=original,
            mask=mask,
            prompt=instruction.wording(orders=editor.orders),
            avoid=instruction.avoid,
            seed=int(sha256("/".join(_identity(item)).encode())[:8], 16),
            context=self.config.context / (1 + item.attempt),
        )
        return Planned(task, instruction)

    def _finish(self, store: Store, planned: Planned, edited: Pixels, editor: Editor) -> Result:
        """Store an edited picture with its provenance."""
        task, instruction = planned.task, planned.instruction
        zone = zones(task.mask)
        outputs = {"image": store.put(encode(edited)), "region": store.put(encode_mask(zone.allowed))}
        value: dict[str, Json] = {
            "seed": task.seed, "prompt": task.prompt, "negative_prompt": task.avoid,
            "instruction": instruction.kind, "editor": editor.name, "editor_digest": editor.digest,
            "box": bounding_box(zone.allowed), "ring_px": zone.ring_px,
            "area_share": float(task.mask.mean()), "phash": perceptual_hash(edited),
        }  # fmt: skip
        return Result(outputs, value)


class Verify(Stage[tuple[EditItem, Entry]]):
    """Score one edit."""

    name = "verify"
    version = 3

    def __init__(self, config: BuildConfig) -> None:
        self.config = config.verify
        natural = self.config.naturalness
        self.params: dict[str, Json] = {
            "backend": self.config.backend,
            "naturalness": natural if natural == GRAIN else weights_digest(natural),
        }
        if self.config.backend == "detector":
            self.params |= {"model": weights_digest(self.config.detector), "threshold": self.config.threshold}

    def inputs(self, item: tuple[EditItem, Entry]) -> tuple[str, ...]:
        """Both pictures, what was edited, and in which role."""
        plan, edit = item
        return (plan.image.outputs["image"], edit.outputs["image"], edit.outputs["region"], plan.role)

    def run(self, store: Store, item: tuple[EditItem, Entry]) -> Result:
        """A control keeps its violation, so it is not asked whether that is gone."""
        plan, edit = item
        control = plan.role == "control"
        attempt = Attempt(
            original=load(store.get(plan.image.outputs["image"])),
            edited=load(store.get(edit.outputs["image"])),
            violation=load_mask(store.get(plan.region.outputs["mask"])),
            allowed=load_mask(store.get(edit.outputs["region"])),
            ring_px=int(str(edit.value["ring_px"])),
            concepts=() if control else tuple(concept for concept, _ in sightings_of(plan.region)),
        )
        return Result({}, asdict(score(attempt, self.config, wanted_concepts(()))))


def _identity(item: EditItem) -> tuple[str, ...]:
    return (item.image.outputs["image"], item.region.outputs["mask"], item.role, str(item.attempt))


def wanted_concepts(ids: tuple[str, ...]) -> list[Concept]:
    """The concepts named, or all that have a detector prompt."""
    concepts = load_concepts()
    return [concepts[name] for name in ids] if ids else [one for one in concepts.values() if one.prompts]


def sightings_of(region: Entry) -> list[Seen]:
    """Concept and contexts of every region a localize entry found."""
    return [(concept, tuple(contexts)) for concept, contexts, *_ in told_regions(region)]


def told_regions(region: Entry) -> list[tuple[str, list[str], str, float]]:
    """Concept, contexts, localizer and its confidence of every region of a localize entry."""
    return cast(list[tuple[str, list[str], str, float]], region.value["regions"])


def _sightings(item: Entry) -> list[Seen]:
    seen = cast(list[tuple[str, list[str]]], item.value["seen"])
    return [(concept, tuple(contexts)) for concept, contexts in seen]


def region_name(number: int) -> str:
    """The output of a localize entry that is the mask of one region."""
    return f"region-{number}"


def _told(region: Region) -> Json:
    return [region.concept, list(region.contexts), region.detector, region.score]
