"""Logistic regression of 100,000 × 50: infimum, scikit-learn, glum in turn, at an optimum that none of them computed.

    python benchmarks/logistic.py [--quick]

One problem has columns of scales 1e-2 to 1e2 that are correlated and lie three scales off 0; in the other they are
independent, of scale 1, about 0. Both have the ridge of C = 1. The optimum F* is computed by Newton steps in extended
precision, and so is F at the coefficients that each returns: the gap (F − F*) / (F(null) − F*) is nobody's own word.
Each peer has the loosest tolerance with a gap of at most 1e-10, or its tightest; infimum is run as it comes, and its
time is that of the minimum to the last digit and of its certificate. All may use all processors. They are run in turn,
after a run of each that is not counted. Prints a line a solver with the least and the median time and how they compare
with infimum's, and writes benchmarks/results/logistic.txt. glum is left out where it is not installed.
"""

import sys
import time
import warnings
from collections.abc import Callable
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from statistics import median

import numpy as np
from kept import machine
from sklearn.linear_model import LogisticRegression as Theirs

import infimum
from infimum import LogisticRegression

ROWS, COLUMNS, BAR, REPEATS = 100_000, 50, 1e-10, 9
PAGE = Path(__file__).parent / "results" / "logistic.txt"
Fit = Callable[[np.ndarray, np.ndarray], np.ndarray]  # (X, y) ↦ (b, b₀)


def drawn(ill: bool, rows: int = ROWS) -> tuple[np.ndarray, np.ndarray]:
    """(X, y) of two classes."""
    rng = np.random.default_rng(0)
    if ill:
        mixing = 0.3 * rng.normal(size=(COLUMNS, COLUMNS)) + np.eye(COLUMNS)
        scale = np.logspace(-2, 2, COLUMNS)
        X = (rng.normal(size=(rows, COLUMNS)) @ mixing + 3) * scale
        b = rng.normal(size=COLUMNS) / scale / np.sqrt(COLUMNS)
    else:
        X, b = rng.normal(size=(rows, COLUMNS)), rng.normal(size=COLUMNS) / np.sqrt(COLUMNS)
    z = (X - X.mean(axis=0)) @ b
    return X, (rng.random(rows) < 1 / (1 + np.exp(-z))).astype(float)


def objective(X: np.ndarray, y: np.ndarray, w: np.ndarray) -> np.longdouble:
    """F(b, b₀) = mean log(1 + eᶻ) − y z + ½ ‖b‖² / n, in extended precision."""
    wide = np.asarray(w, dtype=np.longdouble)
    z = X.astype(np.longdouble) @ wide[:-1] + wide[-1]
    return np.mean(np.logaddexp(np.longdouble(0), z) - y * z) + np.sum(wide[:-1] ** 2) / (2 * len(y))


def optimum(X: np.ndarray, y: np.ndarray) -> np.longdouble:
    """F*, by Newton steps with the gradient in extended precision, until none lowers F."""
    A = np.column_stack([X, np.ones(len(X))])
    wide, size = A.astype(np.longdouble), np.sqrt(np.mean(A**2, axis=0))
    ridge = np.append(np.full(COLUMNS, 1 / len(y)), 0.0)
    w = np.zeros(COLUMNS + 1, dtype=np.longdouble)
    best = objective(X, y, w)
    for _ in range(50):
        p = 1 / (1 + np.exp(-(wide @ w)))
        g = wide.T @ (p - y) / len(y) + ridge * w
        H = (A * (p * (1 - p) / len(y)).astype(float)[:, None]).T @ A + np.diag(ridge)
        step = np.linalg.solve(H / size / size[:, None], (g / size).astype(float)) / size
        length = 1.0
        while length > 1e-3 and not objective(X, y, w - length * step) < best:
            length /= 2
        if length <= 1e-3:
            break
        w = w - length * step
        best = objective(X, y, w)
    return best


