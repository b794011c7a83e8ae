"""The embedded Label Studio: started on loopback from its own environment, stopped cleanly.

    with running_server(Path("annotate"), cache=Path("cache")) as server:
        client = connect(server.url, server.token)

Everything it owns lives in the data folder, which only its owner can read: the database, uploaded
images, `credentials.json` (mode 600), `server.json` while it runs and `label-studio.log`. Killed with
SIGKILL, we take the server with us (`bench.lifeline`).
"""

from __future__ import annotations

import json
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

import httpx

from annotation.errors import AnnotationError
from annotation.private import write_private
from annotation.progress import Progress
from annotation.template import DATABASE, prepare_database, program_of, quiet_environment
from bench.lifeline import Lifeline

HOST = "127.0.0.1"
LOG = "label-studio.log"
EMAIL = "admin@annotation.invalid"
ENVIRONMENT = Path(".venv-label-studio")  # where `make label-studio` puts it
BOOT_TIMEOUT = 180.0  # seconds
USUAL_BOOT = 8  # seconds from a migrated database; only scales the progress display


@dataclass(frozen=True, slots=True)
class Credentials:
    email: str
    password: str = field(repr=False)
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Server:
    """A running server. `folder` holds all it owns."""

    url: str
    folder: Path
    credentials: Credentials
    process: subprocess.Popen[bytes] = field(repr=False)

    @property
    def token(self) -> str:
        return self.credentials.token

    def wait(self) -> None:
        """Block until the server ends by itself, which it should not; raises AnnotationError then."""
        code = self.process.wait()
        raise _boot_error(self.folder, f"stopped with code {code}")


def serve(
    folder: Path,
    *,
    cache: Path,
    ready: Callable[[Server], None],
    environment: Path = ENVIRONMENT,
    port: int = 8080,
    progress: Progress | None = None,
) -> None:
    """Run in the foreground until Ctrl-C or SIGTERM; `ready` is called once the server answers."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that it stops the server too
    with (
        suppress(KeyboardInterrupt),
        running_server(folder, cache=cache, environment=environment, port=port, progress=progress) as server,
    ):
        ready(server)
        server.wait()


@contextmanager
def running_server(
    folder: Path,
    *,
    cache: Path,
    environment: Path = ENVIRONMENT,
    port: int = 8080,
    progress: Progress | None = None,
) -> Iterator[Server]:
    """Start Label Studio on http://127.0.0.1:`port`, yield it when it answers, stop it on the way out.

    `cache` keeps the migrated database that makes later first starts fast. Raises AnnotationError when
    the environment is missing, the port is taken, the folder is already served, or the start fails.
    """
    program = program_of(environment.absolute())
    folder = _private_folder(folder)
    _refuse_second_server(folder)
    _refuse_taken_port(port)
    _refuse_lost_credentials(folder)
    credentials = load_credentials(folder)
    prepare_database(environment.absolute(), cache, folder, progress)
    process = _spawn(program, folder, port, credentials)
    lifeline = Lifeline(process.pid)
    server = Server(f"http://{HOST}:{port}", folder, credentials, process)
    try:
        _wait_until_healthy(server, progress)
        write_private(folder / "server.json", json.dumps({"url": server.url, "pid": process.pid}).encode())
        yield server
    finally:
        _stop(process)
        lifeline.release()
        (folder / "server.json").unlink(missing_ok=True)


def load_credentials(folder: Path) -> Credentials:
    """The administrator's account of a data folder, generated on the first call (`credentials.json`)."""
    path = folder / "credentials.json"
    if not path.exists():
        made = Credentials(EMAIL, secrets.token_urlsafe(18), secrets.token_hex(20))
        write_private(path, json.dumps(asdict(made), indent=2).encode())
    return Credentials(**json.loads(path.read_text()))


def running_url(folder: Path) -> str | None:
    """Where the server of this data folder answers now, or None when none runs."""
    state = folder / "server.json"
    url = str(json.loads(state.read_text())["url"]) if state.exists() else ""
    return url if url and _healthy(url) else None


def _private_folder(folder: Path) -> Path:
    folder = folder.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    return folder


def _refuse_second_server(folder: Path) -> None:
    url = running_url(folder)
    if url is not None:
        pid = json.loads((folder / "server.json").read_text())["pid"]
        raise AnnotationError(
            f"{folder} is already served at {url}; use it, or stop it first (process {pid})"
        )


def _refuse_taken_port(port: int) -> None:
    # Label Studio would silently move on to the next free port, and the address we print would be wrong.
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise AnnotationError(
                f"port {port} is taken ({error.strerror}); choose another with --port"
            ) from error


def _refuse_lost_credentials(folder: Path) -> None:
    if (folder / DATABASE).exists() and not (folder / "credentials.json").exists():
        raise AnnotationError(
            f"{folder} holds a database but no credentials.json; restore it, or serve a new folder"
        )


def _spawn(program: Path, folder: Path, port: int, credentials: Credentials) -> subprocess.Popen[bytes]:
    secret = {
        "LABEL_STUDIO_USERNAME": credentials.email,
        "LABEL_STUDIO_PASSWORD": credentials.password,
        "LABEL_STUDIO_USER_TOKEN": credentials.token,
        "LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN": "true",
        "LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK": "true",
    }
    command = [str(program), "start", "--no-browser", "--internal-host", HOST, "--port", str(port)]
    with (folder / LOG).open("ab") as log:
        return subprocess.Popen(
            [*command, "--data-dir", str(folder)],
            env=quiet_environment(folder) | secret,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C reaches us first, so we can stop it in order
        )


def _wait_until_healthy(server: Server, progress: Progress | None) -> None:
    start = time.monotonic()
    while not _healthy(server.url):
        waited = time.monotonic() - start
        code = server.process.poll()
        if code is not None:
            raise _boot_error(server.folder, f"stopped with code {code} while starting")
        if waited > BOOT_TIMEOUT:
            raise _boot_error(server.folder, f"did not answer within {BOOT_TIMEOUT:.0f} s")
        if progress is not None:
            progress(min(int(waited), USUAL_BOOT - 1), USUAL_BOOT)
        time.sleep(0.2)
    if progress is not None:
        progress(USUAL_BOOT, USUAL_BOOT)


def _boot_error(folder: Path, what: str) -> AnnotationError:
    """The error for a server that `what`, with the end of its log."""
    tail = "\n".join((folder / LOG).read_text(errors="replace").splitlines()[-15:])
    return AnnotationError(f"Label Studio {what}; the last lines of {folder / LOG}:\n{tail}")


def _healthy(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health", timeout=5, trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
