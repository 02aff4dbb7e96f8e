"""F* ≥ D(u) = Σ s̃ᵢ H(pᵢ) − Σ Ω*(−(Aᵀu)ⱼₖ), uᵢ = s̃ᵢ (pᵢ − e_yᵢ): duality for the scores of K classes.

The conjugate of log-sum-exp is minus the entropy H on the simplex. Of row i, uᵢₖ ≥ 0 (k ≠ yᵢ) is what flows from class
yᵢ to class k, and uᵢ_yᵢ = −Σ uᵢₖ. Free intercepts want Σᵢ uᵢₖ = 0 of every class: the flows T (K, K) between classes
have to be a circulation, exactly. Floats cannot be one; but if a spanning tree of the classes carries off what is left
over, by changing T of its edges by a share of at most δ, then the exact point (1 − δ) φ u is one for factors φ of pairs
of classes in [1 − δ, 1 + δ]. It lies in [1 − 2δ, 1] u, so that it is in the domain if u is; H is concave, and ≥ 0 where
some of the flows are 0, so that it loses no more than a share of 2 (K − 1) δ. Likewise a factor κ ≤ 1 by which all is
shrunk, till |Aᵀu| ≤ l1 where l2 = 0, costs no more than the share 1 − κ of what is proved.
"""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from infimum.certificates.point import Point, objective_above
from infimum.certificates.rounding import TINY, UNIT, gamma
from infimum.kernels.compensated import pull_of, sum_of
from infimum.models import Rows

BLOCK = 1024  # rows whose distances from a centre are taken at once
BALANCED = 200  # rounds of balancing
Flows = Float[np.ndarray, "K K"]


@dataclass(frozen=True)
class ScoresDual:
    """gap = F(w) − D(u), rounded up, and its witness u, (n, K); +∞ where nothing is proved."""

    gap: float
    u: Rows


def scores_duality_gap(point: Point) -> ScoresDual:
    """gap = F(w) − D(u) ≥ F(w) − F*, u the slopes of the loss at w, its flows balanced."""
    penalty, free = point.penalty, point.objective.model.layout.free
    bare = (np.asarray(penalty.l2) == 0) & (np.asarray(penalty.l1) == 0) & ~free
    bounded = np.any(np.isfinite(penalty.lower)) or np.any(np.isfinite(penalty.upper))
    if np.any(bare) or bounded or not np.all(np.isfinite(point.u)):
        return ScoresDual(math.inf, np.zeros_like(point.u))
    K, y = point.outputs, point.objective.y.astype(int)
    own = np.arange(K) == y[:, None]
    u = np.where(own, 0.0, np.maximum(point.u, 0.0)) * (1 - (16 + 4 * K) * UNIT)
    u[point.objective.weight == 0] = 0.0
    if free.any():
        share = balancing(flows(u, y))
        u = u * (share / max(1.0, float(share.max())))[y]
    u[own] = -u.sum(axis=1)
    below = scores_dual_below(point, u)
    return ScoresDual(max(objective_above(point) - below, 0.0) * (1 + 4 * UNIT) + TINY, u)


def scores_dual_below(point: Point, u: Rows) -> float:
    """D, rounded down, of the exact point that u stands for; 0 where no more is proved, since F ≥ 0."""
    objective, K, penalty = point.objective, point.outputs, point.penalty
    y, free = objective.y.astype(int), objective.model.layout.free
    own = np.arange(K) == y[:, None]
    flowing = np.where(own, 0.0, u)
    delta = left_over(flows(flowing, y)) if free.any() else 0.0
    whole = entropy_below(flowing, objective.weight, own)
    if not delta < 0.5 / K:
        return 0.0
    l1, l2 = np.broadcast_to(penalty.l1, point.w.shape)[~free], np.broadcast_to(penalty.l2, point.w.shape)[~free]
    reach = slopes_above(point, u, delta)[~free]
    capped = l2 == 0
    worst = float(np.max(reach[capped] / l1[capped], initial=1.0)) * (1 + 4 * UNIT)
    beyond = np.maximum(reach - l1 * (1 - 2 * UNIT), 0.0)[~capped]
    curved = math.fsum(beyond**2 / (2 * l2[~capped])) * (1 + 8 * UNIT)
    proved = whole * (1 - 2 * (K - 1) * delta * (1 + 4 * UNIT)) * (1 - 8 * UNIT) - curved
    return max(proved, 0.0) / worst * (1 - 4 * UNIT)


def entropy_below(flowing: Rows, weight: Rows, own: np.ndarray) -> float:
    """Σ s̃ᵢ H(pᵢ), rounded down: pᵢ the flows over s̃ᵢ, and 1 less their sum for the row's own class; −∞ outside.

    With s̃ off by 2 u, p_y is off by e = (K + 6) u at most, and x log x by e (2 + |log max(x, 4 e)|) then.
    """
    rows = weight > 0
    s, K = weight[rows], flowing.shape[1]
    out = flowing[rows]
    if np.any(out < 0) or np.any(out.sum(axis=1) * (1 + gamma(K + 5)) > s):
        return -math.inf
    p = out / s[:, None]
    stays = np.maximum(1 - p.sum(axis=1), 0.0)
    terms = np.where(own[rows], stays[:, None], p)
    surprise = -terms * np.log(np.where(terms > 0, terms, 1.0))
    off = (K + 6) * UNIT
    doubt = off * (2 + np.abs(np.log(np.maximum(stays, 4 * off)))) + 12 * UNIT * (np.abs(surprise) + p).sum(axis=1)
    total = s * (surprise.sum(axis=1) - doubt)
    return math.fsum(total) - gamma(K + 4) * float(np.abs(total).sum()) - TINY


