"""Train SafeGuard-VL tiny from nothing: draw the scenes, run the recipe, write the model.

    train(RECIPES / "tiny.toml", Path("build/tiny"))

Everything between runs lies in the folder given; call it again after a stop and it goes on.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pipeline.safeguard_vl.art import open_art
from pipeline.safeguard_vl.cache import draw_scenes
from pipeline.safeguard_vl.pretrain import pretrain
from pipeline.safeguard_vl.recipe import read_recipe
from pipeline.safeguard_vl.supplies import art_supply

RECIPES = Path(__file__).with_name("recipes")
TINY = Path(__file__).with_name("safeguard-vl-tiny")  # the weights that ship


def train(recipe: Path, out: Path, progress: Callable[[str, int, int], None] | None = None) -> Path:
    """Run `recipe`; returns the folder of the finished model, `out/model`.

    `out/scenes` holds the drawn scenes, `out/state` the training between runs, and `out/art/cache` the art
    that fetch_art and art have put there, for a recipe whose stages paste any. `progress` is told the part
    ("scenes" or "training"), how much of it is done, and how much there is.
    """
    settings = read_recipe(recipe)
    needs_art = any(stage.art for stage in settings.stages)
    art = art_supply(open_art(out / "art" / "cache"), settings.shape.image_size) if needs_art else None

    def told(part: str) -> Callable[[int, int], None]:
        return lambda done, total: progress(part, done, total) if progress is not None else None

    scenes = draw_scenes(
        out / "scenes",
        settings.shape,
        settings.scenes,
        first_seed=settings.first_scene,
        progress=told("scenes"),
    )
    pretrain(settings, scenes, out / "state", out / "model", progress=told("training"), art=art)
    return out / "model"
