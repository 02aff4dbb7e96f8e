"""NIST's eleven linear problems: how many digits of the exact solution each library's least squares has.

    python benchmarks/digits.py

The columns x, x², … are formed in float64 and given to each library as they are; the exact solution of these very
numbers is computed in rational arithmetic. The figure is the least, over the coefficients, of −log₁₀ of the relative
error, 0 where that is above 1 and 17 where nothing is wrong. Beside it, for infimum, the digits in common with NIST's
certified values, whose powers are not rounded. statsmodels is left out where it is not installed. Prints a line a
problem, writes benchmarks/results/digits.txt, and exits with 1 where infimum has fewer than 13 digits.
"""

import os
import sys
import warnings
from collections.abc import Callable
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
from kept import machine

from tests.references.strd import NAMES, digits, exact_solution, problem

LEAST = 13
Fit = Callable[[np.ndarray, np.ndarray], np.ndarray]  # (A with its column of ones, y) ↦ coefficients


def ours(A: np.ndarray, y: np.ndarray) -> np.ndarray:
    """infimum, with the intercept as a column: the same problem as the others get."""
    from infimum import LinearRegression

    return np.asarray(LinearRegression(fit_intercept=False).fit(A, y).coef_)


def qr(A: np.ndarray, y: np.ndarray) -> np.ndarray:
    """numpy.linalg.qr and a solve."""
    Q, R = np.linalg.qr(A)
    return np.asarray(np.linalg.solve(R, Q.T @ y))


def scikit_learn(tol: float | None = None) -> Fit:
    """scikit-learn's LinearRegression, as it ships or with another tolerance; an intercept as it handles it."""
    from sklearn.linear_model import LinearRegression

    def fit(A: np.ndarray, y: np.ndarray) -> np.ndarray:
        ones = bool(np.all(A[:, 0] == 1.0))
        more = {} if tol is None else {"tol": tol}
        model = LinearRegression(fit_intercept=ones, **more).fit(A[:, 1:] if ones else A, y)
        return np.append(model.intercept_, model.coef_) if ones else model.coef_

    return fit


def statsmodels(method: str) -> Fit:
    """statsmodels' OLS by its pseudoinverse or by QR."""
    from statsmodels.api import OLS

    return lambda A, y: np.asarray(OLS(y, A).fit(method=method).params)


def libraries() -> dict[str, Fit]:
    """{name: fit}."""
    found: dict[str, Fit] = {
        "infimum": ours,
        "numpy lstsq": lambda A, y: np.linalg.lstsq(A, y, rcond=None)[0],
        "numpy qr": qr,
        "scikit-learn": scikit_learn(),
        "scikit-learn tol=1e-16": scikit_learn(1e-16),
    }
    if find_spec("statsmodels"):
        found |= {"statsmodels pinv": statsmodels("pinv"), "statsmodels qr": statsmodels("qr")}
    return found


def least_digits(found: np.ndarray, right: list) -> float:
    """The digits of the worst coefficient, none below 0."""
    return max(0.0, min(map(digits, found.tolist(), right)))


def main() -> int:
    """Print the table; 0 where every figure is reached."""
    warnings.simplefilter("ignore")
    fits, worst = libraries(), 17.0
    heads = [*fits, "infimum and NIST's"]
    packages = ("numpy", "scikit-learn", *(["statsmodels"] if find_spec("statsmodels") else []))
    lines = [machine(), ", ".join(f"{name} {version(name)}" for name in packages)]
    lines.append(f"{'':10}" + "".join(f"{head:>24}" for head in heads))
    for name in NAMES:
        given = problem(name)
        A = np.column_stack([np.ones(len(given.y)), given.design]) if given.intercept else given.design
        exact = exact_solution(A, given.y)
        solved = {each: fit(A, given.y) for each, fit in fits.items()}
        row = [least_digits(each, exact) for each in solved.values()]
        row.append(least_digits(solved["infimum"], list(given.coefficients)))
        worst = min(worst, row[0])
        lines.append(f"{name:10}" + "".join(f"{each:24.1f}" for each in row))
        print(lines[-1], flush=True)
    lines.append(f"infimum has at least {worst:.1f} digits; required {LEAST}: {'yes' if worst >= LEAST else 'MISSED'}")
    print("\n".join(lines[:3] + lines[-1:]))
    (Path(__file__).parent / "results" / "digits.txt").write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return 0 if worst >= LEAST else 1


if __name__ == "__main__":
    sys.exit(main())
