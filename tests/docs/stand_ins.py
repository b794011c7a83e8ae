"""What stands in for the world outside when the guides' commands are run, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StandIn:
    """`text` of a command or a shown file becomes `becomes`; `{server}` is the test's server."""

    text: str
    becomes: str
    why: str


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Commands that begin with `text` are not run, for the reason given; that they exist is checked."""

    text: str
    why: str


RANDOM = "the architecture with random weights: nothing is downloaded in a test"
SHORT = "random weights are no better for more work"

STAND_INS = (
    StandIn("IDEA-Research/grounding-dino-base", "models/grounding-dino", RANDOM),
    StandIn("facebook/sam2.1-hiera-large", "models/sam2", RANDOM),
    StandIn("diffusers/stable-diffusion-xl-1.0-inpainting-0.1", "models/inpainting", RANDOM),
    StandIn("google/owlv2-large-patch14-ensemble", "models/owlv2", RANDOM),
    StandIn("path/or/hub-id", "models/qwen2_5_vl", RANDOM),
    StandIn("http://127.0.0.1:8000/v1", "{server}", "a server of the test answers"),
    StandIn("accelerate launch -m pipeline", "safeeditbench", "one process: several need several GPUs"),
    StandIn(
        "safeeditbench build --images my_unsafe_images",
        "safeeditbench build lenient.toml --images my_unsafe_images",
        "what random weights find and paint passes no check, so the check asks nothing; no Prefect server",
    ),
    StandIn(
        "safeeditbench build --images my_scenes",
        "safeeditbench build --runner loop --images my_scenes",
        "without Prefect's server, which tests/pipeline/test_build.py starts",
    ),
    StandIn('kind = "threads"', 'kind = "loop"', "the same"),
    StandIn("count = 4\n", 'count = 3\nsize = 96\n[runner]\nkind = "loop"\n', "small pictures, no Prefect"),
    StandIn("--count 4", "--count 3 --size 96", "small pictures"),
    StandIn("canvases = [1024]", "canvases = [64]", SHORT),
    StandIn("steps = 30", "steps = 1", SHORT),
    StandIn("attempts = 4", "attempts = 1", SHORT),
    StandIn('dtype = "bfloat16"', 'dtype = "float32"', "the CPU is slow at bfloat16"),
    StandIn(
        'backend = "grounded"',
        'backend = "grounded"\nmax_area_share = 1.0',
        "random weights see something everywhere",
    ),
    StandIn('backend = "detector"', 'backend = "detector"\ngone = 0.0', "random weights still see things"),
    StandIn("--recipe tiny", "--recipe brief.toml", "two steps instead of minutes"),
    StandIn("--recipe 3b-lora", "--recipe brief_captions.toml", "two steps of the small guardrail"),
    StandIn(
        "--writer openai:http://127.0.0.1:8000/v1#name",
        "--writer truth",
        "the test's server writes no captions; tests/safeguard_vl/test_recaption.py has one that does",
    ),
)

LEFT_OUT = (
    LeftOut("make demo", "minutes; its parts are the commands on these pages, and tests/pipeline runs them"),
    LeftOut("make test", "it is what runs this"),
    LeftOut("make label-studio", "installs Label Studio, which the test's server already runs from"),
    LeftOut("pip install", "installs from an index"),
    LeftOut("safeeditbench annotate serve", "serves until Ctrl-C; the test's server stands in for it"),
    LeftOut("safeeditbench playground", "serves until Ctrl-C; tests/playground opens it in a browser"),
    LeftOut("safeeditbench train all", "Prefect's server; tests/safeguard_vl/test_cli_train.py runs it"),
    LeftOut("safeeditbench train study", "hours; tests/safeguard_vl/test_study.py runs its first arms"),
    LeftOut("python -m pipeline.safeguard_vl.ability", "minutes; tests/safeguard_vl/test_general.py"),
    LeftOut("python -m pipeline.safeguard_vl.fetch_art", "downloads; tests/safeguard_vl/test_art.py"),
    LeftOut("python -m pipeline.safeguard_vl.art", "reads what was fetched; tests/safeguard_vl/test_art.py"),
    LeftOut("safeeditbench train guard", "hours; tests/safeguard_vl/test_train.py trains a smaller one"),
    LeftOut("safeeditbench train editor", "half an hour; tests/editor/test_train.py trains a smaller one"),
    LeftOut("python -m pipeline.editor.fetch_photos", "downloads; tests/editor/test_fetch_photos.py"),
)


def stood_in(text: str, server: str) -> str:
    """The text with everything replaced that has a stand-in; later ones see what earlier ones left."""
    ordered = sorted(STAND_INS, key=lambda each: -len(each.text))
    for each in ordered:
        text = text.replace(each.text, each.becomes.format(server=server))
    return text


def left_out(text: str) -> LeftOut | None:
    """Why a command is not run, or None where it is."""
    return next((each for each in LEFT_OUT if text.startswith(each.text)), None)
