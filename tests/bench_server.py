"""What the server client costs and gains, on loopback: python -m tests.bench_server

Three tables: requests a second against a server that answers at once; the share of prompt tokens a
prefix-caching server need not compute, in three orders of asking; and the throughput under a rate limit.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from PIL import Image

from bench.policy import Policy, load_policies
from evaluators.base import Outcome
from evaluators.openai_server import OpenAIServer
from tests.evaluators.fault_server import Body, Reply, completion, sent_picture, serving
from tests.evaluators.stand_in import picture

POLICIES = load_policies()
IMAGE_TOKENS, POLICY_TOKENS = 1000, 200
Order = Callable[[OpenAIServer, Sequence[Image.Image]], None]


def main() -> None:
    print("requests/s, 64 px pictures, no limit")
    for concurrency in (1, 8, 32):
        print(f"  concurrency {concurrency:3}  {unlimited(concurrency):7.0f}")
    print("cached share of prompt tokens (at most 0.67), 40 pictures, a cache of 16 pictures")
    for name, order in ORDERS.items():
        print(f"  {name:20} {cached(order):5.2f}")
    print("share of a limit of 50 requests/s that is used, 600 requests, concurrency 32")
    for name, headers in {"Retry-After: 1": {"Retry-After": "1"}, "no header": {}}.items():
        used, retries = limited(50.0, headers)
        print(f"  {name:20} {used:5.2f}  {retries:5.0f} retries")


def unlimited(concurrency: int) -> float:
    images = [picture(n) for n in range(80)]
    with serving(lambda n, body: completion("safe")) as (url, _):
        start = time.perf_counter()
        OpenAIServer(url, "m", reading="text", concurrency=concurrency).judge(images, POLICIES)
        return 400 / (time.perf_counter() - start)


class PrefixCache:
    """Holds the last 16 pictures that were answered; one that is not held takes 40 ms to compute."""

    def __init__(self) -> None:
        self._held: OrderedDict[bytes, None] = OrderedDict()
        self._lock = threading.Lock()

    def reply(self, number: int, body: Body) -> Reply:
        key = sent_picture(body).tobytes()
        with self._lock:
            hit = key in self._held
        time.sleep(0.01 if hit else 0.05)
        with self._lock:
            self._held[key] = None
            self._held.move_to_end(key)
            while len(self._held) > 16:
                self._held.popitem(last=False)
        tokens = {"cached_tokens": IMAGE_TOKENS if hit else 0}
        prompt = IMAGE_TOKENS + POLICY_TOKENS
        usage = {"prompt_tokens": prompt, "completion_tokens": 1, "prompt_tokens_details": tokens}
        return completion("safe", usage=usage)


def primed(server: OpenAIServer, images: Sequence[Image.Image]) -> None:
    server.judge(images, POLICIES)


def at_once(server: OpenAIServer, images: Sequence[Image.Image]) -> None:
    one_by_one(server, ((image, policy) for image in images for policy in POLICIES))


def policy_major(server: OpenAIServer, images: Sequence[Image.Image]) -> None:
    one_by_one(server, ((image, policy) for policy in POLICIES for image in images))


def one_by_one(server: OpenAIServer, cases: Iterator[tuple[Image.Image, Policy]]) -> None:
    def ask(case: tuple[Image.Image, Policy]) -> list[list[Outcome]]:
        return server.judge([case[0]], [case[1]])

    with ThreadPoolExecutor(server.concurrency) as pool:
        list(pool.map(ask, cases))


ORDERS: dict[str, Order] = {
    "prime, then fan out": primed,
    "image-major at once": at_once,
    "policy-major": policy_major,
}


def cached(order: Order) -> float:
    images = [picture(n) for n in range(40)]
    with serving(PrefixCache().reply) as (url, _):
        server = OpenAIServer(url, "m", reading="text", concurrency=8)
        order(server, images)
        return float(server.notes["cached_share"])


def limited(rate: float, headers: dict[str, str]) -> tuple[float, float]:
    """The share of `rate` requests a second that is used, and the retries."""
    bucket, last, lock = rate, time.monotonic(), threading.Lock()

    def reply(number: int, body: Body) -> Reply:
        nonlocal bucket, last
        with lock:
            now = time.monotonic()
            bucket, last = min(rate, bucket + (now - last) * rate), now
            if bucket < 1:
                return Reply("slow down", 429, headers)
            bucket -= 1
        return completion("safe")

    with serving(reply) as (url, _):
        server = OpenAIServer(url, "m", reading="text", concurrency=32)
        start = time.perf_counter()
        server.judge([picture(n) for n in range(120)], POLICIES)
        seconds = time.perf_counter() - start
        return (600 - rate) / seconds / rate, float(server.notes["retries"])  # the first second is free


if __name__ == "__main__":
    main()
