"""(X, y, s) → (coef_, intercept_, certificate_): the way in and out of regressions that are no maximum likelihood."""

import math
import warnings
from typing import Any

import numpy as np
from sklearn.utils.validation import column_or_1d

from infimum.estimators.asked import remember
from infimum.estimators.robust_errors import keep_errors
from infimum.estimators.rows import FORMATS, checked_weight, dense, in_range, names_of, not_too_large, validated
from infimum.estimators.shell import CertificateWarning, reason_for_doubt

Checked = tuple[np.ndarray, np.ndarray, np.ndarray, tuple[str, ...], float]


def checked(estimator: Any, X: Any, y: Any, sample_weight: Any) -> Checked:
    """(X (n, p), y (n,), s̃ (n,) = s / Σ s, names of the columns, Σ s), all float64.

    Raises ValueError for NaN, infinities, shapes that do not fit, values beyond 1e150, and weights that are negative.
    """
    X, y = validated(estimator, X, y, {"y_numeric": True, "multi_output": False, "accept_sparse": FORMATS})
    X = dense(X)
    y = column_or_1d(y, warn=True).astype(float)
    in_range(X, np.zeros(0))
    not_too_large("y", y)
    weight = checked_weight(sample_weight, len(y))
    columns = names_of(estimator)
    total = math.fsum(weight)
    return np.ascontiguousarray(X), y, weight / total, columns, total


def handed_over(estimator: Any, objective: Any, solution: Any, stated: dict[str, Any]) -> Any:
    """The estimator with `coef_`, `intercept_`, `certificate_`, `trace_`, `objective_`, `n_iter_`, `problem_` set."""
    p = estimator.n_features_in_
    estimator.coef_ = solution.params[:p].copy()
    estimator.intercept_ = float(solution.params[p]) if stated["intercept"] else 0.0
    remember(estimator, {"coef_": estimator.coef_, "intercept_": estimator.intercept_})
    estimator.certificate_, estimator.trace_ = solution.certificate, solution.trace
    estimator.n_iter_ = max(solution.certificate.iterations, 1)
    estimator.objective_ = objective.value(solution.params)
    estimator.names_ = objective.model.layout.inputs
    estimator.problem_ = {**stated, "classes": None}
    keep_errors(estimator, objective, stated["total"])
    doubt = reason_for_doubt(solution)
    if doubt:
        message = f"{type(estimator).__name__}: the fit is not certified: {doubt}"
        warnings.warn(message, CertificateWarning, stacklevel=3)
    return estimator
