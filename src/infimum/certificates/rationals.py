"""d ∈ ℚᵖ: directions in rational arithmetic, where a sign or an equality has to be exact."""

import math
from fractions import Fraction

import numpy as np
from scipy.linalg import qr

LONGEST = 1000  # binary digits of a witness: what the range of float64 holds
Exact = list[Fraction]


def exact_products(rows: np.ndarray, d: Exact) -> Exact:
    """aᵀd for every row a of (n, p).

    >>> exact_products(np.array([[1.0, -1.0]]), [Fraction(1, 3), Fraction(1, 3)])
    [Fraction(0, 1)]
    """
    moving = [j for j, x in enumerate(d) if x]
    distinct, at = np.unique(rows[:, moving], axis=0, return_inverse=True)  # indicators: few different rows
    ways = [
        sum((Fraction(a) * d[j] for a, j in zip(row, moving, strict=True) if a), Fraction(0))
        for row in distinct.tolist()
    ]
    return [ways[place] for place in at.ravel().tolist()]


def orthogonal(E: np.ndarray, near: np.ndarray) -> Exact:
    """d with E d = 0 exactly and close to `near`: simple fractions where E leaves a choice, the rest by elimination."""
    p = len(near)
    rank = 0
    if len(E):
        _, R, columns = qr(E, mode="economic", pivoting=True)
        diagonal = np.abs(np.diag(R))
        rank = int(np.sum(diagonal > 1e-10 * max(diagonal[0], 1e-300)))
    if not rank:
        return [simple(x) for x in near]
    tied, chosen = np.sort(columns[:rank]), np.setdiff1d(np.arange(p), columns[:rank])
    _, _, order = qr(E[:, tied].T, mode="economic", pivoting=True)
    rows = [[Fraction(float(x)) for x in E[i]] for i in order[:rank]]
    d = [Fraction(0)] * p
    for j in chosen:
        d[j] = simple(near[j])
    right = [-sum((row[j] * d[j] for j in chosen), Fraction(0)) for row in rows]
    for j, x in zip(tied, solved([[row[j] for j in tied] for row in rows], right), strict=True):
        d[j] = x
    return d


def simple(x: float, denominator: int = 1000) -> Fraction:
    """p/q nearest to x with q ≤ denominator.

    >>> simple(0.3333, 10)
    Fraction(1, 3)
    """
    return Fraction(float(x)).limit_denominator(denominator)


def solved(M: list[Exact], b: Exact) -> Exact:
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


def in_binary(d: Exact) -> Exact | None:
    """t d, t > 0, so that each entry is a sum of floats, the largest from 1 to 2; None where that takes too many."""
    common = math.lcm(*(x.denominator for x in d))
    whole = [int(x * common) for x in d]
    longest = max(abs(x) for x in whole).bit_length()
    return [Fraction(x, 2 ** (longest - 1)) for x in whole] if 0 < longest <= LONGEST else None


def pieces_of(d: Exact) -> np.ndarray:
    """d = Σₖ piecesₖ exactly, pieces (k, p) of floats; the first row is d rounded."""
    pieces = []
    while any(d):
        pieces.append([float(x) for x in d])
        d = [x - Fraction(piece) for x, piece in zip(d, pieces[-1], strict=True)]
    return np.array(pieces)
