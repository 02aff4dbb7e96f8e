"""argmin Σᵢ sᵢ ℓ(f(xᵢ), yᵢ) / Σ s + ½ (alpha / Σ s) ‖W‖²: MLPClassifier and MLPRegressor.

W are the weights of all layers, for standardised columns (and, in regression, a standardised target); biases are not
penalised. The fit is folded back: `coefs_` and `intercepts_` apply to X as given, and `certificate_` speaks of F on X
as given, where each weight has the strength that its column's scale gives it (`penalty_`). The rows count as a weighted
set: equal rows are merged, rows of weight 0 left out, the rest sorted, so that a fit depends neither on their order nor
on whether a row is written twice or has weight 2.
"""

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from infimum.certificates.certify import certify
from infimum.estimators.classes import ClassesMixin, classes_of, loss_of, scores_of
from infimum.estimators.parameters import number_of
from infimum.estimators.rows import checked_weight, validated
from infimum.losses import Loss
from infimum.losses.squared import Squared
from infimum.models.layout import Layout
from infimum.models.perceptron import Perceptron, check_architecture, initial
from infimum.objective import LikelihoodObjective
from infimum.penalties.elastic_net import ElasticNet
from infimum.solvers import Solution
from infimum.solvers.choose import SOLVERS, choose
from infimum.solvers.gauss_newton import gauss_newton
from infimum.solvers.gradient import gradient_descent

SECOND_ORDER = 3e10  # n p min(n, p): about a second for each second-order step
FEW = 100  # different rows up to which nothing can be held out, and the whole table is the batch


@dataclass(frozen=True)
class Scales:
    """x ↦ (x − centre) / scale, y ↦ (y − level) / spread: weighted means and standard deviations, 1 in place of 0.

    Counts are divided by `rate`, their mean, instead, which takes log rate off their logarithms.
    """

    centre: np.ndarray
    scale: np.ndarray
    level: float = 0.0
    spread: float = 1.0
    rate: float = 1.0

    @property
    def size(self) -> float:
        """F on data as given, in units of F on the standardised."""
        return self.spread**2 * self.rate

    @classmethod
    def of(cls, X: np.ndarray, y: np.ndarray | None, weight: np.ndarray) -> "Scales":
        """Those of the columns of X (n, p), and of y (n,) unless it is None."""
        columns = X if y is None else np.column_stack([X, y])
        share = weight / weight.sum()
        mean = share @ columns
        spread = np.sqrt(share @ (columns - mean) ** 2)
        spread = np.where(spread > 1e-12 * np.abs(mean), spread, 1.0)
        if y is None:
            return cls(mean, spread)
        return cls(mean[:-1], spread[:-1], float(mean[-1]), float(spread[-1]))

    def folded(self, w: np.ndarray, layout: Layout) -> np.ndarray:
        """The parameters that do on x and y as given what w does on the standardised."""
        blocks = [block.copy() for block in layout.split(w).values()]
        blocks[0] = blocks[0] / self.scale[:, None]
        blocks[1] = blocks[1] - self.centre @ blocks[0]
        blocks[-2], blocks[-1] = blocks[-2] * self.spread, blocks[-1] * self.spread + self.level + math.log(self.rate)
        return np.concatenate([block.ravel() for block in blocks])

    def strengths(self, l2: float, layout: Layout) -> np.ndarray:
        """l2 of each folded parameter, for which F on data as given is `size` times F on the standardised."""
        blocks = [np.full(shape, l2 * self.size) for shape in layout.shapes]
        blocks[0] = blocks[0] * self.scale[:, None] ** 2
        blocks[-2] = blocks[-2] / self.spread**2
        return np.where(layout.free, 0.0, np.concatenate([block.ravel() for block in blocks]))


