"""problem ↦ what a fit takes the table for, before it begins; predictions ↦ what was predicted, beside the fit's rows.

Each is a small table on stderr, so that stdout stays the answer: the first says of every line which option changes it.
"""

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from infimum.ladder.problem import Problem
    from infimum.ladder.terms import Terms
    from infimum.tables import Table

Line = tuple[str, str, str]
FIT, PREDICTIONS = ("", "taken as", "changed by"), ("", "predicted", "in the fit")
SHOWN = 6  # columns and classes that are named, before "and 3 more"
RULES = {"1se": "the simplest rung that none beats by a gain that counts", "best": "the rung of the lowest"}


def confirm(heads: Line, lines: Sequence[Line]) -> None:
    """Print the lines under their heads, on stderr."""
    from rich.markup import escape
    from rich.table import Table

    from infimum.cli.ladder_text import console

    table = Table(box=None, pad_edge=False, header_style="bold")
    for head in heads:
        table.add_column(head, overflow="fold")
    for line in lines:
        table.add_row(*(escape(cell) for cell in line))
    console(stderr=True).print(table)


def fit_lines(problem: "Problem", terms: "Terms") -> list[Line]:
    """What is about to be fitted: rows, target, columns, folds, the error that decides, each with its option."""
    from infimum.ladder.words import METRICS

    unknown = problem.rows - len(problem.y)
    without = f", {unknown:,} of them without {problem.target}: left out" if unknown else ""
    metric, repeats = METRICS[problem.metric.name][0], problem.folds.repeats
    often = f" Drawn {repeats} times." if repeats > 1 else ""
    lines = [
        ("table", f"{problem.table.name}: {problem.rows:,} rows{without}", "--read"),
        ("target", f"{problem.target}: {target_text(problem)}", "--task"),
        *columns_lines(problem),
        ("folds", f"{problem.split.reason}{often}", "--time, --group, --repeats"),
        ("choice", f"by {metric} on rows held out: {RULES[terms.rule]}", "--metric, --rule"),
        ("beside", beside_text(terms), "--also, --no-reference"),
        *covered_line(problem, terms),
    ]
    lines += [("time", f"no rung starts after {terms.budget:g} s", "--budget")] if terms.budget else []
    return lines


def target_text(problem: "Problem") -> str:
    """A quantity or counts from least to greatest, or the classes with their shares."""
    if problem.task.classes:
        shares = np.bincount(problem.y.astype(int)) / len(problem.y)
        return f"{len(problem.task.classes)} classes, {shares_text(problem.task.classes, shares.tolist())}"
    return f"{'counts' if problem.task.kind == 'counts' else 'a quantity'}, {spread(problem.y)}"


def columns_lines(problem: "Problem") -> list[Line]:
    """How many columns are read and as what; those that are not, by the reason."""
    from infimum.tables.natural import USED

    roles = [role for role in problem.roles if role.role != "target"]
    read = Counter(role.role for role in roles if role.role in USED)
    kinds = ", ".join(f"{count} as {role}" for role, count in read.most_common())
    lines = [("columns", f"{read.total()} of {len(roles)} read: {kinds}", "--role, --ordered, --drop")]
    aside = [(f"{role.name} ({role.role})", role.role) for role in roles if role.role not in USED]
    if aside:
        options = [option for option, there in options_of({role for _, role in aside}) if there]
        lines.append(("left out", some([name for name, _ in aside]), ", ".join(options)))
    return lines


def options_of(roles: set[str]) -> list[tuple[str, bool]]:
    """The options that bring back columns of these roles, and whether any of them is there."""
    return [
        ("--keep-leaks", "leak" in roles),
        ("--drop", "dropped" in roles),
        ("--role", not roles.isdisjoint({"identifier", "text"})),
    ]


def beside_text(terms: "Terms") -> str:
    """The models that are no rungs and are compared with."""
    from infimum.ladder.also import name_of

    names = ["scikit-learn's gradient boosting"] * terms.reference + [name_of(each) for each in terms.also]
    return some(names) if names else "no other model is compared with"


