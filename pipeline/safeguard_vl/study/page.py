"""The study's results as a page: Markdown and a plot, from the runs that are there and nothing else."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

from bench.dataset import load_benchmark
from bench.staging import write_atomic
from bench.stats import Figure
from data_cards.card import environment
from pipeline.safeguard_vl.general import KINDS
from pipeline.safeguard_vl.study.arms import METHODS
from pipeline.safeguard_vl.study.figures import Sampled
from pipeline.safeguard_vl.study.results import Result, results
from pipeline.safeguard_vl.study.run import Study

TEMPLATE = "page.md.jinja"
PLOT = "ability.svg"
MARKS = {None: "*", "captions": "v", "labels": "s", "grpo": "o", "labels+grpo": "D", "captions+grpo": "^"}


def write_page(study: Study, folder: Path) -> Path:
    """README.md and its plot in `folder`; the page's path. Raises ValueError where nothing is measured."""
    found, bench = results(study), load_benchmark(study.test)
    base, every = found[0], tuple(policy.id for policy in bench.policies)
    env = environment(Path(__file__).parent)
    env.filters |= {"cell": cell, "points": points, "zip": zip}
    page = env.get_template(TEMPLATE).render(
        study=study,
        every=every,
        pairs=len({bench.meta(id).pair_id for id in bench.image_ids}),
        kinds=KINDS,
        base=base,
        on_all=[result for result in found[1:] if result.policies in ((), every)],
        on_one=[result for result in found[1:] if len(result.policies) == 1],
        after=after_and_before(found),
        plot=PLOT,
    )
    folder.mkdir(parents=True, exist_ok=True)
    write_atomic(folder / PLOT, plot(found, every).encode())
    write_atomic(folder / "README.md", page.encode())
    return folder / "README.md"


def after_and_before(found: Sequence[Result]) -> list[tuple[Result, Result]]:
    """Each way of GRPO after SFT with the SFT it went on from, where both were run with the same seeds."""
    ways = {(result.method, result.policies): result for result in found}
    pairs = []
    for result in found:
        if result.method in ("labels+grpo", "captions+grpo"):
            first = result.method.removesuffix("+grpo")
            before = ways.get(("captions", ()) if first == "captions" else ("labels", result.policies))
            if before is not None and len(before.own.seeds) == len(result.own.seeds):
                pairs.append((result, before))
    return pairs


def cell(sampled: Sampled) -> str:
    """`72.2 (68.0 to 76.1)`, in percent."""
    figure = sampled.figure()
    return f"{figure.percent()} ({figure.interval()})"


def points(figure: Figure) -> str:
    """`+1.2 (-0.4 to +2.8)`, in points; bold where the interval leaves out zero."""
    value, low, high = (f"{100 * number:+.1f}" for number in (figure.value, figure.low, figure.high))
    told = f"{value} ({low} to {high})"
    return f"**{told}**" if figure.low > 0 or figure.high < 0 else told


def plot(found: Sequence[Result], every: tuple[str, ...]) -> str:
    """Held-out policies against general ability, a point a way of tuning; filled: tuned on all policies."""
    import matplotlib as mpl
    from matplotlib.figure import Figure as Drawing

    text = io.StringIO()
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "study", "font.size": 10}):
        drawing = Drawing(figsize=(7, 4.5), layout="constrained")
        axes = drawing.subplots()
        for method in (None, *METHODS):
            for result in (each for each in found if each.method == method):
                whole = result.policies in ((), every)
                axes.scatter(
                    100 * result.general.value, 100 * result.held_out.value, s=70 if whole else 30,
                    marker=MARKS[method], color=f"C{list(MARKS).index(method)}",
                    facecolors=None if whole else "none", label=(method or "base") if whole else None,
                )  # fmt: skip
        axes.set(xlabel="general ability, % right", ylabel="held-out policies, macro-F1 %")
        axes.grid(alpha=0.3)
        axes.legend(frameon=False, fontsize=9)
        drawing.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    return text.getvalue()
