"""w ← w + t (v − w),  v = argmin of the quadratic model gᵀ(v − w) + ½ (v − w)ᵀ H (v − w) + Ω(v): proximal Newton.

Lee, Sun & Saunders (2014). The inner problem is coordinate descent on the Gram matrix, or one Cholesky where Ω is
smooth; wide problems keep a working set of columns, grown by the worst violations of optimality (after Massias,
Gramfort & Salmon 2018).
"""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from infimum.certificates.certify import certify
from infimum.certificates.metric import gram, hessian
from infimum.kernels.coordinate import coordinate_descent
from infimum.models import Params
from infimum.objective import LikelihoodObjective, counted, weighted
from infimum.penalties.elastic_net import ElasticNet
from infimum.solvers import Solution, Step, Trace
from infimum.solvers.conjugate import conjugate_step
from infimum.solvers.polish import inverse_of, polish

NARROW = 500  # columns up to which the whole Gram matrix is formed
PASSES = 2000
SMALL = 60  # parameters of several outputs up to which the Hessian is formed in every step
FACES = 20  # Newton steps on a face, where coordinate descent creeps
WITHIN = "the decrement is within the tolerance"


@dataclass(frozen=True)
class Quadratic:
    """gᵀ(v − w) + ½ (v − w)ᵀ AᵀDA (v − w): the smooth part around w, with D = diag(d), d (n,) or blocks (n, m, m)."""

    A: Float[np.ndarray, "n P"]
    d: np.ndarray
    w: Params
    g: Params

    def gradient(self, v: Params) -> Params:
        """g + AᵀDA (v − w), (p,)."""
        return np.asarray(self.g + self.A.T @ (self.d * (self.A @ (v - self.w))))


def prox_newton(
    objective: LikelihoodObjective, start: Params | None = None, *, tolerance: float = 1e-10, iterations: int = 100
) -> Solution:
    """argmin F for a loss with curvature, a model affine in w and any elastic-net penalty with bounds, (p,).

    Stops when the decrement is within tolerance of F(null) − F, then refines to the last digit that float64 gives
    and certifies. Where it does not get there in `iterations`, the certificate says INSUFFICIENT and the trace says
    why.
    """
    w, steps, stopped = descend(objective, beginning(objective, start), tolerance, iterations)
    point = polish(objective, w).point if stopped == WITHIN else None
    value = objective.value(w)
    if point is not None and objective.value(point.w) <= value + 1e-12 * abs(value):
        w = point.w
    return Solution(w, certify(objective, w, "prox-Newton", len(steps), tolerance), Trace(steps, stopped))


def descend(
    objective: LikelihoodObjective, start: Params | None, tolerance: float, iterations: int, least: float = 1e-6
) -> tuple[Params, tuple[Step, ...], str]:
    """(w, steps, why it stopped): the iterations without the evidence; all that model selection asks for inside.

    They set out from a start that is within the bounds, from `beginning` where none is given. The tolerance is relative
    to the gain F(null) − F, or to the share `least` of F(null) where the gain is less.
    """
    p, penalty = objective.model.layout.size, objective.penalty
    A = objective.model.jacobian(np.zeros(p))
    w = beginning(objective, None) if start is None else start
    scale = max(objective.null_value(), 1e-300)
    conjugate = conjugate_step(objective) if objective.loss.outputs > 1 and penalty.smooth and p > SMALL else None
    steps: list[Step] = []
    value = objective.value(w)
    for k in range(iterations):
        z = counted(objective.model(w), objective.weight)
        g = (A.T @ weighted(objective.weight, objective.loss.gradient(z, objective.y))).ravel()
        if conjugate:
            v = conjugate(w, g)
        else:
            d = weighted(objective.weight, objective.loss.bend(z, objective.y))
            v = _minimise_model(Quadratic(A, d, w, g), penalty, tolerance * scale)
        decrease = float(g @ (v - w)) + penalty.value(v) - penalty.value(w)  # ≤ −dᵀHd: the slope of F along v − w
        if -decrease <= tolerance * 1e-2 * max(scale - value, least * scale):
            steps.append(Step(k, value, max(-decrease, 0.0), 0.0))
            return v if objective.value(v) <= value else w, tuple(steps), WITHIN
        length, following, best = 1.0, v, objective.value(v)
        while not best <= value + 1e-4 * length * decrease and length > 1e-10:
            length /= 2
            following = w + length * (v - w)
            best = objective.value(following)
        steps.append(Step(k, value, -decrease, length))
        if not best < value:
            small = -decrease < 1e-9 * scale
            return w, tuple(steps), WITHIN if small else "no step lowers the objective in float64"
        w, value = following, best
        if value <= 1e-14 * scale:
            return w, tuple(steps), "the objective is at 0, its lowest possible value"
    remedy = "raise them, or add a ridge penalty if no minimum exists"
    return w, tuple(steps), f"{iterations} iterations were not enough: {remedy}"


