"""CROWDLAB: raters' votes weighed together with a model's probabilities, through cleanlab.

Goh, Tkachenko and Mueller, CROWDLAB (2022). It needs `pip install cleanlab` and a run of a model over the
same cells. A model that is later scored on these labels must not have helped to make them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from annotation.ballot import MISSING, Ballot, Floats
from annotation.consensus import Method
from annotation.errors import AnnotationError
from bench.results import ResultRow

Probabilities = Mapping[tuple[str, str], float]  # P(unsafe) by image and policy id


def probabilities(rows: Sequence[ResultRow]) -> dict[tuple[str, str], float]:
    """P(unsafe) of a run's cases, those without one left out."""
    return {(row.image_id, row.policy_id): row.p_unsafe for row in rows if row.p_unsafe is not None}


def crowdlab(model: Probabilities) -> Method:
    """A method that gives CROWDLAB's P(unsafe), with `model` as its classifier.

    It raises AnnotationError where cleanlab is not installed, where `model` lacks an image that has votes,
    and where no image of a policy has two votes, since raters cannot be weighed then.
    """

    def method(given: Ballot) -> Floats:
        return _quality(given, _of(given, model)) if given.images else np.zeros(0)

    return method


def _of(given: Ballot, model: Probabilities) -> Floats:
    missing = [image for image in given.images if (image, given.policy_id) not in model]
    if missing:
        raise AnnotationError(
            f"the run gives no probability for {len(missing)} images with votes under {given.policy_id}, "
            f"such as {missing[0]}; evaluate the model on the whole benchmark, or settle by Dawid-Skene"
        )
    return np.array([model[image, given.policy_id] for image in given.images])


def _quality(given: Ballot, unsafe: Floats) -> Floats:
    try:
        from cleanlab.multiannotator import get_label_quality_multiannotator
    except ImportError as error:
        raise AnnotationError("CROWDLAB needs cleanlab: pip install cleanlab") from error
    if (given.codes != MISSING).sum(axis=0).max() < 2:
        raise AnnotationError(
            f"no image has two votes under {given.policy_id}, so raters cannot be weighed; use Dawid-Skene"
        )
    labels = np.where(given.codes == MISSING, np.nan, given.codes).T
    table = get_label_quality_multiannotator(
        labels,
        np.stack([1 - unsafe, unsafe], axis=1),
        return_detailed_quality=False,
        return_annotator_stats=False,
        verbose=False,
    )["label_quality"]
    quality = table["consensus_quality_score"].to_numpy(dtype=np.float64)
    return np.where(table["consensus_label"].to_numpy() == 1, quality, 1 - quality)
