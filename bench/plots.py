"""The report's plots as inline SVG, drawn by Matplotlib and coloured by the page.

Matplotlib writes a file of its own; `_inline` makes it a part of a page: no ids but those that are used,
no fonts, no namespaces, and the page's colours, so that a plot follows light and dark.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from markupsafe import Markup

from bench.standings import Point
from bench.thresholds import OperatingPoint, customary

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.typing import RcKeyType

SIZE = (3.3, 3.0)  # inches, 72 units each
FRAME = (0.15, 0.14, 0.825, 0.77)  # left, bottom, width, height of the plot itself, in shares of the size
CARD, INK, SOFT, LINE = "#000001", "#000002", "#000003", "#000004"
ACCENT, WARM, COOL = "#000005", "#000006", "#000007"
COLOURS = {
    CARD: "var(--card)", INK: "var(--ink)", SOFT: "var(--soft)", LINE: "var(--line)",
    ACCENT: "var(--accent)", WARM: "var(--wrong)", COOL: "var(--odd)",
}  # fmt: skip
STYLE: dict[RcKeyType, object] = {
    "svg.fonttype": "none",
    "font.size": 9.5,
    "text.color": SOFT,
    "axes.edgecolor": LINE,
    "axes.labelcolor": SOFT,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": LINE,
    "grid.linewidth": 0.6,
    "xtick.color": LINE,
    "ytick.color": LINE,
    "xtick.labelcolor": SOFT,
    "ytick.labelcolor": SOFT,
    "lines.linewidth": 2.0,
    "lines.solid_capstyle": "round",
}
LEFT_OUT = ("metadata", "style")
REFERENCES = ("href", "clip-path")


def reliability_plot(points: Sequence[Point], title: str) -> Markup:
    """Share unsafe over p_unsafe; the area of a dot grows with its cases, the diagonal is ideal."""
    most = max(point.cases for point in points)

    def draw(axes: Axes) -> None:
        x, y = [point.probability for point in points], [point.share for point in points]
        sizes = [14 + 110 * point.cases / most for point in points]
        axes.plot([0, 1], [0, 1], color=SOFT, linewidth=1, linestyle=(0, (3, 4)))
        axes.plot(x, y, color=ACCENT, linewidth=1.2)
        axes.scatter(x, y, s=sizes, color=ACCENT, edgecolors=CARD, zorder=3, clip_on=False)
        axes.set(xlabel="p(unsafe)", ylabel="share unsafe")

    return _plot(draw, title)


def threshold_plot(points: Sequence[OperatingPoint], title: str) -> Markup:
    """F1, precision and recall over the threshold."""

    def draw(axes: Axes) -> None:
        x = [point.threshold for point in points]
        axes.axvline(0.5, color=SOFT, linewidth=1, linestyle=(0, (3, 4)))
        axes.plot(x, [point.precision for point in points], color=COOL, linestyle="dashed", label="precision")
        axes.plot(x, [point.recall for point in points], color=WARM, linestyle="dashdot", label="recall")
        axes.plot(x, [point.f1 for point in points], color=ACCENT, label="F1")
        axes.set(xlabel="called unsafe from p(unsafe)")
        axes.legend(
            loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3, frameon=False, columnspacing=1.2,
            handlelength=1.9, borderpad=0.2, fontsize=9.5,
        )  # fmt: skip

    return _plot(draw, title)


def recall_plot(points: Sequence[OperatingPoint], title: str) -> Markup:
    """Unsafe cases caught over false alarms, as the threshold falls; the dot is a threshold of 0.5."""
    at = customary(points)

    def draw(axes: Axes) -> None:
        axes.plot([0, 1], [0, 1], color=SOFT, linewidth=1, linestyle=(0, (3, 4)))
        axes.plot([p.false_alarms for p in points], [p.recall for p in points], color=ACCENT)
        if not math.isnan(at.false_alarms + at.recall):
            axes.scatter(
                [at.false_alarms], [at.recall], s=52, color=ACCENT, edgecolors=CARD, zorder=3, clip_on=False
            )
        axes.set(xlabel="false alarms", ylabel="unsafe cases caught")

    return _plot(draw, title)


def _plot(draw: Callable[[Axes], None], title: str) -> Markup:
    """A square plot of shares over shares. The same data give the same text with the same Matplotlib.

    `title` is the salt of the ids as well: no two plots of a page share one.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    text = io.StringIO()
    with mpl.rc_context({**STYLE, "svg.hashsalt": title}):
        figure = Figure(figsize=SIZE)
        axes = figure.add_axes(FRAME)
        draw(axes)
        ticks, names = [0, 0.25, 0.5, 0.75, 1], ["0", "", "0.5", "", "1"]
        axes.set(xlim=(0, 1), ylim=(0, 1), xticks=ticks, yticks=ticks, xticklabels=names, yticklabels=names)
        axes.set_axisbelow(True)
        axes.tick_params(length=0)
        figure.savefig(text, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    return _inline(text.getvalue(), title)


def _inline(text: str, title: str) -> Markup:
    """The drawing as an element of an HTML page, read out as `title`."""
    root = ElementTree.fromstring(text)
    used = {
        target.strip("#)")
        for element in root.iter()
        for name, value in element.attrib.items()
        if _local(name) in REFERENCES
        for target in [value.removeprefix("url(")]
    }
    _clean(root, used)
    root.attrib = {"viewBox": root.attrib["viewBox"], "role": "img", "aria-label": title}
    return Markup(ElementTree.tostring(root, encoding="unicode", short_empty_elements=False))


def _clean(element: ElementTree.Element, used: set[str]) -> None:
    element.tag, element.tail = _local(element.tag), None
    if element.tag != "text":
        element.text = None
    element.attrib = {
        _local(name): _recoloured(value)
        for name, value in element.attrib.items()
        if not (name == "id" and value not in used)
    }
    for child in list(element):
        if _local(child.tag) in LEFT_OUT:
            element.remove(child)
        else:
            _clean(child, used)


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _recoloured(value: str) -> str:
    """A style without its fonts and with the page's colours; path data without line breaks."""
    for stand_in, colour in COLOURS.items():
        value = value.replace(stand_in, colour)
    parts = [part for part in value.split("; ") if not part.startswith("font-family")]
    return " ".join("; ".join(parts).split())
