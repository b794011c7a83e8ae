"""Which licences may be in the environment."""

from __future__ import annotations

import pytest

from tests.supply.licences import Package, family, packages, problems


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("MIT", "permissive"),
        ("Apache-2.0 AND (BSD-3-Clause OR ISC)", "permissive"),
        ("Mozilla Public License 2.0 (MPL 2.0)", "file copyleft"),
        ("MPL-2.0 AND MIT", "file copyleft"),
        ("MIT OR GPL-2.0-or-later", "copyleft"),  # who may choose says so in ALLOWED
        ("GNU Library or Lesser General Public License (LGPL)", "copyleft"),
        ("AGPL-3.0-only", "copyleft"),
        ("LicenseRef-NVIDIA-Proprietary", "proprietary"),
        ("MIT AND LicenseRef-Something", "unknown"),
        ("", "unknown"),
    ],
)
def test_the_strictest_part_names_the_family(text: str, told: str) -> None:
    assert family(text) == told


def made(name: str, licence: str, needed_by: str = "use") -> Package:
    return Package(name, "1.0", licence, family(licence), needed_by)


def test_copyleft_needs_a_reason_and_stays_where_it_holds() -> None:
    found = list(problems((made("new", "GPL-3.0-only"), made("krippendorff", "GPL-3.0-or-later"))))
    assert "new 1.0: copyleft (GPL-3.0-only), not in ALLOWED" in found
    assert "krippendorff 1.0 (GPL-3.0-or-later) is allowed for tests alone, but users get it" in found


def test_everything_installed_here_may_be() -> None:
    assert list(problems(packages())) == []
