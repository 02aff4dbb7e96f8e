"""ℓ(z, y) = log Σₖ exp ηₖ − η_y,  η = C z: one of K classes, by K − 1 contrasts of their scores."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar

import numpy as np
from array_api_compat import device
from jaxtyping import Float

from infimum.losses import Array, Loss, namespace
from infimum.losses.softmax import Softmax, from_top


@cache
def contrasts(classes: int) -> Float[np.ndarray, "K m"]:
    """C (K, K − 1) with CᵀC = I and 1ᵀC = 0: an orthonormal basis of the scores that add up to 0 (Helmert 1876).

    Column a compares class a + 1 with the mean of the classes before it.

    >>> contrasts(2).round(3).tolist()
    [[-0.707], [0.707]]
    """
    C = np.zeros((classes, classes - 1))
    for a in range(classes - 1):
        length = math.sqrt((a + 1) * (a + 2))
        C[: a + 1, a], C[a + 1, a] = -1 / length, (a + 1) / length
    return C


@cache
def _kept(xp: Any, classes: int, dtype: Any, device: Any) -> Array:
    """C in the library, precision and memory of the scores, for a training, whose steps all ask for it.

    Not for what may be differentiated by transforms of functions: a tensor that is made in one does not outlive it.
    """
    return xp.asarray(contrasts(classes), dtype=dtype, device=device)


@cache
def pairs(classes: int) -> Float[np.ndarray, "q m"]:
    """Δ (K(K − 1)/2, K − 1): rows Cₖ − Cₗ for k < l, in the order of np.triu_indices."""
    first, second = np.triu_indices(classes, 1)
    return np.asarray(contrasts(classes)[first] - contrasts(classes)[second])


def likeliest(p: Float[np.ndarray, "n K"]) -> Float[np.ndarray, " n"]:
    """The first k with pₖ = max p up to rounding, (n,): classes that are as likely as each other are told in one order.

    >>> likeliest(np.array([[0.5, 0.3, 0.2], [0.4, 0.2, 0.4 + 1e-16]])).tolist()
    [0, 0]
    """
    return np.asarray((p >= p.max(axis=1, keepdims=True) * (1 - 1e-9)).argmax(axis=1))


@dataclass(frozen=True)
class Multinomial(Loss):
    """ℓ(z, y) = log Σₖ exp ηₖ − η_y, η = C z: z (n, K − 1), y (n,) of class numbers 0 … K − 1.

    Minus the log-likelihood of a class drawn with p = softmax(η). A constant added to every score changes no p, so the
    scores are those that add up to 0; the contrasts C are orthonormal, so ½‖z‖² = ½‖η‖², and a ridge treats the classes
    alike whichever comes first (Friedman, Hastie & Tibshirani 2010, §4). Convex; |ℓ‴| ≤ (max η̇ − min η̇) ℓ″ along η̇
    (Bach 2010, §2.2).

    >>> loss = Multinomial(3)
    >>> loss.mean(np.zeros((1, 2))).round(3).tolist(), loss.value(np.zeros((1, 2)), np.array([2.0])).round(3).tolist()
    ([[0.333, 0.333, 0.333]], [1.099])
    """

    classes: int
    labels: tuple[str, ...] = ()  # what the classes are called, where a sentence names one
    name: ClassVar[str] = "multinomial"
    task: ClassVar[str] = "classification"
    smooth: ClassVar[bool] = True
    convex: ClassVar[bool] = True
    self_concordance: ClassVar[float] = 1.0  # in the range of η̇, which `directions` measures
    curvature_bound: ClassVar[float] = 0.5  # the largest eigenvalue of diag(p) − ppᵀ
    dispersion: ClassVar[float | None] = 1.0
    domain: ClassVar[str] = "class numbers from 0 to K − 1"
    interval: ClassVar[tuple[float, float]] = (0.0, math.inf)

    @property
    def outputs(self) -> int:
        return self.classes - 1

    @property
    def roundings(self) -> float:
        return 8.0 + 2 * self.classes

    @property
    def directions(self) -> Float[np.ndarray, "q m"]:
        return pairs(self.classes)

    def takes(self, y: Array) -> bool:
        return bool(((y >= 0) & (y < self.classes) & (y == np.floor(y))).all())

    def drift(self, error: Array) -> Array:
        return 2 * np.max(np.abs(error) @ np.abs(contrasts(self.classes)).T, axis=1)

    def shift(self, z: Array, y: Array, error: Array) -> Array:
        """|C|ᵀ t, tₖ = pₖ (1 − pₖ) 2 max |C δ| over |δ| ≤ error, (n, K − 1)."""
        size = np.abs(contrasts(self.classes))
        p, (_, top) = self.mean(z), from_top(self.scores(z))
        others = np.where(top, np.sum(np.where(top, 0.0, p), axis=1)[:, None], 1.0)
        return np.asarray((p * others * self.drift(error)[:, None]) @ size)

    def rounding(self, z: Array) -> Array:
        size = np.abs(contrasts(self.classes))
        return np.asarray(self.classes * 2.0**-53 * (np.abs(z) @ size.T) @ size)

    def scores(self, z: Array) -> Array:
        """η = C z, (n, K): they add up to 0."""
        return z @ self._contrasts(z).T

    def value(self, z: Array, y: Array) -> Array:
        return self._softmax.value(self.scores(z), y)

    def argument_terms(self, z: Array, y: Array) -> Array:
        return namespace(z).zeros_like(z)  # `rounding` says it

    def gradient(self, z: Array, y: Array) -> Array:
        return self._softmax.gradient(self.scores(z), y) @ self._contrasts(z)

    def shares(self, y: Array, smoothing: float = 0.0) -> Array:
        return self._softmax.shares(y, smoothing)

    def value_and_gradient(self, z: Array, y: Array) -> tuple[Array, Array]:
        C = _kept(namespace(z), self.classes, z.dtype, device(z))
        value, gradient = self._softmax.value_and_gradient((C @ z.T).T, y)  # a class after another: thin rows are slow
        return value, (C.T @ gradient.T).T

    def gradient_terms(self, z: Array, y: Array) -> Array:
        return self._softmax.gradient_terms(self.scores(z), y) @ abs(self._contrasts(z))

    def curvature(self, z: Array, y: Array, v: Array) -> Array:
        return self.bending(z, y)(v)

    def bending(self, z: Array, y: Array) -> Callable[[Array], Array]:
        xp, p, C = namespace(z), self.mean(z), self._contrasts(z)

        def bent(v: Array) -> Array:
            moved = v @ C.T
            return (p * (moved - xp.sum(p * moved, axis=1)[:, None])) @ C

        return bent

    def bend(self, z: Array, y: Array) -> Array:
        """Σ over k < l of pₖ pₗ Δₖₗ Δₖₗᵀ, (n, K − 1, K − 1): a sum of squares, in which nothing cancels."""
        return self.bend_at(self.mean(z))

    def bend_at(self, p: Float[np.ndarray, "n K"]) -> Float[np.ndarray, "n m m"]:
        """The same of the probabilities p."""
        between = pairs(self.classes)
        first, second = np.triu_indices(self.classes, 1)
        squares = between[:, :, None] * between[:, None, :]
        whole = (p[:, first] * p[:, second]) @ squares.reshape(len(between), -1)
        return np.asarray(whole.reshape(len(p), self.outputs, self.outputs))

    def conjugate(self, u: Array, y: Array) -> Array:
        """Σ pₖ log pₖ with p = C u + e_y; +∞ where a pₖ is negative by more than rounding, (n,)."""
        xp = namespace(u)
        own = self._softmax.own(u, y)
        p = self.scores(u) + xp.where(own, xp.ones_like(u[:, :1]), xp.zeros_like(u[:, :1]))
        p = xp.where(abs(p) < 1e-15 * self.classes, xp.zeros_like(p), p)
        terms = p * xp.log(xp.where(p > 0, p, xp.ones_like(p)))
        inside = xp.all(p >= 0, axis=1)
        total = xp.sum(terms, axis=1)
        return xp.where(inside, total, xp.full_like(total, math.inf))

    def conjugate_slope(self, u: Array, y: Array) -> Array:
        return 40.0 + 0.0 * u

    def mean(self, z: Array) -> Array:
        """p = softmax(C z), (n, K)."""
        return self._softmax.mean(self.scores(z))

    def null(self, y: Array, weight: Array) -> float:
        """−Σ shareₖ log shareₖ: the entropy of the classes."""
        return self._softmax.null(y, weight)

    def constant(self, mean: Array) -> Array:
        """z (K − 1,) with softmax(C z) = mean, the shares of the classes, (K,), all positive."""
        return np.log(mean) @ contrasts(self.classes)

    def _contrasts(self, z: Array) -> Array:
        return namespace(z).asarray(contrasts(self.classes), dtype=z.dtype, device=device(z))

    @property
    def _softmax(self) -> Softmax:
        return Softmax(self.classes)
