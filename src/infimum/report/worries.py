"""report ↦ at most three sentences: what to worry about before relying on the model, the gravest first.

A rule is one function, report ↦ Worry | None; RULES lists them all, and of equal weight the earlier goes first.
"""

import math
import re
from collections.abc import Callable

from infimum.ladder.words import lower
from infimum.report.digits import number, share
from infimum.report.held_out_worries import (
    bent,
    calibration,
    missed_classes,
    neighbours,
    off_counts,
    scattered,
    undercovered,
    uneven,
)
from infimum.report.training_words import badly_trained
from infimum.report.worry import CARE, GRAVE, KNOW, Report, Worry, called, chosen_of, several
from infimum.tables.natural import USED

SHOWN = 3
NOTHING = (
    "The rules behind this list (leaks, doubt, calibration, residuals, rare classes, gaps and the like) found nothing. "
    "They cannot see whether new rows will be like these."
)
FEW_ROWS, FEW_OF_A_CLASS, FEW_COUNTED = 100, 30, 30
UNCERTAIN = 0.25  # of the error: the standard error from which on it is called uncertain
COSTLY, DEAR = 0.05, 0.25  # the share of the reference's gain over the constant that the chosen rung misses
GAPS = 0.2  # the share of missing cells
WARNINGS = {
    "INF111": "Whether {column} is missing tells {target}: is it filled in afterwards?",
    "INF112": "{column} predicts {target} almost alone: is it known before {target} is?",
    "INF113": "{rows} repeat an earlier one, and folds share them: errors may be too kind, flexible models' most.",
    "INF114": "Rows of one {column} are alike in {target}: expect a larger error where {column} is new.",
    "INF132": "{column} holds cells far from all others: errors, or codes for missing ones?",
    "INF115": "{target} drifts in time: later rows may differ from these.",
}


def worries(report: Report) -> list[Worry]:
    """At most three, the gravest first."""
    found = [worry for rule in RULES if (worry := rule(report)) is not None]
    return sorted(found, key=lambda worry: -worry.weight)[:SHOWN]


def leaks(report: Report) -> Worry | None:
    """Columns that give the target away: used on request, or left out."""
    found = [finding for finding in report["findings"] if finding["severity"] == "excluded"]
    names = list(dict.fromkeys(name for finding in found for name in finding["columns"]))
    if not names:
        return None
    give = f"{several(names)} {'gives' if len(names) == 1 else 'give'} {called(report['target']['name'])} away"
    if report["wishes"]["keep_leaks"]:
        return Worry(f"{give} and took part all the same, on request: the error is no forecast.", GRAVE, "findings")
    return Worry(f"{give} and {'was' if len(names) == 1 else 'were'} left out: is that right?", CARE, "findings")


def warning(report: Report) -> Worry | None:
    """The first finding that is a warning, in short, and how many more there are."""
    found = [finding for finding in report["findings"] if finding["severity"] == "warning"]
    if not found:
        return None
    first = min(found, key=lambda finding: finding["code"])
    many = re.match(r"(\d+) of (\d+) rows", first["statement"])
    rows = f"{number(int(many[1]))} of {number(int(many[2]))} rows" if many else "Rows"
    words = {"column": several(first["columns"]), "target": called(report["target"]["name"]), "rows": rows}
    known = WARNINGS.get(first["code"])
    sentence = known.format(**words) if known else first["statement"]
    if len(found) > 1:
        sentence += f" And {len(found) - 1} more warning{'s' if len(found) > 2 else ''}."
    return Worry(sentence, GRAVE if first["code"] in ("INF111", "INF112") else CARE, "findings")


def unproved(report: Report) -> Worry | None:
    """The chosen rung's fit is not certified: no bound is known, or it is too weak, or there is no minimum."""
    rung = chosen_of(report)
    if rung["unattained"]:
        return Worry("The chosen model has no lowest loss: its coefficients run off to infinity.", GRAVE, "evidence")
    if rung["verdict"] == "INSUFFICIENT":
        return Worry("The fit is not shown to be near its lowest loss: another might be better.", GRAVE, "evidence")
    if rung["verdict"] == "UNAVAILABLE":
        said = "How far this fit is from its lowest loss is not known: from another start it may come out different."
        return Worry(said, CARE, "evidence")
    return None


def little_gain(report: Report) -> Worry | None:
    """Mean gain over the constant, fold by fold, below two of its standard errors; or no gain, and the constant it is.

    The standard error is √(1/k + ρ) times the standard deviation of the gains, as on the ladder.
    """
    rung, first = chosen_of(report), report["rungs"][0]
    better = [each for each in report["rungs"] if not each["candidate"] and each["mean"] < first["mean"]]
    if rung is first and better:
        least = min(better, key=lambda each: each["mean"])
        said = f"Undecided: {lower(least['title'])} errs less ({number(least['mean'])}), but no lowest loss is reached"
        late = ", and the rungs that might tell were not climbed" if report["skipped"] else ""
        return Worry(f"{said} in some fold{late}.", GRAVE, "ladder")
    if rung is first:
        return Worry("These columns say nothing that shows: look for others, or for more rows.", GRAVE, "ladder")
    gains = [a - b for a, b in zip(first["errors"], rung["errors"], strict=True)]
    k = len(gains)
    gain = sum(gains) / k
    spread = math.sqrt(sum((each - gain) ** 2 for each in gains) / (k - 1))
    doubt = math.sqrt(1 / k + report["folds"]["overlap"]) * spread
    if gain > 2 * doubt:
        return None
    said = f"The gain over a constant, {number(gain, 2)} ± {number(doubt, 2)}, is hardly larger than its doubt."
    return Worry(said, CARE, "ladder")


