"""A migrated, empty database to start from.

Label Studio runs some 400 migrations on a fresh SQLite file, about 40 s; started from a copy of a
migrated file it answers in a few seconds. The copy holds no account, key or project: those are made
for each server. The cached file is named for the version, so an upgrade makes its own.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import tempfile
import time
from contextlib import closing
from importlib.metadata import distributions
from pathlib import Path

from annotation.errors import AnnotationError
from annotation.progress import Progress

DATABASE = "label_studio.sqlite3"
MIGRATE_TIMEOUT = 900.0  # seconds
USUAL_MIGRATION = 45  # seconds; only scales the progress display


def program_of(environment: Path) -> Path:
    """The `label-studio` command of a virtual environment; raises AnnotationError where it is missing."""
    program = environment / "bin" / "label-studio"
    if not program.is_file():
        raise AnnotationError(
            f"no Label Studio in {environment}; run `make label-studio` to install it there"
        )
    return program


def version_of(environment: Path) -> str:
    """The installed version, read from the environment's package metadata without starting anything."""
    folders = [str(path) for path in environment.glob("lib/python*/site-packages")]
    for package in distributions(name="label-studio", path=folders):
        return package.version
    raise AnnotationError(
        f"{environment} has a label-studio command but no package; run `make label-studio` again"
    )


def migrated_database(environment: Path, cache: Path, progress: Progress | None = None) -> Path:
    """The migrated database in `cache`, made on the first call (about 40 s) and reused after that."""
    cache = cache.absolute()  # Label Studio runs in another folder
    target = cache / f"label-studio-{version_of(environment)}.sqlite3"
    if not target.is_file():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache, prefix="migrating-") as scratch:
            _migrate(environment, Path(scratch), progress)
            (Path(scratch) / DATABASE).replace(target)
    return target


def prepare_database(environment: Path, cache: Path, data: Path, progress: Progress | None) -> None:
    """Put a migrated database into a data folder that has none."""
    database = data / DATABASE
    if not database.exists():
        partial = database.with_suffix(".partial")
        shutil.copyfile(migrated_database(environment, cache, progress), partial)
        partial.chmod(0o600)
        _log_ahead(partial)
        partial.replace(database)


def _log_ahead(database: Path) -> None:
    """Write-ahead logging, kept in the file: one disk sync a commit instead of several, as safe as before."""
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA journal_mode=wal")


def quiet_environment(data: Path) -> dict[str, str]:
    """Environment variables of every Label Studio process we start: SQLite, loopback, nothing reported.

    Made from scratch, so that no variable of the caller's shell changes the server; `HOME` is the data
    folder because Label Studio keeps a settings file there.
    """
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "LANG": "C.UTF-8",
        "HOME": str(data),
        "DJANGO_DB": "sqlite",
        "LABEL_STUDIO_BASE_DATA_DIR": str(data),
        "COLLECT_ANALYTICS": "false",
        "LATEST_VERSION_CHECK": "false",
        "SENTRY_DSN": "",
        "FRONTEND_SENTRY_DSN": "",
    }


def _migrate(environment: Path, data: Path, progress: Progress | None) -> None:
    # "version" applies the migrations, makes no account and exits.
    command = [str(program_of(environment)), "version", "--data-dir", str(data)]
    log = data / "migrate.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, env=quiet_environment(data), cwd=data, stdout=output, stderr=subprocess.STDOUT
        )
        _watch(process, progress)
    if process.returncode != 0 or not (data / DATABASE).is_file():
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
        raise AnnotationError(f"Label Studio in {environment} could not make its database:\n{tail}")


def _watch(process: subprocess.Popen[bytes], progress: Progress | None) -> None:
    """Wait for the migrations; they are stopped when they take too long or we are interrupted."""
    start = time.monotonic()
    try:
        while process.poll() is None and time.monotonic() - start < MIGRATE_TIMEOUT:
            if progress is not None:
                progress(min(int(time.monotonic() - start), USUAL_MIGRATION - 1), USUAL_MIGRATION)
            time.sleep(0.2)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
