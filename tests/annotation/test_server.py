"""The embedded server's life, with a stand-in program in place of Label Studio."""

from __future__ import annotations

import json
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from annotation.client import connect_embedded
from annotation.errors import AnnotationError
from annotation.server import load_credentials, running_server, running_url
from annotation.template import DATABASE, migrated_database, quiet_environment, version_of

ROOT = Path(__file__).parents[2]
SERVING = """
import http.server, os
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(b"{}")
    def log_message(self, *args): pass
print("ready for", os.environ["LABEL_STUDIO_USERNAME"], flush=True)
http.server.HTTPServer(("127.0.0.1", int(PORT)), Handler).serve_forever()
"""


def stand_in(folder: Path, start: str = SERVING) -> Path:
    """A virtual environment whose `label-studio` makes an empty database, or runs `start`."""
    packages = folder / "lib" / "python3.11" / "site-packages" / "label_studio-9.9.dist-info"
    packages.mkdir(parents=True)
    (packages / "METADATA").write_text("Metadata-Version: 2.1\nName: label-studio\nVersion: 9.9\n")
    program = folder / "bin" / "label-studio"
    program.parent.mkdir()
    program.write_text(
        f"#!{sys.executable}\n"
        "import pathlib, sqlite3, sys\n"
        "data = pathlib.Path(sys.argv[sys.argv.index('--data-dir') + 1])\n"
        "if sys.argv[1] == 'version':\n"
        f"    sqlite3.connect(data / '{DATABASE}').execute('create table migrated(x)'); sys.exit(0)\n"
        "PORT = sys.argv[sys.argv.index('--port') + 1]\n" + start
    )
    program.chmod(0o755)
    return folder


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    return stand_in(tmp_path / "environment")


def test_it_starts_is_found_by_its_folder_and_stops(tmp_path: Path, environment: Path) -> None:
    data, port = tmp_path / "data", free_port()
    with running_server(data, cache=tmp_path / "cache", environment=environment, port=port) as server:
        assert server.url == running_url(data) == f"http://127.0.0.1:{port}"
        assert connect_embedded(data).url == server.url
        assert "ready for admin@annotation.invalid" in (data / "label-studio.log").read_text()
    assert server.process.poll() is not None
    assert running_url(data) is None
    with pytest.raises(AnnotationError, match=r"no server runs on .*annotate serve"):
        connect_embedded(data)


def test_secrets_are_generated_kept_and_private(tmp_path: Path, environment: Path) -> None:
    data = tmp_path / "data"
    with running_server(data, cache=tmp_path, environment=environment, port=free_port()) as server:
        assert stat.S_IMODE(data.stat().st_mode) == 0o700
        assert stat.S_IMODE((data / "credentials.json").stat().st_mode) == 0o600
        assert server.credentials == load_credentials(data) != load_credentials(tmp_path)
        assert server.credentials.password not in repr(server)
        assert server.token not in repr(server)
        assert server.token not in Path(f"/proc/{server.process.pid}/cmdline").read_text()


def test_the_migrated_database_is_made_once_and_holds_nobody(tmp_path: Path, environment: Path) -> None:
    cache = tmp_path / "cache"
    made = migrated_database(environment, cache)
    assert made.name == "label-studio-9.9.sqlite3"
    made_at = made.stat().st_mtime_ns
    with running_server(tmp_path / "data", cache=cache, environment=environment, port=free_port()):
        pass
    with closing(sqlite3.connect(tmp_path / "data" / DATABASE)) as database:
        assert database.execute("select name from sqlite_master").fetchall() == [("migrated",)]
        assert database.execute("pragma journal_mode").fetchone() == ("wal",)
    assert made.stat().st_mtime_ns == made_at
    assert [path.name for path in cache.iterdir()] == [made.name]


