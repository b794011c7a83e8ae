"""Write docs/api/*.md from the docstrings of the public modules; griffe reads the sources and runs nothing.

python -m tests.docs.api_pages
"""

from __future__ import annotations

import inspect
from functools import lru_cache
from pathlib import Path

import griffe

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "api"
PUBLIC: dict[str, tuple[str, ...]] = {
    "bench": (
        "dataset", "schema", "policy", "verdict", "results", "scores", "stats", "compare", "cross_policy",
        "official", "report", "check", "evaluation_set",
    ),
    "evaluators": ("base", "spec", "profile", "runner", "run", "replay", "bundle", "submission"),
    "annotation": (
        "client", "server", "push", "pull", "forms", "consensus", "agreement", "gold", "adjudication",
        "rater_quality", "exposure", "status",
    ),
    "pipeline": ("config", "flow", "build", "publish", "store"),
    "data_cards": ("generator", "card", "croissant", "model_facts", "model_card"),
}  # fmt: skip
SECTIONS = ("Args:", "Returns:", "Raises:", "Yields:")
MADE = "<!-- made by `python -m tests.docs.api_pages`; do not edit -->\n"


def pages() -> dict[str, str]:
    """The text of every page by its file name."""
    found = {f"{package}.md": page(package, modules) for package, modules in PUBLIC.items()}
    return {"README.md": index(), **found}


def index() -> str:
    """The list of packages and modules, each with the first line of its docstring."""
    lines = [
        MADE,
        "# API",
        "",
        "Made from the docstrings. Anything that is not here may change at any time.",
        "",
    ]
    for package, modules in PUBLIC.items():
        lines += [f"## [`{package}`]({package}.md)", ""]
        for name in modules:
            first = summary(module(package, name))
            lines.append(f"- [`{package}.{name}`]({package}.md#{package}{name}): {first}")
        lines.append("")
    return "\n".join(lines)


def page(package: str, modules: tuple[str, ...]) -> str:
    """Everything public in the modules of a package."""
    parts = [MADE, f"# `{package}`", "", "[All packages](README.md)", ""]
    for name in modules:
        found = module(package, name)
        parts += [f"## `{package}.{name}`", "", *docstring(found)]
        for member in public(found):
            parts += entry(member)
    return "\n".join(parts)


@lru_cache
def read(package: str) -> griffe.Module:
    """A package as griffe reads it, once."""
    loaded = griffe.load(package, search_paths=[ROOT], resolve_aliases=False)
    assert isinstance(loaded, griffe.Module), package
    return loaded


def module(package: str, name: str) -> griffe.Module:
    found = read(package)[name]
    assert isinstance(found, griffe.Module), name
    return found


def public(found: griffe.Module) -> list[griffe.Class | griffe.Function]:
    """Classes and functions that the module itself defines, in the order of its source."""
    own = [member for name, member in found.members.items() if not name.startswith("_")]
    kept = [member for member in own if isinstance(member, griffe.Class | griffe.Function)]
    return sorted(kept, key=lambda member: member.lineno or 0)


def entry(member: griffe.Class | griffe.Function) -> list[str]:
    """A heading, the signature as it stands in the source, the docstring, and a class's public methods."""
    lines = [f"### `{member.name}`", "", "```python", signature(member), "```", "", *docstring(member)]
    if isinstance(member, griffe.Class):
        for name, method in member.members.items():
            if isinstance(method, griffe.Function) and not name.startswith("_"):
                lines += [f"#### `{member.name}.{name}`", "", "```python", signature(method), "```", ""]
                lines += docstring(method)
    return lines


def signature(member: griffe.Class | griffe.Function) -> str:
    """The source up to the body; of a class with fields, its fields too, for they are its arguments."""
    if isinstance(member, griffe.Function):
        return f"def {member.signature(return_type=True)}"
    bases = ", ".join(str(base) for base in member.bases)
    fields = [
        f"    {name}: {value.annotation}" + (f" = {value.value}" if value.value is not None else "")
        for name, value in member.members.items()
        if isinstance(value, griffe.Attribute) and value.annotation is not None and not name.startswith("_")
    ]
    head = f"class {member.name}({bases})" if bases else f"class {member.name}"
    return "\n".join([head + (":" if fields else ""), *fields])


def docstring(member: griffe.Object) -> list[str]:
    """Its lines as Markdown: the sections of Google's style become lists, everything else stays."""
    if member.docstring is None:
        return []
    lines: list[str] = []
    section = False
    for line in inspect.cleandoc(member.docstring.value).splitlines():
        if line in SECTIONS:
            section = True
            lines += [f"**{line.removesuffix(':')}**", ""]
        elif section and line.startswith("    "):
            lines.append(item(line[4:]))
        else:
            section = section and not line
            lines.append(line if line.startswith("    ") else line.replace("<", "&lt;"))
    return [*lines, ""]


def item(line: str) -> str:
    """A line of a section: a list's item, or what goes on with one."""
    if line.startswith(" "):
        return "  " + line.strip()
    name, colon, told = line.partition(": ")
    return f"- `{name}`: {told}" if colon else f"- {line}"


def summary(found: griffe.Module) -> str:
    """The first sentence of a module's docstring, on one line."""
    text = found.docstring.value if found.docstring else ""
    first = " ".join(text.split("\n\n")[0].split())
    return first.replace("<", "&lt;")


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
        print(f"{FOLDER / name}: {len(text.splitlines())} lines")


if __name__ == "__main__":
    main()
