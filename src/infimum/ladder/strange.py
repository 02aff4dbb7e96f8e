"""|xᵢⱼ − x̄ⱼ| > 10 sⱼ, levels never seen, gaps where there were none: rows unlike those of the fit, in sentences."""

from typing import TYPE_CHECKING, Any

from infimum.tables import Table
from infimum.tables.natural import USED

if TYPE_CHECKING:
    from infimum.ladder.fitted import Fitted

GAP = "is missing in {} row(s), and in none of the fit: it is filled in with what is usual"
UNLIKE = {
    "category": "holds a level that the fit never saw in {} row(s): it counts as rare, or as the most frequent",
    "ordered": "holds a level that the fit never saw in {} row(s): it counts as the lowest",
    "number": (
        "is more than ten standard deviations from the rows of the fit in {} row(s): is its unit the same? The "
        "prediction is carried on far beyond them"
    ),
    "date": "lies far outside the dates of the fit in {} row(s): the trend is carried on",
}


def strange_cells(fitted: "Fitted", rows: Table) -> list[str]:
    """What a user should know of new rows before relying on predictions of them, a sentence for each column."""
    said = [f"{name} {UNLIKE[kind].format(count)}" for name, (kind, count) in fitted.unseen(rows).items()]
    return said + [f"{name} {GAP.format(count)}" for name, count in new_gaps(fitted.report, rows).items()]


def new_gaps(report: dict[str, Any], rows: Table) -> dict[str, int]:
    """{column in use: rows in which it is missing} of the columns that were full in the fit."""
    full = [each["name"] for each in report["columns"] if each["role"] in USED and not each["missing"]]
    counts = {name: int(rows.column(name).missing.sum()) for name in full if name in rows.names}
    return {name: count for name, count in counts.items() if count}
