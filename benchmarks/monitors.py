"""What it costs to look inside while training: the same fits with and without the readings of `monitors.py`, in turn.

    python benchmarks/monitors.py [--quick]

One thread, 100 epochs (the default) and no early stopping; tables of 700 to 20,000 rows of 30 columns, so that an epoch
has few steps and many. Prints the least time of each, and how much more the readings take, of least and of median
times; writes benchmarks/results/monitors.txt; exits with 1 where they take more than 5% of the least time.
"""

import sys
import time
from pathlib import Path
from statistics import median

import numpy as np
from kept import machine

from infimum.losses.squared import Squared
from infimum.models.perceptron import initial
from infimum.networks.dense import Dense
from infimum.objective import LikelihoodObjective
from infimum.penalties.elastic_net import ElasticNet
from infimum.solvers import stochastic
from infimum.solvers.monitors import Monitor
from infimum.solvers.training import Training

SIZES = {"700, (32,)": (700, (32,)), "3000, (64, 64)": (3000, (64, 64)), "20000, (128, 128)": (20_000, (128, 128))}
SIZES |= {"3000, (24,) × 8": (3000, (24,) * 8), "20000, (512, 512)": (20_000, (512, 512))}
LONG = 5.0  # seconds at least for each size: the least of few brief fits is chance
MOST, PAGE = 0.05, Path(__file__).parent / "results" / "monitors.txt"


def problem(rows: int, hidden: tuple[int, ...]) -> LikelihoodObjective:
    """F of a curved target on normal columns."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((rows, 30))
    y = np.sin(2 * X[:, 0]) + X[:, 1] * X[:, 2] + 0.3 * rng.standard_normal(rows)
    return LikelihoodObjective.of(Dense(X, hidden), Squared(), ElasticNet(), y)


def main(epochs: int, repeats: int) -> int:
    """A line a size, a page."""
    lines, worst, read = (
        [machine(), f"{'rows, hidden':20}{'without, ms':>14}{'with':>10}{'more':>8}{'median':>8}"],
        0.0,
        Monitor.read,
    )
    for name, (rows, hidden) in SIZES.items():
        F = problem(rows, hidden)
        start = initial(F.model.layout, np.random.default_rng(0))
        took: dict[bool, list[float]] = {False: [], True: []}
        round_, spent = 0, 0.0
        while round_ <= repeats or spent < LONG:
            for looking in (False, True):
                Monitor.read = read if looking else lambda self, course, last, rounds=1: course
                began = time.perf_counter()
                stochastic.trained_by_adamw(F, start, np.random.default_rng(0), Training(epochs=epochs))
                spent += time.perf_counter() - began
                took[looking] += [1e3 * (time.perf_counter() - began)] if round_ else []
            round_ += 1
        more = [f(took[True]) / f(took[False]) - 1 for f in (min, median)]
        worst = max(worst, more[0])
        lines.append(f"{name:20}{min(took[False]):14.1f}{min(took[True]):10.1f}{more[0]:8.1%}{more[1]:8.1%}")
    lines.append(f"at most {MOST:.0%}: {'yes' if worst <= MOST else 'NO'}")
    print("\n".join(lines))
    PAGE.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return 0 if worst <= MOST else 1


if __name__ == "__main__":
    sys.exit(main(*((20, 2) if "--quick" in sys.argv else (100, 5))))
