"""Ω(w): the penalty, minus the logarithm of a prior.

Regularisation is a prior belief about the parameters, and a separable convex Ω is known by its prox. Each penalty
takes a strength per parameter, so that an intercept is free (strength 0) and a network's biases may be too.
Certificates ask for two more things: the smallest element of g + ∂Ω(w), which measures how far w is from optimal,
and the conjugate Ω*, for duality.
"""

from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np
from jaxtyping import Bool, Float

Vector = Float[np.ndarray, " p"]


class Penalty(ABC):
    """Ω(w) = Σⱼ Ωⱼ(wⱼ), convex; vectors have one entry per parameter, (p,)."""

    name: ClassVar[str]

    @abstractmethod
    def value(self, w: Vector) -> float:
        """Ω(w), +∞ outside the bounds."""

    @abstractmethod
    def prox(self, v: Vector, step: float) -> Vector:
        """argmin_w ½‖w − v‖² + step Ω(w)."""

    @abstractmethod
    def conjugate(self, u: Vector) -> float:
        """Ω*(u) = sup_w (uᵀw − Ω(w))."""

    @abstractmethod
    def residual(self, w: Vector, g: Vector) -> Vector:
        """The entry-wise smallest element of g + ∂Ω(w): zero exactly where w is optimal."""

    @abstractmethod
    def sparing(self, free: Bool[np.ndarray, " p"]) -> "Penalty":
        """The same penalty spread to one strength per parameter, with 0 and no bounds where `free` (the intercepts)."""


def __getattr__(name: str) -> type[Penalty]:
    if name != "ElasticNet":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from infimum.penalties.elastic_net import ElasticNet

    return ElasticNet
