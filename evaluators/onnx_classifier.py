"""Image classifiers through ONNX Runtime: what a guardrail that knows one fixed policy scores.

Such a model never sees the policy, so it answers the same under every one.
"""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bench.staging import sha256_file
from evaluators.base import Audit, Outcome, failure
from evaluators.classifier_input import ClassifierError, ClassifierInput, read_input

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from PIL import Image

    from bench.evaluation_set import AskedPolicy


PROVIDERS = ("CUDAExecutionProvider", "CPUExecutionProvider")


@dataclass(frozen=True, slots=True)
class OnnxClassifier:
    """A loaded model. `digest` covers its file and its description."""

    name: str
    session: InferenceSession
    takes: ClassifierInput
    digest: str
    images_at_once: int = 1  # one run of the model a picture, so that no batch changes an answer

    @classmethod
    def load(cls, model: Path) -> OnnxClassifier:
        """Open `model`; on a GPU where this ONNX Runtime has one. ValueError names what is wrong with it."""
        if not model.is_file():
            raise ClassifierError(f"onnx:{model}: there is no such file; give the path of an .onnx file")
        description, takes = read_input(model)
        import onnxruntime

        available = onnxruntime.get_available_providers()
        try:
            session = onnxruntime.InferenceSession(model, providers=[p for p in PROVIDERS if p in available])
        except Exception as error:  # onnxruntime raises its own kinds, one for each way a file is broken
            raise ClassifierError(f"onnx:{model} cannot be opened: {error}") from error
        digest = hashlib.sha256((sha256_file(model) + sha256_file(description)).encode()).hexdigest()
        return cls(f"onnx:{model.stem}", session, takes, digest)

    @property
    def device(self) -> str:
        return str(self.session.get_providers()[0]).removesuffix("ExecutionProvider").lower()

    @property
    def identity(self) -> Mapping[str, str]:
        return {"model": self.name, "weights": self.digest, "device": self.device}

    @property
    def audit(self) -> Audit | None:
        return None

    @property
    def notes(self) -> Mapping[str, str | float]:
        return {}

    def judge(self, images: Sequence[Image.Image], policies: Sequence[AskedPolicy]) -> list[list[Outcome]]:
        return [[self._one(image)] * len(policies) for image in images]

    def _one(self, image: Image.Image) -> Outcome:
        start = time.perf_counter()
        try:
            batch = self.takes.tensor(image)[np.newaxis]
            outputs = self.session.run(None, {self.session.get_inputs()[0].name: batch})[0]
            p = float(self.takes.p_unsafe(np.asarray(outputs))[0])
        except Exception as error:  # a picture of a strange size, a model of another shape
            return failure(error, time.perf_counter() - start)
        return _outcome(p, time.perf_counter() - start)


def _outcome(p: float, seconds: float) -> Outcome:
    if not -1e-6 <= p <= 1 + 1e-6:
        detail = f"p(unsafe) is {p:g}; are the outputs logits? say so in the description"
        return Outcome("error", detail=detail, seconds=seconds)
    p = min(1.0, max(0.0, p))
    margin = math.log(p) - math.log1p(-p) if 0 < p < 1 else None
    return Outcome("unsafe" if p >= 0.5 else "safe", p, margin, seconds=seconds)
