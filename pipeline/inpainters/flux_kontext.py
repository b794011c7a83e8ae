"""FLUX.1 Kontext: follows an instruction, here inside a mask."""

from __future__ import annotations

from collections.abc import Mapping

from .flux import Flux


class FluxKontext(Flux):
    """As FLUX.1, but it is told what to do. Left to itself it changes the canvas to one of its own."""

    orders = True

    def options(self, guidance: float) -> Mapping[str, object]:
        return {**super().options(guidance), "_auto_resize": False}
