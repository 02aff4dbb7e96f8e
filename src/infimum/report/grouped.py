"""mean y ± 1.96 √(max(s², mean ŷ) / n) against mean ŷ, in groups by ŷ: whether expected counts come true.

The median of a small count lies below its mean, so that quantiles of y − ŷ do not show whether ŷ is right; means do.
The mean of ŷ is the variance of a Poisson count: a group of zeros has an error, too.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

GROUPS = 10
NORMAL = 1.96


@dataclass(frozen=True)
class Group:
    """`rows` rows, their mean observed and predicted, and what the observed may be off by chance (95%)."""

    rows: int
    observed: float
    predicted: float
    half: float

    @property
    def missed(self) -> bool:
        """Whether the mean predicted lies outside the interval of the mean observed."""
        return abs(self.observed - self.predicted) > self.half


def alike(observed: Sequence[float], predicted: Sequence[float]) -> list[list[tuple[float, float]]]:
    """The rows (observed, predicted) by prediction, in at most ten groups of about as many rows.

    Rows of one prediction go together, to where the middle of them belongs: sorted by what was observed, they would
    all be off.

    >>> alike([1.0, 0.0], [0.5, 0.25]), alike([0.0, 1.0], [0.5, 0.5])
    ([[(0.0, 0.25)], [(1.0, 0.5)]], [[(0.0, 0.5), (1.0, 0.5)]])
    """
    rows = sorted(zip(observed, predicted, strict=True), key=lambda row: row[1])
    k, done = min(GROUPS, len(rows)), 0
    groups: dict[int, list[tuple[float, float]]] = {}
    for _, each in groupby(rows, key=lambda row: f"{row[1]:.9g}"):
        same = list(each)
        groups.setdefault(int((done + len(same) / 2) / len(rows) * k), []).extend(same)
        done += len(same)
    return list(groups.values())


def grouped(observed: Sequence[float], predicted: Sequence[float]) -> list[Group]:
    """The groups, smallest predictions first.

    >>> [group.missed for group in grouped([0.0] * 50 + [4.0] * 50, [0.02] * 50 + [2.0] * 50)]
    [False, True]
    """
    found = []
    for rows in alike(observed, predicted):
        n = len(rows)
        seen, said = (math.fsum(each) / n for each in zip(*rows, strict=True))
        spread = math.fsum((y - seen) ** 2 for y, _ in rows) / max(n - 1, 1)
        found.append(Group(n, seen, said, NORMAL * math.sqrt(max(spread, said) / n)))
    return found
