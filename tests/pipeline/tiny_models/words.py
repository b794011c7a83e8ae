"""Tokenizers small enough to read: they spell out what they do not know."""

from __future__ import annotations

import json
import string
from pathlib import Path

from transformers import BertTokenizerFast, CLIPTokenizerFast

LETTERS = string.ascii_lowercase
WORDS = ("a", "the", "of", "gun", "knife", "bomb", "pistol", "rifle", "bottle", "beer", "wine", ".", ",")


def bert_tokenizer(folder: Path) -> BertTokenizerFast:
    """A BERT tokenizer of a few words and all letters; GroundingDINO cuts its caption at the dots."""
    folder.mkdir(parents=True, exist_ok=True)
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS, *LETTERS, *(f"##{one}" for one in LETTERS)]
    (folder / "vocab.txt").write_text("\n".join(dict.fromkeys(words)))
    return BertTokenizerFast(vocab=str(folder / "vocab.txt"))


def clip_tokenizer(folder: Path, longest: int = 77) -> CLIPTokenizerFast:
    """A CLIP tokenizer that spells every word out."""
    folder.mkdir(parents=True, exist_ok=True)
    letters = [*LETTERS, ",", ".", "-"]
    # not at 0: OWLv2 takes a query that starts with token 0 for padding
    tokens = [*letters, *(f"{letter}</w>" for letter in letters), "<|startoftext|>", "<|endoftext|>"]
    (folder / "vocab.json").write_text(json.dumps({token: index for index, token in enumerate(tokens)}))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    return CLIPTokenizerFast(
        vocab=str(folder / "vocab.json"), merges=str(folder / "merges.txt"), model_max_length=longest,
        bos_token="<|startoftext|>", eos_token="<|endoftext|>", unk_token="<|endoftext|>",
        pad_token="<|endoftext|>",
    )  # fmt: skip
