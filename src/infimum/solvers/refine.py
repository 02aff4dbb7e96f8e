"""(r, w) ← (r, w) + (δr, δw), both in twice the precision: least squares to the last digit that float64 can hold.

At the minimum of ½ Σ sᵢ (yᵢ − aᵢᵀw)² + ½ Σ λⱼ wⱼ² the augmented system r + A w = y, AᵀS r = Λ w holds. What is lacking
in it is computed in twice the precision, and a factorisation in the working precision gives the step:

    (AᵀSA + Λ) δw = AᵀS f + g,   δr = f − A δw,   f = y − r − A w,   g = AᵀS r − Λ w.

Björck (1967); with r in twice the precision too, the error of w no longer grows with the size of the residual: Demmel,
Hida, Riedy & Li (2009). It converges while the condition number of the scaled columns stays below about 1/u.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from infimum.kernels.augmented import add_to, augmented_residuals
from infimum.models import Params

ROUNDS = 12
ENOUGH = 2.0**-58  # of a parameter: a step that its rounding hides
NOTHING = 2.0**-106  # of the largest term aⱼ wⱼ: a parameter so small is 0 for all that the data say

Correction = Callable[[np.ndarray, np.ndarray], Params]


@dataclass(frozen=True, eq=False)
class System:
    """min ½ Σ sᵢ (yᵢ − aᵢᵀw)² + ½ Σ λⱼ wⱼ²: A (n, p), y and s (n,), λ (p,); lost (n, p), what A lost to rounding."""

    A: np.ndarray
    y: np.ndarray
    weight: np.ndarray
    l2: np.ndarray
    lost: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class Refined:
    """w = high + low rounded to high, the steps taken, whether the last was below what float64 tells apart."""

    w: Params
    rounds: int
    converged: bool


def refine(system: System, w: Params, correction: Correction) -> Refined:
    """w refined by δw = correction(f, g) until no step shows in float64, or they stop shrinking by half.

    correction solves (AᵀSA + Λ) δw = AᵀS f + g, (p,), as well as float64 lets it.
    """
    A = np.ascontiguousarray(system.A, dtype=float)
    rows = A, np.zeros((0, 0)) if system.lost is None else np.ascontiguousarray(system.lost)
    size = np.sqrt(np.einsum("ij,i,ij->j", A, system.weight, A) + system.l2)
    pair, rest = np.stack([w, np.zeros(len(w))]), np.stack([system.y - A @ w, np.zeros(len(A))])
    before = np.inf
    for k in range(ROUNDS):
        f, g = augmented_residuals(rows, system.y, system.weight, system.l2, pair, rest)
        step, terms = correction(f, g), np.abs(pair[0]) * size
        if not np.all(np.isfinite(step)):
            return Refined(pair[0], k, False)
        told = np.maximum(terms, NOTHING / ENOUGH * float(np.max(terms, initial=0.0)))
        share = np.divide(np.abs(step) * size, told, out=np.zeros(len(step)), where=step != 0)
        moved = float(np.max(share, initial=0.0))
        if not moved <= max(0.5 * before, ENOUGH):
            return Refined(pair[0], k, False)
        add_to(pair, step)
        add_to(rest, f - A @ step)
        if moved <= ENOUGH:
            return Refined(pair[0], k + 1, True)
        before = moved
    return Refined(pair[0], ROUNDS, False)
