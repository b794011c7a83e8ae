"""How long to leave a server alone: what its headers ask for, or a growing wait with jitter."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

FIRST_WAIT, LONGEST_BACKOFF = 1.0, 30.0  # seconds
QUOTAS = ("requests", "tokens")
EPOCH = 1_000_000_000  # a reset "in" more seconds than this is a moment in Unix time

_GO_DURATION = re.compile(r"(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?")
_NUMBER = re.compile(r"\d{1,12}(\.\d*)?")


def backoff(attempt: int, luck: float) -> float:
    """Seconds before the next try after the `attempt`-th (from 1) failed: 1, 2, 4, ... up to 30, of which
    `luck` in [0, 1) takes up to half off, so that requests that failed together do not return together."""
    return float(min(FIRST_WAIT * 2.0 ** (attempt - 1), LONGEST_BACKOFF)) * (1 - luck / 2)


def asked_wait(headers: Mapping[str, str]) -> float | None:
    """The seconds a server asks to be left alone, None where it asks for nothing.

    Retry-After comes first, then the reset of every quota of which nothing remains.
    """
    milliseconds = headers.get("retry-after-ms", "").strip()
    if _NUMBER.fullmatch(milliseconds):
        return float(milliseconds) / 1000
    told = retry_after(headers.get("retry-after", ""))
    return quota_reset(headers) if told is None else told


def retry_after(header: str) -> float | None:
    """Seconds from a Retry-After header, either form of RFC 9110; None where it says nothing."""
    if _NUMBER.fullmatch(header.strip()):
        return float(header)
    try:
        return max(0.0, (parsedate_to_datetime(header) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return None


def quota_reset(headers: Mapping[str, str]) -> float | None:
    """Seconds until every used-up quota of the x-ratelimit headers is back; None where none is used up."""
    kinds = ["", *(f"-{quota}" for quota in QUOTAS)]
    used_up = [kind for kind in kinds if headers.get(f"x-ratelimit-remaining{kind}", "").strip() == "0"]
    resets = [reset_seconds(headers.get(f"x-ratelimit-reset{kind}", "")) for kind in used_up]
    return max((reset for reset in resets if reset is not None), default=None)


def reset_seconds(text: str) -> float | None:
    """Seconds from "1m30s", "120ms", "2.5" or a moment in Unix time; None for anything else."""
    text = text.strip()
    if _NUMBER.fullmatch(text):
        seconds = float(text)
        return max(0.0, seconds - time.time()) if seconds > EPOCH else seconds
    parts = _GO_DURATION.fullmatch(text)
    if not text or not parts:
        return None
    hours, minutes, seconds, milliseconds = (float(part or 0) for part in parts.groups())
    return hours * 3600 + minutes * 60 + seconds + milliseconds / 1000
