"""Every Python process that finds this on its path writes down where it connects and which names it asks for.

`LEAKS_LOG` names the file; a line is the event, the destination and the program.
"""

import os
import sys

_LOG = os.environ["LEAKS_LOG"]
_WATCHED = {"socket.connect": 1, "socket.sendto": 1, "socket.getaddrinfo": 0}


def _note(event: str, arguments: tuple[object, ...]) -> None:
    if event not in _WATCHED:
        return
    where = arguments[_WATCHED[event]]
    target = where[0] if isinstance(where, tuple) else where
    line = f"{event}\t{target!r}\t{os.path.basename(sys.argv[0])}\n"  # noqa: PTH119 (no imports in every process)
    file = os.open(_LOG, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(file, line.encode())
    os.close(file)


sys.addaudithook(_note)
