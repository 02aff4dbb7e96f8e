"""argmin Σᵢ sᵢ ℓ(f(xᵢ), yᵢ) / Σ s + ½ (alpha / Σ s) ‖W‖²: MLPClassifier and MLPRegressor.

W are the weights of all layers, for standardised columns (and, in regression, a standardised target); biases are not
penalised. The fit is folded back: `coefs_` and `intercepts_` apply to X as given, and `certificate_` speaks of F on X
as given, where each weight has the strength that its column's scale gives it (`penalty_`). The rows count as a weighted
set, so that a fit depends neither on their order nor on whether a row is written twice or has weight 2.
"""

import copy
from abc import ABC, abstractmethod
from dataclasses import replace
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted, validate_data

from infimum.diagnoses.training import findings_of
from infimum.estimators.classes import ClassesMixin, class_weights, classes_of, loss_of, scores_of
from infimum.estimators.evidence import EvidenceMixin, announced_by_epochs, attributes_of
from infimum.estimators.memory import check_room
from infimum.estimators.mlp_solvers import Found, evident, fit_before, solved, takes_parts
from infimum.estimators.mlp_summary import layers_told
from infimum.estimators.parameters import number_of
from infimum.estimators.rows import checked_weight, validated
from infimum.estimators.standardised import Scales, weighted_set
from infimum.losses import Loss
from infimum.losses.squared import Squared
from infimum.models.perceptron import Perceptron, check_architecture, dense_layout
from infimum.objective import LikelihoodObjective
from infimum.penalties.elastic_net import ElasticNet
from infimum.solvers import Trace
from infimum.solvers.checkpoint import Course

Arrays = tuple[np.ndarray, ...]  # X, y, s


class MultilayerPerceptron(EvidenceMixin, BaseEstimator, ABC):
    """f(x) = W_L φ(… φ(W₀ x + b₀) …) + b_L: what the classifier and the regressor share."""

    def __init__(
        self,
        hidden_layer_sizes: Any = (64, 64),
        activation: str = "relu",
        *,
        solver: str = "auto",
        alpha: float = 1e-4,
        batch_size: int | str = "auto",
        learning_rate: str = "cosine",
        learning_rate_init: float | str = "auto",
        max_iter: int = 100,
        tol: float = 1e-4,
        early_stopping: bool = True,
        validation_fraction: float = 0.1,
        n_iter_no_change: int = 20,
        dropout: float = 0.0,
        precision: str = "auto",
        device: str = "cpu",
        checkpoint: Any = None,
        init: str = "random",
        n_init: int = 1,
        remedy: str | None = None,
        warm_start: bool = False,
        random_state: Any = 0,
    ) -> None:
        self.hidden_layer_sizes, self.activation = hidden_layer_sizes, activation
        self.solver, self.alpha = solver, alpha
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.learning_rate_init = learning_rate_init
        self.max_iter = max_iter
        self.tol = tol
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.dropout, self.precision, self.device = dropout, precision, device
        self.checkpoint = checkpoint
        self.init, self.n_init = init, n_init
        self.remedy, self.warm_start = remedy, warm_start
        self.random_state = random_state

    @abstractmethod
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit to X (n, p), y (n,), sample_weight (n,) or None."""

    def summary(self) -> str:
        """Layers with their sizes and costs, F, how the training ended, what went wrong in it, and the claims: text."""
        check_is_fitted(self)
        return layers_told(self) + "\n" + str(self.certificate_)


class MLPRegressor(RegressorMixin, MultilayerPerceptron):
    """f = argmin Σᵢ sᵢ ½ (f(xᵢ) − yᵢ)² / Σ s + ½ (alpha / Σ s) ‖W‖², f(x) = W_L φ(… φ(W₀ x + b₀) …) + b_L.

    The squares are of the standardised target, W the weights for standardised columns. solver "adamw" (torch, the extra
    `infimum[networks]`) runs max_iter epochs of batches in float32, and with early_stopping returns the best epoch on
    held-out rows; "full-batch" minimises F itself, in NumPy, until the gradient is tol of its first. "auto" is
    full-batch for up to 100 different rows or no hidden layer (then F is convex and its gap proved), else, and with
    dropout or label_smoothing, adamw.

    Parameters: hidden_layer_sizes, () for none; activation ("relu", "tanh", "selu", "silu", "mish", "identity");
    solver; alpha ≥ 0; max_iter; tol; random_state; warm_start (begin where the last fit ended, on other rows or with
    other settings of the training); init ("random", or "greedy": each unit of the last hidden layer is
    that of many, bent at quantiles of the rows, which explains most of what others leave). For full-batch alone: n_init
    (starts, of which the lowest F is kept). For adamw alone: batch_size and learning_rate_init ("auto" or
    numbers), learning_rate (how it changes: "cosine", "one_cycle", "constant"), early_stopping, validation_fraction,
    n_iter_no_change (epochs without a gain of tol on the held-out rows), dropout (the share of each hidden layer left
    out of a step), precision (of the products in training: "auto", "float32", "bfloat16"), device (where torch takes
    the steps: "cpu", "cuda", …; evidence and predictions are the processor's, in float64), remedy ("try": the remedies
    of what is found are tried in pairs on rows set apart, and the fit is repeated with the one that gains most, if it
    is by more than its interval: `diagnoses/remedies.py`), checkpoint (a file kept up
    to date meanwhile: the same fit, after it was killed, goes on from there to the same bits, and deletes it); alpha
    then decays the weights apart from the loss.
    Attributes: coefs_ [(in, out)], intercepts_ [(out,)], loss_ (F), loss_curve_, validation_loss_curve_ (by epoch, None
    where nothing is held out), best_epoch_ (from 0), n_iter_, certificate_; trace_, its
    `readings` what the network looked like from inside; findings_, what went wrong in training it and what to change;
    remedies_, which of them were tried, what they gained, and which was kept;
    params_ and penalty_, coefs_ and intercepts_ as one vector and their strengths in F.
    Raises ValueError for NaN, parameters out of range, y not numeric; TorchMissingError for adamw without torch.

    >>> import numpy as np
    >>> X = np.linspace(-1, 1, 40)[:, None]
    >>> model = MLPRegressor((8,), activation="tanh").fit(X, X.ravel() ** 2)
    >>> model.score(X, X.ravel() ** 2) > 0.999
    True
    """

    @announced_by_epochs
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit to X (n, p), y (n,) numeric, sample_weight (n,) or None."""
        return fitted(self, *quantities(self, X, y, sample_weight))

    @available_if(takes_parts)
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """An epoch more, at the highest step, on rows (n, p), y (n,): see `mlp_partial.py`."""
        from infimum.estimators.mlp_partial import partly_fitted

        return partly_fitted(self, *quantities(self, X, y, sample_weight, "_carried" not in vars(self)))

    def predict(self, X: Any) -> np.ndarray:
        """f(x) of each row, (n,)."""
        return outputs(self, X)


