"""(2yᵢ − 1) aᵢᵀd ≥ 0 for all i, > 0 for some: along d the logistic loss falls for ever, so no minimum is attained.

Albert & Anderson (1984). With more classes, aᵢᵀ(D_y − Dₖ) ≥ 0 for every k ≠ yᵢ. The direction is found by linear
programs and checked row by row in exact arithmetic (`recession.py`); it is the sparsest that tells as many rows apart
as any does. It is the witness: the coefficients that go to ±∞.
"""

from fractions import Fraction

import numpy as np

from infimum.certificates.claim import Claim, Verdict
from infimum.certificates.point import Point
from infimum.certificates.rationals import pieces_of
from infimum.certificates.recession import Cone, recession_direction
from infimum.losses.multinomial import contrasts

RIDGE = "a ridge penalty restores a finite minimum"
LARGEST_PROGRAM = 4e8  # numbers that a program's rows may hold all together


def separation_claim(point: Point, names: tuple[str, ...]) -> Claim | None:
    """min over rows of (2y − 1) aᵀd ≥ 0 with d ≠ 0 on unpenalised parameters: CERTIFIED with its witness d, or None.

    value is Σ (2y − 1) aᵀd > 0 over the rows, bound the smallest term, scale the length of w at which the solver
    gave up. Rows of weight 0 and targets strictly between 0 and 1 are not signs: the first are left out, the second
    rule separation along any direction that moves them.
    """
    rows = point.objective.weight > 0
    y, penalty = point.objective.y[rows], point.penalty
    unpenalised = (np.asarray(penalty.l1) == 0) & (np.asarray(penalty.l2) == 0)
    movable = np.flatnonzero(unpenalised & np.isinf(penalty.lower) & np.isinf(penalty.upper))
    if not len(movable) or np.any((y != 0) & (y != 1)):
        return None
    whole = rows.all() and len(movable) == point.A.shape[1]
    cone = Cone(point.A if whole else point.A[rows][:, movable], y.astype(int), 2)
    found = recession_direction(cone, point.w[movable])
    if found is None:
        return None
    pieces = pieces_of(found)
    direction = np.zeros((len(pieces), len(point.w)))
    direction[:, movable] = pieces
    moving = [f"{names[j]} → {'+' if x > 0 else '−'}∞" for j, x in _by_size(direction[0])]
    return _claim(
        point,
        cone.exact_margins(found),
        moving,
        direction,
        'a ridge penalty or penalty="firth" restores a finite minimum',
    )


def scores_separation_claim(point: Point, columns: tuple[str, ...]) -> Claim | None:
    """min over rows and classes k ≠ y of aᵀ(D_y − Dₖ) ≥ 0 for a D (P, K) ≠ 0: CERTIFIED with its witness D, or None.

    D is 0 for the first class, against which the scores of the others count, and for columns with a penalty or a bound.
    Along D no score of another class gains on that of the row's own, so the multinomial loss falls for ever. Value,
    bound and scale as for two classes, `columns` name those of A.
    """
    rows, penalty, K = point.objective.weight > 0, point.penalty, point.outputs + 1
    P = point.A.shape[1]
    held = np.asarray(penalty.l1) + penalty.l2 + np.isfinite(penalty.lower) + np.isfinite(penalty.upper) > 0
    movable = np.flatnonzero(~np.broadcast_to(held, point.w.shape).reshape(P, K - 1).any(axis=1))
    if not len(movable) or rows.sum() * (K - 1) * len(movable) > LARGEST_PROGRAM:
        return None
    A = point.A if rows.all() and len(movable) == P else point.A[rows][:, movable]
    cone = Cone(A, point.objective.y[rows].astype(int), K)
    scores = contrasts(K) @ point.w.reshape(P, -1)[movable].T
    found = recession_direction(cone, (scores - scores[0])[1:].T.ravel())
    if found is None:
        return None
    pieces = pieces_of(found).reshape(-1, len(movable), K - 1)
    D = np.zeros((len(pieces), P, K))
    D[:, movable, 1:] = pieces
    labels = getattr(point.objective.loss, "labels", ()) or tuple(f"class {k + 1}" for k in range(K))
    moving = [f"{columns[at // K]} for {labels[at % K]} → {'+' if x > 0 else '−'}∞" for at, x in _by_size(D[0].ravel())]
    empty = [str(labels[k]) for k in range(K) if not np.any(point.objective.y[rows] == k)]
    cure = f"no row counts for {', '.join(empty)}: leave it out" if empty else RIDGE
    return _claim(point, cone.exact_margins(found), moving, D, cure)


def _by_size(d: np.ndarray) -> list[tuple[int, float]]:
    """[(j, dⱼ), …] of the entries that move, the largest first."""
    return [(int(j), float(d[j])) for j in np.argsort(-np.abs(d), kind="stable") if d[j]]


def _claim(point: Point, margins: list[Fraction], moving: list[str], direction: np.ndarray, cure: str) -> Claim:
    kind = "completely" if min(margins) > 0 else "partly"
    shown = ", ".join(moving[:4]) + (f" and {len(moving) - 4} more" if len(moving) > 4 else "")
    size = float(np.linalg.norm(point.w))
    sentence = (
        f"no minimum is attained: the classes are {kind} separated along {shown}; "
        f"{cure} (the solver stopped at ‖w‖ = {size:.6g})"
    )
    total, least = float(sum(margins)), float(min(margins))
    witness = {"direction": direction[0] if len(direction) == 1 else direction}
    return Claim("separation", sentence, total, least, Verdict.CERTIFIED, size, "linear program", witness)
