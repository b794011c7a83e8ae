"""How well a guardrail in training does on scenes it never saw, policy by policy.

A quick look while training, on the drawn truth. What is published comes from the harness.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bench.policy import Policy
from pipeline.safeguard_vl.cache import SceneCache
from pipeline.safeguard_vl.data import encode_question
from pipeline.safeguard_vl.model import token_id
from pipeline.safeguard_vl.packing import Ask, last_hidden, pack, prefix_for
from pipeline.safeguard_vl.vision import encode

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast, Qwen2_5_VLForConditionalGeneration

    from pipeline.safeguard_vl.model import Shape

BATCH = 16


@dataclass(frozen=True, slots=True)
class PolicyScore:
    """Figures of one policy in [0, 1]; `f1` is on `unsafe` and NaN where nothing is unsafe."""

    policy: str
    cases: int
    unsafe_share: float
    accuracy: float
    f1: float

    @property
    def headline(self) -> float:
        """F1 on `unsafe`, or the accuracy where nothing is unsafe."""
        return self.accuracy if np.isnan(self.f1) else self.f1


def policy_score(policy: str, unsafe: NDArray[np.bool_], said: NDArray[np.bool_]) -> PolicyScore:
    """Figures from the truth and the answers of one policy's cases."""
    hits, either = int((unsafe & said).sum()), int(unsafe.sum() + said.sum())
    f1 = 2 * hits / either if unsafe.any() else float("nan")
    return PolicyScore(policy, len(unsafe), float(unsafe.mean()), float((unsafe == said).mean()), f1)


def headline(scores: Sequence[PolicyScore]) -> float:
    """The mean over the policies of F1 on `unsafe` (accuracy where a policy has no unsafe case)."""
    return float(np.mean([score.headline for score in scores]))


def says_unsafe(
    model: Qwen2_5_VLForConditionalGeneration,
    tokenizer: PreTrainedTokenizerFast,
    shape: Shape,
    images: NDArray[np.uint8],
    policies: Sequence[Policy],
    wording: int = 0,
) -> NDArray[np.bool_]:
    """Whether `unsafe` is likelier than `safe`, (B, policies), for uint8 (B, S, S, 3) pictures."""
    import torch

    side = shape.grid // 2
    prefix = prefix_for(tokenizer, side, side)
    questions = [encode_question(tokenizer, policy, wording) for policy in policies]
    asks = [Ask(question.ids, len(question.ids)) for question in questions]
    safe, unsafe = token_id(tokenizer, "safe"), token_id(tokenizer, "unsafe")
    ends = torch.tensor([len(ask.ids) - 1 for ask in asks]).repeat(len(images))
    with torch.no_grad():
        packed = pack(asks * len(images))
        hidden = last_hidden(model, prefix, encode(model, images, shape), packed)
        logits = model.lm_head(hidden[torch.arange(len(hidden)), ends])
    return np.asarray((logits[:, unsafe] > logits[:, safe]).reshape(len(images), -1).numpy())


def score_scenes(
    model: Qwen2_5_VLForConditionalGeneration,
    tokenizer: PreTrainedTokenizerFast,
    shape: Shape,
    cache: SceneCache,
    policies: Sequence[Policy],
    *,
    wording: int = 0,
    clean: bool = False,
) -> list[PolicyScore]:
    """Scores over every scene of the cache, or over their clean counterparts."""
    images = cache.clean if clean else cache.images
    said = np.concatenate(
        [
            says_unsafe(model, tokenizer, shape, np.asarray(images[start : start + BATCH]), policies, wording)
            for start in range(0, len(cache), BATCH)
        ]
    )
    shown = [() if clean else cache.shown(index) for index in range(len(cache))]
    truth = np.array([[policy.judge(seen).label == "unsafe" for policy in policies] for seen in shown])
    return [policy_score(p.id, truth[:, i], said[:, i]) for i, p in enumerate(policies)]
