"""w ← w + t (v − w),  v = argmin of the quadratic model gᵀ(v − w) + ½ (v − w)ᵀ H (v − w) + Ω(v): proximal Newton.

Lee, Sun & Saunders (2014). Where Ω is smooth the inner problem is one Cholesky; else see `local`.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from infimum.certificates.certify import Known, certify, fingerprint_of
from infimum.certificates.point import point_at
from infimum.kernels.parts import beside
from infimum.models import Params
from infimum.objective import LikelihoodObjective, weighted
from infimum.solvers import Solution, Step, Trace
from infimum.solvers.conjugate import conjugate_step
from infimum.solvers.held import Held
from infimum.solvers.local import SMALL, Local
from infimum.solvers.polish import polish

MANY = 1000  # rows, and 20 a parameter: fewer are not thinned out further
UNLIKE = 1e6  # times: weights so unlike are approached from like ones
DRAWN = 0.3  # of p / n: a decrement on drawn rows below which they are no better known
LOST = 1e-3  # of a Newton step: a shorter one says that the quadratic model is none of F
SOFTER = (1e-9, 1e-6, 1e-4, 1e-2, 1.0)
WITHIN = "the decrement is within the tolerance"
REMEDY = "centre and scale the columns, or add a ridge penalty if no minimum exists"
STUCK = "no step lowers the objective in float64"
Descent = tuple[Params, tuple[Step, ...], str]  # w, the steps to it, why they ended


def prox_newton(
    objective: LikelihoodObjective, start: Params | None = None, *, tolerance: float = 1e-10, iterations: int = 100
) -> Solution:
    """argmin F for a loss with curvature, a model affine in w and any elastic-net penalty with bounds, (p,).

    Stops when the decrement is within tolerance of F(null) − F, then refines to the last digit that float64 gives
    and certifies. Where it does not get there in `iterations`, the certificate says INSUFFICIENT and the trace says
    why. Without a start, many rows are first thinned out, eightfold and again: what a few say of w is near.
    """
    mark = beside(fingerprint_of, objective)
    near, held = start, None
    if start is None and (fewer := _from_fewer(objective)):
        near, held = fewer
    elif start is None:
        near = _from_like_weights(objective)
    w, steps, stopped = _descend(objective, beginning(objective, near), held, Limits(tolerance, iterations))[0]
    if stopped != WITHIN and start is None and near is not None:
        w, steps, stopped = descend(objective, None, tolerance, iterations)
    known = polish(objective, w).known if stopped in (WITHIN, STUCK) else Known(point_at(objective, w))
    w, known = known.point.w, replace(known, fingerprint=mark)
    certificate, value = certify(objective, w, "prox-Newton", len(steps), tolerance, known), known.point.value
    return Solution(w, certificate, Trace(steps, stopped), value)


def _from_fewer(objective: LikelihoodObjective) -> tuple[Params, Held] | None:
    """(argmin F, roughly, on every eighth row, and H there), itself begun on fewer; None where rows are few.

    A ridge of a row's weight keeps parameters that few rows say nothing of from running away. Rows that are drawn
    leave the decrement about p / n away from that of all: nearer than that there is nothing to be had of them.
    """
    n, p = len(objective.y), objective.model.layout.size
    if n < 8 * max(MANY, 20 * p) or not objective.loss.self_concordance:
        return None
    fewer = objective.rows(np.arange(0, n, 8))
    A, penalty = fewer.model.jacobian(np.zeros(p)), fewer.penalty
    ridge = penalty.l2 + np.repeat(np.einsum("ij,ij->j", A, A) / len(A) ** 2, fewer.loss.outputs)
    fewer = replace(fewer, penalty=replace(penalty, l2=ridge))
    start = (_from_fewer(fewer) or (None, None))[0]
    least = 1e4 * DRAWN * p / len(fewer.y) / max(fewer.null_value(), 1e-300)
    found, held = _descend(fewer, beginning(fewer, start), None, Limits(1e-2, 25, least))
    return found[0], held.elsewhere()


def _from_like_weights(objective: LikelihoodObjective) -> Params | None:
    """argmin F, roughly, with weights s^t, t from 0 towards 1; None where no weight is a million times another.

    Rows of almost no weight have almost no curvature where the others are told apart: Newton's steps go astray there.
    """
    counting = objective.weight[objective.weight > 0]
    if not objective.loss.self_concordance or not counting.max() > UNLIKE * counting.min():
        return None
    w = None
    for share in (0.0, 0.25, 0.5, 0.75):
        weight = np.where(objective.weight > 0, objective.weight, 1.0) ** share * (objective.weight > 0)
        w = descend(replace(objective, weight=weight / weight.sum()), w, 1e-6, 40)[0]
    return w


def descend(
    objective: LikelihoodObjective, start: Params | None, tolerance: float, iterations: int, least: float = 1e-6
) -> Descent:
    """(w, steps, why it stopped): the iterations without the evidence; all that model selection asks for inside.

    They set out from a start that is within the bounds, from `beginning` where none is given. The tolerance is relative
    to the gain F(null) − F, or to the share `least` of F(null) where the gain is less.
    """
    return _descend(objective, start, None, Limits(tolerance, iterations, least))[0]


@dataclass(frozen=True)
class Limits:
    """−decrease ≤ 0.01 tolerance · max(F(null) − F, least · F(null)), or so many iterations: when `descend` ends."""

    tolerance: float
    iterations: int
    least: float = 1e-6


def _descend(
    objective: LikelihoodObjective, start: Params | None, held: Held | None, limits: Limits
) -> tuple[Descent, Held]:
    """`descend` with a Hessian held to begin with, and the one held in the end."""
    p, penalty, tolerance = objective.model.layout.size, objective.penalty, limits.tolerance
    A = objective.model.jacobian(np.zeros(p))
    scale = max(objective.null_value(), 1e-300)
    conjugate = conjugate_step(objective) if objective.loss.outputs > 1 and penalty.smooth and p > SMALL else None
    steps: list[Step] = []
    at = Local.at(objective, A, beginning(objective, None) if start is None else start, conjugate is None)
    held = Held(penalty) if held is None else replace(held, penalty=penalty)
    for k in range(limits.iterations):
        w, value, gain = at.w, at.value, max(scale - at.value, limits.least * scale)
        if conjugate:
            v = conjugate(w, at.g)
        elif penalty.smooth:
            v, held = held.step(at)
        else:
            v = at.argmin_of_model(tolerance * scale)
        decrease = float(at.g @ (v - w)) + penalty.value(v) - penalty.value(w)  # ≤ −dᵀHd: the slope of F along v − w
        if -decrease <= tolerance * 1e-2 * gain:
            steps.append(Step(k, value, max(-decrease, 0.0), 0.0))
            if conjugate or np.linalg.norm(v - w) <= np.linalg.norm(w):
                return (v, tuple(steps), WITHIN), held
            # rows far off have no curvature, and H without theirs is nearly singular: what it promises is not all
            at = _lowest(at, Local.at(objective, A, v, True), *_softened_steps(at, tolerance * scale))
            if not value - at.value > tolerance * gain:
                return (at.w, tuple(steps), WITHIN), held
            continue
        length, following = _shortened(at, v, decrease, conjugate is None)
        if length < LOST and conjugate is None:
            following = _lowest(following, *_softened_steps(at, tolerance * scale))
        steps.append(Step(k, value, -decrease, length))
        if not following.value < value:
            if held.changes:  # BFGS may go astray where a Newton step does not
                held = Held(penalty)
                continue
            return (w, tuple(steps), WITHIN if -decrease < 1e-9 * scale else STUCK), held
        at = following
        if at.value <= 1e-14 * scale:
            return (at.w, tuple(steps), "the objective is at 0, its lowest possible value"), held
    return (at.w, tuple(steps), f"{limits.iterations} iterations were not enough: {REMEDY}"), held


def _shortened(at: Local, v: Params, decrease: float, curved: bool) -> tuple[float, Local]:
    """(t, F around w + t (v − w)), t halved from 1 till F falls by a share of t times the decrease (Armijo 1966)."""
    length, following = 1.0, Local.at(at.objective, at.A, v, curved)
    while not following.value <= at.value + 1e-4 * length * decrease and length > 1e-10:
        length /= 2
        following = Local.at(at.objective, at.A, at.w + length * (v - at.w), curved)
    return length, following


def _lowest(*points: Local) -> Local:
    return min(points, key=lambda local: local.value)


def _softened_steps(at: Local, tolerance: float) -> Iterator[Local]:
    """Steps of the model with D + t sup ℓ″, t to 1, where it majorises F: rows that are far off have no curvature.

    Levenberg (1944); Böhning & Lindsay (1988). None where ℓ″ has no bound.
    """
    loss, penalty = at.objective.loss, at.objective.penalty
    unit = np.eye(loss.outputs) if loss.outputs > 1 else np.array(1.0)
    most = weighted(at.objective.weight, np.broadcast_to(loss.curvature_bound * unit, at.d.shape))
    for share in SOFTER if math.isfinite(loss.curvature_bound) else ():
        soft = replace(at, d=at.d + share * most)
        v = Held(penalty).step(soft)[0] if penalty.smooth else soft.argmin_of_model(tolerance)
        yield Local.at(at.objective, at.A, v, True)


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
