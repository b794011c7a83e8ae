"""A server that ends with us, however we end: SIGKILL runs no clean-up of ours.

A shell waits at a pipe whose other end we hold. The system closes that end with us; the shell then kills the
server. It needs nothing but a POSIX shell.
"""

from __future__ import annotations

import subprocess


class Lifeline:
    """Kills the process `pid` (SIGKILL) once this process is gone; `release` when it has ended before."""

    def __init__(self, pid: int) -> None:
        self._shell = subprocess.Popen(
            ["sh", "-c", f"read line || kill -9 {pid}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # what is killed with our group would not see us go
        )

    def release(self) -> None:
        """Let the process be: its number may soon be another's."""
        self._shell.communicate(b"\n")
