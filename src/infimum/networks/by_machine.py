"""z = f(w), J v and Jᵀ u of a network in torch: forward and reverse mode of automatic differentiation, float64."""

import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import numpy as np
from jaxtyping import Float

from infimum.models import Params, Rows
from infimum.models.chained import Chained
from infimum.models.layout import Layout
from infimum.networks import one_thread, torch_module

torch = torch_module()

Tensor = Any


class ByMachine(Chained, ABC):
    """z = f(w), (n,) or (n, m), of rows X: J v by `torch.func.jvp`, Jᵀ u by `torch.func.vjp`, NumPy in and out."""

    @abstractmethod
    def network(self, w: Tensor, x: Tensor) -> Tensor:
        """z = f(w) on the rows of x, tensors of one precision, (b,) or (b, m)."""

    def __call__(self, w: Params) -> Rows:
        with one_thread(torch), torch.no_grad():
            return np.concatenate([self.network(tensor(w), tensor(self.X[at])).numpy() for at in self.tiles])

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
        if self.outputs > 1 and not self.affine:
            raise ValueError(f"a jacobian of {self.outputs} outputs a row is not formed: use push and pull")
        slope = torch.func.grad(lambda w, x: self.network(w, x[None]).ravel()[0])
        with one_thread(torch):
            first = torch.func.vmap(slope, in_dims=(None, 0))(tensor(w), tensor(self.X)).numpy()
        return np.ascontiguousarray(first[:, :: self.outputs])  # what is 0 belongs to the other outputs

    def _at_rows(self) -> Callable[[Tensor], Tensor]:
        x = tensor(self.X)
        return lambda w: self.network(w, x)


def blocks_of(w: Tensor, layout: Layout) -> tuple[Tensor, ...]:
    """(block₁, block₂, …): views of the flat vector w, each in its shape."""
    return tuple(part.view(shape) for part, shape in zip(w.split(layout.sizes), layout.shapes, strict=True))


def tensor(array: Float[np.ndarray, "..."], dtype: Any = torch.float64) -> Tensor:
    """t = the array as a tensor of its own, in that precision."""
    return torch.tensor(np.asarray(array), dtype=dtype)
