"""w ∈ the memory of "cpu", "cuda", …: where torch keeps the tensors of a training, and takes its steps."""

from typing import Any

from infimum.networks import torch_module

NAMES = "'cpu', or an accelerator by torch's name for it ('cuda', 'cuda:1', 'mps', 'xpu')"


def device_named(name: str) -> Any:
    """name ↦ torch.device(name), tried with one number.

    Raises ValueError for a name that torch does not know, and for a device that it cannot compute on here.

    >>> device_named("cpu")
    device(type='cpu')
    """
    torch = torch_module()
    try:
        device = torch.device(name)
    except (RuntimeError, TypeError):
        raise ValueError(f"device = {name!r}; expected {NAMES}") from None
    try:
        torch.zeros(1, device=device).item()
    except (RuntimeError, AssertionError, NotImplementedError) as refused:
        why, others = str(refused).partition("\n")[0].rstrip("."), "'cpu'"
        if torch.accelerator.is_available():
            others += f" and {torch.accelerator.current_accelerator().type!r}"
        raise ValueError(f"device = {name!r}: torch cannot compute on it here ({why}); here is {others}") from refused
    return device
