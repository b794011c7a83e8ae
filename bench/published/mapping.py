"""Any table of labelled pictures through a short mapping, in TOML or in YAML:

    title = "Street scenes"
    tables = ["labels.csv"]        # CSV, JSON, JSONL or Parquet, below this folder; or data/*.parquet
    images = "photos"              # folder of the pictures; left out where the table holds them
    label_source = "human"         # human, simulated or rule: where the labels are from
    safe = ["ok"]                  # words for safe; safe and 0 are always understood
    unsafe = ["bad", "nsfw"]       # words for unsafe; unsafe and 1 are always understood

    [columns]                      # our name = the table's; image and label are needed
    image = "file"                 # a path below the folder of pictures, or the stored picture
    label = "verdict"
    id = "number"                  # what the rows of one picture share; else its path, or each row is one
    policy = "rule_set"            # the id of the policy; left out where there is a single policy
    pair = "scene"                 # what the pictures of a pair share; else each is a pair of its own
    role = "side"                  # original, edited or control; else original
    category = "kind"

    [policies]                     # id = file with the text, beside this file
    house = "house.txt"

In place of `[policies]`, a column `policy_text` can give every row its own text.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast, get_args

from bench.evaluation_set import TextPolicy
from bench.fields import Fields, PolicyError, read_yaml
from bench.published.base import PublishedRow, PublishedSet
from bench.published.pictures import find_picture
from bench.published.tables import (
    KINDS,
    PLAIN_WORDS,
    PublishedError,
    Record,
    Words,
    columns_of,
    read_records,
    split_of,
)
from bench.schema import ROLES, LabelSource, Role

SUFFIXES = (".toml", ".yaml", ".yml")
ROLE_NAMES: Mapping[str, Role] = {role: role for role in ROLES}
KEYS = ("title", "tables", "images", "label_source", "safe", "unsafe", "columns", "policies")
COLUMNS = ("image", "label", "id", "policy", "policy_text", "pair", "role", "category")


@dataclass(frozen=True, slots=True)
class Mapped:
    """A mapping file. `columns` goes from our names to the table's, `policies` from ids to policies."""

    root: Path
    title: str
    tables: tuple[Path, ...]
    images: str
    label_source: LabelSource
    words: Words
    columns: Mapping[str, str]
    policies: Mapping[str, TextPolicy]


def read_mapping(file: Path) -> PublishedSet:
    """The set that a mapping file describes. PublishedError names the field or the row that is wrong."""
    try:
        mapped = _mapped(file)
    except PolicyError as error:
        raise PublishedError(str(error)) from error
    for table in mapped.tables:
        _check_columns(mapped, table)
    rows = [_row(mapped, record) for table in mapped.tables for record in read_records(table)]
    return PublishedSet(mapped.title, mapped.root, (*mapped.tables, file), rows, mapped.label_source)


def _mapped(file: Path) -> Mapped:
    fields = _fields(file)
    fields.allow(*KEYS)
    columns = fields.mapping("columns")
    columns.allow(*COLUMNS)
    texts = fields.mapping("policies") if fields.has("policies") else Fields({}, fields.where)
    return Mapped(
        root=file.parent,
        title=fields.text("title") if fields.has("title") else file.stem,
        tables=_tables(fields, file.parent),
        images=fields.text("images") if fields.has("images") else "",
        label_source=_label_source(fields),
        words=_words(fields),
        columns={
            name: columns.text(name) for name in COLUMNS if name in ("image", "label") or columns.has(name)
        },
        policies={id: _policy(file.parent, texts, id) for id in texts.data},
    )


def _fields(file: Path) -> Fields:
    if file.suffix != ".toml":
        data = read_yaml(file)
    else:
        try:
            data = tomllib.loads(file.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise PolicyError(f"{file.name}: not valid TOML ({error}); mend that line") from error
    if not isinstance(data, dict):
        raise PolicyError(f"{file.name}: expected fields such as tables and columns, got {data!r}")
    return Fields(data, file.name)


def _tables(fields: Fields, root: Path) -> tuple[Path, ...]:
    found: list[Path] = []
    for pattern in fields.texts("tables"):
        if Path(pattern).is_absolute():
            raise fields.error("tables", f"{pattern!r} is absolute; write it from the mapping file's folder")
        files = sorted(file for file in root.glob(pattern) if file.suffix in KINDS)
        if not files:
            raise fields.error("tables", f"{pattern!r} is no {', '.join(KINDS)} file in {root}")
        found += files
    return tuple(found)


def _label_source(fields: Fields) -> LabelSource:
    source = fields.text("label_source")
    if source not in get_args(LabelSource):
        raise fields.error("label_source", f"{source!r} is none of {', '.join(get_args(LabelSource))}")
    return cast(LabelSource, source)


def _words(fields: Fields) -> Words:
    safe, unsafe = ((fields.texts(key) if fields.has(key) else ()) for key in ("safe", "unsafe"))
    lowered = {word.lower() for word in safe} & {word.lower() for word in unsafe}
    if lowered:
        raise fields.error("unsafe", f"{sorted(lowered)} stand for safe as well; keep each word once")
    return {
        **PLAIN_WORDS,
        **{word.lower(): "safe" for word in safe},
        **{word.lower(): "unsafe" for word in unsafe},
    }


def _policy(root: Path, texts: Fields, policy_id: str) -> TextPolicy:
    file = root / texts.text(policy_id)
    if not file.is_file():
        raise texts.error(policy_id, f"{file} is not there; write the policy's text into it")
    return TextPolicy(policy_id, policy_id, file.read_text(encoding="utf-8").strip())


def _check_columns(mapped: Mapped, table: Path) -> None:
    there = columns_of(table)
    for name, column in mapped.columns.items():
        if column not in there:
            raise PublishedError(
                f"{table.name} has no column {column!r} for {name}; it has {', '.join(there)}"
            )


def _row(mapped: Mapped, record: Record) -> PublishedRow:
    columns = mapped.columns
    stored = record.pictures.get(columns["image"])
    path = "" if stored else record.text(columns["image"])
    image_id = record.text(columns["id"]) if "id" in columns else path or _row_name(record)
    return PublishedRow(
        image_id=image_id,
        pair_id=record.text(columns["pair"]) if "pair" in columns else image_id,
        role=_role(mapped, record),
        policy=_policy_of(mapped, record),
        label=record.label(columns["label"], mapped.words),
        picture=stored or find_picture(mapped.root, path, (mapped.images,)),
        category=record.optional(columns["category"]) if "category" in columns else "",
        split=split_of(record.file),
    )


def _row_name(record: Record) -> str:
    return f"{record.file.stem}-{record.number:05d}"


def _role(mapped: Mapped, record: Record) -> Role:
    if "role" not in mapped.columns:
        return "original"
    role = record.text(mapped.columns["role"])
    if role not in ROLE_NAMES:
        raise record.error(f"role {role!r} is none of {', '.join(ROLES)}")
    return ROLE_NAMES[role]


def _policy_of(mapped: Mapped, record: Record) -> TextPolicy:
    columns, policies = mapped.columns, mapped.policies
    policy_id = record.text(columns["policy"]) if "policy" in columns else next(iter(policies), "policy")
    if "policy_text" in columns:
        return TextPolicy(policy_id, policy_id, record.text(columns["policy_text"]))
    if policy_id not in policies or ("policy" not in columns and len(policies) > 1):
        known = ", ".join(policies) or "none"
        raise record.error(
            f"no text for policy {policy_id!r}; [policies] has {known}: add it, or name the column that says "
            "which policy a row is about, or the column policy_text"
        )
    return policies[policy_id]
