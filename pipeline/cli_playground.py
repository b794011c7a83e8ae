"""`safeeditbench playground`: a page on this machine to try a model under several policies."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from . import model_options as ask
from .console import console
from .model_options import TINY

ModelOrTiny = Annotated[
    str, typer.Argument(help="As MODEL of `evaluate`; the small guardrail that ships if none.")
]


def playground(
    model: ModelOrTiny = TINY,
    data: Annotated[
        Path | None, typer.Option("--data", help="A benchmark whose pictures are offered.")
    ] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 7860,
    profile: ask.Profile = "plain",
    reading: ask.Reading = "labels",
    dtype: ask.DType = "auto",
    device: ask.Device = "auto",
) -> None:
    """Drop a picture, edit policies, and see a model's verdicts side by side. Nothing leaves this machine."""
    from bench.dataset import load_benchmark
    from bench.policy import load_policies
    from evaluators.spec import Options

    from .evaluation import load_model
    from .playground.asking import Playground
    from .playground.serve import serve

    benchmark = load_benchmark(data) if data else None
    policies = benchmark.policies if benchmark else load_policies()
    guardrail = load_model(model, Options(device, dtype, profile, reading))
    serve(Playground(guardrail, policies, benchmark), port, _tell)


def _tell(address: str) -> None:
    console.print(f"playground: {address} (this machine only; stop it with Ctrl-C)", soft_wrap=True)
