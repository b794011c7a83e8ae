"""One build, described: frozen dataclasses filled from a TOML file and checked by pydantic."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as checked

from .errors import ConfigError

STRICT = ConfigDict(extra="forbid")
Side = Annotated[int, Field(gt=0, multiple_of=8)]  # every editor's autoencoder works on 8x8 pixels at least


@checked(frozen=True, config=STRICT)
class SourceConfig:
    """Where unsafe images come from.

    `scenes` draws `count` synthetic scenes; `folder` reads every file below `path`, with exact regions
    from `path/truth.jsonl` where there is one; `parquet` reads the column `image` of the files below
    `path`. `blocklist` is a text file of sha256 or pHash hex lines: material never to be stored.
    """

    kind: Literal["scenes", "folder", "parquet"] = "scenes"
    path: str = ""
    count: int = 40
    seed: int = 0
    size: int = 256
    licence: str = "unknown"
    blocklist: str = ""
    max_pixels: int = 64_000_000
    near_duplicate_bits: int = 4  # pHash distance up to which two images share a split


@checked(frozen=True, config=STRICT)
class LocalizeConfig:
    """Who finds the violating regions. `grounded` = a text-conditioned detector and a segmenter.

    `detector` and `segmenter` are local folders or hub ids. CLIPSeg and SAM3 as `detector` make masks of
    their own and leave the segmenter unused. `concepts` limits what is looked for; empty means every concept
    with a detector prompt. `shadows` looks for the shadow and the reflection of what was found as well, and
    makes them part of its region.
    """

    backend: Literal["truth", "grounded"] = "truth"
    detector: str = "IDEA-Research/grounding-dino-base"
    segmenter: str = "facebook/sam2.1-hiera-large"
    threshold: float = 0.3
    concepts: tuple[str, ...] = ()
    max_area_share: float = 0.6  # a larger region leaves nothing to compare
    shadows: bool = False
    device: str = "auto"


@checked(frozen=True, config=STRICT)
class EditConfig:
    """Who replaces the regions. `embedded` ships with the project; `diffusers` is any inpainting pipeline.

    `attempts` are tried for every edit, each with its own seed, and the best is kept. `context` is the
    margin of the crop around the region, as a share of its longer side; the second attempt sees half of it,
    the third a third, since what helps in one picture misleads in another. `canvases` are the sizes in
    pixels, a side or [width, height], that a crop is resized to: the smallest that holds it, else the one
    that shrinks it least. `batch` crops of one canvas are edited in one call. `colour_match` moves a fill to
    the tone its ring had in the original. `writer` is a vision-language model behind an OpenAI-compatible
    server, URL#model, that says what would fit in a region's place; empty means the list of replacements.
    0 steps means the editor's own default.
    """

    backend: Literal["embedded", "diffusers"] = "embedded"
    model: str = ""
    steps: int = 0
    guidance: float = 7.0
    strength: float = 1.0
    lora: str = ""
    compile: bool = False
    attempts: int = 2
    context: float = 0.5
    canvases: Annotated[tuple[Side | tuple[Side, Side], ...], Field(min_length=1)] = (64, 96, 128)
    batch: Annotated[int, Field(gt=0)] = 1
    colour_match: bool = False
    writer: str = ""
    controls: bool = True
    device: str = "auto"
    dtype: Literal["float32", "bfloat16", "float16"] = "float32"


@checked(frozen=True, config=STRICT)
class VerifyConfig:
    """The independent check. `edges` asks whether the violation's own edges are gone, without a model;
    `detector` looks again with another detector than the localizer's, whose hits count from `threshold` on;
    `none` leaves the score empty. An edit passes at `gone`, in [0, 1]. Of the attempts that pass, those with
    a seam of at most `seam` are preferred, and of these the most natural by `naturalness`: `grain`, which
    asks no model, or a vision backbone (DINOv2, ViT, CLIP, SigLIP, ...) by folder or hub id."""

    backend: Literal["edges", "detector", "none"] = "edges"
    detector: str = "google/owlv2-large-patch14-ensemble"
    threshold: float = 0.2
    gone: float = 0.5
    seam: float = 3.3  # 95 of 100 untouched places of drawn scenes are at or below it
    naturalness: str = "grain"
    device: str = "auto"


@checked(frozen=True, config=STRICT)
class ExportConfig:
    """What the card says. `splits` are shares by name; near-duplicates and pairs never straddle them."""

    title: str = "A safeeditbench benchmark"
    licence: str = "other"
    version: str = "1.0.0"
    splits: tuple[tuple[str, float], ...] = (("test", 1.0),)


@checked(frozen=True, config=STRICT)
class RunnerConfig:
    """Prefect's task runner (`threads`, `processes`, `dask`, `ray`), or `loop`: a plain for-loop."""

    kind: Literal["loop", "threads", "processes", "dask", "ray"] = "threads"
    workers: int = 2
    shard: int = 4  # items a task
    address: str = ""  # of a running Dask or Ray cluster


@dataclass(frozen=True)
class BuildConfig:
    """A whole build. The work folder lies beside the benchmark, so it is never published by accident."""

    out: Path
    source: SourceConfig = field(default_factory=SourceConfig)
    localize: LocalizeConfig = field(default_factory=LocalizeConfig)
    edit: EditConfig = field(default_factory=EditConfig)
    verify: VerifyConfig = field(default_factory=VerifyConfig)
    export: ExportConfig = field(default_factory=ExportConfig)
    runner: RunnerConfig = field(default_factory=RunnerConfig)
    policies: str = ""  # a folder of policy files; empty = the five

    @property
    def work(self) -> Path:
        """Blobs, journal and votes of this build."""
        return self.out.with_name(self.out.name + ".build")

    @staticmethod
    def values_of(path: Path) -> dict[str, object]:
        """The tables of a TOML file. Raises ConfigError for what is no TOML."""
        try:
            return tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise ConfigError(f"{path}: {error}") from error

    @classmethod
    def from_values(cls, values: dict[str, object], where: str = "configuration") -> Self:
        """The build in a plain nested dict. Raises ConfigError naming the field."""
        unknown = set(values) - set(cls.__dataclass_fields__)
        if unknown:
            known = ", ".join(cls.__dataclass_fields__)
            raise ConfigError(f"{where}: unknown section {sorted(unknown)[0]!r}; known: {known}")
        try:
            return TypeAdapter(cls).validate_python(values)
        except ValidationError as error:
            first = error.errors()[0]
            field_name = ".".join(str(part) for part in first["loc"])
            raise ConfigError(f"{where}: {field_name}: {first['msg']} (got {first['input']!r})") from error
