"""w ← prox_ηΩ(w − η ∇f(w)): gradient descent that says how long a step may be, and how fast it must converge.

The descent lemma gives the limit η < 2/λ_max, λ_max the largest eigenvalue of ∇²f; with η ≤ 1/λ_max, F(w_k) − F* ≤ ‖w₀ − w*‖² / (2 η k) if F is
convex (Beck & Teboulle 2009, thm 3.1), ≤ 2 ‖w₀ − w*‖² / (η (k+1)²) with acceleration (thm 4.4), and the error shrinks by (1 − η μ) a step where the
curvature is at least μ.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from infimum.certificates.certify import certify
from infimum.models import Params
from infimum.objective import LikelihoodObjective
from infimum.solvers import Solution, Step, Trace


@dataclass(frozen=True)
class Curvature:
    """(λ_max, μ, proven): the largest and smallest curvature along any step; `proven` where they are global bounds."""

    largest: float
    smallest: float
    proven: bool

    def facts(self, learning_rate: float, accelerated: bool) -> dict[str, Any]:
        """What theory says of this step size, with its assumptions, in words and numbers."""
        limit = 2 / self.largest if self.largest > 0 else np.inf
        rate = 1 - learning_rate * self.smallest
        law = "F(w_k) − F* ≤ 2‖w₀ − w*‖² / (η (k+1)²)" if accelerated else "F(w_k) − F* ≤ ‖w₀ − w*‖² / (2 η k)"
        assumptions = "convex, curvature ≤ λ_max everywhere, η ≤ 1/λ_max"
        if not self.proven:
            law, assumptions = "none", "the objective is not convex: λ_max is that of the start, and no rate is proven"
        elif learning_rate * self.largest > 1:
            law, assumptions = "none", f"η exceeds 1/λ_max = {1 / self.largest:.4g}: below 2/λ_max plain steps still descend, but no rate is claimed"
        return {
            "learning_rate": learning_rate,
            "largest_curvature": self.largest,
            "smallest_curvature": self.smallest,
            "limit": limit,
            "rate": rate if self.proven and not accelerated else float("nan"),
            "law": law,
            "assumptions": assumptions,
        }


def gradient_descent(
    objective: LikelihoodObjective,
    start: Params | None = None,
    *,
    tolerance: float = 1e-10,
    epochs: int = 10_000,
    learning_rate: float | str = "auto",
    accelerated: bool = True,
) -> Solution:
    """w_{k+1} = prox_ηΩ(w_k − η ∇f(w_k)), plain or accelerated (Nesterov 1983, restarted after O'Donoghue & Candès 2015).

    learning_rate "auto" is 1/λ_max. The trace holds one Step an epoch (F, the length of the proximal gradient, η) and facts: λ_max, 2/λ_max, the proven
    law with its assumptions. Stops when ‖(w − w⁺)/η‖∞ ≤ tolerance times its first value; divergence is detected, explained, and the best point returned.
    Raises ValueError for a learning rate that is not a positive number.
    """
    size = objective.model.layout.size
    w = np.zeros(size) if start is None else np.array(start, dtype=float)
    curvature = curvature_of(objective, w)
    rate = 1 / max(curvature.largest, 1e-300) if learning_rate == "auto" else learning_rate
    if isinstance(rate, str) or not 0 < rate < np.inf:
        raise ValueError(f"learning_rate = {learning_rate!r}; expected 'auto' or a positive number (here 2/λ_max = {2 / curvature.largest:.4g})")
    best, steps, stopped = _iterate(objective, w, float(rate), accelerated, tolerance, epochs)
    if stopped == "diverged":
        stopped = diverged(float(rate), curvature)
    name = "accelerated gradient descent" if accelerated else "gradient descent"
    return Solution(best, certify(objective, best, name, len(steps), tolerance), Trace(steps, stopped, curvature.facts(float(rate), accelerated)))


def _iterate(
    objective: LikelihoodObjective, w: Params, rate: float, accelerated: bool, tolerance: float, epochs: int
) -> tuple[Params, tuple[Step, ...], str]:
    """(best w, steps, why it stopped)."""
    ahead, momentum, steps = w, 1.0, []
    value = first = objective.value(w)
    best, lowest, target = w, value, None
    for k in range(epochs):
        following = objective.penalty.prox(ahead - rate * objective.gradient(ahead), rate)
        slope = float(np.max(np.abs(ahead - following), initial=0.0)) / rate
        fresh = objective.value(following)
        steps.append(Step(k, fresh, slope, rate))
        if not np.isfinite(fresh) or fresh > 10 * abs(first) + 1e3 * abs(lowest) + 1:
            return best, tuple(steps), "diverged"
        if fresh < lowest:
            best, lowest = following, fresh
        target = tolerance * max(slope, 1e-300) if target is None else target
        if slope <= target:
            return following, tuple(steps), "the proximal gradient is within the tolerance"
        if accelerated and float((ahead - following) @ (following - w)) > 0:
            momentum = 1.0  # the momentum points uphill: start again
        longer = (1 + np.sqrt(1 + 4 * momentum**2)) / 2
        ahead = following + (momentum - 1) / longer * (following - w) if accelerated else following
        w, value, momentum = following, fresh, longer
    return best, tuple(steps), f"{epochs} epochs were not enough: raise epochs, scale the columns, or use a Newton solver"


def curvature_of(objective: LikelihoodObjective, w: Params) -> Curvature:
    """(λ_max, μ) of ∇²f along any step: from the spectrum of AᵀSA where the model is affine, from power iteration at w elsewhere."""
    if objective.model.affine:
        A = objective.model.jacobian(w)
        spectrum = np.linalg.eigvalsh((A * objective.weight[:, None]).T @ A) if A.shape[1] <= 2000 else None
        if spectrum is not None:
            loss = objective.loss
            flat = float(np.min(loss.curvature(objective.model(w), objective.y, np.ones(len(A))))) if loss.self_concordance == 0 else 0.0
            return Curvature(float(spectrum[-1]) * loss.curvature_bound * (1 + 1e-12), max(float(spectrum[0]), 0.0) * flat, loss.convex)
    v = np.ones(len(w)) / np.sqrt(len(w))
    length = 0.0
    for _ in range(100):
        pushed = objective.curvature(w, v)
        length, before = float(np.linalg.norm(pushed)), length
        if length == 0 or abs(length - before) <= 1e-6 * length:
            break
        v = pushed / length
    return Curvature(length * (1.0 if not objective.model.affine else 1.01 * objective.loss.curvature_bound / 0.25 if objective.loss.self_concordance else 1.01), 0.0, False)


def diverged(rate: float, curvature: Curvature) -> str:
    """η > 2/λ_max, in words: what was set, the limit, what to set instead."""
    if rate * curvature.largest > 2 or not curvature.proven:
        return (
            f"diverged: the learning rate {rate:.4g} against the limit 2/λ_max = {2 / curvature.largest:.4g}; "
            f"set learning_rate='auto' or at most {1 / curvature.largest:.4g}"
        )
    return f"diverged although η = {rate:.4g} is below 2/λ_max = {2 / curvature.largest:.4g}: momentum overshoots; use accelerated=False or η ≤ {1 / curvature.largest:.4g}"
