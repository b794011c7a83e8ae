"""From random weights to a guardrail: read policies, see pictures, then both together.

A plain loop rather than TRL's SFTTrainer: from scratch the one-word answer teaches too little, so the
losses here reach into the middle of the model (see aids.py), and a picture is shared by its policies.
TRL starts from the weights that this leaves.

Every step is a function of the recipe's seed and its number; the state on disk is replaced whole every
two minutes. So a run that was killed goes on from its last state to the very weights of a smooth one.
"""

from __future__ import annotations

import csv
import io
import math
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from bench.concepts import CONTEXTS
from bench.staging import sweep, write_atomic
from pipeline.safeguard_vl.aids import SPREAD, Aids
from pipeline.safeguard_vl.align import align
from pipeline.safeguard_vl.batches import (
    Pasting,
    Pictures,
    choose_questions,
    context_flags,
    crops,
    drawn_pictures,
    spelt_pictures,
)
from pipeline.safeguard_vl.cache import SceneCache, concept_names
from pipeline.safeguard_vl.data import Question, ask, meanings, question_pool, tokenizer_texts
from pipeline.safeguard_vl.general import KINDS, general_ask, general_question
from pipeline.safeguard_vl.model import (
    build_config,
    build_model,
    build_processor,
    build_tokenizer,
    save_model,
)
from pipeline.safeguard_vl.packing import IGNORED, Ask, last_hidden, pack, prefix_for
from pipeline.safeguard_vl.recipe import Recipe, Stage
from pipeline.safeguard_vl.supplies import ArtSupply, MovedThings
from pipeline.safeguard_vl.vision import encode

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast, Qwen2_5_VLForConditionalGeneration

Row = dict[str, float | str]  # of the curve, by FIELDS
FIELDS = (
    "step",
    "stage",
    "loss",
    "answers_right",
    "names_right",
    "rules_right",
    "cells_named",
    "general_right",
)
WARMUP = 100
NOISE = SPREAD / 2  # on spelt pictures: what seeing will get wrong


