"""What it costs to look inside while training: the same fits with and without the readings of `monitors.py`, in turn.

    python benchmarks/monitors.py [--quick]

One thread, 100 epochs (the default; 25 of the widest, in which the last reading weighs four times as much) and no early
stopping; tables of 700 to 20,000 rows of 30 columns, so that an epoch has few steps and many. Each pair of fits, one
without readings and one with, the first of them in turn, gives a ratio; the median of the ratios is what readings cost,
however much faster or slower the machine runs a minute later. Beside it the time inside the readings, as a share of the
rest of the same fit. Writes benchmarks/results/monitors.txt; exits with 1 where either is more than 5%.
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
from infimum.solvers.checkpoint import Course
from infimum.solvers.engine import Last
from infimum.solvers.monitors import Monitor
from infimum.solvers.training import Training

SIZES = {"700, (32,)": (700, (32,), 100), "3000, (64, 64)": (3000, (64, 64), 100)}
SIZES |= {"20000, (128, 128)": (20_000, (128, 128), 100), "3000, (24,) × 8": (3000, (24,) * 8, 100)}
SIZES |= {"20000, (256, 256)": (20_000, (256, 256), 25), "20000, (512, 512)": (20_000, (512, 512), 25)}
LONG = 60.0  # seconds at least for each size: a median of few pairs is chance
MOST, PAGE = 0.05, Path(__file__).parent / "results" / "monitors.txt"


def problem(rows: int, hidden: tuple[int, ...]) -> LikelihoodObjective:
    """F of a curved target on normal columns."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((rows, 30))
    y = np.sin(2 * X[:, 0]) + X[:, 1] * X[:, 2] + 0.3 * rng.standard_normal(rows)
    return LikelihoodObjective.of(Dense(X, hidden), Squared(), ElasticNet(), y)


class Clock:
    """Σ seconds inside the readings of one fit; a fit without them where it is off."""

    def __init__(self, on: bool) -> None:
        self.on, self.seconds, self.read = on, 0.0, Monitor.read

    def __enter__(self) -> "Clock":
        def timed(monitor: Monitor, course: Course, last: Last, rounds: int = 1) -> Course:
            began = time.perf_counter()
            course = self.read(monitor, course, last, rounds) if self.on else course
            self.seconds += time.perf_counter() - began
            return course

        Monitor.read = timed
        return self

    def __exit__(self, *_: object) -> None:
        Monitor.read = self.read


def fit(F: LikelihoodObjective, epochs: int, looking: bool) -> tuple[float, float]:
    """(seconds of the whole fit, of them inside its readings)."""
    start = initial(F.model.layout, np.random.default_rng(0))
    with Clock(looking) as clock:
        began = time.perf_counter()
        stochastic.trained_by_adamw(F, start, np.random.default_rng(0), Training(epochs=epochs))
        return time.perf_counter() - began, clock.seconds


def main(shorter: int, pairs: int, long: float) -> int:
    """A line a size, a page."""
    lines, worst = (
        [machine(), f"{'rows, hidden':20}{'pairs':>7}{'without, ms':>14}{'with':>10}{'more':>8}{'inside':>8}"],
        0.0,
    )
    for name, (rows, hidden, epochs) in SIZES.items():
        F = problem(rows, hidden)
        without, with_, shares = [], [], []
        fit(F, epochs // shorter, True)  # compiles
        while len(shares) < pairs or sum(without) + sum(with_) < long:
            order = (False, True) if len(shares) % 2 else (True, False)
            took = {looking: fit(F, epochs // shorter, looking) for looking in order}
            without.append(took[False][0])
            with_.append(took[True][0])
            shares.append(took[True][1] / (took[True][0] - took[True][1]))
        more = median(b / a - 1 for a, b in zip(without, with_, strict=True))
        worst = max(worst, more, median(shares))
        times = f"{1e3 * median(without):14.1f}{1e3 * median(with_):10.1f}"
        lines.append(f"{name:20}{len(shares):7}{times}{more:8.1%}{median(shares):8.1%}")
    lines.append(f"at most {MOST:.0%}: {'yes' if worst <= MOST else 'NO'}")
    print("\n".join(lines))
    PAGE.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return 0 if worst <= MOST else 1


if __name__ == "__main__":
    sys.exit(main(*((5, 3, 1.0) if "--quick" in sys.argv else (1, 8, LONG))))