def ours(X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """infimum, as it comes."""
    model = LogisticRegression().fit(X, y)
    return np.append(model.coef_, model.intercept_)


def theirs(solver: str, tol: float) -> Fit:
    """scikit-learn's, by that solver."""

    def fit(X: np.ndarray, y: np.ndarray) -> np.ndarray:
        model = Theirs(solver=solver, tol=tol, max_iter=5000 if solver != "lbfgs" else 300).fit(X, y)
        return np.append(model.coef_, model.intercept_)

    return fit


def glum(tol: float) -> Fit:
    """glum's, the same ridge."""
    from glum import GeneralizedLinearRegressor

    def fit(X: np.ndarray, y: np.ndarray) -> np.ndarray:
        model = GeneralizedLinearRegressor(family="binomial", alpha=1 / len(y), l1_ratio=0, gradient_tol=tol)
        model.fit(X, y)
        return np.append(model.coef_, model.intercept_)

    return fit


def loosest(
    fits: dict[float, Fit], X: np.ndarray, y: np.ndarray, gap: Callable[[np.ndarray], float]
) -> tuple[float, Fit]:
    """(tolerance, fit) of the first within the bar; the last if none is."""
    good = (told for told in fits.items() if gap(told[1](X, y)) <= BAR)
    return next(good, list(fits.items())[-1])


def lines_of(name: str, ill: bool, repeats: int) -> list[str]:
    """A line a solver."""
    X, y = drawn(ill)
    best, null = optimum(X, y), objective(X, y, np.append(np.zeros(COLUMNS), np.log(y.mean() / (1 - y.mean()))))

    def gap(w: np.ndarray) -> float:
        return max(float((objective(X, y, w) - best) / (null - best)), 0.0)

    tolerances = [1e-2, 1e-4, 1e-6, 1e-8, 1e-10]
    peers = {solver: {tol: theirs(solver, tol) for tol in tolerances} for solver in ("newton-cholesky", "lbfgs")}
    if find_spec("glum"):
        peers["glum"] = {tol: glum(tol) for tol in tolerances}
    told = {"infimum": (1e-10, ours)} | {peer: loosest(fits, X, y, gap) for peer, fits in peers.items()}
    seconds: dict[str, list[float]] = {peer: [] for peer in told}
    found: dict[str, np.ndarray] = {}
    for _ in range(repeats + 1):
        for peer, (_, fit) in told.items():
            time.sleep(0.2)  # threads of whoever was before, which wait in a loop, are asleep by then
            begun = time.perf_counter()
            found[peer] = fit(X, y)
            seconds[peer].append(time.perf_counter() - begun)
    least = {peer: min(each[1:]) for peer, each in seconds.items()}
    middle = {peer: median(each[1:]) for peer, each in seconds.items()}
    return [
        f"{name:<11} {peer:<16} {1e3 * least[peer]:>9.1f} {1e3 * middle[peer]:>9.1f} "
        f"{least[peer] / least['infimum']:>7.2f} {middle[peer] / middle['infimum']:>7.2f} "
        f"{gap(found[peer]):>9.0e}  {told[peer][0]:.0e}"
        for peer in told
    ]


def main() -> None:
    """Print the table, and write it unless --quick."""
    warnings.simplefilter("ignore")
    quick = "--quick" in sys.argv[1:]
    names = ["scikit-learn", "numpy"] + (["glum"] if find_spec("glum") else [])
    lines = [
        machine(),
        ", ".join([f"infimum {infimum.__version__}", *(f"{name} {version(name)}" for name in names)]),
        "gap: (F − F*) / (F(null) − F*) in extended precision; ratio: theirs / ours, of least and of median times",
        f"{'problem':<11} {'solver':<16} {'least, ms':>9} {'median':>9} {'ratio':>7} {'ratio':>7} {'gap':>9}  tol",
    ]
    print("\n".join(lines))
    for name, ill in (("ill-scaled", True), ("well-scaled", False)):
        more = lines_of(name, ill, 2 if quick else REPEATS)
        print("\n".join(more), flush=True)
        lines += more
    if not quick:
        PAGE.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