class Pretraining:
    """The model in training with its aids, optimizer and curve; `scenes` may be None for a recipe that
    only reads, `art` for one whose stages paste none."""

    def __init__(
        self,
        recipe: Recipe,
        tokenizer: PreTrainedTokenizerFast,
        scenes: SceneCache | None,
        pool: Sequence[Question],
        art: ArtSupply | None = None,
    ) -> None:
        self.recipe, self.tokenizer, self.scenes, self.pool = recipe, tokenizer, scenes, pool
        self.art = art
        self.model = build_model(build_config(tokenizer, recipe.shape), recipe.seed)
        # On a CPU the plain attention is faster than the fused one in bfloat16 at these lengths.
        self.model.set_attn_implementation("eager")
        self.aids = Aids(len(concept_names()), len(CONTEXTS), recipe.shape.hidden)
        start_alike(self.model, self.aids, tokenizer)
        parameters = [*self.model.parameters(), *self.aids.parameters()]
        self.optimizer = torch.optim.AdamW(parameters, betas=(0.9, 0.98), weight_decay=0.01)
        side = recipe.shape.grid // 2
        self.prefix = prefix_for(tokenizer, side, side)
        self.step = 0
        self.curve: list[Row] = []
        self.recent: list[Row] = []  # steps since the curve's last line

    def pictures(self, stage: Stage, generator: np.random.Generator) -> Pictures:
        """The pictures of one step."""
        if stage.name == "read":
            return spelt_pictures(generator, stage.pictures, self.recipe.shape.grid // 2)
        if self.scenes is None:
            raise ValueError(f"stage {stage.name!r} needs scenes; draw them with cache.draw_scenes")
        if stage.art and self.art is None:
            raise ValueError(f"stage {stage.name!r} pastes art; open a cache with art.open_art")
        moved = MovedThings(self.scenes) if stage.moved else None
        pasting = Pasting(stage.moved, moved, stage.art, self.art if stage.art else None)
        pictures = drawn_pictures(generator, self.scenes, stage.pictures, len(self.scenes), pasting)
        return crops(pictures, generator, stage.crop) if stage.crop else pictures

    def losses(self, stage: Stage, generator: np.random.Generator) -> tuple[Tensor, dict[str, float]]:
        """The loss of one step, and the shares that were right."""
        pictures = self.pictures(stage, generator)
        cells = torch.from_numpy(pictures.cells.astype(np.int64))
        around = context_flags(pictures.around)
        shares: dict[str, float] = {}
        loss = torch.zeros(())
        if pictures.images is None:
            tokens = self.aids.spell(cells, around)
            noise = generator.standard_normal(tokens.shape, dtype=np.float32)
            tokens = tokens + NOISE * torch.from_numpy(noise)
        else:
            tokens = encode(self.model, pictures.images, self.recipe.shape)
            seeing, named = self.aids.seeing_loss(tokens, cells, around)
            loss, shares["cells_named"] = loss + seeing, float(named)
        if stage.policies or stage.general:
            asked, more = self.asking_loss(stage, pictures, tokens, generator)
            loss, shares = loss + asked, shares | more
        return loss, shares

    def asking_loss(
        self, stage: Stage, pictures: Pictures, tokens: Tensor, generator: np.random.Generator
    ) -> tuple[Tensor, dict[str, float]]:
        """Cross entropy of the answers and at the marks."""
        asks = self.asks(stage, pictures, generator)
        packed = pack(asks)
        hidden = last_hidden(self.model, self.prefix, tokens, packed)
        there = packed.answers != IGNORED
        logits = self.model.lm_head(hidden[there]).float()
        answers = packed.answers[there]
        marked, (rules, names) = self.aids.mark_loss(hidden, packed.marks)
        loss = F.cross_entropy(logits, answers) + marked
        first = torch.from_numpy(np.cumsum([0, *(len(ask.ids) - ask.answer for ask in asks[:-1])]))
        right = (logits.argmax(-1) == answers)[first].float().reshape(len(pictures.shown), -1)
        shares = {"names_right": names}
        if stage.policies:
            shares["answers_right"] = float(right[:, : stage.policies].mean())
        if stage.general:
            shares["general_right"] = float(right[:, stage.policies :].mean())
        return loss, shares | {"rules_right": rules}

    def asks(self, stage: Stage, pictures: Pictures, generator: np.random.Generator) -> list[Ask]:
        """Every picture's questions, picture by picture: verdicts, then what is no policy."""
        asks: list[Ask] = []
        for cells, shown in zip(pictures.cells, pictures.shown, strict=True):
            questions = choose_questions(generator, self.pool, shown, stage.policies)
            asks += [ask(self.tokenizer, question, shown) for question in questions]
            kinds = generator.permutation(len(KINDS))[: stage.general]
            general = [general_question(KINDS[kind], cells, shown, generator) for kind in kinds]
            asks += [general_ask(self.tokenizer, question) for question in general]
        return asks

    def advance(self) -> Row:
        """One step."""
        stage, number = self.recipe.at(self.step)
        generator = np.random.default_rng([self.recipe.seed, self.step])
        if number == 0 and self.scenes is not None and self.recipe.meets(self.step):
            align(self.model, self.aids, self.recipe.shape, self.scenes, generator)
        for group in self.optimizer.param_groups:
            group["lr"] = rate_at(stage, number)
        with torch.autocast("cpu", dtype=torch.bfloat16) if fast_bfloat16() else nullcontext():
            loss, shares = self.losses(stage, generator)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_([p for g in self.optimizer.param_groups for p in g["params"]], 1.0)
        self.optimizer.step()
        self.step += 1
        return {"step": self.step, "stage": stage.name, "loss": float(loss.detach()), **shares}

    def save(self, folder: Path) -> None:
        """Replace the state and the curve in `folder`."""
        state = {
            "digest": self.recipe.digest(self.step),
            "step": self.step,
            "model": self.model.state_dict(),
            "aids": self.aids.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "curve": self.curve,
            "recent": self.recent,
        }
        buffer = io.BytesIO()
        torch.save(state, buffer)
        write_atomic(folder / "state.pt", buffer.getvalue())
        write_atomic(folder / "curve.csv", curve_csv(self.curve).encode())

    def load(self, folder: Path) -> None:
        """Go on from the state in `folder`. Raises ValueError when it is another recipe's."""
        state = torch.load(folder / "state.pt", weights_only=True)
        if state["digest"] != self.recipe.digest(state["step"]):
            raise ValueError(
                f"{folder.name}: holds another recipe's training; choose another folder or empty it"
            )
        self.step, self.curve, self.recent = state["step"], state["curve"], state["recent"]
        self.model.load_state_dict(state["model"])
        self.aids.load_state_dict(state["aids"])
        self.optimizer.load_state_dict(state["optimizer"])


def start_alike(
    model: Qwen2_5_VLForConditionalGeneration, aids: Aids, tokenizer: PreTrainedTokenizerFast
) -> None:
    """Give every wording of a thing or setting, and its codebook vector, nearly the same first vector."""
    embed = model.model.language_model.embed_tokens.weight
    concept = {name: aids.concept.weight[1 + i] for i, name in enumerate(concept_names())}
    context = {name: aids.context.weight[i] for i, name in enumerate(CONTEXTS)}
    with torch.no_grad():
        for phrase, name in meanings().items():
            token = tokenizer.encode(f" {phrase}")[-1]
            embed[token] = (concept | context)[name] + torch.randn(embed.shape[1]) * SPREAD / 4


def rate_at(stage: Stage, number: int) -> float:
    """Learning rate: a linear warm-up, then half a cosine down to a twentieth."""
    if number < WARMUP:
        return stage.rate * (number + 1) / WARMUP
    share = (number - WARMUP) / max(1, stage.steps - WARMUP)
    return stage.rate * (0.05 + 0.95 * (1 + math.cos(math.pi * share)) / 2)


def fast_bfloat16() -> bool:
    """Whether this processor multiplies bfloat16 in hardware; else it is slower than float32."""
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())


