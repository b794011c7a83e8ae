"""How a guardrail is asked and how its answers are read: a profile is data, one TOML file each.

profile = load_profile("plain")
messages = profile.messages(policy.text())   # chat turns with one {"type": "image"} part
reading = profile.read("Unsafe.")            # "unsafe"
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, get_args

from bench import answer_forms
from bench.answer_forms import AnswerForm, Words
from bench.schema import LABELS, Label
from bench.verdict import Reading

PROFILES = Path(__file__).with_name("profiles")

Part = dict[str, str]  # {"type": "image"} or {"type": "text", "text": ...}
Message = dict[str, str | list[Part]]  # {"role": ..., "content": [parts]}

IMAGE, POLICY = "{image}", "{policy}"


class ProfileError(ValueError):
    """A profile does not exist or says something that cannot be meant; the message names the remedy."""


@dataclass(frozen=True, slots=True)
class Profile:
    """One way to ask and to read.

    `user` holds `{image}` and `{policy}` once each, in the order the model sees them; it is a user turn of
    the model's own chat template, or, with `chat` false, the whole prompt as it is, special tokens and all.
    The answer is made to begin with `forced`, up to where the label stands; a model that thinks first writes
    `after` right before its label. `safe` and `unsafe` are the words of the two labels at that place;
    `answers` is the form (`bench.answer_forms`) that a written answer must have, `forced` included.
    """

    id: str
    user: str
    system: str = ""
    chat: bool = True
    forced: str = ""
    after: str = ""
    safe: tuple[str, ...] = ("safe",)
    unsafe: tuple[str, ...] = ("unsafe",)
    answers: AnswerForm = "strict"
    max_new_tokens: int = 8

    def __post_init__(self) -> None:
        for mark in (IMAGE, POLICY):
            if (found := self.user.count(mark)) != 1:
                raise self._error("user", f"holds {mark} {found} times; write it once")
        if self.system and not self.chat:
            raise self._error("system", "has no place in a prompt without chat turns; write it into user")
        if self.max_new_tokens < 1:
            raise self._error("max_new_tokens", f"is {self.max_new_tokens}; an answer needs 1 or more")
        if self.answers not in get_args(AnswerForm):
            known = ", ".join(get_args(AnswerForm))
            raise self._error("answers", f"is {self.answers!r}; known are {known}")
        for label, words in zip(LABELS, (self.safe, self.unsafe), strict=True):
            if not words:
                raise self._error(label, "is empty; name a word that says so")
            for word in words:
                self._check(label, word)

    def messages(self, policy_text: str) -> list[Message]:
        """The chat turns, with the picture as one part `{"type": "image"}`."""
        before, after = (part.replace(POLICY, policy_text) for part in self.user.split(IMAGE))
        texts = [[{"type": "text", "text": text}] if text else [] for text in (before, after)]
        turn: Message = {"role": "user", "content": [*texts[0], {"type": "image"}, *texts[1]]}
        system: Message = {"role": "system", "content": [{"type": "text", "text": self.system}]}
        return [system, turn] if self.system else [turn]

    def prompt(self, policy_text: str, image_mark: str) -> str:
        """The whole prompt of a profile without chat turns; `image_mark` stands for the picture.

        Raises ProfileError where the policy holds the mark too, which would ask for a second picture.
        """
        if image_mark and image_mark in policy_text:
            raise ProfileError(
                f"a policy text holds {image_mark!r}, the model's mark of a picture; reword it"
            )
        return self.user.replace(IMAGE, image_mark).replace(POLICY, policy_text)

    def read(self, text: str) -> Reading:
        """What a written answer says; `text` begins after `forced`, which is put back before it is read."""
        return answer_forms.read(self.answers, self.forced + text, Words(self.safe, self.unsafe))

    @property
    def digest(self) -> str:
        """sha256 of everything in the profile, as hex: part of every run's key."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()

    def _check(self, label: Label, word: str) -> None:
        """An answer that says the word must read as its label, or every answer would be unparseable."""
        answer = answer_forms.example(self.answers, word)
        if self.forced and not self.after:  # then the label stands right after `forced`
            answer = self.forced + word + answer.rpartition(word)[2]
        words = Words(self.safe, self.unsafe)
        if (reading := answer_forms.read(self.answers, answer, words)) != label:
            remedy = "change the word, forced or answers so that they fit"
            raise self._error(label, f"{word!r} reads as {reading} in the answer {answer!r}; {remedy}")

    def _error(self, field: str, problem: str) -> ProfileError:
        return ProfileError(f"{self.id}.toml: {field} {problem}")


def load_profile(name: str = "plain") -> Profile:
    """A profile that ships, by its name, or one of the user's, by the path of its TOML file.

    Raises ProfileError naming the file, the field and the remedy.
    """
    path = Path(name) if name.endswith(".toml") else PROFILES / f"{name}.toml"
    if not path.is_file():
        known = ", ".join(sorted(file.stem for file in PROFILES.glob("*.toml")))
        raise ProfileError(f"there is no profile {name!r}; known are {known}, or a path that ends in .toml")
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ProfileError(f"{path.name} is not TOML: {error}") from error
    return _profile(path, told)


def suggested_profile(model_type: str, name: str) -> str:
    """The profile that a checkpoint's `model_type` and name hint at; to be told to the user, never taken."""
    told = name.lower()
    if model_type == "shieldgemma2":
        return "shieldgemma2"
    if model_type == "llama4" and "guard" in told:
        return "llama-guard-4"
    if "llavaguard" in told or "qwenguard" in told:
        return "llavaguard"
    known = {"safeguard-vl-rl": "safeguard-vl", "policyshiftguard": "policyshiftguard"}
    return next((profile for part, profile in known.items() if part in told), "plain")


def _profile(path: Path, told: dict[str, object]) -> Profile:
    kinds = {field.name: str(field.type) for field in fields(Profile) if field.name != "id"}
    if strange := sorted(told.keys() - kinds.keys()):
        raise ProfileError(f"{path.name}: unknown field {strange[0]!r}; known are {', '.join(sorted(kinds))}")
    if "user" not in told:
        raise ProfileError(f"{path.name}: user is missing; write the prompt, with {IMAGE} and {POLICY}")
    values = {name: _value(f"{path.name}: {name}", kinds[name], value) for name, value in told.items()}
    return Profile(id=path.stem, **values)


def _value(place: str, kind: str, value: object) -> Any:
    """A value as the field's kind has it: TOML's lists become tuples, and a bool is no number."""
    if kind.startswith("tuple"):
        if isinstance(value, list) and all(isinstance(word, str) for word in value):
            return tuple(value)
        raise ProfileError(f'{place} is {value!r}; write a list of words, as in ["safe"]')
    wanted, said = {"bool": (bool, "true or false"), "int": (int, "a whole number")}.get(
        kind, (str, "a text in quotes")
    )
    if type(value) is not wanted:
        raise ProfileError(f"{place} is {value!r}; write {said}")
    return value
