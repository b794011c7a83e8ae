"""What of a run's record is nobody else's business: where its servers are, and paths of its machine."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

HOST, FOLDER = "server", "(path)"  # what stands there instead

_IPV6 = r"\[[0-9a-fA-F:.]*:[0-9a-fA-F:.]*\]"
_URL = re.compile(rf"(?P<scheme>\bhttps?://)(?:[^\s/@\"']*@)?(?P<host>(?:{_IPV6}|[\w.-]+)(?::\d+)?)")
_IP = re.compile(rf"(?:(?<![\w.])\d{{1,3}}(?:\.\d{{1,3}}){{3}}|{_IPV6})(?::\d+)?(?![\w.])")
_QUOTED = re.compile(r"(?<=['\"])(?:~?/|[A-Za-z]:\\)[^'\"\n]+(?=['\"])")
_POSIX = re.compile(r"(?<![\w./>)-])(?:~|file://)?(?:/[^\s/:'\",;()<>]+){2,}/?")
_WINDOWS = re.compile(r"(?<!\w)(?:[A-Za-z]:|\\)\\[^\s'\",;()<>]+")


@dataclass(frozen=True, slots=True)
class Mask:
    """Replaces addresses and absolute paths in a text, and every host that was named in an address.

    It goes by form, so a host that is named in no address, a path of one part outside quotes, or an IPv6
    address without brackets stays. A model's own answers are not to be masked: they are what is published.
    """

    hosts: frozenset[str] = field(default_factory=frozenset)

    @classmethod
    def of(cls, texts: Iterable[str]) -> Mask:
        """The mask that also knows the hosts of all addresses in `texts`, with and without their ports."""
        netlocs = {found["host"] for text in texts for found in _URL.finditer(text)}
        names = {re.sub(r":\d+$", "", netloc) for netloc in netlocs}
        return cls(frozenset((netlocs | names) - {HOST}))

    def text(self, text: str) -> str:
        """The text without them; applied twice it changes nothing more."""
        text = _URL.sub(rf"\g<scheme>{HOST}", text)
        for host in sorted(self.hosts, key=len, reverse=True):
            text = re.sub(rf"(?<![\w.-]){re.escape(host)}(?![\w-])", HOST, text)
        text = _QUOTED.sub(FOLDER, _IP.sub(HOST, text))
        return _WINDOWS.sub(FOLDER, _POSIX.sub(FOLDER, text))
