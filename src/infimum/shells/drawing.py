"""ax, label, note: what every picture of matplotlib here shares."""

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes

GREY, FAINT, ACCENT, WARM = "0.45", "0.8", "C0", "C1"
NAME = 28  # characters of a column's name
MANY = 3000  # marks from which they are stored as a bitmap, also in a vector picture
LETTER = 0.52  # of the size of a font: the width of a letter


def axes_of(ax: "Axes | None", size: tuple[float, float] = (6.4, 4.8)) -> "Axes":
    """ax as it is, or without one that of a new figure of `size` inches."""
    if ax is not None:
        return ax
    from matplotlib.pyplot import subplots

    return subplots(figsize=size, layout="constrained")[1]


def settle(ax: "Axes", title: str, labels: tuple[str, str], notes: Sequence[str]) -> None:
    """Title, names of the axes, and below them the notes, small, in lines as wide as the picture."""
    from matplotlib.font_manager import FontProperties

    ax.set_title(title, loc="left")
    ax.set_xlabel(labels[0])
    ax.set_ylabel(labels[1])
    ax.spines[["top", "right"]].set_visible(False)
    told = [note for note in notes if note]
    if told:
        points = FontProperties(size="small").get_size_in_points()
        wide = ax.get_position().width * ax.figure.get_figwidth() * 72
        lines = [line for note in told for line in textwrap.wrap(note, max(int(wide / points / LETTER), 24))]
        place: dict[str, Any] = {"xycoords": "axes fraction", "textcoords": "offset points", "va": "top"}
        ax.annotate("\n".join(lines), (0, 0), (0, -40), color=GREY, fontsize="small", **place)


def shade(rows: int) -> dict[str, Any]:
    """How so many dots are drawn: the more, the fainter."""
    return {"alpha": min(1.0, max(0.08, 40 / max(rows, 1) ** 0.65)), "linewidths": 0, "rasterized": rows > MANY}


def shortened(names: Sequence[str], letters: int = NAME) -> list[str]:
    """The names, long ones without their middle; those that would then be alike get their number.

    >>> shortened(["hour", "temperature_at_noon_in_degrees"], 12)
    ['hour', 'temper…grees']
    """
    cut = [n if len(n) <= letters else f"{n[: letters // 2]}…{n[-((letters - 1) // 2) :]}" for n in names]
    return [literal(f"{name} ({i})" if cut.count(name) > 1 else name) for i, name in enumerate(cut)]


def literal(text: str) -> str:
    """The text as matplotlib writes it letter by letter: no formula between $, no hiding of what begins with _.

    >>> literal("price in $"), literal("_id")
    ('price in \\\\$', ' _id')
    """
    return (" " if text.startswith("_") else "") + text.replace("$", r"\$")
