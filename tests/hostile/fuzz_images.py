"""The project's own ingest on thousands of hostile files: `python -m tests.hostile.fuzz_images`.

Prints a table by kind: what was accepted, what was refused with which reason, crashes, hangs, and the most
memory and processor time that any file took.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.hostile import pictures
from tests.hostile.bombs import BOMBS
from tests.hostile.supervised import LIMIT, Fate, ingest

CAP_MIB = 2048  # of memory, at any time
PART = 500  # mutated files a folder


def fuzz(count: int, seed: int, bombs: Sequence[str] = tuple(BOMBS)) -> list[Fate]:
    """Make at least `count` files and ingest them. Raises RuntimeError where one has no fate."""
    fates, number = list[Fate](), 0
    while len(fates) < count:
        with tempfile.TemporaryDirectory() as scratch:
            root = Path(scratch) / "files"
            made = list(_write(root, number, min(PART, count), seed, bombs))
            found = ingest(root, Path(scratch))
        if len(found) != len(made):
            raise RuntimeError(f"{len(made)} files were written, {len(found)} have a fate")
        fates, number = fates + found, number + 1
        print(f"{len(fates)}/{count}", file=sys.stderr)
    return fates


def _write(root: Path, number: int, count: int, seed: int, bombs: Sequence[str]) -> Iterator[Path]:
    """Folder `number` with `count` mutated files and some more; the first one has all that is made once."""
    dice = random.Random(f"{seed} {number}")
    yield from pictures.write_mutated(root, count, dice)
    yield from pictures.write_metadata(root, count // 10, dice)
    if number == 0:
        yield from pictures.write_modes(root)
        yield from pictures.write_animated(root)
        yield from pictures.write_bombs(root, bombs)
        yield from pictures.write_oddities(root, root.parent / "outside.png")


def table(fates: Sequence[Fate]) -> str:
    """One row a kind, then all; below it every crash, hang and file beyond the cap, up to 20."""
    kinds: dict[str, list[Fate]] = defaultdict(list)
    for fate in fates:
        kinds[fate.kind].append(fate)
    head = (
        f"{'kind':<16}{'files':>6}{'taken':>7}{'refused':>9}{'crashed':>9}{'hung':>6}{'cpu s':>7}{'MiB':>6}"
    )
    lines = [f"{head}  reasons"]
    lines += [_row(kind, mine) for kind, mine in sorted(kinds.items())] + [_row("all", fates)]
    lines.append(
        f"limits: {LIMIT:g} s of processor time and {CAP_MIB} MiB; `cpu s` and `MiB` are of the worst file"
    )
    return "\n".join([*lines, *(f"FAULT {fate}" for fate in faults(fates)[:20])])


def faults(fates: Sequence[Fate]) -> list[Fate]:
    """Crashes, hangs, and whatever took more memory than the cap."""
    return [fate for fate in fates if fate.status in ("crashed", "hung") or fate.peak_mib > CAP_MIB]


def _row(kind: str, fates: Sequence[Fate]) -> str:
    counted = Counter(fate.status for fate in fates)
    counts = f"{counted['accepted']:>7}{counted['refused']:>9}{counted['crashed']:>9}{counted['hung']:>6}"
    worst = f"{max(fate.cpu for fate in fates):>7.2f}{max(fate.peak_mib for fate in fates):>6}"
    reasons = Counter(_short(fate.reason) for fate in fates if fate.status == "refused").most_common(4)
    return f"{kind:<16}{len(fates):>6}{counts}{worst}  {'; '.join(f'{why} {n}' for why, n in reasons)}"


def _short(reason: str) -> str:
    return re.sub(r"\d[\d,]*", "N", reason.partition(":")[0])[:40]


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    print(table(fuzz(chosen.count, chosen.seed)))
