"""rank [X 1] = p: do the data determine every coefficient? Proved by an inverse of AᵀSA, or refuted by a relation."""

import math
from dataclasses import replace

import numpy as np
from scipy.linalg import qr, solve_triangular

from infimum.certificates.claim import Claim, Verdict
from infimum.certificates.metric import Metric, verified_metric
from infimum.certificates.point import Point
from infimum.certificates.rounding import UNIT


def identification_claim(point: Point, names: tuple[str, ...], metric: Metric | None = None) -> Claim:
    """rank A = p, CERTIFIED by ‖W AᵀSA Wᵀ − I‖ < 1; otherwise the dependent columns, with their exact relation if any.

    A metric of AᵀDA + ridge that needs no ridge proves it too, without another AᵀSA.

    value is the rank (with fewer rows than columns: the number of rows, which it cannot exceed), bound is p; the
    witness of an exact rank below p is its relations, one row a dependent column, (p − rank, p).
    """
    m, P = point.outputs, point.table.shape[1]
    p = m * P  # of several outputs each has a parameter a column, and the rank is m times that of A
    proved = metric is not None and metric.proves(np.broadcast_to(point.penalty.l2, point.w.shape))
    if proved or verified_metric(replace(point, d=point.objective.weight, d_error=0.0), np.zeros(P)) is not None:
        sentence = f"the data determine all {p} parameters: the columns are linearly independent"
        return Claim("identification", sentence, p, p, Verdict.CERTIFIED, p)
    if counted_out(point):
        rows = int(np.count_nonzero(point.objective.weight > 0))
        each = f", {m} a column" if m > 1 else ""
        sentence = (
            f"{rows} rows cannot determine {p} parameters{each}: at least {p - m * rows} combinations are left open"
        )
        return Claim("identification", sentence, m * rows, p, Verdict.CERTIFIED, p, "counting")
    rank, relations, exact = dependent_columns(point)
    rank *= m
    if rank == p:
        sentence = "the columns are too nearly dependent for float64 to prove them independent"
        return Claim("identification", sentence, rank, p, Verdict.INSUFFICIENT, p)
    words = "; ".join(spell(row, names) for row in relations[:3])
    more = f"; and {len(relations) - 3} more" if len(relations) > 3 else ""
    how = "exactly" if exact else "to working precision"
    decided = "; the penalty decides among them" if penalised(point, relations) else ""
    sentence = f"the data do not determine {p - rank} of {p} parameters: {how}, {words}{more}{decided}"
    if not exact:
        return Claim("identification", sentence, rank, p, Verdict.REPORTED, p, "singular values")
    return Claim("identification", sentence, rank, p, Verdict.CERTIFIED, p, "relations", {"relations": relations})


def penalised(point: Point, relations: np.ndarray) -> bool:
    """l2ⱼ > 0 of every dependent column j, so that the minimiser is unique after all."""
    strength = np.broadcast_to(np.asarray(point.objective.penalty.l2, dtype=float), point.w.shape)
    return bool(np.all(strength.reshape(-1, point.outputs)[dropped_columns(relations)] > 0))


def dropped_columns(relations: np.ndarray) -> list[int]:
    """j with Rᵢⱼ = 1 for each relation i, and Rₖⱼ = 0 for the others: the column that it tells by those kept.

    >>> dropped_columns(np.array([[1.0, 0.0, 1.0], [0.0, 1.0, 5.0]]))
    [0, 1]
    """
    own = np.count_nonzero(relations, axis=0) == 1
    found = [np.flatnonzero((row == 1.0) & own) for row in relations]
    return [int((at if len(at) else np.flatnonzero(row == 1.0))[-1]) for at, row in zip(found, relations, strict=True)]


def counted_out(point: Point) -> bool:
    """Whether n < p, rows of weight 0 left out: no need to look at the columns."""
    return int(np.count_nonzero(point.objective.weight > 0)) < point.table.shape[1]


