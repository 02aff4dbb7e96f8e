"""θ̂ = argmin_θ Σᵢ s̃ᵢ ℓ(xᵢᵀb + b₀, yᵢ) + Ω(b): the functional door."""

from typing import Any

import numpy as np

from infimum.losses import Loss
from infimum.models import Model
from infimum.models.scores import linear_in
from infimum.objective import LikelihoodObjective
from infimum.penalties.elastic_net import ElasticNet
from infimum.solvers import Solution
from infimum.solvers.choose import Solver, solve


def minimise(
    loss: Loss,
    penalty: ElasticNet,
    X: Any,
    y: Any,
    *,
    weight: Any = None,
    solver: str | Solver = "auto",
) -> Solution:
    """argmin over (b, b₀) of Σᵢ s̃ᵢ ℓ(xᵢᵀb + b₀, yᵢ) + Ω(b): params is (b, b₀), (p + 1,), or m times as many.

    X is (n, p), y and weight (n,); the penalty spares the intercept. To do without one, give for X the model
    `Linear(X, intercept=False)`. solver: "auto", "direct", "newton", "gradient", or a function from an objective to
    a solution, which may carry settings: `partial(prox_newton, tolerance=1e-6)`. Raises ValueError where X, y or
    weight do not fit together, hold NaN or infinities, or y is outside the domain of the loss.

    >>> import numpy as np
    >>> from infimum.losses import Squared
    >>> from infimum.penalties import ElasticNet
    >>> solution = minimise(Squared(), ElasticNet(), np.array([[0.0], [1.0], [2.0]]), np.array([1.0, 3.0, 5.0]))
    >>> solution.params.round(12).tolist(), str(solution.certificate.verdict("gap"))
    ([2.0, 1.0], 'CERTIFIED')
    """
    model = X if isinstance(X, Model) else None
    X, y, weight = checked_arrays(loss, model.jacobian(np.zeros(model.layout.size)) if model else X, y, weight)
    model = model or linear_in(X, loss.outputs)
    objective = LikelihoodObjective.of(model, loss, penalty, y, weight)
    return solve(objective, solver)


def checked_arrays(loss: Loss, X: Any, y: Any, weight: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """(X, y, weight) as float64 arrays (n, p), (n,), (n,), after checks that say what to do."""
    X, y = np.atleast_1d(np.ascontiguousarray(X, dtype=float)), np.asarray(y, dtype=float)
    if X.ndim != 2 or y.ndim != 1 or len(X) != len(y) or not len(y):
        raise ValueError(f"X has shape {X.shape} and y {y.shape}; expected (n, p) and (n,) with n ≥ 1")
    for name, array in (("X", X), ("y", y)):
        if not np.all(np.isfinite(array)):
            raise ValueError(f"{name} holds NaN or infinite values; fill or drop those rows first")
    if not loss.takes(y):
        code = ": code the two classes as 0 and 1" if loss.name == "logistic" else ""
        raise ValueError(f"y runs from {y.min():g} to {y.max():g}; the {loss.name} loss takes {loss.domain}{code}")
    if weight is None:
        return X, y, None
    weight = np.asarray(weight, dtype=float)
    if weight.shape != y.shape or not np.all(np.isfinite(weight) & (weight >= 0)) or not weight.sum() > 0:
        raise ValueError(f"weight has shape {weight.shape}; expected {y.shape}, finite, ≥ 0 and not all 0")
    return X, y, weight
