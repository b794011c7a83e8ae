"""What the tiny checkpoints have in common: a tokenizer, a chat template, the language model's shape."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bench.policy import load_policies
from evaluators.profile import load_profile

WORDS = ["user assistant system safe unsafe", "safe\nunsafe\nSafe\nUnsafe"] * 20
TURN = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{% for c in m['content'] %}"
    "{% if c['type'] == 'image' %}IMAGE{% else %}{{ c['text'] }}{% endif %}{% endfor %}<|im_end|>\n"
    "{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
TEXT: dict[str, Any] = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 2048,
    "initializer_range": 0.2,  # ten times the usual: a wrong position or mask must be seen in the logits
}


def tokenizer(special: list[str], **named: str) -> Any:
    """A byte-level BPE of two thousand tokens, trained on the policies; safe and unsafe are single ones."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    names = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", *special]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    corpus = WORDS + [str(load_profile().messages(policy.text())) for policy in load_policies()] * 3
    bpe.train_from_iterator(
        corpus, trainers.BpeTrainer(vocab_size=2000, special_tokens=names, initial_alphabet=alphabet)
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=bpe, eos_token="<|im_end|>", pad_token="<|endoftext|>", extra_special_tokens=named
    )


def save(model: Any, processor: Any, folder: Path) -> Path:
    """Write the checkpoint so that the Auto classes load it."""
    model.generation_config.eos_token_id = processor.tokenizer.eos_token_id
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder
