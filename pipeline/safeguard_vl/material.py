"""From a recipe and perhaps a benchmark to the cases of a run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from bench.policy import Policy, load_policies
from pipeline.safeguard_vl.cases import Case, Draw, draw_cases
from pipeline.safeguard_vl.shots import Shot, benchmark_shots, scene_shots
from pipeline.safeguard_vl.tuning import CaseSettings, Tuning
from pipeline.safeguard_vl.unseen import kept_for_testing, made_up_policies

Progress = Callable[[int, int], None]


def cases_for(
    tuning: Tuning, data: Path | None, folder: Path, progress: Progress | None = None
) -> list[Case]:
    """The cases of a recipe on the benchmark `data`, or on scenes drawn into `folder` where it is None."""
    settings = tuning.cases
    policies, shots = material(settings, data, folder, progress)
    trained = chosen(policies, settings.policies)
    left_out = [policy for policy in policies if policy not in trained]
    kept = kept_for_testing(policies, settings.unseen_seeds, settings.unseen) if settings.unseen else []
    made_up = made_up_policies(settings.made_up, tuning.seed, [*left_out, *kept])
    draw = Draw(settings.count, tuning.seed, settings.made_up_share)
    return draw_cases(shots, trained, made_up, draw)


def material(
    settings: CaseSettings, data: Path | None, folder: Path, progress: Progress | None
) -> tuple[Sequence[Policy], list[Shot]]:
    """All policies and pictures there are, before `settings.policies` chooses."""
    if data is not None:
        from bench.dataset import load_benchmark

        bench = load_benchmark(data)
        return bench.policies, benchmark_shots(
            bench, folder, split=settings.split, max_pixels=settings.max_pixels, progress=progress
        )
    if not settings.scenes:
        raise ValueError("the recipe draws no scenes (cases.scenes is 0); give a benchmark with --data")
    return load_policies(), scene_shots(
        folder,
        first_seed=settings.first_scene,
        count=settings.scenes,
        size=settings.size,
        progress=progress,
    )


def chosen(policies: Sequence[Policy], names: Sequence[str]) -> list[Policy]:
    """The policies of these ids, all where none is named. Raises ValueError for an unknown id."""
    known = {policy.id: policy for policy in policies}
    if unknown := [name for name in names if name not in known]:
        raise ValueError(f"cases.policies: there is no policy {unknown[0]!r}; known are {', '.join(known)}")
    return [known[name] for name in names] or list(policies)
