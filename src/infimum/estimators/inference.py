"""V = φ (Σ sᵢ ℓ″ᵢ aᵢaᵢᵀ)⁻¹: standard errors, tests, influence and the log-likelihood of a fit by maximum likelihood."""

import math
from dataclasses import replace
from typing import Any

import numpy as np

from infimum.certificates.fingerprint import fingerprint_of
from infimum.certificates.point import Point, point_at
from infimum.certificates.whitening import whitened
from infimum.estimators.asked import (
    changed,
    columns_given,
    likelihood_fit,
    linear_fit,
    rows_given,
)
from infimum.estimators.robust_errors import robust_inference
from infimum.estimators.rows import dense
from infimum.estimators.shell import known_information, model_of, one_target, why_no_errors
from infimum.inference.collinearity import Collinearity, variance_inflation
from infimum.inference.covariance import covariance_of
from infimum.inference.data_digits import digits_left, first_order, half_units
from infimum.inference.estimate import Inference, SignificanceTest, inference_from, told
from infimum.inference.influence import Influence, influence_of
from infimum.inference.information import Information, at_best, likelihood
from infimum.losses import loss_named
from infimum.objective import LikelihoodObjective
from infimum.penalties.elastic_net import ElasticNet


def infer(
    model: Any, X: Any, y: Any, sample_weight: Any = None, *, covariance: str | None = None, groups: Any = None
) -> Inference:
    """β̂ ± t √Vⱼⱼ: what a fitted linear model says of the population that its rows were drawn from.

    covariance: "classical" (None), the inverse information (Fisher 1925); "HC0" … "HC3", which do not believe that
    rows spread alike (White 1980; HC3 of MacKinnon & White 1985 for few rows); "clustered" (None with groups (n,), one
    label a row), for rows that are alike within a group (Liang & Zeger 1986). X (n, p), y and sample_weight (n,) are
    those of the fit. Weights count like repetitions in all of them but "clustered", in which each label is one draw
    whatever it weighs: where weights are no counts of rows (exposures, survey weights, class_weight) take it, with a
    label of its own for each row where rows are independent. `print` shows the table; `wald`, `interval`, `to_frame`
    are its methods. Of QuantileRegressor: "powell" (None; rows with densities of their own), "robust" (statsmodels'
    default), "classical" (noise alike in all rows); of HuberRegressor: "robust" (None; a sandwich at the scale found),
    "joint" (the scale counts), "H1", "H2", "H3" of Huber & Ronchetti (2009). `infimum.inference.robust` has the
    formulas.

    Raises ValueError for other rows than those of the fit, a model that is not linear, was penalised or bounded, or
    whose minimum was not proved to exist, and another covariance.

    >>> from infimum import PoissonRegressor
    >>> X, y = [[0.0], [0.0], [1.0], [1.0]], [1.0, 3.0, 5.0, 11.0]
    >>> model = PoissonRegressor(alpha=0.0).fit(X, y)
    >>> infer(model, X, y).standard_errors, infer(model, X, y, covariance="HC0").standard_errors
    (array([0.559, 0.5  ]), array([0.4419, 0.3536]))
    """
    if linear_fit(model).problem_["form"] != "linear":
        if groups is not None:
            raise ValueError(f"groups are not known of {type(model).__name__}; expected groups = None")
        return robust_inference(model, X, y, sample_weight, covariance)
    covariance = covariance or ("classical" if groups is None else "clustered")
    information, point = _informed(model, X, y, sample_weight)
    labels = None if groups is None else _labels(groups, len(point.z))
    V, freedom = covariance_of(information, point, covariance, labels)
    return inference_from(information, V, freedom, covariance, type(model).__name__)


def influence(model: Any, X: Any, y: Any, sample_weight: Any = None) -> Influence:
    """hᵢ, rᵢ, Dᵢ: leverage, studentised residuals, Cook's distance, DFFITS and DFBETAS of the rows of the fit.

    Arguments and errors as `infer`; ValueError for more than two classes.

    >>> from infimum import LinearRegression
    >>> X, y = [[0.0], [1.0], [2.0], [9.0]], [0.0, 1.1, 1.9, 4.0]
    >>> found = influence(LinearRegression().fit(X, y), X, y)
    >>> found.largest(1), found.leverage
    ([3], array([0.43, 0.33, 0.27, 0.97]))
    """
    return influence_of(*_informed(model, X, y, sample_weight))


def collinearity(model: Any, X: Any, *, sample_weight: Any = None) -> tuple[Collinearity, ...]:
    """VIFⱼ = 1 / (1 − Rⱼ²) of the columns X (n, p) of a fitted linear model, with what each nearly is; largest first.

    Raises ValueError for other columns than those of the fit, and as `infer` for a model that is not linear.

    >>> from infimum import LinearRegression
    >>> X = [[0.0, 1.0], [1.0, 3.1], [2.0, 4.9], [3.0, 7.0]]
    >>> print(collinearity(LinearRegression().fit(X, [1.0, 2.0, 4.0, 3.0]), X)[0])
    x1: 1.09e+03; x1 ≈ 1.98 x0 + 1.03
    """
    table = model_of(linear_fit(model), columns_given(model, X), 1).jacobian(np.zeros(0))
    p = len(model.names_) - int(model.fit_intercept)
    return variance_inflation(table[:, :p], model.names_[:p], sample_weight, model.fit_intercept)


