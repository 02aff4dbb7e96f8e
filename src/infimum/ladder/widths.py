"""m ↦ error of the network with m units a hidden layer, on the folds of every rung: what a wider one would bring.

The rung's own width is among them, with the errors it has there; the others are trained as it is, by the same rule and
from the same random states.
"""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from infimum.ladder.fit import Sample, network_estimator, network_of
from infimum.ladder.problem import Problem
from infimum.ladder.rows import Clock, Row, Splits, Tell, errors_of
from infimum.ladder.rungs import Rung
from infimum.ladder.time_left import cost_of, costs_of_widths
from infimum.ladder.words import INTERRUPTED
from infimum.models.tabular import Tabular

WIDTHS = (8, 16, 32, 64, 128, 256)
CURVE = "width curve"


@dataclass(frozen=True)
class Widths:
    """(units a hidden layer, hidden layers, parameters, errors of each width in each fold of the first partition)."""

    depth: int
    own: int
    widths: tuple[int, ...]
    parameters: tuple[int, ...]
    errors: tuple[tuple[float, ...], ...]

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {key: np.asarray(value).tolist() for key, value in asdict(self).items()}


def others(problem: Problem) -> tuple[tuple[int, ...], tuple[float, ...]]:
    """(the widths but that of the rung, what a fit of each costs, that of the rung being 1)."""
    (own, *_) = network_estimator(problem.loss)().hidden_layer_sizes
    widths = tuple(m for m in WIDTHS if m != own)
    return widths, tuple(costs_of_widths(widths, own))


def steps_of(problem: Problem, rungs: tuple[Rung, ...]) -> list[float]:
    """The cost of each fit of the curve, m by m, fold by fold; none where there is no network."""
    network = [cost_of(rung) for rung in rungs if rung.form == "network"]
    return [cost * each for cost in network for each in others(problem)[1] for _ in range(problem.folds.k)]


def widths_of(
    problem: Problem, splits: Splits, rungs: tuple[tuple[Rung, ...], list[Row]], clock: Clock, tell: Tell
) -> tuple[Widths | None, tuple[tuple[str, str], ...]]:
    """(the width curve of the network rung, what is missing of it with the reason); None where nothing was trained."""
    at = next((i for i, (rung, _) in enumerate(zip(*rungs, strict=False)) if rung.form == "network"), None)
    if at is None:
        return None, ((CURVE, "no network was fitted"),)
    k, row, stopped = problem.folds.k, rungs[1][at], ""
    recipe = row.fits[0].recipe
    depth, own = len(recipe.hidden), recipe.hidden[0]  # type: ignore[union-attr]
    found = {own: (len(row.fits[0].params), tuple(row.errors[:k].tolist()))}
    widths, _ = others(problem)
    for m in widths:
        stopped = clock.stopped
        if stopped:
            break
        try:
            found[m] = _at_width((m,) * depth, (problem, splits, at), tell, k * (len(found) - 1))
        except KeyboardInterrupt:
            stopped = INTERRUPTED
            break
    sizes = sorted(found)
    counts, errors = zip(*(found[m] for m in sizes), strict=True)
    curve = Widths(depth, own, tuple(sizes), counts, errors) if len(sizes) > 1 else None
    return curve, ((missing([m for m in widths if m not in found], curve), stopped),) if stopped else ()


def missing(widths: list[int], curve: Widths | None) -> str:
    """The curve, or those of its widths that are not in it.

    >>> missing([64, 256], None), missing([64, 256], Widths(2, 128, (8, 128), (1, 2), ((1.0,), (1.0,))))
    ('width curve', 'width curve at 64 and 256 units')
    """
    return f"{CURVE} at {' and '.join(map(str, widths))} units" if curve else CURVE


def _at_width(
    hidden: tuple[int, ...], given: tuple[Problem, Splits, int], tell: Tell, done: int
) -> tuple[int, tuple[float, ...]]:
    """(parameters, error in each fold) of the network with those hidden layers."""
    (problem, splits, i), errors, count = given, [], 0
    for j in range(problem.folds.k):
        tell(f"network of {hidden[0]} units, fold {problem.folds.named(j)}", done + j)
        (encoder, X), train, held = splits[j], problem.folds.train(j), problem.folds.held(j)
        network = network_of(Sample(problem.loss, X[train], problem.y[train], encoder), [problem.seed, i, j], hidden)
        z = Tabular(X[held], network.recipe_, problem.loss.outputs)(network.params_)
        errors.append(errors_of(problem.metric, z, problem.y[held])[1])
        count = len(network.params_)
    return count, tuple(errors)
