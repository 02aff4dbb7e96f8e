"""(loss, penalty, model) → solver: the table."""

from collections.abc import Callable

import numpy as np

from infimum.objective import LikelihoodObjective
from infimum.solvers import Solution
from infimum.solvers.direct import least_squares
from infimum.solvers.gradient import gradient_descent
from infimum.solvers.newton import prox_newton

Solver = Callable[..., Solution]

SOLVERS: dict[str, Solver] = {
    "direct": least_squares,
    "newton": prox_newton,
    "gradient": gradient_descent,
}


def choose(objective: LikelihoodObjective) -> str:
    """solver(ℓ, Ω, f): the name of the solver that serves the problem best.

    | model | loss | penalty | solver |
    |---|---|---|---|
    | affine | squared | none, ridge | direct |
    | affine | any convex | elastic net, bounds | newton |
    | other | any | any | gradient |

    >>> import numpy as np
    >>> from infimum.losses.squared import Squared
    >>> from infimum.models.linear import Linear
    >>> from infimum.penalties.elastic_net import ElasticNet
    >>> choose(LikelihoodObjective.of(Linear(np.eye(2)), Squared(), ElasticNet(l1=0.1), np.zeros(2)))
    'newton'
    """
    if not objective.model.affine:
        return "gradient"
    penalty = objective.penalty
    smooth = not np.any(penalty.l1) and not np.any(np.isfinite(penalty.lower) | np.isfinite(penalty.upper))
    return "direct" if objective.loss.name == "squared" and smooth else "newton"
