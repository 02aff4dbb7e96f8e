"""(ŵ, trace) of a tabular network: three characters tried briefly, the best trained whole, the lowest kept.

The second half of the fits of `tabular.py`. The characters are steps, dropouts and spreads of frequencies that did best
on some folds of public tables: on rules that hold, on smooth ones, and on classes that overlap.
"""

import copy
import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from infimum.diagnoses.training import OF_ANY, findings_of
from infimum.estimators.evidence import attributes_of
from infimum.estimators.memory import check_room
from infimum.estimators.mlp import Arrays
from infimum.estimators.mlp_solvers import Found, evident
from infimum.estimators.parameters import number_of
from infimum.estimators.standardised import Scales
from infimum.estimators.tuning import Candidate, searched
from infimum.losses import Loss
from infimum.models.chain_rule import layout_of
from infimum.models.tabular import REACH, Recipe, Tabular
from infimum.objective import LikelihoodObjective
from infimum.penalties.elastic_net import ElasticNet
from infimum.solvers import Trace
from infimum.solvers.checkpoint import Course
from infimum.solvers.training import Training

CHARACTERS = ((0.01, 0.1, 0.5), (0.01, 0.1, 0.2), (0.003, 0.3, 0.5))  # η, dropout, spread: bold, smooth, careful
TRIAL = 0.25  # of the epochs, to choose among them
LEAST, MOST, PARTS = 32, 256, 16  # rows of a batch: n / 16 within those
STEPS, EPOCHS = 2000, (40, 120)  # of a training: epochs for so many steps, within those


@dataclass(frozen=True)
class Task:
    """(the estimator, ℓ, (X, y, s), their scales, how it is trained, the seed): a fit before it is made."""

    estimator: Any
    loss: Loss
    arrays: Arrays
    scales: Scales
    plan: Training
    seed: int

    @cached_property
    def recipe(self) -> Recipe:
        """The network that the parameters ask for."""
        return recipe_of(self.estimator, self.arrays[0], self.scales)

    @property
    def first(self) -> Candidate:
        """The hyperparameters as they are given; what is left open as in the first of the characters."""
        given, (rate, share, spread) = self.estimator, CHARACTERS[0]
        rate = rate if given.learning_rate_init == "auto" else given.learning_rate_init
        share = share if given.dropout == "auto" else given.dropout
        return Candidate(self.recipe.hidden, rate, share, number_of("alpha", given.alpha), spread)

    def posed(self, how: Candidate) -> LikelihoodObjective:
        """F of the network with those layers and that decay, on a standardised target."""
        (X, y, weight), scales = self.arrays, self.scales
        model = Tabular(X, replace(self.recipe, hidden=how.hidden), self.loss.outputs)
        target = (y - scales.level) / scales.spread / scales.rate
        return LikelihoodObjective.of(model, self.loss, ElasticNet(l2=how.decay), target, weight)

    def run(self, how: Candidate, epochs: int) -> tuple[np.ndarray, Trace]:
        """(ŵ, trace) of so many epochs, of which callbacks are told if they are all; what is drawn, by the seed."""
        from infimum.solvers.stochastic import trained_by_adamw

        F, rng = self.posed(how), np.random.default_rng(self.seed)
        start = F.model.start(rng, how.spread)  # type: ignore[attr-defined]
        training = replace(self.plan, learning_rate=how.rate, dropout=how.dropout, epochs=epochs)
        tell = vars(self.estimator).get("_tell_epoch") if epochs == self.plan.epochs else None

        def watch(course: Course) -> bool:
            found = np.array(course.arrays[0], dtype=float), Trace(course.steps, "")
            return bool(tell(lambda: attributes_of(self.told(copy.copy(self.estimator), how, found))))

        return trained_by_adamw(F, start, rng, training, None, watch if tell else None)

    def told(self, estimator: Any, how: Candidate, found: tuple[np.ndarray, Trace]) -> Any:
        """The estimator with the attributes of what was found, on the target as given."""
        (w, trace), (_, y, weight), scales = found, self.arrays, self.scales
        inside = self.posed(how)
        model: Any = inside.model
        strengths = model.rescaled(np.where(model.layout.free, 0.0, how.decay * scales.size), scales.spread**-2)
        params = model.rescaled(w, scales.spread, scales.level + math.log(scales.rate))
        outside = LikelihoodObjective.of(model, self.loss, ElasticNet(l2=strengths), y, weight)
        evident(estimator, outside, Found(params, trace, "AdamW", len(trace.steps), 0.0), scales)
        estimator.findings_ = findings_of(inside, model(w), trace, OF_ANY)
        estimator.recipe_, estimator.outputs_ = model.recipe, self.loss.outputs
        estimator.problem_ = {"recipe": model.recipe.to_json(), **estimator.problem_}
        return estimator


