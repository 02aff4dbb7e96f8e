"""Poisson regression: infimum and scikit-learn in turn, at a distance from the optimum that neither of them computed.

    python benchmarks/poisson.py [--quick]

The optimum F* is computed by plain Newton steps in extended precision, and so is F at the coefficients that each
returns: the gap (F − F*) / (F(null) − F*) is neither's own word. scikit-learn is asked for the loosest tolerance with a
gap of at most 1e-8, the bar at which infimum says CERTIFIED; infimum is run as it comes, and so its time is that of the
minimum to the last digit and of its certificate; `solving` is its iterations alone. They are run in turn, after one run
of each that is not counted; times are medians. Prints a line a problem and writes it to benchmarks/results/poisson.txt.
"""

import os
import platform
import sys
import time
import warnings
from importlib.metadata import version
from pathlib import Path
from statistics import median

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from sklearn.linear_model import PoissonRegressor as Theirs

from infimum import Poisson, PoissonRegressor
from infimum.models.linear import Linear
from infimum.objective import LikelihoodObjective
from infimum.penalties import ElasticNet
from infimum.solvers.newton import descend

BAR, REPEATS = 1e-8, 5
PROBLEMS = {  # name → (rows, columns, alpha, spread of the columns' scales in powers of ten)
    "1,000 x 5": (1000, 5, 0.0, 0.0),
    "10,000 x 20": (10_000, 20, 0.0, 0.0),
    "10,000 x 20, ridge": (10_000, 20, 0.01, 0.0),
    "10,000 x 20, scales 1e-2 to 1e2": (10_000, 20, 0.0, 2.0),
    "100,000 x 30": (100_000, 30, 0.0, 0.0),
    "300 x 200, ridge": (300, 200, 0.1, 0.0),
}


def drawn(rows, columns, spread):
    """(X, y): normal columns of the scales asked for, counts of mean about 3."""
    rng = np.random.default_rng(rows + columns)
    X = rng.standard_normal((rows, columns))
    y = rng.poisson(np.exp(X @ rng.standard_normal(columns) * 0.6 / np.sqrt(columns) + 1)).astype(float)
    return X * 10.0 ** rng.uniform(-spread, spread, columns), y


def objective(X, y, alpha, w):
    """F(w) in extended precision, w = (b, b₀): the mean of eᶻ − y z, and the ridge."""
    wide = np.asarray(w, dtype=np.longdouble)
    z = X.astype(np.longdouble) @ wide[:-1] + wide[-1]
    return np.mean(np.exp(z) - y * z) + alpha / 2 * np.sum(wide[:-1] ** 2)


def optimum(X, y, alpha):
    """F* by Newton steps on F in extended precision, the step from a float64 factorisation, until none lowers F."""
    A = np.column_stack([X, np.ones(len(X))])
    size = np.sqrt(np.mean(A**2, axis=0))
    ridge = np.append(np.full(X.shape[1], alpha), 0.0)
    w = np.append(np.zeros(X.shape[1]), np.log(y.mean())).astype(np.longdouble)
    best = objective(X, y, alpha, w)
    for _ in range(100):
        mean = np.exp(A.astype(np.longdouble) @ w)
        g = A.astype(np.longdouble).T @ (mean - y) / len(y) + ridge * w
        H = (A * (mean.astype(float) / len(y))[:, None]).T @ A + np.diag(ridge)
        step = np.linalg.solve(H / size / size[:, None], (g / size).astype(float)) / size
        length = 1.0
        while length > 1e-3 and not objective(X, y, alpha, w - length * step) < best:
            length /= 2
        if length <= 1e-3:
            break
        w = w - length * step
        best = objective(X, y, alpha, w)
    return best


def timed(model, X, y):
    """(seconds of a fit, its coefficients)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        begun = time.perf_counter()
        model.fit(X, y)
        return time.perf_counter() - begun, np.append(model.coef_, model.intercept_)


def solving(alpha, X, y):
    """Seconds of the iterations alone: no last digits, no certificate."""
    begun = time.perf_counter()
    descend(LikelihoodObjective.of(Linear(X), Poisson(), ElasticNet(l2=alpha), y), None, 1e-10, 100)
    return time.perf_counter() - begun


def loosest(solver, alpha, X, y, gap):
    """scikit-learn's model at the loosest tolerance whose gap is within the bar; at the tightest if none is."""
    for tol in 10.0 ** -np.arange(2, 15):
        model = Theirs(alpha=alpha, solver=solver, tol=tol, max_iter=2000)
        if gap(timed(model, X, y)[1]) <= BAR:
            return model
    return model


def line(name, rows, columns, alpha, spread):
    """One line a peer for one problem."""
    X, y = drawn(rows, columns, spread)
    best, null = optimum(X, y, alpha), objective(X, y, alpha, np.append(np.zeros(columns), np.log(y.mean())))

    def gap(w):
        return max(float((objective(X, y, alpha, w) - best) / (null - best)), 0.0)

    out = []
    for solver in ("lbfgs", "newton-cholesky"):
        models = (PoissonRegressor(alpha=alpha), loosest(solver, alpha, X, y, gap))
        runs = [[*(timed(model, X, y) for model in models), solving(alpha, X, y)] for _ in range(REPEATS + 1)][1:]
        ours, theirs = (median(run[k][0] for run in runs) for k in (0, 1))
        alone = median(run[2] for run in runs)
        gaps = [gap(runs[-1][k][1]) for k in (0, 1)]
        claim = models[0].certificate_.claim("gap")
        said = f"{claim.verdict} {claim.bound / claim.scale:.0e}"
        out.append(
            f"{name:<32} {solver:<16} {1e3 * ours:>9.1f} {1e3 * alone:>9.1f} {1e3 * theirs:>9.1f} "
            f"{ours / theirs:>7.2f} {gaps[0]:>9.0e} {gaps[1]:>9.0e}  {models[1].tol:.0e}  {said}"
        )
    return out


def main():
    """Print the table, and write it unless --quick."""
    quick = "--quick" in sys.argv[1:]
    machine = f"{platform.machine()}, {os.cpu_count()} cores, one thread, Python {platform.python_version()}"
    lines = [
        f"infimum {version('infimum')} and scikit-learn {version('scikit-learn')}, NumPy {version('numpy')}; {machine}",
        "gap: (F − F*) / (F(null) − F*) in extended precision, below about 1e-17 it reads 0; ratio: ours / theirs",
        f"{'problem':<32} {'their solver':<16} {'ours, ms':>9} {'(solving)':>9} {'their, ms':>9} {'ratio':>7} "
        f"{'our gap':>9} {'their gap':>9}  {'tol':<5}  what our certificate says",
    ]
    print("\n".join(lines))
    for name, told in list(PROBLEMS.items())[: 2 if quick else None]:
        more = line(name, *told)
        print("\n".join(more), flush=True)
        lines += more
    if not quick:
        (Path(__file__).parent / "results" / "poisson.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
