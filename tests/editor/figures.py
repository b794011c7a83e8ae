"""What the embedded editor is measured by, all of it inside the holes, with intervals over photographs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import bootstrap
from skimage.metrics import structural_similarity

from pipeline.editor.data import CropSource, Picture
from pipeline.seam import seam

Array = NDArray[np.float64]
RIM = 3  # pixels inside a hole's border across which a seam is looked for
PLAIN = 1 / 3  # the share of the crops, those with the least gradient in the hole, that count as plain


@dataclass(frozen=True, slots=True)
class Sample:
    """A crop, its hole, and the number of the picture it was cut from."""

    truth: Picture
    hole: NDArray[np.bool_]
    picture: int


@dataclass(frozen=True, slots=True)
class Measured:
    """One way of filling: a value a crop each; `squares` is the squared error summed over the hole's values,
    `count` how many there are, and `seconds` the time that a crop took."""

    squares: Array
    count: Array
    ssim: Array
    seam: Array
    gradient: Array
    seconds: Array

    @property
    def psnr(self) -> float:
        """From the squared error of all crops together."""
        return decibels(self.squares.sum() / self.count.sum())

    @property
    def mean_psnr(self) -> float:
        """The mean of the crops' own PSNR."""
        return float(np.mean([decibels(one) for one in self.squares / self.count]))

    def grain(self, truth: Measured) -> float:
        """The mean gradient over the truth's: below 1 is a blur."""
        return float(self.gradient.sum() / truth.gradient.sum())

    def plain_grain(self, truth: Measured) -> float:
        """The same on plain surfaces, where above 1 is speckle."""
        plain = truth.gradient <= np.quantile(truth.gradient, PLAIN)
        return float(self.gradient[plain].sum() / truth.gradient[plain].sum())


Fill = Callable[[Sample, int], Picture]  # a sample and its seed
Difference = tuple[float, float, float]  # with the ends of its 95 % interval


def samples(source: CropSource, seed: int, count: int, size: int) -> list[Sample]:
    """`count` crops of `size` pixels, the source's pictures taking turns."""
    found = []
    for index in range(count):
        picture = index % len(source.pyramids)
        batch = CropSource((source.pyramids[picture],)).batch(seed, index, 1, size)
        found.append(Sample(batch.crops[0], batch.holes[0], picture))
    return found


def measure(filled: list[Picture], wanted: list[Sample], seconds: list[float]) -> Measured:
    """Compare every fill with its truth."""
    pairs = list(zip(filled, wanted, strict=True))
    return Measured(
        squares=np.array([((f[s.hole].astype(float) - s.truth[s.hole]) ** 2).sum() for f, s in pairs]),
        count=np.array([3.0 * s.hole.sum() for _, s in pairs]),
        ssim=np.array([ssim_inside(f, s) for f, s in pairs]),
        seam=np.array([seam(f, s.hole, RIM) for f, s in pairs]),
        gradient=np.array([gradient(f)[s.hole].mean() for f, s in pairs]),
        seconds=np.array(seconds),
    )


def psnr_difference(ours: Measured, other: Measured, pictures: NDArray[np.int64]) -> Difference:
    """PSNR of ours less the other's, in dB; the bootstrap draws photographs with all their crops."""
    return _paired(lambda a, b: 10 * np.log10(b.sum(-1) / a.sum(-1)), ours.squares, other.squares, pictures)


def ssim_difference(ours: Measured, other: Measured, pictures: NDArray[np.int64]) -> Difference:
    """Mean SSIM of ours less the other's, likewise."""
    return _paired(lambda a, b: (a - b).sum(-1) / len(pictures), ours.ssim, other.ssim, pictures)


def _paired(
    statistic: Callable[[Array, Array], Array], ours: Array, other: Array, pictures: NDArray[np.int64]
) -> Difference:
    """The statistic over the photographs' sums, and its 95 % percentile interval."""
    a, b = (np.bincount(pictures, values) for values in (ours, other))
    found = bootstrap(
        (a, b), lambda a, b, axis=-1: statistic(a, b), paired=True, vectorized=True,
        n_resamples=4000, method="percentile", rng=np.random.default_rng(0),
    )  # fmt: skip
    return float(statistic(a, b)), float(found.confidence_interval.low), float(found.confidence_interval.high)


def decibels(mean_square: float) -> float:
    """PSNR of a mean squared error of grey levels; infinite for none."""
    return float(10 * np.log10(255**2 / mean_square)) if mean_square else float("inf")


def ssim_inside(filled: Picture, sample: Sample) -> float:
    """Mean over the hole of scikit-image's local SSIM, 7x7 pixels."""
    _, local = structural_similarity(filled, sample.truth, channel_axis=2, full=True)
    return float(local[sample.hole].mean())


def gradient(picture: Picture) -> Array:
    """Length of the grey gradient, in levels a pixel."""
    down, right = np.gradient(picture.astype(float).mean(-1))
    steepness: Array = np.hypot(down, right)
    return steepness
