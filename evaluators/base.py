"""What a guardrail is: pictures and policies in, one outcome a case out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from bench.results import Status
from bench.verdict import Reading, parse

if TYPE_CHECKING:
    from PIL import Image

    from bench.evaluation_set import AskedPolicy


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a guardrail did on one (image, policy).

    `p_unsafe` and `label_mass` are probabilities, `margin` = log p(unsafe) - log p(safe); None where the
    model gives none. `text` is what it wrote and `written` what that text says where the verdict came from
    the probabilities instead; `detail` is why the status is what it is, `seconds` its time. Of the prompt's
    `tokens_in`, `tokens_cached` were not computed for this case but shared with another one.
    An `error` (no memory, no network) is never a verdict.
    """

    status: Status
    p_unsafe: float | None = None
    margin: float | None = None
    label_mass: float | None = None
    text: str = ""
    detail: str = ""
    seconds: float = 0.0
    written: Reading | None = None
    tokens_in: int = 0
    tokens_cached: int = 0
    tokens_out: int = 0


@dataclass(frozen=True, slots=True)
class Audit:
    """How a guardrail that shares work between cases is checked on itself.

    `alone` answers one case with nothing shared; its margin must lie within `tolerance` nats of the one that
    `judge` gave. A verdict whose margin is smaller than the tolerance is fragile: noise could turn it.
    """

    alone: Callable[[Image.Image, AskedPolicy], Outcome]
    tolerance: float


class Guardrail(Protocol):
    """A model under test.

    `judge` answers every (image, policy), indexed [image][policy], and reports a case that fails as an
    `error` outcome. `images_at_once` is how many images it likes in a call. `identity` names everything
    that can change its answers (digests of weights and templates, decoding) and holds no secret: a run is
    only continued under an equal identity. `audit` is None where no work is shared between cases. `notes`
    tells what the guardrail did since it was loaded (encodes, retries, why it fell back), for the record.
    """

    @property
    def name(self) -> str: ...

    @property
    def device(self) -> str: ...

    @property
    def images_at_once(self) -> int: ...

    @property
    def identity(self) -> Mapping[str, str]: ...

    @property
    def audit(self) -> Audit | None: ...

    @property
    def notes(self) -> Mapping[str, str | float]: ...

    def judge(
        self, images: Sequence[Image.Image], policies: Sequence[AskedPolicy]
    ) -> list[list[Outcome]]: ...


def read_text(text: str, seconds: float, detail: str = "", read: Callable[[str], Reading] = parse) -> Outcome:
    """The outcome of a written answer, read by the one strict parser unless a profile has its own form."""
    return Outcome(read(text), text=text, detail=detail, seconds=seconds)


def failure(error: Exception, seconds: float = 0.0) -> Outcome:
    """The outcome of a case that could not be asked: the kind of error and the first line it says."""
    lines = str(error).strip().splitlines() or [""]
    return Outcome("error", detail=f"{type(error).__name__}: {lines[0][:300]}", seconds=seconds)
