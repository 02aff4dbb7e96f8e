"""(2yᵢ − 1) aᵢᵀd ≥ 0 for all i, > 0 for some: along d the logistic loss falls for ever, so no minimum is attained.

Albert & Anderson (1984); found by a linear program (Konis 2007), then rounded and checked row by row in exact
arithmetic, because the program works to 1e-7. The witness is the direction: the coefficients that go to ±∞.
"""

import math
from fractions import Fraction

import numpy as np
from scipy.optimize import linprog

from infimum.certificates.claim import Claim, Verdict
from infimum.certificates.point import Point


def separation_claim(point: Point, names: tuple[str, ...]) -> Claim | None:
    """min over rows of (2y − 1) aᵀd ≥ 0 with d ≠ 0 on unpenalised parameters: CERTIFIED with its witness d, or None.

    value is Σ (2y − 1) aᵀd > 0 over the rows, bound the smallest term, scale the length of w at which the solver
    gave up. Rows of weight 0 and targets strictly between 0 and 1 are not signs: the first are left out, the second
    rule separation along any direction that moves them.
    """
    rows = point.objective.weight > 0
    y = point.objective.y[rows]
    penalty = point.penalty
    unpenalised = (np.asarray(penalty.l1) == 0) & (np.asarray(penalty.l2) == 0)
    movable = unpenalised & np.isinf(penalty.lower) & np.isinf(penalty.upper)
    if not movable.any() or np.any((y != 0) & (y != 1)):
        return None
    signed = point.A[rows][:, movable] * np.where(y == 1, 1.0, -1.0)[:, None]
    found = recession_direction(signed)
    if found is None:
        return None
    d = np.zeros(len(point.w))
    d[movable] = found
    margins = exact_margins(signed, found)
    moving = [f"{names[j]} → {'+' if d[j] > 0 else '−'}∞" for j in np.argsort(-np.abs(d), kind="stable") if d[j]]
    complete = min(margins) > 0
    kind = "completely" if complete else "partly"
    shown = ", ".join(moving[:4]) + (f" and {len(moving) - 4} more" if len(moving) > 4 else "")
    size = float(np.linalg.norm(point.w))
    sentence = (
        f"no minimum is attained: the classes are {kind} separated along {shown}; "
        f"a ridge penalty restores a finite minimum (the solver stopped at ‖w‖ = {size:.6g})"
    )
    total, least = float(sum(margins)), float(min(margins))
    return Claim("separation", sentence, total, least, Verdict.CERTIFIED, size, "linear program", {"direction": d})


def recession_direction(signed: np.ndarray) -> np.ndarray | None:
    """d with signedᵢᵀd ≥ 0 for all i and > 0 for some, verified exactly; None where none is found. signed is (n, p)."""
    largest = np.abs(signed).max(axis=0)
    size = 2.0 ** np.round(np.log2(np.where(largest > 0, largest, 1.0)))  # powers of two: d / size is exact
    scaled = signed / size
    program = linprog(-scaled.sum(axis=0), A_ub=-scaled, b_ub=np.zeros(len(scaled)), bounds=(-1, 1), method="highs")
    if not program.success or -program.fun <= 1e-7:
        return None
    strict = linprog(  # as far inside as the program can get: survives rounding
        np.append(np.zeros(scaled.shape[1]), -1.0),
        A_ub=np.column_stack([-scaled, np.ones(len(scaled))]),
        b_ub=np.zeros(len(scaled)),
        bounds=[(-1, 1)] * scaled.shape[1] + [(0, 1)],
        method="highs",
    )
    guesses = ([strict.x[:-1]] if strict.success and strict.x[-1] > 1e-9 else []) + [program.x]
    for guess in guesses:
        for denominator in (1, 2, 12, 1000, 10**6, 0):
            d = guess
            if denominator:
                d = np.array([float(Fraction(float(x)).limit_denominator(denominator)) for x in guess])
            margins = exact_margins(signed, d / size)
            if min(margins) >= 0 and max(margins) > 0:
                return np.asarray(d / size)
    return None


def exact_margins(signed: np.ndarray, d: np.ndarray) -> list[Fraction]:
    """signedᵢᵀd for every row, as exact rationals where float64 leaves the sign open, else as the float.

    >>> import numpy as np
    >>> min(exact_margins(np.array([[1.0, -1.0]]), np.array([0.1, 0.1])))
    Fraction(0, 1)
    """
    moving = np.flatnonzero(d)
    distinct, at = np.unique(signed[:, moving], axis=0, return_inverse=True)  # indicators: few different rows
    rough = distinct @ d[moving]
    doubt = 1e-14 * len(d) * (np.abs(distinct) @ np.abs(d[moving]))
    direction = [Fraction(float(x)) for x in d[moving]]
    out = []
    for value, error, row in zip(rough, doubt, distinct, strict=True):
        if abs(value) > error or not math.isfinite(value):
            out.append(Fraction(float(value)))
        else:
            out.append(sum((Fraction(float(a)) * x for a, x in zip(row, direction, strict=True) if a), Fraction(0)))
    return [out[place] for place in at.ravel().tolist()]
