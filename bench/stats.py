"""Intervals: a bootstrap over pairs, and the frozen `Figure` every reported number is.

The images of a pair are near-copies and one image answers five policies, so cases are not independent.
The unit that is drawn with replacement is therefore the pair: each replicate gives every pair a whole
number of copies. All figures of a score are functions of sums over pairs, so one matrix product
`weights (replicates x pairs) @ counts (pairs x ...)` yields all their replicates.
Intervals are of percentiles, widened for few pairs (see `tail`). In simulated runs 95 % intervals hold the
truth in 93 to 96 % from 10 pairs on; of a share near 0 or 1 they need more.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Statistic = Callable[[Array], Array]

REPLICATES = 10_000
SEED = 20_260_301
LEVEL = 0.95
FEW_PAIRS = 10  # below this, intervals are not known to hold the truth as often as they say
BLOCK_CELLS = 4_000_000  # weights held at once, 32 MB: a threaded BLAS wants few and large products
DRAW_CELLS = 500_000  # weights drawn at once, 4 MB: what the processor caches


@dataclass(frozen=True, slots=True)
class Figure:
    """A number, its 95 % interval and the count of units behind it; all nan where it is undefined (n = 0)."""

    value: float
    low: float
    high: float
    n: int

    def percent(self) -> str:
        """`72.2`, or a dash where the figure is undefined."""
        return "-" if math.isnan(self.value) else f"{100 * self.value:.1f}"

    def interval(self) -> str:
        """`68.0 to 76.1`, in percent, or an empty string where the figure is undefined."""
        return "" if math.isnan(self.low) else f"{100 * self.low:.1f} to {100 * self.high:.1f}"


UNDEFINED = Figure(math.nan, math.nan, math.nan, 0)


def wilson(right: float, n: int, level: float = LEVEL) -> tuple[float, float]:
    """The score interval of a share (Wilson, JASA 22, 1927), for n > 0."""
    z = NormalDist().inv_cdf((1 + level) / 2)
    part, spread = right / n, z * z / n
    middle = (part + spread / 2) / (1 + spread)
    half = math.sqrt(part * (1 - part) * spread + spread**2 / 4) / (1 + spread)
    return max(middle - half, 0.0), min(middle + half, 1.0)


def share(right: int, n: int, units: int) -> Figure:
    """`right` of `n`, with Wilson's interval for `units` independent ones."""
    return Figure(right / n, *wilson(units * right / n, units), n) if n else UNDEFINED


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """Resampling of `clusters` pairs. The same seed draws the same replicates for every figure."""

    clusters: int
    replicates: int = REPLICATES
    seed: int = SEED

    def weights(self) -> Iterator[Array]:
        """Copies of each pair in each replicate, in blocks (rows x clusters); each row sums to `clusters`.

        Blocks bound the memory, and what is drawn does not depend on them.
        """
        rng = np.random.default_rng(self.seed)
        for rows in cut(self.replicates, BLOCK_CELLS // self.clusters):
            yield np.concatenate([self._draw(rng, few) for few in cut(rows, DRAW_CELLS // self.clusters)])

    def _draw(self, rng: np.random.Generator, rows: int) -> Array:
        drawn = rng.integers(0, self.clusters, (rows, self.clusters))
        drawn += np.arange(rows)[:, None] * self.clusters
        copies = np.bincount(drawn.ravel(), minlength=rows * self.clusters)
        return copies.reshape(rows, self.clusters).astype(np.float64)

    def sums(self, tables: Sequence[Array]) -> list[Array]:
        """Sums over pairs in each replicate, for all tables in one product.

        Each table is (clusters, ...), each answer (replicates, ...). Tables of whole numbers, or of
        multiples of a power of two, have exact sums: they are the same on every machine.
        """
        flat = [table.reshape(self.clusters, -1) for table in tables]
        columns, places = _distinct(np.concatenate(flat, axis=1))
        samples = np.concatenate([weight @ columns for weight in self.weights()])[:, places]
        cuts = np.cumsum([part.shape[1] for part in flat])[:-1]
        parts = np.split(samples, cuts, axis=1)
        return [part.reshape(-1, *table.shape[1:]) for part, table in zip(parts, tables, strict=True)]


def cut(total: int, most: int) -> list[int]:
    """`total` as parts of `most`, or of 1 where that is less, and what remains."""
    step = max(1, most)
    return [min(step, total - start) for start in range(0, total, step)]


def _distinct(table: Array) -> tuple[Array, NDArray[np.intp]]:
    """The distinct columns, and where each column is among them: many tables of a run share theirs."""
    found: dict[bytes, int] = {}
    places = [found.setdefault(column.tobytes(), len(found)) for column in table.T]
    first = np.unique(places, return_index=True)[1]
    return np.ascontiguousarray(table[:, first]), np.array(places, dtype=np.intp)


def figure(statistic: Statistic, counts: Array, samples: Array, n: int) -> Figure:
    """The statistic of the summed counts with its percentile interval.

    `counts` is (clusters, ...), `samples` what `Bootstrap.sums` gave for it. `statistic` maps sums with
    any leading axes to values with those axes. Replicates where it is undefined (nan) are left out.
    """
    value = float(statistic(counts.sum(axis=0)))
    if n == 0 or math.isnan(value):
        return UNDEFINED
    low, high = interval(statistic(samples), counted(counts))
    return Figure(value, low, high, n)


def counted(counts: Array) -> int:
    """How many clusters of a table (clusters, ...) have a count at all."""
    return int(counts.reshape(len(counts), -1).any(axis=1).sum())


def interval(samples: Array, clusters: int) -> tuple[float, float]:
    """The 95 % interval of the replicates of a figure of `clusters` pairs; nan where all replicates are."""
    known = samples[~np.isnan(samples)]
    if known.size == 0:
        return math.nan, math.nan
    low, high = np.quantile(known, [tail(clusters), 1 - tail(clusters)])
    return float(low), float(high)


def tail(clusters: int) -> float:
    """The share of replicates beyond each end of a 95 % interval: 2.5 %, and less for few clusters.

    Replicates spread less than the figure does, by sqrt((n - 1) / n), and n units have Student's tails
    where the replicates have the normal's: the expanded percentile interval, Hesterberg, What Teachers
    Should Know about the Bootstrap (2015), section 3.4. Student's quantile after Abramowitz & Stegun 26.7.5.
    """
    if clusters < 2:
        return 0.0
    z, free = NormalDist().inv_cdf((1 + LEVEL) / 2), clusters - 1
    student = z + (z**3 + z) / (4 * free) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * free**2)
    return NormalDist().cdf(-student * math.sqrt(clusters / free))
