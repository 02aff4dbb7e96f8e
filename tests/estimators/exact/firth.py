"""A minimum of Σ sᵢ ℓᵢ − ½ log det I(w), sᵢ as given, near where a fit ended: Newton's method at many digits."""

from fractions import Fraction

import mpmath as mp

from tests.estimators.exact.algebra import independent
from tests.estimators.exact.families import Classes, number
from tests.estimators.exact.likelihood import ENOUGH, Problem, digits_of
from tests.estimators.exact.task import Exact

STEP = mp.mpf(10) ** -40


def firth_minimum(task, near):
    """w* of the minimum next to `near`; none where columns depend on each other, or no minimum is next to it."""
    none = Exact(None, None, None, None)
    with mp.workdps(digits_of(task)):
        problem = Problem(task, Classes(2, len(task.A)))
        if len(independent(task.A)) < problem.size:
            return none
        try:
            return next_to(problem, near)
        except (ValueError, ZeroDivisionError):
            return none


def next_to(problem, near):
    """w* by Newton's method from `near`. Raises ValueError or ZeroDivisionError where it leads to no minimum."""
    w = [number(x) * mp.mpf(2) ** k for x, k in zip(near, problem.power, strict=True)]
    for _ in range(60):
        g = modified(problem, w)
        J = mp.zeros(len(w))
        for j in range(len(w)):
            h = STEP * (1 + abs(w[j]))
            up = modified(problem, [x + h * (k == j) for k, x in enumerate(w)])
            down = modified(problem, [x - h * (k == j) for k, x in enumerate(w)])
            for i in range(len(w)):
                J[i, j] = (up[i] - down[i]) / (2 * h)
        step = mp.lu_solve(J, mp.matrix(g))
        w = [x - d for x, d in zip(w, step, strict=True)]
        if max(abs(d) for d in step) <= ENOUGH * (1 + max(abs(x) for x in w)):
            mp.cholesky((J + J.T) / 2)  # raises unless it is a minimum
            found = [x / mp.mpf(2) ** k for x, k in zip(w, problem.power, strict=True)]
            return Exact(mp.mpf(0), found, lambda _: mp.mpf(0), mp.mpf(0))
    raise ValueError("Newton's method did not end at a minimum")


def modified(problem, w):
    """Minus the score of Firth (1993): −Σ [sᵢ(yᵢ − pᵢ) + hᵢ(½ − pᵢ)] aᵢ, hᵢ the leverages, over Σ s."""
    total = number(problem.task.total)
    p, bends = [], []
    for i in problem.rows:
        (z,) = problem.predictions(i, w)
        p.append(1 / (1 + mp.exp(-z)))
        bends.append(problem.s[i] / ((1 + mp.exp(-z)) * (1 + mp.exp(z))))
    n = len(w)
    information = mp.zeros(n)
    for i in problem.rows:
        for j in range(n):
            for k in range(n):
                information[j, k] += bends[i] * problem.A[i][j] * problem.A[i][k]
    inverse = information**-1
    g = [mp.mpf(0)] * n
    for i in problem.rows:
        a = problem.A[i]
        h = bends[i] * mp.fsum(a[j] * inverse[j, k] * a[k] for j in range(n) for k in range(n))
        pull = problem.s[i] * (Fraction(problem.task.y[i]).numerator - p[i]) + h * (mp.mpf(1) / 2 - p[i]) / total
        for j in range(n):
            g[j] -= pull * a[j]
    return g
