"""`safeeditbench annotate ...` on a server: serve, invite, push, simulate, pull, adjudicate.

What needs the pulled votes alone (gold, status, agree) is in `cli_votes`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from . import cli_votes
from .console import console, next_step, stages

if TYPE_CHECKING:
    from annotation.client import Client

app = typer.Typer(no_args_is_help=True, help="Human labels through Label Studio.")
app.add_typer(cli_votes.app)

Bench = Annotated[Path, typer.Argument(help="A benchmark folder.")]
Server = Annotated[Path, typer.Option("--server", help="Data folder of the embedded server.")]
Url = Annotated[str, typer.Option(help="Another Label Studio server.", envvar="LABEL_STUDIO_URL")]
Token = Annotated[
    str, typer.Option(help="Its access token, personal or legacy.", envvar="LABEL_STUDIO_TOKEN")
]
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
def push(
    bench: Bench, server: Server = SERVER, url: Url = "", token: Token = "",
    by_topic: Annotated[bool, typer.Option(help="A project a set of topics: raters can opt out.")] = False,
) -> None:  # fmt: skip
    """Add the benchmark's pictures to its project; what is there already is left alone."""
    from .labelling import push_benchmark

    with connection(server, url, token) as client, stages() as progress:
        reports = push_benchmark(
            client, bench, lambda done, total: progress("push", done, total), by_topic=by_topic
        )
    added, there = sum(one.added for one in reports), sum(one.already_there for one in reports)
    console.print(f"{added} pictures added, {there} were there")
    if by_topic:
        show_topics(bench)
    for report in reports:
        console.print(f"label at {report.url}?labeling=1", soft_wrap=True)
    next_step(f"safeeditbench annotate invite, label, then: safeeditbench annotate pull {bench}")


@app.command()
def simulate(
    bench: Bench, server: Server = SERVER, url: Url = "", token: Token = "",
    raters: Annotated[int, typer.Option(min=1, max=20, help="How many simulated raters.")] = 3,
) -> None:  # fmt: skip
    """Let simulated raters label everything, with stated error rates; marked `simulated` in every table."""
    from .labelling import simulate_benchmark

    with connection(server, url, token) as client, stages() as progress:
        reports = simulate_benchmark(
            client, bench, raters, lambda done, total: progress("simulate", done, total)
        )
    posted, there = sum(one.posted for one in reports), sum(one.already_there for one in reports)
    console.print(f"{posted} annotations posted, {there} were there")
    next_step(f"safeeditbench annotate pull {bench}")


@app.command()
def pull(bench: Bench, server: Server = SERVER, url: Url = "", token: Token = "") -> None:
    """Fetch new and changed votes, and ask for further raters where they leave doubt."""
    from .labelling import ask_where_unsure, pull_benchmark

    with connection(server, url, token) as client, stages() as progress:
        reports = pull_benchmark(client, bench, lambda done, total: progress("pull", done, total))
        asked = ask_where_unsure(client, bench)
    new, changed = sum(one.new for one in reports), sum(one.changed for one in reports)
    withdrawn, orphaned = sum(one.withdrawn for one in reports), sum(one.orphaned for one in reports)
    console.print(f"{new} new forms, {changed} changed, {withdrawn} withdrawn")
    if orphaned:
        console.print(f"{orphaned} forms keep their votes though their pictures left the project")
    if asked:
        console.print(f"{asked} pictures are asked of one more rater: their votes leave doubt")
    next_step(f"safeeditbench annotate status {bench}, then: safeeditbench export {bench}")


@app.command()
def adjudicate(bench: Bench, server: Server = SERVER, url: Url = "", token: Token = "") -> None:
    """Put the pictures in dispute into a project of their own, where nobody's votes can be seen."""
    from .labelling import adjudicate_benchmark

    with connection(server, url, token) as client, stages() as progress:
        report = adjudicate_benchmark(client, bench, lambda done, total: progress("adjudicate", done, total))
    if report is None:
        console.print("nothing is in dispute")
        next_step(f"safeeditbench annotate status {bench}")
        return
    console.print(f"{report.added} pictures added, {report.already_there} were there: {report.url}")
    next_step(f"rule on them, then: safeeditbench annotate pull {bench}")


def show_topics(bench: Path) -> None:
    """Which project shows what: for the maintainer, who tells each rater which to leave out."""
    from bench.dataset import load_benchmark

    from .parts import parts_of

    table = Table("group", "pictures", "topics")
    for part in parts_of(load_benchmark(bench), by_topic=True):
        table.add_row(part.group, str(len(part.pictures)), ", ".join(part.topics) or "everyday things only")
    console.print(table)


@contextmanager
def connection(server: Path, url: str, token: str) -> Iterator[Client]:
    """A client of the server at `url`, or of the embedded one that runs on `server`."""
    from annotation.client import connect, connect_embedded

    with connect(url, token) if url else connect_embedded(server) as client:
        yield client


def cache_folder() -> Path:
    """Where the migrated Label Studio database is kept between runs."""
    return Path.home() / ".cache" / "safeeditbench"
