"""w ← w − H_SS⁻¹ s_S on the support S: Newton's last digits, with s in twice the working precision (refinement)."""

from dataclasses import dataclass, replace

import numpy as np

from infimum.certificates.certify import Known
from infimum.certificates.metric import Metric, carried, hessian, verified_metric
from infimum.certificates.point import Point, point_at
from infimum.certificates.rounding import UNIT
from infimum.models import Params
from infimum.objective import LikelihoodObjective
from infimum.solvers.approach import Approached, rounding_of
from infimum.solvers.inverse import inverse_of, regular_inverse_of


@dataclass(frozen=True)
class Polished:
    """(A, z, u, g, s) and H⁻¹ at w, and how many refinements were kept."""

    known: Known
    rounds: int


def polish(objective: LikelihoodObjective, w: Params, rounds: int = 6, near: Approached | None = None) -> Polished:
    """w with sᵀ H⁻¹ s as small as float64 allows: Newton steps on the parameters that are neither zero nor at a bound.

    A step is kept while it shrinks s by half in the metric of H (Wilkinson 1963: refinement with a more exact
    residual) and F does not rise. So near the minimum H stays what it is; it is factored again only where the support
    changes. A metric of a point `near` serves as that of w.
    """
    point = first = point_at(objective, w)
    support, metric, bent = _support(point), None, (point.d, point.d_error)
    if near is not None:
        metric, bent = near.metric, (near.d, 0.0)
    elif support.all() and point.d.ndim == 1:
        metric = verified_metric(point)
    solve, size, rounding = _support_solver(point, support) if metric is None else _metric_solver(metric)
    kept = 0
    for _ in range(0 if near is not None and size(point.s) <= rounding(point.w) else rounds):
        trial = point.w.copy()
        trial[support] -= solve(point.s)[support]
        following = point_at(objective, _keeping_signs(point, trial))
        if not np.all(np.isfinite(following.s)):
            break
        measure, before = size(following.s), size(point.s)
        if not measure < before or not following.value <= first.value * (1 + 1e-12):
            break
        point, kept = following, kept + 1
        if not measure < 0.5 * before or measure <= rounding(point.w):
            break
        if np.any((now := _support(point)) != support):
            support, metric = now, None
            solve, size, rounding = _support_solver(point, support)
    return Polished(Known(point, None if metric is None else carried(metric, *bent, point)), kept)


def _support(point: Point) -> np.ndarray:
    penalty = point.penalty
    still = (np.asarray(penalty.l1) > 0) & (point.w == 0)
    pinned = (point.w <= penalty.lower) | (point.w >= penalty.upper)
    return ~(still | (pinned & (point.s == 0)))


def _keeping_signs(point: Point, trial: Params) -> Params:
    """trial, with an entry that crosses zero under l1 put at zero, and inside its bounds."""
    crossed = (np.asarray(point.penalty.l1) > 0) & (np.sign(trial) * np.sign(point.w) < 0)
    return np.clip(np.where(crossed, 0.0, trial), point.penalty.lower, point.penalty.upper)


def _metric_solver(metric: Metric):  # type: ignore[no-untyped-def]  # closures over one factor
    """As `_support_solver`, of all parameters, by the W of a verified metric."""
    W = metric.W
    return (
        lambda s: W.T @ (W @ s),
        lambda s: float(np.linalg.norm(W @ s)),
        lambda w: rounding_of(metric, w),
    )


def _support_solver(point: Point, support: np.ndarray):  # type: ignore[no-untyped-def]  # closures over one factor
    """(solve, size, rounding): s ↦ H_SS⁻¹ s_S spread to (p,), √(s_Sᵀ H_SS⁻¹ s_S), and w ↦ u Σ √Hⱼⱼ |wⱼ|, which s has
    from the rounding of w.
    """
    ridge = np.broadcast_to(point.penalty.l2, point.w.shape)[support]
    H = hessian(point.A, point.d, support) + np.diag(ridge)
    apply = regular_inverse_of(H) or _verified_inverse(point, support, ridge) or inverse_of(H)

    def solve(s: Params) -> Params:
        out = np.zeros_like(s)
        out[support] = apply(s[support])
        return out

    def size(s: Params) -> float:
        return float(np.sqrt(max(float(s[support] @ apply(s[support])), 0.0)))

    def rounding(w: Params) -> float:
        return UNIT * float(np.sqrt(np.diag(H)) @ np.abs(w[support]))

    return solve, size, rounding


def _verified_inverse(point: Point, support: np.ndarray, ridge: Params):  # type: ignore[no-untyped-def]
    """b ↦ H_SS⁻¹ b by a metric of these columns alone; None where there is none."""
    if point.d.ndim > 1 or point.objective.model.lost is not None or not support.any():
        return None
    metric = verified_metric(replace(point, table=np.ascontiguousarray(point.A[:, support])), ridge)
    return None if metric is None else lambda b: metric.W.T @ (metric.W @ b)
