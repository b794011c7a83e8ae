"""From command-line options to a build, and back to the build a benchmark came from."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from bench.disk import writing
from bench.staging import write_atomic

from .config import BuildConfig
from .errors import ConfigError

CONFIG = "config.json"


def configure(
    path: Path | None,
    *,
    out: Path | None = None,
    scenes: int = 0,
    images: Path | None = None,
    localizer: str | None = None,
    detector: str = "",
    segmenter: str = "",
    editor: str = "",
    runner: str | None = None,
    title: str = "",
) -> BuildConfig:
    """The build that a TOML file and options describe; options win. It is remembered beside the benchmark."""
    values = BuildConfig.values_of(path) if path else {}
    if scenes and images:
        raise ConfigError("--scenes and --images are two sources; give one")
    if scenes:
        _set(values, "source", kind="scenes", count=scenes)
    if images:
        _set(values, "source", kind="folder", path=str(images.resolve()))
    if images and not localizer and "localize" not in values and not detector:
        localizer = "truth" if (images / "truth.jsonl").exists() else "grounded"
    if localizer or detector or segmenter:
        _set(values, "localize", backend=localizer or "grounded", detector=detector, segmenter=segmenter)
    if editor:
        _set(values, "edit", backend="diffusers", model=editor)
    if runner:
        _set(values, "runner", kind=runner)
    if title:
        _set(values, "export", title=title)
    if out:
        values["out"] = str(out)
    if "out" not in values:
        raise ConfigError("where should the benchmark go? give --out FOLDER, or `out` in the TOML file")
    if "source" not in values:
        raise ConfigError(
            "what should be built? give --scenes N, --images FOLDER or a TOML file with [source]"
        )
    config = BuildConfig.from_values(values, where=str(path or "options"))
    remember(config)
    return config


def _set(values: dict[str, object], section: str, **options: object) -> None:
    old = values.get(section, {})
    if not isinstance(old, dict):
        raise ConfigError(f"{section}: must be a section, got {old!r}")
    values[section] = old | {name: value for name, value in options.items() if value not in ("", None)}


def remember(config: BuildConfig) -> None:
    """Write the build's configuration into its work folder."""
    with writing(config.work):
        config.work.mkdir(parents=True, exist_ok=True)
    values = asdict(config) | {"out": str(config.out)}
    write_atomic(config.work / CONFIG, json.dumps(values, indent=1, sort_keys=True).encode())


def work_of(bench: Path) -> Path:
    """The work folder beside a benchmark."""
    return bench.with_name(bench.name + ".build")


def remembered(bench: Path) -> BuildConfig:
    """The configuration of the build that made `bench`. Raises ConfigError where its work folder is gone."""
    path = work_of(bench) / CONFIG
    if not path.exists():
        raise ConfigError(
            f"{path} is not there; only a benchmark built on this machine can be exported again"
        )
    return BuildConfig.from_values(json.loads(path.read_text()) | {"out": str(bench)}, where=str(path))
