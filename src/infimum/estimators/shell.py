"""(X, y, s) → objective → (coef_, intercept_, certificate_): what every linear shell does on the way in and out."""

import math
import sys
import warnings
from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted, validate_data

from infimum.certificates.rounding import UNIT
from infimum.estimators.asked import check_unchanged, remember
from infimum.estimators.classes import to_scores
from infimum.estimators.parameters import number_of
from infimum.estimators.rows import dense, names_of, rows_of
from infimum.inference.information import Information, information_of
from infimum.inference.prediction import interval_of
from infimum.losses import Loss
from infimum.models import Model
from infimum.models.polynomial import Polynomial
from infimum.models.scores import linear_in
from infimum.objective import LikelihoodObjective
from infimum.penalties.elastic_net import ElasticNet
from infimum.solvers import Solution
from infimum.solvers.choose import Solver, solve


class CertificateWarning(UserWarning):
    """gap > tolerance · scale: a convex fit whose distance from the infimum could not be proved small."""


def solved(
    estimator: Any, loss: Loss, penalty: ElasticNet, arrays: tuple[Any, Any, Any], solver: str | Solver = "auto"
) -> tuple[np.ndarray, Any]:
    """(b, b₀) = argmin F on (X, y, weight); sets `certificate_`, `trace_`, `n_iter_`, `objective_` on the estimator.

    b is (p,); for a loss of several outputs (K, p), the scores of the classes, and `params_` the parameters they have.
    """
    X, y, weight = arrays
    number_of("tol", estimator.tol)
    columns = names_of(estimator)  # there if the table had names
    rows, m = np.ascontiguousarray(X, dtype=float), loss.outputs
    model = model_of(estimator, rows, m, columns)
    objective = LikelihoodObjective.of(model, loss, penalty, y, weight)
    solution = solve(objective, solver, estimator.tol, _start(estimator, model.layout.size, m))
    estimator.certificate_, estimator.trace_ = solution.certificate, solution.trace
    estimator.n_iter_ = solution.certificate.iterations
    estimator.objective_ = objective.value(solution.params) if solution.value is None else solution.value
    counted = float(weight.sum()), int(np.count_nonzero(weight))
    estimator.information_ = information_of(objective, solution.params, solution.certificate.enclosure, *counted)
    estimator.problem_ = {
        "form": "linear",
        "intercept": estimator.fit_intercept,
        "loss": loss.name,
        "l1": penalty.l1,
        "l2": penalty.l2,
        "lower": penalty.lower,
        "upper": penalty.upper,
        "classes": None,
        "degree": vars(estimator).get("degree", 1),
        "total": float(weight.sum()),
    }
    doubt = reason_for_doubt(solution)
    if doubt:
        message = f"{type(estimator).__name__}: the fit is not certified: {doubt}"
        warnings.warn(message, CertificateWarning, stacklevel=outside())
    estimator.names_ = model.layout.inputs
    return _coefficients(estimator, solution.params.copy(), loss)  # the information keeps its own


def _coefficients(estimator: Any, w: np.ndarray, loss: Loss) -> tuple[np.ndarray, Any]:
    """(b, b₀) of the parameters w of such a loss; `params_` where its outputs are several; all remembered."""
    several, m = {}, loss.outputs
    if m == 1:
        b, intercept = (w[:-1], float(w[-1])) if estimator.fit_intercept else (w, 0.0)
    else:
        estimator.params_ = w
        several = {"params_": w}
        S = to_scores(loss, w)
        b, intercept = (S[:, :-1], S[:, -1]) if estimator.fit_intercept else (S, np.zeros(len(S)))
    remember(estimator, {"coef_": b, "intercept_": intercept, **several})
    return b, intercept


def outside() -> int:
    """k, the stack level of whoever called into this library: where a warning is to point.

    >>> outside() >= 1
    True
    """
    frame, level = sys._getframe(1), 1
    while frame.f_back and str(frame.f_globals.get("__name__", "")).split(".")[0] in ("infimum", "sklearn"):
        frame, level = frame.f_back, level + 1
    return level


def _start(estimator: Any, size: int, outputs: int) -> np.ndarray | None:
    """w of the fit before, for a warm start, if it was of the same shape; else None."""
    before = vars(estimator)
    if not before.get("warm_start") or "coef_" not in before:
        return None
    if outputs > 1:
        w = before.get("params_", np.zeros(0))
    else:
        w = np.append(np.ravel(before["coef_"]), np.ravel(before["intercept_"])[: int(estimator.fit_intercept)])
    return w if len(w) == size else None


def model_of(estimator: Any, X: np.ndarray, outputs: int, columns: tuple[str, ...] = ()) -> Model:
    """z = X b + b₀, or the powers of the one column of X (n, 1) up to the estimator's degree."""
    degree = vars(estimator).get("degree", 1)
    if degree == 1:
        return linear_in(X, outputs, estimator.fit_intercept, columns)
    return Polynomial(np.ascontiguousarray(X[:, 0]), degree, estimator.fit_intercept, *columns[:1])


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
    X = validate_data(estimator, X, reset=False, dtype=np.float64, accept_sparse=("csr", "csc", "coo"))
    if vars(estimator).get("degree", 1) > 1:
        X, w = (
            dense(X),
            np.append(np.ravel(estimator.coef_), np.ravel(estimator.intercept_)[: int(estimator.fit_intercept)]),
        )
        return np.asarray(model_of(estimator, X, 1)(w))
    if np.ndim(estimator.coef_) > 1 and (len(estimator.coef_) > 1 or "targets_" in vars(estimator)):
        return np.asarray(X @ estimator.coef_.T + estimator.intercept_)
    return np.asarray(X @ np.ravel(estimator.coef_) + np.ravel(estimator.intercept_)[0])


