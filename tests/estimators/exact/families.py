"""ℓ(z, y), ∂ℓ/∂z and ∂²ℓ/∂z² of counts and of classes at many digits, a row at a time."""

from fractions import Fraction

import mpmath as mp


def number(x):
    return mp.mpf(x.numerator) / x.denominator if isinstance(x, Fraction) else mp.mpf(float(x))


def scores(classes):
    """η = M z: (0, z) of two classes, orthonormal contrasts of more (Helmert 1876)."""
    if classes == 2:
        return [[mp.mpf(0)], [mp.mpf(1)]]
    M = [[mp.mpf(0)] * (classes - 1) for _ in range(classes)]
    for a in range(classes - 1):
        length = mp.sqrt((a + 1) * (a + 2))
        for k in range(a + 1):
            M[k][a] = -1 / length
        M[a + 1][a] = (a + 1) / length
    return M


class Counts:
    """ℓ(z, y) = eᶻ − y − y (z − log y): along a direction to −∞ rows of y = 0 lose all of it."""

    outputs = 1

    def terms(self, i, z, y):
        e, y = mp.exp(z[0]), number(y)
        return e - y - (y * (z[0] - mp.log(y)) if y else 0), [e - y], [[e]]


class Classes:
    """ℓ(z, y) = log Σₖ exp ηₖ − η_y, over the classes left to the row; `whole`: by all K scores."""

    def __init__(self, count, rows, penalised=True, whole=False):
        self.penalised, self.whole, self.outputs = penalised, whole, count - 1 + whole
        self.left = [set(range(count)) for _ in range(rows)]
        if whole:
            self.M = [[mp.mpf(k == a) for a in range(count)] for k in range(count)]
            return
        self.M = scores(count) if penalised else [[mp.mpf(k == a + 1) for a in range(count - 1)] for k in range(count)]

    def terms(self, i, z, y):
        eta = [mp.fsum(m * x for m, x in zip(row, z, strict=True)) for row in self.M]
        left, own = sorted(self.left[i]), int(y)
        top = max(eta[k] for k in left)
        e = {k: mp.exp(eta[k] - top) for k in left}
        whole = mp.fsum(e.values())
        p = {k: e[k] / whole for k in left}
        m = range(self.outputs)
        mean = [mp.fsum(p[k] * self.M[k][a] for k in left) for a in m]
        bend = [[mp.fsum(p[k] * self.M[k][a] * (self.M[k][b] - mean[b]) for k in left) for b in m] for a in m]
        gain = mp.log1p(mp.fsum(e[k] for k in left if k != own)) if eta[own] == top else mp.log(whole) + top - eta[own]
        return gain, [mean[a] - self.M[own][a] for a in m], bend
