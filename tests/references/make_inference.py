"""Coefficients, standard errors and log-likelihood to 40 digits, by Newton's method in mpmath: prints inference.json.

python tests/references/make_inference.py > tests/references/inference.json

Treatment contrasts: a factor is coded by one 0/1 column a level but the first, as R's contr.treatment. Newton's steps
are repeated until none exceeds 1e-40. Where statsmodels is installed, its largest difference from these numbers,
relative to the standard error, is recorded beside them with its version.
"""

import importlib.metadata
import importlib.util
import json

import mpmath as mp

mp.mp.dps = 60


def factor(levels, rows):
    """One 0/1 column for each level but the first."""
    return [[float(level == other) for other in sorted(set(levels))[1:]] for level in rows]


OUTCOME, TREATMENT = [1, 2, 3] * 3, [1, 1, 1, 2, 2, 2, 3, 3, 3]
DOBSON = [a + b for a, b in zip(factor(OUTCOME, OUTCOME), factor(TREATMENT, TREATMENT), strict=True)]
X = [[0.5, 1.0], [1.5, -2.0], [-1.0, 0.25], [2.0, 3.0], [0.0, -1.0], [-2.5, 0.5], [1.0, 1.5], [3.0, -0.5]]
COUNTS, WEIGHT = [2, 5, 0, 3, 1, 0, 4, 9], [1, 2, 1, 1, 3, 1, 2, 1]
EXPOSURE = [0.5, 2.0, 1.0, 0.25, 4.0, 8.0, 1.0, 2.0]
TREES = [0, 1, 2, 1, 0, 0, 2, 2, 1, 0, 2, 1, 0, 2]
SITES = [*X, [0.25, 0.75], [1.0, -1.0], [-0.5, 2.0], [2.5, 0.0], [0.75, -1.5], [-1.5, 1.25]]
CLASSES, REAL = [1, 0, 0, 1, 1, 0, 0, 1], [1.25, 0.5, -0.75, 3.0, 0.125, -2.0, 1.0, 2.5]
LARGE = [1_203_456, 2_000_001, 350_000, 5_123_000, 990_000, 120_345, 2_750_000, 8_000_000]
PROBLEMS = {  # name → (loss, X, y, weight, l2)
    "a randomised trial (Dobson 1990)": (
        "poisson",
        DOBSON,
        [18, 17, 15, 20, 10, 20, 25, 13, 12],
        [1] * 9,
        0,
    ),
    "counts": ("poisson", X, COUNTS, [1] * 8, 0),
    "counts, weighted": ("poisson", X, COUNTS, WEIGHT, 0),
    "rates over exposures": ("poisson", X, [c / e for c, e in zip(COUNTS, EXPOSURE, strict=True)], EXPOSURE, 0),
    "large counts": ("poisson", X, LARGE, [1] * 8, 0),
    "counts, ridge": ("poisson", X, COUNTS, WEIGHT, 0.125),
    "classes": ("logistic", X, CLASSES, WEIGHT, 0),
    "least squares": ("squared", X, REAL, WEIGHT, 0),
    "three classes": ("multinomial", SITES, TREES, [1, 2] * 7, 0),
}
PEERS = {"poisson": "Poisson", "logistic": "Binomial", "squared": "Gaussian"}


def terms(loss, z, y):
    """(log p up to the dispersion, ℓ′, ℓ″) at one prediction."""
    if loss == "squared":
        return -((z - y) ** 2) / 2, z - y, mp.mpf(1)
    if loss == "poisson":
        return y * z - mp.exp(z) - mp.loggamma(y + 1), mp.exp(z) - y, mp.exp(z)
    p = 1 / (1 + mp.exp(-z))
    return y * mp.log(p) + (1 - y) * mp.log(1 - p), p - y, p * (1 - p)


def sums(problem, w):
    """(Σ s log p, Σ s ℓ′ a, Σ s ℓ″ a aᵀ), the ridge in the last two."""
    loss, table, y, weight, l2 = problem
    ridge = mp.diag([mp.mpf(l2) * mp.fsum(weight)] * (len(w) - 1) + [0])
    value, g, H = mp.mpf(0), ridge * w, ridge.copy()
    for row, target, s in zip(table, y, weight, strict=True):
        a = mp.matrix([*row, 1])
        f, slope, bend = terms(loss, (a.T * w)[0], mp.mpf(target))
        value, g, H = value + s * f, g + s * slope * a, H + s * bend * a * a.T
    return value, g, H


def newton(w, at):
    """(w, value, H) where no step exceeds 1e-40, from (value, gradient, H) = at(w)."""
    for _ in range(200):
        _, g, H = at(w)
        step = mp.lu_solve(H, g)
        w = w - step
        if mp.norm(step) < mp.mpf(10) ** -40:
            value, _, H = at(w)
            return w, value, H
    raise ArithmeticError("Newton's method did not settle")


