"""arrays ↦ SVG: the figures of the pages, each as wide as a telephone, side by side where there is room."""

import re
from collections.abc import Mapping, Sequence
from html import escape
from io import StringIO
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from infimum.objective import LikelihoodObjective
from infimum.shells.drawing import shortened

WIDE, HIGH = 4.4, 3.5  # inches
GREY, BLUE, ORANGE, GREEN = "0.45", "C0", "C1", "C2"
GRID = 61  # places along each coefficient at which a surface is computed
LEVELS = 14
MOST = 16.0  # digits
SMALL: dict[str, Any] = {"va": "center", "fontsize": "x-small", "color": GREY}
SENTENCE = 30  # letters
NUMBER = re.compile(r"^-?[\d.]+(e[-+]?\d+)?$")
FEW = 60  # steps of a path that get a dot


def beside(figures: Sequence[Figure], told: str = "") -> str:
    """The figures as HTML, and what is told of them, side by side or, where that is too wide, one below the other.

    >>> beside([axes("x", "y", "a < b")[0]]).count('<svg role="img" aria-label="a &lt; b"')
    1
    """
    boxes = []
    for figure in figures:
        name = escape(figure.axes[0].get_title(loc="left"))
        out = StringIO()
        with rc_context({"svg.fonttype": "none", "svg.hashsalt": name, "font.family": "sans-serif"}):
            figure.savefig(out, format="svg", metadata={"Date": None})
        svg = out.getvalue()
        svg = svg[svg.index("<svg") :].replace("<svg", f'<svg role="img" aria-label="{name}"', 1)
        boxes.append(f'<div class="picture" style="flex:1 1 300px;max-width:520px;min-width:0">{svg}</div>')
    if told:
        boxes.append(f'<div style="flex:1 1 300px;min-width:0;align-self:center">{told}</div>')
    style = "<style>.picture svg{width:100%;height:auto;background:white;border-radius:6px}</style>"
    return f'{style}<div style="display:flex;flex-wrap:wrap;gap:1rem">{"".join(boxes)}</div>'


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """The rows as HTML: the first column to the left, the others to the right; wider than the page it scrolls.

    >>> table(("", ""), [("a<b", "1")]).count("a&lt;b")
    1
    """
    sides = ["left" if at == 0 or any(len(row[at]) > SENTENCE for row in rows) else "right" for at in range(len(head))]
    lines = [line(row, sides, "td") for row in rows]
    top = line(head, sides, "th") if any(head) else ""
    look = "border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:0.9em"
    return f'<div style="overflow-x:auto"><table style="{look}">{top}{"".join(lines)}</table></div>'


def line(row: Sequence[str], sides: Sequence[str], kind: str) -> str:
    """A row of a table, each cell to its side; sentences are broken, and each - of a number is a minus.

    >>> line(["-1"], ["left"], "td").count(">−1</td>")
    1
    """
    cells = []
    for text, side in zip(row, sides, strict=True):
        wrap = "min-width:16em" if len(text) > SENTENCE else "white-space:nowrap"
        text = NUMBER.sub(lambda found: found.group().replace("-", "−"), text)
        style = f"text-align:{side};{wrap};padding:3px 14px 3px 0;vertical-align:top"
        cells.append(f'<{kind} style="{style}">{escape(text)}</{kind}>')
    return f"<tr>{''.join(cells)}</tr>"


def axes(x: str, y: str, title: str = "") -> tuple[Figure, Any]:
    """A figure with one pair of axes, named."""
    figure = Figure(figsize=(WIDE, HIGH), layout="constrained")
    ax = figure.subplots()
    ax.set_xlabel(x)
    ax.set_ylabel(y)
    ax.set_title(title, loc="left", fontsize="medium")
    ax.spines[["top", "right"]].set_visible(False)
    return figure, ax


