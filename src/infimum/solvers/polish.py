"""w ← w − H_SS⁻¹ s_S on the support S: Newton's last digits, with s in twice the working precision (refinement)."""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, cho_solve, lstsq

from infimum.certificates.metric import hessian
from infimum.certificates.point import Point, point_at
from infimum.models import Params
from infimum.objective import LikelihoodObjective


@dataclass(frozen=True)
class Polished:
    """(A, z, u, g, s) at w, and how many refinements were kept."""

    point: Point
    rounds: int


def polish(objective: LikelihoodObjective, w: Params, rounds: int = 6) -> Polished:
    """w with sᵀ H⁻¹ s as small as float64 allows: Newton steps on the parameters that are neither zero nor at a bound.

    A step is kept while it shrinks s by half in the metric of H (Wilkinson 1963: refinement with a more exact
    residual).
    """
    point = point_at(objective, w)
    solve, size = _support_solver(point)
    kept = 0
    for _ in range(rounds):
        support = _support(point)
        trial = point.w.copy()
        trial[support] -= solve(point.s)[support]
        trial = _keeping_signs(point, trial)
        following = point_at(objective, trial)
        if not np.all(np.isfinite(following.s)):
            break
        fresh_solve, fresh_size = (
            (solve, size) if objective.loss.self_concordance == 0 and kept else _support_solver(following)
        )
        measure = fresh_size(following.s)
        if not measure < 0.5 * size(point.s):
            if measure < size(point.s):
                point, kept = following, kept + 1
            break
        point, solve, size, kept = following, fresh_solve, fresh_size, kept + 1
    return Polished(point, kept)


def _support(point: Point) -> np.ndarray:
    penalty = point.penalty
    still = (np.asarray(penalty.l1) > 0) & (point.w == 0)
    pinned = (point.w <= penalty.lower) | (point.w >= penalty.upper)
    return ~(still | (pinned & (point.s == 0)))


def _keeping_signs(point: Point, trial: Params) -> Params:
    """trial, with an entry that crosses zero under l1 put at zero, and inside its bounds."""
    crossed = (np.asarray(point.penalty.l1) > 0) & (np.sign(trial) * np.sign(point.w) < 0)
    return np.clip(np.where(crossed, 0.0, trial), point.penalty.lower, point.penalty.upper)


def _support_solver(point: Point):  # type: ignore[no-untyped-def]  # two closures over one factorisation
    """(solve, size): s ↦ H_SS⁻¹ s_S spread to (p,), and √(s_Sᵀ H_SS⁻¹ s_S)."""
    support = _support(point)
    H = hessian(point.A, point.d, support) + np.diag(np.broadcast_to(point.penalty.l2, point.w.shape)[support])
    apply = inverse_of(H)

    def solve(s: Params) -> Params:
        out = np.zeros_like(s)
        out[support] = apply(s[support])
        return out

    def size(s: Params) -> float:
        return float(np.sqrt(max(float(s[support] @ apply(s[support])), 0.0)))

    return solve, size


def inverse_of(H: np.ndarray):  # type: ignore[no-untyped-def]
    """b ↦ H⁻¹ b for H ⪰ 0, by the Cholesky factor of H scaled to unit diagonal; least norm where H is singular."""
    diagonal = np.diag(H)
    scale = 1 / np.sqrt(np.where(diagonal > 0, diagonal, 1.0))
    scaled = H * scale * scale[:, None]
    try:
        factor = cho_factor(scaled, lower=True)
        if np.min(np.abs(np.diag(factor[0])), initial=1.0) > 1e-7:
            return lambda b: scale * cho_solve(factor, scale * b)
    except (LinAlgError, ValueError):
        pass
    return lambda b: scale * lstsq(scaled, scale * b, cond=1e-13)[0]
