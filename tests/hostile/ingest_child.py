"""Ingest a folder item by item, in limited memory: `python -m tests.hostile.ingest_child FOLDER OUT FROM`.

One JSON line before an item ({"at": n, ...}) and one after it, so that whoever reads them knows which item a
crash or a hang belongs to.
"""

from __future__ import annotations

import json
import resource
import sys
import time
import traceback
import warnings
from pathlib import Path

from pipeline.config import BuildConfig
from pipeline.images import load
from pipeline.ingest import Ingest
from pipeline.run import LoopRunner, run_stage
from pipeline.sources import SourceItem, list_items
from pipeline.store import Entry, Store
from tests.hostile.mutations import MARK

ADDRESS_SPACE = 6 * 2**30  # bytes; the interpreter and its libraries map about one gibibyte of them


def main(folder: Path, out: Path, start: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    warnings.simplefilter("ignore")
    config = BuildConfig.from_values({"out": out, "source": {"kind": "folder", "path": str(folder)}})
    items = list_items(config.source)
    for number, item in enumerate(items[start:], start):
        _say({"at": number, "of": len(items), "name": item.name})
        _say(_measured(config, item))


def _measured(config: BuildConfig, item: SourceItem) -> dict[str, object]:
    Path("/proc/self/clear_refs").write_text("5")  # the peak of memory starts anew
    cpu = time.process_time()
    status, reason = _ingest(config, item)
    used = round(time.process_time() - cpu, 3)
    return {"status": status, "reason": reason, "cpu": used, "peak_mib": _peak_mib()}


def _ingest(config: BuildConfig, item: SourceItem) -> tuple[str, str]:
    try:
        ((_, entry),) = run_stage(Ingest, [item], config, LoopRunner(), lambda stage, done, total: None)
        if entry.status == "failed":
            return ("refused", entry.reason) if entry.reason else ("crashed", "refused without a reason")
        return ("accepted", "") if _sound(config, entry) else ("crashed", "what is stored is wrong")
    except Exception:  # the very thing that must not happen: it would end a build
        return "crashed", traceback.format_exc()[-600:]


def _sound(config: BuildConfig, entry: Entry) -> bool:
    """Whether what was stored is a picture of that size, and nothing beside."""
    blob = Store(config.work).get(entry.outputs["image"])
    return load(blob).shape == (entry.value["height"], entry.value["width"], 3) and MARK not in blob


def _peak_mib() -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) // 1024


def _say(line: dict[str, object]) -> None:
    print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
