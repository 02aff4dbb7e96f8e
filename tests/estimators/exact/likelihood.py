"""inf of logistic, multinomial and Poisson objectives at many digits: Newton's method in mpmath, faces at infinity."""

import math
from fractions import Fraction

import mpmath as mp

from tests.estimators.exact.algebra import independent, receding
from tests.estimators.exact.families import Counts, number, scores
from tests.estimators.exact.task import Exact

DIGITS = 150
ENOUGH = mp.mpf(10) ** -60  # of a step, relative: what is left is its square


def digits_of(task):
    """DIGITS, or five times as many where the columns are of very unlike sizes."""
    sizes = [max(abs(row[j]) for row in task.A) for j in range(len(task.l1))]
    spread = [x.numerator.bit_length() - x.denominator.bit_length() for x in sizes if x]
    return DIGITS if max(map(abs, spread), default=0) < 150 else 5 * DIGITS


def likelihood_minimum(task, family, near):
    """The exact answer of a fit by (penalised) likelihood; along directions to infinity the limit."""
    with mp.workdps(digits_of(task)):
        problem = Problem(task, family)
        null = problem.null()
        value, w, attained = problem.infimum(near)
        return Exact(value, w, problem.told, null, attained)


class Problem:
    """F on columns over powers of two, w (P m) row by row."""

    def __init__(self, task, family, rows=None):
        self.task, self.family, m = task, family, family.outputs
        self.rows = range(len(task.A)) if rows is None else rows
        largest = [max(abs(a) for a in column) or Fraction(1) for column in zip(*task.A, strict=True)]
        self.power = [math.floor(math.log2(x.numerator) - math.log2(x.denominator)) for x in largest]
        self.A = [[number(a / Fraction(2) ** k) for a, k in zip(row, self.power, strict=True)] for row in task.A]
        self.s = [number(s) for s in task.s]
        self.l1 = [number(x) / mp.mpf(2) ** k for x, k in zip(task.l1, self.power, strict=True) for _ in range(m)]
        self.l2 = [number(x) / mp.mpf(4) ** k for x, k in zip(task.l2, self.power, strict=True) for _ in range(m)]
        self.size = len(self.l1)
        if getattr(family, "whole", False):  # scores that only differ by a shift cost the same: the least of them
            self.l2 = [x + mp.mpf(10) ** -90 for x in self.l2]

    def null(self):
        """F at the best constant, or at 0 without an intercept: its slope is that of the mean."""
        task, family = self.task, self.family
        if not task.intercept:
            return self.value([mp.mpf(0)] * self.size)
        if isinstance(family, Counts):
            mean = mp.fsum(s * number(y) for s, y in zip(self.s, task.y, strict=True))
            if not mean:
                return mp.mpf(0)
            best = [mp.log(mean)]
            return mp.fsum(s * family.terms(0, best, y)[0] for s, y in zip(self.s, task.y, strict=True))
        share = [mp.fsum(s for s, y in zip(self.s, task.y, strict=True) if y == k) for k in range(family.outputs + 1)]
        return -mp.fsum(x * mp.log(x) for x in share if x)

    def told(self, params):
        """F at parameters of the columns as given."""
        with mp.workdps(digits_of(self.task)):
            return self.value(self.scaled(params))

    def scaled(self, params):
        """The problem's own parameters of those told."""
        m = self.family.outputs
        w = [number(x) * mp.mpf(2) ** self.power[j // m] for j, x in enumerate(params)]
        if m == 1 or self.family.penalised:
            return w
        C, out = scores(m + 1), []
        for j in range(0, len(w), m):
            eta = [mp.fsum(c * x for c, x in zip(row, w[j : j + m], strict=True)) for row in C]
            out += [x - eta[0] for x in eta[1:]]
        return out

    def predictions(self, i, w):
        m = self.family.outputs
        return [mp.fsum(a * w[j * m + b] for j, a in enumerate(self.A[i])) for b in range(m)]

    def value(self, w):
        loss = mp.fsum(self.s[i] * self.family.terms(i, self.predictions(i, w), self.task.y[i])[0] for i in self.rows)
        return loss + mp.fsum(u * abs(x) + v * x * x / 2 for u, v, x in zip(self.l1, self.l2, w, strict=True))

    def slopes(self, w):
        """(g, H) of the smooth part."""
        m, n = self.family.outputs, self.size
        g = [v * x for v, x in zip(self.l2, w, strict=True)]
        H = mp.zeros(n)
        for j in range(n):
            H[j, j] = self.l2[j]
        for i in self.rows:
            _, slope, bend = self.family.terms(i, self.predictions(i, w), self.task.y[i])
            row, s = self.A[i], self.s[i]
            for j, a in enumerate(row):
                for b in range(m):
                    g[j * m + b] += s * a * slope[b]
                    for k in range(j + 1):
                        for c in range(m):
                            H[j * m + b, k * m + c] += s * a * row[k] * bend[b][c]
        for j in range(n):
            for k in range(j):
                H[k, j] = H[j, k]
        return g, H

    def infimum(self, near):
        """(inf F, w* or None, whether it is attained)."""
        m, dropped, attained = self.family.outputs, False, True
        spared = [j for j in range(len(self.A[0])) if not self.l1[j * m] and not self.l2[j * m]]
        if spared:
            attained = self.recede(spared)
        if not attained and self.family.outputs > 1 and self.family.penalised:  # a class that no row has: its
            for j in (j * m + b for j in spared for b in range(m)):  # score is free, and 1e-90 of it costs nothing
                self.l2[j] = mp.mpf(10) ** -90
            spared = []
        kept = self.independent(spared)
        dropped = len(kept) < len(spared) * m
        free = [j for j in range(self.size) if j // m not in spared] + [spared[k // m] * m + k % m for k in kept]
        start = [mp.mpf(0)] * self.size
        if near is not None:
            start = self.scaled(near)
        zero = [mp.mpf(0)] * self.size
        try:
            w = self.newton(start if not dropped and attained else zero, free)
        except (ValueError, AssertionError):  # the start was too far off: from equal weights to those given
            w, given = zero, self.s
            for share in (mp.mpf(k) / 8 for k in range(9)):
                self.s = [s**share for s in given]
                self.s = [s / mp.fsum(self.s) for s in self.s] if share < 1 else given
                w = self.newton(w, free)
        only = attained and not dropped
        return self.value(w), self.as_told(w) if only else None, attained

    def as_told(self, w):
        """Parameters of the columns as given; of more than two classes the contrasts of their scores."""
        m = self.family.outputs
        w = [x / mp.mpf(2) ** self.power[j // m] for j, x in enumerate(w)]
        if m == 1 or self.family.penalised:
            return w
        C, out = scores(m + 1), []
        for j in range(0, len(w), m):
            out += [mp.fsum(C[k + 1][a] * w[j + k] for k in range(m)) for a in range(m)]
        return out

    def independent(self, spared):
        """Those of the parameters of the columns `spared` that do not depend on earlier ones."""
        if not self.rows or not spared:
            return []
        if isinstance(self.family, Counts) or self.family.penalised:
            kept = independent([[self.task.A[i][j] for j in spared] for i in self.rows])
            return [k * self.family.outputs + b for k in kept for b in range(self.family.outputs)]
        pairs = [(i, k) for i in self.rows for k in sorted(self.family.left[i]) if k != int(self.task.y[i])]
        return independent([self.margin(i, k, spared) for i, k in pairs])

    def recede(self, spared):
        """Leave out what a direction along the columns that nothing penalises drives to its limit; True if nothing."""
        attained, y = True, self.task.y
        while True:
            if isinstance(self.family, Counts):
                zero = [i for i in self.rows if y[i] == 0]
                other = [i for i in self.rows if y[i] != 0]
                falling = [[-self.task.A[i][j] for j in spared] for i in zero]
                gone = receding(falling, [[self.task.A[i][j] for j in spared] for i in other]) if zero else []
                if not gone:
                    return attained
                self.rows = [i for i in self.rows if i not in {zero[k] for k in gone}]
            else:
                pairs = [(i, k) for i in self.rows for k in sorted(self.family.left[i]) if k != int(y[i])]
                gone = receding([self.margin(i, k, spared) for i, k in pairs], []) if pairs else []
                if not gone:
                    return attained
                for i, k in (pairs[at] for at in gone):
                    self.family.left[i].discard(k)
                self.rows = [i for i in self.rows if len(self.family.left[i]) > 1]
            attained = False

    def margin(self, i, k, spared):
        """aᵢᵀ(D_y − Dₖ) as a row of D₁, …, D₀ = 0."""
        count = self.family.outputs + 1
        line = [Fraction(0)] * (len(spared) * count)
        for at, j in enumerate(spared):
            line[at * count + int(self.task.y[i])] += self.task.A[i][j]
            line[at * count + k] -= self.task.A[i][j]
        return [x for at, x in enumerate(line) if at % count]

    def newton(self, w, free):
        """argmin over the entries `free`; those under l1 by their signs, which are changed until they fit."""
        signs = [mp.sign(x) if u else mp.mpf(0) for x, u in zip(w, self.l1, strict=True)]
        for _ in range(60):
            active = self.regular([j for j in free if not self.l1[j] or signs[j]])
            w = self.on_face([x if j in active else mp.mpf(0) for j, x in enumerate(w)], active, signs)
            crossed = [j for j in active if self.l1[j] and w[j] * signs[j] <= 0]
            g, _ = self.slopes(w)
            if crossed:
                for j in crossed:
                    signs[j], w[j] = mp.mpf(0), mp.mpf(0)
                continue
            wrong = [j for j in free if self.l1[j] and not signs[j] and abs(g[j]) > self.l1[j] * (1 + ENOUGH)]
            if not wrong:
                left = max((abs(g[j] + self.l1[j] * signs[j]) for j in active), default=mp.mpf(0))
                steep = 1 + mp.fsum(s * abs(number(y)) for s, y in zip(self.s, self.task.y, strict=True))
                assert left < mp.mpf(10) ** -50 * steep, "Newton's method did not settle"
                return w
            worst = max(wrong, key=lambda j: abs(g[j]) / self.l1[j])
            signs[worst] = -mp.sign(g[worst])
        raise AssertionError("no support was found")

    def regular(self, active):
        """Those of the parameters under l1 alone, and of the others, whose columns do not depend on earlier ones."""
        if self.family.outputs > 1 or not any(self.l1):
            return active
        bare = [j for j in active if not self.l2[j]]
        kept = {bare[k] for k in independent([[self.task.A[i][j] for j in bare] for i in self.rows])} if bare else set()
        return [j for j in active if self.l2[j] or j in kept]

    def on_face(self, w, active, signs):
        def height(w):
            return self.value(w) - mp.fsum(self.l1[j] * (abs(w[j]) - signs[j] * w[j]) for j in active)

        for _ in range(1500):
            if not active:
                return w
            g, H = self.slopes(w)
            right = mp.matrix([g[j] + self.l1[j] * signs[j] for j in active])
            step = mp.cholesky_solve(mp.matrix([[H[j, k] for k in active] for j in active]), right)
            length, before, slope = mp.mpf(1), height(w), mp.fsum(a * b for a, b in zip(step, right, strict=True))
            size = max(abs(x) for x in step)
            while True:
                moved = list(w)
                for at, j in enumerate(active):
                    moved[j] = w[j] - length * step[at]
                falls = size < mp.mpf(10) ** -5 or height(moved) <= before - length * slope / 10000
                if falls or length < mp.mpf(10) ** -30:
                    break
                length /= 2
            w = moved
            assert length > mp.mpf(10) ** -30, "no step descends"
            if size <= ENOUGH * (1 + max(abs(x) for x in w)):
                return w
        raise AssertionError("Newton's method did not end")