def solved(problem):
    """(w, standard errors or None, log-likelihood), w = (b, b₀) from the null model on."""
    loss, table, y, weight, l2 = problem
    total = mp.fsum(weight)
    mean = mp.fsum(mp.mpf(s) * t for s, t in zip(weight, y, strict=True)) / total
    w = mp.matrix([0] * len(table[0]) + [mp.log(mean) if loss == "poisson" else 0])
    w, value, H = newton(w, lambda w: sums(problem, w))
    variance = mp.mpf(1)
    if loss == "squared":
        variance, best = -2 * value / (total - len(w)), -2 * value / total
        value = -total / 2 * (mp.log(2 * mp.pi * best) + 1)
    inverse = H**-1
    errors = [mp.sqrt(variance * inverse[j, j]) for j in range(len(w))]
    return list(w), None if l2 else errors, value


def sums_of_classes(problem, w):
    """(Σ s log p, its gradient and Hessian, both with a minus); class k ≥ 1 and column j at (k − 1) P + j of w."""
    _, table, y, weight, _ = problem
    K, P = max(y) + 1, len(table[0]) + 1
    value, g, H = mp.mpf(0), mp.matrix(len(w), 1), mp.matrix(len(w), len(w))
    for row, target, s in zip(table, y, weight, strict=True):
        a = mp.matrix([*row, 1])
        scores = [mp.mpf(0), *(mp.fsum(w[k * P + j] * a[j] for j in range(P)) for k in range(K - 1))]
        p = [mp.exp(score) / mp.fsum(mp.exp(other) for other in scores) for score in scores]
        value += s * mp.log(p[target])
        for k in range(K - 1):
            for j in range(P):
                g[k * P + j] += s * (p[k + 1] - (target == k + 1)) * a[j]
                for m in range(K - 1):
                    for i in range(P):
                        bend = p[k + 1] * ((k == m) - p[m + 1])
                        H[k * P + j, m * P + i] += s * bend * a[j] * a[i]
    return value, g, H


def solved_classes(problem):
    """The same of classes: Newton's method on scores against the first class, told as scores that add up to 0."""
    K, P = max(problem[2]) + 1, len(problem[1][0]) + 1
    w, value, H = newton(mp.matrix([0] * (P * (K - 1))), lambda w: sums_of_classes(problem, w))
    to = [[(mp.mpf(k == m + 1) - mp.mpf(1) / K) for m in range(K - 1)] for k in range(K)]
    cover = H**-1
    params, errors = [], []
    for k in range(K):
        for j in range(P):
            params.append(mp.fsum(to[k][m] * w[m * P + j] for m in range(K - 1)))
            both = [(m, i) for m in range(K - 1) for i in range(K - 1)]
            errors.append(mp.sqrt(mp.fsum(to[k][m] * to[k][i] * cover[m * P + j, i * P + j] for m, i in both)))
    return params, errors, value


def peer(problem, w, errors, value):
    """statsmodels' largest differences: of coefficients and errors relative to the errors, of the log-likelihood."""
    import numpy as np
    import statsmodels.api as sm

    loss, table, y, weight, _ = problem
    A = np.column_stack([table, np.ones(len(y))])
    fit = sm.GLM(np.array(y, float), A, getattr(sm.families, PEERS[loss])(), freq_weights=np.array(weight, float))
    fit = fit.fit(tol=1e-14, maxiter=200)
    errors, w = np.array(errors, float), np.array(w, float)
    apart = np.abs(fit.params - w) / errors, np.abs(fit.bse - errors) / errors
    return {
        "name": f"statsmodels {importlib.metadata.version('statsmodels')}",
        "coefficients": float(f"{apart[0].max():.2g}"),
        "standard_errors": float(f"{apart[1].max():.2g}"),
        "log_likelihood": float(f"{abs(fit.llf - float(value)):.2g}") if loss != "squared" else None,
    }


if __name__ == "__main__":
    out = {}
    for name, problem in PROBLEMS.items():
        w, errors, value = (solved_classes if problem[0] == "multinomial" else solved)(problem)
        loss, table, y, weight, l2 = problem
        out[name] = {"loss": loss, "X": table, "y": y, "weight": weight, "l2": l2}
        out[name]["params"] = [mp.nstr(x, 40) if abs(x) > 1e-40 else "0" for x in w]
        out[name]["standard_errors"] = errors and [mp.nstr(x, 40) for x in errors]
        out[name]["log_likelihood"] = mp.nstr(value, 40)
        if errors and problem[0] in PEERS and importlib.util.find_spec("statsmodels"):
            out[name]["peer"] = peer(problem, w, errors, value)
    print(json.dumps(out, indent=1))
