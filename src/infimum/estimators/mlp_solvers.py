"""argmin F near a random start, by the solver that a multilayer perceptron names: the second half of its fit."""

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from sklearn.utils import check_random_state

from infimum.certificates.certify import certify
from infimum.diagnoses.remedies import Setting, Tried, remedied, usual_start
from infimum.diagnoses.training import findings_of
from infimum.estimators.choosing import is_count
from infimum.estimators.parameters import number_of
from infimum.estimators.standardised import Scales
from infimum.models.layout import Layout
from infimum.objective import LikelihoodObjective
from infimum.solvers import Solution, Trace
from infimum.solvers.choose import SOLVERS, choose
from infimum.solvers.gauss_newton import gauss_newton
from infimum.solvers.gradient import gradient_descent
from infimum.solvers.greedy import greedy

SECOND_ORDER = 3e10  # n p min(n, p): about a second for each second-order step
INITS = ("random", "greedy")
FEW = 100  # different rows up to which nothing can be held out, and the whole table is the batch


@dataclass(frozen=True)
class Found:
    """(ŵ, trace, by whom, how many iterations, to what tolerance): a fit to standardised data.

    network is the model that the parameters are of, where a remedy may have changed it; tried, what was tried.
    """

    params: np.ndarray
    trace: Trace
    solver: str
    iterations: int
    tolerance: float
    network: Any = None
    tried: tuple[Tried, ...] = ()


def takes_parts(estimator: Any) -> bool:
    """solver ≠ "full-batch": whether there is a `partial_fit`. Raises AttributeError, which says why, where not."""
    if estimator.solver == "full-batch":
        raise AttributeError("partial_fit takes steps of AdamW, and solver = 'full-batch' none: set solver='auto'")
    return True


def solved(
    estimator: Any, objective: LikelihoodObjective, before: np.ndarray | None = None, watch: Any = None
) -> Found:
    """argmin F, or what AdamW makes of it, from a random start or `before`, by the solver that the estimator names.

    watch is told of every epoch of AdamW, and may end it.
    """
    if estimator.solver not in ("auto", "adamw", "full-batch"):
        raise ValueError(f"solver = {estimator.solver!r}; there are: auto, adamw, full-batch")
    if not (isinstance(estimator.max_iter, int | np.integer) and estimator.max_iter >= 1):
        raise ValueError(f"max_iter = {estimator.max_iter!r}; expected a whole number ≥ 1")
    check_starts(estimator)
    if estimator.remedy not in (None, "try"):
        raise ValueError(f"remedy = {estimator.remedy!r}; expected None or 'try'")
    tolerance, model = number_of("tol", estimator.tol), objective.model
    seed = check_random_state(estimator.random_state).randint(2**31)
    rng = np.random.default_rng(seed)
    small, smoothing = model.affine or len(objective.y) <= FEW, getattr(estimator, "label_smoothing", 0.0)
    asked = {"dropout": estimator.dropout, "label_smoothing": smoothing, "device": estimator.device}
    other = [f"{name} = {value!r}" for name, value in asked.items() if value not in (0, "cpu")]
    if estimator.solver == "full-batch" and other:
        raise ValueError(
            f"solver = 'full-batch' minimises F itself; {' and '.join(other)} there are with 'adamw' alone"
        )
    if estimator.solver == "full-batch" or (estimator.solver == "auto" and small and not other):
        several = 1 if model.affine or before is not None else estimator.n_init
        starts = [start_of(estimator, before, objective, rng) for _ in range(several)]
        solutions = (full_batch(objective, start, tolerance, estimator.max_iter) for start in starts)
        solution = min(solutions, key=lambda each: objective.value(each.params))
        how = solution.certificate
        return Found(solution.params, solution.trace, how.solver, how.iterations, how.tolerance)
    if estimator.n_init > 1:
        raise ValueError(f"n_init = {estimator.n_init}; several starts there are with solver = 'full-batch' alone")
    start = partial(start_of, estimator, before)
    setting = Setting(objective, training_of(estimator, tolerance, smoothing), start)
    w, trace = setting.trained(seed, estimator.checkpoint, watch)
    tried: tuple[Tried, ...] = ()
    if estimator.remedy == "try":
        changed, tried = remedied(setting, findings_of(objective, model(w), trace), seed)
        if changed is not setting:
            w, trace = changed.trained(seed, estimator.checkpoint, watch)
            model = changed.objective.model
    return Found(w, trace, "AdamW", len(trace.steps), 0.0, model, tried)


