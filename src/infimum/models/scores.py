"""Z = X B + 1 b₀ᵀ: the dense linear model with several outputs a row, such as the scores of classes."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from jaxtyping import Float

from infimum.models import Model, Params, Rows
from infimum.models.layout import Layout
from infimum.models.linear import Linear


@dataclass(frozen=True)
class LinearScores(Model):
    """Z = X B + 1 b₀ᵀ (n, m), w = (B (p, m), b₀ (m,)): X (n, p) dense; without an intercept Z = X B.

    Every output has the same rows A = [X 1], which `jacobian` returns: Z = A W with W = w as a matrix (P, m).

    >>> import numpy as np
    >>> LinearScores(np.array([[1.0, 2.0]]), outputs=2)(np.array([1.0, 0.0, 0.0, 1.0, 5.0, 6.0]))
    array([[6., 8.]])
    """

    X: Float[np.ndarray, "n p"]
    outputs: int = 1
    intercept: bool = True
    columns: tuple[str, ...] = ()

    @property
    def layout(self) -> Layout:
        p, m = self.X.shape[1], self.outputs
        if not self.intercept:
            return Layout(("coefficients",), ((p, m),), (False,), self.columns)
        return Layout(("coefficients", "intercept"), ((p, m), (m,)), (False, True), self.columns)

    @property
    def affine(self) -> bool:
        return True

    def __call__(self, w: Params) -> Rows:
        W = w.reshape(-1, self.outputs)
        return self.X @ W[:-1] + W[-1] if self.intercept else self.X @ W

    def push(self, w: Params, v: Params) -> Rows:
        return self(v)

    def pull(self, w: Params, u: Rows) -> Params:
        G = self.X.T @ u
        return np.append(G.ravel(), u.sum(axis=0)) if self.intercept else G.ravel()

    def jacobian(self, w: Params) -> Float[np.ndarray, "n p"]:
        return self._table

    @cached_property
    def _table(self) -> Float[np.ndarray, "n p"]:
        if not self.intercept:
            return self.X
        A = np.empty((len(self.X), self.X.shape[1] + 1))  # assigning lets other threads go on, stacking does not
        A[:, :-1], A[:, -1] = self.X, 1.0
        return A

    def rows(self, index: Any) -> "LinearScores":
        return replace(self, X=self.X[index])


def linear_in(X: np.ndarray, outputs: int, intercept: bool = True, columns: tuple[str, ...] = ()) -> Model:
    """z = X b + b₀ (n,), or Z = X B + 1 b₀ᵀ (n, m) of several outputs, on the rows X (n, p).

    >>> linear_in(np.ones((2, 1)), 1).layout.size, linear_in(np.ones((2, 1)), 3).layout.size
    (2, 6)
    """
    return Linear(X, intercept, columns) if outputs == 1 else LinearScores(X, outputs, intercept, columns)
