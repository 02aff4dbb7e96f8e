"""report ↦ what the section on intervals or sets says: how wide, how many classes, what was covered, what is proved."""

from typing import Any

from scipy.special import bdtr

from infimum.evaluation.conformal import rows_needed
from infimum.ladder.calibration import in_percent
from infimum.ladder.words import plain
from infimum.report.digits import number

JUDGED = {
    "random": "each row judged by the model that had not seen it, with the width that the other folds set",
    "groups": "each row judged by the model that had not seen its group, with the width that the other folds set",
    "time": "each span judged by the model of the rows before it, with the width that the span before it set",
}
UNEVEN, CHANCE = 0.05, 0.01  # how far below the level a band is uneven, if by chance no band were so once in 100 tables
DISAGREE = " An interval is wider where the models of the folds disagree."
TASKS = {"regression": "intervals", "classification": "sets"}


def percent(share: float) -> str:
    """A share in percent, to a tenth.

    >>> percent(0.89875), percent(1.0)
    ('89.9%', '100%')
    """
    return f"{round(100 * share, 1):g}%"


def coverage_words(report: dict[str, Any]) -> dict[str, Any] | None:
    """The section's title, headline, sentences, figures and tables; None where there is neither interval nor set."""
    facts = report["intervals"] or report["sets"]
    if not facts:
        return None
    kind = report["folds"]["kind"]
    figures = [("Proved for new rows", f"at least {in_percent(facts['bound'], down=True)}")] if facts["bound"] else []
    if facts["covered"] is not None:
        low, high = min(facts["covered_folds"]), max(facts["covered_folds"])
        parts = "Span by span" if kind == "time" else "Fold by fold"
        figures += [("Held-out rows covered", percent(facts["covered"]))]
        figures += [(parts, f"{percent(low)} to {percent(high)}")]
    judged = JUDGED[kind] if report["intervals"] else JUDGED[kind].replace("the width", "the probabilities")
    told = {"guarantee": facts["guarantee"], "figures": figures, "judged": judged, "method": facts["method"]}
    told |= {"rows": facts["calibration_rows"], "level": in_percent(facts["level"])}
    return told | (_interval(facts, kind) if report["intervals"] else _set(facts))


def _interval(facts: dict[str, Any], kind: str) -> dict[str, Any]:
    """Of a number: the median half width, and what adapting to the misses would have done."""
    many = kind != "time"
    return {
        "title": "Prediction intervals",
        "big": f"± {number(facts['half_width'])} at {in_percent(facts['level'])}",
        "note": f"The median half width{across(facts)}.{DISAGREE if many else ''}",
        "columns": "lower and upper",
        "adaptive": adaptive_text(facts["adaptive"]),
        "uneven": uneven_text(facts),
        "bands": band_rows(facts),
        "sizes": [],
        "classes": [],
    }


def across(facts: dict[str, Any]) -> str:
    """From which half width to which, where it differs from band to band of the prediction."""
    widths = [band["half_width"] for band in facts["covered_bands"]]
    if len(widths) < 2 or max(widths) <= 1.1 * min(widths):
        return ""
    return f", from ± {number(min(widths))} to ± {number(max(widths))} by what is predicted"


def uneven_text(facts: dict[str, Any] | None) -> str:
    """Where the intervals hold too few rows: the band that holds least, if P(so few or fewer) is small; "" elsewhere.

    >>> bands = [{"first": a, "last": a + 6.3, "rows": 100, "covered": c} for a, c in ((5.0, 0.9), (12.0, 0.68))]
    >>> uneven_text({"level": 0.9, "covered_bands": bands})
    'Of the rows predicted from 12 to 18.3 only 68% fall inside their interval, not 90%: errors are larger there'
    """
    bands = facts["covered_bands"] if facts else []
    worst = min(bands, key=lambda band: band["covered"], default=None)
    if not facts or worst is None or len(bands) < 2 or worst["covered"] > facts["level"] - UNEVEN:
        return ""
    inside = round(worst["covered"] * worst["rows"])
    if bdtr(inside, worst["rows"], facts["level"]) * len(bands) > CHANCE:
        return ""
    span = f"from {number(worst['first'], 3)} to {number(worst['last'], 3)}"
    said = f"Of the rows predicted {span} only {percent(worst['covered'])} fall inside their interval"
    return f"{said}, not {in_percent(facts['level'])}: errors are larger there"


