"""ℓ(z, y): the loss, the negative log-likelihood of a target y given a prediction z.

Maximum likelihood is minimum loss: ℓ(z, y) = −log p(y given z), up to constants and dispersion. Each loss is
pointwise mathematics, written once in array-API style, so that NumPy arrays and torch tensors pass through the same
lines. What a loss is (convex, smooth, self-concordant) is declared, because certificates rest on it; `tests/laws/`
tests what is declared.
"""

import math
from abc import ABC, abstractmethod
from typing import Any, ClassVar

from array_api_compat import array_namespace

Array = Any  # a NumPy array or a torch tensor: the losses take both


class Loss(ABC):
    """ℓ(z, y) ≥ 0, convex and smooth in the prediction z; all methods act entry by entry on arrays of one shape."""

    name: ClassVar[str]
    task: ClassVar[str]  # "regression", "classification" or "counts"
    smooth: ClassVar[bool]
    convex: ClassVar[bool]
    self_concordance: ClassVar[float]  # the constant M in |ℓ‴| ≤ M ℓ″ (0: quadratic)
    curvature_bound: ClassVar[float]  # sup ℓ″
    dispersion: ClassVar[float | None]  # None: to be estimated from the residuals
    domain: ClassVar[str]  # the targets it takes, in words
    interval: ClassVar[tuple[float, float]]  # the least and the largest target it takes, if finite

    @abstractmethod
    def value(self, z: Array, y: Array) -> Array:
        """ℓ(z, y)."""

    @abstractmethod
    def argument_terms(self, z: Array, y: Array) -> Array:
        """|z − z̃| in units of rounding, where ℓ is evaluated as if at z̃: 0 for a loss that is rounded only itself."""

    @abstractmethod
    def gradient(self, z: Array, y: Array) -> Array:
        """∂ℓ/∂z."""

    @abstractmethod
    def gradient_terms(self, z: Array, y: Array) -> Array:
        """The absolute terms of ∂ℓ/∂z, summed: what its rounding error is relative to where they cancel."""

    @abstractmethod
    def curvature(self, z: Array, y: Array, v: Array) -> Array:
        """(∂²ℓ/∂z²) v: the weight of iteratively reweighted least squares, times v."""

    @abstractmethod
    def conjugate(self, u: Array, y: Array) -> Array:
        """ℓ*(u, y) = sup_z (u z − ℓ(z, y)); +∞ outside its domain."""

    @abstractmethod
    def conjugate_slope(self, u: Array, y: Array) -> Array:
        """A bound on |∂ℓ*/∂u| and on the logarithms in ℓ*: what a rounding of u + y costs, in units of |u| + |y|."""

    @abstractmethod
    def mean(self, z: Array) -> Array:
        """E[y given z]: the inverse link."""

    @abstractmethod
    def constant(self, mean: float) -> float:
        """argmin_c Σ sᵢ ℓ(c, yᵢ) given the weighted mean of y: the prediction of the null model."""


def namespace(*arrays: Array) -> Any:
    """xp = the array-API namespace of the arrays: NumPy's for NumPy, torch's for torch."""
    return array_namespace(*arrays)


def takes(loss: Loss, y: Array) -> bool:
    """Whether every yᵢ is a finite number of the interval that ℓ is defined on.

    >>> import numpy as np
    >>> from infimum.losses import Poisson
    >>> takes(Poisson(), np.array([0.0, 2.5])), takes(Poisson(), np.array([-1.0]))
    (True, False)
    """
    lowest, highest = loss.interval
    return bool(((y >= lowest) & (y <= highest) & (abs(y) < math.inf)).all())


_TABLE = {"Squared": "squared", "Logistic": "logistic", "Poisson": "poisson"}


def __getattr__(name: str) -> Any:
    if name not in _TABLE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_TABLE[name]}"), name)


def loss_named(name: str) -> Loss:
    """ℓ = the loss of that name, as model files spell it.

    Raises ValueError for a name that no loss has.

    >>> loss_named("squared").name
    'squared'
    """
    for title, module in _TABLE.items():
        if module == name:
            found: Loss = __getattr__(title)()
            return found
    raise ValueError(f"no loss is called {name!r}; there are: {', '.join(sorted(_TABLE.values()))}")
