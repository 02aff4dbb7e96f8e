"""argmin F: from an objective and a start to a Solution, which carries its own evidence.

A solver stops because its claim holds, never because a step was small; one that could not get there says so in the
certificate and says why in the trace. `choose` is the table of which solver serves which problem; `minimise` is the
functional door.
"""

from dataclasses import dataclass, field
from html import escape
from typing import Any

import numpy as np

from infimum.certificates.claim import Certificate, html_table


@dataclass(frozen=True)
class Step:
    """(k, F(wₖ), measure, length): one iteration; `measure` is the solver's view of optimality, `length` its step."""

    iteration: int
    objective: float
    measure: float
    length: float


@dataclass(frozen=True)
class Reading:
    """(‖gₗ‖, ‖Δwₗ‖ / ‖wₗ‖, idle units, m̂² / v̂, λ_max) after an epoch of a network's training: see `monitors.py`."""

    epoch: int
    slopes: tuple[float, ...]
    moves: tuple[float, ...]
    idle: tuple[float, ...]
    signal: float
    curvature: float
    strain: float


@dataclass(frozen=True)
class Trace:
    """w₀ → w₁ → …: the iterations, why they stopped, and the facts a solver knows (step limits, proven rates).

    readings: what a network looked like from inside on the way; step_seconds: what a step of its training took, in the
    median of the epochs, 0 where nobody looked.
    """

    steps: tuple[Step, ...] = field(repr=False)
    stopped: str
    facts: dict[str, Any] = field(default_factory=dict)
    readings: tuple[Reading, ...] = field(default=(), repr=False)
    step_seconds: float = field(default=0.0, repr=False, compare=False)

    def _shown(self) -> list[Step]:
        last = len(self.steps) - 1
        return [step for i, step in enumerate(self.steps) if i in (*range(10), last) or str(i + 1).strip("0") in "125"]

    def _repr_html_(self) -> str:
        """HTML: the same table, why the steps stopped, and the facts."""
        rows = [(f"{s.iteration}", f"{s.objective:.12g}", f"{s.measure:.3g}", f"{s.length:.4g}") for s in self._shown()]
        table = html_table("", ("step", "objective", "measure", "length"), rows)
        facts = "".join(f"<br>{escape(f'{name}: {value}')}" for name, value in self.facts.items())
        return f"<div>{table}<p>{escape(self.stopped)}{facts}</p></div>"

    def __str__(self) -> str:
        """The steps as a table (ten, then 20, 50, 100, … and the last), why they stopped, and the facts."""
        rows = self._shown()
        lines = [f"{s.iteration:>8}  {s.objective:>18.12g}  {s.measure:>10.3g}  {s.length:>10.4g}" for s in rows]
        head = f"{'step':>8}  {'objective':>18}  {'measure':>10}  {'length':>10}"
        return "\n".join([head, *lines, self.stopped, *(f"{name}: {value}" for name, value in self.facts.items())])


@dataclass(frozen=True)
class Solution:
    """(ŵ, certificate, trace): the answer of every solver; params is the flat vector (p,), value F(ŵ) if known."""

    params: np.ndarray
    certificate: Certificate
    trace: Trace
    value: float | None = None


_TABLE = {
    "minimise": "functional",
    "prox_newton": "prox_newton",
    "least_squares": "direct",
    "gauss_newton": "gauss_newton",
    "gradient_descent": "gradient",
    "GradientDescent": "descent",
    "stochastic_gradient_descent": "stochastic_descent",
    "adamw": "stochastic",
}


def __getattr__(name: str) -> Any:
    if name not in _TABLE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_TABLE[name]}"), name)
