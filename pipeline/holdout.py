"""Split a benchmark into a published and a held-back part, both of them ordinary benchmarks."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.check import verify_benchmark
from bench.dataset import Benchmark, load_benchmark
from bench.holdout import commitment, held_back
from bench.layout import CARD
from bench.staging import write_atomic

from .dedup import cluster
from .part import Part

BITS = 4  # perceptual hashes up to this far apart are near-duplicates, as in a build
NOTE = """
## Held back

{pairs} further pairs are held back and not published; no near-duplicate of them is in this part. They were
fixed when this part was published: the sha256 of a secret nonce, a line feed and the held-back part's
SHA256SUMS is

    {commitment}
"""

Progress = Callable[[str, int, int], None]  # which part, pictures done, of how many


@dataclass(frozen=True, slots=True)
class HeldBack:
    """How many pairs are held back, and the promise made of them in the public card."""

    pairs: int
    commitment: str


def split(
    source: Path, public: Path, private: Path, *, share: float, seed: int, progress: Progress
) -> HeldBack:
    """Write both parts of the benchmark in `source`, and the secret of the private one beside it.

    Near-duplicates stay in one part. What belongs to no published pair (attempts and inputs that came to
    nothing) goes with the public part. Splitting again beside the same secret gives the same bytes.
    Raises ValueError where the benchmark cannot be split so, or two of the folders are the same.
    """
    if len({path.resolve() for path in (source, public, private)}) < 3:
        raise ValueError("the benchmark and its two parts are three folders; give other --out and --private")
    benchmark = load_benchmark(source)
    held = held_back(_clusters(benchmark), share, seed)
    shown = _all(benchmark, "pair_id") - held
    Part.of(benchmark, held, others=False).export(
        private, "held-back part", progress=lambda done, total: progress("private", done, total)
    )
    promise = HeldBack(len(held), commitment(private, _nonce(private)))
    note = NOTE.format(pairs=promise.pairs, commitment=promise.commitment)
    Part.of(benchmark, shown, others=True).export(
        public, "public part", note, lambda done, total: progress("public", done, total)
    )
    return promise


def secret_of(private: Path) -> Path:
    """The file beside the private part that holds its nonce, without which its promise cannot be shown."""
    return private.with_name(f"{private.name}.secret")


def _nonce(private: Path) -> str:
    path = secret_of(private)
    if not path.exists():
        write_atomic(path, f"{secrets.token_hex(32)}\n".encode())
        path.chmod(0o600)
    return path.read_text().strip()


def check(public: Path, private: Path, progress: Progress) -> list[str]:
    """What is wrong with two parts: each as a benchmark, and both with each other. Empty where nothing is."""
    problems = []
    for name, root in (("public", public), ("private", private)):
        found = verify_benchmark(root, lambda done, total, name=name: progress(name, done, total))  # type: ignore[misc]
        problems += [f"{name} part: {problem}" for problem in found.problems]
    return [*problems, *_promise(public, private), *_apart(load_benchmark(public), load_benchmark(private))]


def _promise(public: Path, private: Path) -> list[str]:
    told = re.search(r"^    ([0-9a-f]{64})$", (public / CARD).read_text(encoding="utf-8"), re.MULTILINE)
    if told is None:
        return [f"the card in {public} tells of no held-back part"]
    if not secret_of(private).is_file():
        return [f"{secret_of(private)} is missing; without the nonce in it the promise cannot be shown"]
    if commitment(private, _nonce(private)) != told[1]:
        return [f"{private} is not what {public} was published with a promise of; one of the two was changed"]
    return []


def _apart(public: Benchmark, private: Benchmark) -> list[str]:
    """What the parts share that they must not, or do not share that they must."""
    problems = []
    if [policy.digest for policy in public.policies] != [policy.digest for policy in private.policies]:
        problems.append("the two parts have other policies")
    for what in ("image_id", "pair_id"):
        problems += [
            f"{what} {name} is in both parts" for name in sorted(_all(public, what) & _all(private, what))
        ]
    clusters = _clusters(public, private)
    shown = {clusters[pair_id] for pair_id in _all(public, "pair_id")}
    near = sorted(pair_id for pair_id in _all(private, "pair_id") if clusters[pair_id] in shown)
    return problems + [
        f"pair {pair_id}, held back, has a near-duplicate in the public part" for pair_id in near
    ]


def _all(benchmark: Benchmark, what: str) -> set[str]:
    return {str(getattr(benchmark.meta(image_id), what)) for image_id in benchmark.image_ids}


def _clusters(*parts: Benchmark) -> dict[str, int]:
    """The near-duplicate cluster of each pair, by the originals of all parts together."""
    metas = [part.meta(image_id) for part in parts for image_id in part.image_ids]
    originals = [meta for meta in metas if meta.role == "original"]
    labels = cluster([meta.phash for meta in originals], BITS)
    return {meta.pair_id: label for meta, label in zip(originals, labels, strict=True)}
