"""Tiny random checkpoints of real families, built offline: own tokenizer, real processor, safetensors.

Each builder saves a folder that the Auto classes load. Weights are random, so answers mean nothing; what the
tests hold is that every reading is exact.
"""

from __future__ import annotations

from tests.tiny.others import gemma3, llava, smolvlm
from tests.tiny.qwen import qwen2_5_vl, qwen3_5, qwen3_vl

# SmolVLM is Idefics3's code under another name.
BUILDERS = {
    "gemma3": gemma3,
    "llava": llava,
    "qwen2_5_vl": qwen2_5_vl,
    "qwen3_5": qwen3_5,
    "qwen3_vl": qwen3_vl,
    "smolvlm": smolvlm,
}

__all__ = ["BUILDERS", "gemma3", "llava", "qwen2_5_vl", "qwen3_5", "qwen3_vl", "smolvlm"]
