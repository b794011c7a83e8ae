"""What supervises the model more closely than its one-word answer can, and is thrown away afterwards.

The codebook is the meeting point of seeing and reading: a vector a concept and a vector a context in the
language model's input space. Reading is first learned on pictures spelt with it, without any vision;
seeing is learned apart from it, by naming every cell of a picture, and then fitted to it (align.py).
`names` and `places` tell what a cell of the picture shows and in which contexts. `marked` tells, from the
hidden state at the end of a rule, whether the picture violates it, and at a thing's name, whether the
picture shows it.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from pipeline.safeguard_vl.packing import MARK_KINDS

SPREAD = 0.05  # of the codebook's vectors at the start, as of the language model's own
SHARPNESS = 8.0
BACKGROUND = 0.15  # weight of a cell with nothing regulated, of which there are ten to one


class Aids(nn.Module):
    """Training-only parts for `concepts` concepts, `contexts` contexts and a model `hidden` wide."""

    def __init__(self, concepts: int, contexts: int, hidden: int) -> None:
        super().__init__()
        self.concept = nn.Embedding(concepts + 1, hidden)  # 0: nothing regulated
        self.context = nn.Embedding(contexts, hidden)
        self.marked = nn.Linear(hidden, MARK_KINDS)
        self.names = nn.Linear(hidden, concepts + 1)
        self.places = nn.Linear(hidden, contexts)
        for table in (self.concept, self.context):
            nn.init.normal_(table.weight, std=SPREAD)

    def spell(self, cells: Tensor, around: Tensor) -> Tensor:
        """Tokens (B, T, hidden) of pictures given as concept numbers (B, T) and context flags (B, T, C)."""
        things: Tensor = self.concept(cells)
        return things + around.to(things.dtype) @ self.context.weight

    def seeing_loss(self, tokens: Tensor, cells: Tensor, around: Tensor) -> tuple[Tensor, Tensor]:
        """How badly the vision tower's tokens (B, T, hidden) tell what their cells show, and the share of
        regulated cells that they name.

        The sum of a cross entropy over concepts and a binary one over the contexts of regulated cells, as far
        as those are told: `around` (B, T, C) is NaN where they are not.
        """
        rarity = torch.ones(self.names.out_features)
        rarity[0] = BACKGROUND
        guesses, shown = self.names(tokens).float(), cells > 0
        naming = F.cross_entropy(guesses.flatten(0, 1), cells.flatten(), weight=rarity)
        told = shown & ~around.isnan().any(-1)
        placing = F.binary_cross_entropy_with_logits(self.places(tokens[told]).float(), around[told])
        named = (guesses.argmax(-1) == cells)[shown].float().mean()
        return naming + placing, named

    def name_by_codebook(self) -> None:
        """Set `names` and `places` to tell tokens by their likeness to the codebook's vectors.

        The score of a vector c is SHARPNESS (t.c - c.c / 2), which is largest for the nearest one.
        """
        with torch.no_grad():
            for table, head in ((self.concept, self.names), (self.context, self.places)):
                head.weight.copy_(SHARPNESS * table.weight)
                head.bias.copy_(-SHARPNESS / 2 * (table.weight**2).sum(-1))

    def mark_loss(self, hidden: Tensor, marks: Tensor) -> tuple[Tensor, list[float]]:
        """Cross entropy at the marked places of (N, S, 2), and for each kind of mark how well ones and
        zeros are told apart: the mean of both shares right, 0.5 by guessing."""
        there = ~marks.isnan()
        scores = self.marked(hidden).float()
        weight = torch.where(marks > 0.5, 2.0, 1.0)[there]  # most marks are 0
        loss = F.binary_cross_entropy_with_logits(scores[there], marks[there], weight)
        return loss, [balanced(scores[..., k] > 0, marks[..., k]) for k in range(MARK_KINDS)]


def balanced(said: Tensor, truth: Tensor) -> float:
    """Mean of the shares right among ones and among zeros; places with NaN are left out."""
    ones, zeros = said[truth == 1].float(), said[truth == 0].float()
    return float(ones.mean() + 1 - zeros.mean()) / 2
