"""f₋ⱼ and its rows: the models that have not seen a fold, and what ConformalRegressor and ConformalClassifier share.

cv+: k models, each without one fold, and one of all rows for the point forecast; every row calibrates. split: one model
without the first fold, which calibrates it. Folds are drawn at random, never by y: that keeps rows exchangeable.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.utils import _safe_indexing
from sklearn.utils.validation import check_is_fitted, validate_data

from infimum.evaluation.conformal import rows_needed
from infimum.evaluation.conformal.cross import cross_guarantee


@dataclass(frozen=True, eq=False)
class HeldOut:
    """(f₋₀, …, f₋ₖ₋₁; fold of each calibration row; f): model j has not seen the calibration rows of fold j.

    rows (c,) are the positions of the calibration rows among those of the fit, fold (c,) their folds; whole is the
    model of point forecasts.
    """

    models: tuple[Any, ...]
    rows: np.ndarray
    fold: np.ndarray
    whole: Any

    def predicted(self, X: Any, predict: Callable[[int, Any], np.ndarray]) -> np.ndarray:
        """predict(j, X of fold j), put together: (c, …), each calibration row by the model that has not seen it."""
        parts = [np.flatnonzero(self.fold == j) for j in range(len(self.models))]
        found = [predict(j, _safe_indexing(X, self.rows[part])) for j, part in enumerate(parts)]
        together = np.concatenate(found)
        ordered = np.empty_like(together)
        ordered[np.concatenate(parts)] = together
        return ordered


def hold_out(shell: Any, X: Any, y: np.ndarray, rng: np.random.Generator) -> HeldOut:
    """Fit clones of shell.estimator without each fold of X, y (n,): k folds for cv+, the first alone for split.

    Raises ValueError for settings that say nothing, or too few rows for them.
    """
    n, k = len(y), _checked_folds(shell, len(y))
    fold = np.empty(n, dtype=int)
    fold[rng.permutation(n)] = np.arange(n) % k

    def learned(rows: np.ndarray) -> Any:
        return clone(shell.estimator).fit(_safe_indexing(X, rows), y[rows])

    models = tuple(learned(np.flatnonzero(fold != j)) for j in range(1 if shell.method == "split" else k))
    if shell.method == "split":
        rows = np.flatnonzero(fold == 0)
        return HeldOut(models, rows, fold[rows], models[0])
    return HeldOut(models, np.arange(n), fold, learned(np.arange(n)))


def _checked_folds(shell: Any, n: int) -> int:
    """k, after all of coverage, method and cv are found to make sense together for n rows."""
    coverage, k, method = shell.coverage, shell.cv, shell.method
    if isinstance(coverage, bool) or not isinstance(coverage, int | float | np.number) or not 0 < coverage < 1:
        raise ValueError(f"coverage = {coverage!r}; expected a number between 0 and 1, such as 0.9")
    if method not in ("cv+", "split"):
        raise ValueError(f"method = {method!r}; expected 'cv+' or 'split'")
    if isinstance(k, bool) or not isinstance(k, int | np.integer) or k < 2:
        raise ValueError(f"cv = {k!r}; expected a number of folds, 2 or more")
    if n < k:
        raise ValueError(f"cv = {k} folds need as many rows, but n_samples = {n}: give more rows or fewer folds")
    held, needed = (n if method == "cv+" else math.ceil(n / k)), rows_needed(coverage)
    if held < needed:
        raise ValueError(
            f"coverage = {coverage} needs at least {needed} calibration rows, but method = {method!r}, cv = {k} "
            f"has {held}, as n_samples = {n}: give more rows or ask for less coverage"
        )
    return int(k)


def checked_groups(groups: Any, rows: int, asked: bool) -> np.ndarray | None:
    """One label a row, (rows,), or None. Raises ValueError for another length, or groups in fit or predict alone."""
    if (groups is not None) != asked:
        raise ValueError(
            "fit was given groups: give predict_interval or predict_set those of its rows too"
            if asked
            else "groups were given, but fit had none: fit with groups, or leave them out"
        )
    if groups is None:
        return None
    labels = np.asarray(groups)
    if labels.shape != (rows,):
        raise ValueError(f"groups have shape {labels.shape}; expected ({rows},), one label a row")
    try:
        np.unique(labels)
    except TypeError:
        raise ValueError(
            "groups hold labels of several kinds; expected all texts or all numbers, none missing"
        ) from None
    return labels


def checked_rows(shell: Any, X: Any) -> None:
    """X of new rows has the columns of the fit. Raises NotFittedError before it, ValueError for other columns."""
    check_is_fitted(shell)
    if getattr(X, "ndim", 2) == 1:
        raise ValueError("X has one dimension; expected (n, p). Reshape your data: X.reshape(1, -1) is one row")
    validate_data(shell, X, reset=False, skip_check_array=True)


def alike(fitted: np.ndarray | None, groups: np.ndarray | None, rows: tuple[int, int]) -> Iterator[tuple[Any, Any]]:
    """(which calibration rows, which new rows), booleans, of each group of the new rows; all and all without groups."""
    if fitted is None or groups is None:
        yield np.ones(rows[0], dtype=bool), np.ones(rows[1], dtype=bool)
        return
    names, code = np.unique(groups, return_inverse=True)
    for at, name in enumerate(names):
        yield fitted == name, code == at


def guarantee(shell: Any, held: HeldOut, groups: np.ndarray | None, what: str) -> str:
    """P(y in the interval or set) ≥ bound, in words: the bound, over which rows, and under which assumption."""
    k, level = len(held.models), float(shell.coverage)
    labels = np.zeros(len(held.rows)) if groups is None else groups
    sizes = [np.bincount(held.fold[labels == each], minlength=k).tolist() for each in np.unique(labels)]
    needed, small = rows_needed(level), sum(sum(size) < rows_needed(level) for size in sizes)
    bounds = (cross_guarantee(size, level, alike=groups is None) for size in sizes if sum(size) >= needed)
    bound = min(bounds, default=1.0)
    bound = math.floor(bound * 1e4 + 1e-6) / 1e4
    if shell.method == "split":
        rows, why = f"the {len(held.rows)} calibration rows, which the model has not seen,", "= 1 − α"
    else:
        rows, why = (
            f"the {len(held.rows)} rows of the fit in {k} folds",
            "(1 − 2α, less at most 2(k − 1)/(n + k) for k folds)",
        )
    text = f"P(y in {what}) ≥ {bound:g} {why}, over {rows} and a new row exchangeable with them; not at each x"
    if shell.method == "cv+":
        text += f". About 1 − α = {level:g} where leaving out a fold hardly changes the model; that is no guarantee"
    if groups is not None:
        text += f". Within each of {len(sizes)} groups, rows exchangeable within it; "
        text += f"{small} of them, and unseen ones, have fewer than {needed} rows: there the {what} excludes nothing"
    return text + "."
