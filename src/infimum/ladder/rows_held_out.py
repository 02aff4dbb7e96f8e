"""z on rows held out ↦ the rows of the largest ℓ, the residuals y − ŷ by ŷ, and the isotonic reliability of p."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from infimum.evaluation.reliability import decompose, reliability_bins
from infimum.evaluation.scores import confidence
from infimum.ladder.problem import Problem
from infimum.losses import Loss
from infimum.losses.multinomial import likeliest

if TYPE_CHECKING:
    from infimum.ladder.climb import Ascent

WORST, TELLING = 8, 6  # rows, and columns of each, that are shown
DIGITS = 9  # to which predictions are told apart, so that equal rows are so whatever the order of a sum
MOST_BANDS, FEWEST_ROWS = 20, 25  # bands of residuals, and rows in each
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
BINS, LEVEL = 10, 0.95  # of the reliability, and of its intervals


def rows_held_out(ascent: "Ascent", equation: dict[str, Any] | None) -> dict[str, Any]:
    """{worst, residuals, reliability, neighbours} of the chosen rung: reliability of classes, the others of numbers."""
    problem = ascent.problem
    seen = np.flatnonzero(problem.folds.ever_held)
    z, y = ascent.held_out[ascent.choice.chosen][seen], problem.y[seen]
    numbers = problem.task.classes is None
    return {
        "worst": worst(problem, seen, z, equation),
        "residuals": residuals(y, problem.loss.mean(z)) if numbers else None,
        "reliability": None if numbers else reliability(problem.loss, z, y),
        "neighbours": neighbours(y, problem.loss.mean(z)) if numbers and problem.folds.kind == "random" else None,
    }


def worst(problem: Problem, seen: np.ndarray, z: np.ndarray, equation: dict[str, Any] | None) -> dict[str, Any]:
    """The held-out rows with the largest losses, largest first, of equal ones the earlier; z are those of rows `seen`.

    Rows are counted from 1 in the table as given. Of classes: the class named, and the probability of the observed.
    """
    loss, y, classes = problem.loss, problem.y[seen], problem.task.classes
    losses = loss.value(z, y)
    least = np.partition(losses, -WORST)[-WORST:].min() if len(y) > WORST else -np.inf
    near = np.flatnonzero(losses >= least * (1 - 10.0**-DIGITS))
    order = sorted(near.tolist(), key=lambda i: (-float(f"{losses[i]:.{DIGITS}g}"), i))[:WORST]
    columns = telling(problem.names, equation)
    cells = zip(*(problem.table.column(name).take(seen[order]).cells() for name in columns), strict=True)
    predicted, probability = named(loss, z[order], y[order])
    rows = [
        {
            "row": int(problem.task.rows[seen[i]]) + 1,
            "observed": classes[int(y[i])] if classes else float(y[i]),
            "predicted": classes[int(told)] if classes else float(told),
            "probability": None if p is None else float(p),
            "loss": float(losses[i]),
            "cells": list(row),
        }
        for i, told, p, row in zip(order, predicted, probability, cells, strict=True)
    ]
    return {"columns": columns, "rows": rows}


def named(loss: Loss, z: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, list[float | None]]:
    """(ŷ, or the class named; p of the class observed, None for numbers), n of each."""
    p = loss.mean(z)
    if loss.task != "classification":
        return p, [None] * len(y)
    if loss.outputs > 1:
        return likeliest(p), [float(each) for each in p[np.arange(len(y)), y.astype(int)]]
    return (z > 0).astype(int), [float(each) for each in loss.mean(np.where(y > 0, z, -z))]


def telling(names: tuple[str, ...], equation: dict[str, Any] | None) -> list[str]:
    """The columns of the largest effects, or the first in use where there is no equation: at most six.

    The effect of a curve is its size: the standard deviation of what it adds, as that of a line's is.

    >>> terms = [{"column": "a", "effect": 1.0}, {"column": "b", "effect": -2.0}]
    >>> telling(("a", "b"), {"terms": terms}), telling(("a", "b"), None)
    (['b', 'a'], ['a', 'b'])
    """
    if equation is None:
        return list(names[:TELLING])
    each = equation.get("scores", [equation])
    effect = dict.fromkeys(names, 0.0)
    sizes = [(term["column"], abs(term["effect"])) for one in each for term in one["terms"]]
    sizes += [(curve["column"], curve["size"]) for one in each for curve in one.get("curves", ())]
    for column, size in sizes:
        effect[column] = max(effect.get(column, 0.0), size)
    return sorted(names, key=lambda name: -effect[name])[:TELLING]


def residuals(y: np.ndarray, predicted: np.ndarray) -> list[dict[str, Any]]:
    """[quantiles of y − ŷ in bands of ŷ]: about equally many rows each, rows of equal ŷ (to nine digits) together."""
    found = []
    for inside in banded(predicted, MOST_BANDS, FEWEST_ROWS):
        quantiles = np.quantile(y[inside] - predicted[inside], QUANTILES).tolist()
        found.append({**ends_of(predicted[inside]), "quantiles": quantiles})
    return found


def neighbours(y: np.ndarray, predicted: np.ndarray) -> float | None:
    """Σ eᵢ eᵢ₊₁ / Σ eᵢ², e = y − ŷ of rows next to each other; None where the table is sorted by y, or e is 0.

    Far above 0, rows are not drawn one by one: they follow each other in time, or come from one place (Durbin & Watson
    1950 test 2 (1 − it)). Random folds are then too kind to every rung.

    >>> neighbours(np.array([1.0, 2.0, 0.0, 1.0]), np.array([0.0, 1.0, 1.0, 2.0]))
    0.25
    """
    steps, e = np.diff(y), y - predicted
    power = float(e @ e)
    if not power > 0 or np.all(steps >= 0) or np.all(steps <= 0):
        return None
    return float(e[:-1] @ e[1:]) / power


def distinct(predicted: np.ndarray) -> int:
    """How many different ŷ there are, to nine digits of the largest.

    >>> distinct(np.array([1.0, 1.0, 1.0 + 1e-12, 3.0]))
    2
    """
    largest = float(np.abs(predicted).max())
    return len(np.unique(np.round(predicted / (largest or 1.0), DIGITS)))


def banded(predicted: np.ndarray, most: int, fewest: int) -> Iterator[np.ndarray]:
    """The rows of each band of ŷ, as booleans (n,): about equally many rows each, mostly `fewest` or more.

    There are at most so many bands; rows of equal ŷ (to nine digits) are in one.
    """
    n, largest = len(predicted), float(np.abs(predicted).max())
    _, place, count = np.unique(np.round(predicted / (largest or 1.0), DIGITS), return_inverse=True, return_counts=True)
    bands = min(most, max(1, n // fewest))
    middle = (np.cumsum(count) - count / 2) / n
    band = np.minimum((middle * bands).astype(int), bands - 1)[place]
    for at in np.unique(band):
        yield band == at


def ends_of(predicted: np.ndarray) -> dict[str, Any]:
    """{first, last, rows} of a band of predictions."""
    return {"first": float(predicted.min()), "last": float(predicted.max()), "rows": len(predicted)}


def reliability(loss: Loss, z: np.ndarray, y: np.ndarray) -> dict[str, Any]:
    """v(p), the isotonic regression of y on p, in its steps; shares in bins, with intervals; the Brier score's terms.

    p is the probability of the second of two classes, or of the likeliest of several, then y whether it is right.
    """
    from infimum.evaluation.calibration import isotonic_regression

    y, p = confidence(loss, z, y) if loss.outputs > 1 else (y, loss.mean(z))
    p = np.clip(np.round(p, DIGITS), 0.0, 1.0)
    fitted = isotonic_regression(p, y)
    share, first = np.unique(np.round(fitted.value, 12), return_index=True)  # equal means of counts, but for rounding
    last = np.append(first[1:], len(fitted.x)) - 1
    rows = np.histogram(p, bins=np.append(fitted.x[first], np.inf))[0]
    steps = zip(fitted.x[first].tolist(), fitted.x[last].tolist(), rows.tolist(), share.tolist(), strict=True)
    terms = decompose(p, y)
    return {
        "level": LEVEL,
        "bins": [vars(each) for each in reliability_bins(p, y, BINS, LEVEL)],
        "steps": [dict(zip(("first", "last", "rows", "share"), step, strict=True)) for step in steps],
        "brier": vars(terms),
    }
