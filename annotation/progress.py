"""How long work is told: a callback with what is done and what there is in all."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[int, int], None]  # (done, total), done rising to total
