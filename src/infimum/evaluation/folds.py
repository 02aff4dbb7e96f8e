"""fold(i) ∈ {0, …, k − 1}: which model may not see row i, so that its error there is an error on new rows.

Rows drawn alike are dealt out at random, classes evenly. Rows that belong together stay together. Rows in time are cut
into k + 1 spans: each is predicted from the spans before it, never from the future; the first is only learned from.
"""

from dataclasses import dataclass, replace
from typing import Literal, Self

import numpy as np

EARLIEST = 255  # the fold of rows before the first that are predicted: they are learned from and never held out


@dataclass(frozen=True, eq=False)
class Folds:
    """i ↦ fold(i), (n,) uint8, and {i : model j may learn from i}, by the kind "random", "groups" or "time".

    `again` (r, n) are r further partitions into k folds: their models are numbered from k on.

    >>> Folds(np.array([255, 0, 1], dtype=np.uint8), 2, "time").train(1).tolist()
    [True, True, False]
    """

    fold: np.ndarray
    k: int
    kind: Literal["random", "groups", "time"] = "random"
    again: np.ndarray | None = None

    @property
    def repeats(self) -> int:
        """How many partitions there are."""
        return 1 if self.again is None else 1 + len(self.again)

    @property
    def models(self) -> int:
        """How many models learn: k of each partition."""
        return self.k * self.repeats

    def held(self, j: int) -> np.ndarray:
        """Rows that the model j predicts, booleans (n,)."""
        return self._partition(j) == j % self.k

    def train(self, j: int) -> np.ndarray:
        """Rows that the model j learns from: all others, or in time the earlier ones, booleans (n,)."""
        return (self.fold < j) | (self.fold == EARLIEST) if self.kind == "time" else ~self.held(j)

    def repeated(self, repeats: int) -> Self:
        """The first so many partitions."""
        return replace(self, again=None if self.again is None or repeats == 1 else self.again[: repeats - 1])

    def named(self, j: int) -> str:
        """What the fold of the model j is called.

        >>> Folds(np.zeros(2), 5, again=np.zeros((1, 2))).named(6), Folds(np.zeros(2), 5).named(1)
        ('2 of 5, repeat 2', '2 of 5')
        """
        which = f", repeat {j // self.k + 1}" if j >= self.k else ""
        return f"{j % self.k + 1} of {self.k}{which}"

    def _partition(self, j: int) -> np.ndarray:
        return self.fold if j < self.k or self.again is None else self.again[j // self.k - 1]

    @property
    def ever_held(self) -> np.ndarray:
        """Rows that are predicted by some model, booleans (n,)."""
        return self.fold != EARLIEST

    @property
    def overlap(self) -> float:
        """ρ = Σ rows held out / Σ rows learned from, over the folds: 1/(k − 1) where they are drawn at random."""
        sizes = [(int(self.held(j).sum()), int(self.train(j).sum())) for j in range(self.k)]
        return sum(held for held, _ in sizes) / sum(learned for _, learned in sizes)

    @property
    def calibrating(self) -> tuple[int, ...]:
        """The folds whose rows set the width of intervals: in time the latest alone, else all.

        >>> Folds(np.array([0, 1], dtype=np.uint8), 2).calibrating
        (0, 1)
        """
        return (self.k - 1,) if self.kind == "time" else tuple(range(self.k))

    def elsewhere(self, j: int) -> np.ndarray:
        """Rows whose errors can set a width for those of fold j: all other folds, in time the span before, (n,)."""
        return self.ever_held & ((self.fold == j - 1) if self.kind == "time" else (self.fold != j))


def assign_folds(y: np.ndarray, k: int, rng: np.random.Generator, stratify: bool) -> np.ndarray:
    """fold(i) ∈ {0, …, k − 1} for each row, (n,) uint8: sizes differ by at most one, class by class where `stratify`.

    Raises ValueError where there are fewer rows than folds, or a class with fewer rows than folds.

    >>> import numpy as np
    >>> np.bincount(assign_folds(np.zeros(10), 5, np.random.default_rng(0), stratify=False)).tolist()
    [2, 2, 2, 2, 2]
    """
    if len(y) < 2 * k:
        raise ValueError(f"the table has {len(y)} usable rows; {k} folds need at least {2 * k}")
    fold = np.empty(len(y), dtype=np.uint8)
    start = 0
    for group in np.unique(y) if stratify else [None]:
        rows = np.flatnonzero(y == group) if stratify else np.arange(len(y))
        if len(rows) < k:
            raise ValueError(f"the rarer class has {len(rows)} rows; {k} folds need at least {k} of each class")
        fold[rng.permutation(rows)] = (start + np.arange(len(rows))) % k
        start += len(rows)
    return fold


def assign_group_folds(groups: np.ndarray, k: int, rng: np.random.Generator) -> np.ndarray:
    """fold(i) for each row, (n,) uint8: rows of one group in one fold; the largest group goes where fewest rows are.

    `groups` are codes ≥ 0, (n,). Raises ValueError where there are fewer groups than folds.

    >>> assign_group_folds(np.array([0, 0, 1, 2, 2]), 3, np.random.default_rng(0)).tolist()
    [1, 1, 2, 0, 0]
    """
    sizes = np.bincount(groups)
    if np.count_nonzero(sizes) < k:
        raise ValueError(f"there are {np.count_nonzero(sizes)} groups; {k} folds need at least {k}")
    shuffled = rng.permutation(len(sizes))
    place, rows = np.zeros(len(sizes), dtype=np.uint8), np.zeros(k, dtype=np.int64)
    for group in shuffled[np.argsort(-sizes[shuffled], kind="stable")]:
        place[group] = np.argmin(rows)
        rows[place[group]] += sizes[group]
    return place[groups]


def assign_time_folds(times: np.ndarray, k: int) -> np.ndarray:
    """fold(i) for each row, (n,) uint8: k + 1 spans of time with about as many rows; rows of one time stay together.

    `times` are ranks or numbers, (n,), without gaps. Raises ValueError where there are fewer than k + 1 times or
    2 (k + 1) rows.

    >>> assign_time_folds(np.array([1, 2, 3, 4, 5, 6]), 2).tolist()
    [255, 255, 0, 0, 1, 1]
    """
    distinct, at, counts = np.unique(times, return_inverse=True, return_counts=True)
    if len(distinct) < k + 1 or len(times) < 2 * (k + 1):
        raise ValueError(f"there are {len(distinct)} times in {len(times)} rows; {k} spans and a first need more")
    middle = (np.cumsum(counts) - counts / 2) / len(times)  # where the middle row of each time stands, from 0 to 1
    span = np.minimum((middle * (k + 1)).astype(int), k)
    if len(np.unique(span)) < k + 1:
        raise ValueError(f"some of {k + 1} spans of time hold no row: too many rows have the same time")
    return np.where(span == 0, EARLIEST, span - 1).astype(np.uint8)[at]
