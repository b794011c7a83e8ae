"""Who answered, without saying who: stable pseudonyms by a keyed hash.

The key is made once a folder and never leaves it; without it a pseudonym cannot be traced back even by
somebody who knows every address, and with it the same person keeps one name over all pulls.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterable
from pathlib import Path

from annotation.errors import AnnotationError
from annotation.private import write_private
from annotation.wire import User

SIMULATED_NAME = "r-sim"
SIMULATED_DOMAIN = "simulated.invalid"  # ".invalid" is reserved: no person has such an address


def simulated_email(number: int) -> str:
    return f"rater-{number:03d}@{SIMULATED_DOMAIN}"


def is_simulated(email: str) -> bool:
    return email.endswith("@" + SIMULATED_DOMAIN)


def is_simulated_name(rater: str) -> bool:
    """Whether a pseudonym is a simulated rater's."""
    return rater.startswith(SIMULATED_NAME)


def load_salt(folder: Path) -> bytes:
    """The folder's key, 32 random bytes in `rater-salt` (mode 600), made on the first call."""
    path = folder / "rater-salt"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        write_private(path, secrets.token_bytes(32))
    salt = path.read_bytes()
    if len(salt) != 32:
        raise AnnotationError(
            f"{path} is damaged: {len(salt)} bytes, not 32; restore it or pull into a new folder"
        )
    return salt


def pseudonym(email: str, salt: bytes) -> str:
    """`r-` and 6 hex of HMAC-SHA256 over the address; a simulated rater is named openly, `r-sim001`."""
    if is_simulated(email):
        return f"{SIMULATED_NAME}{email.split('@')[0].removeprefix('rater-')}"
    return "r-" + hmac.digest(salt, email.lower().encode(), "sha256").hex()[:6]


def pseudonyms(users: Iterable[User], salt: bytes) -> dict[int, str]:
    """User id -> pseudonym; raises AnnotationError when two people fall on the same one (1 in 16 million).

    Who left the organization has no address any more and is named by the account's number.
    """
    names = {user.id: pseudonym(_identity(user), salt) for user in users}
    if len(set(names.values())) != len(names):
        raise AnnotationError(
            "two raters share a pseudonym; delete `rater-salt` and pull into an empty folder"
        )
    return names


def _identity(user: User) -> str:
    return user.email if "@" in user.email else f"account {user.id}"
