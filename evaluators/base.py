"""What a guardrail is: pictures and policies in, one outcome a case out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from bench.results import Status
from bench.verdict import parse

if TYPE_CHECKING:
    from PIL import Image

    from bench.policy import Policy


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a guardrail did on one (image, policy).

    `p_unsafe` and `label_mass` are probabilities, `margin` = log p(unsafe) - log p(safe); None where the
    model gives none. `text` is what it wrote, `detail` why the status is what it is, `seconds` its time.
    An `error` (no memory, no network) is never a verdict.
    """

    status: Status
    p_unsafe: float | None = None
    margin: float | None = None
    label_mass: float | None = None
    text: str = ""
    detail: str = ""
    seconds: float = 0.0


class Guardrail(Protocol):
    """A model under test.

    `judge` answers every (image, policy), indexed [image][policy], and reports a case that fails as an
    `error` outcome. `images_at_once` is how many images it likes in a call. `identity` names everything
    that can change its answers (digests of weights and templates, decoding) and holds no secret: a run is
    only continued under an equal identity.
    """

    @property
    def name(self) -> str: ...

    @property
    def device(self) -> str: ...

    @property
    def images_at_once(self) -> int: ...

    @property
    def identity(self) -> Mapping[str, str]: ...

    def judge(self, images: Sequence[Image.Image], policies: Sequence[Policy]) -> list[list[Outcome]]: ...


def read_text(text: str, seconds: float, detail: str = "") -> Outcome:
    """The outcome of a written answer, read by the one strict parser."""
    return Outcome(parse(text), text=text, detail=detail, seconds=seconds)


def failure(error: Exception, seconds: float = 0.0) -> Outcome:
    """The outcome of a case that could not be asked: the kind of error and the first line it says."""
    lines = str(error).strip().splitlines() or [""]
    return Outcome("error", detail=f"{type(error).__name__}: {lines[0][:300]}", seconds=seconds)