class MLPClassifier(ClassesMixin, MultilayerPerceptron):
    """f = argmin Σᵢ sᵢ [log(1 + e^f(xᵢ)) − yᵢ f(xᵢ)] / Σ s + ½ (alpha / Σ s) ‖W‖²: the log-odds of two classes.

    f(x) = W_L φ(… φ(W₀ x + b₀) …) + b_L, W for standardised columns. For K > 2 classes the loss is multinomial and the
    last layer gives K − 1 contrasts of their scores. Parameters, attributes, solvers and errors as those of
    MLPRegressor; class_weight (None, "balanced" or {class: weight}: sᵢ is multiplied by that of its class, in F as
    well); label_smoothing (adamw alone: that share of a label goes to all classes alike, while training); and classes_
    (K,). y of one class raises ValueError.

    >>> import numpy as np
    >>> X = np.linspace(-1, 1, 40)[:, None]
    >>> model = MLPClassifier((8,), alpha=0.01).fit(X, np.where(abs(X.ravel()) < 0.5, "in", "out"))
    >>> model.predict([[0.0], [0.9]]).tolist()
    ['in', 'out']
    """

    def __init__(
        self,
        hidden_layer_sizes: Any = (64, 64),
        activation: str = "relu",
        *,
        solver: str = "auto",
        alpha: float = 1e-4,
        batch_size: int | str = "auto",
        learning_rate: str = "cosine",
        learning_rate_init: float | str = "auto",
        max_iter: int = 100,
        tol: float = 1e-4,
        early_stopping: bool = True,
        validation_fraction: float = 0.1,
        n_iter_no_change: int = 20,
        dropout: float = 0.0,
        label_smoothing: float = 0.0,
        class_weight: Any = None,
        precision: str = "auto",
        device: str = "cpu",
        checkpoint: Any = None,
        init: str = "random",
        n_init: int = 1,
        remedy: str | None = None,
        warm_start: bool = False,
        random_state: Any = 0,
    ) -> None:
        given = {name: value for name, value in locals().items() if name not in ("self", "__class__")}
        own = {name: given.pop(name) for name in ("label_smoothing", "class_weight")}
        super().__init__(given.pop("hidden_layer_sizes"), given.pop("activation"), **given)
        self.label_smoothing, self.class_weight = own["label_smoothing"], own["class_weight"]

    @announced_by_epochs
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit to X (n, p), y (n,) of K classes, sample_weight (n,) or None."""
        *rows, balance = labelled(self, X, y, sample_weight)
        fitted(self, *rows)
        self.problem_ = {**self.problem_, "classes": self.classes_, "class_weight": balance.tolist()}
        return self

    @available_if(takes_parts)
    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> Self:
        """An epoch more, at the highest step, on rows (n, p), y (n,): see `mlp_partial.py`.

        classes (K,) are all that there will be, those of y unless said at the first call.
        """
        from infimum.estimators.mlp_partial import partly_fitted, partly_labelled

        *rows, balance = partly_labelled(self, X, y, classes, sample_weight)
        partly_fitted(self, *rows)
        self.problem_ = {**self.problem_, "classes": self.classes_, "class_weight": balance.tolist()}
        return self

    def decision_function(self, X: Any) -> np.ndarray:
        """f(x), the log-odds of the second of two classes, (n,); the scores of more, (n, K)."""
        return scores_of(outputs(self, X))


def quantities(estimator: Any, X: Any, y: Any, sample_weight: Any, first: bool = True) -> tuple[Loss, Arrays, Scales]:
    """(squared loss, (X, y, s) as a weighted set, what standardises it), checked. Raises ValueError for bad input."""
    X, y = validated(estimator, X, y, {"y_numeric": True, "reset": first})
    X, y, weight = weighted_set(X, np.asarray(y, dtype=float), checked_weight(sample_weight, len(X)))
    return Squared(), (X, y, weight), Scales.of(X, y, weight)


def labelled(estimator: Any, X: Any, y: Any, sample_weight: Any) -> tuple[Loss, Arrays, Scales, np.ndarray]:
    """(the loss of the classes, (X, codes, s) as a weighted set, scales of X, c (K,) that weighs the classes), checked.

    The estimator gets its classes_. Raises ValueError for bad input, and where one class alone has weight.
    """
    X, y = validated(estimator, X, y, {})
    estimator.classes_, coded = classes_of(estimator, y)
    weight = checked_weight(sample_weight, len(X))
    balance = class_weights(estimator.class_weight, estimator.classes_, y, None if sample_weight is None else weight)
    X, coded, weight = weighted_set(X, coded, weight * balance[coded.astype(int)])
    if coded[0] == coded[-1]:
        raise ValueError(f"the weights leave rows of one class only; {type(estimator).__name__} needs two")
    return loss_of(estimator.classes_), (X, coded, weight), Scales.of(X, None, weight), balance


def fitted(estimator: Any, loss: Loss, arrays: Arrays, scales: Scales) -> Any:
    """The estimator with the attributes of its fit to (X, y, s), solved on the standardised, told on the given."""
    vars(estimator).pop("_carried", None)  # of `partial_fit`
    objective = standardised(estimator, loss, arrays, scales)
    before = fit_before(estimator, objective.model.layout, scales)
    tell = vars(estimator).get("_tell_epoch")

    def watch(course: Course) -> bool:
        now = Found(np.array(course.arrays[0], dtype=float), Trace(course.steps, ""), "AdamW", course.epoch, 0.0)
        return bool(tell(lambda: attributes_of(told(copy.copy(estimator), objective, (arrays, scales), now))))

    found = solved(estimator, objective, before, watch if tell else None)
    return told(estimator, objective, (arrays, scales), found)


def standardised(estimator: Any, loss: Loss, arrays: Arrays, scales: Scales) -> LikelihoodObjective:
    """F of the network that the parameters ask for, on rows and target as the scales make them."""
    (X, y, weight), alpha = arrays, number_of("alpha", estimator.alpha)
    hidden = tuple(np.atleast_1d(estimator.hidden_layer_sizes).tolist())
    check_architecture(hidden, estimator.activation)
    shapes = dense_layout(X.shape[1], hidden, loss.outputs)
    check_room(shapes.size, f"hidden_layer_sizes = {estimator.hidden_layer_sizes!r}")
    inside = Perceptron((X - scales.centre) / scales.scale, hidden, estimator.activation, loss.outputs)
    target = (y - scales.level) / scales.spread / scales.rate
    return LikelihoodObjective.of(inside, loss, ElasticNet(l2=alpha / weight.sum()), target, weight)


def told(estimator: Any, objective: LikelihoodObjective, given: tuple[Arrays, Scales], found: Found) -> Any:
    """The estimator with the attributes of what was found, on data as given."""
    ((X, y, weight), scales), loss, inside = given, objective.loss, objective.model
    if found.network is not None:
        inside = replace(inside, hidden=found.network.hidden, activation=found.network.activation)
    layout, strength = inside.layout, number_of("alpha", estimator.alpha) / float(weight.sum())
    penalty = ElasticNet(l2=scales.strengths(strength, layout))
    outside = LikelihoodObjective.of(replace(inside, X=X), loss, penalty, y, weight)
    outputs = evident(estimator, outside, replace(found, params=scales.folded(found.params, layout)), scales)
    estimator.remedies_ = found.tried
    estimator.findings_ = findings_of(objective, outputs, found.trace) if found.solver == "AdamW" else ()
    blocks = list(layout.split(estimator.params_).values())
    estimator.coefs_, estimator.intercepts_ = blocks[::2], blocks[1::2]
    estimator.problem_ = {"hidden": inside.hidden, "activation": inside.activation, **estimator.problem_}
    return estimator


def outputs(estimator: Any, X: Any) -> np.ndarray:
    """f(x) of each row, (n,). Raises NotFittedError before fit, ValueError for another number or order of columns."""
    check_is_fitted(estimator)
    X = validate_data(estimator, X, reset=False, dtype=np.float64)
    hidden = tuple(len(b) for b in estimator.intercepts_[:-1])
    return Perceptron(X, hidden, estimator.problem_["activation"], len(estimator.intercepts_[-1]))(estimator.params_)
