"""rungs ↦ the ladder chart: on each rung the error, ± one standard error, the errors of the folds, and who beats it.

Places along the error are percentages of the width, letters keep their size: one picture serves a phone and a desk.
"""

from typing import Any

from markupsafe import Markup, escape

from infimum.ladder.words import counting
from infimum.report.digits import number, plus_minus, tick
from infimum.report.svg import Axis, described, dot, join, line, text, ticks

STEP, TOP, FOOT = 58, 34, 40
ROOM = 37  # letters of a title and two numbers that a phone has room for
BEYOND = 1.5  # times the constant's error: further out an arrow points


def ladder_chart(report: dict[str, Any], metric: str) -> Markup:
    """error ± standard error of every rung, simplest first; the choice marked, the lowest error a line."""
    rungs, lines = report["rungs"], [line for line in (report["reference"], *report["also"]) if line]
    lowest = min(rung["mean"] for rung in rungs if rung["candidate"])
    shown = rungs + [{**line, "chosen": False, "candidate": False} for line in lines]
    edge = reach(shown, lowest)
    axis = Axis(0.0, edge, 1.0, 99.0)
    foot = TOP + STEP * len(shown)
    marks: list[Markup] = []
    for value in ticks(0.0, edge):
        anchor = "start" if value == 0 else "end" if axis(value) > 94 else "middle"
        marks += [
            line((f"{axis(value)}%", TOP), (f"{axis(value)}%", foot), "grid"),
            text(f"{axis(value)}%", foot + 17, tick(value), "tick", anchor),
        ]
    marks.append(text("50%", foot + 36, metric, "label", "middle"))
    marks += limit(axis, lowest, foot)
    for i, rung in enumerate(shown):
        marks += row(axis, rung, TOP + STEP * i)
    words = "; ".join(f"{rung['title']}: {plus_minus(rung['mean'], rung['standard_error'])}" for rung in shown)
    chosen = next(rung["title"] for rung in rungs if rung["chosen"])
    told = f"{words}. The lowest error is {number(lowest)}. Chosen: {chosen}. A table follows."
    return Markup(
        '<svg class="ladder" width="100%" height="{}" role="img" aria-labelledby="ladder-title ladder-text">{}{}</svg>'
    ).format(foot + FOOT, described("ladder", f"{metric} of each rung", told), join(marks))


def reach(rungs: list[dict[str, Any]], lowest: float) -> float:
    """The right end: every error, unless it is far beyond the constant's."""
    furthest = max(max(*rung["errors"], rung["mean"] + rung["standard_error"]) for rung in rungs)
    return min(furthest, max(BEYOND * rungs[0]["mean"], 1.2 * lowest)) * 1.02 or 1.0


def limit(axis: Axis, lowest: float, foot: float) -> list[Markup]:
    """The line of the lowest error, its label on the side that has room."""
    place = axis(lowest)
    anchor = "start" if place < 25 else "end" if place > 75 else "middle"
    words = text(f"{place}%", 16, f"the lowest: {number(lowest)}", "limit-label", anchor)
    return [line((f"{place}%", TOP - 10), (f"{place}%", foot), "limit"), words]


def row(axis: Axis, rung: dict[str, Any], top: float) -> list[Markup]:
    """Title and numbers, and below them the track with the folds, the bar and the mean."""
    kind, middle = "chosen" if rung["chosen"] else "other", top + 36
    mean, error = rung["mean"], rung["standard_error"]
    title = Markup('{}<tspan class="{}">{}</tspan>').format(
        rung["title"], "mark" if rung["chosen"] else "aside", fate(rung)
    )
    marks = [
        text("1%", top + 18, title, f"rung {kind}"),
        text("99%", top + 18, value(rung), f"value {kind}", "end"),
        line((f"{axis.start}%", middle), (f"{axis.stop}%", middle), "track"),
    ]
    marks += [dot(f"{axis(each)}%", middle, 3, f"fold {kind}") for each in rung["errors"] if each <= axis.high]
    if mean > axis.high:
        return [*marks, text("99%", middle + 5, "→", f"value {kind}", "end")]
    start, stop = axis(max(mean - error, axis.low)), axis(min(mean + error, axis.high))
    marks.append(line((f"{start}%", middle), (f"{stop}%", middle), f"bar {kind}"))
    return [*marks, dot(f"{axis(mean)}%", middle, 6.5, f"mean {kind}")]


def value(rung: dict[str, Any]) -> Markup:
    """error ± standard error; beside a long title a narrow screen leaves the second to the bar and the table."""
    words, _, doubt = plus_minus(rung["mean"], rung["standard_error"]).partition(" ± ")
    if not doubt:
        return escape(words)
    crowded = len(rung["title"]) + len(words) + len(doubt) > ROOM
    return Markup("{}<tspan{}> ± {}</tspan>").format(words, Markup(' class="doubt"') if crowded else "", doubt)


def fate(rung: dict[str, Any]) -> str:
    """Chosen, or beaten by which rung, or no rung at all, or nothing: as good, but more complex."""
    if "library" in rung:
        return " · for reference, no rung"
    beaten = rung["candidate"] and rung["difference"] > counting(rung)
    return " · chosen" if rung["chosen"] else f" · beaten by {rung['rival']}" if beaten else ""