def weighted_set(X: np.ndarray, y: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """{(x, y): Σ s}: the different rows, sorted, with the sum of their weights; rows of weight 0 left out.

    >>> X, y, s = weighted_set(np.array([[2.0], [1.0], [2.0]]), np.ones(3), np.ones(3))
    >>> X.ravel().tolist(), s.tolist()
    ([1.0, 2.0], [1.0, 2.0])
    """
    used = weight > 0
    table = np.column_stack([y, X])[used] + 0.0  # −0 and 0 are one number
    order = np.lexsort(table.T[::-1])
    table = table[order]
    fresh = np.append(True, np.any(table[1:] != table[:-1], axis=1))
    return table[fresh, 1:], table[fresh, 0], np.add.reduceat(weight[used][order], np.flatnonzero(fresh))


class MultilayerPerceptron(BaseEstimator, ABC):
    """f(x) = W_L φ(… φ(W₀ x + b₀) …) + b_L: what the classifier and the regressor share."""

    def __init__(
        self,
        hidden_layer_sizes: Any = (64, 64),
        activation: str = "relu",
        *,
        solver: str = "auto",
        alpha: float = 1e-4,
        batch_size: int | str = "auto",
        learning_rate_init: float | str = "auto",
        max_iter: int = 100,
        tol: float = 1e-4,
        early_stopping: bool = True,
        validation_fraction: float = 0.1,
        n_iter_no_change: int = 20,
        random_state: Any = 0,
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.solver = solver
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate_init = learning_rate_init
        self.max_iter = max_iter
        self.tol = tol
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.random_state = random_state

    @abstractmethod
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit to X (n, p), y (n,), sample_weight (n,) or None."""

    def summary(self) -> str:
        """Layers, F and claims as text."""
        check_is_fitted(self)
        widths = " → ".join(str(size) for size in (self.n_features_in_, *(len(b) for b in self.intercepts_)))
        head = f"{type(self).__name__}: {widths}, {self.activation}, F = {self.loss_:.10g}"
        return "\n".join([head, f"  {self.trace_.stopped}", str(self.certificate_)])


class MLPRegressor(RegressorMixin, MultilayerPerceptron):
    """f = argmin Σᵢ sᵢ ½ (f(xᵢ) − yᵢ)² / Σ s + ½ (alpha / Σ s) ‖W‖², f(x) = W_L φ(… φ(W₀ x + b₀) …) + b_L.

    The squares are of the standardised target, W the weights for standardised columns. solver "adamw" (torch, the extra
    `infimum[networks]`) runs max_iter epochs of batches in float32, and with early_stopping returns the best epoch on
    held-out rows; "full-batch" minimises F itself, in NumPy, until the gradient is tol of its first. "auto" is
    full-batch for up to 100 different rows or no hidden layer (then F is convex and its gap proved), else adamw.

    Parameters: hidden_layer_sizes, () for none; activation ("relu", "tanh", "identity"); solver; alpha ≥ 0; max_iter;
    tol; random_state. For adamw alone: batch_size and learning_rate_init ("auto" or numbers), early_stopping,
    validation_fraction, n_iter_no_change (epochs without a gain of tol on the held-out rows); alpha then decays the
    weights apart from the loss.
    Attributes: coefs_ [(in, out)], intercepts_ [(out,)], loss_ (F), loss_curve_, n_iter_, certificate_, trace_; params_
    and penalty_, coefs_ and intercepts_ as one vector and their strengths in F.
    Raises ValueError for NaN, parameters out of range, y not numeric; TorchMissingError for adamw without torch.

    >>> import numpy as np
    >>> X = np.linspace(-1, 1, 40)[:, None]
    >>> model = MLPRegressor((8,), activation="tanh").fit(X, X.ravel() ** 2)
    >>> model.score(X, X.ravel() ** 2) > 0.999
    True
    """

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit to X (n, p), y (n,) numeric, sample_weight (n,) or None."""
        X, y = validated(self, X, y, {"y_numeric": True})
        X, y, weight = weighted_set(X, np.asarray(y, dtype=float), checked_weight(sample_weight, len(X)))
        return fitted(self, Squared(), (X, y, weight), Scales.of(X, y, weight))

    def predict(self, X: Any) -> np.ndarray:
        """f(x) of each row, (n,)."""
        return outputs(self, X)


class MLPClassifier(ClassesMixin, MultilayerPerceptron):
    """f = argmin Σᵢ sᵢ [log(1 + e^f(xᵢ)) − yᵢ f(xᵢ)] / Σ s + ½ (alpha / Σ s) ‖W‖²: the log-odds of two classes.

    f(x) = W_L φ(… φ(W₀ x + b₀) …) + b_L, W for standardised columns. For K > 2 classes the loss is multinomial and the
    last layer gives K − 1 contrasts of their scores. Parameters, attributes, solvers and errors as those of
    MLPRegressor, and classes_ (K,); y of one class raises ValueError.

    >>> import numpy as np
    >>> X = np.linspace(-1, 1, 40)[:, None]
    >>> model = MLPClassifier((8,), alpha=0.01).fit(X, np.where(abs(X.ravel()) < 0.5, "in", "out"))
    >>> model.predict([[0.0], [0.9]]).tolist()
    ['in', 'out']
    """

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit to X (n, p), y (n,) of K classes, sample_weight (n,) or None."""
        X, y = validated(self, X, y, {})
        self.classes_, coded = classes_of(self, y)
        X, coded, weight = weighted_set(X, coded, checked_weight(sample_weight, len(X)))
        if coded[0] == coded[-1]:
            raise ValueError("sample_weight leaves rows of one class only; MLPClassifier needs two")
        fitted(self, loss_of(self.classes_), (X, coded, weight), Scales.of(X, None, weight))
        self.problem_ = {**self.problem_, "classes": self.classes_, "class_weight": [1.0] * len(self.classes_)}
        return self

    def decision_function(self, X: Any) -> np.ndarray:
        """f(x), the log-odds of the second of two classes, (n,); the scores of more, (n, K)."""
        return scores_of(outputs(self, X))


def fitted(estimator: Any, loss: Loss, arrays: tuple[np.ndarray, ...], scales: Scales) -> Any:
    """The estimator with the attributes of its fit to (X, y, s), solved on the standardised, told on the given."""
    X, y, weight = arrays
    alpha, total = number_of("alpha", estimator.alpha), float(weight.sum())
    hidden = tuple(np.atleast_1d(estimator.hidden_layer_sizes).tolist())
    check_architecture(hidden, estimator.activation)
    inside = Perceptron((X - scales.centre) / scales.scale, hidden, estimator.activation, loss.outputs)
    target = (y - scales.level) / scales.spread / scales.rate
    objective = LikelihoodObjective.of(inside, loss, ElasticNet(l2=alpha / total), target, weight)
    solution = solved(estimator, objective)
    layout = inside.layout
    penalty = ElasticNet(l2=scales.strengths(alpha / total, layout))
    outside = LikelihoodObjective.of(replace(inside, X=X), loss, penalty, y, weight)
    estimator.params_ = scales.folded(solution.params, layout)
    how = solution.certificate
    estimator.certificate_ = certify(outside, estimator.params_, how.solver, how.iterations, how.tolerance)
    estimator.trace_, estimator.penalty_ = solution.trace, penalty
    blocks = list(layout.split(estimator.params_).values())
    estimator.coefs_, estimator.intercepts_ = blocks[::2], blocks[1::2]
    estimator.loss_ = outside.value(estimator.params_)
    estimator.loss_curve_ = [step.objective * scales.size for step in solution.trace.steps]
    estimator.n_iter_ = max(1, len(solution.trace.steps))
    estimator.problem_ = {
        "form": "network",
        "hidden": hidden,
        "activation": estimator.activation,
        "loss": loss.name,
        "l1": 0.0,
        "l2": penalty.l2,
        "lower": -np.inf,
        "classes": None,
    }
    return estimator


def solved(estimator: Any, objective: LikelihoodObjective) -> Solution:
    """argmin F, or what AdamW makes of it, from a random start, by the solver that the estimator names."""
    if estimator.solver not in ("auto", "adamw", "full-batch"):
        raise ValueError(f"solver = {estimator.solver!r}; there are: auto, adamw, full-batch")
    if not (isinstance(estimator.max_iter, int | np.integer) and estimator.max_iter >= 1):
        raise ValueError(f"max_iter = {estimator.max_iter!r}; expected a whole number ≥ 1")
    tolerance, model = number_of("tol", estimator.tol), objective.model
    rng = np.random.default_rng(check_random_state(estimator.random_state).randint(2**31))
    start = initial(model.layout, rng, estimator.activation)
    small = model.affine or len(objective.y) <= FEW
    if estimator.solver == "full-batch" or (estimator.solver == "auto" and small):
        return full_batch(objective, start, tolerance, estimator.max_iter)
    from infimum.networks.dense import Dense  # needs torch
    from infimum.solvers.stochastic import Training, adamw

    if estimator.early_stopping and not 0 < estimator.validation_fraction < 1:
        raise ValueError(f"validation_fraction = {estimator.validation_fraction!r}; expected a number between 0 and 1")
    training = Training(
        epochs=estimator.max_iter,
        batch_size=estimator.batch_size,
        learning_rate=estimator.learning_rate_init,
        validation_fraction=estimator.validation_fraction if estimator.early_stopping else 0.0,
        patience=estimator.n_iter_no_change,
        tolerance=tolerance,
    )
    network = replace(objective, model=Dense(model.X, model.hidden, model.activation, model.outputs))
    return adamw(network, start, rng, training=training)


def full_batch(objective: LikelihoodObjective, start: np.ndarray, tolerance: float, iterations: int) -> Solution:
    """argmin F near start: by the table if F is convex, else Levenberg–Marquardt, or gradient steps if n p is large."""
    if objective.model.affine:
        return SOLVERS[choose(objective)](objective, start)
    n, p = len(objective.y), len(start)
    if objective.model.outputs == 1 and n * p * min(n, p) <= SECOND_ORDER:
        return gauss_newton(objective, start, tolerance=tolerance, iterations=iterations)
    return gradient_descent(objective, start, tolerance=tolerance, epochs=iterations)


def outputs(estimator: Any, X: Any) -> np.ndarray:
    """f(x) of each row, (n,). Raises NotFittedError before fit, ValueError for another number or order of columns."""
    check_is_fitted(estimator)
    X = validate_data(estimator, X, reset=False, dtype=np.float64)
    hidden = tuple(len(b) for b in estimator.intercepts_[:-1])
    return Perceptron(X, hidden, estimator.activation, len(estimator.intercepts_[-1]))(estimator.params_)
