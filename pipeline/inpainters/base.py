"""The two protocols: an editor that fills holes, and a family of pipelines that wants its words its way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from ..images import Mask, Pixels

if TYPE_CHECKING:
    from diffusers.pipelines.pipeline_utils import DiffusionPipeline
    from torch import Tensor

# keyword of the pipeline's call -> its value for one item, with a leading axis of 1 or as a list of one
Embedding = Mapping[str, "Tensor | list[Tensor] | list[str]"]


@dataclass(frozen=True, slots=True)
class Hole:
    """A crop (HxWx3) whose masked part is to be replaced. `avoid` is a negative prompt, or ""."""

    crop: Pixels
    mask: Mask
    prompt: str
    avoid: str
    seed: int


class Editor(Protocol):
    """Fills holes. `name` and `digest` say what did it; `orders` whether it wants to be told what to do
    ("replace the knife with a spoon") instead of what there is to be ("a spoon")."""

    name: str
    digest: str
    orders: bool

    def fill(self, holes: Sequence[Hole]) -> list[Pixels]:
        """A picture for each hole; the part outside its mask may differ slightly. A hole's result depends
        neither on its companions nor on their number."""


class Family(Protocol):
    """What distinguishes pipelines: how text becomes embeddings and what guidance is called.

    `orders` as for an Editor; `sees_crop` where the words are encoded together with the picture, so that
    their embedding cannot be used for another one.
    """

    orders: bool
    sees_crop: bool

    def options(self, guidance: float) -> Mapping[str, object]:
        """Keywords of the pipeline's call that are the same for every hole."""

    def embed(self, prompt: str, avoid: str, crop: Pixels | None) -> Embedding:
        """The words of one hole, encoded. `crop` is given where `sees_crop`."""


@dataclass(frozen=True)
class Encoding:
    """What most families have in common: the pipeline encodes a description, by itself and once for all
    crops. Each says in `embed` how its encoders are asked."""

    pipe: DiffusionPipeline
    orders = False
    sees_crop = False

    def options(self, guidance: float) -> Mapping[str, object]:
        return {"guidance_scale": guidance}
