"""min of quantile regression by an exact program, of Huber's loss with its scale by convexity and duality."""

from fractions import Fraction
from itertools import combinations

import mpmath as mp

from tests.estimators.exact.algebra import independent, least, solved
from tests.estimators.exact.families import number
from tests.estimators.exact.likelihood import digits_of
from tests.estimators.exact.task import Exact


def quantile_minimum(task, quantile):
    """The exact answer: a vertex whose reduced costs prove it; the only one where they are all above 0."""
    A, y, s, p, n = task.A, task.y, task.s, len(task.l1), len(task.A)
    q = Fraction(quantile)
    costs = [*task.l1, *task.l1, *(q * x for x in s), *((1 - q) * x for x in s)]
    table, basis = [], []
    for i in range(n):
        sign = 1 if y[i] >= 0 else -1
        own = [Fraction(int(k == i)) for k in range(n)]
        line = [*A[i], *(-a for a in A[i]), *own, *(-e for e in own)]
        table.append([*(sign * x for x in line), sign * y[i]])
        basis.append(2 * p + i + (0 if sign > 0 else n))
    x, reduced, basis = least(costs, table, basis)
    w = [x[j] - x[p + j] for j in range(p)]
    partners = {(j + p) % (2 * p) for j in basis if j < 2 * p and not task.l1[j % p]}
    strict = all(c > 0 for k, c in enumerate(reduced) if k not in basis and k not in partners)

    def F(w):
        w = [Fraction(v) for v in w]
        r = [v - sum(a * b for a, b in zip(row, w, strict=True)) for row, v in zip(A, y, strict=True)]
        loss = sum(t * max(q * e, (q - 1) * e) for t, e in zip(s, r, strict=True))
        return loss + sum(u * abs(v) for u, v in zip(task.l1, w, strict=True))

    def height(c):
        return sum(t * max(q * (v - c), (q - 1) * (v - c)) for t, v in zip(s, y, strict=True))

    return Exact(F(w), w if strict else None, F, min(height(c) for c in (y if task.intercept else [0])))


def huber_minimum(task, epsilon, alpha, near):
    """The exact answer from a start near = (w, σ): a point without slope, or one on a plane with a feasible dual."""
    with mp.workdps(digits_of(task)):
        problem = Huber(task, epsilon, alpha)
        found = problem.plane(near) if near[-1] == 0 else None
        try:
            found = found or problem.curved(near)
        except AssertionError:
            assert near[-1] == 0, "Newton's method did not end"
            return Exact(None, None, None, None)  # rows within rounding of a plane, and no point that is proved
        return Exact(*found, problem.told, problem.null(), several=near[-1] > 0)


