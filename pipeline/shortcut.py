"""Can "was edited here" tell an edited picture from a control? A small classifier tries, on texture alone.

A benchmark asks whether the violation is gone. Edited pictures are safe, controls are not; if ring and fill
alone told the two apart, a model could answer without looking at the content. The classifier sees texture
only: no position, no size, no colour, no object. It reads the published tables and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from bench.dataset import Benchmark
from bench.schema import Role
from bench.stats import Bootstrap, Figure, figure, interval

from .dedup import cluster
from .images import Mask, Pixels
from .region import around

NEAR_DUPLICATE_BITS = 4  # originals this near share a fold
FOLDS = 5
LBP = 10  # uniform local binary patterns of 8 neighbours
GRADIENTS = np.array([0, 1, 2, 4, 8, 16, 32, 64, 512])  # levels a pixel: bin borders
REPLICATES = 1000
Floats = NDArray[np.float64]
Against = Literal["control", "original"]


@dataclass(frozen=True, slots=True)
class Shortcut:
    """How well the texture tells `edited` from `against`, out of fold; 0.5 is chance."""

    against: Against
    pairs: int
    accuracy: Figure  # balanced
    auc: Figure

    def told(self) -> str:
        """One line for a person."""
        auc = f"AUC {self.auc.value:.3f} ({self.auc.low:.3f} to {self.auc.high:.3f})"
        right = f"balanced accuracy {self.accuracy.percent()} % ({self.accuracy.interval()})"
        return f"edited against {self.against}: {auc}, {right}, {self.pairs} pairs"


@dataclass(frozen=True, slots=True)
class Samples:
    """Features of N pairs: an edited place, and what it is to be told from; `groups` share a fold."""

    edited: Floats  # N x features
    other: Floats
    groups: NDArray[np.int64]


def texture_features(pixels: Pixels, allowed: Mask, ring_px: int) -> Floats:
    """Of the ring and of the fill inside it: shares of uniform local binary patterns, shares of gradient
    lengths, and the mean, deviation and 90th percentile of log(1 + |grey - its 3x3 mean|)."""
    from scipy.ndimage import distance_transform_edt, uniform_filter
    from skimage.feature import local_binary_pattern

    near = around(allowed, 2)
    grey, inside = pixels[near].mean(axis=2), distance_transform_edt(np.pad(allowed[near], 1))[1:-1, 1:-1]
    grey8 = np.rint(grey).astype(np.uint8)
    patterns = local_binary_pattern(grey8, 8, 1, "uniform")  # type: ignore[no-untyped-call]
    lengths = np.hypot(*np.gradient(grey))
    residual = np.log1p(np.abs(grey - uniform_filter(grey, 3, mode="nearest")))
    found: list[Floats] = []
    for where in ((inside > 0) & (inside <= ring_px), inside > ring_px):
        if not where.any():  # all of a tiny region is ring
            where = inside > 0
        found.append(np.bincount(patterns[where].astype(np.intp), minlength=LBP) / where.sum())
        found.append(np.histogram(lengths[where], GRADIENTS)[0] / where.sum())
        noise = residual[where]
        found.append(np.array([noise.mean(), noise.std(), np.quantile(noise, 0.9)]))
    return np.concatenate(found)


def samples(bench: Benchmark, against: Against, progress: Callable[[int, int], None]) -> Samples:
    """The pairs that have both an edited picture and a control, in the table's order.

    An original is looked at where its edited picture was changed. Raises ValueError for few pairs.
    """
    pairs = list(_complete_pairs(bench))
    _refuse_few(len(pairs))
    rings = {row.image_id: row.ring_px for row in bench.edits if row.chosen}
    features: list[tuple[Floats, Floats]] = []
    for done, pair in enumerate(pairs, 1):
        edited, place = pair["edited"], pair["edited" if against == "original" else "control"]
        features.append(
            (
                _features(bench, edited, edited, rings[edited]),
                _features(bench, pair[against], place, rings[place]),
            )
        )
        progress(done, len(pairs))
    hashes = [bench.meta(pair["original"]).phash for pair in pairs]
    groups = np.array(cluster(hashes, NEAR_DUPLICATE_BITS), np.int64)
    width = features[0][0].size if features else 0
    table = np.array(features).reshape(len(pairs), 2, width)
    return Samples(table[:, 0], table[:, 1], groups)


def _complete_pairs(bench: Benchmark) -> Iterator[dict[Role, str]]:
    pairs: dict[str, dict[Role, str]] = {}
    for image_id in bench.image_ids:
        meta = bench.meta(image_id)
        pairs.setdefault(meta.pair_id, {})[meta.role] = image_id
    return (pair for pair in pairs.values() if len(pair) == 3)


def _features(bench: Benchmark, image_id: str, place_id: str, ring_px: int) -> Floats:
    allowed = np.asarray(bench.mask(place_id)) > 127
    return texture_features(np.asarray(bench.picture(image_id)), allowed, ring_px)


def tell_apart(found: Samples, against: Against) -> Shortcut:
    """Cross-validated logistic regression; no near-duplicates straddle its folds.

    Raises ValueError for fewer clusters than folds.
    """
    _refuse_few(len(set(found.groups.tolist())))
    pairs = len(found.groups)
    scores = _out_of_fold(found).reshape(2, pairs)  # the classifier's log odds: edited, other
    right = np.stack([scores[0] > 0, scores[1] <= 0], axis=1).astype(np.float64)
    weights = np.concatenate(list(Bootstrap(pairs, REPLICATES).weights()))
    sums = weights @ right
    return Shortcut(
        against,
        pairs,
        figure(lambda count: count.sum(axis=-1) / (2 * pairs), right, sums, pairs),
        _auc(scores[0], scores[1], weights),
    )


def _refuse_few(pairs: int) -> None:
    if pairs < 2 * FOLDS:
        raise ValueError(
            f"{pairs} distinct pairs with a control are too few to tell anything; build {2 * FOLDS} or more"
        )


def _out_of_fold(found: Samples) -> Floats:
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GroupKFold, cross_val_predict
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    classifier = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=2000))
    labels = np.repeat([1, 0], len(found.groups))
    odds: Floats = cross_val_predict(
        classifier, np.concatenate([found.edited, found.other]), labels,
        groups=np.tile(found.groups, 2), cv=GroupKFold(FOLDS), method="decision_function",
    )  # fmt: skip
    return odds


def _auc(edited: Floats, other: Floats, weights: Floats) -> Figure:
    """The area under the curve with its interval over pairs: the share of (edited, other) couples, from any
    two pairs, in which the edited one scores higher, ties counting half."""
    wins = (edited[:, None] > other) + 0.5 * (edited[:, None] == other)
    drawn = np.einsum("ri,ij,rj->r", weights, wins, weights, optimize=True) / len(edited) ** 2
    return Figure(float(wins.mean()), *interval(drawn, len(edited)), len(edited))


def shortcuts(bench: Benchmark, progress: Callable[[int, int], None]) -> Sequence[Shortcut]:
    """Edited against control, which should be chance, and for contrast edited against original."""
    sides: tuple[Against, ...] = ("control", "original")
    return [tell_apart(samples(bench, against, progress), against) for against in sides]