def triangle(along: float, across: float, whole: float) -> Figure:
    """y, its projection and the residual, in the plane through them: lengths and the right angle are to scale."""
    figure, ax = axes("", "", "the plane through y, ŷ and 0, to scale")
    for end, color, text in (
        ((along, across), BLUE, f"y   ({whole:.4g})"),
        ((along, 0.0), ORANGE, f"ŷ, in the plane of the columns   ({along:.4g})"),
    ):
        ax.plot([0, end[0]], [0, end[1]], color=color, linewidth=2.5, label=text, marker="o", markevery=[1])
    ax.plot([along, along], [0, across], color=GREEN, linewidth=2.5, label=f"residual y − ŷ   ({across:.4g})")
    side = 0.06 * max(along, across)
    ax.plot([along - side, along - side, along], [0, side, side], color=GREY, linewidth=1)
    ax.axhline(0, color="0.8", linewidth=6, zorder=0)
    ax.set_aspect("equal", adjustable="datalim")
    ax.set_axis_off()
    ax.margins(0.08)
    ax.legend(fontsize="small", loc="upper center", bbox_to_anchor=(0.5, -0.02), frameon=False)
    return figure


def scatter(x: np.ndarray, y: np.ndarray, names: tuple[str, str], title: str) -> Figure:
    """A dot a row, with a line at 0."""
    figure, ax = axes(*names, title)
    ax.axhline(0, color=GREY, linewidth=1)
    ax.scatter(x, y, s=10, alpha=0.5, linewidths=0, color=GREEN)
    return figure


def surface(
    objective: LikelihoodObjective, lowest: np.ndarray, names: Sequence[str], path: np.ndarray | None, title: str
) -> Figure:
    """F over two coefficients: contours, the lowest point, and a path (k, 2) towards it, or away."""
    figure, ax = axes(*(f"coefficient of {name}" for name in shortened(names, 20)), title)
    reach = np.maximum(1.6 * np.abs(lowest), 0.6 * np.abs(lowest).max(initial=1e-12))
    sides = [np.linspace(b - r, b + r, GRID) for b, r in zip(lowest, reach, strict=True)]
    F = np.array([[objective.value(np.array([a, b])) for a in sides[0]] for b in sides[1]])
    least = objective.value(lowest)
    heights = least + (F.max() - least) * np.linspace(0, 1, LEVELS) ** 2
    ax.contour(*sides, F, levels=heights[1:], cmap="viridis_r", linewidths=0.9)
    if path is not None:
        ax.plot(*path.T, "-", color=ORANGE, linewidth=1.3, label="gradient descent from 0")
        ax.plot(*path[:FEW].T, "o", color=ORANGE, markersize=3)
    ax.plot(*lowest, "*", color="black", markersize=12, label="minimum, solved directly")
    ax.set_xlim(sides[0][0], sides[0][-1])
    ax.set_ylim(sides[1][0], sides[1][-1])
    ax.legend(fontsize="small", loc="upper center", bbox_to_anchor=(0.5, -0.18), ncols=2, frameon=False)
    return figure


def falls(
    curves: Sequence[tuple[str, np.ndarray]], y: str, title: str, facts: Mapping[str, Any] | None = None
) -> Figure:
    """Positive numbers, one a step, on a logarithmic scale; dashed the factor a step that the facts prove, if any."""
    figure, ax = axes("step k", y, title)
    for name, values in curves:
        steps = np.arange(len(values))[values > 0]
        look = {"marker": "o" if len(values) < FEW else "", "markersize": 3, "linewidth": 3 if facts else 1.5}
        ax.semilogy(steps, values[values > 0], color=ORANGE, label=name, **look)
        if facts:
            ax.semilogy(steps, values[0] * facts["rate"] ** steps, "--", color="black", label="proved: no higher")
    ax.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    ax.legend(fontsize="small", frameon=False)
    return figure


def digit_bars(found: Mapping[str, Sequence[float]], names: Sequence[str]) -> Figure:
    """How many digits of each coefficient are right: a group of bars a coefficient."""
    figure, ax = axes("digits", "", "digits that are right")
    places = np.arange(len(names))
    for at, (label, digits) in enumerate(found.items()):
        ax.barh(places + 0.2 * (2 * at - 1), np.minimum(digits, MOST), 0.36, color=(BLUE, ORANGE)[at], label=label)
        for place, length in zip(places, digits, strict=True):
            ax.text(min(length, MOST) + 0.2, place + 0.2 * (2 * at - 1), f"{min(length, MOST):.0f}", **SMALL)
    ax.set_yticks(places, shortened(names))
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.set_xlim(0, MOST + 1.5)
    ax.set_xticks(np.arange(0, MOST + 1, 4))
    ax.legend(fontsize="small", loc="upper center", bbox_to_anchor=(0.45, -0.16), ncols=2, frameon=False)
    return figure
