"""The recaption stage: a recipe's pictures, a writer by its name, and a file of captions."""

from __future__ import annotations

from pathlib import Path

from evaluators.spec import Options
from pipeline.evaluation import load_model
from pipeline.safeguard_vl.material import material
from pipeline.safeguard_vl.recaption import PROFILE, by_model, from_truth, recaption
from pipeline.safeguard_vl.tune import Progress
from pipeline.safeguard_vl.tuning import Tuning

TRUTH = "truth"


def write_captions(
    tuning: Tuning, data: Path | None, writer: str, out: Path, progress: Progress
) -> list[str]:
    """Caption the pictures of a recipe into the file `out`; what failed, one line each.

    `writer` is "truth", or a model as `evaluate` takes it; the pictures are kept in a folder beside the file.
    """
    pictures = out.with_name(out.stem + "-pictures")
    _, shots = material(tuning.cases, data, pictures, lambda done, of: progress("pictures", done, of))

    def told(done: int, of: int) -> None:
        progress("captions", done, of)

    if writer == TRUTH:
        return recaption(shots, from_truth, TRUTH, out, progress=told)
    model = load_model(writer, Options(profile=str(PROFILE), reading="text"))
    return recaption(shots, by_model(model), model.name, out, at_once=model.images_at_once, progress=told)
