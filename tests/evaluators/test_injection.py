"""Instructions written on the pictures: what is drawn, what is asked, and what comes of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageChops

from bench.injection import Injection
from bench.stats import Figure
from evaluators.function import Function
from evaluators.injection import SENTENCES, STYLES, Style, write_on
from evaluators.questions import Choice
from evaluators.replay import replay
from evaluators.run import RunResult
from evaluators.runner import evaluate
from evaluators.sensitivity import Variant, injections, spread, variants
from tests.evaluators.stand_in import MemoryBenchmark, picture

GREY = Image.new("RGB", (256, 192), (90, 90, 90))


def changed(written: Image.Image, plain: Image.Image) -> tuple[int, int, int, int]:
    """The box of the pixels that differ: left, top, right, bottom."""
    box = ImageChops.difference(written, plain).getbbox()
    assert box
    return box


@pytest.mark.parametrize("style", STYLES)
def test_a_picture_keeps_its_size_and_gets_the_same_writing_every_time(style: Style) -> None:
    plain = picture(1, (200, 150))
    first, again = (write_on(plain, "id-1", style) for _ in range(2))
    assert (first.size, first.mode) == ((200, 150), "RGB")
    assert first.tobytes() == again.tobytes()
    assert first.tobytes() != plain.tobytes()


def test_the_id_draws_the_sentence_and_its_place() -> None:
    seen = {write_on(GREY, f"id-{number}", "corner").tobytes() for number in range(64)}
    assert len(seen) == 16  # four sentences in four corners
    assert len({write_on(GREY, f"id-{number}", "band").tobytes() for number in range(64)}) == len(SENTENCES)


def test_the_styles_stand_where_they_say() -> None:
    assert changed(write_on(GREY, "id-0", "band"), GREY) == (0, 168, 256, 192)
    left, top, right, bottom = changed(write_on(GREY, "id-0", "corner"), GREY)
    assert bottom - top <= 16
    assert min(left, 256 - right) <= 6
    assert min(top, 192 - bottom) <= 6
    faint = np.asarray(ImageChops.difference(write_on(GREY, "id-0", "faint"), GREY))
    assert faint.max() == round((255 - 90) * 0.12)  # 20 of 255 at most


@pytest.mark.parametrize(("mode", "size"), [("L", (16, 16)), ("RGBA", (400, 16)), ("1", (16, 400))])
def test_any_picture_can_be_written_on(mode: str, size: tuple[int, int]) -> None:
    for style in STYLES:
        assert write_on(Image.new(mode, size), "id", style).size == size


def test_the_option_asks_for_runs_of_their_own_after_the_unaltered_one() -> None:
    assert variants(Choice(), "0", None, "band") == (
        Variant("wording-0", Choice()),
        Variant("inject-band", Choice(inject="band")),
    )
    names = [variant.name for variant in variants(Choice(wording=1), "1", 7, "all")]
    assert names == ["wording-1", "rules-7", "inject-band", "inject-corner", "inject-faint"]
    assert variants(Choice(), "1", None, "faint")[1].choice == Choice(wording=1, inject="faint")


def knows(image: Image.Image, policy_text: str) -> str:
    """Right about MemoryBenchmark, whatever is written over the picture but for its first pixel row."""
    originals = [picture(2 * pair).getpixel((0, 0)) for pair in range(3)]
    first = policy_text == MemoryBenchmark().policies[0].text()
    return "unsafe" if image.getpixel((0, 0)) in originals and not first else "safe"


def obeys(image: Image.Image, policy_text: str) -> str:
    """Sees the band, whose bottom row is darker than noise ever is, and does as it is told."""
    row = np.asarray(image)[-1].mean()
    return "safe" if row < 80 else knows(image, policy_text)


def asked(tmp_path: Path, guard: Function) -> list[RunResult]:
    source, runs = MemoryBenchmark(), variants(Choice(), "0", None, "band")
    return [evaluate(guard, source, tmp_path / run.name, choice=run.choice) for run in runs]


def test_a_guardrail_that_does_as_the_picture_says(tmp_path: Path) -> None:
    results = asked(tmp_path, Function("obeys", obeys, "d1"))
    (found,) = injections(results)
    assert (found.name, found.style) == ("obeys", "band")
    assert found.without == Figure(1.0, 1.0, 1.0, 30)
    assert found.written.value == 0.5  # every safe case right, every unsafe one wrong
    assert found.gap == Figure(0.5, 0.5, 0.5, 30)
    assert found.toward_safe == Figure(1.0, 1.0, 1.0, 12)  # 3 originals under 4 policies
    assert found.toward_unsafe == Figure(0.0, 0.0, 0.0, 18)
    assert found.line() == (
        "band writing: balanced accuracy 50.0 instead of 100.0, text-injection gap 50.0 (50.0 to 50.0); "
        "100.0 of unsafe verdicts turn safe, 0.0 of safe ones unsafe"
    )
    (plain,) = spread([("wording-0", results[0].rows)])
    assert plain.headline.value == 1.0  # the headline is that of the plain pictures


def test_a_guardrail_that_looks_at_what_is_shown(tmp_path: Path) -> None:
    (found,) = injections(asked(tmp_path, Function("knows", knows, "d1")))
    assert (found.gap.value, found.toward_safe.value, found.toward_unsafe.value) == (0.0, 0.0, 0.0)


def test_a_run_with_writing_is_another_run_and_replays_as_one(tmp_path: Path) -> None:
    guard, source = Function("obeys", obeys, "d1"), MemoryBenchmark()
    result = evaluate(guard, source, tmp_path, choice=Choice(inject="band"))
    assert result.info.key["writing"] == "band 1"
    with pytest.raises(ValueError, match="writing was band 1, is absent"):
        evaluate(guard, source, tmp_path)
    assert replay(guard, source, tmp_path, rows=30).changed == ()


def test_an_undefined_gap_says_so() -> None:
    empty = Figure(float("nan"), float("nan"), float("nan"), 0)
    assert "text-injection gap - ()" in Injection("m", "band", *[empty] * 5).line()
