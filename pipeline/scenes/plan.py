"""What goes into a scene: concepts, drawings, styles and the place, chosen from the seed."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from .arrange import arranged, framed
from .backgrounds import Background
from .backgrounds_inside import INSIDE
from .backgrounds_outside import OUTSIDE
from .backgrounds_photo import PHOTOS
from .catalogue import ORDINARY, REGULATED, scene_contexts, usual_contexts
from .contexts import DRESSES, bare
from .drawing import Variant, grounded, mirrored
from .item import Item, View
from .model import Split
from .styles import HELD_OUT_STYLES, TRAIN_STYLES, Style

BACKGROUNDS: tuple[Background, ...] = INSIDE + OUTSIDE + PHOTOS
_TABLE_CONTEXTS = ("kitchen", "medical")


@dataclass(frozen=True, slots=True)
class Plan:
    background: Background
    items: tuple[Item, ...]  # from back to front
    view: View
    news: bool
    light: float  # -1 from the left, 1 from the right


def plan_scene(rng: Random, split: Split, concept: str | None, context: str | None) -> Plan:
    """Draws the lots. See `make_scene` for the arguments."""
    chosen = _concept(rng, concept, context)
    shown = _context(rng, chosen, context)
    style = _style(rng, split)
    wanted = [(chosen, shown)] if chosen else []
    if chosen and rng.random() < 0.15:
        other = rng.choice([name for name in REGULATED if name != chosen])
        wanted.append((other, "news" if shown == "news" else None))
    variants = [_variant(rng, split, REGULATED[name]) for name, _ in wanted]
    place = _background(rng, split, variants, shown)
    items = [_item(rng, split, style, v, *want) for v, want in zip(variants, wanted, strict=True)]
    beside = tuple(variant for variant in ORDINARY if place.room or not variant.room)
    for _ in range(rng.randint(0 if items else 1, 3 if items else 4) - (len(items) == 2)):
        items.append(_item(rng, split, style, _variant(rng, split, beside), None, None))
    news = shown == "news"
    row = arranged(rng, place, items, 200.0 if news else 252.0)
    return Plan(place, row, View() if news else framed(rng, row), news, rng.choice([-1.0, 1.0]))


def _concept(rng: Random, concept: str | None, context: str | None) -> str | None:
    if concept == "none":
        if context is not None:
            raise ValueError(
                f"context {context!r} needs a regulated concept; leave it out with concept='none'"
            )
        return None
    if concept is None:
        fitting = [name for name in REGULATED if context is None or context in usual_contexts(name)]
        if not fitting:
            raise ValueError(f"no concept is drawn in the context {context!r}; see `scene_contexts`")
        return rng.choice(fitting)
    allowed = scene_contexts(concept)
    if context is not None and context not in allowed:
        raise ValueError(
            f"{concept!r} is not drawn in the context {context!r}; choose one of {', '.join(allowed)}"
        )
    return concept


def _context(rng: Random, concept: str | None, context: str | None) -> str | None:
    if concept is None or context is not None:
        return context
    return rng.choice(usual_contexts(concept)) if rng.random() < 0.55 else None


def _item(
    rng: Random, split: Split, style: Style, variant: Variant, concept: str | None, context: str | None
) -> Item:
    if rng.random() < 0.25:  # most scenes are of one hand, some are collages
        style = _style(rng, split)
    drawing = variant.draw(rng)
    if variant.flips and rng.random() < 0.5:
        drawing = mirrored(drawing)
    group = DRESSES[context](grounded(drawing), rng) if context in DRESSES else bare(drawing)
    turn = rng.uniform(-variant.turn, variant.turn)
    if group.upright:
        turn = rng.uniform(-6, 6) if group.pose == "lie" else 0.0
    scale = group.size / 100 * rng.uniform(0.92, 1.14) * (1.0 if concept else 0.84)
    squash = rng.uniform(0.78, 0.9) if group.pose == "lie" else rng.uniform(0.95, 1.05)
    contexts = (context,) if context else ()
    return Item(concept, variant.name, contexts, style, group, scale=scale, turn=turn, squash=squash)


def _variant(rng: Random, split: Split, variants: tuple[Variant, ...]) -> Variant:
    seen = [variant for variant in variants if not variant.held_out]
    new = [variant for variant in variants if variant.held_out]
    share = min(0.4, 2.5 * len(new) / len(variants))  # a lone new one among many must not be everywhere
    return rng.choice(new if split == "test" and rng.random() < share else seen)


def _style(rng: Random, split: Split) -> Style:
    if split == "test" and rng.random() < 0.5:
        return rng.choice(HELD_OUT_STYLES)
    return rng.choices(TRAIN_STYLES, (0.46, 0.26, 0.28))[0]


def _background(rng: Random, split: Split, variants: list[Variant], context: str | None) -> Background:
    """A place that holds the things; half the time the one that suits the context."""
    allowed = [place for place in BACKGROUNDS if split == "test" or not place.held_out]
    fitting = [place for place in BACKGROUNDS if _holds(place, variants, context)]
    pool = [place for place in fitting if place.held_out == (split == "test" and rng.random() < 0.5)]
    pool = pool or [place for place in fitting if place in allowed] or allowed
    suited = [place for place in pool if context and place.suits == context]
    return rng.choice(suited if suited and rng.random() < 0.5 else pool)


def _holds(place: Background, variants: list[Variant], context: str | None) -> bool:
    dressed = context in DRESSES  # on a plinth, a card or a sign even a large thing is small
    bare_ones = variants[1 if dressed else 0 :]
    if any(variant.room for variant in bare_ones) and not place.room:
        return False
    if place.room and context in _TABLE_CONTEXTS:
        return False
    if place.back > 180 and context == "news":  # the banner would hide what stands there
        return False
    return place.wall is not None or not any(variant.hangs for variant in bare_ones)
