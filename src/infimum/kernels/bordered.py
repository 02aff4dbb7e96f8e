"""[X 1], the ones never written: a pass over the rows reads X alone, and an intercept costs no copy of it."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from infimum.kernels.parts import over_rows


@dataclass(frozen=True, eq=False)
class Bordered:
    """A = [X 1] (n, p + 1) for X (n, p), C-contiguous float64.

    >>> Bordered(np.array([[2.0], [3.0]])).dense.tolist()
    [[2.0, 1.0], [3.0, 1.0]]
    """

    X: np.ndarray

    @property
    def shape(self) -> tuple[int, int]:
        """(n, p + 1)."""
        return len(self.X), self.X.shape[1] + 1

    def __len__(self) -> int:
        return len(self.X)

    @cached_property
    def dense(self) -> np.ndarray:
        """A, written out."""
        A = np.empty(self.shape)

        def written(start: int, stop: int) -> None:  # assigning lets other threads go on, stacking does not
            A[start:stop, :-1], A[start:stop, -1] = self.X[start:stop], 1.0

        over_rows(written, *A.shape)
        return A


Table = Any  # np.ndarray | Bordered: what the passes over rows take for A


def dense(A: Table) -> np.ndarray:
    """A = [X 1], (n, P), as an array.

    >>> dense(np.eye(1)).tolist()
    [[1.0]]
    """
    return A.dense if isinstance(A, Bordered) else A


def written(A: Table) -> np.ndarray:
    """X of A = [X 1], else A: kernels know by the length of w whether ones follow.

    >>> written(Bordered(np.eye(1))).tolist()
    [[1.0]]
    """
    return A.X if isinstance(A, Bordered) else A
