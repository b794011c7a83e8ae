"""`safeeditbench evaluate` and `report`: a model's scores under every policy, and the page of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from . import model_options as ask
from .console import Progress, console, errors, next_step, stages

if TYPE_CHECKING:
    from bench.injection import Injection
    from bench.results import ResultRow
    from evaluators.run import RunResult
    from evaluators.spec import Options

TOO_FEW_READABLE = 3  # exit code


def evaluate(
    model: ask.Model,
    data: ask.Data,
    out: Annotated[Path, typer.Option("--out", help="Folder of the run; run again to resume.")],
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first N images.")] = None,
    policies: Annotated[str, typer.Option(help="Only these policies, such as L3,L5.")] = "",
    profile: ask.Profile = "plain",
    reading: ask.Reading = "labels",
    sharing: ask.Sharing = "exact",
    dtype: ask.DType = "auto",
    device: ask.Device = "auto",
    batch: ask.Batch = 1,
    max_new_tokens: ask.MaxNewTokens = None,
    concurrency: ask.Concurrency = 8,
    held_out: Annotated[int, typer.Option(min=0, help="Ask under N policies nobody wrote.")] = 0,
    seed: Annotated[int, typer.Option(help="Of the held-out policies.")] = 0,
    wording: Annotated[
        Literal["0", "1", "2", "all"], typer.Option(help="Paraphrase of the policies; all compares them.")
    ] = "0",
    rule_order: Annotated[
        int | None, typer.Option(help="Also with each policy's rules shuffled by this seed.")
    ] = None,
    inject: Annotated[
        Literal["none", "band", "corner", "faint", "all"],
        typer.Option(help="Also with an instruction ('answer safe') written on the pictures, in this style."),
    ] = "none",
    audit: Annotated[int, typer.Option(min=0, help="Images asked again with nothing shared.")] = 3,
    shard: Annotated[str, typer.Option(help="Only part 1/2 of the images; parts share --out.")] = "",
    workers: Annotated[int, typer.Option(min=1, help="Processes, each with the model and a GPU.")] = 1,
    price: Annotated[str, typer.Option(help="A million tokens in,out, such as 2.5,10.")] = "",
    min_coverage: Annotated[
        float, typer.Option(min=0, max=1, help="Exit with 3 where fewer answers are readable.")
    ] = 0.0,
    fresh: Annotated[bool, typer.Option(help="Discard what --out holds of an earlier run.")] = False,
) -> None:
    """Ask a model about every image under its policies, and score it."""
    from evaluators.estimate import read_prices
    from evaluators.questions import Choice
    from evaluators.sensitivity import injections, variants
    from evaluators.shards import WHOLE, read_shard
    from evaluators.spec import Options

    from .evaluation import Job, Parts, run_variants

    names = tuple(policies.split(",")) if policies else ()
    options = Options(
        device, dtype, profile, reading, sharing, batch, max_new_tokens,
        concurrency=concurrency, prices=read_prices(price),
    )  # fmt: skip
    job = Job(model, data, out, options, Choice(names, limit, held_out, seed), audit)
    parts = Parts(read_shard(shard) if shard else WHOLE, workers, fresh)
    with stages() as progress:
        results = run_variants(
            job, variants(job.choice, wording, rule_order, inject), parts, progress, say=_say
        )
    plain = [result for result in results if not result.info.choice.inject]
    if not plain:
        console.print(f"shard {parts.shard} is through, others are not; run them with the same --out")
        return
    for result in plain:
        name = model if len(plain) == 1 else f"{model} {result.out.name}"
        show_scores(name, result.rows, injections(results) if result is plain[0] else ())
        show_own_figures(data, result.rows)
    _show_spread(plain)
    _show_page(results, data, out)
    _require(min_coverage, plain)


def report(
    runs: Annotated[list[Path], typer.Argument(help="Folders of finished runs on one benchmark.")],
    data: Annotated[Path, typer.Option("--data", help="The benchmark folder.")],
    out: Annotated[Path, typer.Option("--out", help="The page to write.")] = Path("report.html"),
) -> None:
    """One offline page: leaderboard, policies, and the pairs with every verdict."""
    write_page(runs, data, out)
    next_step(f"open {out} in a browser")


def run_evaluation(
    model: str, data: Path, out: Path, progress: Progress, options: Options
) -> tuple[ResultRow, ...]:
    """The rows of a run; those of an earlier, interrupted run in `out` are not asked again."""
    from evaluators.runner import evaluate as ask_all

    from .evaluation import load_model, open_set

    result = ask_all(
        load_model(model, options), open_set(data), out,
        progress=lambda what, done, total: progress(f"{out.name} {what}", done, total),
    )  # fmt: skip
    return result.rows


def show_scores(name: str, rows: Sequence[ResultRow], injections: Sequence[Injection] = ()) -> None:
    """Print one row a policy, the headline, and what writing on the pictures does."""
    from bench.scores import score
    from bench.table import table

    console.print(table(score(rows, name=name), injections))


def show_own_figures(data: Path, rows: Sequence[ResultRow]) -> None:
    """Of a published set, the figures as its authors compute them."""
    from bench.published.base import PublishedSet
    from bench.published.figures import own_table

    from .evaluation import open_set

    source = open_set(data)
    if isinstance(source, PublishedSet) and (own := source.own_figures(rows)):
        console.print(own_table(source.title, own))


def write_page(runs: Sequence[Path], data: Path, out: Path) -> None:
    """Write the report of finished runs."""
    from bench.published.load import load_evaluation_set
    from bench.report import write_report

    with stages() as progress:
        write_report(runs, load_evaluation_set(data), out, progress=progress)


def _say(line: str) -> None:
    console.print(line, soft_wrap=True, markup=False)


def _show_spread(results: Sequence[RunResult]) -> None:
    """Of several wordings: each one's headline, and the share of verdicts that are not the first one's."""
    from evaluators.sensitivity import spread

    if len(results) == 1:
        return
    found = spread([(result.out.name, result.rows) for result in results])
    for each in found:
        console.print(
            f"{each.name}: headline {each.headline.percent()}, {each.changed:.1%} of verdicts changed"
        )
    values = [each.headline.value for each in found]
    console.print(f"the headline moves by {100 * (max(values) - min(values)):.1f} points with the wording")


def _show_page(results: Sequence[RunResult], data: Path, out: Path) -> None:
    write_page([result.out for result in results], data, out / "report.html")
    console.print(f"report: {out / 'report.html'}", soft_wrap=True)
    next_step(f"safeeditbench report {results[0].out} OTHER_RUN --data {data} --out compared.html")


def _require(min_coverage: float, results: Sequence[RunResult]) -> None:
    """Exit with TOO_FEW_READABLE where a run has fewer readable answers than that."""
    from bench.schema import LABELS

    for result in results:
        coverage = sum(row.status in LABELS for row in result.rows) / len(result.rows)
        if coverage < min_coverage:
            errors.print(
                f"error: {coverage:.1%} of the answers in {result.out} are readable, --min-coverage asks for "
                f"{min_coverage:.1%}; see the column detail of its results.parquet",
                soft_wrap=True, markup=False, style="red",
            )  # fmt: skip
            raise typer.Exit(TOO_FEW_READABLE)
