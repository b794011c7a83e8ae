"""Any Python function as a guardrail: `f(image, policy_text) -> str | float`."""

from __future__ import annotations

import hashlib
import importlib
import math
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from evaluators.base import Audit, Outcome, failure, read_text

if TYPE_CHECKING:
    from PIL import Image

    from bench.evaluation_set import AskedPolicy

Judge = Callable[["Image.Image", str], object]


@dataclass(frozen=True, slots=True)
class Function:
    """Wraps a function. A string is read like a model's answer, a float in [0, 1] is p(unsafe).

    At 0.5 and above the picture is unsafe. Anything else that is returned, and anything that is raised,
    is an `error` outcome. `source_digest` is the sha256 of the file the function is written in.
    """

    name: str
    function: Judge
    source_digest: str
    device: str = "python"
    images_at_once: int = 1

    @classmethod
    def load(cls, target: str) -> Function:
        """Import `module:function`; the working folder is searched too.

        Raises ValueError where the target has another form, or names no such module or function.
        """
        module_name, _, function_name = target.partition(":")
        if not module_name or not function_name:
            raise ValueError(f"python:{target} names no function, write python:module:function")
        if str(Path.cwd()) not in sys.path:
            sys.path.insert(0, str(Path.cwd()))  # a console script does not look where it is started
        try:
            module = importlib.import_module(module_name)
        except ModuleNotFoundError as error:
            raise ValueError(
                f"python:{target}: {error}; start in the folder that holds the module, or install it"
            ) from error
        function = vars(module).get(function_name)
        if not callable(function):
            raise ValueError(f"python:{target}: {module_name} has no function {function_name!r}")
        source = Path(module.__file__).read_bytes() if module.__file__ else b""
        return cls(f"python:{target}", function, hashlib.sha256(source).hexdigest())

    @property
    def identity(self) -> Mapping[str, str]:
        return {"model": self.name, "source": self.source_digest}

    @property
    def audit(self) -> Audit | None:
        return None

    @property
    def notes(self) -> Mapping[str, str | float]:
        return {}

    def judge(self, images: Sequence[Image.Image], policies: Sequence[AskedPolicy]) -> list[list[Outcome]]:
        return [[self._one(image, policy.text()) for policy in policies] for image in images]

    def _one(self, image: Image.Image, policy_text: str) -> Outcome:
        start = time.perf_counter()
        try:
            answer = self.function(image.copy(), policy_text)  # a copy: it may draw on what it is given
        except Exception as error:  # the function is the user's, any error of it is this case's outcome
            return failure(error, time.perf_counter() - start)
        return read_answer(answer, time.perf_counter() - start)


def read_answer(answer: object, seconds: float) -> Outcome:
    """The outcome of what a function returned."""
    if isinstance(answer, str):
        return read_text(answer, seconds)
    if isinstance(answer, float | int) and not isinstance(answer, bool) and 0 <= answer <= 1:
        p = float(answer)
        margin = math.log(p) - math.log1p(-p) if 0 < p < 1 else None
        return Outcome("unsafe" if p >= 0.5 else "safe", p, margin, seconds=seconds)
    detail = f"returned {answer!r:.80}, expected a string or a probability of unsafe in [0, 1]"
    return Outcome("error", detail=detail, seconds=seconds)
