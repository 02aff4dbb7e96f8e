"""f_j(x) against x ↦ a small picture each: what a column adds to the prediction, twice its standard error around it."""

from typing import Any

from markupsafe import Markup

from infimum.report.digits import number
from infimum.report.svg import BOTTOM, TOP, Axis, described, frame, join, line, text, texts_of
from infimum.tables.natural import short

SHOWN = 12  # curves that are drawn, largest first
LINES = 6  # classes that are told apart in one picture
ROWS = 9  # points of the table beside a picture
SAID = {"classification": "log-odds", "counts": "logarithm"}
TWICE = 2.0  # standard errors around a curve
AGAIN = 1.5  # times the tallest curve: what a picture has room for
WIDE, BROAD, HIGH = 300, 430, 236  # units of a picture, three side by side, or two that name classes
LEFT, RIGHT, TICKS = 54, 10, 4
NAME, LABEL, LETTER, STUB, GAP = 32, 14, 7.4, 14, 15  # characters of a column, of a class; units of a letter, a row


def effects(equation: dict[str, Any] | None, target: dict[str, Any]) -> dict[str, Any] | None:
    """{"charts", "tables", "columns", "products", "left", "said"} of an additive model; None for any other."""
    if equation is None:
        return None
    scores = equation.get("scores", [equation])
    if "curves" not in scores[0]:
        return None
    size = {each["column"]: max(_named(one, each["column"])["size"] for one in scores) for each in scores[0]["curves"]}
    columns = sorted(size, key=lambda name: -size[name])
    labels = [one.get("class", "") for one in scores]
    together = [[_named(one, name) for one in scores] for name in columns]
    reach = height([curve for curves in together for curve in curves])
    drawn = together[:SHOWN] if len(scores) <= LINES else []
    said = SAID.get(target["task"], target["name"]) if len(scores) == 1 else "score"
    pairs = {
        tuple(each["of"]): max(
            other["size"] for one in scores for other in one["products"] if other["of"] == each["of"]
        )
        for each in scores[0]["products"]
    }
    return {
        "charts": [effect_chart(curves, labels, reach, (f"effect-{at}", said)) for at, curves in enumerate(drawn)],
        "tables": [table(curves, labels) for curves in together],
        "columns": columns,
        "products": sorted(pairs.items(), key=lambda each: -each[1]),
        "left": len(columns) - len(drawn),
        "said": said,
    }


def _named(score: dict[str, Any], column: str) -> dict[str, Any]:
    return next(curve for curve in score["curves"] if curve["column"] == column)


def height(curves: list[dict[str, Any]]) -> float:
    """max |f_j|, and where bands go further their furthest, or half as much again: one wide band flattens no curve.

    >>> height([{"effect": [1.0, -2.0], "error": None}, {"effect": [0.0, 0.1], "error": [0.2, 9.0]}])
    3.0
    """
    tallest = max((abs(y) for curve in curves for y in curve["effect"]), default=0.0)
    furthest = max((abs(y) for curve in curves for y in edges(curve)), default=0.0)
    return min(furthest, AGAIN * tallest) or furthest or 1.0


def edges(curve: dict[str, Any]) -> list[float]:
    """The curve, and where its error is known what lies twice that above and below."""
    error = curve["error"] or [0.0] * len(curve["effect"])
    return [y + side * TWICE * e for y, e in zip(curve["effect"], error, strict=True) for side in (-1, 1)]


def effect_chart(curves: list[dict[str, Any]], labels: list[str], reach: float, named: tuple[str, str]) -> Markup:
    """One column's curve with its band, or one curve a class; all pictures share the height, so that sizes compare."""
    name, said = named
    at, column = curves[0]["at"], short(curves[0]["column"], NAME)
    names = [short(label, LABEL) for label in labels]
    margin = RIGHT + (STUB + LETTER * max(map(len, names)) if len(curves) > 1 else 0.0)
    wide = BROAD if len(curves) > 1 else WIDE
    x, y = Axis(at[0], at[-1], LEFT, wide - margin), Axis(-reach, reach, HIGH - BOTTOM, TOP)
    marks = frame(x, y, (column, f"Adds to {short(said, LABEL)}"), texts_of(x, y, TICKS), TICKS)
    marks.append(line((x.start, y(0)), (x.stop, y(0)), "track"))
    told = []
    for k, (curve, label) in enumerate(zip(curves, labels, strict=True)):
        if curve["error"] and not label:
            inside = [min(max(edge, -reach), reach) for edge in edges(curve)]
            low, high = inside[::2], inside[1::2]
            there, back = list(zip(at, high, strict=True)), list(zip(at, low, strict=True))[::-1]
            marks.append(Markup('<path d="{}Z" class="band"/>').format(path(x, y, there + back)))
        marks.append(
            Markup('<path d="{}" class="effect shade{}"/>').format(path(x, y, zip(at, curve["effect"], strict=True)), k)
        )
        lowest, highest = (pick(curve["effect"]) for pick in (min, max))
        of = f"{label}: " if label else ""
        told.append(f"{of}from {number(lowest, 3)} to {number(highest, 3)}")
    if len(curves) > 1:
        marks += legend(x, [y(curve["effect"][-1]) for curve in curves], names)
    words = described(name, f"What {column} adds to {said}", "; ".join(told) + ".")
    whole = Markup('<svg viewBox="0 0 {0} {1}" role="img" aria-labelledby="{2}-title {2}-text">{3}{4}</svg>')
    return whole.format(wide, HIGH, name, words, join(marks))


def legend(x: Axis, ends: list[float], names: list[str]) -> list[Markup]:
    """Beside the end of each curve its name; where names would overlap they are moved apart."""
    marks = []
    for k, (end, place, words) in enumerate(zip(ends, apart(ends, GAP, (TOP, HIGH - BOTTOM)), names, strict=True)):
        marks.append(Markup('<path d="M{} {}L{} {}" class="stub"/>').format(x.stop + 1, end, x.stop + STUB - 2, place))
        marks.append(text(x.stop + STUB, round(place + 4, 2), words, f"shade{k}"))
    return marks


def apart(places: list[float], gap: float, within: tuple[float, float]) -> list[float]:
    """The places moved as little down, then up, as leaves `gap` between any two.

    >>> apart([50.0, 10.0, 52.0], 15.0, (0.0, 60.0))
    [45.0, 10.0, 60.0]
    """
    low, high = within
    order = sorted(range(len(places)), key=lambda k: places[k])
    found, least = list(places), low
    for k in order:
        found[k] = least = max(places[k], least)
        least += gap
    most = high
    for k in order[::-1]:
        found[k] = most = min(found[k], most)
        most -= gap
    return [round(each, 2) for each in found]


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
