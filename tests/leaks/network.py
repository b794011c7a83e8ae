"""A network of one's own for a command: loopback alone, or with a road that leads nowhere.

Without a road every attempt outwards fails at once, so what works needs no network. With the road every
attempt leaves by the interface `road`, where a capture sees it, and nothing ever answers.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

HOST = "leaky-host-name"  # of the namespace, so that a search for it finds nothing by chance
ROOT = Path(__file__).parents[2]
ROAD = (
    "ip link add road type veth peer name nowhere",
    "sysctl -q -w net.ipv6.conf.road.disable_ipv6=1 net.ipv6.conf.nowhere.disable_ipv6=1",
    "ip addr add 192.0.2.1/24 dev road",
    "ip link set road up",
    "ip link set nowhere up",
    "ip neigh add 192.0.2.2 lladdr 02:00:00:00:00:02 dev road",
    "ip route add default via 192.0.2.2",
)


def unshared(module: str, arguments: Sequence[str]) -> list[str]:
    """The command that runs a module in network, host name and mounts of its own, as root in there."""
    user = [] if os.geteuid() == 0 else ["--map-root-user"]
    return ["unshare", "--net", "--uts", *user, sys.executable, "-m", module, *arguments]


def possible() -> str:
    """Why there can be no such network here; "" where there can."""
    for program in ("unshare", "ip", "sysctl"):
        if shutil.which(program) is None:
            return f"needs the program {program}"
    user = [] if os.geteuid() == 0 else ["--map-root-user"]
    tried = subprocess.run(["unshare", "--net", *user, "true"], capture_output=True, text=True)
    return tried.stderr.strip()


def set_up(*, road: bool) -> None:
    """Inside the namespace: loopback up, and the road where it is wanted."""
    socket.sethostname(HOST)
    for line in ("ip link set lo up", *(ROAD if road else ())):
        subprocess.run(line.split(), check=True)
