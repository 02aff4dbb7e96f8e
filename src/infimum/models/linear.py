"""z = X b + b₀, J = [X 1]: the dense linear model."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from jaxtyping import Float

from infimum.models import Model, Params, Rows
from infimum.models.layout import Layout


@dataclass(frozen=True)
class Linear(Model):
    """z = X b + b₀ with w = (b, b₀): X (n, p) dense; without an intercept z = X b. `columns` names those of X.

    >>> import numpy as np
    >>> Linear(np.array([[1.0, 2.0]]))(np.array([3.0, 4.0, 5.0]))
    array([16.])
    """

    X: Float[np.ndarray, "n p"]
    intercept: bool = True
    columns: tuple[str, ...] = ()

    @property
    def layout(self) -> Layout:
        p = self.X.shape[1]
        if not self.intercept:
            return Layout(("coefficients",), ((p,),), (False,), self.columns)
        return Layout(("coefficients", "intercept"), ((p,), (1,)), (False, True), self.columns)

    @property
    def affine(self) -> bool:
        return True

    def __call__(self, w: Params) -> Rows:
        return self.X @ w[:-1] + w[-1] if self.intercept else self.X @ w

    def origin(self) -> Rows:
        return np.zeros(len(self.X))

    def push(self, w: Params, v: Params) -> Rows:
        return self(v)

    def pull(self, w: Params, u: Rows) -> Params:
        return np.append(self.X.T @ u, u.sum()) if self.intercept else self.X.T @ u

    def jacobian(self, w: Params) -> Float[np.ndarray, "n p"]:
        from infimum.kernels.bordered import dense

        return dense(self._table)

    def table(self) -> Any:
        return self._table

    @cached_property
    def _table(self) -> Any:
        from infimum.kernels.bordered import Bordered

        if not self.intercept:
            return np.ascontiguousarray(self.X, dtype=float)
        bordered = Bordered(self.X)
        return bordered if self.X.flags.c_contiguous and self.X.dtype == float else bordered.dense

    def rows(self, index: Any) -> "Linear":
        return replace(self, X=self.X[index])
