"""H = L D Lᵀ in rational numbers: the inverse root of a Hessian that float64 cannot tell from a singular one."""

import math
from fractions import Fraction

import numpy as np

Table = list[list[Fraction]]
MOST_DOUBT = 0.05


def exact_root(
    jacobian: tuple[np.ndarray, np.ndarray | None], bend: np.ndarray, ridge: np.ndarray
) -> tuple[np.ndarray, float] | None:
    """(W, a): H⁻¹ ⪯ WᵀW / (1 − a) for H = Aᵀ diag(bend) A + diag(ridge), both without a rounding but that of W.

    jacobian = (A, what A lost to rounding or None), (n, p); bend (n,), ridge (p,). W is D^(−½) L⁻¹, rounded; a bounds
    ‖W H Wᵀ − I‖. None where H is singular, or a is not small.

    >>> W, a = exact_root((np.array([[1.0, 1.0], [0.0, 2.0**-40]]), None), np.ones(2), np.zeros(2))
    >>> (np.abs(W[1]) / 2.0**40).tolist(), a < 1e-3
    ([1.0, 1.0], True)
    """
    H = gram(jacobian, bend, ridge)
    p = len(H)
    L, D = factored(H)
    if not all(pivot > 0 for pivot in D):
        return None
    inverse = inverted(L)
    try:
        W = np.array([[float(entry) / math.sqrt(D[k]) if entry else 0.0 for entry in inverse[k]] for k in range(p)])
    except (OverflowError, ZeroDivisionError):
        return None  # beyond the range of float64
    if not np.all(np.isfinite(W)):
        return None
    rows = [[Fraction(float(entry)) for entry in row] for row in W]
    half = [[dot(row, column) for column in H] for row in rows]  # W H: H is symmetric
    lack = [[dot(half[k], rows[j]) - (k == j) for j in range(p)] for k in range(p)]
    a = max((float(sum(abs(entry) for entry in row)) for row in lack), default=0.0) * (1 + 1e-15)
    return (W, a) if a <= MOST_DOUBT else None


def gram(jacobian: tuple[np.ndarray, np.ndarray | None], bend: np.ndarray, ridge: np.ndarray) -> Table:
    """Aᵀ diag(bend) A + diag(ridge), exactly."""
    A, lost = jacobian
    columns = [[Fraction(value) for value in column] for column in A.T.tolist()]
    for column, beside in zip(columns, [] if lost is None else lost.T.tolist(), strict=False):
        column[:] = [a + Fraction(b) for a, b in zip(column, beside, strict=True)]
    bends = [Fraction(value) for value in bend.tolist()]
    p = len(columns)
    H = [[Fraction(0)] * p for _ in range(p)]
    for k in range(p):
        bent = [a * b for a, b in zip(columns[k], bends, strict=True)]
        for j in range(k + 1):
            H[k][j] = H[j][k] = dot(bent, columns[j]) + (Fraction(float(ridge[k])) if j == k else 0)
    return H


def factored(H: Table) -> tuple[Table, list[Fraction]]:
    """(L, D) with H = L diag(D) Lᵀ, L unit lower triangular; stops with D = 0 where a pivot is not positive."""
    p = len(H)
    L = [[Fraction(int(k == j)) for j in range(p)] for k in range(p)]
    D = [Fraction(0)] * p
    for j in range(p):
        D[j] = H[j][j] - sum((L[j][m] ** 2 * D[m] for m in range(j)), Fraction(0))
        if D[j] <= 0:
            return L, D
        for k in range(j + 1, p):
            L[k][j] = (H[k][j] - sum((L[k][m] * L[j][m] * D[m] for m in range(j)), Fraction(0))) / D[j]
    return L, D


def inverted(L: Table) -> Table:
    """L⁻¹ of a unit lower triangular L."""
    p = len(L)
    inverse = [[Fraction(int(k == j)) for j in range(p)] for k in range(p)]
    for k in range(p):
        for j in range(k):
            inverse[k][j] = -sum((L[k][m] * inverse[m][j] for m in range(j, k)), Fraction(0))
    return inverse


def dot(a: list[Fraction], b: list[Fraction]) -> Fraction:
    """Σ aᵢ bᵢ."""
    return sum((x * y for x, y in zip(a, b, strict=True)), Fraction(0))
