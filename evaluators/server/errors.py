"""What can go wrong with a request, and whether trying again can help."""

from __future__ import annotations

import json
from collections.abc import Mapping

from evaluators.server.usage import Json
from evaluators.server.waits import asked_wait

LIMITED = 429
PASSING = frozenset({408, 409, 425, LIMITED})
OVERLOADED = frozenset({LIMITED, 503, 529})
NOT_OFFERED = frozenset({501, 505})
DECLINED = frozenset({"content_filter", "content_policy_violation"})  # codes that concern the case itself
SPENT = frozenset({"insufficient_quota"})  # comes as a 429, and waiting does not help


class ServerError(Exception):
    """A request that failed.

    `passing` tells whether trying again can help, `overloaded` that the server has too much to do, `wait`
    how long every request has to wait, if that is known. `status` is 0 where there was no reply; `code` is
    the server's own word for what is wrong.
    """

    def __init__(
        self,
        message: str,
        *,
        passing: bool,
        overloaded: bool = False,
        wait: float | None = None,
        status: int = 0,
        code: str = "",
    ) -> None:
        super().__init__(message)
        self.passing = passing
        self.overloaded = overloaded
        self.wait = wait
        self.status = status
        self.code = code

    @property
    def unreachable(self) -> bool:
        return self.status == 0 and not self.overloaded


def refusal(host: str, status: int, headers: Mapping[str, str], body: bytes) -> ServerError:
    """What a reply that is not a success means."""
    hint = "; redirects are not followed, write the final address" if 300 <= status < 400 else ""
    message, code = read_error(body)
    passing = status in PASSING or (status >= 500 and status not in NOT_OFFERED)
    return ServerError(
        f"HTTP {status} from {host}: {message or start(body)}{hint}",
        passing=passing and code not in SPENT,
        overloaded=status in OVERLOADED,
        wait=asked_wait(headers),
        status=status,
        code=code,
    )


def read_error(body: bytes) -> tuple[str, str]:
    """The message and the code of a refusal in OpenAI's form, empty where there are none."""
    error = (parse_object(body) or {}).get("error")
    message, code = (error.get(name) for name in ("message", "code")) if isinstance(error, dict) else ("", "")
    return str(message or "")[:200], code if isinstance(code, str) else ""


def parse_object(body: bytes) -> Json | None:
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return parsed if isinstance(parsed, dict) else None


def start(body: bytes) -> str:
    return body[:200].decode("utf-8", "replace").strip()
