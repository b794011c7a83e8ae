"""Image classifiers that know one policy, opened from an ONNX file and a description beside it."""

from __future__ import annotations

import math
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bench.policy import load_policies
from evaluators.classifier_input import SHIPPED, ClassifierInput, read_input
from evaluators.runner import evaluate
from evaluators.spec import load_guardrail
from tests.evaluators.stand_in import MemoryBenchmark, picture

POLICIES = load_policies()
DESCRIPTION = """
size = 4
layout = "NCHW"
classes = ["red", "green", "blue"]
unsafe = ["red"]
output = "logits"
scale = 0.1
"""


def classifier(folder: Path, description: str = DESCRIPTION) -> Path:
    """A model whose logits are the mean of each channel, with its description beside it."""
    from onnx import TensorProto, helper, save

    shape = ["N", 4, 4, 3] if "NHWC" in description else ["N", 3, 4, 4]
    axes = [1, 2] if "NHWC" in description else [2, 3]
    graph = helper.make_graph(
        [helper.make_node("ReduceMean", ["image", "axes"], ["logits"], keepdims=0)],
        "mean",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["N", 3])],
        [helper.make_tensor("axes", TensorProto.INT64, [2], axes)],
    )
    save(
        helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9), folder / "m.onnx"
    )
    (folder / "m.toml").write_text(description)
    return folder / "m.onnx"


def colour(red: int, green: int, blue: int) -> Image.Image:
    return Image.new("RGB", (8, 6), (red, green, blue))


def test_it_answers_by_its_own_policy_whatever_is_asked(tmp_path: Path) -> None:
    guardrail = load_guardrail(f"onnx:{classifier(tmp_path)}")
    red, blue = guardrail.judge([colour(40, 20, 20), colour(20, 20, 40)], POLICIES)
    p = math.exp(4) / (math.exp(4) + 2 * math.exp(2))
    assert red[0].p_unsafe == pytest.approx(p, rel=1e-6)
    assert red[0].margin == pytest.approx(math.log(p / (1 - p)), rel=1e-6)
    assert [outcome.status for outcome in red] == ["unsafe"] * 5
    assert [outcome.status for outcome in blue] == ["safe"] * 5
    assert guardrail.device in ("cpu", "cuda")


@pytest.mark.parametrize(("channels", "layout"), [("RGB", "NHWC"), ("BGR", "NCHW"), ("BGR", "NHWC")])
def test_layouts_and_channels(tmp_path: Path, channels: str, layout: str) -> None:
    description = DESCRIPTION.replace("NCHW", layout) + f'channels = "{channels}"\n'
    guardrail = load_guardrail(f"onnx:{classifier(tmp_path, description)}")
    red, blue = (guardrail.judge([each], POLICIES[:1])[0][0] for each in (colour(90, 0, 0), colour(0, 0, 90)))
    assert (red.status, blue.status) == (("safe", "unsafe") if channels == "BGR" else ("unsafe", "safe"))


def test_the_picture_is_resized_cut_and_normalised() -> None:
    takes = ClassifierInput(
        2, ("a", "b"), ("b",), resize=4, scale=0.5, mean=(10.0, 0.0, 0.0), std=(2.0, 1.0, 1.0)
    )
    pixels = np.zeros((4, 4, 3), dtype=np.uint8)
    pixels[1:3, 1:3] = (100, 60, 20)
    tensor = takes.tensor(Image.fromarray(pixels))
    assert tensor.shape == (3, 2, 2)
    assert tensor.dtype == np.float32
    assert [float(channel[0, 0]) for channel in tensor] == [20.0, 30.0, 10.0]


def test_probabilities_of_several_unsafe_classes_add_up() -> None:
    takes = ClassifierInput(224, ("NSFL", "NSFW", "SFW"), ("NSFL", "NSFW"))
    outputs = np.array([[0.2, 0.5, 0.3], [0.0, 0.1, 0.9]], dtype=np.float32)
    assert takes.p_unsafe(outputs) == pytest.approx([0.7, 0.1])


