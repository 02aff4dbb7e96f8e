"""{(rows learned from, rows held out)} and a grid: what every choice of a strength by cross-validation starts from."""

import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.model_selection import check_cv

from infimum.estimators.parameters import numbers_of
from infimum.solvers.moments import Fold

RULES = ("best", "one_standard_error")
LEAST = 1e-15  # the strengths of a grid where nothing varies: scikit-learn's


def folds_of(cv: Any, X: np.ndarray, y: np.ndarray, weight: np.ndarray, classifier: bool = False) -> list[Fold]:
    """[(rows learned from, rows held out), …], indices: of cv None (5 folds, in order), k, a splitter or an iterable.

    Raises ValueError for rows that are not there, and for folds that learn from, or are judged by, no row that counts.
    """
    try:
        every = np.arange(len(y))
        with warnings.catch_warnings():  # that a class has few rows: a fold that lacks one is refused, and says so
            warnings.filterwarnings("ignore", "The least populated class", UserWarning)
            folds = [(every[train], every[test]) for train, test in check_cv(cv, y, classifier=classifier).split(X, y)]
    except (IndexError, TypeError) as error:
        expected = "None, a number of folds, a splitter, or pairs (rows to learn from, rows held out)"
        raise ValueError(f"cv = {cv!r} does not split {len(y)} rows: {error}; expected {expected}") from error
    if not folds:
        raise ValueError(f"cv = {cv!r} gives no fold; expected one or more pairs of rows")
    for k, parts in enumerate(folds):
        for rows, use in zip(parts, ("learns from", "holds out"), strict=True):
            if rows.ndim != 1 or not weight[rows].sum() > 0:
                raise ValueError(f"fold {k} of cv {use} no row of weight > 0: choose another cv")
    return folds


def alphas_of(alphas: Any, eps: Any, largest: Callable[[], float]) -> np.ndarray:
    """α, falling (K,): those given, or K from the largest that counts down to eps times it, evenly in log α.

    Raises ValueError for other than a number of them or finite numbers ≥ 0, and for a number with l1_ratio = 0, for
    which `largest` raises ZeroDivisionError.
    """
    if not is_count(alphas):
        return np.sort(numbers_of("alphas", alphas, "alpha"))[::-1]
    count = counted("alphas", alphas)
    if isinstance(eps, bool) or not isinstance(eps, int | float | np.number) or not 0 < eps <= 1:
        raise ValueError(f"eps = {eps!r}; expected a number above 0, at most 1")
    try:
        top = largest()
    except ZeroDivisionError:
        raise ValueError("l1_ratio = 0 has no largest alpha to begin a grid at: give alphas themselves") from None
    return np.geomspace(top, top * eps, count) if top > 0 else np.full(count, LEAST)


def check_rule(rule: Any) -> None:
    """rule ∈ RULES: raises ValueError otherwise."""
    if not isinstance(rule, str) or rule not in RULES:
        raise ValueError(f"rule = {rule!r}; there are: {', '.join(RULES)}")


def is_count(value: Any) -> bool:
    """Whether value is a whole number, not a boolean."""
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def counted(name: str, value: int) -> int:
    """A number of grid points, ≥ 1. Raises ValueError for less."""
    if value < 1:
        raise ValueError(f"{name} = {value!r}; expected a whole number ≥ 1, or the values themselves")
    return int(value)


def chosen_of(errors: np.ndarray, rule: str) -> tuple[int, int]:
    """(r, k): the blend and the strength chosen from errors (R, K, folds), strengths falling.

    "best": the least mean error. "one_standard_error": in the same blend, the largest strength whose mean error is
    within a standard error of the least (Breiman, Friedman, Olshen & Stone 1984, §3.4.3). Raises ValueError for a
    standard error of one fold.

    >>> chosen_of(np.array([[[3.0, 5.0], [2.0, 4.0], [2.1, 3.8]]]), "one_standard_error")
    (0, 1)
    """
    mean = errors.mean(axis=2)
    best, at = (int(i) for i in np.unravel_index(np.argmin(mean), mean.shape))
    if rule == "best":
        return best, at
    folds = errors.shape[2]
    if folds < 2:
        raise ValueError("rule = 'one_standard_error' needs two folds or more; this cv gives one")
    limit = mean[best, at] + errors[best, at].std(ddof=1) / math.sqrt(folds)
    return best, int(np.flatnonzero(mean[best] <= limit)[0])
