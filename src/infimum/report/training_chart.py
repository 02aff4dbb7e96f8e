"""F_k / F_null against k → a picture: the loss of each training by epoch, on rows learned from and rows set apart."""

import math
from typing import Any

from markupsafe import Markup

from infimum.report.digits import number, power, tick
from infimum.report.svg import BOTTOM, LEFT, RIGHT, SIDE, TOP, Axis, dot, framed, line, picture, span, text, ticks

MARGIN = 0.04  # of the height
DECADES = 2.5  # from which on powers of ten alone are marked
MOST = 6  # powers of ten that are marked
PLAIN = 2  # digits before or after the point of those written out
LOWEST = 1e-9  # share below which a loss is as good as 0
KINDS = (("losses", "learned"), ("held_out", "apart"))


def training_chart(training: dict[str, Any]) -> Markup | None:
    """A faint line a fold, strong ones for the fit on all rows, a dot at each epoch kept; None without a loss."""
    each = [(one, "single") for one in training["folds"]] + [(training["refit"], "again")] * bool(training["refit"])
    every = [math.log10(y) for one, _ in each for key, _ in KINDS for _, y in points(one, key)]
    if not every:
        return None
    last = max(one["epochs"][-1] for one, _ in each)
    low, high = min(*every, 0.0), max(*every, 0.0)
    low, high = span([low, high], MARGIN) if high - low > 1 else (high - 1 - MARGIN, high + MARGIN)
    x, y = Axis(*((1, last) if last > 1 else (0, 2)), LEFT, SIDE - RIGHT), Axis(low, high, SIDE - BOTTOM, TOP)
    epochs = {each: tick(each) for each in ticks(x.low, x.high) if each == int(each)}
    marks = framed(x, y, ("Epoch", "Loss, the best constant's being 1"), (epochs, shares(low, high)))
    marks += [line((x.start, y(0.0)), (x.stop, y(0.0)), "limit")]
    marks.append(text(x.stop, y(0.0) - 6, "the best constant", "limit-label", "end"))
    for one, kind in each:
        marks += [mark for key, whose in KINDS if (mark := path(x, y, points(one, key), f"{whose} {kind}"))]
    for one, kind in each:
        at = dict(points(one, "held_out")).get(one["kept"])
        marks += [dot(x(one["kept"]), y(math.log10(at)), 5 if kind == "again" else 3.5, f"kept {kind}")] if at else []
    return picture("training", "Loss by epoch", told(each), marks)


def points(one: dict[str, Any], key: str) -> list[tuple[int, float]]:
    """[(epoch, loss)] where there is a loss above 0."""
    losses = one[key] or []
    return [(k, max(y, LOWEST)) for k, y in zip(one["epochs"], losses, strict=False) if y is not None and y >= 0]


def path(x: Axis, y: Axis, places: list[tuple[int, float]], kind: str) -> Markup | None:
    """The line through them; None of fewer than two."""
    way = "L".join(f"{x(k)} {y(math.log10(loss))}" for k, loss in places)
    return Markup('<path d="M{}" class="{}"/>').format(way, kind) if len(places) > 1 else None


def shares(low: float, high: float) -> dict[float, str]:
    """{log₁₀ of a share: its text}: powers of ten, and where these are few, twice and five times them.

    >>> shares(-1.04, 0.2)
    {-1.0: '0.1', -0.699: '0.2', -0.301: '0.5', 0.0: '1'}
    >>> shares(-5.0, 0.1)
    {-5: '10⁻⁵', -4: '10⁻⁴', -3: '10⁻³', -2: '0.01', -1: '0.1', 0: '1'}
    """
    powers = range(math.ceil(low), math.floor(high) + 1)
    if high - low > DECADES:
        marked = [k for k in powers if k % math.ceil(len(powers) / MOST) == 0]
        return {k: tick(10.0**k) if abs(k) <= PLAIN else power(k) for k in marked}
    near = range(math.floor(low), math.ceil(high) + 1)
    places = [round(k + math.log10(m), 3) for k in near for m in (1, 2, 5)]
    return {place: tick(float(f"{10.0**place:.1g}")) for place in places if low <= place <= high}


def told(each: list[tuple[dict[str, Any], str]]) -> str:
    """The same in words: of each training the epoch that is kept, and the losses there."""
    said = []
    for k, (one, kind) in enumerate(each):
        whose = "All rows" if kind == "again" else f"Fold {k + 1}"
        at = one["epochs"].index(one["kept"])
        both = [number(one[key][at], 2) for key, _ in KINDS if one[key]]
        said.append(f"{whose}: epoch {number(one['kept'])} of {number(one['epochs'][-1])}, {' and '.join(both)}")
    return "; ".join(said) + ". A table follows."
