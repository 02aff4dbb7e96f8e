"""z = φ(… φ(x W₀ + b₀) …) W_L + b_L in torch: the perceptron, its derivatives by machine."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from jaxtyping import Float

from infimum.models import chain_rule
from infimum.models.chain_rule import Chain
from infimum.models.layout import Layout
from infimum.models.perceptron import check_architecture, dense_chain, dense_layout
from infimum.networks.by_machine import ByMachine, Tensor, blocks_of


@dataclass(frozen=True)
class Dense(ByMachine):
    """z = φ(… φ(x W₀ + b₀) …) W_L + b_L for each row x of X (n, p): `hidden` units a layer, float64, NumPy in and out.

    The same function and layout as `models.perceptron.Perceptron`; J v by `torch.func.jvp`, Jᵀ u by `torch.func.vjp`.
    Raises ValueError for a width below 1 or an unknown activation.

    >>> import numpy as np
    >>> Dense(np.array([[1.0, 2.0]]), hidden=(1,)).pull(np.array([3.0, 4.0, 5.0, 2.0, 1.0]), np.ones(1))
    array([ 2.,  4.,  2., 16.,  1.])
    """

    X: Float[np.ndarray, "n p"]
    hidden: tuple[int, ...] = ()
    activation: str = "relu"
    outputs: int = 1

    def __post_init__(self) -> None:
        check_architecture(self.hidden, self.activation)

    @property
    def chain(self) -> Chain:
        """The layers, one after another."""
        return dense_chain(self.X.shape[1], self.hidden, self.activation, self.outputs)

    @property
    def layout(self) -> Layout:
        return dense_layout(self.X.shape[1], self.hidden, self.outputs)

    @property
    def affine(self) -> bool:
        return not self.hidden

    def rows(self, index: Any) -> "Dense":
        return replace(self, X=self.X[index])

    def network(self, w: Tensor, x: Tensor) -> Tensor:
        z, _ = chain_rule.forward(self.chain, chain_rule.grouped(self.chain, blocks_of(w, self.layout)), x)
        return z[:, 0] if self.outputs == 1 else z
