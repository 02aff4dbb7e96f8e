"""constant < least squares (or logistic) < ridge < lasso < network: the models in order of complexity."""

from dataclasses import dataclass

import numpy as np

from infimum.losses import Loss
from infimum.losses.logistic import Logistic
from infimum.losses.squared import Squared
from infimum.models import Model
from infimum.models.linear import Linear
from infimum.models.perceptron import Perceptron

HIDDEN = (64, 64)


@dataclass(frozen=True)
class Rung:
    """A model of θ̂ = argmin mean loss + Ω: its name, what it assumes, and which strength is chosen inside the fold.

    `penalised` is "", "l1" or "l2"; `form` is "constant", "linear" or "network".
    """

    name: str
    title: str
    assumes: str
    form: str
    penalised: str = ""

    def model(self, X: np.ndarray, columns: tuple[str, ...] = ()) -> Model:
        """z = f(w) on the rows X (n, p), whose columns may have names."""
        if self.form == "network":
            return Perceptron(X, HIDDEN)
        return Linear(np.ascontiguousarray(X[:, :0])) if self.form == "constant" else Linear(X, columns=columns)


def rungs_for(task: str) -> tuple[Rung, ...]:
    """(constant, linear, ridge, lasso, network) for 'regression' or 'classification', simplest first.

    >>> [rung.name for rung in rungs_for("regression")]
    ['constant', 'least squares', 'ridge', 'lasso', 'network']
    """
    outcome = "the target" if task == "regression" else "the log-odds"
    plain, title = ("least squares", "Least squares") if task == "regression" else ("logistic", "Logistic regression")
    constant = "Mean" if task == "regression" else "Class prior"
    return (
        Rung("constant", constant, f"no column says anything about {outcome}", "constant"),
        Rung(plain, title, f"{outcome} is a weighted sum of the columns, every weight free", "linear"),
        Rung("ridge", "Ridge regression", "a weighted sum, all weights small: a normal prior on them", "linear", "l2"),
        Rung("lasso", "Lasso", "a weighted sum of a few columns: most weights are zero", "linear", "l1"),
        Rung(
            "network",
            "Neural network",
            f"{outcome} is a smooth function of all columns together, {HIDDEN[0]} × {HIDDEN[1]} hidden units",
            "network",
        ),
    )


def loss_for(task: str) -> Loss:
    """ℓ = squared for regression, logistic for classification."""
    return Squared() if task == "regression" else Logistic()
