"""GradientDescent(learning_rate, epochs, method): gradient descent to be watched, as a solver for `minimise`."""

from dataclasses import dataclass

import numpy as np

from infimum.models import Params
from infimum.objective import LikelihoodObjective
from infimum.solvers import Solution
from infimum.solvers.gradient import gradient_descent
from infimum.solvers.stochastic_descent import stochastic_gradient_descent

METHODS = ("plain", "accelerated", "stochastic")


@dataclass(frozen=True)
class GradientDescent:
    """w ← prox_ηΩ(w − η ∇f(w)), plain, accelerated or on random batches of rows; called, it solves an objective.

    learning_rate is η, "auto" the step that theory allows (1/λ_max; on batches 1 over the steepest row's curvature);
    epochs bounds the passes over the data; batch_size and seed are for "stochastic" alone. The trace of the solution
    prints the loss and step of each epoch, 2/λ_max, and the rate that is proven, with its assumptions. Raises
    ValueError for a method that is not in the table or a learning rate that is not positive.

    >>> import numpy as np
    >>> from infimum import Squared, minimise
    >>> from infimum.penalties import ElasticNet
    >>> X, y = np.array([[0.0], [1.0], [2.0]]), np.array([1.0, 3.0, 5.0])
    >>> solution = minimise(Squared(), ElasticNet(), X, y, solver=GradientDescent(learning_rate=5.0, method="plain"))
    >>> "set learning_rate='auto'" in solution.trace.stopped
    True
    """

    learning_rate: float | str = "auto"
    epochs: int = 10_000
    method: str = "accelerated"
    batch_size: int = 32
    seed: int = 0

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise ValueError(f"method = {self.method!r}; there are: {', '.join(METHODS)}")

    def __call__(
        self, objective: LikelihoodObjective, start: Params | None = None, *, tolerance: float = 1e-10
    ) -> Solution:
        """argmin F from `start` (None: 0), (p,), with the trace of how it went."""
        rate, epochs = self.learning_rate, self.epochs
        if self.method != "stochastic":
            accelerated = self.method == "accelerated"
            return gradient_descent(
                objective, start, tolerance=tolerance, epochs=epochs, learning_rate=rate, accelerated=accelerated
            )
        w = np.zeros(objective.model.layout.size) if start is None else start
        rng = np.random.default_rng(self.seed)
        return stochastic_gradient_descent(
            objective, w, rng, epochs=epochs, batch_size=self.batch_size, learning_rate=rate
        )
