"""F(w) = Σᵢ s̃ᵢ ℓ(fᵢ(w), yᵢ) + Ω(w): the one equation. What the library fits by minimisation is this, or a sibling."""

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from infimum.losses import Loss
from infimum.models import Model, Params, Rows
from infimum.penalties.elastic_net import ElasticNet


class Objective(Protocol):
    """F = f + Ω: what a solver may ask of a problem. f is smooth; Ω acts through its prox."""

    def value(self, w: Params) -> float:
        """F(w)."""

    def gradient(self, w: Params) -> Params:
        """∇f(w), of the smooth part alone, (p,)."""

    def curvature(self, w: Params, v: Params) -> Params:
        """(∇²f(w)) v, or a positive semidefinite stand-in for it, (p,)."""


@dataclass(frozen=True)
class LikelihoodObjective:
    """F(w) = Σᵢ s̃ᵢ ℓ(zᵢ, yᵢ) + Ω(w),  z = model(w),  s̃ = s / Σ s.

    y and weight are (n,), weight sums to 1 up to rounding; the penalty has one strength per entry of w. Made by `of`.

    >>> import numpy as np
    >>> from infimum.losses import Squared
    >>> from infimum.models.linear import Linear
    >>> model = Linear(np.eye(2), intercept=False)
    >>> F = LikelihoodObjective.of(model, Squared(), ElasticNet(l2=1.0), np.array([1.0, 3.0]))
    >>> F.value(np.zeros(2))
    2.5
    """

    model: Model
    loss: Loss
    penalty: ElasticNet
    y: Rows
    weight: Rows

    @classmethod
    def of(cls, model: Model, loss: Loss, penalty: ElasticNet, y: Any, weight: Any = None) -> "LikelihoodObjective":
        """F from raw sample weights s (None: all 1) and a penalty of any shape; intercepts are left free."""
        y = np.asarray(y, dtype=float)
        weight = np.ones(y.shape) if weight is None else np.asarray(weight, dtype=float)
        if not (np.all(weight >= 0) and 0 < weight.sum() < np.inf):
            raise ValueError(f"weights from {weight.min()} to {weight.max()}: expected ≥ 0, with a finite sum above 0")
        if not loss.takes(y):
            raise ValueError(f"y from {y.min()} to {y.max()}; the {loss.name} loss takes {loss.domain}")
        return cls(model, loss, penalty.sparing(model.layout.free), y, weight / weight.sum())

    def value(self, w: Params) -> float:
        with np.errstate(over="ignore"):
            return self.mean_loss(w) + self.penalty.value(w)

    @cached_property
    def origin(self) -> Rows:
        """f(0), of the shape of z: what an affine model adds to J w."""
        return self.model.origin()

    def mean_loss(self, w: Params) -> float:
        """f(w) = Σᵢ s̃ᵢ ℓ(zᵢ, yᵢ), without the penalty; +∞ where ℓ overflows, never NaN."""
        with np.errstate(over="ignore", invalid="ignore"):
            mean = float(self.weight @ self.loss.values(counted(self.model(w), self.weight), self.y))
        return math.inf if math.isnan(mean) else mean

    def residual(self, w: Params) -> Rows:
        """u = s̃ ℓ′(z): the dual point, of the shape of z."""
        return weighted(self.weight, self.loss.gradient(counted(self.model(w), self.weight), self.y))

    def gradient(self, w: Params) -> Params:
        return self.model.pull(w, self.residual(w))

    def slope(self, w: Params) -> "Slope":
        """z, f, u and ∇f at w."""
        whole = len(self.model.tiles) == 1
        z, u, g = self._slope_of(self.model, slice(None), w) if whole else self._slope_by_tiles(w)
        with np.errstate(over="ignore", invalid="ignore"):
            mean = float(self.weight @ self.loss.values(z, self.y))
        return Slope(z, math.inf if math.isnan(mean) else mean, u, g)

    def _slope_by_tiles(self, w: Params) -> tuple[Rows, Rows, Params]:
        """The same of all rows, some at a time."""
        found, total = [], np.zeros(len(w))
        for at in self.model.tiles:
            z, u, g = self._slope_of(self.model.rows(at), at, w)
            found.append((z, u))
            total += g
        z, u = (np.concatenate(parts) for parts in zip(*found, strict=True))
        return z, u, total

    def _slope_of(self, model: Model, at: slice, w: Params) -> tuple[Rows, Rows, Params]:
        """(z, u, Jᵀ u) of the rows `at`, which are those of the model."""
        z, pull = model.linearised(w)
        z = counted(z, self.weight[at])
        with np.errstate(over="ignore", invalid="ignore"):
            u = weighted(self.weight[at], self.loss.gradient(z, self.y[at]))
            return z, u, pull(u)

    def curvature(self, w: Params, v: Params) -> Params:
        """Jᵀ diag(s̃ ℓ″(z)) J v, (p,): the Hessian of f where the model is affine, Gauss–Newton elsewhere."""
        z = counted(self.model(w), self.weight)
        bent = self.loss.curvature(z, self.y, self.model.push(w, v))
        return self.model.pull(w, weighted(self.weight, bent))

    def hessian(self, w: Params, v: Params) -> Params:
        """(∇²f(w)) v = Jᵀ diag(s̃ ℓ″(z)) J v + (∂(Jᵀu)/∂w) v, (p,): Gauss–Newton, and how the model itself bends.

        Pearlmutter (1994). Raises NotImplementedError for a model without second derivatives.
        """
        return self.curvature(w, v) + self.model.turn(w, self.residual(w), v)

    def rows(self, index: Any) -> "LikelihoodObjective":
        """F on the rows `index` alone, their weights normalised again."""
        weight = self.weight[index]
        return replace(self, model=self.model.rows(index), y=self.y[index], weight=weight / weight.sum())

    @cached_property
    def uneven(self) -> bool:
        """Whether rows that count have unlike weights, each rounded by itself when divided by the sum."""
        least = self.weight.min(initial=math.inf, where=self.weight > 0)
        return bool(self.weight.max(initial=0.0) > least)

    def null_value(self) -> float:
        """F(null): the value at the best constant prediction, or at z = 0 without an intercept."""
        return self._null

    @cached_property
    def _null(self) -> float:
        if self.model.layout.free.any():
            return self.loss.null(self.y, self.weight)
        zero = np.zeros(self.y.shape if self.loss.outputs == 1 else (len(self.y), self.loss.outputs))
        return math.fsum(self.weight * self.loss.value(zero, self.y))


@dataclass(frozen=True)
class Slope:
    """z, f(w) = Σᵢ s̃ᵢ ℓ(zᵢ, yᵢ), u = s̃ ℓ′(z) and Jᵀ u at one w: a pass forward and one back."""

    z: Rows
    mean_loss: float
    u: Rows
    g: Params


def weighted(weight: Rows, array: np.ndarray) -> np.ndarray:
    """s̃ᵢ arrayᵢ: each row times its weight, whatever the shape of a row.

    >>> weighted(np.array([2.0, 3.0]), np.ones((2, 2))).tolist()
    [[2.0, 2.0], [3.0, 3.0]]
    """
    return np.asarray(weight[(slice(None), *[None] * (array.ndim - 1))] * array)


def counted(z: Rows, weight: Rows) -> Rows:
    """z, but 0 in rows of weight 0: they count for nothing, and 0 · ℓ(z) must be 0 even where ℓ overflows.

    >>> counted(np.array([1.0, 800.0]), np.array([1.0, 0.0])).tolist()
    [1.0, 0.0]
    """
    if weight.all():
        return z
    counting = np.array(z)
    counting[weight == 0] = 0.0
    return counting
