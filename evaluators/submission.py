"""Make a submission of a finished run: everything that anyone needs to compute its figures again.

A submission is a run's folder once more, with one journal in the order of the table and without the
addresses and paths of the machine it ran on. So `verify`, `rescore`, `replay` and `report` take an unpacked
one like any run. It holds no figure: figures are computed from its rows by whoever reads it.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

from bench.archive import pack, seal
from bench.layout import SUMS
from bench.run_folder import RESULTS, RUN
from bench.staging import staged_folder
from evaluators.bundle import verify_run
from evaluators.journal import Answered, Part, read_journals
from evaluators.masking import Mask
from evaluators.run import ALONE, KEY, ROWS, RunInfo, RunResult, claim, load_run, save_run

JOURNAL, AUDIT = f"{ROWS}.jsonl", f"{ALONE}.jsonl"
FILES = frozenset({SUMS, KEY, RUN, RESULTS, JOURNAL, AUDIT})


def submit(run: Path, out: Path) -> None:
    """Write the submission of the finished run in `run`: a zip where `out` ends in `.zip`, else a folder.

    The same run gives the same bytes. Raises ValueError where the run is not finished or does not hold.
    """
    if problems := verify_run(run).problems:
        raise ValueError(f"{run} does not hold, so it is not submitted: {problems[0]}")
    result = load_run(run)
    if out.suffix != ".zip":
        with staged_folder(out) as folder:
            _write(result, folder)
        return
    with tempfile.TemporaryDirectory() as scratch:
        _write(result, Path(scratch))
        pack(Path(scratch), out)


def _write(result: RunResult, folder: Path) -> None:
    mask = mask_of(result.info)
    order = list(dict.fromkeys(row.image_id for row in result.rows))
    for stem, name in ((ROWS, JOURNAL), (ALONE, AUDIT)):
        record = read_journals(result.out, stem).answered
        _write_journal(folder / name, [_masked(record[i], mask) for i in order if i in record])
    info = public_info(result.info, mask)
    claim(folder, info.key, started=False)
    save_run(folder, info, tuple(replace(row, detail=mask.text(row.detail)) for row in result.rows))
    seal(folder)


def mask_of(info: RunInfo) -> Mask:
    """The mask that knows every host the run names."""
    return Mask.of([info.guardrail, *info.key.values(), *(part.device for part in info.parts)])


def public_key(key: dict[str, str], mask: Mask) -> dict[str, str]:
    """A run's key as it may be seen."""
    return {name: mask.text(value) for name, value in key.items()}


def public_info(info: RunInfo, mask: Mask) -> RunInfo:
    """A run's record as it may be seen."""
    return replace(
        info,
        guardrail=mask.text(info.guardrail),
        device=mask.text(info.device),
        key=public_key(dict(info.key), mask),
        parts=tuple(_public_part(part, mask) for part in info.parts),
    )


def _public_part(part: Part, mask: Mask) -> Part:
    notes = {n: mask.text(note) if isinstance(note, str) else note for n, note in part.notes.items()}
    return replace(part, device=mask.text(part.device), notes=notes)


def _masked(answered: Answered, mask: Mask) -> Answered:
    outcomes = tuple(replace(o, detail=mask.text(o.detail)) for o in answered.outcomes)
    return replace(answered, outcomes=outcomes)


def _write_journal(path: Path, answered: Sequence[Answered]) -> None:
    """One line an image, as a run writes them; no file where there is none."""
    if answered:
        path.write_text("".join(json.dumps(asdict(one), allow_nan=False) + "\n" for one in answered))
