"""(w, basis) ↦ F(w) − inf F ≤ gap, |w − w*| ≤ distance: what a vertex of a polyhedral objective proves."""

import math
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from jaxtyping import Bool, Int

from infimum.certificates.inverse import WIDEST, Inverse, inverse_of, rational_inverse
from infimum.certificates.polyhedral import BOX_ROUNDINGS, Polyhedral
from infimum.certificates.rounding import TINY, UNIT, gamma
from infimum.kernels.compensated import pull_of
from infimum.models import Params, Rows

REFINEMENTS = 4


@dataclass(frozen=True, eq=False)
class Vertex:
    """(B, upper, A_B⁻¹): the rows (p,) that are interpolated, and which bound each other multiplier is at, (N,)."""

    basis: Int[np.ndarray, " p"]
    upper: Bool[np.ndarray, " N"]
    inverse: Inverse


@dataclass(frozen=True, eq=False)
class Evidence:
    """gap ≥ F(w) − inf F in the problem's units; the dual point (N,), its error on B; |w − w*| ≤ distance (p,).

    estimate is the gap without rounding of its evaluation; share is δ, what the dual point is shrunk by; inside (p,)
    how far each multiplier of B is within its box, as a share of it and for all weights that round to those given,
    negative outside. w* = A_B⁻¹ y_B is the minimiser where all of `inside` is positive and `signed`, no row off B being
    on the other side of w* than its multiplier says; and then the only one.
    """

    basis: Int[np.ndarray, " p"]
    gap: float
    estimate: float
    dual: Rows
    error: Rows
    share: float
    inside: Rows
    distance: Params
    signed: bool


def vertex_of(problem: Polyhedral, basis: Int[np.ndarray, " p"], upper: Bool[np.ndarray, " N"]) -> Vertex | None:
    """(B, upper, A_B⁻¹), the inverse verified; None where A_B was not shown to be regular."""
    inverse = inverse_of(problem.A[basis])
    return None if inverse is None else Vertex(basis, upper, inverse)


def pinned(problem: Polyhedral, vertex: Vertex) -> Int[np.ndarray, " k"]:
    """The parameters whose row of the vertex is wⱼ = 0: at the vertex they are 0, without a rounding."""
    return np.asarray(problem.pulled[vertex.basis[vertex.basis >= len(problem.rows)] - len(problem.rows)])


def interpolated(problem: Polyhedral, vertex: Vertex, w: Params) -> Params:
    """w = A_B⁻¹ y_B, refined from w to the last digit: entries whose row is wⱼ = 0 are exactly 0."""
    zero = pinned(problem, vertex)
    best, least = w, math.inf
    for _ in range(REFINEMENTS):
        w = w.copy()
        w[zero] = 0.0
        r, error = (part[vertex.basis] for part in problem.residual(w))
        size = float(np.abs(r).sum())
        if size < least:
            best, least = w, size
        step = vertex.inverse.solved(r, error)[0]
        if not np.any(w + step != w):
            break
        w = w + step
    return best


def multipliers(problem: Polyhedral, vertex: Vertex) -> tuple[Rows, Rows, Rows]:
    """(d, error, beyond): Aᵀd = 0 for an exact d (N,) within error (p,) of it on B; beyond (p,) adds the weights'.

    Off B, d is exactly at a bound of its box.
    """
    A, basis = problem.A, vertex.basis
    width = (problem.upper - problem.lower)[basis]
    d = np.where(vertex.upper, problem.upper, problem.lower)
    d[basis] = 0.0
    for _ in range(REFINEMENTS):
        step, _ = vertex.inverse.transposed(pull_of(A, d)[0], np.zeros(A.shape[1]), width)
        moved = d.copy()
        moved[basis] -= step
        if not np.all(np.isfinite(moved)) or np.array_equal(moved, d):
            break
        d = moved
    g, terms, _ = pull_of(A, d)
    g_error = 2 * UNIT * np.abs(g) + 4 * gamma(len(d) + 2) ** 2 * terms + TINY
    step, error = vertex.inverse.transposed(g, g_error, width)
    _, beyond = vertex.inverse.transposed(g, g_error + 2 * BOX_ROUNDINGS * UNIT * terms, width)
    return d, np.abs(step) * (1 + 2 * UNIT) + error, np.abs(step) * (1 + 2 * UNIT) + beyond