def dependent_columns(point: Point) -> tuple[int, np.ndarray, bool]:
    """(rank, R, exact), A Rᵀ = 0: a row of R (p − rank, p) is 1 at a dependent column, minus its combination elsewhere.

    By QR with column pivoting of the scaled columns; coefficients that are near a small fraction are rounded to it,
    and `exact` says that A Rᵀ = 0 was then verified in integer arithmetic.
    """
    A, lost = point.A[point.objective.weight > 0], point.objective.model.lost
    if lost is not None and np.any(lost):
        rank, relations, _ = _dependent(A)  # of columns that are known in twice the precision A holds the first half
        return rank, relations, False
    ones, others = constant_columns(A)
    if ones >= 0 and len(others):
        rest = np.setdiff1d(np.arange(A.shape[1]), others)
        rank, found, exact = _dependent(A[:, rest])
        relations = np.zeros((len(others) + len(found), A.shape[1]))
        relations[np.arange(len(others)), others], relations[: len(others), ones] = 1.0, -A[0, others]
        relations[len(others) :, rest] = found
        return rank, relations, exact or not len(found)
    return _dependent(A)


def constant_columns(A: np.ndarray) -> tuple[int, np.ndarray]:
    """(a column of ones, the columns that are constant but for it, not 0): c = c · 1 exactly; −1 where there is none.

    >>> constant_columns(np.array([[0.1, 2.0, 1.0], [0.1, 3.0, 1.0]]))
    (2, array([0]))
    """
    constant = np.flatnonzero(np.all(A[:1] == A, axis=0) & np.any(A != 0, axis=0)) if len(A) else np.zeros(0, dtype=int)
    ones = constant[A[0, constant] == 1.0] if len(constant) else constant
    if not len(ones):
        return -1, ones
    return int(ones[-1]), constant[constant != ones[-1]]


def _dependent(A: np.ndarray) -> tuple[int, np.ndarray, bool]:
    """The relations of `dependent_columns` among the columns of A."""
    size = np.linalg.norm(A, axis=0)
    size[size == 0] = 1.0
    _, R, pivots = qr(A / size, mode="economic", pivoting=True)
    diagonal = np.abs(np.diag(R))
    rank = int(np.sum(diagonal > 100 * UNIT * max(A.shape) * diagonal[0])) if len(diagonal) else 0
    kept, dropped = pivots[:rank], pivots[rank:]
    combination = np.zeros((0, len(dropped)))
    if rank:
        combination = solve_triangular(R[:rank, :rank], R[:rank, rank:]) * size[dropped] / size[kept, None]
    relations = np.zeros((len(dropped), A.shape[1]))
    relations[np.arange(len(dropped)), dropped] = 1.0
    relations[:, kept] = -_near_fractions(combination.T)
    return rank, relations, bool(len(relations)) and _vanishes(A, relations)


def _near_fractions(numbers: np.ndarray) -> np.ndarray:
    """Each number, or the fraction with a denominator up to 12 that it is within 1e-7 of."""
    simple = numbers.copy()
    for denominator in range(12, 0, -1):  # the smallest denominator has the last word
        rounded = np.round(numbers * denominator) / denominator
        simple = np.where(np.abs(rounded - numbers) < 1e-7, rounded, simple)
    return simple


def _vanishes(A: np.ndarray, relations: np.ndarray) -> bool:
    """A Rᵀ = 0 exactly: k a = k h + k l is not rounded for whole k < 2²⁶ and halves h + l = a of 27 bits."""
    multiplied = relations * 27720.0  # lcm(1 … 12)
    whole = np.round(multiplied)
    if np.any(np.abs(multiplied - whole) > 1e-6) or np.any(np.abs(whole) >= 2.0**26):
        return False
    involved = np.any(whole != 0, axis=0)
    mantissa, exponent = np.frexp(A[:, involved])
    high = np.ldexp(np.round(mantissa * 2.0**26), exponent - 26)
    low = A[:, involved] - high
    for row in whole[:, involved]:
        parts = np.hstack([high * row, low * row])[:, np.tile(row != 0, 2)]
        if any(math.fsum(part) != 0 for part in parts.tolist()):
            return False
    return True


