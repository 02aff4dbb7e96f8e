"""(loss, penalty, model) → solver: the table."""

import time
from collections.abc import Callable
from dataclasses import replace

from infimum.kernels.parts import sharing
from infimum.models import Params
from infimum.objective import LikelihoodObjective
from infimum.solvers import Solution
from infimum.solvers.direct import least_squares
from infimum.solvers.gradient import gradient_descent
from infimum.solvers.prox_newton import prox_newton
from infimum.solvers.scores import scores_newton

Solver = Callable[[LikelihoodObjective], Solution]

SOLVERS: dict[str, Callable[..., Solution]] = {
    "direct": least_squares,
    "newton": prox_newton,
    "scores": scores_newton,
    "gradient": gradient_descent,
}


def solve(
    objective: LikelihoodObjective,
    solver: str | Solver = "auto",
    tolerance: float = 1e-10,
    start: Params | None = None,
) -> Solution:
    """argmin F by the named solver, the table's ("auto"), or a function; the certificate carries the seconds it took.

    Tolerance and start go to solvers of the table; a function carries its own. Raises ValueError for a name not in it.
    """
    begun = time.perf_counter()
    if callable(solver):
        solution = solver(objective)
    else:
        name = choose(objective) if solver == "auto" else solver
        if name not in SOLVERS:
            raise ValueError(f"solver = {solver!r}; there are: auto, {', '.join(sorted(SOLVERS))}, or give a function")
        with sharing(len(objective.y), objective.model.layout.size):
            solution = SOLVERS[name](objective, start, tolerance=tolerance)
    return replace(solution, certificate=replace(solution.certificate, seconds=time.perf_counter() - begun))


def choose(objective: LikelihoodObjective) -> str:
    """solver(ℓ, Ω, f): the name of the solver that serves the problem best.

    | model | loss | penalty | solver |
    |---|---|---|---|
    | affine | squared | none, ridge | direct |
    | affine | softmax | elastic net | scores |
    | affine | any other convex | elastic net, bounds | newton |
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
    if objective.loss.name == "softmax":
        return "scores"
    return "direct" if objective.loss.name == "squared" and objective.penalty.smooth else "newton"
