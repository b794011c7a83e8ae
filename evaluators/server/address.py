"""Whether an address and a key can be used at all, told before anything is asked."""

from __future__ import annotations

from urllib.parse import urlsplit


def check_url(url: str) -> str:
    """The host of an address that can be asked; ValueError says what is wrong with another one."""
    parts = urlsplit(url)
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError(
            f"the address of {parts.hostname} holds a user, a query or a fragment; it is stored with the "
            "results, so write it without, and a key into SAFEEDITBENCH_API_KEY"
        )
    clean = url.isprintable() and " " not in url
    if not clean or parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0:
        raise ValueError(f"{url!r} is no address of a server, such as http://127.0.0.1:8000/v1")
    return parts.netloc


def check_key(key: str) -> str:
    """The key without white space around it; ValueError where no header can carry it. Never shows it."""
    key = key.strip()
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise ValueError("the key holds a character that no key has, such as a line break; set it again")
    return key
