"""y − ŷ by ŷ ↦ the residual picture: each row, or where they are many, quantiles in bands; the numbers in a table."""

from typing import Any

from markupsafe import Markup

from infimum.report.digits import number, share
from infimum.report.svg import Axis, dot, frame, line, picture, rect, span, square, texts_of

CROWDED = 500  # held-out rows from which on bands alone are drawn
ASIDE = "Where the middle half leaves 0, the model is off in one direction."
COUNTED = "Most small counts lie below their mean: whether it is right, the means show, not these bands."


def residual_chart(report: dict[str, Any]) -> tuple[Markup, str] | None:
    """(picture, caption): residuals against predictions, with the median and the middle half of each band."""
    bands, shown = report["residuals"], report["out_of_fold"]
    if not bands:
        return None
    crowded = shown["of"] > CROWDED
    rows = [] if crowded else list(zip(shown["observed"], shown["predicted"], strict=True))
    ends = [band["first"] for band in bands] + [band["last"] for band in bands]
    heights = [0.0, *(each for band in bands for each in band["quantiles"]), *(o - p for o, p in rows)]
    x, y = square(span(ends), span(heights))
    marks = frame(x, y, ("Predicted", "Observed − predicted"), texts_of(x, y))
    marks += [dot(x(p), y(o - p), 2.4, "point") for o, p in rows]
    for band in bands:
        marks += strip(x, y, band, crowded)
    marks.append(line((x.start, y(0)), (x.stop, y(0)), "equal"))
    inside = "; the pale band holds 90% of the rows" if crowded else ""
    caption = (
        f"Errors by prediction, in {len(bands)} bands of about equally many rows. The line in each is the median, the "
        f"darker band the middle half{inside}. {COUNTED if report['target']['task'] == 'counts' else ASIDE}"
    )
    aside = [band for band in bands if band["quantiles"][1] > 0 or band["quantiles"][3] < 0]
    told = f"{len(bands)} bands; in {len(aside)} of them three of four rows are on one side of 0. A table follows."
    return picture("residuals", "Residuals against predictions", told, marks), caption


def strip(x: Axis, y: Axis, band: dict[str, Any], crowded: bool) -> list[Markup]:
    """The middle half and the median of a band; the middle nine tenths too where rows are not drawn themselves."""
    low, first, middle, third, high = band["quantiles"]
    left, wide = x(band["first"]), max(round(x(band["last"]) - x(band["first"]), 2), 3.0)
    outer = [rect((left, y(high)), (wide, round(y(low) - y(high), 2)), "cell", 0.16)] if crowded else []
    half = rect((left, y(third)), (wide, round(y(first) - y(third), 2)), "cell", 0.34)
    return [*outer, half, line((left, y(middle)), (round(left + wide, 2), y(middle)), "middle")]


def residual_rows(report: dict[str, Any]) -> list[list[str]]:
    """The same as cells: from, to, rows, and the five quantiles."""
    return [
        [number(band["first"]), number(band["last"]), number(band["rows"])]
        + [number(each, 3) for each in band["quantiles"]]
        for band in report["residuals"] or ()
    ]


def reliability_rows(report: dict[str, Any]) -> list[list[str]]:
    """The bins of the reliability picture as cells: from, to, rows, promised, observed, and its interval."""
    return [
        [share(each["first"]), share(each["last"]), number(each["rows"]), share(each["forecast"])]
        + [share(each["share"]), f"{share(each['low'])} to {share(each['high'])}"]
        for each in (report["reliability"] or {"bins": ()})["bins"]
    ]
