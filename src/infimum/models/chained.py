"""z = f_L(… f₁(u; w₁) …; w_L): models that are a chain of layers, on inputs u made of their rows."""

from abc import ABC, abstractmethod

from jaxtyping import Float

from infimum.models import Model
from infimum.models.chain_rule import Chain
from infimum.models.layers import Array


class Chained(Model, ABC):
    """z = f(w), (n,) or (n, m), of rows X (n, p), layer after layer: what a training by batches works on."""

    X: Array

    @property
    @abstractmethod
    def chain(self) -> Chain:
        """The layers, one after another."""

    @property
    def inputs(self) -> Float[Array, "n p"]:
        """u, what the first layer sees of the rows: X itself, unless a model says otherwise."""
        return self.X
