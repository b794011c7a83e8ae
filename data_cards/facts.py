"""What a card says of a benchmark: plain values, counted by `data_cards.generator`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from bench.layout import TableName
from bench.schema import LabelSource
from data_cards.edit_quality import EditQuality
from data_cards.ranking import Ranking


@dataclass(frozen=True, slots=True)
class Identity:
    """What rows cannot tell; the maker of the benchmark says it.

    `licence` is an identifier the Hub knows (`cc-by-4.0`, `apache-2.0`, `other`). `released` is an ISO
    date or "". `gated` asks readers for name and purpose before they may download.
    """

    title: str
    version: str
    licence: str
    released: str = ""
    contact: str = ""
    gated: bool = True


class AgreementLike(Protocol):
    """A row of `annotation.agreement_table`: agreement under one policy, None where undefined."""

    @property
    def policy_id(self) -> str: ...
    @property
    def raters(self) -> int: ...
    @property
    def items(self) -> int: ...
    @property
    def votes(self) -> int: ...
    @property
    def alpha(self) -> float | None: ...
    @property
    def low(self) -> float | None: ...
    @property
    def high(self) -> float | None: ...
    @property
    def raw(self) -> float | None: ...


@dataclass(frozen=True, slots=True)
class PolicyFacts:
    """Labels under one policy. `flips` are pairs whose original and edited picture have unlike labels."""

    policy_id: str
    name: str
    kind: str  # fictional, illustration or generated
    digest: str
    safe: int
    unsafe: int
    unfilled: int
    unsafe_originals: int
    unsafe_edited: int
    unsafe_controls: int
    flips: int


@dataclass(frozen=True, slots=True)
class FunnelStep:
    """Inputs that entered a stage of the build, those it lost, and the reasons, most frequent first."""

    stage: str
    entered: int
    lost: int
    reasons: Ranking


@dataclass(frozen=True, slots=True)
class Spread:
    """The 5th, 50th and 95th percentile of a score over the published edited pictures."""

    name: str
    meaning: str
    low: float
    median: float
    high: float


@dataclass(frozen=True, slots=True)
class CardFacts:
    """Every number and name the card prints."""

    identity: Identity
    policies: tuple[PolicyFacts, ...]
    rows: Mapping[TableName, Mapping[str, int]]  # rows by table and split
    images: int
    pairs: int
    controls: int
    synthetic: int  # pictures that are drawn scenes
    sizes: tuple[str, ...]  # "256x256", most frequent first
    sources: Ranking
    licences: Ranking
    concepts: Ranking  # on originals
    contexts: Ranking
    cells: int
    filled: int
    gaps: Ranking  # reasons of cells without a label
    flips: int  # (pair, policy) with unlike labels
    policy_flips: int  # images with unlike labels under two policies
    label_sources: tuple[tuple[LabelSource, int], ...]
    votes: int
    raters: int
    simulated_votes: int
    agreement: tuple[AgreementLike, ...]
    editors: tuple[str, ...]
    localizers: tuple[str, ...]
    attempts: int
    chosen: int
    changed_outside: int  # over the published edits
    new_violations: int
    quality: EditQuality
    spreads: tuple[Spread, ...]
    funnel: tuple[FunnelStep, ...]
    published: int  # originals that came out of the funnel
    no_control: Ranking  # why pairs have no control
