"""argmin over candidates of loss held out, most of them given up early: successive halving, and what it is worth.

All are tried for a ninth of the work, the best third goes on to a third of it, the best third of those to the whole
(Jamieson & Talwalkar 2016; 1/η = 1/3 as in Hyperband). They are compared on the same rows held out, trained from the
same random states; the simplest of the last round that is not worse by a standard error of its difference from the
lowest is chosen (Breiman et al. 1984).

The lowest of many losses is low by luck too. So each split is also predicted by the candidate that the same search
picks from the other splits alone: the difference of the two means is the optimism of the search.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from jaxtyping import Float

PARTS = (1 / 9, 1 / 3, 1.0)  # of the work
KEPT = 1 / 3  # of the candidates

Losses = Callable[[int, float, int], Float[np.ndarray, " n"]]  # (candidate, part of the work, split) ↦ ℓ of its rows


@dataclass(frozen=True)
class Trial:
    """A candidate in a round: its mean loss held out, ± the standard error of its difference from the lowest there."""

    candidate: int
    part: float
    loss: float
    standard_error: float


@dataclass(frozen=True)
class Race:
    """ℓ(chosen) + optimism = ℓ(unseen): all trials, the candidate chosen, its mean loss, and what of it is luck."""

    trials: tuple[Trial, ...]
    chosen: int
    loss: float
    optimism: float

    @property
    def corrected(self) -> float:
        """The loss to expect of the candidate chosen on rows that did not choose it."""
        return self.loss + self.optimism


def race(sizes: Sequence[float], losses: Losses, splits: int) -> Race:
    """argmin over candidates c of mean ℓ_c, by rounds: sizes say which is simplest, the first is in the last round.

    losses(c, part, j) are those of the rows that split j holds out, of candidate c after that part of the work. Raises
    ValueError for fewer than two splits.

    >>> right = lambda c, part, j: np.full(4, abs(c - 2.0)) + np.arange(4) + j
    >>> found = race([1, 2, 3, 4], right, 3)
    >>> found.chosen, found.loss, found.optimism
    (2, 2.5, 0.0)
    """
    if splits < 2:
        raise ValueError(f"splits = {splits}; a search that is to know its optimism takes 2 or more")
    kept, every = cache(losses), tuple(range(splits))
    chosen, trials = winner(sizes, kept, every)
    unseen = [winner(sizes, kept, tuple(k for k in every if k != j))[0] for j in every]
    stated = joined(kept, chosen, 1.0, every)
    honest = np.concatenate([kept(pick, 1.0, j) for j, pick in zip(every, unseen, strict=True)])
    return Race(trials, chosen, float(stated.mean()), float(honest.mean() - stated.mean()))


def winner(sizes: Sequence[float], losses: Losses, splits: tuple[int, ...]) -> tuple[int, tuple[Trial, ...]]:
    """(the candidate that these splits choose, every trial on the way)."""
    alive, trials = list(range(len(sizes))), []
    for part in PARTS:
        found = {c: joined(losses, c, part, splits) for c in alive}
        best = min(alive, key=lambda c: float(found[c].mean()))
        doubt = {c: _standard_error(found[c] - found[best]) for c in alive}
        trials += [Trial(c, part, float(found[c].mean()), doubt[c]) for c in alive]
        if part < 1:
            order = sorted(alive, key=lambda c: float(found[c].mean()))[: math.ceil(KEPT * len(alive))]
            alive = sorted({*order, 0} if part == PARTS[-2] else order)
    near = [c for c in alive if found[c].mean() - found[best].mean() <= doubt[c]]
    return min(near, key=lambda c: (sizes[c], float(found[c].mean()))), tuple(trials)


def joined(losses: Losses, candidate: int, part: float, splits: tuple[int, ...]) -> Float[np.ndarray, " n"]:
    """ℓ of the rows of these splits."""
    return np.concatenate([losses(candidate, part, j) for j in splits])


def _standard_error(differences: np.ndarray) -> float:
    return float(np.std(differences, ddof=1) / math.sqrt(len(differences))) if len(differences) > 1 else 0.0
