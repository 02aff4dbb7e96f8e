"""min ½ Σ sᵢ (yᵢ − aᵢᵀw)² + Σ l1ⱼ|wⱼ| + ½ Σ l2ⱼwⱼ², w ≥ 0 or free, without a rounding: the optimality conditions."""

from fractions import Fraction
from itertools import product

from tests.estimators.exact.algebra import solved
from tests.estimators.exact.task import Exact


def quadratic_minimum(task, near):
    """The exact answer; the signs of `near` are tried first, then all."""
    p, F, near = len(task.l1), objective(task), near.tolist()
    weighed = [[s * a for a in row] for s, row in zip(task.s, task.A, strict=True)]
    columns, pulled = list(zip(*task.A, strict=True)), list(zip(*weighed, strict=True))
    H = [[dot(pulled[j], columns[k]) + task.l2[j] * (j == k) for k in range(p)] for j in range(p)]
    c = [dot(pulled[j], task.y) for j in range(p)]
    free = [not task.positive and not task.l1[j] or (task.intercept and j == p - 1) for j in range(p)]
    signs = [(0,) if free[j] else (0, 1) if task.positive else (0, 1, -1) for j in range(p)]
    first = tuple(0 if free[j] else (near[j] > 0) - (near[j] < 0) for j in range(p))
    for pattern in (first, *product(*signs)):
        w = on_face(task, H, c, free, pattern)
        if w is not None:
            return Exact(F(w), w if alone(task, H, c, free, w) else None, F, null(task))
    raise AssertionError("no face of the penalty holds a minimum")


def dot(a, b):
    return sum(x * z for x, z in zip(a, b, strict=True))


def objective(task):
    """w ↦ F(w), for floats or rational numbers."""

    def F(w):
        w = [Fraction(x) for x in w]
        loss = sum(
            s * (y - sum(a * x for a, x in zip(row, w, strict=True))) ** 2
            for s, row, y in zip(task.s, task.A, task.y, strict=True)
        )
        penalty = sum(u * abs(x) + v * x * x / 2 for u, v, x in zip(task.l1, task.l2, w, strict=True))
        return loss / 2 + penalty

    return F


def null(task):
    """F at the best constant, or at 0 without an intercept."""
    mean = sum(s * y for s, y in zip(task.s, task.y, strict=True)) if task.intercept else Fraction(0)
    return sum(s * (y - mean) ** 2 for s, y in zip(task.s, task.y, strict=True)) / 2


def slope(H, c, w):
    return [sum(h * x for h, x in zip(row, w, strict=True) if x) - b for row, b in zip(H, c, strict=True)]


def on_face(task, H, c, free, pattern):
    """The minimiser with these signs, if it fulfils the conditions of all: rational, so that they are proved."""
    p = len(c)
    face = [j for j in range(p) if free[j] or pattern[j]]
    found = solved([[H[j][k] for k in face] for j in face], [c[j] - task.l1[j] * pattern[j] for j in face])
    if found is None:
        return None
    w = [Fraction(0)] * p
    for j, x in zip(face, found[0], strict=True):
        w[j] = x
    if any(not free[j] and w[j] * pattern[j] < 0 for j in range(p)):
        return None
    g = slope(H, c, w)
    for j in range(p):
        if j not in face and (g[j] < -task.l1[j] or (not task.positive and g[j] > task.l1[j])):
            return None
    return w


def alone(task, H, c, free, w):
    """Whether no other w has the same F: H regular on all columns that could move."""
    g = slope(H, c, w)
    kinks = [(-u,) if task.positive else (-u, u) for u in task.l1]
    tight = [j for j in range(len(w)) if free[j] or w[j] or g[j] in kinks[j]]
    return len(solved([[H[j][k] for k in tight] for j in tight], [Fraction(0)] * len(tight))[1]) == len(tight)
