"""(X, y, s) → objective → (coef_, intercept_, certificate_): what every linear shell does on the way in and out."""

import math
import warnings
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted, validate_data

from infimum.losses import Loss
from infimum.losses.multinomial import contrasts
from infimum.models.scores import linear_in
from infimum.objective import LikelihoodObjective
from infimum.penalties.elastic_net import ElasticNet
from infimum.solvers import Solution
from infimum.solvers.choose import solve

LARGEST = 1e150


class CertificateWarning(UserWarning):
    """gap > tolerance · scale: a convex fit whose distance from the infimum could not be proved small."""


def checked_weight(sample_weight: Any, rows: int) -> np.ndarray:
    """s as (n,) float64, all 1 for None. Raises ValueError for another shape, for weights < 0, not finite or all 0."""
    if sample_weight is None:
        return np.ones(rows)
    weight = np.asarray(sample_weight, dtype=float)
    weight = np.full(rows, float(weight)) if weight.ndim == 0 else weight
    if weight.shape != (rows,):
        raise ValueError(f"sample_weight has shape {weight.shape}; expected ({rows},), one weight a row")
    if not np.all(np.isfinite(weight)) or np.any(weight < 0) or not 0 < weight.sum() < math.inf:
        found = "a sum that overflows, negative or non-finite values, or only zeros"
        raise ValueError(f"sample_weight holds {found}; expected finite weights ≥ 0, some > 0")
    return weight


def solved(estimator: Any, loss: Loss, penalty: ElasticNet, arrays: tuple[Any, Any, Any]) -> tuple[np.ndarray, Any]:
    """(b, b₀) = argmin F on (X, y, weight); sets `certificate_`, `trace_`, `n_iter_`, `objective_` on the estimator.

    b is (p,); for a loss of m = K − 1 outputs (K, p), the scores of the classes, and `params_` their contrasts.
    """
    X, y, weight = arrays
    for name, array in (("X", X), ("y", y)):
        if np.abs(array).max(initial=0.0) > LARGEST:
            raise ValueError(f"{name} holds values beyond {LARGEST:g}, whose squares overflow: use other units")
    columns = tuple(str(name) for name in vars(estimator).get("feature_names_in_", ()))  # there if the table had names
    rows, m = np.ascontiguousarray(X, dtype=float), loss.outputs
    linear = m == 1
    model = linear_in(rows, m, estimator.fit_intercept, columns)
    objective = LikelihoodObjective.of(model, loss, penalty, y, weight)
    solution = solve(objective, tolerance=estimator.tol)
    estimator.certificate_, estimator.trace_ = solution.certificate, solution.trace
    estimator.n_iter_ = solution.certificate.iterations
    estimator.objective_ = objective.value(solution.params)
    estimator.problem_ = {
        "form": "linear",
        "intercept": estimator.fit_intercept,
        "loss": loss.name,
        "l1": penalty.l1,
        "l2": penalty.l2,
        "lower": penalty.lower,
        "classes": None,
    }
    doubt = reason_for_doubt(solution)
    if doubt:
        message = f"{type(estimator).__name__}: the fit is not certified: {doubt}"
        warnings.warn(message, CertificateWarning, stacklevel=3)
    estimator.names_ = model.layout.inputs
    if linear:
        return (solution.params[:-1], float(solution.params[-1])) if estimator.fit_intercept else (solution.params, 0.0)
    estimator.params_ = solution.params
    S = contrasts(m + 1) @ solution.params.reshape(-1, m).T
    return (S[:, :-1], S[:, -1]) if estimator.fit_intercept else (S, np.zeros(m + 1))


def reason_for_doubt(solution: Solution) -> str:
    """Why no minimum was proved to be near: separation, columns that depend on others, or what the solver says; ''."""
    gap, separation, rank = map(solution.certificate.claim, ("gap", "separation", "identification"))
    if separation is not None:
        return separation.statement
    if gap is None or gap.verdict == "CERTIFIED":
        return ""
    if rank is None or rank.value == rank.bound:
        return f"{gap.statement} ({solution.trace.stopped})"
    least = "the least-norm solution is returned" if "svd" in solution.certificate.solver else gap.statement
    return f"{rank.statement} ({least})"


def predictions(estimator: Any, X: Any) -> np.ndarray:
    """z = X b + b₀, (n,); (n, K) where there are K rows of b.

    Raises NotFittedError before fit, ValueError for another number or order of columns.
    """
    check_is_fitted(estimator)
    X = validate_data(estimator, X, reset=False, dtype=np.float64)
    if np.size(estimator.intercept_) > 1:
        return np.asarray(X @ estimator.coef_.T + estimator.intercept_)
    return np.asarray(X @ np.ravel(estimator.coef_) + np.ravel(estimator.intercept_)[0])


def summary_text(estimator: Any) -> str:
    """The fitted coefficients and the claims, as plain text."""
    check_is_fitted(estimator)
    values = np.atleast_2d(estimator.coef_)
    if estimator.fit_intercept:
        values = np.column_stack([values, np.ravel(estimator.intercept_)])
    width = max((len(name) for name in estimator.names_), default=0)
    lines = []
    for k, row in enumerate(values):
        lines += [f"  class {estimator.classes_[k]}"] if len(values) > 1 else []
        lines += [f"  {name:<{width}}  {value: .10g}" for name, value in zip(estimator.names_, row, strict=True)]
    head = f"{type(estimator).__name__}: F = {estimator.objective_:.10g}"
    return "\n".join([head, *lines, str(estimator.certificate_)])


def strength(name: str, value: Any) -> float:
    """value ≥ 0 as a float. Raises ValueError for anything else, in the parameter's own name."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.number) or math.isnan(value) or value < 0:
        raise ValueError(f"{name} = {value!r}; expected a number ≥ 0")
    return float(value)
