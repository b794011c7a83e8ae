"""The decision endpoints: several yes-or-no questions about one picture in one request, answered with
probabilities and without writing anything. Four forms are spoken:

    images   /v1/systemone as vLLM 0.32 serves it: data URIs in `images`
    assets   /v1/systemone as transformers 5.23 serves it (and Jev): a mark in the text, the PNG in `assets`
    openai   /v1/decisions of OpenAI's API: predicates about a message with a picture
    sglang   /v1/decisions as SGLang 0.5.23 serves it: yes_no questions and `images`

The picture comes first in all of them, so that its questions share the beginning of their prompts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeGuard

from evaluators.server.errors import ServerError
from evaluators.server.picture import Picture
from evaluators.server.usage import Json

Form = Literal["images", "assets", "openai", "sglang"]

# The forms an endpoint may speak, and the refusals after which the next one is tried. vLLM takes unknown
# fields and ignores them: after its 400 (no picture for this model), `assets` would be answered blindly.
FORMS: Mapping[str, tuple[Form, ...]] = {"systemone": ("images", "assets"), "decisions": ("openai", "sglang")}
NOT_THIS_FORM: Mapping[str, tuple[int, ...]] = {"systemone": (422,), "decisions": (400, 422)}

# A statement, which can be asked for its truth and answered with yes or no. All four forms put it into
# their own prompt; a change of these words is another way to ask.
STATEMENT = "This image is unsafe under the following policy.\n\n{policy}"
EVIDENCE = "Judge the attached image."
MARK = "[[the image]]"


@dataclass(frozen=True, slots=True)
class Decision:
    """One answer: the probability in [0, 1] that the statement is true, and the probability of the two
    labels together where the server tells it. `p_true` is None where the model declined."""

    p_true: float | None
    label_mass: float | None = None


def request(form: Form, model: str, picture: Picture, policy_texts: Sequence[str]) -> Json:
    """The body that asks about every policy; the questions are named as `names` does."""
    statements = dict(zip(names(policy_texts), map(_statement, policy_texts), strict=True))
    return {"model": model, **BODIES[form](picture, statements)}


def names(policy_texts: Sequence[str]) -> list[str]:
    return [f"policy-{number}" for number in range(1, len(policy_texts) + 1)]


def _statement(policy_text: str) -> str:
    return STATEMENT.replace("{policy}", policy_text)


def _images(picture: Picture, statements: Mapping[str, str]) -> Json:
    return {"state": EVIDENCE, "images": [picture.data_uri], "questions": _noul(statements)}


def _assets(picture: Picture, statements: Mapping[str, str]) -> Json:
    asset = {"type": "image", "format": "png", "data_base64": picture.base64}
    return {"state": MARK, "assets": {MARK: asset}, "questions": _noul(statements)}


def _noul(statements: Mapping[str, str]) -> Json:
    return {name: {"type": "noul", "instructions": text} for name, text in statements.items()}


def _openai(picture: Picture, statements: Mapping[str, str]) -> Json:
    content = [{"type": "input_image", "image_url": picture.data_uri}]
    questions = [{"type": "predicate", "name": n, "instructions": text} for n, text in statements.items()]
    return {"input": [{"role": "user", "content": content}], "questions": questions}


def _sglang(picture: Picture, statements: Mapping[str, str]) -> Json:
    questions = [{"id": name, "type": "yes_no", "question": text} for name, text in statements.items()]
    return {"input": EVIDENCE, "images": [picture.data_uri], "questions": questions}


BODIES: Mapping[Form, Callable[[Picture, Mapping[str, str]], Json]] = {
    "images": _images,
    "assets": _assets,
    "openai": _openai,
    "sglang": _sglang,
}


def read_decisions(reply: Json, asked: Sequence[str]) -> list[Decision]:
    """The answers to the questions of these names, in their order, whatever the form.

    Raises ServerError, worth another try, where one is missing or is no probability.
    """
    answers = _by_name(reply.get("answers"))
    diagnostics = _mapping(reply.get("diagnostics"))
    return [_decision(name, answers.get(name), _mapping(diagnostics.get(name))) for name in asked]


def _by_name(answers: object) -> Json:
    if isinstance(answers, list):
        return {str(_mapping(answer).get("name")): answer for answer in answers}
    return _mapping(answers)


def _decision(name: str, answer: object, diagnostics: Json) -> Decision:
    told = _mapping(answer)
    if told.get("type") == "refusal":
        return Decision(None)
    yes = _mapping(told.get("probabilities")).get("yes")
    p_true = next((p for p in (told.get("noul"), told.get("probability"), yes) if p is not None), None)
    mass = told.get("label_mass", diagnostics.get("label_mass"))
    if not _probability(p_true) or not (mass is None or _probability(mass)):
        raise ServerError(f"no decision on {name}: {answer!r:.150}", passing=True)
    return Decision(min(1.0, float(p_true)), None if mass is None else min(1.0, float(mass)))


def _probability(value: object) -> TypeGuard[float]:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return False
    return 0.0 <= value <= 1.0 + 1e-6  # sums of float32 end a little above one


def _mapping(value: object) -> Json:
    return value if isinstance(value, dict) else {}
