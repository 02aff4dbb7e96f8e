"""Does the error of a network fall with its width as approximation theory says? m^(−s/d), s derivatives, d columns.

    python benchmarks/widths.py

Functions without noise on a fine grid, one hidden layer of 4, 8, 16, 32, 64 relus, chosen greedily and trained by
Levenberg–Marquardt from three starts; the error is on rows held out, three folds. Expected: of one column the rate of
piecewise linear functions with free knots, m^−s for s ≤ 2 (DeVore, "Nonlinear approximation", 1998, §6); of two columns
m^(−s/2) for s ≤ 2.5 (Petrushev, "Approximation by ridge functions and neural networks", 1998). The functions are waves
of every frequency, of exact size and random phase: as rough everywhere, so that no unit is better placed than another,
and the rate is attained, not bettered. Each is drawn twice, by seeds that no choice here was made on. Prints a page and
writes it to benchmarks/results/widths.txt; exits with 1 unless every slope of log error against log m is within 20% of
the expected one, over all widths.
"""

import os
import platform
import sys
from itertools import product
from pathlib import Path
from time import perf_counter

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from infimum import MLPRegressor, width_curve

WIDTHS = (4, 8, 16, 32, 64)
SEEDS = (101, 102)
ROWS, SIDE = 2000, 64
HIGHEST = 16  # waves along a side of the square, in each direction
WITHIN = 0.2


def interval() -> np.ndarray:
    """x in [−1, 1], (ROWS, 1)."""
    return np.linspace(-1, 1, ROWS)[:, None]


def square() -> np.ndarray:
    """x in [−1, 1]², (SIDE², 2)."""
    side = np.linspace(-1, 1, SIDE, endpoint=False)
    return np.array([(a, b) for a in side for b in side])


def weierstrass(x: np.ndarray, s: float, rng: np.random.Generator) -> np.ndarray:
    """Σₖ 2^(−sk) cos(2ᵏ π x + φₖ): s derivatives, everywhere and no more (Weierstrass 1872; Hardy 1916)."""
    return sum(2.0 ** (-s * k) * np.cos(np.pi * 2**k * x[:, 0] + rng.uniform(0, 2 * np.pi)) for k in range(9))


def waves(x: np.ndarray, s: float, rng: np.random.Generator) -> np.ndarray:
    """Σ_ω |ω|^(−s−1) cos(π ωᵀx + φ_ω), ω whole, |ω| ≤ HIGHEST: s derivatives in L2, everywhere and no more."""
    every = [(i, j) for i in range(-HIGHEST, HIGHEST + 1) for j in range(HIGHEST + 1) if (j, i) > (0, 0)]
    omega = np.array([each for each in every if np.hypot(*each) <= HIGHEST])
    return np.cos(np.pi * x @ omega.T + rng.uniform(0, 2 * np.pi, len(omega))) @ np.hypot(*omega.T) ** (-s - 1)


FUNCTIONS = (
    ("sin πx", interval, lambda x, rng: np.sin(np.pi * x[:, 0]), 2.0),
    ("Weierstrass, s = 1.5", interval, lambda x, rng: weierstrass(x, 1.5, rng), 1.5),
    ("Weierstrass, s = 1", interval, lambda x, rng: weierstrass(x, 1.0, rng), 1.0),
    ("Weierstrass, s = 0.5", interval, lambda x, rng: weierstrass(x, 0.5, rng), 0.5),
    ("two columns, s = 2", square, lambda x, rng: waves(x, 2.0, rng), 1.0),
    ("two columns, s = 1", square, lambda x, rng: waves(x, 1.0, rng), 0.5),
)


def main() -> int:
    """Print and write the page."""
    lines = [
        f"machine: {os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}; one thread",
        f"{'RMSE held out, m =':<22}{''.join(f'{m:>10}' for m in WIDTHS)}   {'slope [95%]':<24}  rate  within 20%",
    ]
    print("\n".join(lines))
    good = True
    for (name, places, function, rate), seed in product(FUNCTIONS, SEEDS):
        X, begin = places(), perf_counter()
        y = function(X, np.random.default_rng(seed))
        how = {"solver": "full-batch", "init": "greedy", "n_init": 3, "alpha": 0.0, "max_iter": 200, "tol": 1e-8}
        curve = width_curve(MLPRegressor(**how, random_state=seed), X, y / y.std(), widths=WIDTHS, cv=3)
        slope = curve.slope[1]
        right = abs(slope.value + rate) <= WITHIN * rate and slope.widths == WIDTHS
        good &= right
        errors = "".join(f"{error:>10.3g}" for error in curve.error)
        told = f"{slope.value:.3f} [{slope.low:.3f}, {slope.high:.3f}]"
        lines.append(f"{name:<22}{errors}   {told:<24}  {-rate:4.1f}  {'yes' if right else 'NO'}")
        print(f"{lines[-1]}   ({perf_counter() - begin:.0f} s)", flush=True)
    lines.append(f"every slope within 20% of the rate: {'yes' if good else 'NO'}")
    print(lines[-1])
    (Path(__file__).parent / "results" / "widths.txt").write_text("\n".join(lines) + "\n")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
