"""argmin Σᵢ max(lowerᵢ rᵢ, upperᵢ rᵢ), r = y − A w: the dual linear program, then pivots, then more digits."""

import warnings
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool
from scipy.linalg import qr
from scipy.optimize import linprog
from scipy.sparse import csc_array

from infimum.certificates.polyhedral import Polyhedral
from infimum.certificates.vertex import Evidence, Vertex, evidence_at, interpolated, vertex_of
from infimum.models import Params, Rows
from infimum.solvers.pivots import Corner, centred, descend, first_corner, turned

INSIDE = 1e-7  # of the width of its box: what HiGHS leaves a multiplier uncertain by


@dataclass(frozen=True, eq=False)
class Found:
    """(w, vertex, evidence): w (p,) at a vertex; the others are None where no regular vertex was found."""

    w: Params
    vertex: Vertex | None
    evidence: Evidence | None
    iterations: int
    stopped: str


def vertex_minimum(problem: Polyhedral, intercept: bool) -> Found:
    """argmin F at a vertex: HiGHS on the dual (Koenker & Bassett 1978; n ≫ p), then pivots in float64, then refinement.

    The columns of A are independent. intercept: whether the last column of A is all ones on the rows of the data.
    """
    data = turned(*centred(problem, intercept))
    w, inside, upper, rounds = _linear_program(problem, data)
    basis = first_corner(data[0], data[1] - data[0] @ w, inside)
    if len(basis) < problem.A.shape[1]:
        return Found(np.zeros(problem.A.shape[1]), None, None, rounds, "no regular vertex was found")
    limit = 200 + 20 * problem.A.shape[1] + len(problem.y)
    corner = descend(problem, data, Corner(basis, upper, 0, ""), limit)
    vertex = vertex_of(problem, corner.basis, corner.upper)
    if vertex is None:
        w = np.linalg.lstsq(problem.A[corner.basis], problem.y[corner.basis], rcond=None)[0]
        return Found(w, None, None, rounds + corner.pivots, f"{corner.stopped}; its inverse could not be verified")
    w = interpolated(problem, vertex, vertex.inverse.R @ problem.y[corner.basis])
    evidence = evidence_at(problem, vertex, w)
    r, error = problem.residual(w)
    known = np.abs(r) > error + np.abs(problem.A) @ evidence.distance  # the sign of r at the vertex itself
    sides = np.where(known, r > 0, vertex.upper)
    if not np.array_equal(sides, vertex.upper):
        vertex = Vertex(vertex.basis, sides, vertex.inverse)
        evidence = evidence_at(problem, vertex, w)
    return Found(w, vertex, evidence, rounds + corner.pivots, corner.stopped)


def independent(problem: Polyhedral, intercept: bool) -> bool:
    """rank A = p to working precision, columns centred where there is an intercept."""
    A, p = centred(problem, intercept)[0], problem.A.shape[1]
    if len(A) < p:
        return False
    size = np.linalg.norm(A, axis=0)
    if not np.all(size > 0):
        return False
    diagonal = np.abs(np.diag(qr(A / size, mode="r", pivoting=True)[0]))
    return bool(np.all(diagonal > 1e-13 * max(A.shape) ** 0.5))


def _linear_program(
    problem: Polyhedral, data: tuple[np.ndarray, Rows]
) -> tuple[Params, Bool[np.ndarray, " N"], Bool[np.ndarray, " N"], int]:
    """(w, multiplier inside its box, in the upper half of it, iterations) by HiGHS; least squares where it fails."""
    A, y = data
    width = problem.upper - problem.lower
    size = np.abs(A).max(axis=0, initial=0.0) * width.mean()
    size[size == 0] = 1.0
    spread = float(np.median(np.abs(y))) or float(np.abs(y).max()) or 1.0
    share = width / width.mean()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of tolerances: what comes of it is proved, not believed
        found = linprog(
            -y / spread * share,
            A_eq=csc_array((A * width[:, None] / size).T),
            b_eq=np.zeros(A.shape[1]),
            bounds=np.column_stack([problem.lower, problem.upper]) / width[:, None],
            method="highs",
        )
    if found.x is None or found.eqlin is None:
        w = np.linalg.lstsq(A, y, rcond=None)[0]
        return w, np.zeros(len(y), dtype=bool), y - A @ w > 0, 0
    w = -found.eqlin.marginals * spread * width.mean() / size
    v, low, high = found.x, problem.lower / width, problem.upper / width
    inside = (v > low + INSIDE) & (v < high - INSIDE)
    return w, inside, v > 0.5 * (low + high), int(found.nit)
