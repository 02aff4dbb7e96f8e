"""w ← w + t (v − w),  v = argmin of the quadratic model gᵀ(v − w) + ½ (v − w)ᵀ H (v − w) + Ω(v): proximal Newton.

Lee, Sun & Saunders (2014). The inner problem is coordinate descent on the Gram matrix, or one Cholesky where Ω is smooth; wide
problems keep a working set of columns, grown by the worst violations of optimality (after Massias, Gramfort & Salmon 2018).
"""

from dataclasses import dataclass

import numpy as np

from infimum.certificates.certify import certify
from infimum.certificates.metric import gram
from infimum.kernels.coordinate import coordinate_descent
from infimum.models import Params
from infimum.objective import LikelihoodObjective
from infimum.penalties.elastic_net import ElasticNet
from infimum.solvers import Solution, Step, Trace
from infimum.solvers.polish import inverse_of, polish

NARROW = 500  # columns up to which the whole Gram matrix is formed
PASSES = 2000


@dataclass(frozen=True)
class Model2:
    """gᵀd + ½ dᵀHd on the columns `working` of A."""

    working: np.ndarray
    H: np.ndarray


def prox_newton(objective: LikelihoodObjective, start: Params | None = None, *, tolerance: float = 1e-10, iterations: int = 100) -> Solution:
    """argmin F for a loss with curvature, a model affine in w and any elastic-net penalty with bounds, (p,).

    Stops when the decrement is within tolerance of F(null) − F, then refines to the last digit that float64 gives and certifies.
    Where it does not get there in `iterations`, the certificate says INSUFFICIENT and the trace says why.
    """
    w, steps, stopped = descend(objective, start, tolerance, iterations)
    point = polish(objective, w).point if stopped == "the decrement is within the tolerance" else None
    w = point.w if point is not None and objective.value(point.w) <= objective.value(w) + 1e-12 * abs(objective.value(w)) else w
    return Solution(w, certify(objective, w, "prox-Newton", len(steps), tolerance), Trace(steps, stopped))


def descend(objective: LikelihoodObjective, start: Params | None, tolerance: float, iterations: int) -> tuple[Params, tuple[Step, ...], str]:
    """(w, steps, why it stopped): the iterations without the evidence; inner solves of model selection use this alone."""
    p, penalty = objective.model.layout.size, objective.penalty
    A = objective.model.jacobian(np.zeros(p))
    w = np.clip(np.zeros(p) if start is None else np.array(start, dtype=float), penalty.lower, penalty.upper)
    scale = max(objective.null_value(), 1e-300)
    steps: list[Step] = []
    value = objective.value(w)
    for k in range(iterations):
        z = objective.model(w)
        g = A.T @ (objective.weight * objective.loss.gradient(z, objective.y))
        d = objective.weight * objective.loss.curvature(z, objective.y, np.ones(len(z)))
        v = _minimise_model(A, d, w, g, penalty, tolerance * scale)
        decrease = float(g @ (v - w)) + penalty.value(v) - penalty.value(w)  # ≤ −dᵀHd: the slope of F along v − w
        if -decrease <= tolerance * 1e-2 * max(scale - value, 1e-6 * scale):
            steps.append(Step(k, value, max(-decrease, 0.0), 0.0))
            return v if objective.value(v) <= value else w, tuple(steps), "the decrement is within the tolerance"
        length, following, best = 1.0, v, objective.value(v)
        while not best <= value + 1e-4 * length * decrease and length > 1e-10:
            length /= 2
            following = w + length * (v - w)
            best = objective.value(following)
        steps.append(Step(k, value, -decrease, length))
        if not best < value:
            return w, tuple(steps), "the decrement is within the tolerance" if -decrease < 1e-9 * scale else "no step lowers the objective in float64"
        w, value = following, best
        if value <= 1e-14 * scale:
            return w, tuple(steps), "the objective is at 0, its lowest possible value"
    return w, tuple(steps), f"{iterations} iterations were not enough: raise them, or add a ridge penalty if the classes are separated"


def _minimise_model(A: np.ndarray, d: np.ndarray, w: Params, g: Params, penalty: ElasticNet, tolerance: float) -> Params:
    """v = argmin gᵀ(v − w) + ½ (v − w)ᵀ AᵀDA (v − w) + Ω(v)."""
    l1, l2, lower, upper = (np.broadcast_to(np.asarray(x, dtype=float), w.shape) for x in (penalty.l1, penalty.l2, penalty.lower, penalty.upper))
    if not np.any(l1) and not np.any(np.isfinite(lower) | np.isfinite(upper)):
        return np.asarray(w - inverse_of(gram(A, d) + np.diag(l2))(g + l2 * w))
    if len(w) <= NARROW:
        return _on_columns(np.arange(len(w)), gram(A, d), g, w, (l1, l2, lower, upper), tolerance)
    return _working_sets(A, d, g, w, penalty, (l1, l2, lower, upper), tolerance)


def _working_sets(A: np.ndarray, d: np.ndarray, g: Params, w: Params, penalty: ElasticNet, parts: tuple[np.ndarray, ...], tolerance: float) -> Params:
    """The same minimum through growing sets of columns: solve on the set, check all columns, add the worst."""
    v, chosen = w.copy(), np.flatnonzero((w != 0) | (parts[0] == 0))
    size = max(50, len(chosen))
    for _ in range(100):
        q = g + A.T @ (d * (A @ (v - w)))
        violation = np.abs(penalty.residual(v, q))
        violation[chosen] = 0.0
        worst = np.argsort(-violation, kind="stable")[:size]
        worst = worst[violation[worst] > 1e-13 * max(1.0, float(np.abs(g).max()))]
        if not len(worst) and len(chosen):
            return v
        chosen = np.sort(np.concatenate([chosen, worst]))
        v = _on_columns(chosen, gram(A[:, chosen], d), g, w, parts, tolerance)
        size *= 2
    return v


def _on_columns(chosen: np.ndarray, H: np.ndarray, g: Params, w: Params, parts: tuple[np.ndarray, ...], tolerance: float) -> Params:
    """v, moved from w only in `chosen`, by the coordinate kernel."""
    l1, l2, lower, upper = (np.ascontiguousarray(part[chosen]) for part in parts)
    v = w.copy()
    v[chosen], _ = coordinate_descent(H, np.ascontiguousarray(g[chosen]), w[chosen].copy(), l1, l2, lower, upper, 1e-4 * tolerance + 1e-30, PASSES)
    return v
