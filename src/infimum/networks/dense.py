"""z = φ(… φ(x W₀ + b₀) …) W_L + b_L in torch: the perceptron, its derivatives by machine."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from jaxtyping import Float

from infimum.models import Params, Rows, chain_rule
from infimum.models.chain_rule import Chain
from infimum.models.chained import Chained
from infimum.models.layout import Layout
from infimum.models.perceptron import check_architecture, dense_chain, dense_layout
from infimum.networks import one_thread, torch_module

torch = torch_module()

Tensor = Any


@dataclass(frozen=True)
class Dense(Chained):
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

    def __call__(self, w: Params) -> Rows:
        with one_thread(torch):
            return self._at_rows()(tensor(w)).numpy()

    def push(self, w: Params, v: Params) -> Rows:
        with one_thread(torch), warnings.catch_warnings():  # torch's jvp calls its own deprecated jit.script
            warnings.simplefilter("ignore", DeprecationWarning)
            return torch.func.jvp(self._at_rows(), (tensor(w),), (tensor(v),))[1].numpy()

    def pull(self, w: Params, u: Rows) -> Params:
        with one_thread(torch):
            _, back = torch.func.vjp(self._at_rows(), tensor(w))
            return back(tensor(u))[0].numpy()

    def turn(self, w: Params, u: Rows, v: Params) -> Params:
        rows, fixed = self._at_rows(), tensor(u)
        with one_thread(torch), warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            pulled = torch.func.grad(lambda w: (fixed * rows(w)).sum())  # Jᵀ u, to be pushed along v
            return torch.func.jvp(pulled, (tensor(w),), (tensor(v),))[1].numpy()

    def jacobian(self, w: Params) -> Float[np.ndarray, "n p"]:
        if self.outputs > 1 and self.hidden:
            raise ValueError(f"a jacobian of {self.outputs} outputs a row is not formed: use push and pull")
        slope = torch.func.grad(lambda w, x: self.network(w, x[None]).ravel()[0])
        with one_thread(torch):
            first = torch.func.vmap(slope, in_dims=(None, 0))(tensor(w), tensor(self.X)).numpy()
        return np.ascontiguousarray(first[:, :: self.outputs])  # what is 0 belongs to the other outputs

    def rows(self, index: Any) -> "Dense":
        return replace(self, X=self.X[index])

    def network(self, w: Tensor, x: Tensor) -> Tensor:
        """z = f(w) on the rows of x (b, p), tensors of one precision, (b,) or (b, m): what torch trains."""
        z, _ = chain_rule.forward(self.chain, chain_rule.grouped(self.chain, blocks_of(w, self.layout)), x)
        return z[:, 0] if self.outputs == 1 else z

    def _at_rows(self) -> Callable[[Tensor], Tensor]:
        x = tensor(self.X)
        return lambda w: self.network(w, x)


def blocks_of(w: Tensor, layout: Layout) -> tuple[Tensor, ...]:
    """(block₁, block₂, …): views of the flat vector w, each in its shape."""
    return tuple(part.view(shape) for part, shape in zip(w.split(layout.sizes), layout.shapes, strict=True))


def tensor(array: Float[np.ndarray, "..."], dtype: Any = torch.float64) -> Tensor:
    """t = the array as a tensor of its own, in that precision."""
    return torch.tensor(np.asarray(array), dtype=dtype)
