"""w ← w + t (v − w),  v = argmin of the quadratic model gᵀ(v − w) + ½ (v − w)ᵀ H (v − w) + Ω(v): proximal Newton.

Lee, Sun & Saunders (2014). Where Ω is smooth the inner problem is one Cholesky; else see `local`.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from infimum.models import Params
from infimum.objective import LikelihoodObjective, counted, weighted
from infimum.solvers import Step
from infimum.solvers.conjugate import conjugate_step
from infimum.solvers.held import Held
from infimum.solvers.local import SMALL, Local

LOST = 1e-3  # of a Newton step: a shorter one says that the quadratic model is none of F
SOFTER = (1e-9, 1e-6, 1e-4, 1e-2, 1.0)
WITHIN = "the decrement is within the tolerance"
REMEDY = "centre and scale the columns, or add a ridge penalty if no minimum exists"
STUCK = "no step lowers the objective in float64"
Descent = tuple[Params, tuple[Step, ...], str]  # w, the steps to it, why they ended


def descend(
    objective: LikelihoodObjective, start: Params | None, tolerance: float, iterations: int, least: float = 1e-6
) -> Descent:
    """(w, steps, why it stopped): the iterations without the evidence; all that model selection asks for inside.

    They set out from a start that is within the bounds, from `beginning` where none is given. The tolerance is relative
    to the gain F(null) − F, or to the share `least` of F(null) where the gain is less.
    """
    return descend_holding(objective, start, None, Limits(tolerance, iterations, least))[0]


@dataclass(frozen=True)
class Limits:
    """−decrease ≤ 0.01 tolerance · max(F(null) − F, least · F(null)), or so many iterations: when `descend` ends."""

    tolerance: float
    iterations: int
    least: float = 1e-6


@np.errstate(over="ignore", invalid="ignore")  # F is infinite where a step is too long: it is shortened
def descend_holding(
    objective: LikelihoodObjective, start: Params | None, held: Held | None, limits: Limits
) -> tuple[Descent, Held]:
    """((w, steps, why they stopped), H⁻¹): `descend` with a Hessian held to begin with, and the one held in the end."""
    p, penalty, tolerance = objective.model.layout.size, objective.penalty, limits.tolerance
    A = objective.model.table()
    scale = max(objective.null_value(), 1e-300)
    conjugate = conjugate_step(objective) if objective.loss.outputs > 1 and penalty.smooth and p > SMALL else None
    steps: list[Step] = []
    at = Local.at(objective, A, beginning(objective, None) if start is None else start, conjugate is None)
    held = Held(penalty) if held is None else replace(held, penalty=penalty)
    for k in range(limits.iterations):
        w, value, gain = at.w, at.value, max(scale - at.value, limits.least * scale)
        v, held = _lowest_of_model(at, held, conjugate, tolerance * scale)
        decrease = float(at.g @ (v - w)) + penalty.value(v) - penalty.value(w)  # ≤ −dᵀHd: the slope of F along v − w
        if -decrease <= tolerance * 1e-2 * gain:
            steps.append(Step(k, value, max(-decrease, 0.0), 0.0))
            near = conjugate or np.linalg.norm(v - w) <= np.linalg.norm(w)
            if near and math.isfinite(objective.loss.curvature_bound):
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


def _lowest_of_model(
    at: Local, held: Held, conjugate: Callable[[Params, Params], Params] | None, tolerance: float
) -> tuple[Params, Held]:
    """argmin of the quadratic model around w, and what is held on to."""
    if conjugate:
        return conjugate(at.w, at.g), held
    return held.step(at) if at.objective.penalty.smooth else (at.argmin_of_model(tolerance), held)


def _shortened(at: Local, v: Params, decrease: float, curved: bool) -> tuple[float, Local]:
    """(t, F around w + t (v − w)), t halved from 1 till F falls by a share of t times the decrease (Armijo 1966)."""
    length, following = 1.0, Local.at(at.objective, at.table, v, curved)
    while not following.value <= at.value + 1e-4 * length * decrease and length > 1e-10:
        length /= 2
        following = Local.at(at.objective, at.table, at.w + length * (v - at.w), curved)
    return length, following


def _lowest(*points: Local) -> Local:
    return min(points, key=lambda local: local.value)


def _softened_steps(at: Local, tolerance: float) -> Iterator[Local]:
    """Steps of the model with D + t sup ℓ″, t to 1, where it majorises F: rows that are far off have no curvature.

    Levenberg (1944); Böhning & Lindsay (1988). None where ℓ″ has no bound.
    """
    loss, penalty = at.objective.loss, at.objective.penalty
    if not math.isfinite(loss.curvature_bound):
        return
    unit = np.eye(loss.outputs) if loss.outputs > 1 else np.array(1.0)
    most = weighted(at.objective.weight, np.broadcast_to(loss.curvature_bound * unit, at.d.shape))
    for share in SOFTER:
        soft = replace(at, d=at.d + share * most)
        v = Held(penalty).step(soft)[0] if penalty.smooth else soft.argmin_of_model(tolerance)
        yield Local.at(at.objective, at.table, v, True)


def beginning(objective: LikelihoodObjective, start: Params | None) -> Params:
    """argmin F over {start, 0, the null model} where ℓ″ has no bound: Newton steps from far off are short; else start.

    The start is 0 where none is given; each is moved inside the bounds of the penalty, and then an intercept to where
    the mean is right.
    """
    loss, penalty, layout = objective.loss, objective.penalty, objective.model.layout
    zero = np.zeros(layout.size)
    first = np.clip(zero if start is None else np.array(start, dtype=float), penalty.lower, penalty.upper)
    if math.isfinite(loss.curvature_bound):
        return first
    mean = float(objective.weight @ objective.y)
    intercept = layout.free.sum() == 1 and mean > 0
    null = np.where(layout.free, loss.constant(mean) if intercept else 0.0, zero)
    tried = [np.clip(w, penalty.lower, penalty.upper) for w in (null, zero)] + ([] if start is None else [first])
    if intercept and np.any(tried[0] != null):
        scores = (counted(objective.model(w), objective.weight) for w in tried)
        shifts = [loss.intercept(z, objective.y, objective.weight) for z in scores]
        tried += [w + layout.free * shift for w, shift in zip(tried, shifts, strict=True)]
    return min(tried, key=objective.value)
