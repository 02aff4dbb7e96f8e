"""F(w) − D(u) = Σᵢ [s̃ᵢ (ℓ(zᵢ) + ℓ*(vᵢ)) − uᵢzᵢ] + Σⱼ [Ωⱼ(wⱼ) + Ωⱼ*(tⱼ) − tⱼwⱼ], the gap term by term.

With u = s̃v and t = −Aᵀu, each bracket is 0 at the minimum (Fenchel 1949), and uᵀz + tᵀw = 0 exactly, so that nothing
large cancels: where F is huge, the last digits of F and D alone may be more than what this proves.
"""

import math

import numpy as np

from infimum.verify.arithmetic import TINY, UNIT, column_sums
from infimum.verify.restated import Restated

SHRUNK = 34  # roundings within which the exact dual point is, and those of its products


def fenchel_gap(problem: Restated, u: np.ndarray, rounding: float) -> float:
    """F(w) − D over all exact dual points near u, rounded up; `rounding` is that of the ℓ and ℓ* of all rows."""
    rows, penalty, w = problem.weight > 0, problem.penalty, problem.w
    weight, z, y = problem.weight[rows], problem.z[rows], problem.y[rows]
    if not math.isfinite(penalty.value(w)):
        return math.inf
    cross = u[rows] * z
    terms = weight * problem.loss.value(z, y), weight * problem.loss.conjugate(u[rows] / weight, y), -cross
    doubt = (SHRUNK + 4) * UNIT * float(np.abs(cross).sum()) + float(np.abs(u) @ problem.z_doubt) * (1 + 1e-9)
    apart = np.where(problem.model.layout.free, 0.0, _penalised(problem, u))
    return max(math.fsum(np.concatenate([*terms, apart])) + doubt + rounding, 0.0) + TINY


def _penalised(problem: Restated, u: np.ndarray) -> np.ndarray:
    """sup of Ωⱼ(wⱼ) + Ωⱼ*(t) − t wⱼ over |t − tⱼ| ≤ what rounding may be, (p,); convex in t: largest at an end.

    Where Ω* is an indicator, its argument is feasible or not: then of those t within that are.
    """
    penalty, t = problem.penalty, -column_sums(problem.A, u)
    error = (len(problem.y) + SHRUNK) * UNIT * (np.abs(problem.A).T @ np.abs(u)) + TINY
    ends = np.maximum(*(_apart(problem, t + side * error, penalty.attained(t + side * error)) for side in (-1, 1)))
    still = penalty.attained(t)
    inside = _apart(problem, t, still) + error * np.abs(still - problem.w)
    return np.where(np.isfinite(ends), ends, inside)


def _apart(problem: Restated, t: np.ndarray, b: np.ndarray) -> np.ndarray:
    """t (b − w) − l1 (|b| − |w|) − ½ l2 (b² − w²), rounded up, (p,); +∞ where b is infinite."""
    l1, l2, _, _ = problem.parts
    w, b, finite = problem.w, np.where(np.isfinite(b), b, 0.0), np.isfinite(b)
    value = (b - w) * (t - 0.5 * l2 * (b + w)) - l1 * (np.abs(b) - np.abs(w))
    size = np.abs(b - w) * (np.abs(t) + l2 * (np.abs(b) + np.abs(w)) + l1)
    return np.where(finite, value + 8 * UNIT * size, math.inf)


def dual_is_residual(residual: np.ndarray, u: np.ndarray) -> str:
    """'' if u is the residual s̃ℓ′(z), positive and negative part each scaled by one factor ≤ 1; else what is wrong.

    A number next to the least that there is has few bits, so that no ratio tells of it: there it has to be one too.
    """
    for part in (residual > TINY, residual < -TINY):
        ratio = u[part] / residual[part]
        if len(ratio) and not (np.ptp(ratio) <= 1e-9 and ratio.max() <= 1):
            return "the witness is not the residual of the recorded parameters, scaled"
    faint = np.abs(residual) <= TINY
    if np.any(u[residual == 0] != 0) or np.any(np.abs(u[faint]) > TINY):
        return "the witness is not 0 on a row without residual"
    return ""