def beginning(objective: LikelihoodObjective, start: Params | None) -> Params:
    """argmin F over {start, 0, the null model} where ℓ″ has no bound: Newton steps from far off are short; else start.

    The start is 0 where none is given; each is moved inside the bounds of the penalty.
    """
    loss, penalty, layout = objective.loss, objective.penalty, objective.model.layout
    zero = np.zeros(layout.size)
    first = np.clip(zero if start is None else np.array(start, dtype=float), penalty.lower, penalty.upper)
    if math.isfinite(loss.curvature_bound):
        return first
    mean = float(objective.weight @ objective.y)
    constant = loss.constant(mean) if layout.free.sum() == 1 else 0.0
    null = np.where(layout.free, constant if math.isfinite(constant) else 0.0, zero)
    others = (np.clip(w, penalty.lower, penalty.upper) for w in (null, zero))
    return min((*others, *([] if start is None else [first])), key=objective.value)


def _minimise_model(model: Quadratic, penalty: ElasticNet, tolerance: float) -> Params:
    """v = argmin gᵀ(v − w) + ½ (v − w)ᵀ AᵀDA (v − w) + Ω(v)."""
    if penalty.smooth:
        ridge = np.broadcast_to(np.asarray(penalty.l2, dtype=float), model.w.shape)
        return np.asarray(model.w - inverse_of(gram(model.A, model.d) + np.diag(ridge))(model.g + ridge * model.w))
    if len(model.w) <= NARROW or model.d.ndim > 1:
        return _on_columns(model, np.arange(len(model.w)), penalty, tolerance)
    return _working_sets(model, penalty, tolerance)


def _working_sets(model: Quadratic, penalty: ElasticNet, tolerance: float) -> Params:
    """The same minimum through growing sets of columns: solve on the set, check all columns, add the worst."""
    v, chosen = model.w.copy(), np.flatnonzero((model.w != 0) | (np.asarray(penalty.l1) == 0))
    size = max(50, len(chosen))
    for _ in range(100):
        violation = np.abs(penalty.residual(v, model.gradient(v)))
        violation[chosen] = 0.0
        worst = np.argsort(-violation, kind="stable")[:size]
        worst = worst[violation[worst] > 1e-13 * max(1.0, float(np.abs(model.g).max()))]
        if not len(worst) and len(chosen):
            return v
        chosen = np.sort(np.concatenate([chosen, worst]))
        v = _on_columns(model, chosen, penalty, tolerance)
        size *= 2
    return v


def _on_columns(model: Quadratic, chosen: np.ndarray, penalty: ElasticNet, tolerance: float) -> Params:
    """v, moved from w only in `chosen`, by the coordinate kernel."""
    whole = (penalty.l1, penalty.l2, penalty.lower, penalty.upper)
    spread = (np.broadcast_to(np.asarray(part, dtype=float), model.w.shape) for part in whole)
    parts = np.stack([part[chosen] for part in spread])
    l1, l2, lower, upper = parts
    H, g, v = hessian(model.A, model.d, chosen), model.g[chosen], model.w.copy()
    stop = 1e-4 * tolerance + 1e-30
    bounded = bool(np.any(np.isfinite(lower) | np.isfinite(upper)))
    w, part = model.w[chosen], v[chosen]
    for _ in range(FACES):
        part, passes = coordinate_descent(H, g + H @ (part - w), part, parts, stop, PASSES)
        if passes < PASSES or bounded:
            break
        part = _along_face(H, g + H @ (part - w) + l2 * part, part, l1)
    v[chosen] = part
    return v


def _along_face(H: np.ndarray, slope: Params, v: Params, l1: Params) -> Params:
    """v + t Δ, Δ the Newton step on the face of the signs of v, t ≤ 1 as far as no sign changes: the quadratic falls.

    Coordinate descent finds the signs soon and then creeps where columns are nearly dependent; this does not.
    """
    free = np.flatnonzero((v != 0) | (l1 == 0))
    if not len(free):
        return v
    step = -inverse_of(H[np.ix_(free, free)])(slope[free] + l1[free] * np.sign(v[free]))
    turning = (l1[free] > 0) & (np.sign(v[free] + step) != np.sign(v[free]))
    share = np.min(-v[free][turning] / step[turning], initial=1.0)
    moved = v.copy()
    moved[free] += share * step
    moved[free[turning & (np.abs(moved[free]) <= 1e-12 * np.abs(v[free]))]] = 0.0
    return moved