def cost(report: Report) -> Worry | None:
    """(error − reference's) / (constant's − reference's) ≥ 5%, where the difference is above its standard error."""
    line = report["reference"]
    if not line or not line["difference"] > line["difference_error"]:
        return None
    gain = report["rungs"][0]["mean"] - line["mean"]
    missed = line["difference"] / gain if gain > 0 else 0.0
    if missed < COSTLY:
        return None
    said = f"{line['title']} errs less by {share(line['difference'] / chosen_of(report)['mean'])}"
    said += f"; of its gain over a constant, this model misses {share(missed)}."
    return Worry(said, CARE if missed < DEAR else GRAVE, "ladder")


def close_call(report: Report) -> Worry | None:
    """Another rung is picked from more of the resampled rows than the one that was chosen."""
    if not report["search"]:
        return None
    picked = report["search"]["picked"]
    most, own = max(picked, key=lambda name: picked[name]), picked.get(report["chosen"], 0.0)
    if picked[most] <= own:
        return None
    title = next(rung["title"] for rung in report["rungs"] if rung["name"] == most)
    said = f"from resampled rows {lower(title)} is picked in {share(picked[most])}, this model in {share(own)}"
    return Worry(f"A close call: {said}.", CARE, "ladder")


def few(report: Report) -> Worry | None:
    """Fewer than a hundred rows, fewer than thirty of a class, or counts that add up to fewer than thirty."""
    rows, target = report["table"]["used_rows"], report["target"]
    if rows < FEW_ROWS:
        return Worry(f"There are {rows} rows only: every number here is rough.", CARE, "ladder")
    if target["task"] == "counts" and target["mean"] * rows < FEW_COUNTED:
        total = number(round(target["mean"] * rows))
        return Worry(f"{called(target['name'])} adds up to {total} only: every number here is rough.", CARE, "ladder")
    if not target["classes"]:
        return None
    part, label = min(zip(target["shares"], target["classes"], strict=True))
    if part * rows >= FEW_OF_A_CLASS:
        return None
    return Worry(f"{round(part * rows)} rows only are {called(label)}: little is known of them.", CARE, "predicted")


def uncertain(report: Report) -> Worry | None:
    """A standard error of at least a quarter of the error."""
    rung = chosen_of(report)
    if not rung["mean"] > 0 or rung["standard_error"] < UNCERTAIN * rung["mean"]:
        return None
    part = f"{100 * rung['standard_error'] / rung['mean']:.0f}%"
    return Worry(f"The error differs much from fold to fold: its standard error is {part} of it.", KNOW, "ladder")


def order(report: Report) -> Worry | None:
    """Rows in time, or in groups: what the error is that of."""
    folds = report["folds"]
    column = called(folds["column"])
    if folds["kind"] == "time":
        said = f"The error is that of later spans of {column}: it lasts only as long as things stay as they were"
        covered = report["intervals"] or report["sets"]
        too = f", and so do the {'intervals' if report['intervals'] else 'sets'}" if covered else ""
        return Worry(f"{said}{too}.", CARE if covered else KNOW, "ladder")
    if folds["kind"] == "groups":
        said = f"The error is that of rows of a new {column}; their number counts here, not that of the rows."
        return Worry(said, KNOW, "ladder")
    return None


def gaps(report: Report) -> Worry | None:
    """The column in use with the most missing cells, from a fifth of the rows on."""
    used = [column for column in report["columns"] if column["role"] in USED]
    most = max(used, key=lambda column: column["missing"], default=None)
    part = most["missing"] / report["table"]["used_rows"] if most else 0.0
    if most is None or part < GAPS:
        return None
    return Worry(f"{called(most['name'])} is missing in {share(part)} of the rows.", KNOW, "columns")


def not_climbed(report: Report) -> Worry | None:
    """Rungs that were not compared."""
    names = [rung["name"] for rung in report["skipped"]]
    if not names:
        return None
    return Worry(f"Not compared: {', '.join(names)}; the ladder says why.", KNOW, "ladder")


RULES: tuple[Callable[[Report], Worry | None], ...] = (
    leaks,
    warning,
    unproved,
    badly_trained,
    missed_classes,
    neighbours,
    little_gain,
    close_call,
    cost,
    undercovered,
    bent,
    uneven,
    off_counts,
    calibration,
    few,
    scattered,
    uncertain,
    order,
    gaps,
    not_climbed,
)