def curve_csv(curve: Sequence[Row]) -> str:
    """The curve as CSV, one line every few steps, empty where a stage has no such figure."""
    text = io.StringIO()
    writer = csv.DictWriter(text, FIELDS, lineterminator="\n")
    writer.writeheader()
    for row in curve:
        writer.writerow({k: f"{v:.4f}" if isinstance(v, float) else v for k, v in row.items()})
    return text.getvalue()


def mean_row(rows: Sequence[Row]) -> Row:
    """The last row's step and stage with the means of the figures since the last line."""
    last = dict(rows[-1])
    for name in FIELDS[2:]:
        values = [float(row[name]) for row in rows if name in row and not math.isnan(float(row[name]))]
        last.pop(name, None)
        if values:
            last[name] = sum(values) / len(values)
    return last


def pretrain(
    recipe: Recipe,
    scenes: SceneCache | None,
    work: Path,
    out: Path,
    progress: Callable[[int, int], None] | None = None,
    report: Callable[[Row], None] | None = None,
    art: ArtSupply | None = None,
) -> None:
    """Run the recipe, or the rest of it, and write the finished model to `out`.

    `work` keeps the state between runs; `progress` is told steps done and all steps, `report` each line of
    the curve.
    """
    work.mkdir(parents=True, exist_ok=True)
    sweep(work)
    tokenizer = build_tokenizer(
        tokenizer_texts(recipe.seed, recipe.spelling), meanings(), recipe.shape.vocabulary
    )
    pool = question_pool(tokenizer, recipe.seed, recipe.questions)
    training = Pretraining(recipe, tokenizer, scenes, pool, art)
    if (work / "state.pt").exists():
        training.load(work)
    saved = time.monotonic()
    while training.step < recipe.steps:
        training.recent.append(training.advance())
        if training.step % recipe.log_every == 0:
            training.curve.append(mean_row(training.recent))
            training.recent = []
            if report is not None:
                report(training.curve[-1])
        if time.monotonic() - saved > recipe.checkpoint_seconds:
            training.save(work)
            saved = time.monotonic()
        if progress is not None:
            progress(training.step, recipe.steps)
    training.save(work)
    training.model.set_attn_implementation("sdpa")
    save_model(training.model, build_processor(tokenizer, recipe.shape), out)
    write_atomic(out / "curve.csv", curve_csv(training.curve).encode())
