"""argmin F: from an objective and a start to a Solution, which carries its own evidence.

A solver stops because its claim holds, never because a step was small; one that could not get there says so in the
certificate and says why in the trace. `choose` is the table of which solver serves which problem; `minimise` is the
functional door.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from infimum.certificates.claim import Certificate


@dataclass(frozen=True)
class Step:
    """(k, F(wₖ), measure, length): one iteration; `measure` is the solver's view of optimality, `length` its step."""

    iteration: int
    objective: float
    measure: float
    length: float


@dataclass(frozen=True)
class Trace:
    """w₀ → w₁ → …: the iterations, why they stopped, and the facts a solver knows (step limits, proven rates)."""

    steps: tuple[Step, ...]
    stopped: str
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Solution:
    """(ŵ, certificate, trace): the answer of every solver; params is the flat vector (p,)."""

    params: np.ndarray
    certificate: Certificate
    trace: Trace


_TABLE = {
    "minimise": "functional",
    "prox_newton": "newton",
    "least_squares": "direct",
    "gradient_descent": "gradient",
}


def __getattr__(name: str) -> Any:
    if name not in _TABLE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_TABLE[name]}"), name)
