"""One answered case of a run, and the table a run's cases are written as."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Literal, get_args

import pyarrow as pa
import pyarrow.parquet as pq

from bench.schema import Label, Role
from bench.verdict import Reading

Status = Literal["safe", "unsafe", "refused", "unparseable", "error"]
STATUSES: tuple[Status, ...] = get_args(Status)


@dataclass(frozen=True, slots=True)
class ResultRow:
    """What a model did on one (image, policy), beside the settled label.

    `gold` is None where the benchmark has no label; such a row is kept and not scored. `p_unsafe` in
    [0, 1], `margin` = log p(unsafe) - log p(safe) in nats and `label_mass` = p(unsafe) + p(safe) are None
    where the model gives no probabilities. `text` is what it wrote, `detail` why a status is what it is.
    `written` is what the text says where the status came from the probabilities, else None. A `fragile`
    verdict has a margin smaller than the run's own numerical noise.
    """

    image_id: str
    pair_id: str
    role: Role
    policy_id: str
    gold: Label | None
    status: Status
    p_unsafe: float | None
    margin: float | None
    label_mass: float | None
    text: str
    detail: str
    written: Reading | None = None
    fragile: bool = False


SCHEMA = pa.schema(
    [
        pa.field("image_id", pa.string(), nullable=False),
        pa.field("pair_id", pa.string(), nullable=False),
        pa.field("role", pa.string(), nullable=False),
        pa.field("policy_id", pa.string(), nullable=False),
        pa.field("gold", pa.string()),
        pa.field("status", pa.string(), nullable=False),
        pa.field("p_unsafe", pa.float64()),
        pa.field("margin", pa.float64()),
        pa.field("label_mass", pa.float64()),
        pa.field("text", pa.string(), nullable=False),
        pa.field("detail", pa.string(), nullable=False),
        pa.field("written", pa.string()),
        pa.field("fragile", pa.bool_(), nullable=False),
    ]
)


REPEATING = ["image_id", "pair_id", "role", "policy_id", "gold", "status", "detail", "written"]
LEVEL = 9  # of zstd; for 50,000 thoughts of 80 words 19 takes twenty times as long and saves a tenth


def write_results(path: Path, rows: Sequence[ResultRow]) -> None:
    """Write the table. The same rows give the same bytes with the same pyarrow."""
    columns = {field.name: [getattr(row, field.name) for row in rows] for field in fields(ResultRow)}
    table = pa.table(columns, schema=SCHEMA)
    pq.write_table(table, path, compression="zstd", compression_level=LEVEL, use_dictionary=REPEATING)


def read_results(path: Path) -> tuple[ResultRow, ...]:
    """Read a table that `write_results` wrote; ValueError names what another table lacks."""
    table = pq.read_table(path)
    missing = set(SCHEMA.names) - set(table.column_names)
    if missing:
        raise ValueError(f"{path} is not a table of results: it has no column {sorted(missing)}")
    strange = set(table["status"].unique().to_pylist()) - set(STATUSES)
    if strange:
        raise ValueError(f"{path} holds the status {sorted(strange)}, known are {STATUSES}")
    return tuple(map(ResultRow, *(table[name].to_pylist() for name in SCHEMA.names)))
