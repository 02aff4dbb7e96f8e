"""(report, timings) ↦ the HTML page: what the template needs in words, and the template filled in."""

import math
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from infimum.ladder.words import METRICS, lower
from infimum.report.coverage_words import coverage_note, coverage_words
from infimum.report.digits import between, number, plus_minus, raised, share
from infimum.report.table_words import by_severity, leak_text, read_as, search_text
from infimum.report.training_words import training_words
from infimum.report.width_words import width_words
from infimum.report.worries import NOTHING, worries
from infimum.tables.natural import USED, short

if TYPE_CHECKING:
    from jinja2 import Template
    from markupsafe import Markup

STATISTICS = {
    "deviance": "Mean Poisson deviance",
    "d2": "Deviance explained (D²)",
    "rmse": "Typical error (RMSE)",
    "mae": "Mean absolute error",
    "r2": "Variance explained (R²)",
    "log_loss": "Log-loss",
    "brier": "Brier score",
    "accuracy": "Right class",
    "auc": "Ranked rightly (AUC)",
}
QUESTIONS = {
    "gap": "How low can the loss go?",
    "parameters": "How exact are the coefficients?",
    "digits": "How many digits are right?",
    "stationarity": "Is the slope zero?",
    "identification": "Do the data determine the coefficients?",
    "separation": "Is there a minimum at all?",
}
VERDICTS = {
    "CERTIFIED": "proved to the stated tolerance, rounding included; infimum verify proves it again",
    "INSUFFICIENT": "a bound exists, but it is too weak to rely on",
    "UNAVAILABLE": "no bound is known for this kind of model: nothing is claimed",
    "REPORTED": "measured, and can be derived again from the model file and the data",
}
SHARES = ("r2", "d2", "accuracy")
LONGEST = 12  # terms of the equation that are written out
TOGETHER = re.compile(r" ([±×]) (?=[\d−])")
CELL, LONG = 40, 8  # characters of a cell among the worst rows; of a number
FIRST = 20  # coefficients shown before the rest is folded away


def build(report: dict[str, Any], timings: dict[str, Any] | None = None) -> str:
    """report.json (and timings.json) ↦ report.html: one file, no script, nothing fetched."""
    from infimum.report.effect_chart import effects
    from infimum.report.ladder_chart import ladder_chart
    from infimum.report.prediction_chart import prediction_charts
    from infimum.report.residual_chart import reliability_rows, residual_rows

    rungs, metric = report["rungs"], heading(report)
    page = template().render(
        report=report,
        timings=in_order(timings or {}, [*(rung["name"] for rung in rungs), "refit"]),
        chosen=next(rung for rung in rungs if rung["chosen"]),
        metric=metric,
        figures=figures(report),
        ladder=ladder_chart(report, metric),
        formula=mathml(report["objective"]["latex"]),
        outcome=outcome_of(report["target"]),
        terms=terms(report["equation"]),
        scores=scores(report["equation"]),
        effects=effects(report["equation"], report["target"]),
        confusion=confusion(report),
        charts=prediction_charts(report),
        covering=coverage_words(report),
        without=coverage_note(report),
        bands=residual_rows(report),
        bins=reliability_rows(report),
        worst=worst(report),
        trained=training_words(report),
        widths=width_words(report, metric),
        bigger=bigger(report),
        worries=worries(report),
        nothing=NOTHING,
        statistics=[
            (key, name, report["statistics"][key]) for key, name in STATISTICS.items() if key in report["statistics"]
        ],
        used=sum(column["role"] in USED for column in report["columns"]),
        read_as=read_as(report["reading"]),
        leak=leak_text(report),
        searched=search_text(report),
        findings=by_severity(report),
    )
    return TOGETHER.sub("\u00a0\\1\u00a0", page)


