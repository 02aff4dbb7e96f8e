"""inf F to 50 digits, by Newton's method in mpmath on the support: shares no code with the library."""

import mpmath as mp
import numpy as np

mp.mp.dps = 50
LOSSES = {
    "squared": lambda z, y: (z - y) ** 2 / 2,
    "logistic": lambda z, y: mp.log1p(mp.exp(-abs(z))) + max(z, 0) - y * z,
    "poisson": lambda z, y: mp.exp(z) - (y + y * (z - mp.log(y)) if y else 0),
}
DERIVATIVES = {  # (ℓ′, ℓ″)
    "squared": lambda z, y: (z - y, mp.mpf(1)),
    "logistic": lambda z, y: (1 / (1 + mp.exp(-z)) - y, 1 / ((1 + mp.exp(-z)) * (1 + mp.exp(z)))),
    "poisson": lambda z, y: (mp.exp(z) - y, mp.exp(z)),
}


def exact_value(problem, w):
    """F(w) at 50 digits; problem = (loss, A, y, weight, l1, l2) with the floats taken as exact."""
    loss, A, y, weight, l1, l2 = problem
    total = mp.mpf(0)
    for row, target, s in zip(A, y, weight, strict=True):
        if s == 0:
            continue
        z = mp.fsum(mp.mpf(a) * mp.mpf(v) for a, v in zip(row, w, strict=True))
        t = mp.mpf(target)
        total += mp.mpf(s) * LOSSES[loss](z, t)
    return total + mp.fsum(
        mp.mpf(a) * abs(mp.mpf(v)) + mp.mpf(b) * mp.mpf(v) ** 2 / 2 for a, b, v in zip(l1, l2, w, strict=True)
    )


def slopes(problem, w, bend=False):
    """(gradient, Hessian) of the smooth part at w, ridge included."""
    loss, A, y, weight, _, l2 = problem
    p = len(w)
    g = [mp.mpf(b) * v for b, v in zip(l2, w, strict=True)]
    H = [[mp.mpf(l2[j]) if j == k else mp.mpf(0) for k in range(p)] for j in range(p)]
    for row, target, s in zip(A, y, weight, strict=True):
        if s == 0:
            continue
        x = [mp.mpf(a) for a in row]
        z = mp.fsum(a * v for a, v in zip(x, w, strict=True))
        slope, curve = DERIVATIVES[loss](z, mp.mpf(target))
        for j in range(p):
            g[j] += mp.mpf(s) * slope * x[j]
            if bend:
                for k in range(j, p):
                    H[j][k] += mp.mpf(s) * curve * x[j] * x[k]
                    H[k][j] = H[j][k]
    return g, H


def infimum(problem, start):
    """(F*, w*) at 50 digits from a good float start; raises AssertionError where it cannot prove what it found.

    The support and signs come from the start; Newton on the support, and at the end the optimality conditions of
    every entry are checked.
    """
    l1 = [mp.mpf(float(x)) for x in problem[4]]
    w = [mp.mpf(float(x)) for x in start]
    for _ in range(12):
        support = [j for j in range(len(w)) if l1[j] == 0 or w[j] != 0]
        w = _newton(problem, w, l1, support)
        g, _ = slopes(problem, w)
        wrong = [j for j in range(len(w)) if j not in support and abs(g[j]) > l1[j]]
        crossed = [
            j
            for j in support
            if l1[j] > 0 and mp.sign(w[j]) != mp.sign(float(start[j])) and w[j] != 0 and float(start[j]) != 0
        ]
        if not wrong and not crossed:
            assert all(abs(g[j] + l1[j] * mp.sign(w[j])) < mp.mpf(10) ** -35 for j in support)
            return exact_value(problem, w), w
        for j in crossed:
            w[j] = mp.mpf(0)
        for j in wrong:
            w[j] = -mp.sign(g[j]) * mp.mpf(10) ** -12
        start = [float(x) for x in w]
    raise AssertionError("the 50-digit oracle did not settle on a support")


def _newton(problem, w, l1, support):
    if not support:
        return w
    for _ in range(60):
        g, H = slopes(problem, w, bend=True)
        s = mp.matrix([g[j] + l1[j] * mp.sign(w[j]) for j in support])
        step = mp.lu_solve(mp.matrix([[H[j][k] for k in support] for j in support]), s)
        w_next = _moved(w, support, step, 1)
        if max(abs(x) for x in step) > mp.mpf(10) ** -4:  # far away: Newton's method needs its steps checked
            length, before = mp.mpf(1), exact_value(problem, w)
            while length > mp.mpf(10) ** -10 and exact_value(problem, w_next) > before:
                length /= 2
                w_next = _moved(w, support, step, length)
        w = w_next
        if max(abs(x) for x in step) < mp.mpf(10) ** -40:
            break
    return w


def _moved(w, support, step, length):
    moved = list(w)
    for i, j in enumerate(support):
        moved[j] = w[j] - length * step[i]
    return moved


def as_problem(objective):
    """(loss, A, y, weight, l1, l2) of a LikelihoodObjective whose model is linear, as floats."""
    A = objective.model.jacobian(np.zeros(objective.model.layout.size))
    return (
        objective.loss.name,
        A.tolist(),
        objective.y.tolist(),
        objective.weight.tolist(),
        objective.penalty.l1.tolist(),
        objective.penalty.l2.tolist(),
    )
