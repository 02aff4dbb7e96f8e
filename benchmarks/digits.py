"""NIST's eleven linear problems: how many digits of the exact solution each library's least squares has.

    python benchmarks/digits.py

The columns x, x², … are formed in float64 and given to each library as they are; the exact solution of these very
numbers is computed in rational arithmetic. The figure is the least, over the coefficients, of −log₁₀ of the relative
error, 0 where that is above 1 and 17 where nothing is wrong. Beside it, for infimum with `degree=k`, which forms the
powers itself, the digits in common with NIST's certified coefficients and standard errors (an error that NIST has as 0
counts as 17 below 1e-12). statsmodels is left out where it is not installed. Then the claim `digits` is held against
the exact solution, on these problems and on 2,000 random ones with condition numbers of 1 to 1e15. Prints a line a
problem, writes benchmarks/results/digits.txt, and exits with 1 where infimum has fewer than 13 digits, 12 of a standard
error, or promises more than it delivers.
"""

import math
import os
import sys
import warnings
from collections.abc import Callable
from fractions import Fraction
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
from kept import machine

from tests.references.strd import NAMES, Certified, digits, exact_solution, problem

LEAST, LEAST_OF_ERRORS, RANDOM = 13, 12, 2000
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


def promise(A: np.ndarray, y: np.ndarray, exact: list) -> tuple[float, float]:
    """(the relative error that is claimed, +∞ where none is; the largest one against the exact solution)."""
    from infimum import LinearRegression

    model = LinearRegression(fit_intercept=False).fit(A, y)
    errors = [abs(float((Fraction(w) - b) / b)) for w, b in zip(model.coef_.tolist(), exact, strict=True) if b]
    return model.certificate_.claim("digits").bound, max(errors)


def by_powers(given: Certified) -> tuple[float, float]:
    """Least digits of NIST's coefficients and of its standard errors, of infimum on the powers that it forms itself."""
    from infimum import LinearRegression, infer

    model = LinearRegression(fit_intercept=given.intercept, degree=given.degree).fit(given.X, given.y)
    found, errors = model.coef_, infer(model, given.X, given.y).standard_errors
    if given.intercept:
        found, errors = np.append(model.intercept_, found), np.roll(errors, 1)
    pairs = zip(errors.tolist(), given.errors, strict=True)
    told = [digits(error, right) if float(right) else (17.0 if error <= 1e-12 else 0.0) for error, right in pairs]
    return least_digits(found, list(given.coefficients)), max(0.0, min(told))


def random_problem(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """12 rows, 2 to 5 columns of scales 1e±6 and a condition number of 1 to 1e15 beside that, residuals of any size."""
    rng = np.random.default_rng(seed)
    p = int(rng.integers(2, 6))
    U, V = np.linalg.qr(rng.standard_normal((12, p)))[0], np.linalg.qr(rng.standard_normal((p, p)))[0]
    A = (U * np.geomspace(1, 10.0 ** -rng.uniform(0, 15), p)) @ V * 10.0 ** rng.uniform(-6, 6, p)
    y = A @ rng.standard_normal(p) / np.abs(A).max() + 10.0 ** rng.uniform(-6, 6) * rng.standard_normal(12)
    return A, y


def promises() -> tuple[str, bool]:
    """The line on random problems, and whether every promise is kept."""
    drawn = [random_problem(seed) for seed in range(RANDOM)]
    told = [promise(A, y, exact_solution(A, y)) for A, y in drawn]
    proved = [-math.log10(bound) for bound, _ in told if math.isfinite(bound) and bound]
    broken = sum(error > bound for bound, error in told)
    kept = f"{RANDOM} random problems: digits proved for {len(proved)}, {np.median(proved):.1f} in the median"
    right = -math.log10(max(max(error for _, error in told), 1e-17))
    return f"{kept}; fewer delivered than promised: {broken}; fewest right: {right:.1f}", broken == 0


def least_digits(found: np.ndarray, right: list) -> float:
    """The digits of the worst coefficient, none below 0."""
    return max(0.0, min(map(digits, found.tolist(), right)))


def main() -> int:
    """Print the table; 0 where every figure is reached."""
    warnings.simplefilter("ignore")
    fits, worst, worst_error, kept = libraries(), 17.0, 17.0, True
    heads = [*fits, "degree=k, NIST's values", "its standard errors", "infimum claims"]
    packages = ("numpy", "scikit-learn", *(["statsmodels"] if find_spec("statsmodels") else []))
    lines = [machine(), ", ".join(f"{name} {version(name)}" for name in packages)]
    lines.append(f"{'':10}" + "".join(f"{head:>24}" for head in heads))
    for name in NAMES:
        given = problem(name)
        A = np.column_stack([np.ones(len(given.y)), given.design]) if given.intercept else given.design
        exact = exact_solution(A, given.y)
        solved = {each: fit(A, given.y) for each, fit in fits.items()}
        row = [least_digits(each, exact) for each in solved.values()]
        row += by_powers(given)
        bound, error = promise(A, given.y, exact)
        claimed = f"{min(-math.log10(2 * bound), 15.9):24.1f}" if math.isfinite(bound) else f"{'none':>24}"
        lines.append(f"{name:10}" + "".join(f"{each:24.1f}" for each in row) + claimed)
        print(lines[-1], flush=True)
        worst, kept = min(worst, row[0], row[-2]), kept and error <= bound
        worst_error = min(worst_error, row[-1])
    enough = worst >= LEAST and worst_error >= LEAST_OF_ERRORS
    told = f"infimum has at least {worst:.1f} digits, {worst_error:.1f} of standard errors"
    lines.append(f"{told}; required {LEAST} and {LEAST_OF_ERRORS}: {'yes' if enough else 'MISSED'}")
    line, all_kept = promises()
    lines += [line, f"no digit promised that is not delivered: {'yes' if kept and all_kept else 'MISSED'}"]
    print("\n".join(lines[:3] + lines[-3:]))
    (Path(__file__).parent / "results" / "digits.txt").write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return 0 if enough and kept and all_kept else 1


if __name__ == "__main__":
    sys.exit(main())
