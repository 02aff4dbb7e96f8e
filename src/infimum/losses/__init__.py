"""ℓ(z, y): the loss, the negative log-likelihood of a target y given a prediction z.

Maximum likelihood is minimum loss: ℓ(z, y) = −log p(y given z), up to constants and dispersion. Each loss is
pointwise mathematics, written once in array-API style, so that NumPy arrays and torch tensors pass through the same
lines. What a loss is (convex, smooth, self-concordant) is declared, because certificates rest on it; `tests/laws/`
tests what is declared.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
from array_api_compat import array_namespace

Array = Any  # a NumPy array or a torch tensor: the losses take both
Pass = tuple[float, np.ndarray, np.ndarray]
Units = tuple[float, float, float, float]
LEAST = 2.0**-900  # of a loss: what is below may be rounding of numbers near the least


class Loss(ABC):
    """ℓ(z, y) ≥ 0, convex and smooth in the prediction z; all methods act row by row.

    z is (n,), and all is entry by entry on arrays of one shape; or (n, m) for a loss of m outputs a row.
    """

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

    def gradient_lost(self, z: Array, y: Array, lost: Array) -> Array | None:
        """ℓ′(z + lost) − fl(fl(ℓ′(z)) + ℓ″ lost), to twice the precision; None where it is not known so well."""
        return None

    @abstractmethod
    def gradient_terms(self, z: Array, y: Array) -> Array:
        """The absolute terms of ∂ℓ/∂z, summed: what its rounding error is relative to where they cancel."""

    @abstractmethod
    def curvature(self, z: Array, y: Array, v: Array) -> Array:
        """(∂²ℓ/∂z²) v: the weight of iteratively reweighted least squares, times v."""

    @property
    def outputs(self) -> int:
        """m: how many numbers a prediction is."""
        return 1

    def takes(self, y: Array) -> bool:
        """Whether every yᵢ is a finite number of the interval that ℓ is defined on."""
        lowest, highest = self.interval
        return bool(((y >= lowest) & (y <= highest) & (abs(y) < math.inf)).all())

    @property
    def roundings(self) -> float:
        """The relative error, in units of rounding, of ℓ and of each term of its derivatives at the z given."""
        return 8.0

    @property
    def directions(self) -> np.ndarray:
        """Δ (q, m) with |D³ℓ[v, v, v]| ≤ maxₖ |Δₖᵀv| D²ℓ[v, v]; none (q = 0) for a quadratic."""
        return np.full((int(self.self_concordance > 0), 1), self.self_concordance)

    def drift(self, error: Array) -> Array:
        """sup |log of the ratio of ℓ″ at z and at z + δ| over |δ| ≤ error, (n,)."""
        return self.self_concordance * error

    def shift(self, z: Array, y: Array, error: Array) -> Array:
        """|ℓ″(z)| error ≥ |ℓ″(z) δ|, entry by entry, over |δ| ≤ error: how far ℓ′ can move, as z."""
        return self.curvature(z, y, error)

    def rounding(self, z: Array) -> Array:
        """How far off z would have to be to explain the rounding inside the loss, beyond `roundings`: as z."""
        return 0.0 * z

    def bending(self, z: Array, y: Array) -> Callable[[Array], Array]:
        """v ↦ (∂²ℓ/∂z²) v at a z that stays."""
        return lambda v: self.curvature(z, y, v)

    def bend(self, z: Array, y: Array) -> Array:
        """∂²ℓ/∂z²: (n,), or (n, m, m)."""
        return self.curvature(z, y, np.ones(z.shape))

    def shares(self, y: Array, smoothing: float = 0.0) -> Array:
        """y as `value_and_gradient` takes it; of classes (1 − smoothing) y + smoothing / K (Szegedy et al. 2016).

        Raises ValueError for a smoothing of what is no class.
        """
        if smoothing:
            raise ValueError(f"label_smoothing = {smoothing:g}; the {self.name} loss has no classes: leave it at 0")
        return y

    def value_and_gradient(self, z: Array, y: Array) -> tuple[Array, Array]:
        """(ℓ, ∂ℓ/∂z) of the shares y, in one pass where a loss has one: what a training takes many times over."""
        return self.value(z, y), self.gradient(z, y)

    def jet(self, z: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(ℓ, ℓ′, ℓ″) at z, in NumPy: in one pass over the rows where a loss has one."""
        return self.value(z, y), self.gradient(z, y), self.bend(z, y)

    def terms(self, z: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(ℓ′, ℓ″, the absolute terms of ℓ′) at z, in NumPy, by the formulas of their own methods."""
        return self.gradient(z, y), self.bend(z, y), self.gradient_terms(z, y)

    def over(self, A: np.ndarray, w: np.ndarray, z0: np.ndarray, y: np.ndarray, s: np.ndarray) -> Pass:
        """(Σ s ℓ, Aᵀ(s ℓ′), s ℓ″) at z = z0 + A w, A (n, p), for a loss of one output; without the rows of s = 0."""
        from infimum.kernels.bordered import dense
        from infimum.kernels.parts import pull, push

        A = dense(A)
        z = np.where(s > 0, push(A, w) + z0, 0.0)
        value, slope, bend = self.jet(z, y)
        return float(s @ value), pull(A, s * slope), s * bend

    def rows_at(
        self, predicted: tuple[np.ndarray, np.ndarray, np.ndarray], data: tuple[np.ndarray, np.ndarray], units: Units
    ) -> tuple[np.ndarray, float] | None:
        """((z_error, s ℓ, u, u_error, s ℓ″), drift) of `certificates/point.py` in one pass; None without a kernel.

        predicted is (z, what z lost to rounding, |A||w|), data (y, s), units those of rounding in z, in ℓ′, and least.
        """
        return None

    def values(self, z: np.ndarray, y: np.ndarray) -> np.ndarray:
        """ℓ at z, in NumPy, as `jet` has it."""
        return np.asarray(self.value(z, y))

    def null(self, y: Array, weight: Array) -> float:
        """inf over constants c of Σ s̃ᵢ ℓ(c, yᵢ), given weights that sum to 1: the loss of the null model."""
        c = self.constant(math.fsum(weight * y) / math.fsum(weight))
        return 0.0 if math.isinf(c) else math.fsum(weight * self.values(np.full(y.shape, c), y))

    def of_constant(self, y: Array, weight: Array) -> float:
        """ℓ at a mean that is off by a millionth, where y does not vary; 0 where it does, and for classes.

        What a loss is compared with then, since a constant leaves none to gain.
        """
        counted = y[weight > 0]
        if self.task == "classification" or not len(counted) or np.any(counted != counted[0]):
            return 0.0
        mean = float(counted[0])
        if mean == 0:
            return LEAST
        off = float(self.value(np.array([self.constant(mean * (1 + 1e-6))]), np.array([mean]))[0])
        return off if off >= LEAST else 0.0

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
    def constant(self, mean: Any) -> Any:
        """argmin_c Σ sᵢ ℓ(c, yᵢ) given the weighted mean of y (or the shares of its classes): the null model's z."""

    def intercept(self, z: Array, y: Array, weight: Array) -> float:
        """argmin_c Σ sᵢ ℓ(zᵢ + c, yᵢ) where it has a closed form, else 0: scores from far off are brought nearer."""
        return 0.0


def namespace(*arrays: Array) -> Any:
    """xp = the array-API namespace of the arrays: NumPy's for NumPy, torch's for torch."""
    return array_namespace(*arrays)


_TABLE = {
    "Squared": "squared",
    "Logistic": "logistic",
    "Multinomial": "multinomial",
    "Softmax": "softmax",
    "Poisson": "poisson",
}


def __getattr__(name: str) -> Any:
    if name not in _TABLE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_TABLE[name]}"), name)


def loss_named(name: str, classes: int = 2) -> Loss:
    """ℓ = the loss of that name, as model files spell it; those of several classes are of so many.

    Raises ValueError for a name that no loss has.

    >>> loss_named("squared").name
    'squared'
    """
    for title, module in _TABLE.items():
        if module == name:
            found: Loss = __getattr__(title)(*([classes] if name in ("multinomial", "softmax") else []))
            return found
    raise ValueError(f"no loss is called {name!r}; there are: {', '.join(sorted(_TABLE.values()))}")