def standard_errors(model: Any, X: Any, y: Any, sample_weight: Any = None) -> np.ndarray:
    """√Vⱼⱼ of coef_, then intercept_, (p,) or (p + 1,); of K > 2 classes (K, p + 1): those of `infer`, classical.

    φ = 1 for counts and classes; for least squares it is estimated, Σ sᵢ (yᵢ − zᵢ)² / (Σ sᵢ − p). The inverse is
    verified. The coefficients of several classes are those of scores that add up to 0, not against a first class.
    Arguments and errors as `infer`.

    >>> from infimum import PoissonRegressor
    >>> X, y = [[0.0], [0.0], [1.0], [1.0]], [1.0, 3.0, 5.0, 11.0]
    >>> standard_errors(PoissonRegressor(alpha=0.0).fit(X, y), X, y).round(12).tolist() == [0.559016994375, 0.5]
    True
    """
    information, _ = _informed(model, X, y, sample_weight)
    found = np.sqrt(information.dispersion / information.total) * np.linalg.norm(information.factor, axis=0)
    return np.asarray(found.reshape(len(information.classes), -1) if information.classes else found)


def log_likelihood(model: Any, X: Any, y: Any, sample_weight: Any = None) -> float:
    """Σ sᵢ log p(yᵢ given zᵢ), with all its constants: that of a Poisson count holds −log y!.

    zᵢ = xᵢᵀb + b₀ at the model's coefficients, penalised or not; weights count like repetitions. For least squares p is
    normal, with the variance that maximises it, Σ sᵢ (yᵢ − zᵢ)² / Σ sᵢ. X is (n, p), y (n,). Raises ValueError for a
    model that is not linear.

    >>> from infimum import PoissonRegressor
    >>> X, y = [[0.0], [1.0]], [1.0, 3.0]
    >>> round(log_likelihood(PoissonRegressor(alpha=0.0).fit(X, y), X, y), 6)
    -2.495923
    """
    point, total = fit_of(model, X, y, sample_weight)
    objective, weight = point.objective, point.objective.weight
    mean = math.fsum(weight * objective.loss.value(point.z, objective.y))
    best = math.fsum(weight * at_best(objective.loss.name, objective.y))
    return likelihood(objective.loss.name, total, mean, best)


def likelihood_ratio(smaller: Any, larger: Any) -> SignificanceTest:
    """2 (log L₁ − log L₀) ~ χ²(p₁ − p₀); of least squares (S₀ − S₁) / (p₁ − p₀) / φ₁ ~ F(p₁ − p₀, N − p₁).

    Of two fitted models of one target and the same rows, the columns of the smaller among those of the larger (Wilks
    1938). Raises ValueError where they are known not to be: other losses, rows or targets (that have another loss of
    the best constant), parameters not fewer, columns that the larger lacks.

    >>> from infimum import LinearRegression
    >>> import pandas
    >>> X = pandas.DataFrame({"a": [0.0, 1.0, 2.0, 3.0, 4.0], "b": [0.0, 1.0, 0.0, 1.0, 1.0]})
    >>> y = [1.0, 3.0, 4.0, 8.0, 9.0]
    >>> print(likelihood_ratio(LinearRegression().fit(X[["a"]], y), LinearRegression().fit(X, y)))
    F(1, 2) = 1.4545, p = 0.351
    """
    first, second = (_known(model) for model in (smaller, larger))
    if "firth" in (first.method, second.method):
        raise ValueError(
            "with penalty = 'firth' nested models have penalties that do not compare: profile_intervals tests each "
            "coefficient of the larger model by its penalised likelihood"
        )
    same = first.loss == second.loss and (first.rows, first.total) == (second.rows, second.total)
    if first.intercept == second.intercept:
        same = same and math.isclose(first.null_loss, second.null_loss, rel_tol=1e-9)
    if not same or not math.isclose(first.best, second.best, rel_tol=1e-12, abs_tol=1e-300):
        raise ValueError("the two models have other losses, rows, weights or targets; expected fits to the same rows")
    more, missing = len(second.params) - len(first.params), set(first.names) - set(second.names)
    if more <= 0 or missing:
        lacks = f"; the larger lacks {', '.join(sorted(missing))}" if missing else ""
        raise ValueError(
            f"the models have {len(first.params)} and {len(second.params)} parameters{lacks}; expected nested"
        )
    gain = max(first.mean_loss - second.mean_loss, 0.0) * 2 * first.total
    if first.loss == "squared":
        return told(gain / second.dispersion, more, second.freedom)
    return told(gain, more, math.inf)