def evidence_at(problem: Polyhedral, vertex: Vertex, w: Params) -> Evidence:
    """gap ≥ F(w) − inf F, |w − w*| ≤ distance and the dual point at w, rounding included."""
    basis, (d, error, beyond) = vertex.basis, multipliers(problem, vertex)
    if not np.all(np.isfinite(error)) and not vertex.inverse.exact and len(basis) <= WIDEST:
        exact = rational_inverse(problem.A[basis])  # scales too unlike for float64
        if exact is not None:
            vertex = replace(vertex, inverse=replace(vertex.inverse, exact=exact))
            d, error, beyond = multipliers(problem, vertex)
    lower, upper = problem.lower[basis], problem.upper[basis]
    r, r_error = problem.residual(w)
    above = problem.above(w)
    width = problem.upper - problem.lower
    right = np.where(vertex.upper, r >= r_error, r <= -r_error)
    right[basis] = True
    beside = float(np.sum((width * (np.abs(r) + r_error))[~right]))
    rb, rb_error, db = r[basis], r_error[basis], d[basis]
    error = np.where(np.isfinite(error), error, np.maximum(2.0**1000, np.abs(db)))  # inf times 0 is no number
    rise = np.maximum(upper - db + error, 0.0) * np.maximum(rb + rb_error, 0.0)
    fall = np.maximum(db + error - lower, 0.0) * np.maximum(rb_error - rb, 0.0)
    own = float(np.sum(np.maximum(rise, fall)))
    plain = float(np.sum(np.maximum((upper - db) * rb, (lower - db) * rb)))
    share = _outside(db, error, lower, upper)
    gap = (own + beside) * (1 + gamma(len(d) + 8)) + 2 * BOX_ROUNDINGS * UNIT * above
    gap = gap + share / (1 - share) * above * (1 + 8 * UNIT) if share < 0.5 else math.inf
    inside = np.minimum(upper - db, db - lower) - beyond
    estimate = max(plain, 0.0) + beside
    _, distance = _from_vertex(vertex, rb, rb_error)
    held = pinned(problem, vertex)
    distance[held] = np.where(w[held] == 0, 0.0, distance[held])
    signed = _signed(problem, vertex, r, r_error + np.abs(problem.A) @ distance * (1 + gamma(len(w) + 4)))
    return Evidence(basis, gap + TINY, estimate, d, error, share, inside / width[basis], distance, signed)


def _signed(problem: Polyhedral, vertex: Vertex, r: Rows, doubt: Rows) -> bool:
    """Whether y − A w* ≥ 0 in rows off B with d at its upper bound, ≤ 0 in the others, w* = A_B⁻¹ y_B within doubt.

    Rows too near to tell are looked at in rational numbers, where the vertex is small enough.
    """
    near = np.where(vertex.upper, r < doubt, r > -doubt)
    near[vertex.basis] = False
    if not near.any():
        return True
    small = len(vertex.basis) <= WIDEST
    exact = vertex.inverse.exact or (rational_inverse(problem.A[vertex.basis]) if small else None)
    if not exact:
        return False
    right = [Fraction(x) for x in problem.y[vertex.basis].tolist()]
    w = [sum((a * x for a, x in zip(row, right, strict=True)), Fraction(0)) for row in exact]
    for i in np.flatnonzero(near).tolist():
        pulled = sum((Fraction(a) * x for a, x in zip(problem.A[i].tolist(), w, strict=True)), Fraction(0))
        left = Fraction(float(problem.y[i])) - pulled
        if left != 0 and (left > 0) != bool(vertex.upper[i]):
            return False
    return True


def _outside(d: Rows, error: Rows, lower: Rows, upper: Rows) -> float:
    """δ with (1 − δ) d in the box for every d within error of the given; 1 where there is none."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        over = np.where(d + error > upper, 1 - upper / (d + error), 0.0)
        under = np.where(d - error < lower, 1 - lower / (d - error), 0.0)
    worst = float(np.max(np.maximum(over, under), initial=0.0))
    return min(worst + 8 * UNIT, 1.0) if worst > 0 else (0.0 if worst == 0 else 1.0)


def _from_vertex(vertex: Vertex, r: Rows, error: Rows) -> tuple[Params, Params]:
    """(A_B⁻¹ r, |w − A_B⁻¹ y_B|) for the residuals of B at w, each within error of r."""
    step, bound = vertex.inverse.solved(r, error)
    return step, np.abs(step) * (1 + 2 * UNIT) + bound
