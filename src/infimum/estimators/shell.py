"""(X, y, s) → objective → (coef_, intercept_, certificate_): what every linear shell does on the way in and out."""

import math
import warnings
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted, validate_data

from infimum.inference.estimate import Inference, inference_from
from infimum.inference.information import Information, information_of
from infimum.inference.prediction import interval_of
from infimum.losses import Loss
from infimum.losses.multinomial import contrasts
from infimum.models import Model
from infimum.models.polynomial import Polynomial
from infimum.models.scores import linear_in
from infimum.objective import LikelihoodObjective
from infimum.penalties.elastic_net import ElasticNet
from infimum.solvers import Solution
from infimum.solvers.choose import Solver, solve

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


def in_range(X: np.ndarray, y: np.ndarray) -> None:
    """|X|, |y| ≤ LARGEST: raises ValueError where squares would overflow."""
    for name, array in (("X", X), ("y", y)):
        if max(array.max(initial=0.0), -array.min(initial=0.0)) > LARGEST:
            raise ValueError(f"{name} holds values beyond {LARGEST:g}, whose squares overflow: use other units")


def solved(
    estimator: Any, loss: Loss, penalty: ElasticNet, arrays: tuple[Any, Any, Any], solver: str | Solver = "auto"
) -> tuple[np.ndarray, Any]:
    """(b, b₀) = argmin F on (X, y, weight); sets `certificate_`, `trace_`, `n_iter_`, `objective_` on the estimator.

    b is (p,); for a loss of m = K − 1 outputs (K, p), the scores of the classes, and `params_` their contrasts.
    """
    X, y, weight = arrays
    in_range(X, y)
    columns = tuple(str(name) for name in vars(estimator).get("feature_names_in_", ()))  # there if the table had names
    rows, m = np.ascontiguousarray(X, dtype=float), loss.outputs
    linear = m == 1
    model = model_of(estimator, rows, m, columns)
    objective = LikelihoodObjective.of(model, loss, penalty, y, weight)
    solution = solve(objective, solver, estimator.tol)
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
        "classes": None,
        "degree": vars(estimator).get("degree", 1),
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
    X = validate_data(estimator, X, reset=False, dtype=np.float64)
    if vars(estimator).get("degree", 1) > 1:
        w = np.append(np.ravel(estimator.coef_), np.ravel(estimator.intercept_)[: int(estimator.fit_intercept)])
        return np.asarray(model_of(estimator, X, 1)(w))
    if np.size(estimator.intercept_) > 1:
        return np.asarray(X @ estimator.coef_.T + estimator.intercept_)
    return np.asarray(X @ np.ravel(estimator.coef_) + np.ravel(estimator.intercept_)[0])


def with_interval(estimator: Any, X: Any, kind: str, level: float) -> np.ndarray:
    """(μ, lower, upper), (n, 3), of rows X (n, p): `interval_of`. Raises ValueError where no errors are known."""
    check_is_fitted(estimator)
    X = validate_data(estimator, X, reset=False, dtype=np.float64)
    information = known_information(estimator)
    if information is None:
        raise ValueError(f"{type(estimator).__name__} has no intervals: {why_no_errors(estimator)}")
    A = model_of(estimator, X, 1).jacobian(information.params)
    return interval_of(information, A, kind, level)


