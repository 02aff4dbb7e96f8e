"""argmin ½ ‖M v − b‖² + Σ l1|v| on [lower, upper], from face to face: Newton's step on each, by the rows of M.

The active-set method of Lawson & Hanson (1974, ch. 23), with kinks at 0 besides bounds. Rows lose half the digits that
MᵀM would, so that columns with a condition number up to about 1/u are within reach.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float
from scipy.linalg import qr, solve_triangular, svd

from infimum.models import Params, Rows

SLACK = 1e-13  # of |mⱼ| |b|, by which a slope points off its face without counting
SINGULAR = 1e-14  # of the largest pivot: below, a step is that of least norm


@dataclass(frozen=True, eq=False)
class Bounded:
    """½ ‖M v − b‖² + Σ l1|v| on [lower, upper]: M (N, p), b (N,); l1, lower and upper (p,)."""

    M: Float[np.ndarray, "N p"]
    b: Rows
    l1: Params
    lower: Params
    upper: Params

    def value(self, v: Params) -> float:
        """½ ‖M v − b‖² + Σ l1|v|."""
        left = self.M @ v - self.b
        return float(0.5 * (left @ left) + self.l1 @ np.abs(v))

    def step(self, v: Params, free: Bool[np.ndarray, " p"], signs: Params) -> Params:
        """To the minimum over the entries `free`, l1|v| taken as l1 signs v; the others stay."""
        out = np.zeros(len(v))
        if not free.any():
            return out
        M, left, pull = self.M[:, free], self.b - self.M @ v, (self.l1 * signs)[free]
        size = np.linalg.norm(M, axis=0)
        size[size == 0] = 1.0
        Q, R = qr(M / size, mode="economic")
        diagonal = np.abs(np.diag(R))
        if len(R) == R.shape[1] and diagonal.min() > SINGULAR * diagonal.max():
            out[free] = solve_triangular(R, Q.T @ left - solve_triangular(R, pull / size, trans="T")) / size
        else:
            out[free] = _singular_step((M / size, left), pull / size, v[free] * size) / size
        return out

    def leaving(self, v: Params, free: Bool[np.ndarray, " p"]) -> tuple[int, float]:
        """(entry, sign) that most wants to leave its kink or bound, and where to; (−1, 0) where none does."""
        left = self.b - self.M @ v
        slope, size = -(self.M.T @ left), np.linalg.norm(self.M, axis=0) * (np.linalg.norm(left) + 1e-300)
        kink = (v == 0) & (self.l1 > 0)
        up = np.where(v < self.upper, -slope - np.where(kink, self.l1, self.l1 * np.sign(v)), 0.0)
        down = np.where(v > self.lower, slope - np.where(kink, self.l1, -self.l1 * np.sign(v)), 0.0)
        with np.errstate(over="ignore"):
            gain = np.where(free | (size == 0), 0.0, np.maximum(up, down) / np.where(size > 0, size, 1.0))
        j = int(np.argmax(gain)) if len(gain) else -1
        if j < 0 or gain[j] <= SLACK:
            return -1, 0.0
        return j, 1.0 if up[j] > down[j] else -1.0


def _singular_step(rows: tuple[np.ndarray, Rows], pull: Params, v: Params) -> Params:
    """To the minimum on a face whose columns depend on each other: of least length, or on till l1 falls no longer.

    Along a direction that M does not see l1|v| falls at a constant rate, till an entry of v is 0.
    """
    M, left = rows
    U, singular, V = svd(M, full_matrices=len(M) < M.shape[1])
    rank = int(np.sum(singular > SINGULAR * max(M.shape) * singular[:1].sum()))
    unseen = V[rank:].T @ (V[rank:] @ -pull)
    if np.linalg.norm(unseen) > 1e-10 * np.linalg.norm(pull):
        ends = np.divide(-v, unseen, out=np.full(len(v), np.inf), where=unseen * v < 0)
        if np.any(np.isfinite(ends)):
            return unseen * float(ends.min()) * (1 + 1e-9)
    along = V[:rank]
    step: Params = along.T @ ((U[:, :rank].T @ left - (along @ pull) / singular[:rank]) / singular[:rank])
    return step


def lowest_face(problem: Bounded, v: Params) -> Params:
    """argmin from a v within the bounds.

    >>> one = np.ones(2)
    >>> lowest_face(Bounded(np.eye(2), np.array([3.0, -2.0]), 0 * one, 0 * one, np.inf * one), 0 * one).tolist()
    [3.0, 0.0]
    """
    kinked = problem.l1 > 0
    free = np.where(kinked, v != 0, True) & (v > problem.lower) & (v < problem.upper)
    signs = np.sign(v)
    for _ in range(20 * len(v) + 50):
        end = v + problem.step(v, free, signs)
        stop = np.clip(end, problem.lower, problem.upper)
        stop = np.where(free & kinked & (stop * signs < 0), 0.0, stop)
        turning = free & (stop != end)
        with np.errstate(over="ignore"):
            shares = np.divide(stop - v, end - v, out=np.ones(len(v)), where=turning & (end != v))
        share = float(np.min(shares[turning], initial=1.0))
        v = np.where(free, v + share * (end - v), v)
        if turning.any():
            pinned = turning & (shares <= share)
            v, free = np.where(pinned, stop, v), free & ~pinned
            continue
        j, sign = problem.leaving(v, free)
        if j < 0:
            break
        free, signs = free | (np.arange(len(v)) == j), np.where(np.arange(len(v)) == j, sign, np.sign(v))
    return np.clip(v, problem.lower, problem.upper)
