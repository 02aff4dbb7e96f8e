"""Firth's estimates, standard errors, profile intervals and tests to 30 digits in mpmath: prints firth.json.

python tests/references/make_firth.py > tests/references/firth.json

In an environment with mpmath, and firthmodels (0.8.2) if its distance from these numbers is to be recorded: the largest
relative difference of each kind, from fits with tolerances of 1e-10 and weights as repeated rows. firthmodels stops
where halving steps shows no gain in float64, so that it is the less exact of the two, and does not converge on the
ill-scaled table. Its standard errors are those of augmented rows, s + h for s, h the leverages: "augmented" here,
while "errors" are by the inverse information I at the fit (Heinze & Schemper 2002). Profiles hold one coefficient and
keep the whole design in the penalty, as R's logistf does. "ml" is the same by maximum likelihood, where it exists.
Tables are drawn from seeds and rounded; they are stored with the numbers.
"""

import importlib.util
import json
import random
import warnings
from importlib.metadata import version

import mpmath as mp

mp.mp.dps = 40
CRITICAL = mp.findroot(lambda x: mp.gammainc(0.5, 0, x / 2, regularized=True) - mp.mpf(95) / 100, 3.84)


def drawn(seed, n, columns, target):
    """(X, y): columns are functions of (generator, row so far), target one of (generator, row)."""
    generator = random.Random(seed)
    X = []
    for _ in range(n):
        row = []
        for column in columns:
            row.append(float(column(generator, row)))
        X.append(row)
    return X, [int(target(generator, row)) for row in X]


def normal(digits=2, scale=1.0, centre=0.0):
    return lambda g, row: round(g.gauss(centre, scale), digits)


def flag(share):
    return lambda g, row: g.random() < share


def logit(*slopes, start=0.0):
    return lambda g, row: g.random() < 1 / (1 + mp.exp(-start - sum(b * x for b, x in zip(slopes, row, strict=True))))


def problems():
    """name → (X, y, weights, intercept)."""
    plain = drawn(1, 40, [normal(), normal()], logit(1.0, -0.5, start=0.3))
    separated = drawn(2, 24, [normal(), normal()], lambda g, row: row[0] > 0.1)
    empty = drawn(3, 45, [flag(0.2), normal(1, 10, 20), normal()], lambda g, row: row[0] or g.random() < 0.4)
    weighted = drawn(4, 24, [normal(), flag(0.5)], logit(0.8, -0.5))
    scaled = drawn(5, 36, [normal(0, 1e6, 3e6), normal(7, 1e-4), normal(2, 0.5, 4)], logit(4e-7, 9e3, 0.5, start=-3.0))
    through = drawn(6, 30, [normal(), normal(), flag(0.5)], logit(1.5, 0.0, 0.5))
    flags = drawn(7, 80, [flag(0.3), flag(0.1), flag(0.5), flag(0.05)], logit(1.0, 2.0, -0.5, 1.0, start=-2.0))
    table = [[0.0]] * 20 + [[1.0]] * 12, [0] * 9 + [1] * 11 + [0] * 12
    counts = random.Random(8)
    return {
        "plain": (*plain, [1] * 40, True),
        "separated": (*separated, [1] * 24, True),
        "quasi-separated": (*empty, [1] * 45, True),
        "weighted": (*weighted, [counts.randint(1, 4) for _ in range(24)], True),
        "ill-scaled": (*scaled, [1] * 36, True),
        "without an intercept": (*through, [1] * 30, False),
        "binary columns": (*flags, [1] * 80, True),
        "two by two, a cell empty": (*table, [1] * 32, True),
    }


