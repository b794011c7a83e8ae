"""Plots are parts of the page: its colours, no ids in common, nothing of the file they were drawn as."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from markupsafe import Markup

from bench.plots import recall_plot, reliability_plot, threshold_plot
from bench.standings import Point
from bench.thresholds import operating_points
from tests.bench.sample import sample
from tests.bench.sample_runs import run

BINS = (Point(0.1, 0.0, 20), Point(0.9, 0.8, 5))
POINTS = operating_points(run(sample()).rows)
EVIL = '"><script>alert(1)</script>'


def plots(title: str) -> dict[str, Markup]:
    return {
        "reliability": reliability_plot(BINS, title),
        "threshold": threshold_plot(POINTS, title),
        "recall": recall_plot(POINTS, title),
    }


@pytest.mark.parametrize("kind", ["reliability", "threshold", "recall"])
def test_a_plot_is_an_image_with_the_page_s_colours(kind: str) -> None:
    text = plots(EVIL)[kind]
    root = ElementTree.fromstring(text)
    assert (root.tag, root.attrib["role"], root.attrib["aria-label"]) == ("svg", "img", EVIL)
    assert {element.tag for element in root.iter()} <= {
        "svg",
        "g",
        "defs",
        "path",
        "text",
        "use",
        "clipPath",
        "rect",
    }
    assert set(re.findall(r"#[0-9a-f]{6}", text)) == set()
    assert "var(--accent)" in text
    assert "http" not in text
    assert "font-family" not in text


def test_ids_are_kept_where_they_are_used_and_never_shared() -> None:
    first, second = plots("one")["threshold"], plots("two")["threshold"]
    ids = re.findall(r' id="([^"]+)"', first)
    assert set(ids) == set(re.findall(r"url\(#([^)]+)\)", first)) | set(
        re.findall(r' href="#([^"]+)"', first)
    )
    assert len(ids) == len(set(ids)) > 0
    assert not set(ids) & set(re.findall(r' id="([^"]+)"', second))


def test_the_same_data_give_the_same_text() -> None:
    assert plots("same") == plots("same")


def test_texts_say_what_the_axes_are() -> None:
    texts = [element.text for element in ElementTree.fromstring(plots("x")["threshold"]).iter("text")]
    assert {"precision", "recall", "F1", "called unsafe from p(unsafe)"} <= set(texts)