def slopes_above(point: Point, u: Rows, delta: float) -> Rows:
    """|Aᵀu| rounded up, flat, over all points within [1 − 2δ, 1] of u that fulfil what the intercepts ask for.

    Of those Σᵢ (aᵢⱼ − c) uᵢₖ is the same for every c: with c near the mean, columns far from 0 lose no digits.
    """
    A, K, free = point.A, point.outputs, point.objective.model.layout.free
    t, steep, _ = pull_of(A, u, np.zeros_like(u), np.zeros_like(u))
    t, steep = t.reshape(-1, K), steep.reshape(-1, K)
    rounding = 4 * UNIT * np.abs(t) + 2 * gamma(len(u) + 2) ** 2 * steep
    centre = point.objective.weight @ A if free.any() else np.zeros(A.shape[1])
    if free.any():
        rest = np.array([sum_of(np.ascontiguousarray(column)) for column in u.T])
        moved = centre[:, None] * rest
        doubt = 2 * gamma(len(u) + 2) ** 2 * np.abs(u).sum(axis=0)
        t = t - moved
        rounding += 4 * UNIT * np.abs(moved) + np.abs(centre)[:, None] * doubt
        steep = sum(np.abs(A[a : a + BLOCK] - centre).T @ np.abs(u[a : a + BLOCK]) for a in range(0, len(u), BLOCK))
    inexact = (2 * delta + gamma(K + 4)) * (1 + gamma(len(u) + 8)) * steep
    return np.asarray(((np.abs(t) + rounding + inexact) * (1 + 8 * UNIT) + TINY).ravel())


def flows(flowing: Rows, y: np.ndarray) -> Flows:
    """Tₗₖ = Σ over rows of class l of uᵢₖ, each rounded once; 0 on the diagonal."""
    K = flowing.shape[1]
    return np.array([[math.fsum(flowing[y == row, k]) if row != k else 0.0 for k in range(K)] for row in range(K)])


def balancing(T: Flows) -> Flows:
    """exp(aₖ − aₗ), such that T times it is all but a circulation: as much flows into each class as out (Osborne 1960).

    A class that nothing flows into, or out of, is cut off.

    >>> T = np.array([[0.0, 1.0], [4.0, 0.0]])
    >>> (T * balancing(T)).tolist()
    [[0.0, 2.0], [2.0, 0.0]]
    """
    T = T.copy()
    share = np.ones(T.shape)
    for _ in range(BALANCED):
        largest = 0.0
        for k in range(len(T)):
            into, out = float(T[:, k].sum()), float(T[k].sum())
            factor = math.sqrt(out / into) if min(into, out) > 0 else 0.0
            if into == out:
                continue
            share[:, k] *= factor
            T[:, k] *= factor
            if factor:
                share[k] /= factor
                T[k] /= factor
            else:
                share[k] = T[k] = 0.0
            largest = max(largest, abs(into - out) / max(into, out))
        if largest <= 2 * UNIT:
            break
    for near, k, net, _ in carried(T):  # what is left is carried off along the strongest ties
        both = float(T[near, k] + T[k, near])
        change = net / both if both > 0 else 0.0
        if abs(change) < 1:
            share[near, k] *= 1 - change
            share[k, near] *= 1 + change
    return share


def left_over(T: Flows) -> float:
    """δ: changing the flows along a spanning tree by this share makes T a circulation; ∞ where none does.

    >>> left_over(np.array([[0.0, 1.0], [1.5, 0.0]])) >= 0.2
    True
    """
    worst = 0.0
    for near, k, net, doubt in carried(T):
        both = float(T[near, k] + T[k, near])
        if abs(net) + doubt > 0:
            worst = max(worst, (abs(net) + doubt) / both if both > 0 else math.inf)
    return worst * (1 + 8 * UNIT)


def carried(T: Flows) -> list[tuple[int, int, float, float]]:
    """net = Σ (Tₐᵦ − Tᵦₐ), a on the side of l and b on that of k: (l, k, net, doubt) of each edge of a spanning tree.

    k is farther from class 0, and edges farther off come first. The tree is that of the largest Tₗₖ + Tₖₗ (Prim 1957).
    The doubt is rounding in T and in the sum.
    """
    both = T + T.T
    closest = dict.fromkeys(range(1, len(T)), 0)  # of the classes that the tree has, to one that it has not
    edges: list[tuple[int, int]] = []
    while closest:
        k = max(closest, key=lambda k: both[closest[k], k])
        edges.append((closest.pop(k), k))
        closest = {other: k if both[k, other] > both[near, other] else near for other, near in closest.items()}
    found, under = [], np.eye(len(T), dtype=bool)
    for near, k in reversed(edges):
        under[near] |= under[k]
        inside, outside = under[k], ~under[k]
        over = np.append(T[np.ix_(outside, inside)].ravel(), -T[np.ix_(inside, outside)].ravel())
        found.append((near, k, math.fsum(over), 4 * UNIT * float(np.abs(over).sum())))
    return found