def trained(estimator: Any, loss: Loss, arrays: Arrays, scales: Scales) -> Any:
    """The estimator with the attributes of its fit to (X, y, s): trained on a standardised target, told on its own."""
    if estimator.hyperparameters not in ("default", "tuned"):
        raise ValueError(f"hyperparameters = {estimator.hyperparameters!r}; expected 'default' or 'tuned'")
    seed = check_random_state(estimator.random_state).randint(2**31)
    task = Task(estimator, loss, arrays, scales, plan_of(estimator, len(arrays[1])), seed)
    parameters = layout_of(task.recipe.chain(loss.outputs)).size
    check_room(parameters, f"hidden_layer_sizes = {estimator.hidden_layer_sizes!r}")
    if estimator.hyperparameters == "tuned":
        estimator.search_ = searched(task.posed, task.plan, task.first, seed, scales.size)
        whole = estimator.search_.chosen, task.plan.epochs
        found = {whole: task.run(*whole)}
    else:
        estimator.search_, found = None, tried_of(task)
    lowest = {each: lowest_held_out(trace) for each, (_, trace) in found.items()}
    size = scales.size
    estimator.tried_ = {(c.rate, c.dropout, c.spread, epochs): size * loss for (c, epochs), loss in lowest.items()}
    best = min(lowest, key=lambda each: lowest[each])
    return task.told(estimator, best[0], found[best])


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


def tried_of(task: Task) -> dict[tuple[Candidate, int], tuple[np.ndarray, Trace]]:
    """{(how, epochs): (ŵ, trace)}: three characters tried briefly, the one of lowest loss held out trained whole.

    Where noise is soon learned the brief one stays the best. Step and dropout that are given are trained at once.
    """
    given, plan = task.estimator, task.plan
    both = given.dropout == "auto" and given.learning_rate_init == "auto" and given.early_stopping
    brief = math.ceil(TRIAL * plan.epochs)
    hows = [replace(task.first, rate=rate, dropout=share, spread=spread) for rate, share, spread in CHARACTERS * both]
    found = {(how, brief): task.run(how, brief) for how in hows}
    best, _ = min(found, key=lambda each: lowest_held_out(found[each][1]), default=(task.first, 0))
    return {**found, (best, plan.epochs): task.run(best, plan.epochs)}


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
        device=estimator.device,
    )


def lowest_held_out(trace: Trace) -> float:
    """The lowest mean loss on the rows held out from a training; +∞ where no epoch has a finite one."""
    return min((step.measure for step in trace.steps if np.isfinite(step.measure)), default=np.inf)


def outputs_of(estimator: Any, X: Any) -> np.ndarray:
    """f(x) of each row, (n,) or (n, m). Raises NotFittedError before fit, ValueError for other columns."""
    check_is_fitted(estimator)
    X = validate_data(estimator, X, reset=False, dtype=np.float64)
    return Tabular(X, estimator.recipe_, estimator.outputs_)(estimator.params_)
