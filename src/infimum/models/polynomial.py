"""z = Σₖ bₖ xᵏ + b₀: the polynomial in one column, its powers formed in twice the working precision.

xᵏ rounded to float64 is off by half a unit, which a degree of ten makes the third digit of the coefficients (NIST's
Filip). The jacobian holds the rounded powers, `lost` what rounding took from them.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from jaxtyping import Float

from infimum.models import Model, Params, Rows
from infimum.models.layout import Layout

SPLITTER = 134217729.0  # 2²⁷ + 1 (Dekker 1971)


@dataclass(frozen=True, eq=False)
class Polynomial(Model):
    """z = b₁x + b₂x² + … + b_k xᵏ + b₀, w = (b, b₀): x (n,), degree k ≥ 1; `name` is that of x.

    >>> Polynomial(np.array([2.0, 3.0]), 2)(np.array([0.0, 1.0, 0.5]))
    array([4.5, 9.5])
    """

    x: Rows
    degree: int
    intercept: bool = True
    name: str = "x0"

    @property
    def layout(self) -> Layout:
        names = power_names(self.name, self.degree)
        if not self.intercept:
            return Layout(("coefficients",), ((self.degree,),), (False,), names)
        return Layout(("coefficients", "intercept"), ((self.degree,), (1,)), (False, True), names)

    @property
    def affine(self) -> bool:
        return True

    @cached_property
    def _powers(self) -> tuple[Float[np.ndarray, "n p"], Float[np.ndarray, "n p"]]:
        high, low = powers(self.x, self.degree)
        if self.intercept:
            ones = np.ones(len(high))
            high, low = np.column_stack([high, ones]), np.column_stack([low, 0 * ones])
        return high, low

    @property
    def lost(self) -> Float[np.ndarray, "n p"]:
        """xᵏ − fl(xᵏ), (n, p): what the jacobian lacks."""
        return self._powers[1]

    def __call__(self, w: Params) -> Rows:
        """z by Horner's rule in twice the precision, rounded once."""
        high = np.full(len(self.x), w[self.degree - 1])
        low = np.zeros(len(self.x))
        for k in range(self.degree - 1, -1, -1):
            constant = w[k - 1] if k else (w[self.degree] if self.intercept else 0.0)
            product, error = two_product(high, self.x)
            high, rest = two_sum(product, constant)
            low = low * self.x + (error + rest)
        return np.asarray(high + low)

    def push(self, w: Params, v: Params) -> Rows:
        return self(v)

    def pull(self, w: Params, u: Rows) -> Params:
        return self._powers[0].T @ u

    def jacobian(self, w: Params) -> Float[np.ndarray, "n p"]:
        return self._powers[0]

    def rows(self, index: Any) -> "Polynomial":
        return replace(self, x=self.x[index])


def powers(x: Rows, degree: int) -> tuple[Float[np.ndarray, "n k"], Float[np.ndarray, "n k"]]:
    """(fl(xᵏ), xᵏ − fl(xᵏ)), (n, degree) each, to about k u² of xᵏ.

    >>> high, low = powers(np.array([0.1]), 2)
    >>> float(high[0, 1]), bool(0 < abs(low[0, 1]) < 1e-17)
    (0.010000000000000002, True)
    """
    high, low = np.empty((2, len(x), degree))
    high[:, 0], low[:, 0] = x, 0.0
    for k in range(1, degree):
        product, error = two_product(high[:, k - 1], x)
        high[:, k], low[:, k] = two_sum(product, error + low[:, k - 1] * x)
    return high, low


def power_names(name: str, degree: int) -> tuple[str, ...]:
    """(x, x^2, …, x^k).

    >>> power_names("x0", 3)
    ('x0', 'x0^2', 'x0^3')
    """
    return (name, *(f"{name}^{k}" for k in range(2, degree + 1)))


def two_product(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(fl(a b), a b − fl(a b)), exactly (Dekker 1971).

    >>> float(two_product(np.array(0.1), np.array(0.1))[1]) != 0
    True
    """
    product, t = a * b, SPLITTER * a
    a_high = t - (t - a)
    t = SPLITTER * b
    b_high = t - (t - b)
    a_low, b_low = a - a_high, b - b_high
    return product, a_low * b_low - (((product - a_high * b_high) - a_low * b_high) - a_high * b_low)


def two_sum(a: np.ndarray, b: Any) -> tuple[np.ndarray, np.ndarray]:
    """(fl(a + b), a + b − fl(a + b)), exactly (Knuth 1969).

    >>> float(two_sum(np.array(1.0), 2.0**-60)[1]) == 2.0**-60
    True
    """
    total = a + b
    back = total - a
    return total, (a - (total - back)) + (b - back)
