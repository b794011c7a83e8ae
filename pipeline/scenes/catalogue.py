"""Which concepts can be drawn, in which shapes and contexts, and which ordinary things stand beside them."""

from __future__ import annotations

from .drawing import Variant
from .ordinary_home import HOME
from .ordinary_kitchen import KITCHEN
from .things_death import BLOOD_THINGS, COFFIN, SKULL
from .things_faith import IDOL, RELIGIOUS_SYMBOL
from .things_gambling import CARDS, DICE, SLOT_MACHINE
from .things_harmless import DOG, MUSICAL_INSTRUMENT, PORK
from .things_private import IDENTITY_DOCUMENT, LUXURY_ITEM
from .things_public import BRAND_LOGO, POLITICAL_EMBLEM, PROTEST_SIGN
from .things_substances import ALCOHOL, PILLS, SYRINGE, TOBACCO
from .things_weapons import BLADE, EXPLOSIVE, FIREARM

REGULATED: dict[str, tuple[Variant, ...]] = {
    "firearm": FIREARM,
    "blade": BLADE,
    "explosive": EXPLOSIVE,
    "tobacco": TOBACCO,
    "alcohol": ALCOHOL,
    "syringe": SYRINGE,
    "pills": PILLS,
    "dice": DICE,
    "cards": CARDS,
    "slot_machine": SLOT_MACHINE,
    "blood": BLOOD_THINGS,
    "skull": SKULL,
    "coffin": COFFIN,
    "religious_symbol": RELIGIOUS_SYMBOL,
    "idol": IDOL,
    "political_emblem": POLITICAL_EMBLEM,
    "protest_sign": PROTEST_SIGN,
    "brand_logo": BRAND_LOGO,
    "luxury_item": LUXURY_ITEM,
    "identity_document": IDENTITY_DOCUMENT,
    "pork": PORK,
    "dog": DOG,
    "musical_instrument": MUSICAL_INSTRUMENT,
}
ORDINARY: tuple[Variant, ...] = KITCHEN + HOME

_ANY = ("museum_or_education", "news", "warning_sign")
_MORE: dict[str, tuple[str, ...]] = {
    "firearm": ("toy_or_cartoon", "ceremonial"),
    "blade": ("toy_or_cartoon", "kitchen", "ceremonial"),
    "explosive": ("toy_or_cartoon",),
    "alcohol": ("kitchen", "ceremonial"),
    "tobacco": ("ceremonial",),
    "syringe": ("medical", "toy_or_cartoon"),
    "pills": ("medical",),
    "dice": ("toy_or_cartoon",),
    "cards": ("toy_or_cartoon",),
    "slot_machine": ("toy_or_cartoon",),
    "blood": ("medical", "ceremonial", "kitchen"),
    "skull": ("medical", "ceremonial", "toy_or_cartoon"),
    "coffin": ("ceremonial", "toy_or_cartoon"),
    "religious_symbol": ("ceremonial", "toy_or_cartoon"),
    "idol": ("ceremonial", "toy_or_cartoon"),
    "political_emblem": ("ceremonial",),
    "luxury_item": ("ceremonial", "toy_or_cartoon"),
    "pork": ("kitchen", "ceremonial"),
    "dog": ("toy_or_cartoon", "medical", "ceremonial"),
    "musical_instrument": ("toy_or_cartoon", "ceremonial"),
}


def scene_concepts() -> tuple[str, ...]:
    """The regulated concepts that a scene can show."""
    return tuple(REGULATED)


# Drawn when asked for, because a policy speaks of them, but too odd to be picked at random.
_ON_REQUEST: dict[str, tuple[str, ...]] = {
    "explosive": ("medical", "ceremonial"),
    "blood": ("toy_or_cartoon",),
    "pills": ("toy_or_cartoon",),
}


def usual_contexts(concept: str) -> tuple[str, ...]:
    """The contexts that are picked when none is asked for."""
    return _ANY + _MORE.get(concept, ())


def scene_contexts(concept: str) -> tuple[str, ...]:
    """The contexts in which a scene can show the concept, sorted.

    Raises:
        ValueError: the concept cannot be drawn.
    """
    if concept not in REGULATED:
        raise ValueError(
            f"concept {concept!r} cannot be drawn; choose one of {', '.join(REGULATED)} or 'none'"
        )
    return tuple(sorted(usual_contexts(concept) + _ON_REQUEST.get(concept, ())))
