"""What the jobs need, each made once when it is first asked for."""

from __future__ import annotations

from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

from annotation.client import Client, connect
from annotation.server import ENVIRONMENT, Server, running_server
from pipeline.cli_annotate import cache_folder
from pipeline.demo import free_port
from tests.faults.jobs import Job, build_job, evaluate_job, pull_job, push_job, train_job
from tests.faults.lives import ROOT, forked, live


class Parts:
    """Models, benchmark and server below `root`; the server stops at the end of the block."""

    def __init__(self, root: Path, scenes: int, runner: str) -> None:
        self.root, self._scenes, self._runner = root.absolute(), scenes, runner
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def job(self, name: str) -> Job:
        """A job by name, with a folder of its own."""
        if name == "build":
            return build_job(self.root / "build", self.editor, self._scenes, self._runner)
        if name == "evaluate":
            return evaluate_job(self.root / "evaluate", self.bench, self.model)
        if name == "train":
            return train_job(self.root / "train", self.start)
        address = ("--url", self.server.url, "--token", self.server.token)
        if name == "push":
            return push_job(self.client, address, self.bench)
        return pull_job(self.client, address, self.bench, raters=3)

    @cached_property
    def editor(self) -> Path:
        """A random Stable Diffusion inpainting pipeline of a megabyte or two."""
        from tests.pipeline.tiny_models import unets

        return unets.stable_diffusion_inpaint(self.root / "editor")

    @cached_property
    def model(self) -> Path:
        """A random Qwen2.5-VL."""
        from tests.tiny import qwen2_5_vl

        return qwen2_5_vl(self.root / "model")

    @cached_property
    def start(self) -> Path:
        """A random Qwen2.5-VL of a few thousand weights that TRL can train in seconds."""
        from pipeline.safeguard_vl.data import meanings, tokenizer_texts
        from pipeline.safeguard_vl.model import build_config, build_model, build_processor, build_tokenizer
        from tests.safeguard_vl.conftest import SMALL

        tokenizer = build_tokenizer(tokenizer_texts(0, 20), meanings(), SMALL.vocabulary)
        build_model(build_config(tokenizer, SMALL), seed=1).save_pretrained(self.root / "start")
        build_processor(tokenizer, SMALL).save_pretrained(self.root / "start")
        return self.root / "start"

    @cached_property
    def bench(self) -> Path:
        """The benchmark of one smooth build."""
        folder = self.root / "given"
        job = build_job(folder, self.editor, min(self._scenes, 7), "loop")
        if live(forked(job.commands, self.root / "given.log"), seconds=900):
            raise RuntimeError(f"no benchmark to work on; see {self.root / 'given.log'}")
        return folder / "bench"

    @cached_property
    def server(self) -> Server:
        """A real Label Studio."""
        folder, environment = self.root / "label-studio", ROOT / ENVIRONMENT
        running = running_server(folder, cache=cache_folder(), environment=environment, port=free_port())
        return self._stack.enter_context(running)

    @cached_property
    def client(self) -> Client:
        return self._stack.enter_context(connect(self.server.url, self.server.token))
