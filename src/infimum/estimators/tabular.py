"""argmin Σᵢ sᵢ ℓ(f(xᵢ), yᵢ) / Σ s + ½ λ ‖W‖², f the mean of k members: TabularRegressor, TabularClassifier, of counts.

The network is `models/tabular.py`'s: numbers as waves, members that share their products. It is trained by AdamW with a
dropout that the members of a row share, and the best epoch on held-out rows is kept.
"""

from abc import ABC, abstractmethod
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils.validation import check_is_fitted

from infimum.estimators.classes import ClassesMixin, scores_of
from infimum.estimators.evidence import EvidenceMixin, announced_by_epochs
from infimum.estimators.mlp import labelled, quantities
from infimum.estimators.mlp_poisson import counted
from infimum.estimators.mlp_summary import blocks_told
from infimum.estimators.tabular_training import outputs_of, trained
from infimum.losses.poisson import Poisson


class TabularNetwork(EvidenceMixin, BaseEstimator, ABC):
    """f(x) = mean over members m of f_m(x): what the tabular networks share."""

    def __init__(
        self,
        hidden_layer_sizes: Any = (128, 128),
        activation: str = "silu",
        *,
        members: int = 8,
        frequencies: int = 32,
        numbers: Any = "auto",
        alpha: float = 0.01,
        dropout: float | str = "auto",
        batch_size: int | str = "auto",
        learning_rate: str = "cosine",
        learning_rate_init: float | str = "auto",
        max_iter: int | str = "auto",
        early_stopping: bool = True,
        validation_fraction: float = 0.15,
        n_iter_no_change: int | str = "auto",
        precision: str = "auto",
        device: str = "cpu",
        hyperparameters: str = "default",
        random_state: Any = 0,
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.members = members
        self.frequencies = frequencies
        self.numbers = numbers
        self.alpha = alpha
        self.dropout = dropout
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.learning_rate_init = learning_rate_init
        self.max_iter = max_iter
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.precision = precision
        self.device = device
        self.hyperparameters = hyperparameters
        self.random_state = random_state

    @abstractmethod
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit to X (n, p), y (n,), sample_weight (n,) or None."""

    def summary(self) -> str:
        """Blocks of parameters, F, how the training ended, what went wrong in it, and the claims: text."""
        check_is_fitted(self)
        return blocks_told(self) + "\n" + str(self.certificate_)


class TabularRegressor(RegressorMixin, TabularNetwork):
    """f = argmin Σᵢ sᵢ ½ (f(xᵢ) − yᵢ)² / Σ s + ½ alpha ‖W‖², f the mean of `members` networks: for tables.

    Each number x comes as (u, A cos 2π(φu + c) + a), u = (x − μ)/σ drawn in smoothly beyond 3, with learned φ, c, A, a;
    then members look at all columns through scales of their own (±1 to begin with), go through the same hidden layers,
    and have a last layer each. Their losses are averaged in training, their outputs in prediction: by convexity
    ℓ(mean z) ≤ mean ℓ(z). Needs torch, the extra `infimum[networks]`.

    Parameters: hidden_layer_sizes, at least one; activation as for MLPRegressor; members ≥ 1; frequencies ≥ 1, waves a
    number; numbers, the places of the columns that are no codes ("auto": more than two different values); alpha ≥ 0,
    by which AdamW lets weights decay, relative to its step; dropout and learning_rate_init ("auto" or numbers; where
    both are "auto" and rows are held out, three trainings are tried for a quarter of the epochs, the best on those
    rows is repeated whole, and the best of the four is kept); batch_size ("auto": n / 16, between 32 and 256);
    max_iter, epochs ("auto": as many as 2000 steps take, between 40 and 120); n_iter_no_change ("auto": a third of
    them); learning_rate, early_stopping, validation_fraction, precision, device and random_state as for MLPRegressor;
    hyperparameters ("tuned": widths, depth, learning rate, dropout, alpha and the spread of the frequencies are
    searched for by successive halving, 18 candidates of which what is given here is the first, on three fifths of the
    rows held out in turn; it takes about fifteen times as long as "default").
    Attributes: params_ (all parameters, flat), recipe_ (all else of the network), loss_ (F with its penalty, by which
    AdamW lets weights decay instead of minimising it), loss_curve_, validation_loss_curve_, best_epoch_ (from 0),
    n_iter_, tried_ ({(learning rate, dropout, spread of the frequencies at the
    start, epochs): lowest held-out loss}), search_ (what was searched for, the loss of the choice and its optimism;
    None by default), certificate_, trace_, findings_, penalty_.
    Raises ValueError for NaN, parameters out of range, y not numeric; TorchMissingError without torch.
    Sources: Gorishniy, Rubachev & Babenko (2022); Holzmüller, Grinsztajn & Steinwart (2024); Gorishniy, Kotelnikov &
    Babenko (2025).

    >>> import numpy as np
    >>> X = np.linspace(-1, 1, 200)[:, None]
    >>> model = TabularRegressor((16,), members=2, max_iter=30).fit(X, np.sin(6 * X.ravel()))
    >>> model.score(X, np.sin(6 * X.ravel())) > 0.99
    True
    """

    @announced_by_epochs
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit to X (n, p), y (n,) numeric, sample_weight (n,) or None."""
        return trained(self, *quantities(self, X, y, sample_weight))

    def predict(self, X: Any) -> np.ndarray:
        """f(x) of each row, (n,)."""
        return outputs_of(self, X)


class TabularPoissonRegressor(RegressorMixin, TabularNetwork):
    """f = argmin Σᵢ sᵢ [e^f(xᵢ) − yᵢ f(xᵢ)] / Σ s + ½ alpha ‖W‖²: the logarithm of an expected count, for tables.

    Parameters, attributes and errors as those of TabularRegressor; y < 0, or 0 in every row, raises ValueError.

    >>> X = np.linspace(-1, 1, 200)[:, None]
    >>> model = TabularPoissonRegressor((16,), members=2, max_iter=10).fit(X, np.round(20 * X.ravel() ** 2))
    >>> bool(model.predict(X).min() > 0)
    True
    """

    @announced_by_epochs
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit to X (n, p), y (n,) ≥ 0, sample_weight (n,) or None."""
        return trained(self, *counted(self, X, y, sample_weight))

    def predict(self, X: Any) -> np.ndarray:
        """E[y given x] = e^f(x), (n,); +∞ where that overflows."""
        return np.asarray(Poisson().mean(outputs_of(self, X)))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.positive_only = True
        return tags


class TabularClassifier(ClassesMixin, TabularNetwork):
    """f = argmin Σᵢ sᵢ [log(1 + e^f(xᵢ)) − yᵢ f(xᵢ)] / Σ s + ½ alpha ‖W‖²: the log-odds of two classes, for tables.

    Of K > 2 classes the loss is multinomial and the last layers give K − 1 contrasts of their scores. Parameters,
    attributes and errors as those of TabularRegressor; class_weight as that of MLPClassifier; and classes_ (K,).

    >>> X = np.linspace(-1, 1, 200)[:, None]
    >>> model = TabularClassifier((16,), members=2, max_iter=30).fit(X, np.where(abs(X.ravel()) < 0.5, "in", "out"))
    >>> model.predict([[0.0], [0.9]]).tolist()
    ['in', 'out']
    """

    def __init__(
        self,
        hidden_layer_sizes: Any = (128, 128),
        activation: str = "silu",
        *,
        members: int = 8,
        frequencies: int = 32,
        numbers: Any = "auto",
        alpha: float = 0.01,
        dropout: float | str = "auto",
        class_weight: Any = None,
        batch_size: int | str = "auto",
        learning_rate: str = "cosine",
        learning_rate_init: float | str = "auto",
        max_iter: int | str = "auto",
        early_stopping: bool = True,
        validation_fraction: float = 0.15,
        n_iter_no_change: int | str = "auto",
        precision: str = "auto",
        device: str = "cpu",
        hyperparameters: str = "default",
        random_state: Any = 0,
    ) -> None:
        given = {name: value for name, value in locals().items() if name not in ("self", "__class__", "class_weight")}
        super().__init__(given.pop("hidden_layer_sizes"), given.pop("activation"), **given)
        self.class_weight = class_weight

    @announced_by_epochs
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit to X (n, p), y (n,) of K classes, sample_weight (n,) or None."""
        *rows, balance = labelled(self, X, y, sample_weight)
        trained(self, *rows)
        self.problem_ = {**self.problem_, "classes": self.classes_, "class_weight": balance.tolist()}
        return self

    def decision_function(self, X: Any) -> np.ndarray:
        """f(x), the log-odds of the second of two classes, (n,); the scores of more, (n, K)."""
        return scores_of(outputs_of(self, X))
