"""Cases as a `datasets.Dataset` in TRL's conversational form with one picture a row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bench import answer_forms
from bench.schema import Label
from evaluators.profile import Message, Profile
from pipeline.safeguard_vl.captions import Caption
from pipeline.safeguard_vl.cases import Case

if TYPE_CHECKING:
    from datasets import Dataset  # type: ignore[import-untyped]

DESCRIBE = "Describe this image."


def usable(profile: Profile) -> Profile:
    """The profile, or ValueError where TRL cannot ask as it does."""
    if not profile.chat or profile.forced:
        raise ValueError(
            f"profile {profile.id} writes the prompt or the answer's beginning by itself, and TRL asks "
            "through the chat template alone; train with plain, reasoning or safeguard-vl"
        )
    return profile


def verdict_rows(cases: Sequence[Case], profile: Profile) -> Dataset:
    """One row a case: `prompt`, `completion` (the right answer), `image`, and what rewards are told.

    SFT reads all of it; GRPO writes its own completions and leaves ours alone.
    """
    return _dataset(
        {
            "prompt": [profile.messages(case.policy_text) for case in cases],
            "completion": [_said(right_answer(profile, case.label)) for case in cases],
            "image": [str(case.shot.file) for case in cases],
            "label": [case.label for case in cases],
            "policy": [case.policy_id for case in cases],
            "case": list(range(len(cases))),
        }
    )


def caption_rows(captions: Sequence[Caption]) -> Dataset:
    """One row a picture: asked to describe it, the recaption is the answer. No policy, no verdict."""
    turn: Message = {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": DESCRIBE}]}
    return _dataset(
        {
            "prompt": [[turn] for _ in captions],
            "completion": [_said(caption.text) for caption in captions],
            "image": [caption.file for caption in captions],
        }
    )


def right_answer(profile: Profile, label: Label) -> str:
    """The shortest answer in the profile's form that says the label."""
    words = profile.safe if label == "safe" else profile.unsafe
    return answer_forms.example(profile.answers, words[0])


def _said(text: str) -> list[Message]:
    return [{"role": "assistant", "content": [{"type": "text", "text": text}]}]


def _dataset(columns: dict[str, list[object]]) -> Dataset:
    from datasets import Dataset, Image

    return Dataset.from_dict(columns).cast_column("image", Image())
