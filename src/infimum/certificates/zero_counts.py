"""aᵢᵀd ≤ 0 where yᵢ = 0, < 0 for some, and aᵢᵀd = 0 where yᵢ > 0: along d the Poisson loss falls for ever.

Then no minimum is attained: the predicted counts of some rows with yᵢ = 0 fall to 0, and no other prediction changes
(Santos Silva & Tenreyro 2010; Correia, Guimarães & Zylkin 2019). A linear program finds the direction to 1e-7; the rows
that it leaves where they are give linear equations, which are solved in rational arithmetic, and every row is checked
there. The witness is the direction, as floats whose sum down each column is exact.
"""

import math
from fractions import Fraction

import numpy as np
from scipy.linalg import qr
from scipy.optimize import linprog

from infimum.certificates.claim import Claim, Verdict
from infimum.certificates.point import Point

MOST_COLUMNS = 60  # beyond, the rational elimination takes longer than the fit
LONGEST = 1000  # binary digits of a witness: what the range of float64 holds
Exact = list[Fraction]


def zero_counts_claim(point: Point, names: tuple[str, ...]) -> Claim | None:
    """min of −aᵀd ≥ 0 over rows with y = 0, max |aᵀd| = 0 over the others: CERTIFIED with its witness d, or None.

    d moves unpenalised, unbounded parameters only; rows of weight 0 are left out. value is Σ −aᵀd > 0, bound the
    smallest term over the rows with y = 0, scale the length of w at which the solver gave up.
    """
    rows, penalty = point.objective.weight > 0, point.penalty
    unpenalised = (np.asarray(penalty.l1) == 0) & (np.asarray(penalty.l2) == 0)
    movable = np.flatnonzero(unpenalised & np.isinf(penalty.lower) & np.isinf(penalty.upper))
    zero = point.objective.y[rows] == 0
    if not len(movable) or not zero.any():
        return None
    A = point.A[rows][:, movable]
    found = falling_direction(A[zero], A[~zero])
    if found is None:
        return None
    margins, pieces = exact_falls(A[zero], found), _pieces(found)
    witness = np.zeros((len(pieces), len(point.w)))
    witness[:, movable] = pieces
    size = float(np.linalg.norm(point.w))
    sentence = _sentence(witness[0], margins, names, size)
    total, least = float(sum(margins, Fraction(0))), float(min(margins))
    return Claim(
        "separation", sentence, total, least, Verdict.CERTIFIED, size, "linear program", {"direction": witness}
    )


def _sentence(d: np.ndarray, margins: Exact, names: tuple[str, ...], size: float) -> str:
    moving = [f"{names[j]} → {'+' if d[j] > 0 else '−'}∞" for j in np.argsort(-np.abs(d), kind="stable") if d[j]]
    shown = ", ".join(moving[:4]) + (f" and {len(moving) - 4} more" if len(moving) > 4 else "")
    falling = sum(margin > 0 for margin in margins)
    return (
        f"no minimum is attained: along {shown} the prediction falls to 0 on {falling} of the {len(margins)} rows "
        "whose count is 0, and changes on no other row; a ridge penalty restores a finite minimum "
        f"(the solver stopped at ‖w‖ = {size:.6g})"
    )


def falling_direction(zero: np.ndarray, above: np.ndarray) -> Exact | None:
    """d, exact, with aᵀd ≤ 0 on the rows of `zero`, < 0 on some, and = 0 on those of `above`; None where none is found.

    >>> falling_direction(np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]]))
    [Fraction(-1, 1), Fraction(0, 1)]
    """
    zero, above = np.unique(zero, axis=0), np.unique(above, axis=0)
    p = zero.shape[1]
    if p > MOST_COLUMNS:
        return None
    largest = np.abs(np.vstack([zero, above])).max(axis=0)
    size = 2.0 ** np.round(np.log2(np.where(largest > 0, largest, 1.0)))  # powers of two: exact
    falling, still = zero / size, above / size
    program = linprog(
        falling.sum(axis=0),
        A_ub=falling,
        b_ub=np.zeros(len(falling)),
        A_eq=still if len(still) else None,
        b_eq=np.zeros(len(still)) if len(still) else None,
        bounds=(-1, 1),
        method="highs",
    )
    if not program.success or -program.fun <= 1e-7:
        return None
    left = falling @ program.x > -1e-6  # taken to be where d is orthogonal to the row
    d = _orthogonal(np.vstack([still, falling[left]]), program.x)
    exact = _in_binary([x / Fraction(s) for x, s in zip(d, size.tolist(), strict=True)])
    if exact is None:
        return None
    margins = exact_falls(zero, exact)
    holds = min(margins) >= 0 < max(margins) and not any(exact_falls(above, exact))
    return exact if holds else None


