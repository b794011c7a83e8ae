"""`safeeditbench annotate ...`: serve Label Studio, push pictures, simulate raters, pull votes, agreement."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from .console import console, next_step, stages

if TYPE_CHECKING:
    from annotation.client import Client

app = typer.Typer(no_args_is_help=True, help="Human labels through Label Studio.")

Bench = Annotated[Path, typer.Argument(help="A benchmark folder.")]
Server = Annotated[Path, typer.Option("--server", help="Data folder of the embedded server.")]
Url = Annotated[str, typer.Option(help="Another Label Studio server.", envvar="LABEL_STUDIO_URL")]
Token = Annotated[str, typer.Option(help="Its access token.", envvar="LABEL_STUDIO_TOKEN")]
Environment = Annotated[Path, typer.Option(help="Environment that has Label Studio (`make label-studio`).")]

SERVER = Path("label-studio")
ENVIRONMENT = Path(".venv-label-studio")


@app.command()
def serve(server: Server = SERVER, port: int = 8080, environment: Environment = ENVIRONMENT) -> None:
    """Run Label Studio on SQLite and loopback until Ctrl-C; the account is in SERVER/credentials.json."""
    from annotation.server import Server as Running
    from annotation.server import serve as run

    def ready(running: Running) -> None:
        console.print(f"Label Studio: {running.url}")
        console.print(f"log in as {running.credentials.email}, password in {server / 'credentials.json'}")
        next_step(f"safeeditbench annotate push BENCH --server {server}   (Ctrl-C stops the server)")

    with stages() as progress:
        run(
            server,
            cache=cache_folder(),
            ready=ready,
            environment=environment,
            port=port,
            progress=lambda done, total: progress("starting", done, total),
        )


@app.command()
def invite(server: Server = SERVER, url: Url = "", token: Token = "") -> None:
    """Print the link with which raters make their own accounts."""
    with connection(server, url, token) as client:
        console.print(client.invite_link(), soft_wrap=True)


@app.command()
def push(bench: Bench, server: Server = SERVER, url: Url = "", token: Token = "") -> None:
    """Add the benchmark's pictures to its project; what is there already is left alone."""
    from .labelling import push_benchmark

    with connection(server, url, token) as client, stages() as progress:
        report = push_benchmark(client, bench, lambda done, total: progress("push", done, total))
    console.print(f"{report.added} pictures added, {report.already_there} were there: {report.url}")
    next_step(f"label them, then: safeeditbench annotate pull {bench}")


@app.command()
def simulate(
    bench: Bench, server: Server = SERVER, url: Url = "", token: Token = "",
    raters: Annotated[int, typer.Option(min=1, max=20, help="How many simulated raters.")] = 3,
) -> None:  # fmt: skip
    """Let simulated raters label everything, with stated error rates; marked `simulated` in every table."""
    from .labelling import simulate_benchmark

    with connection(server, url, token) as client, stages() as progress:
        report = simulate_benchmark(
            client, bench, raters, lambda done, total: progress("simulate", done, total)
        )
    console.print(f"{report.posted} annotations posted, {report.already_there} were there")
    next_step(f"safeeditbench annotate pull {bench}")


@app.command()
def pull(bench: Bench, server: Server = SERVER, url: Url = "", token: Token = "") -> None:
    """Fetch new and changed votes; `export` then writes them into the benchmark."""
    from .labelling import pull_benchmark

    with connection(server, url, token) as client, stages() as progress:
        votes = pull_benchmark(client, bench, lambda done, total: progress("pull", done, total))
    console.print(f"{len(votes)} votes of {len({vote.rater for vote in votes})} raters")
    next_step(f"safeeditbench export {bench}")


@app.command()
def agree(bench: Bench) -> None:
    """Agreement of the raters by policy: Krippendorff's alpha with its 95 % interval."""
    from annotation.agreement import agreement_table

    from .labelling import votes_of

    table = Table("policy", "raters", "items", "votes", "unsure", "alpha", "95 %", "raw")
    for row in agreement_table(votes_of(bench)):
        interval = "" if row.low is None or row.high is None else f"{row.low:.3f} .. {row.high:.3f}"
        alpha, raw = (f"{value:.3f}" if value is not None else "undefined" for value in (row.alpha, row.raw))
        counts = (str(count) for count in (row.raters, row.items, row.votes, row.unsure))
        table.add_row(row.policy_id, *counts, alpha, interval, raw)
    console.print(table)


@contextmanager
def connection(server: Path, url: str, token: str) -> Iterator[Client]:
    """A client of the server at `url`, or of the embedded one that runs on `server`."""
    from annotation.client import connect
    from annotation.errors import AnnotationError
    from annotation.server import load_credentials, running_url

    if not url:
        found = running_url(server)
        if found is None:
            raise AnnotationError(
                f"no server runs on {server}; start one with `safeeditbench annotate serve "
                f"--server {server}`, or name another with --url and --token"
            )
        url, token = found, load_credentials(server).token
    with connect(url, token) as client:
        yield client


def cache_folder() -> Path:
    """Where the migrated Label Studio database is kept between runs."""
    return Path.home() / ".cache" / "safeeditbench"