def training_of(estimator: Any, tolerance: float, smoothing: float) -> Any:
    """What AdamW is told, a `Training`. Raises ValueError for a fraction held out of none or all."""
    from infimum.solvers.training import Training

    if estimator.early_stopping and not 0 < estimator.validation_fraction < 1:
        raise ValueError(f"validation_fraction = {estimator.validation_fraction!r}; expected a number between 0 and 1")
    for name in ("max_iter", "n_iter_no_change"):
        value = getattr(estimator, name)
        if not (is_count(value) and value >= 1):
            raise ValueError(f"{name} = {value!r}; expected a whole number ≥ 1")
    rate = estimator.learning_rate_init
    if rate != "auto" and (isinstance(rate, str) or not 0 < rate < np.inf):
        raise ValueError(f"learning_rate_init = {rate!r}; expected 'auto' or a positive number")
    return Training(
        epochs=estimator.max_iter,
        batch_size=estimator.batch_size,
        learning_rate=estimator.learning_rate_init,
        validation_fraction=estimator.validation_fraction if estimator.early_stopping else 0.0,
        patience=estimator.n_iter_no_change,
        tolerance=tolerance,
        schedule=estimator.learning_rate,
        dropout=estimator.dropout,
        precision=estimator.precision,
        device=estimator.device,
        label_smoothing=smoothing,
    )


def check_starts(estimator: Any) -> None:
    """init ∈ INITS, n_init ≥ 1: raises ValueError otherwise."""
    if estimator.init not in INITS:
        raise ValueError(f"init = {estimator.init!r}; there are: {', '.join(INITS)}")
    if not is_count(estimator.n_init) or estimator.n_init < 1:
        raise ValueError(f"n_init = {estimator.n_init!r}; expected a whole number ≥ 1")


def fit_before(estimator: Any, layout: Layout, scales: Scales) -> np.ndarray | None:
    """w (p,) that predicts what the fit before does, on rows standardised by these scales; None without warm_start.

    Raises ValueError where that fit had other layers, another activation, other columns or classes.
    """
    if not estimator.warm_start or "params_" not in vars(estimator):
        return None
    told = estimator.problem_
    now = {"hidden": tuple(np.atleast_1d(estimator.hidden_layer_sizes).tolist()), "activation": estimator.activation}
    then = {name: told[name] for name in now}
    classes = vars(estimator).get("classes_")
    same = classes is None or np.array_equal(classes, told["classes"])
    if then != now or layout.size != len(estimator.params_) or not same:
        unlike = "; ".join(f"{name} {then[name]!r}, now {now[name]!r}" for name in now if then[name] != now[name])
        raise ValueError(
            f"warm_start goes on from the last fit, of another network ({unlike or 'other columns or classes'}): "
            "take a fresh estimator, or set warm_start=False"
        )
    if estimator.remedy == "try":
        raise ValueError("remedy = 'try' starts anew, and warm_start goes on: leave one of them out")
    return scales.unfolded(estimator.params_, layout)


def start_of(
    estimator: Any, before: np.ndarray | None, objective: LikelihoodObjective, rng: np.random.Generator
) -> np.ndarray:
    """w₀ (p,): that of the fit before, else drawn without a look at the target, or chosen greedily."""
    if before is not None:
        return before
    if estimator.init == "greedy" and not objective.model.affine:
        return greedy(objective, rng)
    return usual_start(objective, rng)


def full_batch(objective: LikelihoodObjective, start: np.ndarray, tolerance: float, iterations: int) -> Solution:
    """argmin F near start: by the table if F is convex, else Levenberg–Marquardt, or gradient steps if n p is large."""
    if objective.model.affine:
        return SOLVERS[choose(objective)](objective, start)
    n, p = len(objective.y), len(start)
    if objective.model.outputs == 1 and n * p * min(n, p) <= SECOND_ORDER:
        return gauss_newton(objective, start, tolerance=tolerance, iterations=iterations)
    return gradient_descent(objective, start, tolerance=tolerance, epochs=iterations)


def evident(estimator: Any, outside: LikelihoodObjective, found: Found, scales: Scales) -> np.ndarray:
    """z = f(w), (n,): the estimator gets F(w), its claims, its trace and what `infimum.verify` checks, all as given."""
    slope, steps = outside.slope(found.params), found.trace.steps
    how = found.solver, found.iterations, found.tolerance
    estimator.params_, estimator.penalty_, estimator.trace_ = found.params, outside.penalty, found.trace
    estimator.certificate_ = certify(outside, found.params, *how, slope)
    estimator.loss_ = slope.mean_loss + outside.penalty.value(found.params)
    estimator.loss_curve_ = [step.objective * scales.size for step in steps]
    held = found.trace.facts.get("held_out_rows", 0)
    estimator.validation_loss_curve_ = [step.measure * scales.size for step in steps] if held else None
    estimator.best_epoch_ = found.trace.facts.get("best_epoch") if held else None
    estimator.n_iter_ = max(1, len(steps))
    strengths = {"l1": 0.0, "l2": outside.penalty.l2, "lower": -np.inf}
    estimator.problem_ = {"form": "network", "loss": outside.loss.name, **strengths, "classes": None}
    return slope.z