def data_digits(model: Any, X: Any, y: Any, sample_weight: Any = None) -> np.ndarray:
    """−log₁₀ 2 |δβⱼ| / |βⱼ|: digits of coef_, then intercept_, that the inputs support, (p,) or (p + 1,).

    Each number of X and y is taken to be good to half a unit of the last decimal that its column is written with, whole
    numbers to be exact, and all to be off at their worst, to first order (the claim `digits` is about the arithmetic:
    agreement with the exact fit of the numbers as they are stored). Arguments and errors as `infer`; ValueError for
    more than two classes.

    >>> from infimum import LinearRegression
    >>> X, y = [[0.5], [1.5], [2.5], [3.5]], [1.1, 1.9, 3.2, 3.9]
    >>> data_digits(LinearRegression().fit(X, y), X, y).round(1)
    array([0.8, 0.2])
    """
    information, point = _informed(model, X, y, sample_weight)
    if information.outputs > 1:
        raise ValueError(f"data_digits is for one output, and the fit has {len(information.classes)} classes")
    table, p = np.asarray(dense(X), dtype=float), len(information.params)
    delta = np.zeros((len(table), p))
    degree = vars(model).get("degree", 1)
    if degree > 1:
        delta[:, :degree] = _power_steps(table[:, 0], degree) * half_units(table[:, 0])[:, None]
    else:
        delta[:, : table.shape[1]] = np.column_stack([half_units(column) for column in table.T])
    target = np.zeros(len(table)) if information.loss == "logistic" else half_units(point.objective.y)
    parts = point.d, point.u, delta, point.objective.weight * target
    return digits_left(first_order(point.A, information.W, parts, information.params), information.params)


def _power_steps(x: np.ndarray, degree: int) -> np.ndarray:
    """|d xᵏ / dx| = k |x|ᵏ⁻¹, (n, degree)."""
    return np.column_stack([k * np.abs(x) ** (k - 1) for k in range(1, degree + 1)])


def _known(model: Any) -> Information:
    """The information of a fitted model. Raises ValueError where it has none."""
    information = known_information(likelihood_fit(model))
    if information is None:
        raise ValueError(f"{type(model).__name__} has no standard errors: {why_no_errors(model)}")
    return information


def _informed(model: Any, X: Any, y: Any, sample_weight: Any) -> tuple[Information, Point]:
    """The information of a fitted model at the rows given, sharpened. Raises ValueError unless they are the fit's."""
    known = _known(model)
    point, total = fit_of(model, X, y, sample_weight)
    if not _same_rows(known, model, point, total):
        raise ValueError("X, y or sample_weight are not those of the fit: errors are about the rows that were fitted")
    W = whitened(point.A, point.d, lost=point.objective.model.lost)
    return replace(known, mean_loss=point.value, W=known.W if W is None else W), point


def fitted_on(model: Any, X: Any, y: Any, sample_weight: Any = None) -> bool:
    """Whether the rows are those of a fit that has standard errors: `infer` and `influence` answer."""
    if vars(model).get("problem_", {"form": "none"})["form"] != "linear" or changed(model):
        return False
    known = known_information(model)
    return known is not None and _same_rows(known, model, *fit_of(model, X, y, sample_weight))


def _same_rows(known: Information, model: Any, point: Point, total: float) -> bool:
    return total == known.total and fingerprint_of(point.objective) == model.certificate_.fingerprint


def _labels(groups: Any, rows: int) -> np.ndarray:
    labels = np.asarray(groups)
    if labels.shape != (rows,):
        raise ValueError(f"groups have shape {labels.shape}; expected ({rows},), one label a row")
    missing = np.array([label is None or not bool(label == label) for label in labels.tolist()], dtype=bool)
    if missing.any():
        at = int(np.argmax(missing))
        raise ValueError(
            f"groups: {missing.sum()} of {rows} labels are missing, the first in row {at}; label each row, one that "
            "belongs to no other with a label of its own"
        )
    return labels.astype(str) if labels.dtype == object else labels


def fit_of(model: Any, X: Any, y: Any, sample_weight: Any) -> tuple[Point, float]:
    """(A, z, u, …) of a fitted linear model at its coefficients, and Σ sᵢ. Raises ValueError for any other model."""
    stated = likelihood_fit(model).problem_
    one_target(model)
    X, y, weight = rows_given(model, X, y, sample_weight)
    loss = loss_named(stated["loss"], len(stated["classes"]) if stated["classes"] is not None else 2)
    several, intercept = loss.outputs > 1, stated["intercept"]
    linear = model_of(model, X, loss.outputs)
    penalty = ElasticNet(stated["l1"], stated["l2"], stated["lower"], stated.get("upper", np.inf))
    objective = LikelihoodObjective.of(linear, loss, penalty, y, weight)
    own = [np.ravel(model.coef_), np.ravel(model.intercept_)[: int(intercept)]]
    return point_at(objective, model.params_ if several else np.concatenate(own)), float(weight.sum())
