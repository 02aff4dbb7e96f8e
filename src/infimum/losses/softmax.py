"""ℓ(η, y) = log Σₖ exp ηₖ − η_y: one of K classes, by all K scores, of which only the differences count."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from infimum.losses import Array, Loss, namespace


@cache
def differences(classes: int) -> Float[np.ndarray, "q K"]:
    """Δ (K(K − 1)/2, K): rows eₖ − eₗ for k < l, in the order of np.triu_indices.

    >>> differences(3).tolist()
    [[1.0, -1.0, 0.0], [1.0, 0.0, -1.0], [0.0, 1.0, -1.0]]
    """
    first, second = np.triu_indices(classes, 1)
    return np.asarray(np.eye(classes)[first] - np.eye(classes)[second])


@dataclass(frozen=True)
class Softmax(Loss):
    """ℓ(η, y) = log Σₖ exp ηₖ − η_y: η (n, K), y (n,) of class numbers 0 … K − 1.

    `Multinomial` in scores that need not add up to 0: a number added to all scores of a row changes nothing, so that ℓ″
    is singular along (1, …, 1). A penalty that is no function of the contrasts alone, such as Σ |Bₖⱼ|, needs the scores
    themselves (Friedman, Hastie & Tibshirani 2010, §4.1). Convex; |ℓ‴| ≤ (max η̇ − min η̇) ℓ″ along η̇ (Bach 2010, §2.2).

    >>> loss = Softmax(3)
    >>> loss.mean(np.ones((1, 3))).round(3).tolist(), loss.value(np.ones((1, 3)), np.array([2.0])).round(3).tolist()
    ([[0.333, 0.333, 0.333]], [1.099])
    """

    classes: int
    labels: tuple[str, ...] = ()  # what the classes are called, where a sentence names one
    name: ClassVar[str] = "softmax"
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
        return self.classes

    @property
    def roundings(self) -> float:
        return 8.0 + 2 * self.classes

    @property
    def directions(self) -> Float[np.ndarray, "q K"]:
        return differences(self.classes)

    def takes(self, y: Array) -> bool:
        return bool(((y >= 0) & (y < self.classes) & (y == np.floor(y))).all())

    def drift(self, error: Array) -> Array:
        return 2 * np.max(error, axis=1)

    def shift(self, z: Array, y: Array, error: Array) -> Array:
        """pₖ (1 − pₖ) 2 max |δ|, (n, K)."""
        p, (_, top) = self.mean(z), from_top(z)
        others = np.where(top, np.sum(np.where(top, 0.0, p), axis=1)[:, None], 1.0)
        return np.asarray(p * others * self.drift(error)[:, None])

    def rounding(self, z: Array) -> Array:
        return np.asarray(2.0**-53 * np.abs(from_top(z)[0]))

    def value(self, z: Array, y: Array) -> Array:
        xp = namespace(z)
        above, top = from_top(z)
        rest = xp.where(top, xp.zeros_like(above), xp.exp(above))
        return picked(z, top)[:, 0] - picked(z, self.own(z, y))[:, 0] + xp.log1p(xp.sum(rest, axis=1))

    def argument_terms(self, z: Array, y: Array) -> Array:
        return namespace(z).zeros_like(z)  # `rounding` says it

    def gradient(self, z: Array, y: Array) -> Array:
        xp = namespace(z)
        p, own = self.mean(z), self.own(z, y)
        others = xp.sum(xp.where(own, xp.zeros_like(p), p), axis=1)[:, None]  # 1 − p_y, and nothing cancels
        return xp.where(own, -others, p)

    def shares(self, y: Array, smoothing: float = 0.0) -> Array:
        """(1 − smoothing) e_y + smoothing / K, (n, K)."""
        own = namespace(y).astype(self.own(y, y), y.dtype)
        return (1 - smoothing) * own + smoothing / self.classes

    def value_and_gradient(self, z: Array, y: Array) -> tuple[Array, Array]:
        """(log Σ e^η − Σ yₖ ηₖ, p − y) of shares y (n, K) that add up to 1."""
        xp = namespace(z)
        above = z - xp.max(z, axis=1, keepdims=True)
        e = xp.exp(above)
        total = xp.sum(e, axis=1, keepdims=True)
        return xp.log(total)[:, 0] - xp.sum(y * above, axis=1), e / total - y

    def gradient_terms(self, z: Array, y: Array) -> Array:
        return abs(self.gradient(z, y))

    def curvature(self, z: Array, y: Array, v: Array) -> Array:
        return self.bending(z, y)(v)

    def bending(self, z: Array, y: Array) -> Callable[[Array], Array]:
        xp, p = namespace(z), self.mean(z)
        return lambda v: p * (v - xp.sum(p * v, axis=1)[:, None])

    def bend(self, z: Array, y: Array) -> Array:
        """diag(p) − p pᵀ, (n, K, K), its diagonal pₖ Σ over l ≠ k of pₗ: nothing cancels."""
        p = self.mean(z)
        product = p[:, :, None] * p[:, None, :]
        off = product * (1 - np.eye(self.classes))
        return np.asarray(off.sum(axis=2)[:, :, None] * np.eye(self.classes) - off)

    def root(self, z: Array, y: Array) -> tuple[Array, Array]:
        """(G, r), (n, K, K) and (n, K): ℓ″ = GᵀG and ℓ′ = Gᵀr; G = (I − q qᵀ) diag(q), r = q − e_y / q_y, q = √p."""
        above, _ = from_top(z)
        q = np.exp(0.5 * above)
        q = q / np.sqrt(np.sum(q * q, axis=1))[:, None]
        p, same, own = q * q, np.eye(self.classes, dtype=bool), self.own(z, y)
        off = np.where(same, 0.0, p[:, None, :])
        G = q[:, :, None] * np.where(same, off.sum(axis=2)[:, :, None], -off)
        others = np.sum(np.where(own, 0.0, p), axis=1)[:, None]  # 1 − p_y, and nothing cancels
        return G, np.where(own, -others / np.where(own, np.maximum(q, 1e-300), 1.0), q)

    def conjugate(self, u: Array, y: Array) -> Array:
        """Σ pₖ log pₖ with p = u + e_y; +∞ where a pₖ is negative, or Σ pₖ is not 1, by more than rounding, (n,)."""
        xp = namespace(u)
        own = self.own(u, y)
        p = u + xp.where(own, xp.ones_like(u[:, :1]), xp.zeros_like(u[:, :1]))
        p = xp.where(abs(p) < 1e-15 * self.classes, xp.zeros_like(p), p)
        terms = p * xp.log(xp.where(p > 0, p, xp.ones_like(p)))
        inside = xp.all(p >= 0, axis=1) & (abs(xp.sum(u, axis=1)) < 1e-14 * self.classes)
        total = xp.sum(terms, axis=1)
        return xp.where(inside, total, xp.full_like(total, math.inf))

    def conjugate_slope(self, u: Array, y: Array) -> Array:
        return 40.0 + 0.0 * u

    def mean(self, z: Array) -> Array:
        """p = softmax(η), (n, K)."""
        xp = namespace(z)
        e = xp.exp(from_top(z)[0])
        return e / xp.sum(e, axis=1)[:, None]

    def null(self, y: Array, weight: Array) -> float:
        """−Σ shareₖ log shareₖ: the entropy of the classes."""
        shares = [math.fsum(weight[y == k]) for k in range(self.classes)]
        total = math.fsum(shares)
        return -math.fsum(share * math.log(share / total) for share in shares if share > 0) / total

    def constant(self, mean: Array) -> Array:
        """η (K,) with softmax(η) = mean, the shares of the classes, (K,), all positive; they add up to 0."""
        eta = np.log(mean)
        return eta - eta.mean()

    def own(self, z: Array, y: Array) -> Array:
        """[k = y], (n, K)."""
        return namespace(z).arange(self.classes, dtype=y.dtype)[None, :] == y[:, None]


def picked(eta: Array, chosen: Array) -> Array:
    """η_c, c the chosen entry of each row, (n, 1); its derivative goes to that entry alone."""
    xp = namespace(eta)
    return xp.sum(xp.where(chosen, eta, xp.zeros_like(eta)), axis=1)[:, None]


def from_top(eta: Array) -> tuple[Array, Array]:
    """(η − max η, [k is the first at which it is reached]), (n, K) each."""
    xp = namespace(eta)
    top = xp.arange(eta.shape[1])[None, :] == xp.argmax(eta, axis=1)[:, None]
    return eta - picked(eta, top), top