def test_a_run_is_bound_to_the_model_and_to_its_description(tmp_path: Path) -> None:
    model = classifier(tmp_path)
    evaluate(load_guardrail(f"onnx:{model}"), MemoryBenchmark(), tmp_path / "run")
    (tmp_path / "m.toml").write_text(DESCRIPTION.replace("0.1", "0.2"))
    with pytest.raises(ValueError, match=r"differs \(guardrail\.weights was"):
        evaluate(load_guardrail(f"onnx:{model}"), MemoryBenchmark(), tmp_path / "run")


@pytest.mark.parametrize("name", sorted(file.stem for file in SHIPPED.glob("*.toml")))
def test_known_classifiers_need_no_description(name: str, tmp_path: Path) -> None:
    _, takes = read_input(tmp_path / f"{name}.onnx")
    shape = (3, 224, 224) if takes.layout == "NCHW" else (224, 224, 3)
    assert takes.tensor(picture(1)).shape == shape


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('layout = "NCHW"', 'layout = "HWC"', "layout is 'HWC'; known are NCHW, NHWC"),
        ('unsafe = ["red"]', 'unsafe = ["pink"]', r"unsafe is \['pink'\]; name some, not all"),
        ('unsafe = ["red"]', 'unsafe = ["red", "green", "blue"]', "name some, not all, of the classes"),
        ("size = 4", "sise = 4", "unknown field 'sise'; known are size, classes"),
        ("size = 4", "size = 4\nresize = 2", "size is 4 and resize 2; write 1 <= size <= resize"),
        ("size = 4", 'size = "4"', "size is '4', resize 0; write whole numbers"),
        ('unsafe = ["red"]', "", "unsafe is missing"),
        ("scale = 0.1", "std = [0.0, 1.0, 1.0]", "std none of them 0"),
        ("scale = 0.1", "scale = ", "Invalid value"),
    ],
)
def test_a_wrong_description_is_told_with_its_file(tmp_path: Path, old: str, new: str, told: str) -> None:
    model = classifier(tmp_path, DESCRIPTION.replace(old, new))
    with pytest.raises(ValueError, match=rf"m\.toml: .*{told}"):
        load_guardrail(f"onnx:{model}")


def test_a_model_without_a_description_shows_one(tmp_path: Path) -> None:
    model = classifier(tmp_path)
    (tmp_path / "m.toml").unlink()
    with pytest.raises(ValueError, match=r'(?s)m\.onnx needs m\.toml .*such as\nsize = 224\nlayout = "NCHW"'):
        load_guardrail(f"onnx:{model}")


def test_what_is_no_model_is_told(tmp_path: Path) -> None:
    classifier(tmp_path).write_bytes(b"not a model")
    with pytest.raises(ValueError, match=r"m\.onnx cannot be opened"):
        load_guardrail(f"onnx:{tmp_path / 'm.onnx'}")


@pytest.mark.parametrize(
    ("description", "detail"),
    [
        (DESCRIPTION.replace('["red", "green", "blue"]', '["red", "blue"]'), r"shape \(1, 3\), 2 classes"),
        (DESCRIPTION.replace('"logits"', '"probabilities"'), "p\\(unsafe\\) is 4; are the outputs logits"),
        (DESCRIPTION.replace("size = 4", "size = 5"), "(?i)invalid.*dimension"),
    ],
)
def test_outputs_that_do_not_fit_the_description_are_no_verdict(
    tmp_path: Path, description: str, detail: str
) -> None:
    guardrail = load_guardrail(f"onnx:{classifier(tmp_path, description)}")
    (outcome,) = guardrail.judge([colour(40, 20, 20)], POLICIES[:1])[0]
    assert outcome.status == "error"
    assert outcome.p_unsafe is None
    assert re.search(detail, outcome.detail), outcome.detail
