"""z = b₀ + Σⱼ βⱼ xⱼ + Σⱼ fⱼ(xⱼ) [+ products]: the additive rung of the ladder as two scikit-learn estimators."""

import math
import warnings
from abc import ABC, abstractmethod
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, column_or_1d, validate_data

from infimum.certificates.claim import Certificate
from infimum.certificates.fingerprint import fingerprint_of
from infimum.certificates.metric import verified_metric
from infimum.certificates.point import point_at
from infimum.estimators.classes import ClassesMixin, classes_of, loss_of, scores_of
from infimum.estimators.rows import LARGEST, validated
from infimum.estimators.shell import CertificateWarning, reason_for_doubt
from infimum.ladder.curves import Drawn
from infimum.ladder.fit import TOLERANCE, Fit, Sample, fit_rung
from infimum.ladder.forecast import forecast
from infimum.ladder.rungs import rungs_for
from infimum.losses import Loss
from infimum.losses.multinomial import contrasts
from infimum.losses.squared import Squared
from infimum.solvers import Solution, Trace
from infimum.tables import Column, Table
from infimum.tables.encode import Encoder, fit_encoder


class Additive(BaseEstimator, ABC):
    """z = b₀ + Σⱼ βⱼ xⱼ + Σⱼ fⱼ(xⱼ): what the two have in common."""

    @abstractmethod
    def fit(self, X: Any, y: Any) -> Self:
        """Fit to X (n, p), y (n,)."""

    def summary(self) -> str:
        """The size of every curve and product, and the claims, as text."""
        check_is_fitted(self)
        lines = [f"{type(self).__name__}: F = {self.objective_:.10g}"]
        told = self.curves_ if self.outputs_ > 1 else {"": self.curves_}
        for label, curves in told.items():
            lines += [f"  class {label}"] if self.outputs_ > 1 else []
            lines += [f"  {name}: adds {each['size']:.4g} (standard deviation)" for name, each in curves.items()]
        return "\n".join([*lines, str(self.certificate_)])


class AdditiveRegressor(RegressorMixin, Additive):
    """argmin ½ Σ (yᵢ − zᵢ)² / n + ½ l2 ‖β‖² + ½ ρ Σⱼ ∫ fⱼ″²: smooth curves whose roughness ρ is chosen by leaving out.

    z = b₀ + Σⱼ βⱼ xⱼ + Σⱼ fⱼ(xⱼ) of standardised columns, fⱼ a natural cubic spline of every column of five or more
    values (Hastie & Tibshirani 1986; Wahba 1990). l2 and ρ have the lowest sum of leave-one-out losses, of which none
    counts more than 30 times their mean.

    Parameters: products, whether pairs of columns whose product the residuals ask for are added; random_state, which
    draws the rows that choose the strengths where there are more than 10,000.
    Attributes: curves_, {column: {"at", "effect", "error", "size"}}, points of each fⱼ with its line, in the column's
    own units, with a standard error, and the standard deviation of its effect; slopes_, {column: effect of a unit} of
    the others; products_, {(column, column): size}; strengths_, {"l2", "roughness", "products"}; params_, intercept_,
    certificate_, objective_, n_iter_, n_features_in_, feature_names_in_.
    Raises ValueError for NaN, infinities and shapes that do not fit.

    >>> X = np.linspace(0, 6, 200)[:, None]
    >>> model = AdditiveRegressor().fit(X, np.sin(X[:, 0]))
    >>> float(model.predict([[1.0]])[0] - np.sin(1)) < 1e-3, model.certificate_.claim("gap").holds(1e-8)
    (True, True)
    """

    def __init__(self, *, products: bool = False, random_state: Any = None) -> None:
        self.products = products
        self.random_state = random_state

    def fit(self, X: Any, y: Any) -> Self:
        """Fit to X (n, p), y (n,)."""
        X, y = validated(self, X, y, {"y_numeric": True, "multi_output": False, "ensure_min_samples": 2})
        y = column_or_1d(y, warn=True).astype(float)
        if np.abs(y).max() > LARGEST:
            raise ValueError(f"y holds values beyond {LARGEST:g}, whose squares overflow: use other units")
        fitted(self, Squared(), X, y)
        return self

    def predict(self, X: Any) -> np.ndarray:
        """ŷ = z, (n,)."""
        return predictions(self, X)


class AdditiveClassifier(ClassesMixin, Additive):
    """argmin Σ (log Σₖ exp zᵢₖ − zᵢ,yᵢ) / n + ½ l2 ‖β‖² + ½ ρ Σⱼₖ ∫ fⱼₖ″²: smooth curves on the scale of log-odds.

    The additive logistic model (Hastie & Tibshirani 1986) of two classes, or one score a class that add up to 0; curves
    as those of AdditiveRegressor. l2 and ρ are chosen by leaving out, of more than two classes on a fifth of the rows.

    Parameters: products, random_state, as AdditiveRegressor. Attributes: those too, and classes_ (K,); of more than two
    classes curves_, slopes_ and products_ are {class: …}, of its score, and intercept_ is (K,).
    Raises ValueError for one class, NaN, infinities and shapes that do not fit.

    >>> X = np.linspace(-3, 3, 200)[:, None]
    >>> y = np.where(np.abs(X[:, 0]) + np.random.default_rng(0).logistic(size=200) / 4 > 1.5, "far", "near")
    >>> AdditiveClassifier().fit(X, y).predict([[-3.0], [0.0], [3.0]]).tolist()
    ['far', 'near', 'far']
    """

    def __init__(self, *, products: bool = False, random_state: Any = None) -> None:
        self.products = products
        self.random_state = random_state

    def fit(self, X: Any, y: Any) -> Self:
        """Fit to X (n, p), y (n,) of K classes."""
        X, y = validated(self, X, y, {"ensure_min_samples": 2})
        self.classes_, coded = classes_of(self, y)
        loss = loss_of(self.classes_)
        fitted(self, loss, X, coded)
        return self

    def decision_function(self, X: Any) -> np.ndarray:
        """z, the log-odds of the second of two classes, (n,); the scores of more, (n, K)."""
        return scores_of(predictions(self, X))


