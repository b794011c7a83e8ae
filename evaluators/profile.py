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
from typing import Any, Literal, get_args

from bench.verdict import Reading, parse

PROFILES = Path(__file__).with_name("profiles")

AnswerForm = Literal["strict"]
Part = dict[str, str]  # {"type": "image"} or {"type": "text", "text": ...}
Message = dict[str, str | list[Part]]  # {"role": ..., "content": [parts]}

IMAGE, POLICY = "{image}", "{policy}"


class ProfileError(ValueError):
    """A profile does not exist or says something that cannot be meant; the message names the remedy."""


@dataclass(frozen=True, slots=True)
class Profile:
    """One way to ask and to read.

    `user` holds `{image}` and `{policy}` once each, in the order the model sees them; it is a user turn of
    the model's own chat template, or, with `chat` false, the whole prompt as it is. The answer is made to
    begin with `forced`, up to where the label stands; a model that thinks first writes `after` right before
    its label. `safe` and `unsafe` are the words of the two labels at that place; `answers` is the form that
    a written answer must have.
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
            if self.user.count(mark) != 1:
                found = self.user.count(mark)
                raise ProfileError(f"{self.id}: user holds {mark} {found} times; write it once")
        if self.answers not in get_args(AnswerForm):
            raise ProfileError(f"{self.id}: answers is {self.answers!r}; known are {get_args(AnswerForm)}")
        if not self.safe or not self.unsafe or set(self.safe) & set(self.unsafe):
            raise ProfileError(f"{self.id}: safe and unsafe need words, and none in common")

    def messages(self, policy_text: str) -> list[Message]:
        """The chat turns, with the picture as one part `{"type": "image"}`."""
        before, after = (part.replace(POLICY, policy_text) for part in self.user.split(IMAGE))
        texts = [[{"type": "text", "text": text}] if text else [] for text in (before, after)]
        turn: Message = {"role": "user", "content": [*texts[0], {"type": "image"}, *texts[1]]}
        system: Message = {"role": "system", "content": [{"type": "text", "text": self.system}]}
        return [system, turn] if self.system else [turn]

    def prompt(self, policy_text: str, image_mark: str) -> str:
        """The whole prompt of a profile without chat turns; `image_mark` stands for the picture."""
        return self.user.replace(IMAGE, image_mark).replace(POLICY, policy_text)

    def read(self, text: str) -> Reading:
        """What a written answer says; `text` begins after `forced`."""
        return parse(text)

    @property
    def digest(self) -> str:
        """sha256 of everything in the profile, as hex: part of every run's key."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()


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
    except tomllib.TOMLDecodeError as error:
        raise ProfileError(f"{path.name} is not TOML: {error}") from error
    allowed = {field.name for field in fields(Profile)} - {"id"}
    if strange := sorted(set(told) - allowed):
        known = ", ".join(sorted(allowed))
        raise ProfileError(f"{path.name}: unknown field {strange[0]!r}; known are {known}")
    values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in told.items()}
    return Profile(id=path.stem, **values)