class Huber:
    """F(w, σ) = Σ s ℓ(r, σ) + Σ R w², ℓ = σ + r²/σ within ε σ, σ(1 − ε²) + 2ε|r| beyond; w of the columns as given."""

    def __init__(self, task, epsilon, alpha):
        self.task, self.e = task, Fraction(epsilon)
        p = len(task.l1) - task.intercept
        self.R = [Fraction(alpha) / task.total] * p + [Fraction(0)] * task.intercept

    def residuals(self, w):
        rows = zip(self.task.A, self.task.y, strict=True)
        return [y - sum(a * x for a, x in zip(row, w, strict=True)) for row, y in rows]

    def told(self, params):
        """F of floats or rationals w, σ; σ may be a number of mpmath's."""
        with mp.workdps(digits_of(self.task)):
            *w, scale = params
            exact = [x if isinstance(x, Fraction) else Fraction(float(x)) for x in w]
            return self.height([number(r) for r in self.residuals(exact)], mp.mpf(scale), [number(x) for x in exact])

    def height(self, r, scale, w):
        e, s = number(self.e), [number(x) for x in self.task.s]
        ridge = mp.fsum(number(R) * x * x for R, x in zip(self.R, w, strict=True))
        if scale == 0:
            return ridge + mp.fsum(2 * e * t * abs(x) for t, x in zip(s, r, strict=True))
        terms = (scale + x * x / scale if abs(x) <= e * scale else scale * (1 - e * e) + 2 * e * abs(x) for x in r)
        return ridge + mp.fsum(t * x for t, x in zip(s, terms, strict=True))

    def null(self):
        """F of the median, with its best scale, about: a scale to compare with."""
        y = sorted(self.task.y)
        centre = y[len(y) // 2] if self.task.intercept else Fraction(0)
        r = [number(v - centre) for v in self.task.y]
        zero = [mp.mpf(0)] * len(self.R)
        size = max(abs(x) for x in r)
        return min(self.height(r, size * mp.mpf(k) / 64, zero) for k in range(65))

    def curved(self, near):
        """Newton's method in (w, σ), on columns that do not depend on others: it ends where the slope is 0."""
        free = [j for j, R in enumerate(self.R) if not R]
        free = sorted(free, key=lambda j: near[j] == 0)  # those that the start has need of come first
        kept = [free[k] for k in independent([[row[j] for j in free] for row in self.task.A])] if free else []
        chosen = sorted({*range(len(self.R))} - {*free} | {*kept})
        size = [mp.sqrt(max(number(row[j]) ** 2 for row in self.task.A) + number(self.R[j])) for j in chosen]
        A = [[number(row[j]) / c for j, c in zip(chosen, size, strict=True)] for row in self.task.A]
        R = [number(self.R[j]) / c**2 for j, c in zip(chosen, size, strict=True)]
        y = [number(v) for v in self.task.y]
        unit = max(abs(v) for v in y)
        weight, ridge = [number(v) for v in self.task.s], [x * unit for x in R]
        pieces = Pieces(A, [v / unit for v in y], weight, ridge, number(self.e))
        start = [number(near[j]) * c / unit for j, c in zip(chosen, size, strict=True)]
        try:
            w, scale = pieces.lowest(start, number(near[-1]) / unit)
        except AssertionError:  # the start was too far off
            w, scale = pieces.lowest([mp.mpf(0)] * len(start), mp.mpf(4))
        whole = [mp.mpf(0)] * len(self.R)
        for j, x, c in zip(chosen, w, size, strict=True):
            whole[j] = x * unit / c
        exact = [*whole, scale * unit]
        return pieces.height(w, scale) * unit, exact if len(kept) == len(free) else None

    def plane(self, near):
        """σ = 0: the lowest point of a plane through rows near it, which a dual point proves; None where none does."""
        w = [Fraction(float(x)) for x in near[:-1]]
        rows, r = list(zip(self.task.A, self.task.y, strict=True)), self.residuals(w)
        terms = [abs(v) + sum(abs(a * x) for a, x in zip(row, w, strict=True)) for row, v in rows]
        on = [i for i in range(len(r)) if abs(r[i]) <= terms[i] / 10**9]
        nearest = sorted(on, key=lambda i: abs(r[i]))[: len(w) + 4]
        for chosen in (on, *combinations(nearest, len(w))):
            lowest = self.proven(chosen, r)
            if lowest is not None:
                return self.told([*lowest, 0]), None
        return None

    def proven(self, on, r):
        """w by the conditions on rows `on` of residual 0, the others on their side of 0, if a dual point proves it."""
        A, y, s, p = self.task.A, self.task.y, self.task.s, len(self.R)
        off = [i for i in range(len(y)) if i not in on]
        K = [[2 * self.R[j] * (j == k) for k in range(p)] + [-s[i] * A[i][j] for i in on] for j in range(p)]
        K += [[*A[i], *([Fraction(0)] * len(on))] for i in on]
        for _ in range(5):
            above = [r[i] > 0 for i in off]
            steep = [2 * self.e * s[i] * (1 if up else -1) for i, up in zip(off, above, strict=True)]
            pull = [sum(u * A[i][j] for i, u in zip(off, steep, strict=True)) for j in range(p)]
            found = solved(K, [*pull, *(y[i] for i in on)])
            if found is None:
                return None
            w = found[0][:p]
            r = self.residuals(w)
            if [r[i] > 0 for i in off] == above and all(r[i] for i in off):
                break
        else:
            return None
        M = [[sum(s[i] * A[i][j] * A[i][k] for i in on) for k in range(p)] for j in range(p)]
        delta, _ = solved(M, [2 * self.R[j] * w[j] - pull[j] for j in range(p)])
        u = [sum(a * d for a, d in zip(A[i], delta, strict=True)) for i in on]
        square = sum(s[i] * x * x for i, x in zip(on, u, strict=True)) + sum(s[i] * 4 * self.e**2 for i in off)
        return w if all(abs(x) <= 2 * self.e for x in u) and square <= 4 else None


class Pieces:
    """F(w, σ) of columns and a target of size 1, in mpmath."""

    def __init__(self, A, y, s, R, epsilon):
        self.A, self.y, self.s, self.R, self.e = A, y, s, R, epsilon

    def residuals(self, w):
        return [v - mp.fsum(a * x for a, x in zip(row, w, strict=True)) for row, v in zip(self.A, self.y, strict=True)]

    def height(self, w, scale):
        e = self.e
        r = self.residuals(w)
        terms = [scale + x * x / scale if abs(x) <= e * scale else scale * (1 - e * e) + 2 * e * abs(x) for x in r]
        ridge = mp.fsum(R * x * x for R, x in zip(self.R, w, strict=True))
        return ridge + mp.fsum(t * x for t, x in zip(self.s, terms, strict=True))

    def slopes(self, w, scale):
        """(g, H, M) in (w, σ): H the curvature, M what it would be if all rows were within their bounds."""
        p = len(w)
        g, H, M = [2 * R * x for R, x in zip(self.R, w, strict=True)] + [mp.mpf(0)], mp.zeros(p + 1), mp.zeros(p + 1)
        for j in range(p):
            H[j, j] = M[j, j] = 2 * self.R[j]
        for row, s, r in zip(self.A, self.s, self.residuals(w), strict=True):
            inside = abs(r) <= self.e * scale
            u = 2 * r / scale if inside else 2 * self.e * mp.sign(r)
            c = [*row, u / 2]
            for j in range(p):
                g[j] -= s * u * row[j]
            g[p] += s * (1 - u * u / 4)
            for j in range(p + 1):
                for k in range(p + 1):
                    M[j, k] += 2 * s / scale * c[j] * c[k]
                    H[j, k] += 2 * s / scale * c[j] * c[k] if inside else 0
        return g, H, M

    def lowest(self, w, scale):
        """(w*, σ*) where the slope is 0: convex, so that it is the minimum. Steps are damped till they descend."""
        scale = scale if scale > 0 else max(abs(r) for r in self.residuals(w)) / 2
        p, damping = len(w), mp.mpf(0)
        for _ in range(1000):
            g, H, M = self.slopes(w, scale)
            try:
                step = list(mp.cholesky_solve(H + damping * M, mp.matrix(g)))
            except ValueError:
                damping = max(damping * 10, mp.mpf(10) ** -20)
                continue
            share = max([abs(step[p]) / scale] + [abs(d) for d in step[:p]])
            moved = [x - d for x, d in zip(w, step[:p], strict=True)], scale - step[p]
            drop = mp.fsum(a * b for a, b in zip(step, g, strict=True)) / 10000
            if share > mp.mpf(10) ** -12 and not (moved[1] > 0 and self.height(*moved) <= self.height(w, scale) - drop):
                damping = max(damping * 10, mp.mpf(10) ** -12)
                continue
            (w, scale), damping = moved, damping / 10 if damping > mp.mpf(10) ** -40 else mp.mpf(0)
            if share <= mp.mpf(10) ** -60 and not damping:
                assert max(abs(x) for x in self.slopes(w, scale)[0]) < mp.mpf(10) ** -50
                return w, scale
        raise AssertionError("Newton's method did not end")
