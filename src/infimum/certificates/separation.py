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

LARGEST_PROGRAM = 2e7  # entries of the table of a linear program for several classes


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
    moving = [f"{names[j]} → {'+' if d[j] > 0 else '−'}∞" for j in np.argsort(-np.abs(d), kind="stable") if d[j]]
    return _claim(point, exact_margins(signed, found), moving, d)


def _claim(point: Point, margins: list[Fraction], moving: list[str], direction: np.ndarray) -> Claim:
    kind = "completely" if min(margins) > 0 else "partly"
    shown = ", ".join(moving[:4]) + (f" and {len(moving) - 4} more" if len(moving) > 4 else "")
    size = float(np.linalg.norm(point.w))
    sentence = (
        f"no minimum is attained: the classes are {kind} separated along {shown}; "
        f"a ridge penalty restores a finite minimum (the solver stopped at ‖w‖ = {size:.6g})"
    )
    total, least, witness = float(sum(margins)), float(min(margins)), {"direction": direction}
    return Claim("separation", sentence, total, least, Verdict.CERTIFIED, size, "linear program", witness)


def scores_separation_claim(point: Point, columns: tuple[str, ...]) -> Claim | None:
    """min over rows and classes k ≠ y of aᵀ(D_y − Dₖ) ≥ 0 for a D (P, K) ≠ 0: CERTIFIED with its witness D, or None.

    D is 0 for the first class, against which the scores of the others count.

    Along D no score of another class gains on that of the row's own, so the multinomial loss falls for ever (Albert &
    Anderson 1984). Unpenalised problems alone; value, bound and scale as for two classes, `columns` name those of A.
    """
    rows, penalty, K = point.objective.weight > 0, point.penalty, point.outputs + 1
    penalised = np.any(penalty.l1) or np.any(penalty.l2) or np.any(np.isfinite([penalty.lower, penalty.upper]))
    A, P = point.A[rows], point.A.shape[1]
    if penalised or len(A) * (K - 1) * P * K > LARGEST_PROGRAM:
        return None
    signed = rivalries(A, point.objective.y[rows].astype(int), K)
    found = recession_direction(signed)
    if found is None:
        return None
    D = np.column_stack([np.zeros(P), found.reshape(P, K - 1)])
    order = [divmod(int(at), K) for at in np.argsort(-np.abs(D), axis=None, kind="stable") if D.flat[at]]
    labels = getattr(point.objective.loss, "labels", ()) or tuple(f"class {k + 1}" for k in range(K))
    moving = [f"{columns[j]} for {labels[k]} → {'+' if D[j, k] > 0 else '−'}∞" for j, k in order]
    return _claim(point, exact_margins(signed, found), moving, D)


def rivalries(A: np.ndarray, y: np.ndarray, classes: int) -> np.ndarray:
    """Rows whose product with D (P, K − 1), flat and 0 for the first class, is aᵢᵀ(D_y − Dₖ), for every k ≠ yᵢ."""
    out = np.zeros((len(A), classes, A.shape[1], classes))
    each = np.arange(len(A))
    for k in range(classes):
        out[each, k, :, y] += A
        out[each, k, :, k] -= A
    other = np.arange(classes)[None, :] != y[:, None]
    return np.ascontiguousarray(out[other][:, :, 1:].reshape(int(other.sum()), -1))


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
