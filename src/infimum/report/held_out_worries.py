"""report ↦ Worry | None, of rows held out: classes missed, probabilities off, predictions aside, widths uneven."""

import math
from collections.abc import Sequence
from itertools import pairwise

from infimum.report.coverage_words import uneven_text
from infimum.report.digits import number, share
from infimum.report.grouped import grouped
from infimum.report.worry import CARE, GRAVE, KNOW, Report, Worry, called, several

OFF_BINS, BENT_ROWS = 3, 20  # bins or groups that miss their forecast, of ten; rows of a band or group
ALIKE, AS_ONE, SURELY = 0.3, 0.6, 6.0  # the correlation of neighbours: to care, grave; in standard errors 1/√n
LACKING, MUCH = 0.02, 0.08  # of the coverage asked for: to care, grave
SCATTER = 2.0  # the mean deviance from which on counts scatter more than Poisson's, whose is about 1


def missed_classes(report: Report) -> Worry | None:
    """Classes that the model never names on held-out rows, or misses on most of theirs."""
    classes, table = report["target"]["classes"], report["confusion"]
    if not table:
        return None
    sizes = [sum(row) for row in table]
    never = [k for k, size in enumerate(sizes) if size and not any(row[k] for row in table)]
    if len(never) == 1:
        (k,) = never
        sentence = f"{called(classes[k])} is never named: its {number(sizes[k])} rows are taken for another class."
        return Worry(sentence, GRAVE, "predicted")
    if never:
        sentence = f"{several([classes[k] for k in never])} are never named ({len(never)} of {len(classes)} classes)."
        return Worry(sentence, GRAVE, "predicted")
    worst = min((k for k, size in enumerate(sizes) if size), key=lambda k: table[k][k] / sizes[k])
    missed = sizes[worst] - table[worst][worst]
    if 2 * missed <= sizes[worst]:
        return None
    sentence = f"{called(classes[worst])} is missed in {number(missed)} of its {number(sizes[worst])} rows."
    return Worry(sentence, CARE, "predicted")


def calibration(report: Report) -> Worry | None:
    """At least three of about ten bins whose 95% interval of the share does not hold the mean forecast."""
    if not report["reliability"]:
        return None
    off = [each for each in report["reliability"]["bins"] if not each["low"] <= each["forecast"] <= each["high"]]
    if len(off) < OFF_BINS:
        return None
    worst = max(off, key=lambda each: abs(each["share"] - each["forecast"]))
    said = f"Probabilities are off: where {share(worst['forecast'])} is promised, {share(worst['share'])} come true."
    return Worry(said, CARE, "predicted")


def bent(report: Report) -> Worry | None:
    """A band of predictions in which three of four rows lie on one side, by more than the target is rounded to.

    Of numbers: small counts mostly do.
    """
    if report["target"]["task"] == "counts":
        return None
    rounded = grain(report["out_of_fold"]["observed"]) / 2
    bands = [band for band in report["residuals"] or () if band["rows"] >= BENT_ROWS]
    above = [(band["quantiles"][1], "low", band) for band in bands]
    below = [(-band["quantiles"][3], "high", band) for band in bands]
    by, side, band = max([*above, *below], key=lambda each: each[0], default=(0.0, "", {}))
    if by <= rounded:
        return None
    span = f"{number(band['first'], 3)} to {number(band['last'], 3)}"
    return Worry(f"Predictions from {span} are too {side} in three of four rows.", CARE, "predicted")


def grain(observed: Sequence[float]) -> float:
    """The least distance between different values: 1 of whole numbers, next to 0 of what is measured finely.

    >>> grain([3.0, 1.0, 2.0, 2.0]), grain([5.0])
    (1.0, 0.0)
    """
    values = sorted(set(observed))
    return min((b - a for a, b in pairwise(values)), default=0.0)


def off_counts(report: Report) -> Worry | None:
    """At least three of ten groups of rows, or all, whose mean count is not the expected one, by more than chance."""
    shown = report["out_of_fold"]
    if report["target"]["task"] != "counts":
        return None
    groups = [each for each in grouped(shown["observed"], shown["predicted"]) if each.rows >= BENT_ROWS]
    off = [group for group in groups if group.missed]
    if not off or len(off) < min(OFF_BINS, len(groups)):
        return None
    worst = max(off, key=lambda group: abs(group.observed - group.predicted) / group.half)
    said = f"where {number(worst.predicted, 3)} is expected, the mean is {number(worst.observed, 3)}"
    return Worry(f"Expected counts are off: {said}.", CARE, "predicted")


def scattered(report: Report) -> Worry | None:
    """A mean deviance of more than 2 on held-out rows, where that of a Poisson count is about 1."""
    deviance = report["statistics"].get("deviance", 0.0)
    if deviance <= SCATTER:
        return None
    equation = report["equation"] or {}
    said = f"Rows scatter more than Poisson counts (deviance {number(deviance, 3)}, not about 1)"
    return Worry(f"{said}{': the bands of curves are too narrow' if 'curves' in equation else ''}.", KNOW, "predicted")


def undercovered(report: Report) -> Worry | None:
    """Intervals or sets hold fewer of the held-out rows than asked for, by more than two standard errors and 2%.

    The standard error is that of the folds' shares: rows of a fold are judged by one model.
    """
    found = report["intervals"] or report["sets"]
    if not found or len(found["covered_folds"] or ()) < 2:
        return None
    shares, lacking = found["covered_folds"], found["level"] - found["covered"]
    mean = math.fsum(shares) / len(shares)
    doubt = math.sqrt(math.fsum((each - mean) ** 2 for each in shares) / (len(shares) - 1) / len(shares))
    if lacking < LACKING or (lacking < 2 * doubt and lacking < MUCH):
        return None
    what = "Intervals" if report["intervals"] else "Sets"
    said = (
        f"{what} that should hold {share(found['level'])} of new rows held {share(found['covered'])} of those held out."
    )
    return Worry(said, GRAVE if lacking >= MUCH else CARE, "intervals")


def uneven(report: Report) -> Worry | None:
    """A band of predictions whose rows fall inside their intervals less often than asked for, by more than chance."""
    said = uneven_text(report["intervals"])
    return Worry(f"{said}.", CARE, "intervals") if said else None


def neighbours(report: Report) -> Worry | None:
    """Errors of rows next to each other that are alike, by far more than chance: random folds are then too kind."""
    alike, rows = report["neighbours"], report["out_of_fold"]["of"]
    if alike is None or alike < ALIKE or alike * math.sqrt(rows) < SURELY:
        return None
    said = f"Rows next to each other err alike (correlation {number(alike, 2)})"
    return Worry(
        f"{said}: if they follow in time or belong together, say so (--time, --group); the error is too kind.",
        GRAVE if alike >= AS_ONE else CARE,
        "ladder",
    )