def _orthogonal(E: np.ndarray, near: np.ndarray) -> Exact:
    """d with E d = 0 exactly and close to `near`: simple fractions where E leaves a choice, the rest by elimination."""
    p = len(near)
    rank = 0
    if len(E):
        _, R, columns = qr(E, mode="economic", pivoting=True)
        diagonal = np.abs(np.diag(R))
        rank = int(np.sum(diagonal > 1e-10 * max(diagonal[0], 1e-300)))
    if not rank:
        return [_simple(x) for x in near]
    tied, chosen = np.sort(columns[:rank]), np.setdiff1d(np.arange(p), columns[:rank])
    _, _, order = qr(E[:, tied].T, mode="economic", pivoting=True)
    rows = [[Fraction(float(x)) for x in E[i]] for i in order[:rank]]
    d = [Fraction(0)] * p
    for j in chosen:
        d[j] = _simple(near[j])
    right = [-sum((row[j] * d[j] for j in chosen), Fraction(0)) for row in rows]
    for j, x in zip(tied, _solved([[row[j] for j in tied] for row in rows], right), strict=True):
        d[j] = x
    return d


def _simple(x: float) -> Fraction:
    return Fraction(float(x)).limit_denominator(1000)


def _solved(M: list[Exact], b: Exact) -> Exact:
    """x with M x = b, by Gauss–Jordan elimination in rationals; zeros where M is singular (the check then refuses)."""
    r = len(b)
    T = [[*row, value] for row, value in zip(M, b, strict=True)]
    for k in range(r):
        pivot = next((i for i in range(k, r) if T[i][k]), None)
        if pivot is None:
            return [Fraction(0)] * r
        T[k], T[pivot] = T[pivot], T[k]
        T[k] = [x / T[k][k] for x in T[k]]
        for i in range(r):
            if i != k and T[i][k]:
                factor = T[i][k]
                T[i] = [x - factor * y for x, y in zip(T[i], T[k], strict=True)]
    return [row[-1] for row in T]


def exact_falls(A: np.ndarray, d: Exact) -> Exact:
    """−aᵢᵀd for every row of A (n, p), in rational arithmetic."""
    moving = [j for j, x in enumerate(d) if x]
    distinct, at = np.unique(A[:, moving], axis=0, return_inverse=True)  # indicators: few different rows
    falls = [
        -sum((Fraction(float(a)) * d[j] for a, j in zip(row, moving, strict=True)), Fraction(0)) for row in distinct
    ]
    return [falls[place] for place in at.ravel().tolist()]


def _in_binary(d: Exact) -> Exact | None:
    """d times a positive number, so that each entry is a sum of floats, the largest from 1 to 2; None: too long."""
    common = math.lcm(*(x.denominator for x in d))
    whole = [int(x * common) for x in d]
    longest = max(abs(x) for x in whole).bit_length()
    return [Fraction(x, 2 ** (longest - 1)) for x in whole] if 0 < longest <= LONGEST else None


def _pieces(d: Exact) -> np.ndarray:
    """d as floats (k, p), the exact sum of each column; the first row is d rounded."""
    pieces = []
    while any(d):
        pieces.append([float(x) for x in d])
        d = [x - Fraction(piece) for x, piece in zip(d, pieces[-1], strict=True)]
    return np.array(pieces)
