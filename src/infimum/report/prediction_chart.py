"""held-out predictions ↦ pictures: predicted against observed, errors; for classes, reliability and histogram."""

import math
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from markupsafe import Markup

from infimum.report.digits import number, share, tick
from infimum.report.grouped import grouped
from infimum.report.residual_chart import residual_chart
from infimum.report.svg import Axis, dot, frame, line, picture, rect, span, square, text, texts_of, ticks

Point = tuple[float, float]
CROWDED = 2000  # rows from which on a density is drawn, not points
CELLS, BARS = 42, 30


def prediction_charts(report: dict[str, Any]) -> list[tuple[Markup, str]]:
    """[(picture, caption)] for the kind of target the report has; none where no held-out row was kept."""
    shown = report["out_of_fold"]
    if not shown["observed"]:
        return []
    observed, predicted = shown["observed"], shown["predicted"]
    if report["target"]["classes"]:
        return [reliability(report), probabilities(report, observed, predicted)]
    first = means(observed, predicted) if report["target"]["task"] == "counts" else scatter(report, observed, predicted)
    pictures = [first, residual_chart(report), errors(report, observed, predicted)]
    return [each for each in pictures if each is not None]


def scatter(report: dict[str, Any], observed: Sequence[float], predicted: Sequence[float]) -> tuple[Markup, str]:
    """Observed (up) against predicted (right), the line of equality, the interval around it; a density when crowded."""
    low, high = span([*observed, *predicted])
    x, y = square((low, high), (low, high))
    texts = [tick(each) for each in ticks(low, high)]
    marks = frame(x, y, ("Predicted", "Observed"), (texts, texts))
    crowded = report["out_of_fold"]["of"] > CROWDED
    marks += (density if crowded else points)(x, y, observed, predicted)
    marks.append(line((x(low), y(low)), (x(high), y(high)), "equal"))
    which = "The stronger the colour, the more rows" if crowded else "Each mark is a row"
    caption = f"{which} that the model had not seen; on the line, prediction and observation agree."
    if report["intervals"]:
        ends = [(at, at + side * half) for side in (-1, 1) for at, half in widths(report["intervals"], low, high)]
        inside = [clipped(a, b, (low, high)) for a, b in pairwise(ends) if a[0] <= b[0]]
        marks += [line((x(a[0]), y(a[1])), (x(b[0]), y(b[1])), "edge") for a, b in filter(None, inside)]
        caption += (
            f" Dashed: the typical prediction interval, ± {number(report['intervals']['half_width'])} in the median."
        )
    r2 = report["statistics"].get("r2")
    told = f"{len(observed)} held-out rows" + (f"; the predictions explain {share(r2)} of the variance." if r2 else ".")
    return picture("scatter", "Predicted against observed", told, marks), caption


def points(x: Axis, y: Axis, observed: Sequence[float], predicted: Sequence[float]) -> list[Markup]:
    """A disc for each row."""
    return [dot(x(p), y(o), 2.4, "point") for o, p in zip(observed, predicted, strict=True)]


def density(x: Axis, y: Axis, observed: Sequence[float], predicted: Sequence[float]) -> list[Markup]:
    """Cells, the more opaque the more rows (logarithmic)."""
    wide = (x.stop - x.start) / CELLS
    cells = Counter(
        (min(int((x(p) - x.start) / wide), CELLS - 1), min(int((y.start - y(o)) / wide), CELLS - 1))
        for o, p in zip(observed, predicted, strict=True)
    )
    most = math.log1p(max(cells.values()))
    side = round(wide - 0.5, 2)
    return [
        rect(
            (round(x.start + i * wide, 2), round(y.start - (j + 1) * wide, 2)),
            (side, side),
            "cell",
            0.15 + 0.85 * math.log1p(count) / most,
        )
        for (i, j), count in sorted(cells.items())
    ]


