"""argmin over (widths, η, dropout, λ, spread) of loss held out: the hyperparameters of a tabular network, searched for.

The first candidate is what the parameters say, the others are drawn at random around what RealMLP and TabM were tuned
within (Holzmüller et al. 2024, table C.2; Gorishniy et al. 2025). All of it happens on the rows of one fit: in
cross-validation, inside the fold.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from infimum.evaluation.folds import assign_folds
from infimum.evaluation.halving import Race, race
from infimum.objective import LikelihoodObjective
from infimum.solvers.training import Training

CANDIDATES = 18
FOLDS, SPLITS = 5, 3  # a fifth of the rows is held out, three times
WIDTHS, DEPTHS = (64, 128, 256), (1, 2, 3)
RATES, DROPOUTS, DECAYS, SPREADS = (1e-3, 2e-2), (0.0, 0.1, 0.2, 0.3, 0.5), (1e-4, 0.1), (0.1, 0.2, 0.5, 1.0)


@dataclass(frozen=True)
class Candidate:
    """(hidden layers, highest step, dropout, λ, spread of the frequencies at the start)."""

    hidden: tuple[int, ...]
    rate: float
    dropout: float
    decay: float
    spread: float

    def __str__(self) -> str:
        """As a line of a summary."""
        widths = " × ".join(map(str, self.hidden))
        rest = f"dropout {self.dropout:g}, alpha {self.decay:.2g}, frequencies {self.spread:g}"
        return f"{widths} units, learning rate {self.rate:.2g}, {rest}"


Posed = Callable[[Candidate], LikelihoodObjective]  # the network of a candidate on all rows


@dataclass(frozen=True)
class Search:
    """The candidates, their race, and ℓ on the scale of y over ℓ in the race."""

    candidates: tuple[Candidate, ...]
    race: Race
    size: float

    @property
    def chosen(self) -> Candidate:
        """The one that was chosen."""
        return self.candidates[self.race.chosen]

    @property
    def loss(self) -> float:
        """Its mean loss on the rows that were held out in the search."""
        return self.size * self.race.loss

    @property
    def optimism(self) -> float:
        """By how much that loss is too low for having been searched for."""
        return self.size * self.race.optimism

    def __str__(self) -> str:
        """The candidates of the last round, lowest first, and what the search is worth: a line each."""
        last = sorted((each for each in self.race.trials if each.part == 1), key=lambda each: each.loss)
        lines = [
            f"{'→' if each.candidate == self.race.chosen else ' '} {self.candidates[each.candidate]}: "
            f"{self.size * each.loss:.5g}{_beyond(self.size * each.standard_error)}"
            for each in last
        ]
        worth = f"{self.loss:.5g} held out, {self.loss + self.optimism:.5g} where the rows did not choose"
        worth += f": any {SPLITS - 1} of {SPLITS} splits choose the same" * (self.optimism == 0)
        return "\n".join([f"the last {len(last)} of {len(self.candidates)} candidates tried", *lines, f"  {worth}"])


def searched(posed: Posed, plan: Training, first: Candidate, seed: int, size: float) -> Search:
    """The search for a network that `plan` trains, beginning with `first`; ℓ on y as given is `size` times its own.

    Raises ValueError where rows, or those of a class, are too few for five folds.
    """
    rng, posed = np.random.default_rng(seed), cache(posed)
    candidates = (first, *(drawn(rng) for _ in range(CANDIDATES - 1)))
    F = posed(first)
    fold = assign_folds(F.y, FOLDS, rng, F.loss.task == "classification")
    null = F.loss.null(F.y, F.weight)
    worst = null + abs(null)  # beyond it all are useless alike

    def losses(c: int, part: float, j: int) -> np.ndarray:
        from infimum.solvers.stochastic import trained_by_adamw

        each, learned, held = candidates[c], np.flatnonzero(fold != j), np.flatnonzero(fold == j)
        objective: Any = posed(each).rows(learned)
        state = np.random.default_rng([seed, j])  # the same rows inside, and the same start, for all of one shape
        epochs = math.ceil(part * plan.epochs)
        training = replace(plan, learning_rate=each.rate, dropout=each.dropout, epochs=epochs)
        w, _ = trained_by_adamw(objective, objective.model.start(state, each.spread), state, training)
        found = F.loss.values(posed(each).model.rows(held)(w), F.y[held])
        weight = F.weight[held] / F.weight[held].mean()
        return weight * (found if weight @ found < len(held) * worst else worst)

    sizes = [posed(each).model.layout.size for each in candidates]
    return Search(candidates, race(sizes, losses, SPLITS), size)


def drawn(rng: np.random.Generator) -> Candidate:
    """A candidate at random: widths and shares from lists, the step and λ evenly in their logarithms."""
    rate, decay = (float(np.exp(rng.uniform(*np.log(ends)))) for ends in (RATES, DECAYS))
    width, depth, dropout, spread = (each[int(rng.integers(len(each)))] for each in (WIDTHS, DEPTHS, DROPOUTS, SPREADS))
    return Candidate((int(width),) * int(depth), rate, float(dropout), decay, float(spread))


def _beyond(error: float) -> str:
    return f" (± {error:.2g} from the lowest)" if error else ""
