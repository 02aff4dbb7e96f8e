"""inf F to 40 digits of three small problems, by Newton's method in mpmath: prints minima.json.

python tests/references/make_minima.py > tests/references/minima.json
"""

import json

import mpmath as mp

mp.mp.dps = 60
X = [[0.5, 1.0], [1.5, -2.0], [-1.0, 0.25], [2.0, 3.0], [0.0, -1.0], [-2.5, 0.5], [1.0, 1.5], [3.0, -0.5]]
Y = [1.25, 0.5, -0.75, 3.0, 0.125, -2.0, 1.0, 2.5]
CLASSES = [1, 0, 0, 1, 1, 0, 0, 1]
WEIGHT = [1, 2, 1, 1, 3, 1, 2, 1]
PROBLEMS = {
    "least squares": ("squared", Y, 0),
    "logistic": ("logistic", CLASSES, 0),
    "logistic ridge": ("logistic", CLASSES, mp.mpf("0.125")),
}


def terms(loss, z, y):
    """(ℓ, ℓ′, ℓ″) at one prediction."""
    if loss == "squared":
        return (z - y) ** 2 / 2, z - y, mp.mpf(1)
    p = 1 / (1 + mp.exp(-z))
    return mp.log1p(mp.exp(z)) - y * z, p - y, p * (1 - p)


def minimum(loss, y, l2):
    """(F*, w*), w = (b₁, b₂, b₀), the intercept free."""
    rows = [mp.matrix([*row, 1]) for row in X]
    total, w = mp.mpf(sum(WEIGHT)), mp.matrix(3, 1)
    ridge = mp.diag([l2, l2, 0])
    for _ in range(40):
        g, H, value = ridge * w, ridge.copy(), (w.T * ridge * w)[0] / 2
        for row, target, s in zip(rows, y, WEIGHT, strict=True):
            f, slope, bend = terms(loss, (row.T * w)[0], mp.mpf(target))
            value += s / total * f
            g += s / total * slope * row
            H += s / total * bend * row * row.T
        w -= mp.lu_solve(H, g)
    return value, w


if __name__ == "__main__":
    out = {}
    for name, (loss, y, l2) in PROBLEMS.items():
        value, w = minimum(loss, y, l2)
        numbers = {"value": mp.nstr(value, 40), "params": [mp.nstr(x, 40) for x in w]}
        out[name] = {"loss": loss, "X": X, "y": y, "weight": WEIGHT, "l2": float(l2), **numbers}
    print(json.dumps(out, indent=1))
