"""shapes ↦ SVG: marks carry classes, the style sheet of the page gives them colours, so pictures follow light and dark.

Every text goes through `text`, which escapes it.
"""

import math
from dataclasses import dataclass

from markupsafe import Markup, escape

from infimum.report.digits import tick

SIDE = 420  # units of a square picture; its letters are 13 of them
LEFT, RIGHT, TOP, BOTTOM = 58, 12, 14, 48


@dataclass(frozen=True)
class Axis:
    """x ↦ start + (x − low) / (high − low) · (stop − start)."""

    low: float
    high: float
    start: float
    stop: float

    def __call__(self, x: float) -> float:
        """The place of x."""
        return round(self.start + (x - self.low) / (self.high - self.low) * (self.stop - self.start), 2)


def ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Multiples of 1, 2 or 5 times a power of ten in [low, high], about so many.

    >>> ticks(0, 190)
    [0, 50, 100, 150]
    """
    raw = (high - low) / about
    scale = 10 ** math.floor(math.log10(raw))
    step = min((m * scale for m in (1, 2, 5, 10)), key=lambda each: abs(math.log(each / raw)))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(i * step, 12 - math.floor(math.log10(step))) for i in range(first, last + 1)]


def span(values: list[float], margin: float = 0.03) -> tuple[float, float]:
    """(min, max) of the values, widened by a margin, never empty.

    >>> span([0.0, 10.0]), span([3.0])
    ((-0.3, 10.3), (2.0, 4.0))
    """
    low, high = min(values), max(values)
    more = margin * (high - low)
    if not more > 1e-12 * max(abs(low), abs(high)):
        more = max(abs(low), 3.0) / 3
    return low - more, high + more


def text(x: float | str, y: float, words: str, kind: str = "", anchor: str = "start") -> Markup:
    """The words at (x, y)."""
    return Markup('<text x="{}" y="{}" class="{}" text-anchor="{}">{}</text>').format(x, y, kind, anchor, words)


def line(start: tuple[float | str, float], stop: tuple[float | str, float], kind: str) -> Markup:
    """A straight line."""
    return Markup('<line x1="{}" y1="{}" x2="{}" y2="{}" class="{}"/>').format(*start, *stop, kind)


def rect(corner: tuple[float | str, float], size: tuple[float | str, float], kind: str, opacity: float = 1.0) -> Markup:
    """A box; its opacity carries a count."""
    shown = Markup(' opacity="{}"').format(round(opacity, 2)) if opacity < 1 else ""
    box = Markup('<rect x="{}" y="{}" width="{}" height="{}" class="{}"{}/>')
    return box.format(*corner, *size, kind, shown)


def dot(x: float | str, y: float, radius: float, kind: str) -> Markup:
    """A disc."""
    return Markup('<circle cx="{}" cy="{}" r="{}" class="{}"/>').format(x, y, radius, kind)


def join(marks: list[Markup]) -> Markup:
    """One after the other."""
    return Markup("").join(marks)


def picture(name: str, title: str, description: str, marks: list[Markup]) -> Markup:
    """A square picture, with its title and description for those who do not see it."""
    return Markup(
        '<svg viewBox="0 0 {0} {0}" class="square" role="img" aria-labelledby="{1}-title {1}-text">{2}{3}</svg>'
    ).format(SIDE, name, described(name, title, description), join(marks))


def described(name: str, title: str, description: str) -> Markup:
    """The two elements that a screen reader reads."""
    both = Markup('<title id="{0}-title">{1}</title><desc id="{0}-text">{2}</desc>')
    return both.format(escape(name), title, description)


def square(across: tuple[float, float], up: tuple[float, float]) -> tuple[Axis, Axis]:
    """The two axes of a square picture."""
    return Axis(*across, LEFT, SIDE - RIGHT), Axis(*up, SIDE - BOTTOM, TOP)


def texts_of(x: Axis, y: Axis, about: int = 5) -> tuple[list[str], list[str]]:
    """The tick texts of both axes, about so many."""
    return [tick(each) for each in ticks(x.low, x.high, about)], [tick(each) for each in ticks(y.low, y.high, about)]


def frame(
    x: Axis, y: Axis, labels: tuple[str, str], values: tuple[list[str], list[str]], about: int = 5
) -> list[Markup]:
    """Grid, tick labels and axis titles of a picture; `values` are the texts of its `ticks`, about so many an axis."""
    across = dict(zip(ticks(x.low, x.high, about), values[0], strict=True))
    return framed(x, y, labels, (across, dict(zip(ticks(y.low, y.high, about), values[1], strict=True))))


def framed(
    x: Axis, y: Axis, labels: tuple[str, str], marked: tuple[dict[float, str], dict[float, str]]
) -> list[Markup]:
    """The same with {place: text} of each axis given."""
    marks: list[Markup] = []
    for place, words in marked[0].items():
        marks += [
            line((x(place), y.start), (x(place), y.stop), "grid"),
            text(x(place), y.start + 18, words, "tick", "middle"),
        ]
    for place, words in marked[1].items():
        marks += [
            line((x.start, y(place)), (x.stop, y(place)), "grid"),
            text(x.start - 7, y(place) + 4, words, "tick", "end"),
        ]
    marks.append(text((x.start + x.stop) / 2, y.start + BOTTOM - 6, labels[0], "label", "middle"))
    middle = (y.start + y.stop) / 2
    turned = Markup('<text x="14" y="{0}" transform="rotate(-90 14 {0})" class="label" text-anchor="middle">{1}</text>')
    return [*marks, turned.format(middle, labels[1])]