def with_interval(estimator: Any, X: Any, kind: str, level: float) -> np.ndarray:
    """(μ, lower, upper), (n, 3), of rows X (n, p): `interval_of`. Raises ValueError where no errors are known."""
    check_is_fitted(estimator)
    X = rows_of(estimator, X)
    information = known_information(estimator)
    if information is None:
        raise ValueError(f"{type(estimator).__name__} has no intervals: {why_no_errors(estimator)}")
    A = model_of(estimator, X, 1).jacobian(information.params)
    return interval_of(information, A, kind, level)


def known_information(estimator: Any) -> Information | None:
    """The information of a fit with the names of its classes, or None where it has no standard errors."""
    one_target(estimator)
    check_unchanged(estimator)
    information, chosen = vars(estimator).get("information_"), "chosen" in estimator.problem_
    if information is None or chosen or (information.loss == "squared" and _without_spread(information)):
        return None
    classes = vars(estimator).get("classes_", ())
    return replace(information, classes=tuple(map(str, classes)) if len(classes) > 2 else ())


def _without_spread(information: Information) -> bool:
    """Whether no rows are left to estimate the spread from, or no target varies beyond rounding."""
    return information.freedom <= 0 or _flat(information)


def _flat(information: Information) -> bool:
    level = float(information.params[-1]) if information.intercept else 0.0
    return information.null_loss <= 4 * UNIT**2 * level**2


def one_target(estimator: Any) -> None:
    """t = 1, or ValueError: what is said of one target has to be asked of its own model."""
    if "targets_" in vars(estimator):
        count = len(estimator.targets_)
        raise ValueError(f"the model has {count} targets, each a model of its own: ask model.targets_[0], and so on")


def why_no_errors(estimator: Any) -> str:
    """Why a fitted linear model has no standard errors, and what to do."""
    stated = estimator.problem_
    if "no_errors" in stated:
        return str(stated["no_errors"])
    taken = "which are rows of this fit, so that errors that take it as given are too small"
    reasons = [f"{stated['chosen']}, {taken}"] if "chosen" in stated else []
    penalised, bounded = bool(np.any(stated["l1"]) or np.any(stated["l2"])), _bounded(stated)
    if penalised or bounded:
        what = " and ".join(["a penalty"] * penalised + ["bounds"] * bounded)
        pull = "which pull" if bounded else "which pulls"
        reasons.append(
            f"it was fitted with {what}, {pull} the coefficients away from what the rows say, so that errors of fits "
            "without do not hold"
        )
    if reasons:
        free = "C=np.inf" if "C" in vars(estimator) or "Cs" in vars(estimator) else "alpha=0, or LinearRegression"
        cures = [f"fit without a penalty ({free})"] * (penalised or not bounded) + ["leave bounds away"] * bounded
        also = ", on other rows than those that chose" if "chosen" in stated else ""
        return f"{'; '.join(reasons)}; {' and '.join(cures)}{also}"
    if estimator.information_ is not None:
        known = estimator.information_
        if known.loss == "squared" and _flat(known):
            return "the target does not vary, so that there is no spread to estimate them from"
        told = f"{known.rows} rows and {len(known.params)} parameters"
        if known.rows != known.total:
            told = f"{known.rows} rows whose weights, which count as repetitions, add up to {known.total:g}, and "
            told += f"{len(known.params)} parameters"
        return f"{told} leave nothing to estimate the dispersion from; expected more rows, or weights that count them"
    return undetermined(estimator)


def undetermined(estimator: Any) -> str:
    """Why no single minimum was proved, by the claims of the certificate, and what to do."""
    gap, separation, rank = map(estimator.certificate_.claim, ("gap", "separation", "identification"))
    firth = "penalty = 'firth' or " if estimator.problem_["loss"] == "logistic" else ""
    if separation is not None:
        cure = "" if firth and "firth" in separation.statement else f"; {firth}another penalty has finite coefficients"
        return separation.statement + cure
    if rank is not None and rank.value < rank.bound:
        less = "leave a column of each relation out" if rank.method != "counting" else "give more rows or fewer columns"
        return f"{rank.statement}; {less}, or take a penalty (Ridge, C, alpha), which has coefficients but no errors"
    why = [each.statement for each in (rank, gap) if each is not None and each.verdict != "CERTIFIED"]
    return f"no single minimum was proved: {'; '.join(why) or 'certificate_ has the claims'}"


def _bounded(stated: dict[str, Any]) -> bool:
    sides = np.append(np.ravel(stated["lower"]), np.ravel(stated.get("upper", math.inf)))
    return bool(np.any(np.isfinite(sides)))
