"""The folder of one tuning run: what it is a run of, its checkpoints, and the finished model.

OUT/run.json         the key: everything that decides the weights
OUT/checkpoint-N/    TRL's checkpoints, for resuming
OUT/curve.jsonl      every logged line, written at the end
OUT/model/           the finished model with its processor; its existence means that the run is over
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from bench.disk import writing
from bench.staging import sweep, write_atomic

MODEL = "model"
STATE = "trainer_state.json"  # the last file that transformers writes into a checkpoint


def claim(out: Path, key: Mapping[str, str]) -> None:
    """Make `out` the folder of this run. Raises ValueError where it is another run's."""
    file = out / "run.json"
    if file.exists():
        held = json.loads(file.read_text(encoding="utf-8"))
        if differing := sorted(name for name in held.keys() | key.keys() if held.get(name) != key.get(name)):
            raise ValueError(
                f"{out} holds a run with another {' and '.join(differing)}; choose another --out or remove it"
            )
    with writing(out):
        out.mkdir(parents=True, exist_ok=True)
    sweep(out)
    write_atomic(file, (json.dumps(key, sort_keys=True, indent=1) + "\n").encode())


def digest_of(parts: Iterable[object]) -> str:
    """sha256 of the parts' reprs, as hex."""
    return hashlib.sha256("\n".join(map(repr, parts)).encode()).hexdigest()


def last_checkpoint(out: Path) -> Path | None:
    """The newest whole checkpoint; newer ones that a kill cut off are removed."""
    found = sorted(out.glob("checkpoint-*"), key=lambda path: int(path.name.rpartition("-")[2]))
    while found:
        checkpoint = found.pop()
        if _readable(checkpoint / STATE):
            return checkpoint
        shutil.rmtree(checkpoint)
    return None


def _readable(state: Path) -> bool:
    try:
        json.loads(state.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return True


def write_curve(out: Path, lines: Sequence[Mapping[str, float]]) -> None:
    """Every logged line of the run, those before a resume included."""
    write_atomic(out / "curve.jsonl", "".join(json.dumps(line) + "\n" for line in lines).encode())


def read_curve(out: Path) -> list[dict[str, float]]:
    """The lines of a finished run."""
    return [json.loads(line) for line in (out / "curve.jsonl").read_text(encoding="utf-8").splitlines()]
