"""x ↦ (x − centre) / scale and back: what networks are trained on, and the rows as a weighted set."""

import math
from dataclasses import dataclass

import numpy as np

from infimum.models.layout import Layout


@dataclass(frozen=True)
class Scales:
    """x ↦ (x − centre) / scale, y ↦ (y − level) / spread: weighted means and standard deviations, 1 in place of 0.

    Counts are divided by `rate`, their mean, instead, which takes log rate off their logarithms.
    """

    centre: np.ndarray
    scale: np.ndarray
    level: float = 0.0
    spread: float = 1.0
    rate: float = 1.0

    @property
    def size(self) -> float:
        """F on data as given, in units of F on the standardised."""
        return self.spread**2 * self.rate

    @classmethod
    def of(cls, X: np.ndarray, y: np.ndarray | None, weight: np.ndarray) -> "Scales":
        """Those of the columns of X (n, p), and of y (n,) unless it is None."""
        columns = X if y is None else np.column_stack([X, y])
        share = weight / weight.sum()
        mean = share @ columns
        spread = np.sqrt(share @ (columns - mean) ** 2)
        spread = np.where(spread > 1e-12 * np.abs(mean), spread, 1.0)
        if y is None:
            return cls(mean, spread)
        return cls(mean[:-1], spread[:-1], float(mean[-1]), float(spread[-1]))

    def folded(self, w: np.ndarray, layout: Layout) -> np.ndarray:
        """The parameters that do on x and y as given what w does on the standardised."""
        blocks = [block.copy() for block in layout.split(w).values()]
        blocks[0] = blocks[0] / self.scale[:, None]
        blocks[1] = blocks[1] - self.centre @ blocks[0]
        blocks[-2], blocks[-1] = blocks[-2] * self.spread, blocks[-1] * self.spread + self.level + math.log(self.rate)
        return np.concatenate([block.ravel() for block in blocks])

    def unfolded(self, w: np.ndarray, layout: Layout) -> np.ndarray:
        """The parameters that do on the standardised what w does on x and y as given: `folded` undone.

        >>> from infimum.models.perceptron import dense_layout
        >>> scales, layout = Scales(np.array([3.0]), np.array([2.0]), 5.0, 4.0), dense_layout(1, (1,))
        >>> scales.unfolded(scales.folded(np.array([1.0, 2.0, 3.0, 4.0]), layout), layout).tolist()
        [1.0, 2.0, 3.0, 4.0]
        """
        blocks = [block.copy() for block in layout.split(w).values()]
        level = self.level + math.log(self.rate)
        blocks[-2], blocks[-1] = blocks[-2] / self.spread, (blocks[-1] - level) / self.spread
        blocks[1] = blocks[1] + self.centre @ blocks[0]
        blocks[0] = blocks[0] * self.scale[:, None]
        return np.concatenate([block.ravel() for block in blocks])

    def strengths(self, l2: float, layout: Layout) -> np.ndarray:
        """l2 of each folded parameter, for which F on data as given is `size` times F on the standardised."""
        blocks = [np.full(shape, l2 * self.size) for shape in layout.shapes]
        blocks[0] = blocks[0] * self.scale[:, None] ** 2
        blocks[-2] = blocks[-2] / self.spread**2
        return np.where(layout.free, 0.0, np.concatenate([block.ravel() for block in blocks]))


def weighted_set(X: np.ndarray, y: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """{(x, y): Σ s}: the different rows, sorted, with the sum of their weights; rows of weight 0 left out.

    >>> X, y, s = weighted_set(np.array([[2.0], [1.0], [2.0]]), np.ones(3), np.ones(3))
    >>> X.ravel().tolist(), s.tolist()
    ([1.0, 2.0], [1.0, 2.0])
    """
    used = weight > 0
    table = np.column_stack([y, X])[used] + 0.0  # −0 and 0 are one number
    order = _sorted(table)
    table = table[order]
    fresh = np.append(True, np.any(table[1:] != table[:-1], axis=1))
    return table[fresh, 1:], table[fresh, 0], np.add.reduceat(weight[used][order], np.flatnonzero(fresh))


def _sorted(table: np.ndarray) -> np.ndarray:
    """The order of the rows by their first entry, then their second, …: by all entries only where two do not tell."""
    first = table[:, :2]
    order = np.lexsort(first.T[::-1])
    fresh = np.append(True, np.any(first[order][1:] != first[order][:-1], axis=1))
    alone = fresh & np.append(fresh[1:], True)
    tied, group = order[~alone], np.cumsum(fresh)[~alone]
    order[~alone] = tied[np.lexsort((*table[tied, 2:].T[::-1], group))]
    return order
