"""m ↦ error of the network with m units a hidden layer, on the folds of every rung: what a wider one would bring.

The rung's own width is among them, with the errors it has there; the others are trained as it is, by the same rule and
from the same random states.
"""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from infimum.ladder.fit import Sample, network_of
from infimum.ladder.problem import Problem
from infimum.ladder.rows import Clock, Row, Splits, Tell, errors_of
from infimum.ladder.rungs import Rung
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


def widths_of(
    problem: Problem, splits: Splits, rungs: tuple[tuple[Rung, ...], list[Row]], clock: Clock, tell: Tell
) -> tuple[Widths | None, str]:
    """(the width curve of the network rung, why widths are missing from it or ""); None where nothing was trained."""
    at = next((i for i, (rung, _) in enumerate(zip(*rungs, strict=False)) if rung.form == "network"), None)
    if at is None:
        return None, "no network was fitted"
    row, stopped = rungs[1][at], ""
    recipe = row.fits[0].recipe
    depth, own = len(recipe.hidden), recipe.hidden[0]  # type: ignore[union-attr]
    found = {own: (len(row.fits[0].params), tuple(row.errors[: problem.folds.k].tolist()))}
    for m in (each for each in WIDTHS if each != own):
        stopped = clock.stopped
        if stopped:
            break
        try:
            found[m] = _at_width((m,) * depth, (problem, splits, at), tell)
        except KeyboardInterrupt:
            stopped = INTERRUPTED
            break
    sizes = sorted(found)
    counts, errors = zip(*(found[m] for m in sizes), strict=True)
    return Widths(depth, own, tuple(sizes), counts, errors) if len(sizes) > 1 else None, stopped


def _at_width(hidden: tuple[int, ...], given: tuple[Problem, Splits, int], tell: Tell) -> tuple[int, tuple[float, ...]]:
    """(parameters, error in each fold) of the network with those hidden layers."""
    (problem, splits, i), errors, count = given, [], 0
    for j in range(problem.folds.k):
        tell(f"network of {hidden[0]} units, fold {problem.folds.named(j)}", 0)
        (encoder, X), train, held = splits[j], problem.folds.train(j), problem.folds.held(j)
        network = network_of(Sample(problem.loss, X[train], problem.y[train], encoder), [problem.seed, i, j], hidden)
        z = Tabular(X[held], network.recipe_, problem.loss.outputs)(network.params_)
        errors.append(errors_of(problem.metric, z, problem.y[held])[1])
        count = len(network.params_)
    return count, tuple(errors)