def means(observed: Sequence[float], predicted: Sequence[float]) -> tuple[Markup, str]:
    """In at most ten groups of rows, by prediction: the mean observed and its interval against the mean predicted."""
    groups = grouped(observed, predicted)
    ends = [0.0, *(each.predicted for each in groups)]
    ends += [end for each in groups for end in (each.observed, each.observed + each.half)]
    x, y = square(span(ends), span(ends))
    marks = frame(x, y, ("Mean predicted", "Mean observed"), texts_of(x, y))
    marks.append(line((x(x.low), y(x.low)), (x(x.high), y(x.high)), "equal"))
    told = []
    for each in groups:
        low = max(each.observed - each.half, y.low)
        marks += [
            line((x(each.predicted), y(low)), (x(each.predicted), y(each.observed + each.half)), "bar chosen"),
            dot(x(each.predicted), y(each.observed), 4.5, "mean chosen"),
        ]
        told.append(f"predicted {number(each.predicted, 3)}, observed {number(each.observed, 3)} ({each.rows} rows)")
    caption = (
        "Rows that the model had not seen, from the smallest predictions to the largest, in groups of about as many. "
        "On the line, the mean count is what was predicted. Bars are 95% intervals, no shorter than those of Poisson "
        "counts."
    )
    return picture("means", "Mean observed against mean predicted count", "; ".join(told) + ".", marks), caption


def widths(facts: dict[str, Any], low: float, high: float) -> list[tuple[float, float]]:
    """[(prediction, half width of its intervals)], ascending: of the middle of each band, level beyond the last two."""
    bands = facts["covered_bands"]
    if not bands:
        return [(low, facts["half_width"]), (high, facts["half_width"])]
    middle = [((band["first"] + band["last"]) / 2, band["half_width"]) for band in bands]
    return [(low, middle[0][1]), *middle, (high, middle[-1][1])]


def clipped(a: Point, b: Point, between: tuple[float, float]) -> tuple[Point, Point] | None:
    """The part of the segment from a to b whose height is between low and high; None where there is none.

    >>> clipped((0.0, -1.0), (2.0, 3.0), (0.0, 2.0)), clipped((0.0, 5.0), (1.0, 6.0), (0.0, 2.0))
    (((0.5, 0.0), (1.5, 2.0)), None)
    """
    (x, y), (dx, dy) = a, (b[0] - a[0], b[1] - a[1])
    if dy == 0:
        return (a, b) if between[0] <= y <= between[1] else None
    first, last = sorted((end - y) / dy for end in between)
    first, last = max(first, 0.0), min(last, 1.0)
    return ((x + first * dx, y + first * dy), (x + last * dx, y + last * dy)) if first < last else None


def errors(report: dict[str, Any], observed: Sequence[float], predicted: Sequence[float]) -> tuple[Markup, str]:
    """How often each error observed − predicted occurs."""
    residual = [o - p for o, p in zip(observed, predicted, strict=True)]
    low, high = span(residual, 0.0)
    counts = tally(residual, low, high, BARS)
    x, y = square((low, high), (0.0, max(counts) * 1.06))
    marks = frame(x, y, ("Observed − predicted", "Rows"), texts_of(x, y))
    marks += bars(x, y, counts, "column")
    if low < 0 < high:
        marks.append(line((x(0), y.start), (x(0), y.stop), "equal"))
    half = report["intervals"]["half_width"] if report["intervals"] else math.inf
    marks += [line((x(each), y.start), (x(each), y.stop), "edge") for each in (-half, half) if low < each < high]
    mae = report["statistics"].get("mae", 0.0)
    small = share(sum(abs(each) <= mae for each in residual) / len(residual))
    told = f"{len(residual)} errors from {number(min(residual))} to {number(max(residual))}."
    caption = f"How far off: {small} of these rows are closer than the mean absolute error, {number(mae)}."
    caption += f" Dashed: ± {number(half)}, the median half width of the intervals." if half < math.inf else ""
    return picture("errors", "Distribution of the errors", told, marks), caption


def reliability(report: dict[str, Any]) -> tuple[Markup, str]:
    """Mean forecast against the share observed, in bins with exact 95% intervals; the isotonic fit behind them."""
    found = report["reliability"]
    x, y = square((0.0, 1.0), (0.0, 1.0))
    marks = frame(x, y, ("Predicted probability", "Share observed"), texts_of(x, y))
    marks.append(line((x(0), y(0)), (x(1), y(1)), "equal"))
    marks += staircase(x, y, found["steps"])
    told = []
    for each in found["bins"]:
        place = (x(each["forecast"]), y(each["share"]))
        marks += [line((place[0], y(each["low"])), (place[0], y(each["high"])), "bar chosen")]
        marks += [dot(*place, 4.5, "mean chosen")]
        said = f"predicted {number(each['forecast'], 2)}, observed {number(each['share'], 2)} ({each['rows']} rows)"
        told.append(said)
    positive = report["target"]["positive"]
    caption = "Of the rows given a probability, how many were of that class? On the line, as many as promised."
    title = f"Reliability of p({positive})" if positive else "Reliability of the likeliest class's probability"
    caption += (
        f" Bars are {share(found['level'])} intervals; the steps are the isotonic fit. {decomposed(found['brier'])}"
    )
    return picture("reliability", title, "; ".join(told) + ".", marks), caption


