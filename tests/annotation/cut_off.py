"""A push and a pull that a test kills: `python -m tests.annotation.cut_off URL TOKEN push|pull FOLDER`."""

from __future__ import annotations

import sys
from pathlib import Path

from annotation import client as module
from annotation.client import Client, connect
from annotation.order import queue_order
from annotation.pull import pull
from annotation.push import push
from bench.policy import load_policies
from tests.annotation.samples import Album

TITLE = "Killed"
ALBUM = Album(45, size=16)
QUEUE = [picture.image_id for picture in queue_order(ALBUM.pictures)]
POLICIES = load_policies()


def step(client: Client, what: str, folder: Path) -> None:
    if what == "push":
        push(client, TITLE, ALBUM.pictures, ALBUM.read, POLICIES)
    else:
        pull(client, client.project(TITLE), folder)


if __name__ == "__main__":
    module.PAGE = 7  # many requests, so many moments to be killed at
    url, token, what, folder = sys.argv[1:]
    with connect(url, token) as client:
        print("begins", flush=True)
        step(client, what, Path(folder))
