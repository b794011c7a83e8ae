"""Read hand-written YAML field by field, with errors that say where and what to do."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path

import yaml

Phrase = tuple[str, str, str]  # one string for each wording of a policy text
WORDINGS = 3


class PolicyError(ValueError):
    """A policy, concept or wording file cannot be used; the message names file, field and remedy."""


@dataclass(frozen=True, slots=True)
class Fields:
    """A YAML mapping and the place it came from, such as `l3.yaml: rules[2]`."""

    data: dict[str, object]
    where: str

    def error(self, key: str, problem: str) -> PolicyError:
        return PolicyError(f"{self.where}: {key}: {problem}")

    def allow(self, *known: str) -> None:
        """Refuse keys that nothing reads: a misspelt `exceptions` must not silently vanish."""
        for key in self.data:
            if key not in known:
                raise self.error(key, f"unknown field; use one of {', '.join(known)}")

    def has(self, key: str) -> bool:
        return self.data.get(key) is not None

    def get(self, key: str) -> object:
        if not self.has(key):
            raise self.error(key, "missing field; add it")
        return self.data[key]

    def text(self, key: str) -> str:
        value = self.get(key)
        if not isinstance(value, str) or not value.strip():
            raise self.error(key, f"expected a text, got {value!r}; put it in quotes")
        return value.strip()

    def flag(self, key: str) -> bool:
        value = self.get(key)
        if not isinstance(value, bool):
            raise self.error(key, f"expected true or false, got {value!r}")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A non-empty list of texts."""
        value = self.get(key)
        if not isinstance(value, list) or not value or not all(isinstance(v, str) and v for v in value):
            raise self.error(key, f"expected a list of texts, got {value!r}; write [first, second]")
        return tuple(str(v).strip() for v in value)

    def names(self, key: str, known: Collection[str]) -> tuple[str, ...]:
        """A non-empty list of distinct names, each one of `known`; nothing when the field is left out."""
        if not self.has(key):
            return ()
        found = self.texts(key)
        for name in found:
            if name not in known:
                raise self.error(key, f"unknown name {name!r}; use one of {', '.join(known)}")
        if len(set(found)) < len(found):
            raise self.error(key, f"a name occurs twice in {list(found)}; list each once")
        return found

    def phrase(self, key: str) -> Phrase:
        found = self.texts(key)
        if len(found) != WORDINGS:
            raise self.error(key, f"expected {WORDINGS} texts, one a wording, got {len(found)}")
        return (found[0], found[1], found[2])

    def mapping(self, key: str) -> Fields:
        return _fields(self.get(key), f"{self.where}: {key}")

    def children(self, key: str) -> list[Fields]:
        """The mappings of a list; none when the field is left out."""
        value = self.data.get(key) or []
        if not isinstance(value, list):
            raise self.error(key, f"expected a list, got {value!r}; start each entry with '- '")
        return [_fields(item, f"{self.where}: {key}[{i}]") for i, item in enumerate(value)]


def _fields(value: object, where: str) -> Fields:
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise PolicyError(f"{where}: expected a mapping of field names to values, got {value!r}")
    return Fields(value, where)


def read_yaml(path: Path) -> object:
    """Parse one YAML file. Raises PolicyError when it is missing, not UTF-8 or not YAML."""
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise PolicyError(f"{path}: cannot be read ({error.strerror}); check the path") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        problem = " ".join(str(error).split())
        raise PolicyError(f"{path.name}: not valid YAML ({problem}); mend that line") from error


def read_fields(path: Path) -> Fields:
    return _fields(read_yaml(path), path.name)


def plain(value: object) -> object:
    """A value as YAML can hold it: dataclasses become mappings without their empty fields, tuples lists."""
    if is_dataclass(value) and not isinstance(value, type):
        pairs = {field.name: plain(getattr(value, field.name)) for field in fields(value)}
        return {key: item for key, item in pairs.items() if item not in ("", [], ["", "", ""])}
    return [plain(item) for item in value] if isinstance(value, tuple) else value
