"""F* ≥ D(v) = −Σ s̃ᵢ ℓ*(vᵢ, yᵢ) − Σⱼ Ωⱼ*(−(Aᵀ s̃v)ⱼ): a lower bound from any dual point, no curvature needed.

The dual point is v = ℓ′(z) (rows of weight 0 taken out), scaled so that the penalty's conjugate is finite. An
unpenalised intercept needs Σ s̃ᵢ vᵢ = 0 exactly, which floats cannot give: the point meant is the *exact* vector
that scales the positive and the negative parts separately to one common sum; the floats hold it up to a factor in
[1 − δ, 1], and by convexity of ℓ* along that ray (ℓ*(0) ≤ 0 for losses ≥ 0) the factor costs at most δ|ℓ*|.
"""

import math
from dataclasses import dataclass

import numpy as np

from infimum.certificates.point import Point, objective_slack
from infimum.certificates.rounding import ELEMENTARY, TINY, UNIT, gamma
from infimum.losses import Loss
from infimum.models import Params, Rows


@dataclass(frozen=True)
class Dual:
    """gap = F(w) − D(v), rounded up, with the dual point u = s̃ v, (n,), as its witness; +∞ where none is feasible."""

    gap: float
    u: Rows


def duality_gap(point: Point) -> Dual:
    """gap = F(w) − D(v) ≥ F(w) − F*, v the gradient of the loss at w scaled into the domain of the dual.

    None is at hand for several outputs a row.
    """
    scaled = feasible_dual(point) if point.outputs == 1 else None
    if scaled is None:
        return Dual(math.inf, np.zeros_like(point.u))
    terms, slack = dual_terms(point, *scaled)
    primal = np.append(point.terms, point.penalty.value(point.w))
    every, slack = np.concatenate([primal, terms]), slack + objective_slack(point)
    if not (np.all(np.isfinite(every)) and math.isfinite(slack)):
        return Dual(math.inf, scaled[0])
    gap = math.fsum(every) + slack  # all at once: of a huge F, the last place alone may be more than F − D
    return Dual(max(gap, 0.0) * (1 + 4 * UNIT) + TINY, scaled[0])


def feasible_dual(point: Point) -> tuple[Rows, float] | None:
    """(u, δ): the exact dual point lies within a factor [1 − δ, 1] of u, entry by entry; None where none is at hand.

    Unpenalised unbounded columns other than the intercept are out of reach: None (the local norm serves those
    problems).
    """
    penalty, free = point.penalty, point.objective.model.layout.free
    linear = (np.asarray(penalty.l2) == 0) & ~(np.isfinite(penalty.lower) & np.isfinite(penalty.upper))
    if np.any(linear & ~free & (np.asarray(penalty.l1) == 0)) or not np.all(np.isfinite(point.u)):
        return None
    u = _in_domain(point)
    n = len(u)
    if free.any():
        columns = point.A[:, free]
        if free.sum() > 1 or np.any(columns != 1.0):
            return None
        positive, negative = math.fsum(u[u > 0]), -math.fsum(u[u < 0])
        if min(positive, negative) <= 0:
            return None
        target = min(positive, negative)
        u = np.where(u > 0, u * (target / positive), u * (target / negative))
    capped = linear & ~free & (np.asarray(penalty.l1) > 0)
    t = -(point.A.T @ u)
    above, below = np.where(np.isinf(penalty.upper), t, 0.0), np.where(np.isinf(penalty.lower), -t, 0.0)
    reach = np.maximum(above, below) + (gamma(n + 2) + 16 * UNIT) * (np.abs(point.A).T @ np.abs(u)) + TINY
    worst = float(np.max(np.where(capped, reach / np.where(capped, penalty.l1, 1.0), 0.0), initial=0.0))
    factor = min(1.0, 1 / worst) if worst > 0 else 1.0
    delta = 16 * UNIT
    return u * (factor * (1 - delta)), 2 * delta


def _in_domain(point: Point) -> Rows:
    """u = s̃ v with v = ℓ′(z) pulled towards 0 by a few roundings, so that it stays inside the domain of ℓ*."""
    return np.asarray(point.u * (1 - 16 * UNIT))


def dual_terms(point: Point, u: Rows, shrink: float) -> tuple[np.ndarray, float]:
    """(terms, slack): −D(v) ≤ Σ terms + slack over all exact points within a factor [1 − shrink, 1] of u."""
    objective = point.objective
    rows = objective.weight > 0
    weight, y = objective.weight[rows], objective.y[rows]
    v = u[rows] / weight
    terms = weight * objective.loss.conjugate(v, y)
    rounding = float(np.sum(weight * _conjugate_slack(objective.loss, v, y)))
    slack = (shrink + ELEMENTARY) * float(np.sum(np.abs(terms))) + rounding + TINY
    gradient = point.A.T @ u
    error = (gamma(len(u) + 2) + shrink) * (np.abs(point.A).T @ np.abs(u)) + TINY
    above = _conjugates_above(point, -gradient, error)
    return np.append(terms, above), slack + 4 * UNIT * float(np.sum(np.abs(above)))


def _conjugate_slack(loss: Loss, v: Rows, y: Rows) -> Rows:
    """Rounding of v + y inside ℓ*: at most u(|v| + |y|) times a slope, that of x log x bounded by its value near 0."""
    return np.asarray(4 * UNIT * (np.abs(v) + np.abs(y)) * loss.conjugate_slope(v, y))


def _conjugates_above(point: Point, t: Params, error: Params) -> Params:
    """Ωⱼ*(t′) rounded up over |t′ − t| ≤ error; where Ω* is an indicator, feasibility was arranged before."""
    penalty = point.penalty
    free = point.objective.model.layout.free
    capped = (np.asarray(penalty.l2) == 0) & ~(np.isfinite(penalty.lower) & np.isfinite(penalty.upper))
    ends = t - error, t + error
    wider = np.maximum(*map(penalty.conjugates, ends))  # convex: largest at an end
    rounding = 8 * UNIT * np.maximum(*map(penalty.conjugate_terms, ends))
    inside = np.where(np.isfinite(wider), wider + rounding, np.where(capped, 0.0, math.inf))
    return np.where(free, 0.0, inside)
