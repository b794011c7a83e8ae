"""The loss curve of a run as a CSV that survives being stopped."""

from __future__ import annotations

import math
import time
from pathlib import Path

import numpy as np


class LossLog:
    """Mean loss between two saves, one CSV row each; rows past the step resumed from are dropped."""

    def __init__(self, file: Path, step: int) -> None:
        self._file, self._losses, self._started = file, list[float](), time.monotonic()
        rows = file.read_text().splitlines()[1:] if file.exists() else []
        kept = [row for row in rows if int(row.split(",")[0]) <= step]
        file.write_text("\n".join(["step,loss,seconds", *kept]) + "\n")

    def add(self, step: int, loss: float) -> None:
        if not math.isfinite(loss):
            raise FloatingPointError(
                f"the loss became {loss} at step {step}; lower --learning-rate and resume"
            )
        self._losses.append(loss)

    def write(self, step: int) -> None:
        seconds = time.monotonic() - self._started
        with self._file.open("a") as table:
            table.write(f"{step},{np.mean(self._losses):.5f},{seconds:.0f}\n")
        self._losses.clear()
