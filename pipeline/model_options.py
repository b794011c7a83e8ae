"""How a model is asked: the options that every command which loads one takes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

TINY = "safeguard-vl-tiny"

Model = Annotated[
    str,
    typer.Argument(
        help="A checkpoint folder or hub id, openai:URL#name, decisions:URL#name, python:module:function, "
        "onnx:FILE, constant:safe|unsafe, or safeguard-vl-tiny (ships with the project)."
    ),
]
Data = Annotated[Path, typer.Option("--data", help="A benchmark folder, or a local copy of a published set.")]
Profile = Annotated[str, typer.Option(help="The prompt and answer form: a name, or a TOML file.")]
Reading = Annotated[
    Literal["labels", "both", "text"],
    typer.Option(help="Label probabilities, the same with the written answer beside them, or text alone."),
]
Sharing = Annotated[
    Literal["exact", "fast", "none"], typer.Option(help="How policies share one image's computation.")
]
DType = Annotated[
    Literal["auto", "float32", "bfloat16", "float16"], typer.Option(help="Precision of a local model.")
]
Device = Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1, ...")]
Batch = Annotated[int, typer.Option(min=1, help="Images in one call of a local model.")]
MaxNewTokens = Annotated[
    int | None, typer.Option(min=1, help="Longest written answer; default: the profile's.")
]
Concurrency = Annotated[int, typer.Option(min=1, help="Requests to a server at a time.")]
