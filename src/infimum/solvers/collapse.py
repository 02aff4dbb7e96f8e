"""σ → 0: argmin 2ε Σᵢ s̃ᵢ |yᵢ − aᵢᵀw| + Σⱼ ridgeⱼ wⱼ² where many rows lie on one plane, and what proves it.

Near such a point F is homogeneous in (w − w₀, σ), so Newton's method nears it by a constant factor a step at best. The
rows on the plane, I, are told apart, w₀ is solved for, and the dual point u_I is that of Huber's loss at scale 1 on the
directions away from it: if Σ s̃ᵢuᵢ² ≤ 4, no σ > 0 is better.
"""

import numpy as np
from jaxtyping import Bool
from scipy.linalg import qr

from infimum.certificates.concomitant import Concomitant, State
from infimum.models import Params, Rows

ON_PLANE = 1e-12  # of the size of the terms of a residual
ITERATIONS = 60
ROUNDS = 6


def collapsed(problem: Concomitant, w: Params, near: Bool[np.ndarray, " N"], guess: Rows) -> State | None:
    """The state with σ = 0 on the plane through the rows `near`; None where they are on none, or σ > 0 is better.

    guess (N,) is about the dual point.
    """
    A, y, most = problem.A, problem.y, 2 * problem.loss.epsilon
    if not near.any():
        return None
    before, inliers = problem.residual(w)[0], near
    for _ in range(ROUNDS):  # a row whose residual changes its sign on the way belongs to the plane as well
        near, u = inliers, np.where(inliers, 0.0, np.copysign(most, before))
        w = _plane(problem, w, near, u)
        r, error = problem.residual(w)
        size = np.abs(y) + np.abs(A) @ np.abs(w)
        slight = 1e-14 * float(problem.weight @ np.abs(r))  # of no account in F
        if np.any(np.abs(r[near]) > ON_PLANE * size[near].max() + error[near] + slight):
            return None
        inliers = near | (np.abs(r) <= 4 * error + 2.0**-50 * size) | (np.sign(r) != np.sign(before))
        if np.array_equal(inliers, near):
            break
    u = np.where(inliers, 0.0, np.copysign(most, r))
    reach = float(np.abs(y).max(initial=0.0))
    target, weight = -problem.slope(w, u)[0], problem.weight[inliers]
    for found in (
        _near(A[inliers], weight, target, guess[inliers]),
        _multipliers(A[inliers], weight, target, most / 2),
    ):
        u[inliers] = np.clip(np.nan_to_num(found), -most, most)
        lack = np.abs(problem.slope(w, u)[0])
        fits = np.all(lack <= 1e-10 * (np.abs(A).T @ problem.weight + 2 * problem.ridge * (np.abs(w) + 1e-3 * reach)))
        if fits and problem.weight @ u**2 <= 4 * problem.weight.sum() * (1 + 1e-9):
            return State(w, 0.0, u, inliers)
    return None


def _near(A: np.ndarray, weight: Rows, target: Params, guess: Rows) -> Rows:
    """u with AᵀSu = target of least Σ s (u − guess)²."""
    root = np.sqrt(weight)
    u = guess
    for _ in range(2):
        u = u + np.linalg.lstsq((A * root[:, None]).T, target - A.T @ (weight * u), rcond=1e-14)[0] / root
    return u


def _plane(problem: Concomitant, w: Params, near: Bool[np.ndarray, " N"], u: Rows) -> Params:
    """argmin Σⱼ ridgeⱼ wⱼ² − uᵀS A w subject to A_I w = y_I, on independent rows of I, refined."""
    A, p = problem.A, len(w)
    rows = np.flatnonzero(near)
    _, R, pivots = qr(A[rows].T, mode="economic", pivoting=True)
    diagonal = np.abs(np.diag(R))
    chosen = rows[pivots[: int(np.sum(diagonal > 1e-11 * diagonal[:1].sum()))]]
    B, k = A[chosen], len(chosen)
    size = np.sqrt(2 * problem.ridge + (B**2).sum(axis=0))
    size[size == 0] = 1.0
    K = np.block([[2 * np.diag(problem.ridge / size**2), -(B / size).T], [B / size, np.zeros((k, k))]])
    force = np.zeros(k)
    for _ in range(4):
        low = problem.slope(w, u)[0] + B.T @ force
        right = np.append(low / size, problem.residual(w)[0][chosen])
        step = np.linalg.lstsq(K, right, rcond=1e-15)[0]
        w, force = w + step[:p] / size, force + step[p:]
    return w


def _multipliers(A: np.ndarray, weight: Rows, target: Params, epsilon: float) -> Rows:
    """u = clip(2 A δ) with AᵀSu = target, |u| ≤ 2ε, of least Σ s u² (Newton on δ); NaN where there is none."""
    delta = np.zeros(A.shape[1])
    scale = np.abs(A).max(axis=0, initial=0.0)
    scale[scale == 0] = 1.0
    A, target = A / scale, target / scale

    def height(delta: Params) -> float:
        x = np.abs(A @ delta)
        near = np.minimum(x, epsilon)
        return float(weight @ (near**2 + 2 * epsilon * (x - near)) - target @ delta)

    whole, damping = 2 * (A * weight[:, None]).T @ A, 1e-13
    enough = 1e-15 * float(np.linalg.norm(np.abs(A).T @ weight))
    for _ in range(ITERATIONS):
        z = A @ delta
        u, inside = np.clip(2 * z, -2 * epsilon, 2 * epsilon), np.abs(z) <= epsilon
        g = target - A.T @ (weight * u)
        if np.linalg.norm(g) <= enough:
            return u
        H = 2 * (A[inside] * weight[inside, None]).T @ A[inside]
        step = np.linalg.lstsq(H + damping * whole, g, rcond=1e-15)[0]
        if height(delta + step) <= height(delta) - 0.1 * float(g @ step):
            delta, damping = delta + step, max(0.1 * damping, 1e-13)
        elif damping >= 1:
            break
        else:
            damping = min(max(100 * damping, 1e-8), 1.0)
    return u if np.linalg.norm(g) <= 1e6 * enough else np.full(len(weight), np.nan)
