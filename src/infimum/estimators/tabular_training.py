"""(ŵ, trace) of a tabular network: three characters tried briefly, the best trained whole, the lowest kept.

The second half of the fits of `tabular.py`. The characters are steps, dropouts and spreads of frequencies that did best
on some folds of public tables: on rules that hold, on smooth ones, and on classes that overlap.
"""

import math
from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from infimum.diagnoses.training import OF_ANY, findings_of
from infimum.estimators.mlp import Arrays
from infimum.estimators.mlp_solvers import Found, evident
from infimum.estimators.parameters import number_of
from infimum.estimators.standardised import Scales
from infimum.losses import Loss
from infimum.models.tabular import REACH, Recipe, Tabular
from infimum.objective import LikelihoodObjective
from infimum.penalties.elastic_net import ElasticNet
from infimum.solvers import Trace
from infimum.solvers.training import Training

CHARACTERS = ((0.01, 0.1, 0.5), (0.01, 0.1, 0.2), (0.003, 0.3, 0.5))  # η, dropout, spread: bold, smooth, careful
TRIAL = 0.25  # of the epochs, to choose among them
LEAST, MOST, PARTS = 32, 256, 16  # rows of a batch: n / 16 within those
STEPS, EPOCHS = 2000, (40, 120)  # of a training: epochs for so many steps, within those


Trial = tuple[float, float, float, int]  # η, dropout, spread, epochs


def trained(estimator: Any, loss: Loss, arrays: Arrays, scales: Scales) -> Any:
    """The estimator with the attributes of its fit to (X, y, s): trained on a standardised target, told on its own."""
    X, y, weight = arrays
    alpha = number_of("alpha", estimator.alpha)
    model = Tabular(X, recipe_of(estimator, X, scales), loss.outputs)
    target = (y - scales.level) / scales.spread / scales.rate
    inside = LikelihoodObjective.of(model, loss, ElasticNet(l2=alpha), target, weight)
    w, trace, estimator.tried_ = best_of(estimator, inside)
    strengths = model.rescaled(np.where(model.layout.free, 0.0, alpha * scales.size), scales.spread**-2)
    params = model.rescaled(w, scales.spread, scales.level + math.log(scales.rate))
    penalty = ElasticNet(l2=strengths)
    outside = LikelihoodObjective.of(model, loss, penalty, y, weight)
    evident(estimator, outside, Found(params, trace, "AdamW", len(trace.steps), 0.0), scales)
    estimator.findings_ = findings_of(inside, model(w), trace, OF_ANY)
    estimator.recipe_, estimator.outputs_ = model.recipe, loss.outputs
    estimator.problem_ = {"recipe": model.recipe.to_json(), **estimator.problem_}
    return estimator


def recipe_of(estimator: Any, X: np.ndarray, scales: Scales) -> Recipe:
    """The network that the parameters ask for, on columns like those of X (n, p).

    A code is scaled by √(σ² + (max |x − μ| / 3)²), so that a rare level is no further off than a number can be.
    """
    numbers, automatic = estimator.numbers, isinstance(estimator.numbers, str) and estimator.numbers == "auto"
    if automatic:
        numbers = [j for j, column in enumerate(X.T) if len(np.unique(column)) > 2]
    if isinstance(numbers, str) or not np.iterable(numbers) or not set(numbers) <= set(range(X.shape[1])):
        raise ValueError(f"numbers = {numbers!r}; expected 'auto' or places of columns, from 0 to {X.shape[1] - 1}")
    places = sorted({int(j) for j in numbers})
    farthest = np.abs(X - scales.centre).max(axis=0)
    farthest[places] = 0.0
    spread = np.hypot(scales.scale, farthest / REACH)
    hidden = tuple(np.atleast_1d(estimator.hidden_layer_sizes).tolist())
    sizes = estimator.activation, estimator.members, estimator.frequencies
    return Recipe(tuple(scales.centre.tolist()), tuple(spread.tolist()), tuple(places), hidden, *sizes)


def best_of(estimator: Any, objective: LikelihoodObjective) -> tuple[np.ndarray, Trace, dict[Trial, float]]:
    """(ŵ, trace, {(η, dropout, spread, epochs): lowest loss on the rows held out}) of the lowest.

    Three are tried briefly, the best is trained whole; where noise is soon learned the trial stays the best.
    """
    from infimum.solvers.stochastic import trained_by_adamw

    seed = check_random_state(estimator.random_state).randint(2**31)
    plan = plan_of(estimator, len(objective.y))

    def run(how: Trial) -> tuple[np.ndarray, Trace]:
        rng = np.random.default_rng(seed)  # the same start and held-out rows each time
        training = replace(plan, learning_rate=how[0], dropout=how[1], epochs=how[3])
        return trained_by_adamw(objective, objective.model.start(rng, how[2]), rng, training)

    def lowest(how: Trial) -> float:
        return lowest_held_out(found[how][1])

    both = estimator.dropout == "auto" and estimator.learning_rate_init == "auto" and estimator.early_stopping
    found = {how: run(how) for how in ((*each, math.ceil(TRIAL * plan.epochs)) for each in CHARACTERS * both)}
    given, own = (estimator.learning_rate_init, estimator.dropout), CHARACTERS[0]
    rate, share = (usual if each == "auto" else each for each, usual in zip(given, own, strict=False))
    whole = (*min(found, key=lowest, default=(rate, share, own[2], 0))[:3], plan.epochs)
    found[whole] = run(whole)
    return *found[min(found, key=lowest)], {how: lowest(how) for how in found}


def plan_of(estimator: Any, rows: int) -> Training:
    """How the parameters ask for a training on so many rows, but for the step and the dropout."""
    fraction = estimator.validation_fraction if estimator.early_stopping else 0.0
    if estimator.early_stopping and not 0 < fraction < 1:
        raise ValueError(f"validation_fraction = {fraction!r}; expected a number between 0 and 1")
    batch, epochs, patience = estimator.batch_size, estimator.max_iter, estimator.n_iter_no_change
    batch = min(MOST, max(LEAST, rows // PARTS)) if batch == "auto" else batch
    for name, value in (("max_iter", epochs), ("n_iter_no_change", patience)):
        if value != "auto" and not (isinstance(value, int | np.integer) and value >= 1):
            raise ValueError(f"{name} = {value!r}; expected 'auto' or a whole number ≥ 1")
    if epochs == "auto":
        epochs = int(np.clip(math.ceil(STEPS * batch / rows), *EPOCHS)) if isinstance(batch, int) else 1
    return Training(
        epochs=epochs,
        batch_size=batch,
        validation_fraction=fraction,
        patience=math.ceil(epochs / 3) if patience == "auto" else patience,
        schedule=estimator.learning_rate,
        precision=estimator.precision,
    )


def lowest_held_out(trace: Trace) -> float:
    """The lowest mean loss on the rows held out from a training; +∞ where no epoch has a finite one."""
    return min((step.measure for step in trace.steps if np.isfinite(step.measure)), default=np.inf)


def outputs_of(estimator: Any, X: Any) -> np.ndarray:
    """f(x) of each row, (n,) or (n, m). Raises NotFittedError before fit, ValueError for other columns."""
    check_is_fitted(estimator)
    X = validate_data(estimator, X, reset=False, dtype=np.float64)
    return Tabular(X, estimator.recipe_, estimator.outputs_)(estimator.params_)