def spell(relation: np.ndarray, names: tuple[str, ...]) -> str:
    """'c = a + 2 b': a row of R as an equation among columns; a column that is 0 throughout as 'c = 0'.

    >>> import numpy as np
    >>> spell(np.array([-1.0, -2.0, 1.0]), ("a", "b", "c"))
    'c = a + 2 b'
    """
    target = int(np.flatnonzero(relation == 1.0)[-1])
    if np.count_nonzero(relation) > 7:
        return f"{names[target]} is a combination of {np.count_nonzero(relation) - 1} other columns"
    parts = []
    for j in np.flatnonzero(relation):
        if j == target:
            continue
        c = -relation[j]
        size = "" if abs(c) == 1 else f"{abs(c):.6g} "
        parts.append(("-" if c < 0 else "+", f"{size}{names[j]}"))
    text = " ".join(f"{sign} {part}" for sign, part in parts).removeprefix("+ ")
    return f"{names[target]} = {text or '0'}"


def spanned(point: Point, relations: np.ndarray, gone: np.ndarray) -> bool:
    """Whether the kept columns reach all that the dropped do: those are not penalised, and free, or ≥ 0 if told so.

    A dropped column with wⱼ ≥ 0 has to be a sum of free columns, and of columns with w ≥ 0 times numbers ≥ 0. Those
    have to be above 0 where it is, so that they have the same subgradients with it as without.
    """
    l1, l2, lower, upper, w = (
        np.broadcast_to(np.asarray(part, dtype=float), point.w.shape)
        for part in (point.penalty.l1, point.penalty.l2, point.penalty.lower, point.penalty.upper, point.w)
    )
    plain = (l1 == 0) & (l2 == 0) & np.isinf(upper)
    free, positive = plain & np.isinf(lower), plain & (lower == 0)
    for row, j in zip(relations, dropped_columns(relations), strict=True):
        others = (row != 0) & ~gone
        if not (free[j] or positive[j]) or np.any((row != 0) & gone & (np.arange(len(row)) != j)):
            return False
        moved = others & positive & (row < 0) & ((w > 0) | (w[j] == 0))
        if not np.all(free[others] | (moved[others] & bool(positive[j]))):
            return False
    return True


def independent_part(point: Point) -> tuple[Point, np.ndarray] | None:
    """(A, w, g, s) on independent columns alone, and R: the same infimum. None unless the rest is exact and free.

    With several outputs a row: None, whatever the columns.
    """
    if point.outputs > 1:
        return None
    penalty = point.penalty
    penalised = (np.asarray(penalty.l1) > 0) | (np.asarray(penalty.l2) > 0)
    if np.sum(~penalised) < 2 and np.all(np.any(point.A[:, ~penalised] != 0, axis=0)):
        return None  # one column that is not 0 can depend on penalised ones only, which have to stay
    rank, relations, exact = dependent_columns(point)
    gone = np.zeros(len(point.w), dtype=bool)
    gone[dropped_columns(relations)] = True
    if not exact or len(relations) != gone.sum() or not spanned(point, relations, gone):
        return None
    keep = ~gone
    spared = type(penalty)(*(np.asarray(part)[keep] for part in (penalty.l1, penalty.l2, penalty.lower, penalty.upper)))
    columns = {name: getattr(point, name)[keep] for name in ("w", "g", "g_error", "steep", "s", "s_error")}
    objective = replace(point.objective, penalty=spared)
    return replace(point, table=np.ascontiguousarray(point.A[:, keep]), objective=objective, **columns), relations
