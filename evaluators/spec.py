"""From what a user writes for MODEL to a guardrail."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from bench.schema import LABELS
from evaluators.base import Guardrail
from evaluators.checkpoint import HUB_ID
from evaluators.constant import Constant
from evaluators.decision_server import DecisionServer
from evaluators.function import Function
from evaluators.onnx_classifier import OnnxClassifier
from evaluators.openai_server import OpenAIServer
from evaluators.profile import load_profile
from evaluators.server.usage import Prices
from evaluators.transformers_vlm import Decoding, DType, Method, Sharing, TransformersVLM

FORMS = """\
  FOLDER or owner/name       an AutoModelForImageTextToText checkpoint (safetensors)
  openai:URL#name            a model behind an OpenAI-compatible server, such as openai:http://127.0.0.1:8000/v1#guard
  decisions:URL#name         a model behind /v1/systemone or /v1/decisions, URL being all of that address
  python:module:function     function(image, policy_text) -> text or probability of unsafe
  onnx:FILE                  an image classifier that knows one policy, its own
  constant:safe|unsafe       the same answer to everything"""

API_KEY_VARIABLE = "SAFEEDITBENCH_API_KEY"


@dataclass(frozen=True, slots=True)
class Options:
    """What can be chosen for a guardrail. Each form of MODEL takes what concerns it."""

    device: str = "auto"
    dtype: DType = "auto"
    profile: str = "plain"
    reading: Method = "labels"
    sharing: Sharing = "exact"
    images_at_once: int = 1
    max_new_tokens: int | None = None  # None: the profile's
    min_label_mass: float = Decoding().min_label_mass
    concurrency: int = 8
    prices: Prices | None = None


def load_guardrail(spec: str, options: Options | None = None) -> Guardrail:
    """Load the guardrail a spec names; ValueError tells what is wrong with it and what can be written.

    A server's key is read from the environment (SAFEEDITBENCH_API_KEY) and stored nowhere.
    """
    options = options or Options()
    form, colon, rest = spec.partition(":")
    if colon and form == "constant":
        return _constant(rest)
    if colon and form == "python":
        return Function.load(rest)
    if colon and form == "onnx":
        return OnnxClassifier.load(Path(rest))
    if colon and form == "openai":
        return _server(rest, options)
    if colon and form == "decisions":
        return _decisions(rest, options)
    return _checkpoint(spec, options)


def _constant(label: str) -> Guardrail:
    if label in LABELS:
        return Constant(label)
    raise ValueError(f"constant:{label} is no answer, write constant:safe or constant:unsafe")


def _server(rest: str, options: Options) -> Guardrail:
    url, model = _address("openai", rest, "http://127.0.0.1:8000/v1")
    return OpenAIServer(
        url,
        model,
        api_key=os.environ.get(API_KEY_VARIABLE, ""),
        profile=load_profile(options.profile),
        reading=options.reading,
        max_tokens=options.max_new_tokens,
        min_label_mass=options.min_label_mass,
        prices=options.prices,
        concurrency=options.concurrency,
    )


def _decisions(rest: str, options: Options) -> Guardrail:
    url, model = _address("decisions", rest, "http://127.0.0.1:8000/v1/systemone")
    return DecisionServer(
        url,
        model,
        api_key=os.environ.get(API_KEY_VARIABLE, ""),
        min_label_mass=options.min_label_mass,
        prices=options.prices,
        concurrency=options.concurrency,
    )


def _address(form: str, rest: str, example: str) -> tuple[str, str]:
    """The URL and the model's name in `URL#name`."""
    url, _, model = rest.rpartition("#")
    if not url.startswith(("http://", "https://")) or not model:
        raise ValueError(f"{form}:{rest} is not {form}:URL#name, such as {form}:{example}#guard")
    return url, model


def _checkpoint(spec: str, options: Options) -> Guardrail:
    if not spec or not (Path(spec).is_dir() or HUB_ID.fullmatch(spec)):
        raise ValueError(f"MODEL {spec!r} is no folder and of no known form; known are\n{FORMS}")
    decoding = Decoding(options.reading, options.max_new_tokens, options.min_label_mass, options.sharing)
    return TransformersVLM.load(
        spec,
        profile=load_profile(options.profile),
        device=options.device,
        dtype=options.dtype,
        decoding=decoding,
        images_at_once=options.images_at_once,
    )