@dataclass(frozen=True, eq=False, repr=False)
class Summary:
    """(β̂, √Vⱼⱼ, t, p, interval), then the claims: what `summary()` gives back; print it, or show it in a notebook.

    inference is None, and the reason is told, where no standard errors are known.
    """

    estimator: Any
    inference: Inference | None
    level: float = 0.95

    def to_frame(self) -> Any:
        """The coefficients as a pandas data frame, by name; without standard errors their values alone."""
        import pandas

        if self.inference is not None:
            return self.inference.to_frame(self.level)
        return pandas.DataFrame(named_coefficients(self.estimator), columns=["name", "estimate"]).set_index("name")

    def to_html(self) -> str:
        """The table as an HTML fragment, the claims below it."""
        from html import escape

        claims = f"<pre>{escape(str(self.estimator.certificate_))}</pre>"
        return (
            self.inference.to_html(self.level) if self.inference else f"<pre>{escape(self._plain())}</pre>"
        ) + claims

    def to_latex(self) -> str:
        """The table as a LaTeX tabular. Raises ValueError where no standard errors are known."""
        if self.inference is None:
            raise ValueError(f"no table to write: {why_no_errors(self.estimator)}")
        return self.inference.to_latex(self.level)

    def _plain(self) -> str:
        found = named_coefficients(self.estimator)
        width = max((len(name) for name, _ in found), default=0)
        return "\n".join(f"  {name:<{width}}  {value: .10g}" for name, value in found)

    def __str__(self) -> str:
        head = f"{type(self.estimator).__name__}: F = {self.estimator.objective_:.10g}"
        if self.inference is not None:
            return "\n".join([head, self.inference.to_text(self.level), str(self.estimator.certificate_)])
        told = f"no standard errors: {why_no_errors(self.estimator)}"
        return "\n".join([head, self._plain(), told, str(self.estimator.certificate_)])

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        return self.to_html()


def summary_of(estimator: Any, level: float) -> Summary:
    """The summary of a fitted linear model, errors by its own information (classical). Raises NotFittedError."""
    check_is_fitted(estimator)
    information = known_information(estimator)
    if information is None:
        return Summary(estimator, None, level)
    name = type(estimator).__name__
    freedom = information.freedom if information.loss == "squared" else math.inf
    return Summary(estimator, inference_from(information, information.covariance(), freedom, "classical", name), level)


def known_information(estimator: Any) -> Information | None:
    """The information of a fit with the names of its classes, or None where it has no standard errors."""
    information, chosen = estimator.information_, "chosen" in estimator.problem_
    if information is None or chosen or (information.loss == "squared" and information.freedom <= 0):
        return None
    classes = vars(estimator).get("classes_", ())
    return replace(information, classes=tuple(map(str, classes)) if len(classes) > 2 else ())


def why_no_errors(estimator: Any) -> str:
    """Why a fitted linear model has no standard errors, and what to do."""
    stated = estimator.problem_
    if "no_errors" in stated:
        return str(stated["no_errors"])
    taken = "which are rows of this fit, so that errors that take it as given are too small"
    reasons = [f"{stated['chosen']}, {taken}"] if "chosen" in stated else []
    if np.any(stated["l1"]) or np.any(stated["l2"]) or np.isfinite(stated["lower"]):
        reasons.append(
            "it was fitted with a penalty or bounds, which pull the coefficients away from what the rows say, so that "
            "errors of unpenalised fits do not hold"
        )
    if reasons:
        return f"{'; '.join(reasons)}; fit without a penalty, on columns that other rows have chosen"
    if estimator.information_ is not None:
        rows, parameters = estimator.information_.total, len(estimator.information_.params)
        told = f"{rows:g} rows and {parameters} parameters"
        return f"{told} leave nothing to estimate the dispersion from; expected more rows"
    return "no single minimum was proved; the claims say why"


def named_coefficients(estimator: Any) -> list[tuple[str, float]]:
    """[(name, β̂), …] of a fitted linear model, the intercept last; of K > 2 classes "class: name"."""
    values = np.atleast_2d(estimator.coef_)
    if estimator.fit_intercept:
        values = np.column_stack([values, np.ravel(estimator.intercept_)])
    found = []
    for k, row in enumerate(values):
        before = f"{estimator.classes_[k]}: " if len(values) > 1 else ""
        found += [(before + name, float(value)) for name, value in zip(estimator.names_, row, strict=True)]
    return found


def strength(name: str, value: Any) -> float:
    """value ≥ 0 as a float. Raises ValueError for anything else, in the parameter's own name."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.number) or math.isnan(value) or value < 0:
        raise ValueError(f"{name} = {value!r}; expected a number ≥ 0")
    return float(value)
