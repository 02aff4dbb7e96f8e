"""(model, X, y) ↦ what it leaves over, studentised where it can be, of any fitted estimator."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float
from sklearn.base import is_classifier, is_regressor
from sklearn.utils.validation import check_is_fitted, column_or_1d

from infimum.estimators.inference import fitted_on, influence
from infimum.estimators.rows import checked_weight
from infimum.inference.residuals import deviance_residuals, pearson_residuals
from infimum.losses import Loss, loss_named

FURTHEST = 700.0  # e⁷⁰⁰ and e⁻⁷⁰⁰ are numbers
IMPOSSIBLE = 1e6  # a residual beyond is of odds of 10¹² against what happened


@dataclass(frozen=True, eq=False)
class Residuals:
    """(μ, y, r), (n, k) each: k = 1, or more than two classes' p and y = 1 where the row is of the class.

    residual is studentised (least squares, on the rows of its fit), y − μ (any other regressor), or Pearson's (classes
    and counts, `spread` = √V); deviance is sign(y − μ) √(2 ℓ) of counts, else the residual. Rows of weight 0 are left
    out. `loss` is "squared", "poisson" or "logistic"; `name` says what the residual is, `note` why it is no more.
    """

    predicted: Float[np.ndarray, "n k"]
    observed: Float[np.ndarray, "n k"]
    residual: Float[np.ndarray, "n k"]
    spread: Float[np.ndarray, "n k"]
    deviance: Float[np.ndarray, "n k"]
    weight: np.ndarray
    loss: str
    name: str
    classes: tuple[str, ...] = ()
    note: str = ""


def residuals_of(model: Any, X: Any, y: Any, sample_weight: Any = None) -> Residuals:
    """What is left of y (n,) after the predictions of a fitted regressor or classifier at X (n, p).

    Raises NotFittedError before fit; ValueError for what predicts neither, for lengths that do not fit, labels that the
    classifier does not know, and counts below 0.

    >>> from infimum import LinearRegression
    >>> X, y = [[0.0], [1.0], [2.0], [3.0]], [1.0, 3.0, 4.0, 8.0]
    >>> found = residuals_of(LinearRegression().fit(X, y), X, y)
    >>> found.name, found.residual[:, 0].round(3).tolist()
    ('studentised residual', [0.577, 0.126, -1.386, 1.347])
    """
    check_is_fitted(model)
    if not (is_classifier(model) or is_regressor(model)):
        raise ValueError(f"{type(model).__name__} is no regressor or classifier: residuals are of predictions of y")
    y = column_or_1d(y)
    final = vars(model).get("steps", [("", model)])[-1][1]  # of a pipeline the last step
    loss = "logistic" if is_classifier(model) else dict(vars(final).get("problem_", {})).get("loss", "squared")
    mean = np.asarray(model.predict_proba(X) if is_classifier(model) else model.predict(X), dtype=float)
    if len(mean) != len(y):
        raise ValueError(f"X has {len(mean)} rows and y {len(y)}; expected as many")
    weight = checked_weight(sample_weight, len(y))
    counting = weight > 0
    if loss == "logistic":
        return _of_classes(model, mean[counting], y[counting], weight[counting])
    observed = y.astype(float)
    if loss == "poisson":
        return _of_counts(mean[counting], observed[counting], weight[counting])
    left, name, note = observed - mean, "residual", "not studentised: that takes an unpenalised fit and its own rows"
    if fitted_on(model, X, y, sample_weight):
        left, name, note = influence(model, X, y, sample_weight).studentised, "studentised residual", ""
    parts = [each[counting, None] for each in (mean, observed, left, np.ones(len(y)), left)]
    return Residuals(*parts, weight[counting], "squared", name, (), note)


def _of_counts(mean: np.ndarray, y: np.ndarray, weight: np.ndarray) -> Residuals:
    loss = loss_named("poisson")
    if not loss.takes(y):
        raise ValueError(f"y runs from {y.min():g} to {y.max():g}; expected {loss.domain}")
    z = _link(loss, mean)
    parts = _parts(loss, z, y)
    deviance = deviance_residuals(loss, z, y)
    both = [each[:, None] for each in (mean, y, *parts, deviance)]
    return Residuals(*both, weight, "poisson", "Pearson residual")


def _of_classes(model: Any, p: np.ndarray, y: np.ndarray, weight: np.ndarray) -> Residuals:
    known = np.asarray(model.classes_)
    strange = np.setdiff1d(y, known)
    if len(strange):
        raise ValueError(f"y holds {strange.tolist()[0]!r}, which is no class of the fit: {', '.join(map(str, known))}")
    loss, labels = loss_named("logistic"), known[-1:] if len(known) == 2 else known
    p = p[:, -1:] if len(known) == 2 else p
    observed = (y[:, None] == labels).astype(float)
    z = _link(loss, p)
    residual, spread = _parts(loss, z, observed)
    return Residuals(
        p, observed, residual, spread, residual, weight, "logistic", "Pearson residual", tuple(map(str, labels))
    )


def _link(loss: Loss, mean: np.ndarray) -> np.ndarray:
    """z with mean(z) = mean, kept finite where e^z is 0 or ∞."""
    z = np.array([loss.constant(each) for each in mean.ravel().tolist()]).reshape(mean.shape)
    return np.clip(z, -FURTHEST, FURTHEST)


def _parts(loss: Loss, z: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(Pearson's residuals, √V) at z; 0 where what happened was certain, ±∞ where it was all but impossible."""
    with np.errstate(divide="ignore", invalid="ignore"):
        residual = pearson_residuals(loss, z, y)
    residual = np.where(np.abs(residual) > IMPOSSIBLE, np.copysign(np.inf, residual), residual)
    return np.where(np.asarray(loss.gradient(z, y)) == 0, 0.0, residual), np.sqrt(np.asarray(loss.bend(z, y)))
