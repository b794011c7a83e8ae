"""The licence of every installed package: `python -m tests.supply.licences [--short]`.

Read from the packages' own metadata. Exit 1 where a licence is unknown, copyleft or proprietary and the
package is not in `ALLOWED` with a reason, or where a reason has lost its package. `--short` prints only the
summary by family.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatch
from importlib.metadata import Distribution

from tests.supply.environment import FOR_TESTS, FOR_USE, installed, needed

# From the mildest to the strictest; of several in one text the strictest counts, also where one may choose.
FAMILIES = {
    "permissive": r"BSD|\bMIT\b|\bApache|\bISC|\bPSF|Python Software Foundation|\bHPND|\bBSL-1\.0"
    r"|Unlicense|\bZlib|CNRI-Python|\bTCL\b|CC0-1\.0|LLVM-exception|\bArtistic",
    "file copyleft": r"\bMPL|Mozilla|\bEPL|\bCDDL",
    "copyleft": r"\b[AL]?GPL|General Public License|\bEUPL|CC-BY-SA",
    "proprietary": r"LicenseRef-NVIDIA|Proprietary",
}
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Allowed:
    """Why a package that would fail may stay; `tests` where this holds only as long as users never get it."""

    why: str
    tests: bool = False


AS_IT_IS = Allowed("used unchanged; its terms bind changes to its own files alone")
NVIDIA = Allowed("comes with torch's wheels for CUDA under NVIDIA's terms; we pass none of it on")
ALLOWED: Mapping[str, Allowed] = {
    "certifi": AS_IT_IS,
    "tqdm": AS_IT_IS,
    "orjson": AS_IT_IS,
    "pathspec": AS_IT_IS,
    "hypothesis": AS_IT_IS,
    "cuda-*": NVIDIA,
    "nvidia-*": NVIDIA,
    "text-unidecode": Allowed("may be taken under the Artistic License, and is"),
    "mlcroissant": Allowed("no licence in its metadata; its repository says Apache-2.0", tests=True),
    "krippendorff": Allowed("an independent alpha to hold ours against", tests=True),
    "num2words": Allowed("one of the processors that the tests open needs it", tests=True),
}


@dataclass(frozen=True, slots=True)
class Package:
    name: str
    version: str
    licence: str
    family: str
    needed_by: str  # "use", "tests", or "-" for what nothing here asks for


def packages() -> tuple[Package, ...]:
    """All installed packages but the project, by name."""
    use, tests = needed(FOR_USE), needed(FOR_TESTS)
    return tuple(
        Package(name, one.version, told, family(told), where)
        for name, one in installed().items()
        for told in [licence(one)]
        for where in ["use" if name in use else "tests" if name in tests else "-"]
    )


def licence(one: Distribution) -> str:
    """What a package says: its SPDX expression, else classifiers, licence field or the licence's own text."""
    said = one.metadata
    if expression := said.get("License-Expression"):
        return str(expression)
    kinds = [each for each in said.get_all("Classifier") or [] if each.startswith("License ::")]
    told = [each.split(" :: ")[-1] for each in kinds if each != "License :: OSI Approved"]
    if told:
        return "; ".join(told)
    return next(filter(None, (said.get("License") or "").splitlines()), "").strip() or _heading(one)


def _heading(one: Distribution) -> str:
    """The first line of the licence's text that names a family."""
    files = [file for file in one.files or () if re.search(r"(LICEN[CS]E|COPYING)[^/]*$", str(file))]
    lines = (line.strip() for file in files for line in file.read_text(encoding="utf-8").splitlines())
    return next((line for line in lines if family(line) != UNKNOWN), "")


def family(text: str) -> str:
    """The strictest family among the parts of a licence's text; one part that nobody knows is enough."""
    return max(map(_family, re.split(r"\)? (?:AND|OR|WITH) \(?", text)), key=[*FAMILIES, UNKNOWN].index)


def _family(part: str) -> str:
    named = [name for name, words in FAMILIES.items() if re.search(words, part, re.IGNORECASE)]
    return named[-1] if named else UNKNOWN


def problems(found: tuple[Package, ...]) -> Iterator[str]:
    """Packages that may not be here."""
    for one in found:
        reason = allowed(one.name)
        if one.family == "permissive":
            continue
        if reason is None:
            yield f"{one.name} {one.version}: {one.family} ({one.licence or 'says nothing'}), not in ALLOWED"
        elif reason.tests and one.needed_by == "use":
            yield f"{one.name} {one.version} ({one.licence}) is allowed for tests alone, but users get it"


def allowed(name: str) -> Allowed | None:
    """The reason that covers a package."""
    return next((why for pattern, why in ALLOWED.items() if fnmatch(name, pattern)), None)


def main() -> None:
    found = packages()
    if "--short" not in sys.argv:
        for one in found:
            told = one.licence if len(one.licence) <= 60 else one.licence[:57] + "..."
            print(f"{one.name:32} {one.version:18} {one.family:14} {one.needed_by:6} {told}")
        print()
    counts = Counter((one.family, one.needed_by) for one in found)
    print(f"{'family':16} {'for use':>8} {'for tests':>10} {'neither':>8}")
    for name in (*FAMILIES, UNKNOWN):
        print(f"{name:16} {counts[name, 'use']:8} {counts[name, 'tests']:10} {counts[name, '-']:8}")
    told = list(problems(found))
    print(*told, sep="\n", end="\n" if told else "")
    sys.exit(1 if told else 0)


if __name__ == "__main__":
    main()
