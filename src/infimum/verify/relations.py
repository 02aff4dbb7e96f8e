"""A Rᵀ = 0: relations among columns, held in exact arithmetic, and what they leave out without a loss."""

import math
from collections.abc import Mapping

import numpy as np

from infimum.verify.arithmetic import exact_products
from infimum.verify.restated import Restated


def independent_part(problem: Restated, witness: Mapping[str, np.ndarray]) -> Restated:
    """The problem without the unpenalised columns that the witness of rank shows to depend exactly on others."""
    relations = witness.get("relations")
    if relations is None or problem.metric is not None:
        return problem
    dropped = told_by_others(relations)
    if not _reached(problem, relations, dropped) or not relations_hold(problem, relations):
        return problem
    return problem.without(np.isin(np.arange(len(problem.w)), dropped))


def told_by_others(relations: np.ndarray) -> np.ndarray:
    """The column of each relation that no other relation has, with 1 there; the last such."""
    alone = (relations != 0).sum(axis=0) == 1
    picked = []
    for row in relations:
        at = np.flatnonzero((row == 1.0) & alone)
        picked.append(int(at[-1] if len(at) else np.flatnonzero(row == 1.0)[-1]))
    return np.array(picked, dtype=int)


def _reached(problem: Restated, relations: np.ndarray, dropped: np.ndarray) -> bool:
    """Whether what the dropped columns add can be had by the others: free ones, or by adding to wₖ ≥ 0 for wⱼ ≥ 0."""
    l1, l2, lower, upper = problem.parts
    if not np.array_equal(relations[:, dropped], np.eye(len(dropped))):
        return False
    plain = (l1 == 0) & (l2 == 0) & np.isinf(upper)
    free, positive = plain & np.isinf(lower), plain & (lower == 0)
    for row, j in zip(relations, dropped, strict=True):
        for k in np.flatnonzero(row):
            adds = positive[j] and positive[k] and row[k] < 0 and (problem.w[k] > 0 or problem.w[j] == 0)
            if not (free[k] and (free[j] or positive[j])) and not (k == j and positive[j]) and not (k != j and adds):
                return False
    return True


def relations_hold(problem: Restated, relations: np.ndarray) -> bool:
    """A Rᵀ = 0 exactly, on rows of weight > 0, the rows of R independent: of multiples of 1/27720, or constants."""
    A = problem.A[problem.weight > 0]
    used, lost = np.any(relations != 0, axis=0), problem.lost
    if lost is not None and np.any(lost[:, used]):
        return False  # columns that are known in twice the precision, of which A holds the first half
    apart = np.array_equal(relations[:, told_by_others(relations)], np.eye(len(relations)))
    if not apart and np.linalg.matrix_rank(relations) < len(relations):
        return False
    return all(_constant(A, row) or _vanishes(A, row) for row in relations)


def _vanishes(A: np.ndarray, row: np.ndarray) -> bool:
    """Σ rⱼ aⱼ = 0 exactly, r in multiples of 1/27720."""
    whole = np.round(row * 27720.0)
    if not np.allclose(row * 27720.0, whole, rtol=0, atol=1e-6):
        return False
    terms = np.hstack(exact_products(A[:, whole != 0], whole[whole != 0]))
    return all(math.fsum(part) == 0.0 for part in terms.tolist())


def _constant(A: np.ndarray, row: np.ndarray) -> bool:
    """aⱼ = c · 1: whether the relation is that of a constant column to a column of ones."""
    used = np.flatnonzero(row)
    if len(used) != 2 or 1.0 not in row[used]:
        return False
    j = used[row[used] == 1.0][-1]
    k = used[used != j][0]
    return bool(np.all(A[:, k] == 1.0) and np.all(A[:, j] == -row[k]))
