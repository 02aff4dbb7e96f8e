"""w ↦ w elsewhere: tensors that say they are on a device that is not here, and that only their own kind may meet.

So a machine without an accelerator can be asked whether every tensor of a training is where the others are: the numbers
are the processor's, to the bit; what would fail on an accelerator (two memories in one operation, `.numpy()`) fails.
"""

from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_map

DEVICE = torch.device("lazy", 0)
aten = torch.ops.aten


class Elsewhere(torch.Tensor):
    """A tensor of the processor that says it is on DEVICE."""

    inner: torch.Tensor

    @staticmethod
    def __new__(cls, inner: torch.Tensor) -> "Elsewhere":
        found = torch.Tensor._make_wrapper_subclass(
            cls, inner.shape, strides=inner.stride(), dtype=inner.dtype, device=DEVICE
        )
        found.inner = inner
        return found

    @classmethod
    def __torch_dispatch__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return moved(func, args, kwargs or {})


class Machine(TorchDispatchMode):
    """Inside, DEVICE can be asked for."""

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return moved(func, args, kwargs or {})


def moved(func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    """func(args) where its tensors are. Raises RuntimeError where they are in two memories, numbers alone excepted."""
    seen: list[Any] = []
    tree_map(lambda each: seen.append(each) if isinstance(each, torch.Tensor) else None, (args, kwargs))
    there = {id(each.inner): each for each in seen if isinstance(each, Elsewhere)}
    if there and func is not aten.copy_.default and any(each.ndim for each in seen if not isinstance(each, Elsewhere)):
        raise RuntimeError(f"{func}: some tensors are elsewhere, and some are not")
    asked = kwargs.get("device")
    args, kwargs = tree_map(lambda each: each.inner if isinstance(each, Elsewhere) else each, (args, kwargs))
    found = func(*args, **kwargs | ({"device": torch.device("cpu")} if asked else {}))
    if not (asked.type != "cpu" if asked else there):
        return found
    return tree_map(lambda each: _told(each, there) if isinstance(each, torch.Tensor) else each, found)


def _told(inner: torch.Tensor, there: dict[int, Elsewhere]) -> Elsewhere:
    """The tensor on DEVICE that has these numbers, the one that there is where an operation was in place."""
    return there[id(inner)] if id(inner) in there else Elsewhere(inner)
