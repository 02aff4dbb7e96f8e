"""errors by width → what the page says: where a wider network is no better, the picture, and the numbers as a table."""

import math
from typing import Any

import numpy as np
from markupsafe import Markup

from infimum.evaluation.paired import standard_error
from infimum.report.digits import number, plus_minus, share, tick
from infimum.report.svg import BOTTOM, LEFT, RIGHT, SIDE, TOP, Axis, dot, framed, line, picture, span, texts_of, ticks

MARGIN = 0.06  # of the height
AROUND = 0.3  # of the distance between two widths, on either side


def width_words(report: dict[str, Any], metric: str) -> dict[str, Any] | None:
    """What the section shows of the width curve; None of a report without one."""
    curve = (report.get("training") or {}).get("widths")
    if not curve:
        return None
    errors = np.array(curve["errors"])
    mean = errors.mean(axis=1)
    best = int(mean.argmin())
    doubt = [standard_error(each - errors[best], report["folds"]["overlap"]) for each in errors]
    flat = next(i for i in range(len(mean)) if mean[i] - mean[best] <= doubt[i])
    rows = zip(curve["widths"], curve["parameters"], mean, mean - mean[best], doubt, strict=True)
    return {
        "sentence": sentence(curve["widths"], mean, best, flat),
        "own": own(curve, errors, best, doubt),
        "depth": curve["depth"],
        "chart": width_chart(curve, (mean, np.array(doubt)), flat, metric),
        "rows": [
            (number(m), number(count), number(error), plus_minus(more, beyond) if more else "the lowest")
            for m, count, error, more, beyond in rows
        ],
    }


def sentence(widths: list[int], mean: np.ndarray, best: int, flat: int) -> str:
    """From where on wider is no better, and by how much the lowest error is below the narrowest's.

    >>> sentence([8, 16, 32], np.array([4.0, 2.0, 1.0]), 2, 2)
    'The error falls up to the widest that was tried, 32 units a layer: there it is 75% below that of 8.'
    """
    least, fall = number(widths[best]), f"{share(1 - mean[best] / mean[0])} below that of {number(widths[0])}"
    if flat == 0:
        return f"No width is better than {number(widths[0])} units a layer by more than a standard error."
    if flat == len(widths) - 1:
        return f"The error falls up to the widest that was tried, {least} units a layer: there it is {fall}."
    told = f"From {number(widths[flat])} units a layer on, no width is better by more than a standard error"
    return f"{told}; the lowest error, at {least}, is {fall}."


def own(curve: dict[str, Any], errors: np.ndarray, best: int, doubt: list[float]) -> str:
    """What the lowest would bring the network of the ladder, of whose width one is."""
    at = curve["widths"].index(curve["own"])
    if at == best:
        return f"The network of the ladder has {number(curve['own'])}, and the lowest error of them."
    mean = float((errors[at] - errors[best]).mean())
    better = f"{number(curve['widths'][best])} would lower its error by {plus_minus(mean, doubt[at])}"
    sure = "more than" if mean > doubt[at] else "within"
    return f"The network of the ladder has {number(curve['own'])}: {better}, {sure} a standard error."


def width_chart(curve: dict[str, Any], found: tuple[np.ndarray, np.ndarray], flat: int, metric: str) -> Markup:
    """The mean error at each width, ± the standard error of its difference from the lowest; small dots are folds."""
    (mean, doubt), errors = found, np.array(curve["errors"])
    places = [math.log2(m) for m in curve["widths"]]
    high = max(float((mean + doubt).max()), float(mean.max()))
    low, high = span([float(errors.min()), min(high * 1.1, float(errors.max()))], MARGIN)
    x = Axis(places[0] - AROUND, places[-1] + AROUND, LEFT, SIDE - RIGHT)
    y = Axis(low, high, SIDE - BOTTOM, TOP)
    up = dict(zip(ticks(y.low, y.high), texts_of(y, y)[1], strict=True))
    marks = framed(x, y, ("Units a hidden layer", metric), ({p: tick(2**p) for p in places}, up))
    marks.append(line((x(places[flat]), y.start), (x(places[flat]), y.stop), "limit"))
    for place, each in zip(places, errors, strict=True):
        marks += [dot(x(place), y(error), 2.2, "fold") for error in each if low <= error <= high]
    for place, middle, around in zip(places, mean, doubt, strict=True):
        ends = (max(middle - around, low), min(middle + around, high))
        marks.append(line((x(place), y(ends[0])), (x(place), y(ends[1])), "bar"))
    way = "L".join(f"{x(place)} {y(error)}" for place, error in zip(places, mean, strict=True))
    marks.append(Markup('<path d="M{}" class="way"/>').format(way))
    marks += [
        dot(x(place), y(error), 6 if m == curve["own"] else 5, "mean chosen" if m == curve["own"] else "mean")
        for place, error, m in zip(places, mean, curve["widths"], strict=True)
    ]
    told = "; ".join(f"{number(m)}: {number(error)}" for m, error in zip(curve["widths"], mean, strict=True))
    return picture("widths", f"{metric} by width", f"{told}. A table follows.", marks)
