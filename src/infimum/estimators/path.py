"""α ↦ b(α) = argmin of the lasso's or elastic net's objective on all rows: the regularisation path, proved."""

import math
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from jaxtyping import Float
from sklearn.base import clone

from infimum.certificates.decrement import decrement_at
from infimum.certificates.duality import duality_gap
from infimum.certificates.point import point_at
from infimum.certificates.rounding import ceiling
from infimum.estimators.choosing import alphas_of
from infimum.estimators.cross_validated import ElasticNetCV, LassoCV
from infimum.estimators.linear import ElasticNet, Lasso
from infimum.estimators.parameters import numbers_of
from infimum.estimators.rows import checked_weight, rows_and_target
from infimum.losses.squared import Squared
from infimum.models.scores import linear_in
from infimum.objective import LikelihoodObjective
from infimum.penalties.elastic_net import ElasticNet as Strengths
from infimum.solvers.fold_paths import Blend, WholePath, largest_alpha, normal_of, whole_path
from infimum.solvers.moments import Table

WORK = 3e8  # n p K up to which every point is proved: some seconds
MODELS = (Lasso, LassoCV, ElasticNet, ElasticNetCV)


@dataclass(frozen=True, eq=False)
class RegularisationPath:
    """(α, b(α), b₀(α), F − inf F ≤ gap): alphas (K,) falling, coefs (K, p), intercepts (K,), gaps (K,).

    Where `proved`, gaps bound F(b) − inf F, rounding included; else they were measured in float64 without it (which is
    so for n p K beyond 3e8). names (p,) are those of the columns.
    """

    alphas: Float[np.ndarray, " K"]
    coefs: Float[np.ndarray, "K p"]
    intercepts: Float[np.ndarray, " K"]
    gaps: Float[np.ndarray, " K"]
    proved: bool
    names: tuple[str, ...]

    def entered(self) -> np.ndarray:
        """The columns in the order in which they enter as α falls; those that never do are left out."""
        moves = self.coefs != 0
        return np.array([j for j in np.argsort(moves.argmax(axis=0), kind="stable") if moves[:, j].any()], dtype=int)


def regularisation_path(
    X: Any, y: Any, sample_weight: Any = None, *, model: Any = None, alphas: Any = 100, eps: float = 1e-3
) -> RegularisationPath:
    """b(α) = argmin ½ Σ sᵢ (yᵢ − xᵢᵀb − b₀)² / Σ sᵢ + α l1_ratio ‖b‖₁ + ½ α (1 − l1_ratio) ‖b‖², for each α.

    X (n, p), y (n,), sample_weight (n,) or None; model states l1_ratio, fit_intercept and positive: a Lasso (None),
    ElasticNet, LassoCV or ElasticNetCV, fitted or not. alphas are how many, from the largest that counts down to eps
    times it, or which, ≥ 0. Efron, Hastie, Johnstone & Tibshirani (2004); Friedman, Hastie & Tibshirani (2010).
    Raises ValueError for another model, and as its fit.

    >>> found = regularisation_path([[-1.0], [1.0]], [-3.0, 3.0], alphas=[1.0, 4.0])
    >>> found.alphas.tolist(), found.coefs.tolist(), bool(found.gaps.max() < 1e-12)
    ([4.0, 1.0], [[0.0], [2.0]], True)
    """
    model = Lasso() if model is None else model
    if not isinstance(model, MODELS):
        raise ValueError(f"model = {model!r}; expected {', '.join(each.__name__ for each in MODELS)}")
    stated = model.get_params()
    if stated.get("penalty_factor") is not None or stated.get("bounds") is not None:
        raise ValueError("the path of a model with bounds or a penalty_factor is not known here; fit it at each alpha")
    reader = clone(model)
    X, y = rows_and_target(reader, X, y)
    weight = checked_weight(sample_weight, len(y))
    ratio, positive, intercept = ratio_of(model), bool(model.positive), bool(model.fit_intercept)
    table = Table.of(X, y, weight, intercept)
    normal = normal_of(table)
    grid = alphas_of(alphas, eps, partial(largest_alpha, table, normal, ratio, positive))
    blend = Blend(ratio, grid, positive)
    found = whole_path(table, normal, blend)
    linear = linear_in(
        np.ascontiguousarray(X), 1, intercept, tuple(map(str, vars(reader).get("feature_names_in_", ())))
    )
    proved = X.size * len(blend.alphas) <= WORK
    gaps = found.gaps
    if proved:
        objectives = (
            LikelihoodObjective.of(linear, Squared(), Strengths(a * ratio, a * (1 - ratio), lower), y, weight)
            for a, lower in zip(blend.alphas, [0.0 if positive else -math.inf] * len(gaps), strict=True)
        )
        gaps = np.array([_proved(objective, found, k) for k, objective in enumerate(objectives)])
    names = linear.layout.inputs[: X.shape[1]]
    return RegularisationPath(blend.alphas, found.coefs, found.intercepts, gaps, proved, names)


def ratio_of(model: Any) -> float:
    """l1_ratio of a Lasso (1) or an elastic net; the chosen one of a fitted ElasticNetCV.

    Raises ValueError for numbers outside [0, 1], and for several before one was chosen.
    """
    stated = vars(model).get("l1_ratio_", vars(model).get("l1_ratio", 1.0))
    ratios = numbers_of("l1_ratio", stated, "l1_ratio")
    if len(ratios) > 1:
        raise ValueError(f"l1_ratio = {stated!r}; expected one number from 0 to 1: fit the model to choose one")
    return float(ratios[0])


def _proved(objective: LikelihoodObjective, found: WholePath, k: int) -> float:
    """F(b) − inf F ≤ bound by duality, or where no dual point is at hand in the local norm."""
    free = objective.model.layout.free.any()
    point = point_at(objective, np.append(found.coefs[k], found.intercepts[k : k + 1] if free else ()))
    bound = duality_gap(point).gap
    return ceiling(bound if math.isfinite(bound) else decrement_at(point).gap)
