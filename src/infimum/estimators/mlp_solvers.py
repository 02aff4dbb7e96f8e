"""argmin F near a random start, by the solver that a multilayer perceptron names: the second half of its fit."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sklearn.utils import check_random_state

from infimum.estimators.parameters import number_of
from infimum.models.perceptron import initial
from infimum.objective import LikelihoodObjective
from infimum.solvers import Solution, Trace
from infimum.solvers.choose import SOLVERS, choose
from infimum.solvers.gauss_newton import gauss_newton
from infimum.solvers.gradient import gradient_descent

SECOND_ORDER = 3e10  # n p min(n, p): about a second for each second-order step
FEW = 100  # different rows up to which nothing can be held out, and the whole table is the batch


@dataclass(frozen=True)
class Found:
    """(ŵ, trace, by whom, how many iterations, to what tolerance): a fit to standardised data."""

    params: np.ndarray
    trace: Trace
    solver: str
    iterations: int
    tolerance: float


def solved(estimator: Any, objective: LikelihoodObjective) -> Found:
    """argmin F, or what AdamW makes of it, from a random start, by the solver that the estimator names."""
    if estimator.solver not in ("auto", "adamw", "full-batch"):
        raise ValueError(f"solver = {estimator.solver!r}; there are: auto, adamw, full-batch")
    if not (isinstance(estimator.max_iter, int | np.integer) and estimator.max_iter >= 1):
        raise ValueError(f"max_iter = {estimator.max_iter!r}; expected a whole number ≥ 1")
    tolerance, model = number_of("tol", estimator.tol), objective.model
    rng = np.random.default_rng(check_random_state(estimator.random_state).randint(2**31))
    start = initial(model.layout, rng, estimator.activation)
    small, smoothing = model.affine or len(objective.y) <= FEW, getattr(estimator, "label_smoothing", 0.0)
    drawn = [
        f"{name} = {value}" for name, value in (("dropout", estimator.dropout), ("label_smoothing", smoothing)) if value
    ]
    if estimator.solver == "full-batch" and drawn:
        raise ValueError(
            f"solver = 'full-batch' minimises F itself; {' and '.join(drawn)} there are with 'adamw' alone"
        )
    if estimator.solver == "full-batch" or (estimator.solver == "auto" and small and not drawn):
        solution = full_batch(objective, start, tolerance, estimator.max_iter)
        how = solution.certificate
        return Found(solution.params, solution.trace, how.solver, how.iterations, how.tolerance)
    from infimum.networks.dense import Dense  # needs torch
    from infimum.solvers.stochastic import trained_by_adamw
    from infimum.solvers.training import Training

    if estimator.early_stopping and not 0 < estimator.validation_fraction < 1:
        raise ValueError(f"validation_fraction = {estimator.validation_fraction!r}; expected a number between 0 and 1")
    training = Training(
        epochs=estimator.max_iter,
        batch_size=estimator.batch_size,
        learning_rate=estimator.learning_rate_init,
        validation_fraction=estimator.validation_fraction if estimator.early_stopping else 0.0,
        patience=estimator.n_iter_no_change,
        tolerance=tolerance,
        schedule=estimator.learning_rate,
        dropout=estimator.dropout,
        precision=estimator.precision,
        label_smoothing=smoothing,
    )
    network = replace(objective, model=Dense(model.X, model.hidden, model.activation, model.outputs))
    w, trace = trained_by_adamw(network, start, rng, training, estimator.checkpoint)
    return Found(w, trace, "AdamW", len(trace.steps), 0.0)


def full_batch(objective: LikelihoodObjective, start: np.ndarray, tolerance: float, iterations: int) -> Solution:
    """argmin F near start: by the table if F is convex, else Levenberg–Marquardt, or gradient steps if n p is large."""
    if objective.model.affine:
        return SOLVERS[choose(objective)](objective, start)
    n, p = len(objective.y), len(start)
    if objective.model.outputs == 1 and n * p * min(n, p) <= SECOND_ORDER:
        return gauss_newton(objective, start, tolerance=tolerance, iterations=iterations)
    return gradient_descent(objective, start, tolerance=tolerance, epochs=iterations)