def parts(A, y, s, w, firth):
    """(G, ∇G, I): minus the log-likelihood, with ½ log det I taken from it for Firth; w in mpmath."""
    p = len(w)
    z = [mp.fsum(a * v for a, v in zip(row, w, strict=True)) for row in A]
    mean = [1 / (1 + mp.exp(-t)) for t in z]
    bend = [k * m * (1 - m) for k, m in zip(s, mean, strict=True)]
    value = mp.fsum(k * (mp.log1p(mp.exp(-abs(t))) + max(t, 0) - c * t) for k, t, c in zip(s, z, y, strict=True))
    slope = [k * (m - c) for k, m, c in zip(s, mean, y, strict=True)]
    I = mp.matrix(p, p)  # noqa: E741
    for j in range(p):
        for k in range(p):
            I[j, k] = mp.fsum(b * row[j] * row[k] for b, row in zip(bend, A, strict=True))
    if firth:
        value -= mp.log(mp.det(I)) / 2
        inverse = I**-1
        for i, row in enumerate(A):
            spread = mp.fsum(row[j] * inverse[j, k] * row[k] for j in range(p) for k in range(p))
            slope[i] += bend[i] * spread * (mean[i] - mp.mpf(1) / 2)
    return value, [mp.fsum(u * row[j] for u, row in zip(slope, A, strict=True)) for j in range(p)], I


def minimum(problem, w, free):
    """w with ∇G = 0 in the free parameters: Newton with the Jacobian of ∇G by differences, halved while G rises."""
    value, slope, _ = parts(*problem[:3], w, problem[3])
    size = [max(abs(row[j]) for row in problem[0]) for j in range(len(w))]
    for _ in range(200):
        J = mp.matrix(len(free), len(free))
        for b, k in enumerate(free):
            beside, h = list(w), mp.mpf(10) ** -16 / size[k]
            beside[k] += h
            moved = parts(*problem[:3], beside, problem[3])[1]
            for a, j in enumerate(free):
                J[a, b] = (moved[j] - slope[j]) / h
        step = mp.lu_solve(J, mp.matrix([slope[j] for j in free])) if free else []
        if mp.fsum(step[a] * slope[j] for a, j in enumerate(free)) < 0:  # not convex here: the information instead
            I = parts(*problem[:3], w, problem[3])[2]  # noqa: E741
            within = mp.matrix([[I[j, k] for k in free] for j in free])
            step = mp.lu_solve(within, mp.matrix([slope[j] for j in free]))
        moved = [mp.fsum(step[a] * row[j] for a, j in enumerate(free)) for row in problem[0]]
        far = max(abs(mp.fsum(a * v for a, v in zip(row, w, strict=True))) for row in problem[0])
        length = min(mp.mpf(1), (5 + far) / max(max(map(abs, moved)), mp.mpf(1)))
        while True:
            trial = list(w)
            for a, j in enumerate(free):
                trial[j] -= length * step[a]
            following = parts(*problem[:3], trial, problem[3])
            if following[0] <= value + mp.mpf(10) ** -30 or length < mp.mpf(10) ** -9:
                break
            length /= 2
        w, value, slope = trial, following[0], following[1]
        if all(abs(step[a]) * size[j] < mp.mpf(10) ** -25 for a, j in enumerate(free)):
            return w, value, slope
    raise ArithmeticError("no convergence")


def end(problem, best, j, side, error):
    """θ with 2 (G(θ) − G*) = the critical value, by secants of its root between brackets."""
    w, lowest = best
    free = [k for k in range(len(w)) if k != j]

    def root(theta, near):
        near = list(near)
        near[j] = theta
        near, value, _ = minimum(problem, near, free)
        return mp.sqrt(max(2 * (value - lowest), 0)) - mp.sqrt(CRITICAL), near

    low, high, at, near = w[j], None, w[j] + side * 2 * error, w
    previous = (w[j], -mp.sqrt(CRITICAL))
    for _ in range(100):
        height, near = root(at, near)
        low, high = (low, at) if height > 0 else (at, high)
        slope = (height - previous[1]) / (at - previous[0])
        following = at - height / slope
        if abs(following - at) < mp.mpf(10) ** -22 * abs(at - w[j]):
            return following
        previous = at, height
        if high is None:
            outward = side * (following - at)
            following = at + side * (min(outward, 2 * abs(at - w[j])) if outward > 0 else abs(at - w[j]))
        elif not min(low, high) < following < max(low, high):
            following = (low + high) / 2
        at = following
    raise ArithmeticError("no end")