def test_paths_may_be_relative(tmp_path: Path, environment: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    here = Path(environment.name)
    with running_server(Path("data"), cache=Path("cache"), environment=here, port=free_port()) as server:
        assert running_url(Path("data")) == server.url


def test_a_missing_environment_names_the_remedy(tmp_path: Path) -> None:
    with (
        pytest.raises(AnnotationError, match=r"no Label Studio in .*run `make label-studio`"),
        running_server(tmp_path / "data", cache=tmp_path, environment=tmp_path / "none", port=free_port()),
    ):
        pass
    assert not (tmp_path / "data").exists()


def test_a_broken_environment_names_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(AnnotationError, match="a label-studio command but no package"):
        version_of(tmp_path)


def test_a_taken_port_is_refused(tmp_path: Path, environment: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with (
            pytest.raises(AnnotationError, match=f"port {port} is taken .* choose another with --port"),
            running_server(tmp_path / "data", cache=tmp_path, environment=environment, port=port),
        ):
            pass


def test_a_folder_is_served_once(tmp_path: Path, environment: Path) -> None:
    data = tmp_path / "data"
    with running_server(data, cache=tmp_path, environment=environment, port=free_port()) as server:
        pid = server.process.pid
        with (
            pytest.raises(AnnotationError, match=rf"already served at {server.url}; .*process {pid}"),
            running_server(data, cache=tmp_path, environment=environment, port=free_port()),
        ):
            pass
        assert running_url(data) == server.url


def test_a_failed_start_shows_the_end_of_the_log(tmp_path: Path) -> None:
    failing = stand_in(tmp_path / "environment", "print('no such table: users'); sys.exit(3)\n")
    with (
        pytest.raises(AnnotationError, match=r"(?s)stopped with code 3 while starting.*no such table: users"),
        running_server(tmp_path / "data", cache=tmp_path, environment=failing, port=free_port()),
    ):
        pass


def test_a_slow_start_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("annotation.server.BOOT_TIMEOUT", 0.5)
    slow = stand_in(tmp_path / "environment", "import time; print('thinking', flush=True); time.sleep(60)\n")
    with (
        pytest.raises(AnnotationError, match=r"(?s)did not answer within 0 s.*thinking"),
        running_server(tmp_path / "data", cache=tmp_path, environment=slow, port=free_port()),
    ):
        pass


def test_a_database_without_its_credentials_is_left_alone(tmp_path: Path, environment: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / DATABASE).write_bytes(b"precious")
    with (
        pytest.raises(AnnotationError, match=r"a database but no credentials\.json"),
        running_server(data, cache=tmp_path, environment=environment, port=free_port()),
    ):
        pass
    assert (data / DATABASE).read_bytes() == b"precious"


def test_progress_rises_to_the_end(tmp_path: Path, environment: Path) -> None:
    seen: list[tuple[int, int]] = []
    with running_server(
        tmp_path / "data",
        cache=tmp_path,
        environment=environment,
        port=free_port(),
        progress=lambda done, total: seen.append((done, total)),
    ):
        done, total = seen[-1]
        assert done == total


def test_nothing_is_reported_and_nothing_is_inherited(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LABEL_STUDIO_HOST", "https://example.org")
    variables = quiet_environment(tmp_path)
    assert variables["COLLECT_ANALYTICS"] == variables["LATEST_VERSION_CHECK"] == "false"
    assert variables["SENTRY_DSN"] == variables["FRONTEND_SENTRY_DSN"] == ""
    assert "LABEL_STUDIO_HOST" not in variables


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_the_foreground_server_goes_down_with_its_command(
    tmp_path: Path, environment: Path, stop: signal.Signals
) -> None:
    data = tmp_path / "data"
    code = (
        "import signal, sys; from pathlib import Path; from annotation.server import serve; a = sys.argv\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # a shell's background job ignores it
        "serve(Path(a[1]), cache=Path(a[2]), environment=Path(a[3]), port=int(a[4]),"
        " ready=lambda server: print(server.url, flush=True))"
    )
    arguments = [str(data), str(tmp_path), str(environment), str(free_port())]
    with subprocess.Popen(
        [sys.executable, "-c", code, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as command:
        assert command.stdout is not None
        url = command.stdout.readline().strip()
        child = json.loads((data / "server.json").read_text())["pid"]
        assert running_url(data) == url
        command.send_signal(stop)
        assert command.wait(timeout=20) == 0
    deadline = time.monotonic() + 5
    while Path(f"/proc/{child}").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not Path(f"/proc/{child}").exists()
    assert running_url(data) is None