def covered_line(problem: "Problem", terms: "Terms") -> list[Line]:
    """The coverage of intervals or sets; none for counts, which get neither."""
    what = {"regression": "intervals", "classification": "sets"}.get(problem.task.kind)
    return [(what, f"to hold {terms.coverage * 100:.4g}% of new rows", "--coverage")] if what else []


def prediction_lines(report: dict[str, Any], rows: "Table", columns: dict[str, Any]) -> list[Line]:
    """What was predicted, beside what the rows of the fit held: new rows that differ from those show here."""
    fitted = f"{report['table']['used_rows']:,} of {report['table']['name']}"
    return [
        ("rows", f"{rows.rows:,} of {rows.name}", fitted),
        *target_lines(report["target"], columns),
        *width_line(report, columns),
    ]


def target_lines(target: dict[str, Any], columns: dict[str, Any]) -> list[Line]:
    """The predictions from least to greatest beside the mean of the fit; of classes their mean probabilities.

    The classes named are no shares to compare: a rare class is often likely, and seldom likeliest.
    """
    name, classes = target["name"], target["classes"]
    if not classes:
        return [(name, spread(np.asarray(columns["prediction"], dtype=float)), f"mean {target['mean']:.4g}")]
    counts, rows = Counter(columns["prediction"]), max(len(columns["prediction"]), 1)
    expected = [float(np.sum(columns[f"p({each})"])) / rows for each in classes]
    named = [counts[each] / rows for each in classes]
    observed = shares_text(classes, target["shares"])
    return [
        (f"{name}, mean probability", shares_text(classes, expected, by=target["shares"]), observed),
        (f"{name}, class named", shares_text(classes, named, by=target["shares"]), ""),
    ]


def width_line(report: dict[str, Any], columns: dict[str, Any]) -> list[Line]:
    """The median half width of the intervals, or the share of the sets that hold one class, here and in the fit."""
    from infimum.ladder.calibration import in_percent
    from infimum.ladder.sets import set_text
    from infimum.report.coverage_words import percent

    level = in_percent(report["coverage"])
    if "lower" in columns and len(columns["lower"]):
        half = np.median((columns["upper"] - columns["lower"]) / 2)
        return [(f"intervals, {level}", f"± {half:.4g} in the median", f"± {report['intervals']['half_width']:.4g}")]
    if columns.get("set"):
        alone, sizes = {set_text([name]) for name in report["target"]["classes"]}, report["sets"]["sizes"]
        here = percent(sum(each in alone for each in columns["set"]) / len(columns["set"]))
        return [(f"sets, {level}", f"a single class in {here} of the rows", percent(sizes[1] / sum(sizes)))]
    return []


def shares_text(classes: Sequence[str], shares: Sequence[float], by: Sequence[float] = ()) -> str:
    """The classes with their shares, the most frequent first, or first by other shares.

    >>> shares_text(["no", "yes"], [0.25, 0.75]), shares_text(["no", "yes"], [0.25, 0.75], by=[0.6, 0.4])
    ('yes 75%, no 25%', 'no 25%, yes 75%')
    """
    from infimum.report.coverage_words import percent
    from infimum.tables.natural import short

    order = sorted(range(len(classes)), key=lambda k: -(by or shares)[k])
    return some([f"{short(classes[k])} {percent(shares[k])}" for k in order])


def spread(values: np.ndarray) -> str:
    """The least, the mean and the greatest of the values that are finite.

    >>> spread(np.array([1.0, 2.0, 6.0]))
    'from 1 to 6, mean 3'
    """
    there = values[np.isfinite(values)]
    return f"from {there.min():.4g} to {there.max():.4g}, mean {there.mean():.4g}" if len(there) else "no value"


def some(names: Sequence[str]) -> str:
    """The names with commas, those beyond the first few counted.

    >>> some(["a", "b"]), some("abcdefgh")
    ('a, b', 'a, b, c, d, e, f and 2 more')
    """
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
