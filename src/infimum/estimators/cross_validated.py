"""α̂ = argmin over α of the error on rows held out: LassoCV and ElasticNetCV, in scikit-learn's parameters."""

import math
import warnings
from functools import partial
from typing import Any, Self

import numpy as np

from infimum.estimators.choosing import alphas_of, check_rule, chosen_of, folds_of, is_count
from infimum.estimators.evidence import announced
from infimum.estimators.linear import LinearRegressor
from infimum.estimators.parameters import numbers_of
from infimum.estimators.rows import checked_weight, rows_and_target
from infimum.estimators.shell import CertificateWarning, solved
from infimum.losses.squared import Squared
from infimum.objective import LikelihoodObjective
from infimum.penalties.elastic_net import ElasticNet as Strengths
from infimum.solvers import Solution
from infimum.solvers.fold_paths import Blend, Folds, fold_paths, largest_alpha, whole_path
from infimum.solvers.moments import Table
from infimum.solvers.path import refined

UNSETTLED = 1e-6  # of |xⱼ| |y|: a slope that lacks more is told


class LassoCV(LinearRegressor):
    """α̂ = argmin over α of the mean over folds of the mean squared error on the fold; then the Lasso of all rows.

    Tibshirani (1996); all strengths of all folds are solved exactly, on the folds' moments, not on their rows.

    Parameters: eps, least over largest α of the grid; alphas, how many or which (≥ 0); fit_intercept; cv (None: 5
    folds, in the order of the rows; k; a splitter; pairs of indices); positive; rule "best" or "one_standard_error"
    (the largest α whose error is within a standard error of the least: simpler, and as good as can be told); tol, as
    Lasso, of the last fit. sample_weight counts in the folds' fits and errors, the mean over folds is plain.
    Attributes: alpha_, alphas_ (K,) falling, mse_path_ (K, folds), coef_ (p,), intercept_, dual_gap_, certificate_ and
    trace_ of the last fit, n_iter_, n_features_in_, feature_names_in_. Errors as Lasso, for cv too.

    >>> X, y = np.arange(12.0)[:, None], np.arange(12.0) + [0.1, -0.1] * 6
    >>> model = LassoCV(cv=3).fit(X, y)
    >>> model.alpha_, model.mse_path_.shape, str(model.certificate_.verdict("gap"))
    (0.011..., (100, 3), 'CERTIFIED')
    """

    def __init__(
        self,
        *,
        eps: float = 1e-3,
        alphas: Any = 100,
        fit_intercept: bool = True,
        cv: Any = None,
        positive: bool = False,
        rule: str = "best",
        tol: float = 1e-10,
    ) -> None:
        self.eps = eps
        self.alphas = alphas
        self.fit_intercept = fit_intercept
        self.cv = cv
        self.positive = positive
        self.rule = rule
        self.tol = tol

    @announced
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Choose α and fit to X (n, p) dense or sparse, y (n,), sample_weight (n,) or None."""
        _choose_and_fit(self, (X, y, sample_weight), np.ones(1))
        return self


class ElasticNetCV(LinearRegressor):
    """(α̂, l1_ratio) = argmin of the mean over folds of the mean squared error on the fold; then the ElasticNet of all.

    Zou & Hastie (2005). Parameters as LassoCV, and l1_ratio, a number in [0, 1] or several to choose from; 0 needs
    alphas given. Attributes as LassoCV, and l1_ratio_; of R ratios mse_path_ is (R, K, folds), and alphas_ (R, K)
    where a number of them was asked for.

    >>> X, y = np.arange(12.0)[:, None], np.arange(12.0) + [0.1, -0.1] * 6
    >>> ElasticNetCV(l1_ratio=[0.5, 1.0], cv=3).fit(X, y).mse_path_.shape
    (2, 100, 3)
    """

    def __init__(
        self,
        *,
        l1_ratio: Any = 0.5,
        eps: float = 1e-3,
        alphas: Any = 100,
        fit_intercept: bool = True,
        cv: Any = None,
        positive: bool = False,
        rule: str = "best",
        tol: float = 1e-10,
    ) -> None:
        self.l1_ratio = l1_ratio
        self.eps = eps
        self.alphas = alphas
        self.fit_intercept = fit_intercept
        self.cv = cv
        self.positive = positive
        self.rule = rule
        self.tol = tol

    @announced
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Choose α and l1_ratio and fit to X (n, p) dense or sparse, y (n,), sample_weight (n,) or None."""
        ratios = numbers_of("l1_ratio", self.l1_ratio, "l1_ratio")
        self.l1_ratio_ = float(ratios[_choose_and_fit(self, (X, y, sample_weight), ratios)])
        return self


def _choose_and_fit(estimator: Any, data: tuple[Any, Any, Any], ratios: np.ndarray) -> int:
    """Set the attributes of the fit; the index of the ratio chosen."""
    X, y, sample_weight = data
    check_rule(estimator.rule)
    X, y = rows_and_target(estimator, X, y)
    weight = checked_weight(sample_weight, len(y))
    table = Table.of(X, y, weight, bool(estimator.fit_intercept))
    positive = bool(estimator.positive)
    folds = Folds.of(table, folds_of(estimator.cv, X, y, weight))
    tops = (partial(largest_alpha, table, folds.whole, float(ratio), positive) for ratio in ratios)
    grids = [alphas_of(estimator.alphas, estimator.eps, top) for top in tops]
    blends = [Blend(float(ratio), grid, positive) for ratio, grid in zip(ratios, grids, strict=True)]
    found = fold_paths(folds, blends)
    if found.lacking > UNSETTLED:
        message = f"{type(estimator).__name__}: a path of a fold stopped {found.lacking:.1g} short of its minimum"
        warnings.warn(message, CertificateWarning, stacklevel=3)
    r, k = chosen_of(found.errors, estimator.rule)
    single = len(ratios) == 1
    estimator.mse_path_ = found.errors[0] if single else found.errors
    several = not single and is_count(estimator.alphas)
    estimator.alphas_ = np.stack([blend.alphas for blend in blends]) if several else blends[0].alphas
    estimator.alpha_, ratio = float(blends[r].alphas[k]), float(ratios[r])
    alpha, chosen = estimator.alpha_, Blend(ratio, blends[r].alphas[k : k + 1], positive)
    near = whole_path(table, folds.whole, chosen, found.start[r, k])
    start = np.append(near.coefs[0], near.intercepts) if estimator.fit_intercept else near.coefs[0]
    penalty = Strengths(alpha * ratio, alpha * (1 - ratio), 0.0 if positive else -math.inf)

    def solver(objective: LikelihoodObjective) -> Solution:
        return refined(objective, start, estimator.tol)

    estimator.coef_, estimator.intercept_ = solved(estimator, Squared(), penalty, (X, y, weight), solver)
    estimator.problem_ = {**estimator.problem_, "chosen": f"alpha was chosen by the errors on {len(folds.folds)} folds"}
    estimator.dual_gap_ = estimator.certificate_.claim("gap").bound
    return r
