"""One tuning stage from its recipe to the finished model; run it again and it resumes, or does nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pipeline.safeguard_vl.run_folder import MODEL, claim, digest_of
from pipeline.safeguard_vl.telling import Say
from pipeline.safeguard_vl.train import TINY
from pipeline.safeguard_vl.tuning import Tuning

if TYPE_CHECKING:
    from datasets import Dataset  # type: ignore[import-untyped]
    from transformers import TrainingArguments

Stage = Literal["sft", "grpo"]
Progress = Callable[[str, int, int], None]  # what is done, how many of it, of how many


@dataclass(frozen=True, slots=True)
class Job:
    """A stage to run: `data` is a benchmark folder or None for the recipe's scenes, `start` overrides the
    recipe's, `captions` is what `recaption` wrote."""

    stage: Stage
    tuning: Tuning
    out: Path
    data: Path | None = None
    start: str = ""
    captions: Path | None = None


def tune(job: Job, say: Say, progress: Progress) -> Path:
    """Run the stage; the folder of the finished model."""
    import torch

    from pipeline.safeguard_vl.grpo import grpo
    from pipeline.safeguard_vl.sft import sft
    from pipeline.safeguard_vl.trl_configs import grpo_config, sft_config

    if job.tuning.threads:
        torch.set_num_threads(job.tuning.threads)
    start = find_start(job.start or job.tuning.start)

    def told(done: int, of: int) -> None:
        progress(job.stage, done, of)

    if job.stage == "sft":
        args = sft_config(job.tuning, job.out)
        rows = _prepared(job, start, args, say, progress)
        return _unless_done(job, say) or sft(job.tuning, args, rows, start, job.out, say, told)
    settings = grpo_config(job.tuning, job.out)
    rows = _prepared(job, start, settings, say, progress)
    return _unless_done(job, say) or grpo(job.tuning, settings, rows, start, job.out, say, told)


def find_start(name: str) -> Path:
    """The folder of the checkpoint to start from, SafeGuard-VL tiny by its own name."""
    from evaluators import checkpoint

    return TINY if name == TINY.name else checkpoint.find(name)


def _prepared(job: Job, start: Path, args: TrainingArguments, say: Say, progress: Progress) -> Dataset:
    """The rows to train on, with `job.out` claimed for them; the first process goes first."""
    from evaluators import checkpoint

    with args.main_process_first():
        rows, digest = rows_of(job, say, progress)
        weights = digest_of(sorted(checkpoint.identity(start).items()))
        settings = digest_of([asdict(job.tuning)])
        claim(job.out, {"stage": job.stage, "recipe": settings, "start": weights, "cases": digest})
    return rows


def rows_of(job: Job, say: Say, progress: Progress) -> tuple[Dataset, str]:
    """What the stage trains on, and its digest. Raises ValueError where captions are wanted and missing."""
    from evaluators.profile import load_profile
    from pipeline.safeguard_vl.captions import read_captions
    from pipeline.safeguard_vl.dataset import caption_rows, usable, verdict_rows
    from pipeline.safeguard_vl.material import cases_for

    if job.stage == "sft" and job.tuning.target == "captions":
        if job.captions is None:
            raise ValueError(
                "the recipe teaches descriptions; write them with `safeeditbench train recaption` and give "
                "them with --captions"
            )
        captions = read_captions(job.captions)
        naming = [caption for caption in captions if not caption.unnamed]
        if left_out := len(captions) - len(naming):
            say(f"{left_out} of {len(captions)} captions do not name what the picture shows and are left out")
        return caption_rows(naming), digest_of(naming)
    profile = usable(load_profile(job.tuning.profile))
    pictures = job.out / "pictures"
    cases = cases_for(job.tuning, job.data, pictures, lambda done, of: progress("pictures", done, of))
    told = [(case.shot.picture_id, case.policy_text, case.label) for case in cases]
    return verdict_rows(cases, profile), digest_of(told)


def _unless_done(job: Job, say: Say) -> Path | None:
    if not (job.out / MODEL).is_dir():
        return None
    say(f"{job.out / MODEL} is finished")
    return job.out / MODEL