def in_order(timings: dict[str, Any], rungs: list[str]) -> dict[str, Any]:
    """The timings with rungs and versions in one order, however the file they come from had them."""
    found = dict(timings)
    if "rungs" in found:
        order = [*rungs, *sorted(set(found["rungs"]) - set(rungs))]
        found["rungs"] = {name: found["rungs"][name] for name in order if name in found["rungs"]}
    if "versions" in found:
        found["versions"] = dict(sorted(found["versions"].items()))
    return found


@cache
def template() -> "Template":
    """The one template; every value is escaped where it is filled in."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    place = FileSystemLoader(Path(__file__).parent, encoding="utf-8")
    setting = Environment(
        loader=place, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    setting.filters.update(number=number, share=share, raised=raised, statistic=statistic, factor=factor)
    setting.globals.update(plus_minus=plus_minus, questions=QUESTIONS, verdicts=VERDICTS, longest=LONGEST, first=FIRST)
    return setting.get_template("template.html")


def heading(report: dict[str, Any]) -> str:
    """What the error that decides is called over a column or beside a number."""
    name = METRICS[report["metric"]][0]
    return name[0].upper() + name[1:]


def figures(report: dict[str, Any]) -> list[tuple[str, str]]:
    """[(what, how much)]: at most four numbers that answer how good the chosen rung is."""
    rungs, statistics_ = report["rungs"], report["statistics"]
    chosen = next(rung for rung in rungs if rung["chosen"])
    found = [(heading(report), plus_minus(chosen["mean"], chosen["standard_error"]))]
    search = report["search"]
    found.append((f"Corrected, {search['level']:.0%} interval", between(search["low"], search["high"])))
    if chosen is not rungs[0] and rungs[0]["mean"] > 0:
        found.append(("Lower than a constant's by", share(1 - chosen["mean"] / rungs[0]["mean"])))
    for key in ("r2", "accuracy"):
        if key in statistics_:
            found.append((STATISTICS[key], statistic(statistics_[key], key)))
    return found


def bigger(report: dict[str, Any]) -> str:
    """Why no more complex rung, where none has a lower error; "" where one has, and the answer says so.

    >>> rungs = [{"title": t, "mean": m, "candidate": True} for t, m in (("Mean", 3.0), ("Ridge", 1.0), ("Lasso", 1.5))]
    >>> bigger({"rungs": [{**rung, "chosen": rung["title"] == "Ridge"} for rung in rungs]})
    'No more complex model does better: the nearest, the lasso, is at 1.500.'
    """
    rungs = report["rungs"]
    at = next(i for i, rung in enumerate(rungs) if rung["chosen"])
    higher = [rung for rung in rungs[at + 1 :] if rung["candidate"]]
    nearest = min(higher, key=lambda rung: rung["mean"], default=None)
    if at == len(rungs) - 1:
        return "It is the most complex of those compared."
    if at == 0 or nearest is None or nearest["mean"] < rungs[at]["mean"]:
        return ""
    return (
        f"No more complex model does better: the nearest, {lower(nearest['title'])}, is at {number(nearest['mean'])}."
    )


def statistic(value: float | None, key: str) -> str:
    """R², D² and accuracy as a share, the others as a number."""
    return share(value) if key in SHARES else number(value)


def factor(coefficient: float) -> str:
    """e^coefficient: what a unit more multiplies an expected count by.

    >>> factor(0.0), factor(0.5), factor(-800.0), factor(1e4)
    ('1', '1.649', '0', '–')
    """
    return number(math.exp(coefficient) if coefficient < 700 else None)


def mathml(latex: str) -> "Markup":
    """The formula as MathML, which browsers set themselves; without the namespace, which HTML does not need."""
    from latex2mathml.converter import convert
    from markupsafe import Markup

    return Markup(re.sub(r' xmlns="[^"]*"', "", convert(latex, display="block")))


def terms(equation: dict[str, Any] | None) -> dict[str, Any] | None:
    """The terms that count, largest effect first, and the names of the exact zeros; None without an equation."""
    if equation is None or "scores" in equation:
        return None
    ordered = sorted(equation["terms"], key=lambda term: -abs(term["effect"]))
    active = [{**term, "shown": shown(term)} for term in ordered if term["coefficient"]]
    return {
        "active": active,
        "zero": [t["name"] for t in ordered if not t["coefficient"] and t["name"] not in equation["left_out"]],
        "left_out": equation["left_out"],
        "largest": max((abs(term["effect"]) for term in active), default=1.0),
        "intercept": equation["intercept"],
    }


def outcome_of(target: dict[str, Any]) -> str:
    """What the equation gives: the target, the log-odds of the second of two classes, the log of an expected count.

    >>> outcome_of({"name": "sold", "task": "classification", "positive": "yes"})
    'log-odds of sold = yes'
    """
    if target["task"] == "counts":
        return f"log of expected {target['name']}"
    return f"log-odds of {target['name']} = {target['positive']}" if target["positive"] else str(target["name"])


def scores(equation: dict[str, Any] | None) -> dict[str, Any] | None:
    """The equations of several classes side by side: a row a term, largest effect first; None for any other model."""
    if equation is None or "scores" not in equation:
        return None
    each = equation["scores"]
    sizes = [[abs(term["effect"]) for term in same] for same in zip(*(one["terms"] for one in each), strict=True)]
    largest = max((max(size) for size in sizes), default=0.0) or 1.0
    order = sorted(range(len(sizes)), key=lambda j: -max(sizes[j]))
    rows = [
        {
            **each[0]["terms"][j],
            "cells": [(one["terms"][j]["coefficient"], one["terms"][j]["effect"] / largest) for one in each],
        }
        for j in order
        if max(sizes[j]) > 0
    ]
    starts = [(one["intercept"], 0.0) for one in each]
    return {
        "classes": [one["class"] for one in each],
        "rows": rows,
        "intercepts": starts,
        "left_out": equation["left_out"],
    }


def confusion(report: dict[str, Any]) -> dict[str, Any] | None:
    """[(class, [(rows, share of the class), …]), …]: how often each class was taken for which; None for numbers."""
    if not report["confusion"]:
        return None
    classes = report["target"]["classes"]
    rows = [[(count, count / max(sum(row), 1)) for count in row] for row in report["confusion"]]
    return {"classes": classes, "rows": list(zip(classes, rows, strict=True))}


def worst(report: dict[str, Any]) -> dict[str, Any] | None:
    """The worst rows as cells: row, observed, predicted, how far off (or the probability of the observed), columns."""
    found = report["worst"]
    if not found["rows"]:
        return None
    several = report["target"]["classes"] is not None
    numbers = {column["name"] for column in report["columns"] if column["role"] == "number"}
    rows = []
    for row in found["rows"]:
        off = share(row["probability"]) if several else number(row["observed"] - row["predicted"])
        both = [row[key] if several else number(row[key]) for key in ("observed", "predicted")]
        cells = [cell_text(cell, name in numbers) for name, cell in zip(found["columns"], row["cells"], strict=True)]
        rows.append((row["row"], [*both, off], cells))
    heads = ["Observed", "Named" if several else "Predicted"]
    heads.append("Probability of the observed" if several else "Observed − predicted")
    return {"heads": heads, "columns": found["columns"], "rows": rows, "numbers": not several}


def cell_text(cell: str | None, is_number: bool) -> str:
    """A cell as the page shows it: a dash where missing, a long number to six digits, a long text cut.

    >>> cell_text(None, True), cell_text("2012", True), cell_text("9.68981703575298", True), cell_text("a" * 50, False)
    ('–', '2012', '9.68982', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…')
    """
    if cell is None:
        return "–"
    return f"{float(cell):.6g}" if is_number and len(cell) > LONG else short(cell, CELL)


def shown(term: dict[str, Any]) -> str:
    """hour, or [weather = rain], which is 1 where it holds and 0 elsewhere.

    >>> shown({"name": "weather = rain", "level": "rain"}), shown({"name": "hour", "level": None})
    ('[weather = rain]', 'hour')
    """
    return term["name"] if term["level"] is None else f"[{term['name']}]"
