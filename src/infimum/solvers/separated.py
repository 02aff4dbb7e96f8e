"""inf over the others of Σ sᵢ ℓ(aᵢᵀw, yᵢ), wⱼ = θ held, where classes are separated and the infimum is at infinity.

Along d with (2y − 1) aᵢᵀd ≥ 0 for all rows, the loss of those with > 0 falls to 0 and the others stay: the infimum is
that of the others alone, once no direction is left among them (Albert & Anderson 1984; Geyer 2009).
"""

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
from scipy.linalg import qr
from scipy.optimize import linprog

from infimum.certificates.rationals import Exact, simple
from infimum.certificates.recession import Cone, recession_direction
from infimum.solvers.modified import Likelihood, descend, place_at
from infimum.solvers.profile import NoProfile, Profile

SHARES = (0.0, 2.0**-30, 2.0**-20, 2.0**-10, 2.0**-4)
NOTHING = 1e-7  # of a linear program: a direction so short is none


def separated_profiles(problem: Likelihood) -> list[Profile]:
    """(Profile of w₀, of w₁, …) of a likelihood of two classes, y 0 or 1, whose supremum is at infinity.

    The columns are independent. Raises NoProfile where a direction could not be told in exact arithmetic.
    """
    rows, p = problem.weight > 0, problem.A.shape[1]
    problem = replace(problem, A=problem.A[rows], y=problem.y[rows], weight=problem.weight[rows])
    cone = Cone(problem.A, problem.y.astype(int), 2)
    best = descend(on_face(problem, np.arange(p)), np.zeros(p))
    if not best.reached:
        raise NoProfile(best.stopped)
    inner = recession_direction(cone, best.place.w)
    if inner is None:
        raise NoProfile("no direction separates the classes on columns of like size")
    found = []
    for j in range(p):
        up, down = leads(cone, inner, j, 1), leads(cone, inner, j, -1)
        restricted = on_face(problem, np.setdiff1d(np.arange(p), j))
        estimate = math.nan if up and down else math.inf if up else -math.inf if down else float(best.place.w[j])
        w = best.place.w.copy() if math.isfinite(estimate) else np.zeros(p)
        found.append(Profile(restricted, j, best.place.value, estimate, place_at(restricted, w), 1.0))
    return found


def on_face(problem: Likelihood, columns: np.ndarray) -> Likelihood:
    """G(w) on the rows that no direction among these columns separates, free in as many of them as are independent."""
    kept = np.arange(len(problem.A))
    while len(kept) and len(columns):
        part = Cone(np.ascontiguousarray(problem.A[np.ix_(kept, columns)]), problem.y[kept].astype(int), 2)
        d = recession_direction(part, np.zeros(len(columns)))
        if d is None:
            break
        kept = kept[[margin == 0 for margin in part.exact_margins(d)]]
    A = problem.A[kept]
    free = columns[:0]
    if len(kept) and len(columns):
        _, R, pivots = qr(A[:, columns], mode="economic", pivoting=True)
        diagonal = np.abs(np.diag(R))
        free = np.sort(columns[pivots[: int(np.sum(diagonal > 1e-12 * diagonal[0]))]])
    return replace(problem, A=A, y=problem.y[kept], weight=problem.weight[kept], free=free)


def leads(cone: Cone, inner: Exact, j: int, sign: int) -> bool:
    """Whether some d of the cone has sign · dⱼ > 0; verified exactly. Raises NoProfile if in doubt.

    inner is one such d; a little of it is added to what the program found, which is right to 1e-7 only.
    """
    signed = cone.rows(np.arange(len(cone.A)))
    size = np.abs(signed).max(axis=0)
    toward = np.zeros(signed.shape[1])
    toward[j] = -sign
    program = linprog(toward, A_ub=-signed / size, b_ub=np.zeros(len(signed)), bounds=(-1, 1), method="highs")
    if not program.success or -program.fun <= NOTHING:
        return False
    for share in SHARES:
        for denominator in (1, 2, 12, 1000, 10**6, 2**60):
            near = [simple(x, denominator) / Fraction(s) for x, s in zip(program.x, size.tolist(), strict=True)]
            d = [x + Fraction(share) * more for x, more in zip(near, inner, strict=True)]
            if sign * d[j] > 0 and cone.holds(d, np.zeros(0, dtype=int)):
                return True
    raise NoProfile("whether a direction separates the classes is beyond what float64 tells")