def staircase(x: Axis, y: Axis, steps: Sequence[dict[str, Any]]) -> list[Markup]:
    """The isotonic fit: level on each step, straight between two."""
    corners = [(each[end], each["share"]) for each in steps for end in ("first", "last")]
    ways = zip(corners, corners[1:], strict=False)
    return [line((x(a), y(b)), (x(c), y(d)), "curve") for (a, b), (c, d) in ways if (a, b) != (c, d)]


def decomposed(brier: dict[str, float]) -> str:
    """score = miscalibration − discrimination + uncertainty, in words.

    >>> decomposed({"score": 0.15, "miscalibration": 0.025, "discrimination": 0.0625, "uncertainty": 0.1875})
    'Brier score 0.150 = 0.0250 (miscalibration) − 0.0625 (discrimination) + 0.188 (uncertainty).'
    """
    score, *terms = (number(brier[key], 3) for key in ("score", "miscalibration", "discrimination", "uncertainty"))
    return "Brier score {} = {} (miscalibration) − {} (discrimination) + {} (uncertainty).".format(score, *terms)


def probabilities(report: dict[str, Any], observed: Sequence[float], predicted: Sequence[float]) -> tuple[Markup, str]:
    """Histogram of the predicted probability, the second class upwards, the first downwards.

    Of several classes: of the likeliest one's, right upwards and wrong downwards.
    """
    several = report["target"]["positive"] is None
    first, second = ("wrong", "right") if several else report["target"]["classes"]
    up = tally([p for o, p in zip(observed, predicted, strict=True) if o == 1], 0.0, 1.0, 20)
    down = tally([p for o, p in zip(observed, predicted, strict=True) if o != 1], 0.0, 1.0, 20)
    most = max(*up, *down) * 1.12
    x, y = square((0.0, 1.0), (-most, most))
    across, heights = texts_of(x, y)
    marks = frame(x, y, ("Predicted probability", "Rows"), (across, [each.replace("−", "") for each in heights]))
    marks += [*bars(x, y, up, "column"), *bars(x, y, [-each for each in down], "column against")]
    marks += [
        line((x.start, y(0)), (x.stop, y(0)), "track"),
        text(x.start + 8, y.stop + 14, f"{second} ↑", "label chosen"),
        text(x.start + 8, y.start - 6, f"{first} ↓", "label against"),
    ]
    if several:
        told = f"{sum(up)} rows whose likeliest class is right upwards, {sum(down)} wrong ones downwards."
        caption = "How sure the model was of the class it named: rows it got right above, wrong below."
        return picture("probabilities", "Probability of the likeliest class, right or wrong", told, marks), caption
    told = f"{sum(up)} rows of {second} upwards, {sum(down)} of {first} downwards."
    caption = f"The probability given to {second}: rows of {second} above, of {first} below."
    title = f"Predicted probability of {second}, by class"
    return picture("probabilities", title, told, marks), f"{caption} The further apart, the surer the model."


def tally(values: Sequence[float], low: float, high: float, bins: int) -> list[int]:
    """How many values lie in each of so many equal parts of [low, high].

    >>> tally([0.0, 0.1, 0.9, 1.0], 0.0, 1.0, 2)
    [2, 2]
    """
    counts = [0] * bins
    for value in values:
        counts[max(0, min(int((value - low) / (high - low) * bins), bins - 1))] += 1
    return counts


def bars(x: Axis, y: Axis, counts: Sequence[int], kind: str) -> list[Markup]:
    """A box from 0 to each count."""
    wide = (x.stop - x.start) / len(counts)
    return [
        rect(
            (round(x.start + i * wide + 0.5, 2), min(y(count), y(0))),
            (round(wide - 1, 2), round(abs(y(count) - y(0)), 2)),
            kind,
        )
        for i, count in enumerate(counts)
        if count
    ]