def band_rows(facts: dict[str, Any]) -> list[list[str]]:
    """Intervals by prediction as cells: from, to, rows, the median half width, and the share covered."""
    return [
        [number(band["first"]), number(band["last"]), number(band["rows"]), f"± {number(band['half_width'])}"]
        + [percent(band["covered"])]
        for band in facts["covered_bands"]
    ]


def adaptive_text(facts: dict[str, Any] | None) -> str:
    """What a width that follows the misses would have covered, in time; "" for other folds."""
    if not facts:
        return ""
    half = "infinite for most rows" if facts["half_width"] is None else f"± {number(facts['half_width'])} in the median"
    return (
        f"Beside it, a width that follows the misses row by row (adaptive conformal inference, Gibbs & Candès 2024) "
        f"would have covered {percent(facts['covered'])} of the latest {facts['rows']:,} of these rows, {half}, if "
        "each outcome were known before the next row. infimum predict does not adapt: its width is fixed."
    )


def _set(facts: dict[str, Any]) -> dict[str, Any]:
    """Of a class: how many rows have how many classes, and each class's own numbers."""
    sizes, total = facts["sizes"], sum(facts["sizes"])
    rare = [each["class"] for each in facts["classes"] if each["rows"] < facts["rows_needed"]]
    note = (
        "A set holds the classes that can't be ruled out. One of several classes says that the row is hard to tell; an "
        "empty one says that no class is as likely there as for most of its own rows, which has to happen where the "
        "model is right more often than the coverage asks: a higher --coverage leaves fewer empty."
    )
    if rare:
        those = ", ".join(rare[:5]) + (f" and {len(rare) - 5} more" if len(rare) > 5 else "")
        note += f" In every set, as a class needs {facts['rows_needed']} rows to be ruled out: {those}."
    return {
        "title": "Prediction sets",
        "big": f"A single class for {percent(sizes[1] / total)} of the rows, at {in_percent(facts['level'])}",
        "note": note,
        "columns": "set",
        "adaptive": "",
        "uneven": "",
        "bands": [],
        "sizes": [(size, count, percent(count / total)) for size, count in enumerate(sizes) if count],
        "classes": [
            {
                **each,
                "covered": "–" if each["covered"] is None else percent(each["covered"]),
                "bound": in_percent(each["bound"], down=True) if each["bound"] else "–",
            }
            for each in facts["classes"]
        ],
    }


def coverage_note(report: dict[str, Any]) -> str:
    """The same in one sentence for a terminal; why there is none; "" where the target has neither."""
    facts, level = report["intervals"] or report["sets"], in_percent(report["coverage"])
    what = TASKS.get(report["target"]["task"])
    if what is None:
        return ""
    if not facts:
        rows = "rows of a class" if what == "sets" else "rows"
        needed = f"{rows_needed(report['coverage']):,} held-out {rows}"
        return f"no prediction {what}: a coverage of {level} needs {needed}; lower --coverage, or add rows."
    if report["intervals"]:
        said = f"intervals at {level}: ± {plain(facts['half_width'])} in the median{across(facts)}"
    else:
        said = f"sets at {level}: a single class for {percent(facts['sizes'][1] / sum(facts['sizes']))} of the rows"
    said += "" if facts["covered"] is None else f"; {percent(facts['covered'])} of held-out rows covered"
    proved = f", at least {in_percent(facts['bound'], down=True)} proved for new rows" if facts["bound"] else ""
    uneven = uneven_text(report["intervals"])
    return f"{said}{proved}.{f' {uneven}.' if uneven else ''}"
