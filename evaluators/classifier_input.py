"""How an image classifier wants its picture and what its outputs mean, read from a small TOML file."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args, get_type_hints

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from PIL import Image

SHIPPED = Path(__file__).with_name("classifiers")
EXAMPLE = """\
size = 224
layout = "NCHW"
classes = ["safe", "unsafe"]
unsafe = ["unsafe"]"""


class ClassifierError(ValueError):
    """A description of a classifier that cannot be used; the message names file, field and remedy."""


@dataclass(frozen=True, slots=True)
class ClassifierInput:
    """Pictures are resized to `resize` (default: `size`) pixels square, whatever their shape, cut to the
    middle `size`, put into `layout` and `channels`, and normalised to (pixel * scale - mean) / std, pixels
    in 0..255. `classes` names the outputs in order and `unsafe` those that make a picture unsafe: the sum
    of their probabilities is p(unsafe). `output` says whether a softmax is still to be taken.
    """

    size: int
    classes: tuple[str, ...]
    unsafe: tuple[str, ...]
    resize: int = 0  # 0: as `size`
    layout: Literal["NCHW", "NHWC"] = "NCHW"
    channels: Literal["RGB", "BGR"] = "RGB"
    scale: float = 1.0
    mean: tuple[float, ...] = (0.0, 0.0, 0.0)
    std: tuple[float, ...] = (1.0, 1.0, 1.0)
    output: Literal["probabilities", "logits"] = "probabilities"

    def __post_init__(self) -> None:
        if not all(type(number) is int for number in (self.size, self.resize)):
            raise ClassifierError(f"size is {self.size!r}, resize {self.resize!r}; write whole numbers")
        if self.size < 1 or self.side < self.size:
            raise ClassifierError(f"size is {self.size} and resize {self.resize}; write 1 <= size <= resize")
        for name in ("layout", "channels", "output"):
            if getattr(self, name) not in (known := get_args(get_type_hints(type(self))[name])):
                raise ClassifierError(f"{name} is {getattr(self, name)!r}; known are {', '.join(known)}")
        if not (0 < len(self.unsafe) < len(self.classes) and set(self.unsafe) < set(self.classes)):
            raise ClassifierError(
                f"unsafe is {list(self.unsafe)}; name some, not all, of the classes {list(self.classes)}"
            )
        if len(self.mean) != 3 or len(self.std) != 3 or 0 in self.std:
            raise ClassifierError("mean and std need three numbers each, one a channel, std none of them 0")

    @property
    def side(self) -> int:
        """The side of the resized picture, before it is cut."""
        return self.resize or self.size

    def tensor(self, image: Image.Image) -> NDArray[np.float32]:
        """One picture as the model takes it, without the batch axis: (3, size, size) or (size, size, 3)."""
        from PIL import Image

        resized = image.convert("RGB").resize((self.side, self.side), Image.Resampling.BILINEAR)
        start = (self.side - self.size) // 2
        middle = resized.crop((start, start, start + self.size, start + self.size))
        pixels = np.asarray(middle, dtype=np.float32)
        pixels = pixels[..., ::-1] if self.channels == "BGR" else pixels
        normal = (pixels * np.float32(self.scale) - _float32(self.mean)) / _float32(self.std)
        return np.ascontiguousarray(normal.transpose(2, 0, 1) if self.layout == "NCHW" else normal)

    def p_unsafe(self, outputs: NDArray[np.float32]) -> NDArray[np.float64]:
        """p(unsafe) in [0, 1] of each picture from the model's outputs (pictures, classes)."""
        if outputs.ndim != 2 or outputs.shape[1] != len(self.classes):
            raise ClassifierError(
                f"the model gives outputs of shape {outputs.shape}, {len(self.classes)} classes are described"
            )
        values = outputs.astype(np.float64)
        if self.output == "logits":
            values = np.exp(values - values.max(axis=1, keepdims=True))
            values /= values.sum(axis=1, keepdims=True)
        unsafe: NDArray[np.float64] = values[:, [self.classes.index(name) for name in self.unsafe]]
        return np.asarray(unsafe.sum(axis=1))


def read_input(model: Path) -> tuple[Path, ClassifierInput]:
    """The description of `model`: the TOML file of its name beside it, or one that ships for that name.

    Raises ClassifierError naming the file, the field and the remedy.
    """
    beside, shipped = model.with_suffix(".toml"), SHIPPED / f"{model.stem}.toml"
    path = beside if beside.is_file() else shipped
    if not path.is_file():
        known = ", ".join(sorted(file.stem for file in SHIPPED.glob("*.toml")))
        raise ClassifierError(
            f"{model} needs {beside.name} beside it that says what it takes, such as\n{EXAMPLE}\n"
            f"(known by name: {known})"
        )
    try:
        return path, _read(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, TypeError, ClassifierError) as error:
        raise ClassifierError(f"{path.name}: {error}") from error


def _read(told: dict[str, Any]) -> ClassifierInput:
    known = [field.name for field in fields(ClassifierInput)]
    if strange := sorted(set(told) - set(known)):
        raise ClassifierError(f"unknown field {strange[0]!r}; known are {', '.join(known)}")
    if missing := [name for name in ("size", "classes", "unsafe") if name not in told]:
        raise ClassifierError(f"{missing[0]} is missing")
    values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in told.items()}
    return ClassifierInput(**values)


def _float32(values: tuple[float, ...]) -> NDArray[np.float32]:
    return np.asarray(values, dtype=np.float32)
