"""f_j(x) against x ↦ a small picture each: what a column adds to the prediction, twice its standard error around it."""

from typing import Any

from markupsafe import Markup

from infimum.report.digits import number, tick
from infimum.report.svg import BOTTOM, LEFT, RIGHT, SIDE, TOP, Axis, frame, join, line, picture, text, ticks

SHOWN = 12  # curves that are drawn, largest first
LINES = 6  # classes that are told apart in one picture
ROWS = 9  # points of the table beside a picture
TWICE = 2.0  # standard errors around a curve


def effects(equation: dict[str, Any] | None, target: dict[str, Any]) -> dict[str, Any] | None:
    """{"charts", "tables", "products", "left"}: the curves and products of an additive model; None for any other."""
    if equation is None:
        return None
    scores = equation.get("scores", [equation])
    if "curves" not in scores[0]:
        return None
    size = {each["column"]: max(_named(one, each["column"])["size"] for one in scores) for each in scores[0]["curves"]}
    columns = sorted(size, key=lambda name: -size[name])
    labels = [one.get("class", "") for one in scores]
    together = [[_named(one, name) for one in scores] for name in columns]
    reach = max((abs(y) for curves in together for curve in curves for y in edges(curve)), default=1.0) or 1.0
    drawn = together[:SHOWN] if len(scores) <= LINES else []
    said = "log-odds" if target["classes"] and len(scores) == 1 else "score" if target["classes"] else target["name"]
    pairs = {
        tuple(each["of"]): max(
            other["size"] for one in scores for other in one["products"] if other["of"] == each["of"]
        )
        for each in scores[0]["products"]
    }
    return {
        "charts": [effect_chart(curves, labels, reach, (f"effect-{at}", said)) for at, curves in enumerate(drawn)],
        "tables": [table(curves, labels) for curves in together],
        "products": sorted(pairs.items(), key=lambda each: -each[1]),
        "left": len(columns) - len(drawn),
        "said": said,
    }


def _named(score: dict[str, Any], column: str) -> dict[str, Any]:
    return next(curve for curve in score["curves"] if curve["column"] == column)


def edges(curve: dict[str, Any]) -> list[float]:
    """The curve, and where its error is known what lies twice that above and below."""
    error = curve["error"] or [0.0] * len(curve["effect"])
    return [y + side * TWICE * e for y, e in zip(curve["effect"], error, strict=True) for side in (-1, 1)]


def effect_chart(curves: list[dict[str, Any]], labels: list[str], reach: float, named: tuple[str, str]) -> Markup:
    """One column's curve with its band, or one curve a class; all pictures share the height, so that sizes compare."""
    name, said = named
    at = curves[0]["at"]
    x, y = Axis(at[0], at[-1], LEFT, SIDE - RIGHT), Axis(-reach, reach, SIDE - BOTTOM, TOP)
    texts = [tick(each) for each in ticks(x.low, x.high)], [tick(each) for each in ticks(y.low, y.high)]
    marks = frame(x, y, (curves[0]["column"], f"Adds to {said}"), texts)
    marks.append(line((x.start, y(0)), (x.stop, y(0)), "track"))
    told = []
    for k, (curve, label) in enumerate(zip(curves, labels, strict=True)):
        if curve["error"] and not label:
            low, high = edges(curve)[::2], edges(curve)[1::2]
            there, back = list(zip(at, high, strict=True)), list(zip(at, low, strict=True))[::-1]
            marks.append(Markup('<path d="{}Z" class="band"/>').format(path(x, y, there + back)))
        marks.append(
            Markup('<path d="{}" class="effect shade{}"/>').format(path(x, y, zip(at, curve["effect"], strict=True)), k)
        )
        if label:
            marks.append(text(x.stop - 4, y(curve["effect"][-1]) - 5, label, f"label shade{k}", "end"))
        lowest, highest = (pick(curve["effect"]) for pick in (min, max))
        of = f"{label}: " if label else ""
        told.append(f"{of}from {number(lowest, 3)} to {number(highest, 3)}")
    return picture(name, f"What {curves[0]['column']} adds to {said}", "; ".join(told) + ".", [join(marks)])


def path(x: Axis, y: Axis, points: Any) -> str:
    """M x y L x y …"""
    return "M" + "L".join(f"{x(a)} {y(b)}" for a, b in points)


def table(curves: list[dict[str, Any]], labels: list[str]) -> dict[str, Any]:
    """The same in numbers, at nine points: {"column", "heads", "rows"}."""
    at = curves[0]["at"]
    places = [round(k * (len(at) - 1) / (ROWS - 1)) for k in range(ROWS)]
    heads = ["Effect", "± twice its error"] if not labels[0] else labels
    rows = []
    for k in places:
        cells = [number(curve["effect"][k], 3) for curve in curves]
        if not labels[0]:
            cells.append(number(TWICE * curves[0]["error"][k], 2) if curves[0]["error"] else "–")
        rows.append((number(at[k]), cells))
    return {"column": curves[0]["column"], "heads": heads, "rows": rows}
