"""The reference for all sharing: transformers called by hand on one prompt, with no cache and no batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from PIL import Image

from evaluators.profile import Profile, load_profile


@dataclass(frozen=True)
class ByHand:
    """A model and its processor as the Auto classes give them."""

    model: Any
    processor: Any

    @classmethod
    def load(cls, folder: Path) -> ByHand:
        from transformers import AutoModelForImageTextToText, AutoProcessor

        torch.set_num_threads(1)
        model = AutoModelForImageTextToText.from_pretrained(folder, dtype=torch.float32)
        return cls(model.eval(), AutoProcessor.from_pretrained(folder))

    def inputs(self, image: Image.Image, policy_text: str, profile: Profile | None = None) -> dict[str, Any]:
        turns = [
            {
                **turn,
                "content": [{**p, "image": image} if p == {"type": "image"} else p for p in turn["content"]],
            }
            for turn in (profile or load_profile()).messages(policy_text)
        ]
        made = self.processor.apply_chat_template(
            turns, tokenize=True, return_dict=True, return_tensors="pt", add_generation_prompt=True
        )
        return dict(made)

    def logits(self, inputs: dict[str, Any], then: Sequence[int] = ()) -> torch.Tensor:
        """The next token's logits (vocabulary,), after the prompt and the tokens `then`."""
        longer = dict(inputs)
        for name, value in inputs.items():
            if value.shape == inputs["input_ids"].shape:  # ids, mask, and token types, which are 0 for text
                filler = {"input_ids": list(then), "attention_mask": [1] * len(then)}
                tail = torch.tensor([filler.get(name, [0] * len(then))], dtype=value.dtype)
                longer[name] = torch.cat([value, tail], dim=1)
        with torch.no_grad():
            logits: torch.Tensor = self.model(**longer, use_cache=False).logits[0, -1]
        return logits

    def written(self, inputs: dict[str, Any], tokens: int) -> list[int]:
        """What `generate` writes greedily."""
        made = self.model.generate(**inputs, max_new_tokens=tokens, do_sample=False)
        return list(made[0, inputs["input_ids"].shape[1] :].tolist())

    def tokens(self, text: str) -> list[int]:
        return list(self.processor.tokenizer(text, add_special_tokens=False)["input_ids"])
