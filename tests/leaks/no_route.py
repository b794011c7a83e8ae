"""The main jobs where no packet can leave, what they tried, and what they tell of the machine.

    nice -n 10 python -m tests.leaks.no_route [FOLDER]

Three tables: every job in a network of loopback alone; the packets that demo and training send where a road
leads outwards (with one packet sent on purpose, so that the capture is seen to see); and every trace of the
machine, its user, its secrets or a rater in what the jobs wrote. Exit 1 where a job failed, a packet or a
name lookup went out, or a trace was found. Needs Linux with `unshare` and `ip`; no root where users may
make namespaces.
"""

from __future__ import annotations

import socket
import subprocess
import sys
from collections import Counter
from pathlib import Path
from tempfile import mkdtemp

from tests.leaks import network
from tests.leaks.capture import captured, outside
from tests.leaks.jobs import LOG, SECRETS, TOLD, Ended, commands, run_jobs
from tests.leaks.traces import Found, account_traces, search

ON_PURPOSE = "198.51.100.9"  # of a block that is reserved for documentation
WATCHED = ("train sft", "demo")
PUBLISHED = ("demo/benchmark", "demo/runs", "demo/report.html", "loop", "threads", "run", "report.html",
             "status.html", "mine.zip", "board", "board.html", "sft/model")  # fmt: skip


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else mkdtemp(prefix="leaky-work-"))
    if reason := network.possible():
        sys.exit(f"no network of one's own can be made here: {reason}")
    codes = [
        subprocess.run(network.unshared(__spec__.name, [str(folder), way]), cwd=network.ROOT).returncode
        for way in ("inside", "road")
    ]
    if missing := [name for name in PUBLISHED if not (folder / "inside" / name).exists()]:
        sys.exit(f"nothing to search, as the jobs did not make {', '.join(missing)}")
    found = published_traces(folder / "inside")
    print(f"\n{'trace':18} place")
    for one in found:
        print(f"{one.kind:18} {one.place}")
    print(f"{len(found)} traces in {', '.join(PUBLISHED)} and in what the commands printed")
    sys.exit(1 if any(codes) or found else 0)


def inside(folder: Path) -> int:
    """All jobs with loopback alone; the number of those that failed or tried to get out."""
    network.set_up(road=False)
    print(f"loopback alone\n{'job':16} {'exit':>4} {'seconds':>8}")
    ended: list[Ended] = []
    run_jobs(folder, tuple(commands()), lambda one: (ended.append(one), tell(one))[1])
    return sum(one.exit != 0 for one in ended) + destinations(folder)


def road(folder: Path) -> int:
    """Demo and training with a road outwards and a capture; the number of packets that took it unasked."""
    network.set_up(road=True)
    print(f"\na road outwards\n{'job':16} {'exit':>4} {'seconds':>8}")
    ended: list[Ended] = []
    with captured() as packets:
        run_jobs(folder, WATCHED, lambda one: (ended.append(one), tell(one))[1])
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.sendto(b"on purpose", (ON_PURPOSE, 9))
    print(f"\n{'interface':10} {'destination':16} packets")
    for (interface, where), count in sorted(packets.items()):
        print(f"{interface:10} {where:16} {count:7}" + ("  (on purpose)" if where == ON_PURPOSE else ""))
    seen = outside(packets)
    on_purpose = seen.pop(("road", ON_PURPOSE), 0)
    return sum(one.exit != 0 for one in ended) + sum(seen.values()) + (on_purpose != 1) + destinations(folder)


def tell(one: Ended) -> None:
    print(
        f"{one.name:16} {one.exit:4} {one.seconds:8.1f}" + (f"  {one.last}" if one.exit else ""), flush=True
    )


def destinations(folder: Path) -> int:
    """Print where Python connected and which names it asked for; the number of those not of this machine."""
    lines = (folder / LOG).read_text().splitlines()
    counts = Counter(tuple(line.split("\t")[:2]) for line in lines)
    print(f"\n{'event':20} {'destination':32} times")
    for (event, where), count in sorted(counts.items()):
        print(f"{event:20} {where[:32]:32} {count:5}")
    return sum(not local(where) for _, where in counts)


def local(where: str) -> bool:
    """Whether a destination, as `repr` writes it, is loopback, a wildcard to bind to, or a socket file."""
    name = where.strip("b'\"")
    return name in ("127.0.0.1", "::1", "localhost", "None", "0.0.0.0", "::", "") or name.startswith("/")


def published_traces(folder: Path) -> tuple[Found, ...]:
    """Traces in what is given away, and, but for paths (one's own words), in what was printed."""
    named = {network.HOST: "host name"} | {text: f"${name}" for name, text in SECRETS.items()}
    named |= account_traces(folder / "demo" / "label-studio")
    paths = {str(folder): "working folder", str(network.ROOT): "project folder", sys.prefix: "environment"}
    places = {name: folder / name for name in PUBLISHED}
    return search(places, named | paths) + search({TOLD: folder / TOLD}, named)


if __name__ == "__main__":
    match sys.argv[1:]:
        case [where, ("inside" | "road") as way]:
            work = Path(where) / way
            work.mkdir(parents=True, exist_ok=True)
            sys.exit(min(inside(work) if way == "inside" else road(work), 100))
        case _:
            main()
