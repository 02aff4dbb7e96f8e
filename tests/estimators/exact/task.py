"""What a fit was asked for, in rational numbers, and what an exact answer to it is."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np


@dataclass(frozen=True, eq=False)
class Task:
    """min over w of Σ sᵢ ℓ(aᵢᵀw, yᵢ) + Σ l1ⱼ|wⱼ| + ½ Σ l2ⱼwⱼ², sᵢ adding up to 1, on the rows of sᵢ > 0.

    The intercept's column of ones comes last, and is not penalised; `positive`: the other wⱼ ≥ 0.
    """

    A: list[list[Fraction]]
    y: list[Any]
    s: list[Fraction]
    total: Fraction  # Σ s as given
    l1: list[Fraction]
    l2: list[Fraction]
    intercept: bool
    positive: bool = False


@dataclass(frozen=True, eq=False)
class Exact:
    """inf F, the only minimiser w* (None where there are several, or none is known), and F itself, all exact.

    null is F of the best constant; `attained` whether a minimum exists; `several` whether w* is None for certain
    because there are others, and not because it is not known well enough.
    """

    value: Any
    w: list[Any] | None
    at: Callable[[np.ndarray], Any]
    null: Any
    attained: bool = True
    several: bool = True


def task_of(model: Any, X: Any, y: Any, weight: Any) -> Task:
    """The problem of a fitted estimator, from its public parameters alone, on these data."""
    given = [Fraction(float(x)) for x in (np.ones(len(y)) if weight is None else weight)]
    rows = [i for i, s in enumerate(given) if s > 0]
    table = np.asarray(X, dtype=float)
    A = [[Fraction(x) for x in table[i].tolist()] for i in rows]
    if getattr(model, "degree", 1) > 1:
        A = [[row[0] ** k for k in range(1, model.degree + 1)] for row in A]
    total, p = sum(given), len(A[0])
    one, two = strengths(model, total)
    intercept = bool(model.fit_intercept)
    return Task(
        [[*row, Fraction(1)] if intercept else row for row in A],
        [Fraction(float(v)) for v in np.asarray(y, dtype=float)[rows]],
        [given[i] / total for i in rows],
        total,
        [one] * p + [Fraction(0)] * intercept,
        [two] * p + [Fraction(0)] * intercept,
        intercept,
        getattr(model, "positive", False),
    )


def strengths(model: Any, total: Fraction) -> tuple[Fraction, Fraction]:
    """(l1, l2) on the scale of the mean loss, of scikit-learn's parameters."""
    name, zero = type(model).__name__, Fraction(0)
    if name in ("LinearRegression", "HuberRegressor"):
        return zero, zero
    if name.startswith("Logistic"):
        C, ratio = getattr(model, "C_", None) or model.C, getattr(model, "l1_ratio_", None)
        ratio = Fraction(model.l1_ratio if ratio is None else ratio)
        if np.isinf(C) or getattr(model, "penalty", "") == "firth":
            return zero, zero
        return ratio / (Fraction(C) * total), (1 - ratio) / (Fraction(C) * total)
    alpha = Fraction(getattr(model, "alpha_", None) or model.alpha)
    if name.startswith("Ridge"):
        return zero, alpha / total
    ratio = getattr(model, "l1_ratio_", getattr(model, "l1_ratio", None))
    ratio = Fraction(1) if ratio is None else Fraction(ratio)
    return alpha * ratio, alpha * (1 - ratio)


def params_of(model: Any) -> np.ndarray:
    """(b, b₀) as the estimator holds them; of several classes the contrasts of their scores."""
    if "params_" in vars(model):
        return np.asarray(model.params_)
    return np.append(np.ravel(model.coef_), np.ravel(model.intercept_) if model.fit_intercept else [])
