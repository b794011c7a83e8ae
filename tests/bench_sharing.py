"""What sharing costs and gains: how far margins move, and how long a picture takes.

    OMP_NUM_THREADS=1 python -m tests.bench_sharing

For SafeGuard-VL tiny on drawn scenes and for six random families on noise, five policies a picture: the
largest difference of a margin (in nats) to the same case run alone, verdicts that turn, milliseconds a
picture (the best of three rounds), and the vision encodes and prompt tokens computed for a picture.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from bench.policy import load_policies
from evaluators.base import Outcome
from evaluators.loading import DType
from evaluators.sharing import Sharing
from evaluators.transformers_vlm import Decoding, TransformersVLM
from pipeline.safeguard_vl.train import TINY
from pipeline.scenes import make_scene
from tests import tiny
from tests.evaluators.stand_in import picture

POLICIES = load_policies()
BATCHES: tuple[tuple[Sharing, int], ...] = (("none", 1), ("exact", 1), ("fast", 1), ("fast", 4))
PRECISIONS: tuple[DType, ...] = ("float32", "bfloat16", "float16")


def judged(vlm: TransformersVLM, images: Sequence[Image.Image]) -> list[Outcome]:
    """All cases, as many pictures at once as the guardrail likes."""
    step = vlm.images_at_once
    parts = (images[start : start + step] for start in range(0, len(images), step))
    return [outcome for part in parts for row in vlm.judge(part, POLICIES) for outcome in row]


def measure(name: str, folder: Path, images: Sequence[Image.Image], dtype: DType) -> None:
    alone: list[Outcome] = []
    for sharing, size in BATCHES:
        decoding = Decoding(min_label_mass=0.0, sharing=sharing)
        vlm = TransformersVLM.load(
            str(folder), device="cpu", dtype=dtype, decoding=decoding, images_at_once=size
        )
        cases, best = judged(vlm, images), float("inf")
        for _ in range(3):
            start = time.perf_counter()
            judged(vlm, images)
            best = min(best, time.perf_counter() - start)
        alone = alone or cases
        moved = max(abs(a.margin - b.margin) for a, b in zip(alone, cases, strict=True))
        turned = sum(a.status != b.status for a, b in zip(alone, cases, strict=True))
        notes = vlm.notes
        tokens = (notes["prefix_tokens"] + notes["suffix_tokens"]) / notes["images"]
        encodes = notes["vision_encodes"] / notes["images"]
        print(
            f"{name:18} {dtype:9} {sharing:6} {size:4} {moved:9.1e} {turned:6} "
            f"{best / len(images) * 1000:10.1f} {encodes:8.1f} {tokens:8.0f}",
            flush=True,
        )


def main() -> None:
    print(
        f"{'model':18} {'precision':9} {'shared':6} {'at 1':>4} {'moved':>9} {'turned':>6} "
        f"{'ms/picture':>10} {'encodes':>8} {'tokens':>8}"
    )
    scenes = [Image.fromarray(make_scene(9_200_000 + i, split="test").image) for i in range(12)]
    noise = [picture(i, size) for i, size in enumerate([(64, 64), (90, 70), (70, 90)] * 4)]
    for dtype in PRECISIONS:
        measure("safeguard-vl-tiny", TINY, scenes, dtype)
    with tempfile.TemporaryDirectory() as place:
        for name, build in tiny.BUILDERS.items():
            folder = Path(place) / name
            folder.mkdir()
            build(folder)
            for dtype in PRECISIONS:
                measure(name, folder, noise, dtype)


if __name__ == "__main__":
    main()
