"""General ability of a checkpoint: the share of right answers to questions that are no policy.

python -m pipeline.safeguard_vl.ability MODEL [MODEL ...]
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from evaluators.base import Guardrail
from evaluators.spec import Options
from pipeline.evaluation import load_model
from pipeline.safeguard_vl.cache import SceneCache, draw_scenes
from pipeline.safeguard_vl.general import KINDS, Kind, general_question
from pipeline.safeguard_vl.model import Shape
from pipeline.safeguard_vl.recaption import PROFILE, Task

FIRST_SCENE = 6_000_000  # of the split `test`
SCENES = 150
LONGEST = 12  # tokens of an answer

Answers = dict[Kind, NDArray[np.bool_]]  # whether the answer on each picture is right


def general_ability(model: Guardrail, scenes: SceneCache, seed: int = 0) -> Answers:
    """One question of each kind on every picture. An answer is right when it is one of the true ones and
    nothing else."""
    generator = np.random.default_rng(seed)
    right: dict[Kind, list[bool]] = {kind: [] for kind in KINDS}
    for index in range(len(scenes)):
        cells, shown = scenes.cells[index], scenes.shown(index)
        asked = [general_question(kind, cells, shown, generator) for kind in KINDS]
        picture = Image.fromarray(np.asarray(scenes.images[index]))
        [outcomes] = model.judge([picture], [Task(one.question) for one in asked])
        for one, outcome in zip(asked, outcomes, strict=True):
            right[one.kind].append(outcome.text.strip() in one.answers)
    return {kind: np.array(answers) for kind, answers in right.items()}


def open_general(model: str) -> Guardrail:
    """A checkpoint, asked as it is asked for captions: the question alone, the answer its text."""
    return load_model(model, Options(profile=str(PROFILE), reading="text", max_new_tokens=LONGEST))


def unseen_scenes(folder: Path) -> SceneCache:
    """Scenes of the split `test` that no training has met, drawn into `folder`."""
    return draw_scenes(folder, Shape(), SCENES, first_seed=FIRST_SCENE, split="test")


def main(models: list[str]) -> None:
    """Print a line a model."""
    with TemporaryDirectory() as folder:
        scenes = unseen_scenes(Path(folder))
        print(f"{len(scenes)} unseen scenes, one question of each kind a scene; right answers in %")
        print(f"{'model':30}", *(f"{kind:>9}" for kind in KINDS))
        for name in models:
            answers = general_ability(open_general(name), scenes)
            print(f"{name[-30:]:30}", *(f"{100 * answers[kind].mean():9.1f}" for kind in KINDS))


if __name__ == "__main__":
    main(sys.argv[1:])