def numbers(A, y, s, firth):
    """Estimates, errors, ends, statistics and log-likelihood as floats."""
    problem, p = (A, y, s, firth), len(A[0])
    w, value, _ = minimum(problem, [mp.mpf(0)] * p, list(range(p)))
    inverse = parts(A, y, s, w, firth)[2] ** -1
    errors = [mp.sqrt(inverse[j, j]) for j in range(p)]
    statistics = []
    for j in range(p):
        start = [mp.mpf(0) if k == j else v for k, v in enumerate(w)]
        held = minimum(problem, start, [k for k in range(p) if k != j])
        statistics.append(2 * (held[1] - value))
    found = {
        "augmented": augmented(A, s, w, inverse) if firth else errors,
        "estimates": w,
        "errors": errors,
        "lower": [end(problem, (w, value), j, -1, errors[j]) for j in range(p)],
        "upper": [end(problem, (w, value), j, 1, errors[j]) for j in range(p)],
        "statistics": statistics,
        "pvalues": [mp.erfc(mp.sqrt(x / 2)) for x in statistics],
    }
    return {key: [float(v) for v in values] for key, values in found.items()} | {"value": float(-value)}


def augmented(A, s, w, inverse):
    """√ of the diagonal of (Σ (sᵢ + hᵢ) pᵢ(1 − pᵢ) aᵢaᵢᵀ)⁻¹, h the leverages."""
    p, total = len(w), mp.matrix(len(w), len(w))
    for row, count in zip(A, s, strict=True):
        mean = 1 / (1 + mp.exp(-mp.fsum(a * v for a, v in zip(row, w, strict=True))))
        bend = mean * (1 - mean)
        spread = mp.fsum(row[j] * inverse[j, k] * row[k] for j in range(p) for k in range(p))
        for j in range(p):
            for k in range(p):
                total[j, k] += (count + count * bend * spread) * bend * row[j] * row[k]
    widened = total**-1
    return [mp.sqrt(widened[j, j]) for j in range(p)]


def of_firthmodels(X, y, weight, intercept):
    """The same by firthmodels, weights as repeated rows."""
    from firthmodels import FirthLogisticRegression

    rows = [i for i, count in enumerate(weight) for _ in range(count)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = FirthLogisticRegression(gtol=1e-10, xtol=1e-10, max_iter=1000, fit_intercept=intercept)
        model.fit([X[i] for i in rows], [y[i] for i in rows]).lrt()
        ends = model.conf_int(method="pl", max_iter=1000, tol=1e-10)
    w = [*model.coef_, *([model.intercept_] if intercept else [])]
    return {
        "estimates": w,
        "augmented": model.bse_,
        "lower": ends[:, 0],
        "upper": ends[:, 1],
        "pvalues": model.lrt_pvalues_,
    }


def main():
    stored = {}
    peer = importlib.util.find_spec("firthmodels") is not None
    for name, (X, y, weight, intercept) in problems().items():
        A = [[mp.mpf(x) for x in [*row, *([1.0] if intercept else [])]] for row in X]
        s = [mp.mpf(each) for each in weight]
        firth = numbers(A, y, s, True)
        ml = None if "separated" in name or "empty" in name else numbers(A, y, s, False)
        stored[name] = {"X": X, "y": y, "weight": weight, "intercept": intercept, "firth": firth, "ml": ml}
        if peer:
            theirs = of_firthmodels(X, y, weight, intercept)
            differences = {
                key: max([abs(float(a) - b) / max(abs(b), 1e-12) for a, b in zip(values, firth[key], strict=True)])
                for key, values in theirs.items()
            }
            known = {key: float(f"{value:.1e}") for key, value in differences.items()}
            stored[name]["firthmodels"] = {key: value if value == value else None for key, value in known.items()}
    print(json.dumps({"firthmodels": version("firthmodels") if peer else None, "problems": stored}, indent=1))


if __name__ == "__main__":
    main()
