"""√(φ (AᵀDA)⁻¹)ⱼⱼ and Σ sᵢ log p(yᵢ given zᵢ): standard errors and log-likelihood of a fit by maximum likelihood."""

import math
from typing import Any

import numpy as np

from infimum.certificates.metric import verified_metric
from infimum.certificates.point import Point, point_at
from infimum.losses import loss_named
from infimum.losses.multinomial import contrasts
from infimum.models.scores import linear_in
from infimum.objective import LikelihoodObjective
from infimum.penalties.elastic_net import ElasticNet


def standard_errors(model: Any, X: Any, y: Any, sample_weight: Any = None) -> np.ndarray:
    """√(φ (AᵀDA)⁻¹)ⱼⱼ, D = diag(sᵢ ℓ″(zᵢ)): of coef_, then intercept_, (p,) or (p + 1,); of K > 2 classes (K, p + 1).

    From the Fisher information at the fit (Fisher 1925); A = [X 1], weights count like repetitions. φ = 1 for counts
    and classes; for least squares it is estimated, Σ sᵢ (yᵢ − zᵢ)² / (Σ sᵢ − p). The inverse of AᵀDA is
    verified. The coefficients of several classes are those of scores that add up to 0, not against a first class.
    X, y and sample_weight are those of the fit: X (n, p), y (n,).

    Raises ValueError for a model that is not linear, that was penalised or bounded (its errors are not these), whose
    minimum was not proved to exist, or whose columns depend on each other.

    >>> from infimum import PoissonRegressor
    >>> X, y = [[0.0], [0.0], [1.0], [1.0]], [1.0, 3.0, 5.0, 11.0]
    >>> standard_errors(PoissonRegressor(alpha=0.0).fit(X, y), X, y).round(12).tolist() == [0.559016994375, 0.5]
    True
    """
    point, total = _fit(model, X, y, sample_weight)
    name, penalty, loss = type(model).__name__, point.penalty, point.objective.loss
    bounded = np.any(np.isfinite(penalty.lower) | np.isfinite(penalty.upper))
    if np.any(penalty.l1) or np.any(penalty.l2) or bounded:
        raise ValueError(f"{name} was fitted with a penalty or bounds; standard errors are known for fits without")
    metric = verified_metric(point)
    if metric is None or model.certificate_.verdict("parameters") != "CERTIFIED":
        raise ValueError(f"{name} has no standard errors: no single minimum was proved:\n{model.certificate_}")
    dispersion = loss.dispersion
    if dispersion is None:
        freedom = total - len(point.w)
        if freedom <= 0:
            told = f"{total:g} rows and {len(point.w)} parameters"
            raise ValueError(f"{told} leave nothing to estimate the dispersion from; expected more rows")
        dispersion = 2 * total * point.value / freedom
    m, W = loss.outputs, metric.W
    if m == 1:
        return np.asarray(math.sqrt(dispersion / total) * np.linalg.norm(W, axis=0))
    return np.asarray(
        math.sqrt(dispersion / total) * np.linalg.norm(W.reshape(len(W), -1, m) @ contrasts(m + 1).T, axis=0).T
    )


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
    point, total = _fit(model, X, y, sample_weight)
    objective, weight = point.objective, point.objective.weight
    mean = math.fsum(weight * objective.loss.value(point.z, objective.y))
    if objective.loss.dispersion is None:
        return -0.5 * total * (math.log(2 * math.pi * 2 * mean) + 1) if mean > 0 else math.inf
    return total * math.fsum([*(weight * _at_best(objective.loss.name, objective.y)), -mean])


def _at_best(loss: str, y: np.ndarray) -> np.ndarray:
    """max over z of log p(y given z): what ℓ leaves out, (n,)."""
    if loss != "poisson":
        return np.zeros(y.shape)
    from scipy.special import gammaln, xlogy

    return np.asarray(xlogy(y, y) - y - gammaln(y + 1))


def _fit(model: Any, X: Any, y: Any, sample_weight: Any) -> tuple[Point, float]:
    """The problem of a fitted linear model at its coefficients, and Σ sᵢ. Raises ValueError for any other model."""
    stated = vars(model).get("problem_", {"form": "none"})
    if stated["form"] != "linear":
        raise ValueError(f"{type(model).__name__} is not a fitted linear model: fit one of infimum's first")
    X, y = np.ascontiguousarray(X, dtype=float), np.ravel(np.asarray(y))
    weight = np.ones(len(y)) if sample_weight is None else np.asarray(sample_weight, dtype=float) * np.ones(len(y))
    loss = loss_named(stated["loss"], len(stated["classes"]) if stated["classes"] is not None else 2)
    if stated["classes"] is not None:
        coded = np.searchsorted(stated["classes"], y)
        weight, y = weight * np.asarray(stated["class_weight"])[coded], coded.astype(float)
    several, intercept = loss.outputs > 1, stated["intercept"]
    linear = linear_in(X, loss.outputs, intercept)
    penalty = ElasticNet(stated["l1"], stated["l2"], stated["lower"])
    objective = LikelihoodObjective.of(linear, loss, penalty, y, weight)
    own = [np.ravel(model.coef_), np.ravel(model.intercept_)[: int(intercept)]]
    return point_at(objective, model.params_ if several else np.concatenate(own)), float(weight.sum())
