"""w_B → w_B′: from vertex to vertex of a polyhedral objective, till no edge descends (Barrodale & Roberts 1973).

Leaving vertex B along the edge on which row k alone is let go, F has the slope by which the multiplier dₖ is out of its
box. The step goes on through the kinks it meets till the slope is no longer negative: a weighted quantile.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int
from scipy.linalg import qr

from infimum.certificates.polyhedral import Polyhedral
from infimum.models import Params, Rows

APART = 1e-4  # of the largest pivot of columns of size 1: they need no turning
SLACK = 1e-12  # of the width of its box, by which a multiplier counts as inside
PATIENCE = 30  # pivots without a descent until the first edge is taken instead of the steepest


@dataclass(frozen=True, eq=False)
class Corner:
    """(B, upper): the rows (p,) that are interpolated, which bound each other multiplier is at, (N,), pivots made."""

    basis: Int[np.ndarray, " p"]
    upper: Bool[np.ndarray, " N"]
    pivots: int
    stopped: str


def centred(problem: Polyhedral, intercept: bool) -> tuple[Float[np.ndarray, "N p"], Rows]:
    """(A, y) with the same vertices: less the medians where the last column is an intercept, columns of size 1."""
    A, y, n = problem.A.copy(), problem.y.copy(), len(problem.rows)
    if intercept:
        A[:n, :-1] -= np.median(A[:n, :-1], axis=0)
        y[:n] -= np.median(y[:n])
    size = np.abs(A).max(axis=0, initial=0.0)
    return A / np.where(size > 0, size, 1.0), y


def turned(A: Float[np.ndarray, "N p"], y: Rows) -> tuple[Float[np.ndarray, "N p"], Rows]:
    """(Q, y), A = Q R, where columns are nearly dependent: the vertices are the same, and further apart."""
    Q, R = qr(A, mode="economic")
    diagonal = np.abs(np.diag(R))
    apart = len(diagonal) == A.shape[1] and float(diagonal.min(initial=1.0)) > APART * float(diagonal.max(initial=0.0))
    return (A if apart else np.ascontiguousarray(Q)), y


def first_corner(A: Float[np.ndarray, "N p"], r: Rows, inside: Bool[np.ndarray, " N"]) -> Int[np.ndarray, " p"]:
    """p independent rows of A: those with a multiplier inside its box, then those of small residual |r| (N,)."""
    p, size = A.shape[1], np.linalg.norm(A, axis=1)
    rows = A / np.where(size > 0, size, 1.0)[:, None]
    chosen: list[int] = []
    order = np.argsort(np.where(size > 0, np.abs(r) / np.where(size > 0, size, 1.0), np.inf), kind="stable")
    near = order[: 4 * p + 20]
    for group in (np.flatnonzero(inside), near, order):
        group = np.setdiff1d(group, chosen)
        if len(chosen) == p or not len(group):
            continue
        left = rows[group]
        if chosen:
            Q = qr(rows[chosen].T, mode="economic")[0]
            left = left - (left @ Q) @ Q.T
        _, R, pivots = qr(left.T, mode="economic", pivoting=True)
        diagonal = np.abs(np.diag(R))[: p - len(chosen)]
        chosen += [int(i) for i in group[pivots[: int(np.sum(diagonal > 1e-9))]]]
    return np.array(chosen, dtype=int)


def descend(problem: Polyhedral, data: tuple[np.ndarray, Rows], corner: Corner, limit: int) -> Corner:
    """argmin F over vertices, from a corner to its neighbours; data = (A, y), centred."""
    A, y = data
    basis, upper = corner.basis.copy(), corner.upper.copy()
    width = problem.upper - problem.lower
    idle, least, made = 0, np.inf, 0
    for made in range(limit):
        try:
            R = np.linalg.inv(A[basis])
        except np.linalg.LinAlgError:
            return Corner(basis, upper, made, "met a singular vertex")
        r = _residual(A, y, basis, R)
        upper = _sides(r, upper, np.abs(y) + np.abs(A) @ np.abs(R @ y[basis]))
        d = np.where(upper, problem.upper, problem.lower)
        d[basis] = 0.0
        d[basis] = -R.T @ (A.T @ d)
        out = np.maximum(d - problem.upper, problem.lower - d)[basis] / width[basis]
        height = float(problem.height(r).sum())
        idle, least = (0, height) if height < least else (idle + 1, least)
        if not np.any(out > SLACK):
            return Corner(basis, upper, made, "no edge descends")
        if idle > 3 * PATIENCE:
            return Corner(basis, upper, made, "no edge descends beyond rounding")
        k = int(np.argmax(out)) if idle <= PATIENCE else int(np.flatnonzero(out > SLACK)[0])
        rising = bool(d[basis[k]] > problem.upper[basis[k]])
        move = A @ R[:, k] * (1.0 if rising else -1.0)
        entering, flipped = _step((r, move, width, basis), upper, out[k] * width[basis[k]])
        if entering < 0:
            return Corner(basis, upper, made, "an edge descends without end")
        upper[flipped] = ~upper[flipped]
        upper[basis[k]] = rising
        basis[k] = entering
    return Corner(basis, upper, made, f"stopped after {limit} pivots")


def _residual(A: np.ndarray, y: Rows, basis: np.ndarray, R: np.ndarray) -> Rows:
    """y − A A_B⁻¹ y_B, refined once, 0 on B."""
    w: Params = R @ y[basis]
    w = w + R @ (y[basis] - A[basis] @ w)
    r = y - A @ w
    r[basis] = 0.0
    return r


def _sides(r: Rows, upper: np.ndarray, size: Rows) -> Bool[np.ndarray, " N"]:
    """Which bound: that of the sign of r; as before where r is 0 to working precision."""
    known = np.abs(r) > 1e-14 * size
    return np.where(known, r > 0, upper)


def _step(
    edge: tuple[Rows, Rows, Rows, np.ndarray], upper: np.ndarray, slope: float
) -> tuple[int, Int[np.ndarray, " m"]]:
    """(row that stops the step, rows whose kink it passes): along r + t move, t ≥ 0, till −slope + kinks ≥ 0."""
    r, move, width, basis = edge
    meets = np.where(upper, move < 0, move > 0)
    meets[basis] = False
    index = np.flatnonzero(meets)
    if not len(index):
        return -1, index
    when = np.maximum(-r[index] / move[index], 0.0)
    order = index[np.argsort(when, kind="stable")]
    risen = np.cumsum(width[order] * np.abs(move[order]))
    stop = int(np.searchsorted(risen, slope * (1 - 1e-12)))
    if stop == len(order):
        return -1, index
    return int(order[stop]), order[:stop]
