"""f(w): the model, a map from parameters to predictions, and its two linear maps.

Everything above this folder knows a model by three verbs: predict `model(w)`, push a change of the parameters
forward, J v, and pull a residual back, Jᵀ u (reverse mode, the chain rule). A model that is affine in its
parameters says so; convexity of the objective, and with it every global certificate, follows from that declaration
and from nothing else.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import numpy as np
from jaxtyping import Float

from infimum.models.layout import Layout

Params = Float[np.ndarray, " p"]
Rows = Float[np.ndarray, " n"]


class Model(ABC):
    """z = f(w), (n,), with J = ∂f/∂w, (n, p); the rows it predicts are part of it.

    A model of m > 1 outputs a row predicts (n, m). If it is affine, w is a matrix (P, m) and z = A w, with one A for
    all outputs: that is its jacobian, (n, P).
    """

    outputs: int = 1

    @property
    def lost(self) -> Float[np.ndarray, "n p"] | None:
        """J − fl(J), (n, p), where the jacobian was rounded and what it lost is known; None where it is as given."""
        return None

    @property
    @abstractmethod
    def layout(self) -> Layout:
        """What the entries of w are: names, shapes, which are intercepts."""

    @property
    @abstractmethod
    def affine(self) -> bool:
        """Whether f(w) = f(0) + J w for every w, with the same J."""

    @abstractmethod
    def __call__(self, w: Params) -> Rows:
        """z = f(w), (n,)."""

    def origin(self) -> Rows:
        """f(0), of the shape of z: what an affine model adds to J w."""
        return np.asarray(self(np.zeros(self.layout.size)), dtype=float)

    def table(self) -> Any:
        """J of an affine model as the passes over rows take it, its column of ones perhaps not written."""
        return np.ascontiguousarray(self.jacobian(np.zeros(self.layout.size)), dtype=float)

    @abstractmethod
    def push(self, w: Params, v: Params) -> Rows:
        """J v, (n,)."""

    @abstractmethod
    def pull(self, w: Params, u: Rows) -> Params:
        """Jᵀ u, (p,)."""

    @property
    def tiles(self) -> tuple[slice, ...]:
        """The rows that a pass takes at a time: all at once, unless a model keeps much of each."""
        return (slice(None),)

    def linearised(self, w: Params) -> tuple[Rows, Callable[[Rows], Params]]:
        """(f(w), u ↦ Jᵀ u): what a pass forward kept serves the way back, where a model has layers."""
        return self(w), lambda u: self.pull(w, u)

    def turn(self, w: Params, u: Rows, v: Params) -> Params:
        """(∂(Jᵀu)/∂w) v, (p,): how the pull of a fixed u turns along v; 0 where f is affine.

        Raises NotImplementedError for a model that does not know it.
        """
        if self.affine:
            return np.zeros(len(w))
        raise NotImplementedError(f"{type(self).__name__} has no second derivative: use a networks.dense.Dense")

    @abstractmethod
    def jacobian(self, w: Params) -> Float[np.ndarray, "n p"]:
        """J as a matrix, (n, p)."""

    @abstractmethod
    def rows(self, index: Any) -> "Model":
        """The same model on the rows `index` alone."""


__all__ = ["Layout", "Model", "Params", "Rows"]
