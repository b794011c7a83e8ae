"""Whether a JSON value is what a dataclass says: records that come from strangers are not taken on trust."""

from __future__ import annotations

import math
import types
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from typing import Literal, Union, get_args, get_origin, get_type_hints


def misfit(value: object, hint: object, where: str) -> str:
    """What of `value` does not fit the type `hint`, with its place; "" where all of it fits.

    Takes dataclasses (their fields and no others), tuples of one kind, mappings from strings, Literal,
    unions, None and the four scalars. A number must be finite, and True is no number.
    """
    if isinstance(hint, type) and is_dataclass(hint):
        return _record(value, hint, where)
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        told = [misfit(value, option, where) for option in arguments]
        return "" if "" in told else told[0]
    if origin is Literal:
        return "" if value in arguments and isinstance(value, str) else _told(value, hint, where)
    if origin is tuple:
        if not isinstance(value, list):
            return _told(value, "a list", where)
        return _first(misfit(item, arguments[0], f"{where}[{i}]") for i, item in enumerate(value))
    if origin is Mapping:
        if not isinstance(value, dict):
            return _told(value, "an object", where)
        return _first(misfit(item, arguments[1], f"{where}.{key}") for key, item in value.items())
    return "" if _scalar(value, hint) else _told(value, getattr(hint, "__name__", hint), where)


def _record(value: object, hint: type, where: str) -> str:
    if not isinstance(value, dict):
        return _told(value, "an object", where)
    hints = _hints(hint)
    for field in fields(hint):
        if field.name not in value and field.default is MISSING and field.default_factory is MISSING:
            return f"{where} lacks {field.name}"
    if strange := sorted(set(value) - set(hints)):
        return f"{where} has {strange[0]!r}, which does not belong there"
    return _first(misfit(item, hints[name], f"{where}.{name}") for name, item in value.items())


@cache
def _hints(record: type) -> dict[str, object]:
    return get_type_hints(record)


def _scalar(value: object, hint: object) -> bool:
    if hint is float:
        return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return value is None if hint is type(None) else isinstance(value, str | bool) and type(value) is hint


def _told(value: object, wanted: object, where: str) -> str:
    return f"{where} is {value!r:.60}, should be {wanted}"


def _first(told: Iterable[str]) -> str:
    return next((line for line in told if line), "")
