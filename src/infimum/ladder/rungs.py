"""constant < linear < ridge < lasso < elastic net < additive < products < network: from simple to complex."""

from dataclasses import dataclass

import numpy as np

from infimum.losses import Loss
from infimum.losses.logistic import Logistic
from infimum.losses.multinomial import Multinomial
from infimum.losses.poisson import Poisson
from infimum.losses.squared import Squared
from infimum.models import Model
from infimum.models.scores import linear_in
from infimum.tables.natural import short
from infimum.tables.task import Task

PLAIN = {  # the rung without a penalty
    "regression": ("least squares", "Least squares"),
    "classification": ("logistic", "Logistic regression"),
    "counts": ("poisson", "Poisson regression"),
}
OUTCOMES = {
    "regression": "the target",
    "classification": "the log-odds",
    "counts": "the logarithm of the expected count",
}


@dataclass(frozen=True)
class Rung:
    """A model of θ̂ = argmin mean loss + Ω: its name, what it assumes, and which strength is chosen inside the fold.

    `penalised` is "", "l1", "l2" or "both"; `form` is "constant", "linear", "additive" (curves of numbers, with
    `products` also products of columns) or "network".
    """

    name: str
    title: str
    assumes: str
    form: str
    penalised: str = ""
    products: bool = False

    def model(self, X: np.ndarray, columns: tuple[str, ...] = (), outputs: int = 1) -> Model:
        """z = f(w) on the rows X (n, p), whose columns may have names; `outputs` numbers a row. A network's is `Fit`'s.

        Of an additive model X is what its basis makes of a table's features, in which it is linear.
        """
        if self.form == "constant":
            X, columns = np.ascontiguousarray(X[:, :0]), ()
        return linear_in(X, outputs, columns=columns)


def rungs_for(task: str, classes: int = 2) -> tuple[Rung, ...]:
    """(constant, linear, ridge, lasso, …, network) for 'regression', 'classification' or 'counts', simplest first.

    Of more than two classes nothing is sparse: which weights are zero would depend on how scores are compared.

    >>> [rung.name for rung in rungs_for("regression")]
    ['constant', 'least squares', 'ridge', 'lasso', 'elastic net', 'additive', 'products', 'network']
    """
    several = task == "classification" and classes > 2
    outcome = "the score of each class" if several else OUTCOMES[task]
    plain, title = PLAIN[task]
    title = "Multinomial regression" if several else title
    constant = "Class prior" if task == "classification" else "Mean"
    few = "a weighted sum of a few columns: most weights are zero"
    sparse = (
        Rung("lasso", "Lasso", few, "linear", "l1"),
        Rung("elastic net", "Elastic net", f"{few}, and columns that move together share theirs", "linear", "both"),
    )
    curves = f"{outcome} is a sum of smooth curves, one a number, and a weight for each level"
    return (
        Rung("constant", constant, f"no column says anything about {outcome}", "constant"),
        Rung(plain, title, f"{outcome} is a weighted sum of the columns, every weight free", "linear"),
        Rung("ridge", "Ridge regression", "a weighted sum, all weights small: a normal prior on them", "linear", "l2"),
        *(() if several else sparse),
        Rung("additive", "Additive model", curves, "additive", "l2"),
        Rung(
            "products",
            "Additive model with products",
            f"{curves}; some columns change the effect of others",
            "additive",
            "l2",
            True,
        ),
        Rung(
            "network",
            "Neural network",
            f"{outcome} is a function of all columns together: the mean of 8 networks that see numbers as waves",
            "network",
        ),
    )


def loss_for(task: Task) -> Loss:
    """ℓ = squared for regression, Poisson's for counts, logistic for two classes, multinomial for more."""
    if task.classes is None:
        return Poisson() if task.kind == "counts" else Squared()
    return (
        Logistic()
        if len(task.classes) == 2
        else Multinomial(len(task.classes), tuple(short(label, 40) for label in task.classes))
    )
