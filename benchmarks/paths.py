"""The lasso's strength by five folds: infimum's LassoCV and scikit-learn's in turn, and how near a minimum each ends.

    python benchmarks/paths.py [--quick]

Both are run as they come (scikit-learn at its tolerance 1e-4, and again at 1e-8 where that takes no more than a
minute), in turn, after one run of each that is not counted; seconds are medians. infimum's hold its last fit on all
rows to the last digit and its certificate; `choosing` is what it takes without them. Of each the duality gap at the
chosen strength is computed here in extended precision, relative to F(0): neither's own word. Columns share ten factors;
20 of them count.
Prints a line a problem and peer and writes it to benchmarks/results/paths.txt.
"""

import os
import sys
import time
import warnings
from functools import partial
from importlib.metadata import version
from pathlib import Path
from statistics import median

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from kept import machine
from sklearn.linear_model import LassoCV as Theirs
from sklearn.model_selection import KFold

from infimum import LassoCV
from infimum.estimators.choosing import alphas_of, chosen_of
from infimum.solvers.fold_paths import Blend, Folds, fold_paths, largest_alpha
from infimum.solvers.moments import Table

REPEATS, PATIENCE = 3, 60.0
PROBLEMS = {
    "10,000 x 100": (10_000, 100),
    "100,000 x 200": (100_000, 200),
    "2,000 x 1,000": (2000, 1000),
    "500 x 5,000": (500, 5000),
}
QUICK = {"1,000 x 20": (1000, 20), "60 x 200": (60, 200)}


def drawn(rows, columns):
    """(X, y): columns that share ten factors, a target of which the noise is three times a coefficient."""
    rng = np.random.default_rng(rows + columns)
    X = rng.standard_normal((rows, columns)) + 0.5 * rng.standard_normal((rows, 10)) @ rng.standard_normal(
        (10, columns)
    )
    b = np.zeros(columns)
    b[:20] = rng.standard_normal(20)
    return X, X @ b + 3 * rng.standard_normal(rows)


def gap(X, y, alpha, b):
    """(F(b) − D) / F(0) in extended precision, of the problem about the means, D at the scaled residuals."""
    n = len(y)
    support = np.flatnonzero(b)
    wide = X[:, support].astype(np.longdouble)
    target = y.astype(np.longdouble) - y.astype(np.longdouble).mean()
    r = target - (wide - wide.mean(axis=0)) @ b[support]
    steepest = max(abs(float((x - x.mean()) @ r)) / n for x in (column.astype(np.longdouble) for column in X.T))
    share = min(1.0, alpha / steepest)
    value = r @ r / (2 * n) + alpha * np.abs(b).sum()
    dual = (share * (target @ r) - share**2 * (r @ r) / 2) / n
    return float((value - dual) / (target @ target / (2 * n)))


def timed(model, X, y):
    """(seconds, the fitted model)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        begun = time.perf_counter()
        model.fit(X, y)
        return time.perf_counter() - begun, model


def choosing(X, y):
    """Seconds till the strength is chosen: all paths of all folds, and their errors."""
    begun = time.perf_counter()
    table = Table.of(X, y, np.ones(len(y)), True)
    folds = Folds.of(table, list(KFold(5).split(X)))
    blend = Blend(1.0, alphas_of(100, 1e-3, partial(largest_alpha, table, folds.whole, 1.0, False)))
    chosen_of(fold_paths(folds, [blend]).errors, "best")
    return time.perf_counter() - begun


def line(name, rows, columns):
    """One line for each tolerance of the peer."""
    X, y = drawn(rows, columns)
    out, slowest = [], 0.0
    for tol in (1e-4, 1e-8):
        if tol < 1e-4 and slowest * 30 > PATIENCE:
            continue
        peer = {"tol": tol, "max_iter": 1_000_000}
        runs = [(timed(LassoCV(), X, y), timed(Theirs(**peer), X, y), choosing(X, y)) for _ in range(REPEATS + 1)][1:]
        ours, theirs = (median(run[k][0] for run in runs) for k in (0, 1))
        slowest, alone = theirs, median(run[2] for run in runs)
        mine, other = (runs[-1][k][1] for k in (0, 1))
        equal = bool(np.isclose(mine.alpha_, other.alpha_, rtol=1e-9))
        gaps = [gap(X, y, model.alpha_, model.coef_) for model in (mine, other)]
        apart = float(np.abs(other.mse_path_ / mine.mse_path_ - 1).max())
        speed = f"{theirs / ours:>8.2f} {theirs / alone:>8.2f}"
        near = f"{gaps[0]:>9.0e} {gaps[1]:>9.0e} {apart:>9.0e}  {mine.certificate_.verdict('gap')}"
        said = f"{name:<16} {tol:>5.0e} {ours:>9.3f} {alone:>9.3f} {theirs:>9.3f} {speed} {'yes' if equal else 'no':>6}"
        out.append(f"{said} {near}")
    return out


def main():
    """Print the table, and write it unless --quick."""
    quick = "--quick" in sys.argv[1:]
    lines = [
        f"infimum {version('infimum')}, scikit-learn {version('scikit-learn')}, NumPy {version('numpy')}; {machine()}",
        "5 folds, 100 strengths down to 1e-3 of the largest; gap: (F − D) / F(0) at the chosen strength, computed here",
        f"{'problem':<16} {'tol':>5} {'ours, s':>9} {'choosing':>9} {'theirs, s':>9} {'ratio':>8} {'choosing':>8} "
        f"{'alpha=':>6} {'our gap':>9} {'their gap':>9} {'mse apart':>9}  what our certificate says",
    ]
    print("\n".join(lines))
    for name, (rows, columns) in (QUICK if quick else PROBLEMS).items():
        more = line(name, rows, columns)
        print("\n".join(more), flush=True)
        lines += more
    if not quick:
        (Path(__file__).parent / "results" / "paths.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
