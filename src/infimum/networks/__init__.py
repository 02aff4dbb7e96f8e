"""f(w): networks, models that are composed of layers and differentiated by machine.

A network is a model like any other: predict, push, pull (J v by forward mode, Jᵀ u by reverse mode of automatic
differentiation), one flat parameter vector, NumPy arrays at the door. So losses, penalties, objective, solvers and
certificates are the same as for a linear model; only what convexity would prove is missing, and the certificate says
so. Inside it is torch, the extra `infimum[networks]`.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any


class TorchMissingError(ImportError):
    """Networks were asked for where torch is not installed."""


def torch_module() -> Any:
    """torch = the module, imported when first needed.

    Raises TorchMissingError, which says how to install it.
    """
    # Read once, when torch starts its threads: a pool that spins while it waits takes the cores from everybody else.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ.setdefault("KMP_BLOCKTIME", "0")
    try:
        return import_module("torch")
    except ModuleNotFoundError as missing:
        if missing.name != "torch":
            raise
        message = "this network is trained by torch, which is not installed: pip install 'infimum[networks]'"
        raise TorchMissingError(message) from missing


@contextmanager
def one_thread(torch: Any, flush: bool = False) -> Iterator[None]:
    """threads = 1, then as before: the same bits however many cores, and small matrices lose less to waiting.

    flush: numbers below the normal range count as 0 meanwhile; gradients that die out would take ten times as long.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    flushed = flush and torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
        if flushed:
            torch.set_flush_denormal(False)


def __getattr__(name: str) -> Any:
    if name != "Dense":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return import_module(f"{__name__}.dense").Dense
