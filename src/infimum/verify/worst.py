"""table, z on rows held out ↦ answers: report["worst"] holds the rows of the largest ℓ(z, y), as they are."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from infimum.losses import Loss
from infimum.losses.multinomial import likeliest
from infimum.tables import Table
from infimum.verify.answers import Answer, agree, refuted

ROWS, COLUMNS = 8, 6
TOLERANCE = 1e-8


@dataclass(frozen=True, eq=False)
class Lines:
    """z (n,) or (n, m) and y (n,) of rows held out; `at` (n,): their places in `table`; `number` (n,): in the file."""

    table: Table
    at: np.ndarray
    number: np.ndarray
    z: np.ndarray
    y: np.ndarray
    noise: float


def check_worst(report: dict[str, Any], names: list[str], loss: Loss, lines: Lines) -> list[Answer]:
    """As many rows as there can be, each as it is, in order; and no other row has a larger loss than the last shown."""
    told, rows = report["worst"], report["worst"]["rows"]
    shown = min(ROWS, len(lines.y))
    place = {number: i for i, number in enumerate(lines.number.tolist())}
    known = [place[row["row"]] for row in rows if row["row"] in place]
    pairs = {
        "rows": ((len(rows), len(set(known))), (shown, shown)),
        "columns": (told["columns"], _telling(report["equation"], names)),
    }
    answers = agree("worst rows", "report", pairs)
    if answers[-1].verdict == "REFUTED":
        return answers
    losses = loss.value(lines.z, lines.y)
    slack = TOLERANCE * losses + _moved(loss, lines, losses)
    recorded, own = np.array([row["loss"] for row in rows]), losses[known]
    least = int(np.argmin(own))
    others = np.ones(len(losses), dtype=bool)
    others[known] = False
    if not np.all(np.abs(recorded - own) <= slack[known]):
        return [refuted("worst rows", "losses", None, None, "a row has another loss than is recorded")]
    if np.any(losses[others] - slack[others] > own[least] + slack[known][least]):
        return [refuted("worst rows", "losses", None, None, "a row that is not shown has a larger loss")]
    if np.any(np.diff(recorded) > slack[known][1:] + slack[known][:-1]):
        return [refuted("worst rows", "losses", None, None, "the rows are not in the order of their losses")]
    return _cells(report, loss, lines, known)


def _moved(loss: Loss, lines: Lines, losses: np.ndarray) -> np.ndarray:
    """How far the losses may move when z is rounded otherwise: |ℓ′| δ, of counts |eᶻ − y| δ + eᶻ δ²."""
    if loss.task != "counts":
        return np.asarray(lines.noise * (1 + np.sqrt(2 * losses)) + lines.noise**2)
    off, mean = 1e-14 * (1 + np.abs(lines.z)), loss.mean(lines.z)
    return np.asarray(np.abs(mean - lines.y) * off + mean * off**2)


def _cells(report: dict[str, Any], loss: Loss, lines: Lines, known: list[int]) -> list[Answer]:
    """Observed, predicted and the cells of each row shown."""
    told, classes = report["worst"], report["target"]["classes"]
    columns = [lines.table.column(name) for name in told["columns"]]
    for row, i in zip(told["rows"], known, strict=True):
        cells = [column.take(lines.at[i : i + 1]).cells()[0] for column in columns]
        if row["cells"] != cells:
            return [refuted("worst rows", f"row {row['row']}", None, None, f"its cells are {cells}")]
        predicted, probability = _named(loss, lines.z[i : i + 1], int(lines.y[i]))
        if classes:
            same = (row["observed"], row["predicted"]) == (classes[int(lines.y[i])], classes[int(predicted)])
            same = same and abs(row["probability"] - probability) <= TOLERANCE * probability + lines.noise
        else:
            gap = abs(row["predicted"] - predicted) <= TOLERANCE * abs(predicted) + lines.noise
            same = row["observed"] == float(lines.y[i]) and gap and row["probability"] is None
        if not same:
            return [refuted("worst rows", f"row {row['row']}", None, None, "observed or predicted is another")]
    return [Answer("worst rows", "report", "REPORTED", note=f"the {len(known)} rows of the largest losses, re-derived")]


def _named(loss: Loss, z: np.ndarray, k: int) -> tuple[float, float]:
    """(ŷ, or the class named; p of class k) of one row."""
    p = loss.mean(z)
    if loss.outputs > 1:
        return float(likeliest(p)[0]), float(p[0, k])
    if loss.task != "classification":
        return float(p[0]), 0.0
    return float(z[0] > 0), float(loss.mean(z if k else -z)[0])


def _telling(equation: dict[str, Any] | None, names: list[str]) -> list[str]:
    """The columns of the largest |effect|, a curve's its size, of equal ones the earlier; or the first of a network."""
    if equation is None:
        return names[:COLUMNS]
    each = equation.get("scores", [equation])
    found = [(term["column"], abs(term["effect"])) for one in each for term in one["terms"]]
    found += [(curve["column"], curve["size"]) for one in each for curve in one.get("curves", ())]
    most = [max((size for column, size in found if column == name), default=0.0) for name in names]
    return [names[j] for j in sorted(range(len(names)), key=lambda j: (-most[j], j))[:COLUMNS]]
