"""`make_scene`: a drawn picture, its clean counterpart and the truth, from a seed."""

from __future__ import annotations

from random import Random

from .item import Item
from .model import SPLITS, Scene, SceneObject, Split
from .plan import Plan, plan_scene
from .render import render


def make_scene(
    seed: int,
    size: int = 256,
    *,
    split: Split = "train",
    concept: str | None = None,
    context: str | None = None,
) -> Scene:
    """Draws one scene; the same arguments give the same bytes, in any process.

    `size` is the side in pixels; a scene has the same content in every size. `concept` names the
    regulated thing, None picks one at random and "none" gives ordinary things only. `context` asks for a
    context (see `scene_contexts`), None picks one or none at random. Split "test" uses styles, shapes and
    places that "train" never shows, for about half of what it draws.

    Raises:
        ValueError: an unknown split, a concept that is not drawn, or a context that it does not have.
    """
    if split not in SPLITS:
        raise ValueError(f"split {split!r} is unknown; choose one of {', '.join(SPLITS)}")
    if size < 32:
        raise ValueError(f"size {size} is too small to draw on; use 32 pixels or more")
    rng = Random(f"{seed}/{split}/{concept}/{context}")
    plan = plan_scene(rng, split, concept, context)
    image, clean = render(plan, rng, size)
    mask = (image != clean).any(axis=2)
    objects = tuple(_truth(item, plan, size) for item in plan.items)
    return Scene(seed, image, clean, mask, objects, plan.background.name)


def _truth(item: Item, plan: Plan, size: int) -> SceneObject:
    contexts = tuple(sorted({*item.contexts, "news"})) if plan.news else item.contexts
    return SceneObject(item.concept, item.name, contexts, item.style, item.thing_box(plan.view, size))