def fitted(estimator: Any, loss: Loss, X: np.ndarray, y: np.ndarray) -> None:
    """ŵ = argmin F on X (n, p), y (n,), and every attribute that is made of it."""
    table = table_of_numbers(estimator, X)
    encoder = fit_encoder(table, table.names)
    sample = Sample(loss, np.ascontiguousarray(encoder.encode(table)), y, encoder)
    name = "products" if estimator.products else "additive"
    rung = next(each for each in rungs_for(loss.task, loss.outputs + 1) if each.name == name)
    seed = int(check_random_state(estimator.random_state).randint(2**31))
    fit = fit_rung(rung, sample, [seed])
    assert fit.basis is not None and fit.smooth is not None  # an additive model has both
    objective = fit.objective(sample)
    certificate = Certificate(
        fit.claims, len(y), len(fit.params), fit.solver, fit.iterations, TOLERANCE, 0.0, fingerprint_of(objective)
    )
    estimator.certificate_, estimator.n_iter_, estimator.outputs_ = certificate, fit.iterations, loss.outputs
    estimator.params_, estimator.objective_ = fit.params, objective.value(fit.params)
    estimator.strengths_ = {name: fit.strengths[name] for name in ("l2", "roughness", "products")}
    classes = vars(estimator).get("classes_")
    estimator.problem_ = {
        "form": "additive",
        "intercept": True,
        "loss": loss.name,
        "l1": 0.0,
        "lower": -math.inf,
        **estimator.strengths_,
        "encoder": encoder.to_json(),
        "basis": fit.basis.to_json(),
        "classes": classes,
        "class_weight": None if classes is None else [1.0] * len(classes),
    }
    describe(estimator, fit, sample)
    doubt = reason_for_doubt(Solution(fit.params, certificate, Trace((), fit.stopped)))
    if doubt:
        message = f"{type(estimator).__name__}: the fit is not certified: {doubt}"
        warnings.warn(message, CertificateWarning, stacklevel=3)


def table_of_numbers(estimator: Any, X: np.ndarray) -> Table:
    """X (n, p) as a table; columns without names are x0, x1, …."""
    names = vars(estimator).get("feature_names_in_", [f"x{j}" for j in range(X.shape[1])])
    return Table("X", tuple(Column(str(name), "number", X[:, j].copy()) for j, name in enumerate(names)))


def describe(estimator: Any, fit: Fit, sample: Sample) -> None:
    """Set curves_, slopes_, products_ and intercept_, of each class where there are more than two.

    z = intercept_ + Σ effects of curves + Σ slope · x, and what products add.
    """
    drawn = Drawn.of(fit, sample, verified_metric(point_at(fit.objective(sample), fit.params)))
    m = sample.loss.outputs
    W = fit.params.reshape(-1, m)
    lines = W[: len(sample.names)].copy()
    lines[list(drawn.features)] = 0.0  # a line belongs to its curve
    parts = []
    for to in contrasts(m + 1) if m > 1 else np.ones((1, 1)):
        told = {"curves": [], "products": [], **drawn.told(to)}
        curves = {each.pop("column"): {key: array_of(value) for key, value in each.items()} for each in told["curves"]}
        terms, start = sample.encoder.units(lines @ to, float(W[-1] @ to))
        slopes = {term.column: term.coefficient for j, term in enumerate(terms) if j not in drawn.features}
        products = {tuple(each["of"]): each["size"] for each in told["products"]}
        parts.append((curves, slopes, products, start))
    *told, starts = parts[0] if m == 1 else zip(*parts, strict=True)
    if m > 1:
        told = [dict(zip(estimator.classes_.tolist(), each, strict=True)) for each in told]
    estimator.curves_, estimator.slopes_, estimator.products_ = told
    estimator.intercept_ = starts if m == 1 else np.array(starts)


def array_of(value: Any) -> Any:
    """A list as an array, anything else as it is."""
    return np.array(value) if isinstance(value, list) else value


def predictions(estimator: Any, X: Any) -> np.ndarray:
    """z of the rows X (n, p), (n,) or (n, K − 1): the same bits for a row alone as among others.

    Raises NotFittedError before fit, ValueError for another number or order of columns.
    """
    check_is_fitted(estimator)
    X = validate_data(estimator, X, reset=False, dtype=np.float64)
    table, stated = table_of_numbers(estimator, X), estimator.problem_
    encoded = Encoder.from_json(stated["encoder"]).encode(table)
    return forecast({**stated, "features": None, "recipe": None}, estimator.params_, encoded, estimator.outputs_)
