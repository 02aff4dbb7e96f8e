"""w ← prox_ηΩ(w − η ∇f(w)): gradient descent that says how long a step may be, and how fast it must converge.

The descent lemma gives the limit η < 2/λ_max, λ_max the largest eigenvalue of ∇²f; with η ≤ 1/λ_max, F(w_k) − F* ≤
‖w₀ − w*‖² / (2 η k) if F is convex (Beck & Teboulle 2009, thm 3.1), ≤ 2 ‖w₀ − w*‖² / (η (k+1)²) with acceleration
(thm 4.4), and the error shrinks by (1 − η μ) a step where the curvature is at least μ.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from infimum.certificates.certify import certify
from infimum.certificates.rounding import gamma
from infimum.models import Params
from infimum.objective import LikelihoodObjective
from infimum.solvers import Solution, Step, Trace

WIDE = 2000  # rows and columns up to which a spectrum is computed
PLAIN_LAW = "F(w_k) − F* ≤ ‖w₀ − w*‖² / (2 η k)"
RESTARTED_LAW = "F(w_k) − F* ≤ 2‖w_r − w*‖² / (η (k − r + 1)²) for k > r, the last restart"


@dataclass(frozen=True)
class Curvature:
    """(λ_max, μ, proven): the largest and smallest curvature along any step; `proven` where they are global bounds."""

    largest: float
    smallest: float
    proven: bool
    convex: bool = False

    @property
    def limit(self) -> float:
        """2/λ_max, +∞ where nothing curves: a step has to be shorter."""
        return 2 / self.largest if self.largest > 0 else math.inf

    def facts(self, learning_rate: float, accelerated: bool) -> dict[str, Any]:
        """What theory says of this step size, with its assumptions, in words and numbers.

        "rate" is the factor 1 − η μ by which the distance to w* shrinks a step, of plain steps with η ≤ 1/λ_max.
        """
        law = RESTARTED_LAW if accelerated else PLAIN_LAW
        assumptions = "convex, curvature ≤ λ_max everywhere, η ≤ 1/λ_max"
        rate = 1 - learning_rate * self.smallest
        if not self.proven:
            why = "curvature without a bound" if self.convex else "not convex"
            assumptions = f"{why}: λ_max is that of the start; 'auto' halves η where the descent lemma fails"
            law, assumptions = "none", f"{assumptions}; no rate is proven"
        elif learning_rate > 0.5 * self.limit * (1 + 1e-15):
            above = f"η exceeds 1/λ_max = {0.5 * self.limit:.4g}"
            law, assumptions = "none", f"{above}: below 2/λ_max plain steps still descend, but no rate is claimed"
        return {
            "learning_rate": learning_rate,
            "largest_curvature": self.largest,
            "smallest_curvature": self.smallest,
            "limit": self.limit,
            "rate": math.nan if law == "none" or accelerated else rate,
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
    """w_{k+1} = prox_ηΩ(w_k − η ∇f(w_k)), plain or accelerated (Nesterov 1983; restarts: O'Donoghue & Candès 2015).

    learning_rate "auto" is 1/λ_max, for models that are not affine halved where it proves too long. The trace holds
    one Step an epoch (k, F(w_k), the length of the proximal gradient, η) and facts: λ_max, 2/λ_max, the proven law
    with its assumptions, the last restart. Stops when ‖(w − w⁺)/η‖∞ ≤ tolerance times its first value; divergence is
    detected, explained, and the best point returned.
    Raises ValueError for a learning rate that is not a positive number, or no start for a model that is not affine.
    """
    if start is None and not objective.model.affine:
        raise ValueError("start = None; a model that is not affine needs a start (at 0 all its units are alike)")
    w = np.zeros(objective.model.layout.size) if start is None else np.array(start, dtype=float)
    curvature = curvature_of(objective, w)
    given = 1 / max(curvature.largest, 1e-300) if learning_rate == "auto" else learning_rate
    if isinstance(given, str) or not 0 < given < math.inf:
        wanted = f"expected 'auto' or a positive number (here 2/λ_max = {curvature.limit:.4g})"
        raise ValueError(f"learning_rate = {learning_rate!r}; {wanted}")
    rate = float(given)
    cautious = learning_rate == "auto" and not curvature.proven
    path = _iterate(objective, w, (rate, tolerance, epochs), accelerated, cautious)
    stopped = diverged(rate, curvature) if path.stopped == "diverged" else path.stopped
    facts = {**curvature.facts(rate, accelerated), "restart": path.restart}
    name = "accelerated gradient descent" if accelerated else "gradient descent"
    certificate = certify(objective, path.best, name, len(path.steps), tolerance)
    return Solution(path.best, certificate, Trace(path.steps, stopped, facts))


@dataclass(frozen=True)
class Path:
    """w₀ → … → best: the steps, why they stopped, and the last iteration at which the momentum was reset."""

    best: Params
    steps: tuple[Step, ...]
    stopped: str
    restart: int


def _iterate(
    objective: LikelihoodObjective, w: Params, settings: tuple[float, float, int], accelerated: bool, cautious: bool
) -> Path:
    """The path from w with (η, tolerance, epochs); `cautious` halves η wherever the descent lemma fails."""
    rate, tolerance, epochs = settings
    ahead, momentum, restart = w, 1.0, 0
    first = lowest = objective.value(w)
    steps: list[Step] = []
    best, target = w, None
    for k in range(1, epochs + 1):
        with np.errstate(over="ignore", invalid="ignore"):  # a step that is far too long is noticed below
            following, rate = proximal_step(objective, ahead, rate, cautious)
            slope = float(np.max(np.abs(ahead - following), initial=0.0)) / rate
            fresh = objective.value(following)
        steps.append(Step(k, fresh, slope, rate))
        if not np.isfinite(fresh) or fresh > 10 * abs(first) + 1e3 * abs(lowest) + 1:
            return Path(best, tuple(steps), "diverged", restart)
        if fresh < lowest:
            best, lowest = following, fresh
        target = tolerance * max(slope, 1e-300) if target is None else target
        if slope <= target:
            return Path(following, tuple(steps), "the proximal gradient is within the tolerance", restart)
        longer = (1 + math.sqrt(1 + 4 * momentum**2)) / 2
        if not accelerated:
            ahead = following
        elif float((ahead - following) @ (following - w)) > 0:  # the momentum points uphill: start again from here
            ahead, longer, restart = following, 1.0, k
        else:
            ahead = following + (momentum - 1) / longer * (following - w)
        w, momentum = following, longer
    stopped = f"{epochs} epochs were not enough: raise epochs, scale the columns, or use a Newton solver"
    return Path(best, tuple(steps), stopped, restart)


def proximal_step(
    objective: LikelihoodObjective, w: Params, rate: float, cautious: bool = False
) -> tuple[Params, float]:
    """(w⁺, η), w⁺ = prox_ηΩ(w − η ∇f(w)); if cautious, η such that f(w⁺) ≤ f(w) + ∇f(w)ᵀd + ‖d‖² / (2 η)."""
    g, penalty = objective.gradient(w), objective.penalty
    following = penalty.prox(w - rate * g, rate)
    if not cautious:
        return following, rate
    smooth = objective.mean_loss(w)  # w, ahead of the iterates, may lie beyond the bounds of the penalty
    while rate > 1e-12:
        d = following - w
        bound = smooth + float(g @ d) + float(d @ d) / (2 * rate) + 1e-12 * abs(smooth)
        if objective.mean_loss(following) <= bound:
            break
        rate /= 2
        following = penalty.prox(w - rate * g, rate)
    return following, rate


def curvature_of(objective: LikelihoodObjective, w: Params) -> Curvature:
    """(λ_max, μ) of ∇²f along any step, proven where the model is affine: λ_max(AᵀSA) sup ℓ″, λ_min(AᵀSA) inf ℓ″.

    For any other model, and where ℓ″ has no bound, λ_max is that of JᵀDJ at w, by power iteration, and nothing is
    proven of other points.
    """
    loss = objective.loss
    if not objective.model.affine or math.isinf(loss.curvature_bound):
        return Curvature(_power_iteration(objective, w), 0.0, False, objective.model.affine and loss.convex)
    smallest, largest = _spectrum_within(objective.model.jacobian(w) * np.sqrt(objective.weight)[:, None])
    flattest = loss.curvature_bound if loss.self_concordance == 0 else 0.0  # only a quadratic bends alike everywhere
    return Curvature(largest * loss.curvature_bound, smallest * flattest, loss.convex)


def _spectrum_within(B: np.ndarray) -> tuple[float, float]:
    """(a, b) with a ≤ λ(BᵀB) ≤ b, rounding included: from the spectrum of the smaller Gram matrix where it is small.

    Beyond WIDE rows and columns b is the smaller of tr BᵀB and ‖B‖₁‖B‖∞, which are proven but not tight, and a is 0.
    """
    n, p = B.shape
    trace = float(np.sum(B * B))
    slack = gamma(n + 10 * p) * trace
    if min(n, p) == 0 or trace == 0:
        return 0.0, 0.0
    if min(n, p) > WIDE:
        sums = np.abs(B)
        norms = float(sums.sum(axis=0).max()) * float(sums.sum(axis=1).max())
        return 0.0, min(trace, norms) * (1 + gamma(2 * (n + p)))
    spectrum = np.linalg.eigvalsh(B.T @ B if p <= n else B @ B.T)
    return max(float(spectrum[0]) - slack, 0.0) if p <= n else 0.0, float(spectrum[-1]) + slack


def _power_iteration(objective: LikelihoodObjective, w: Params) -> float:
    """λ_max(JᵀDJ) at w, to about six digits where the start is not orthogonal to its eigenvector."""
    v, length = np.ones(len(w)) / np.sqrt(len(w)), 0.0
    for _ in range(100):
        pushed = objective.curvature(w, v)
        length, before = float(np.linalg.norm(pushed)), length
        if length == 0 or abs(length - before) <= 1e-6 * length:
            break
        v = pushed / length
    return length


def diverged(rate: float, curvature: Curvature) -> str:
    """η > 2/λ_max, in words: what was set, the limit, what to set instead."""
    safe, limit = f"{0.5 * curvature.limit:.4g}", f"2/λ_max = {curvature.limit:.4g}"
    if rate > curvature.limit or not curvature.proven:
        remedy = f"set learning_rate='auto' or at most {safe}"
        return f"diverged: the learning rate {rate:.4g} against the limit {limit}; {remedy}"
    remedy = f"momentum overshoots; use accelerated=False or η ≤ {safe}"
    return f"diverged although η = {rate:.4g} is below {limit}: {remedy}"
