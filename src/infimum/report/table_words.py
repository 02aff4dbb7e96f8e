"""reading, leak, findings ↦ sentences: what a reader has to know of the table before trusting a number about it."""

from typing import Any

from infimum.ladder.words import METRICS, plain
from infimum.tables.reading import MISSING

SEVERITIES = ("excluded", "warning", "note")


def read_as(reading: dict[str, Any]) -> str:
    """How the file was read, in one sentence.

    >>> marks = {"delimiter": ";", "encoding": "utf-8", "decimal": ",", "thousands": "", "dates": {}}
    >>> read_as({**marks, "missing": ["", "NA"]})
    "Read as text: delimiter ';', encoding utf-8, decimal mark ','; empty cells and NA are missing."
    """
    missing = [token for token in reading["missing"] or () if token]
    if tuple(reading["missing"] or ()) == MISSING:
        missing = ["the usual words (NA, n/a, NaN, null, None, ?, -)"]
    said = f"empty cells and {', '.join(missing)} are missing" if missing else "empty cells are missing"
    if reading["delimiter"] is None:
        return f"{said[0].upper()}{said[1:]}."
    delimiter = {"\t": "tab", " ": "space"}.get(reading["delimiter"], f"'{reading['delimiter']}'")
    marks = f"delimiter {delimiter}, encoding {reading['encoding']}"
    if reading["decimal"] == ",":
        marks += ", decimal mark ','"
    if reading["thousands"]:
        marks += f", thousands mark '{reading['thousands']}'"
    marks += "".join(f", {name} as {form}" for name, form in reading["dates"].items() if form[:2] != "%Y")
    return f"Read as text: {marks}; {said}."


def leak_text(report: dict[str, Any]) -> str:
    """What the columns left out as leaks would have done, in one sentence; "" where there is none.

    >>> leak = {"title": "Ridge regression", "columns": ["alive"], "error_with": 0.0001, "error_without": 0.45}
    >>> leak_text({"leak": leak, "metric": "log_loss"})
    'With alive, the log-loss of ridge regression would be 0.000100, which is no forecast; without, it is 0.450.'
    """
    leak, metric = report["leak"], METRICS[report["metric"]][0]
    if not leak:
        return ""
    title = leak["title"][0].lower() + leak["title"][1:]
    reached, without = plain(leak["error_with"], 3), plain(leak["error_without"], 3)
    return (
        f"With {' and '.join(leak['columns'])}, the {metric} of {title} would be {reached}, which is no forecast; "
        f"without, it is {without}."
    )


def search_text(report: dict[str, Any]) -> str:
    """What searching made of the error of the chosen rung, in one sentence.

    >>> search = {"corrected": 62.44, "low": 59.11, "high": 65.71, "level": 0.9, "draws": 400, "picked": {"ridge": 1}}
    >>> search_text({"search": search, "chosen": "ridge"})[:72]
    'Corrected for having searched, the error is 62.44, its 90% interval for '
    """
    found = report["search"]
    low, high, corrected = (plain(found[key]) for key in ("low", "high", "corrected"))
    again = found["picked"].get(report["chosen"], 0.0)
    return (
        f"Corrected for having searched, the error is {corrected}, its {found['level']:.0%} interval for these models "
        f"{low} to {high}; "
        f"in {found['draws']} resamples of the rows held out the same rung is picked in {again:.0%} "
        "(bootstrap bias corrected cross-validation, Tsamardinos et al. 2018)."
    )


def by_severity(report: dict[str, Any]) -> list[dict[str, Any]]:
    """The findings, those that changed something first; the remedy of what was left out is how to use it after all."""
    kept = report["wishes"]["keep_leaks"]
    aside = {column["name"] for column in report["columns"] if column["role"] == "duplicate"}
    found = []
    for finding in sorted(report["findings"], key=lambda each: SEVERITIES.index(each["severity"])):
        remedy = finding["remedy"]
        if finding["severity"] == "excluded":
            remedy = "Used all the same, on request." if kept else "Left out; --keep-leaks uses it."
        left_out = [name for name in finding["columns"] if name in aside]
        if left_out and finding["code"] == "INF121":
            remedy = f"{left_out[-1]!r} is left out."
        found.append({**finding, "remedy": remedy})
    return found
