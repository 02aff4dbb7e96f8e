"""time ≈ Σ_folds t(n), t measured on a few rows and carried on in n; memory ≈ now + copies · bytes of X.

A convex rung's fit costs a constant and an amount a row; a network's costs an amount a row and epoch, and how many
epochs it takes is only known afterwards: the interval says so.
"""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from infimum.ladder.climb import rungs_there
from infimum.ladder.fit import Sample, fit_rung, network_estimator
from infimum.ladder.problem import Problem
from infimum.ladder.reference import boosted, columns_for_trees
from infimum.ladder.rungs import Rung
from infimum.ladder.smooth import MOST_PRODUCTS
from infimum.ladder.widths import CURVE, others
from infimum.models.splines import fit_basis
from infimum.tables.encode import Encoder

FIRST = 256  # rows of the smallest trial
TREES = 4096  # rows of the larger trial of gradient boosting
SHARE = 0.2  # seconds of trials a rung
EPOCHS = (0.9, 1.3, 1.5)  # of a network's, trials and all: as few as it takes to see no gain, usual, at most
COPIES = {
    "constant": 1.0,
    "linear": 4.0,
    "additive": 4.0,
    "network": 3.0,
    "reference": 3.0,
}  # of the training rows, beside one X a fold
MEGABYTE = 1e6


@dataclass(frozen=True)
class Expected:
    """Seconds of a rung in all folds, and megabytes of the process at its peak: (low, middle, high) each."""

    rung: str
    seconds: tuple[float, float, float]
    megabytes: tuple[float, float, float]


@dataclass(frozen=True)
class Plan:
    """What each rung is expected to take on n rows of P features, from trials that took `pilot` seconds."""

    rows: int
    features: int
    rungs: tuple[Expected, ...]
    skipped: tuple[tuple[str, str], ...]
    pilot: float

    @property
    def seconds(self) -> tuple[float, float, float]:
        """The whole ladder: the sum of the rungs, and a sixth more for the chosen one on all rows."""
        low, middle, high = (sum(each.seconds[at] for each in self.rungs) for at in range(3))
        aside = [each.seconds[at] for each in self.rungs for at in (1, 2) if each.rung == CURVE] or [0.0, 0.0]
        return low, middle + (middle - aside[0]) / 6, high + (high - aside[1]) / 6


def plan_of(problem: Problem, width_curve: bool = False) -> Plan:
    """Trials of every rung on the rows that fold 1 learns from; nothing is kept of them.

    The width curve takes a network's time by each of its widths.

    What is loaded or compiled once, when the first rung and the network are fitted, is counted to them.
    """
    begun = time.perf_counter()
    encoder, X = problem.encoded(0)
    rungs, skipped = rungs_there(problem, [(encoder, X)])
    folds = problem.folds
    n = float(np.mean([folds.train(j).sum() for j in range(folds.k)]))
    train = np.flatnonzero(folds.train(0))
    rows = np.random.default_rng([problem.seed, 2]).permutation(train)
    expected, highest, curves = [], 0.0, [0.0, 0.0, 0.0]

    def add(name: str, seconds: tuple[float, ...], copies: float, cold: float) -> None:
        nonlocal highest
        bytes_ = resident() + (folds.models - 1) * X.nbytes + copies * X.nbytes * n / len(X)
        highest = max(highest, bytes_ / MEGABYTE)
        low, middle, high = (folds.models * each + cold for each in seconds)
        expected.append(Expected(name, (low, middle, high), (highest / 1.3, highest, highest * 1.3)))

    for at, rung in enumerate(rungs):
        first = fitting(rung, Sample(problem.loss, X[rows], problem.y[rows], encoder))
        cold = colder(first, learnable(problem.y[rows], len(rows))) if at == 0 else 0.0
        if rung.form == "network":
            cold, *one = network_trial(problem, X[rows], problem.y[rows], n)
        else:
            one = trial(first, problem.y[rows], n)
        if rung.products:  # a fit of them starts where the fit without has ended
            one = sorted(max(whole - part, whole / 4) for whole, part in zip(one, curves, strict=True))
        curves = list(one) if rung.form == "additive" else curves
        add(rung.name, tuple(one), COPIES[rung.form] * wider(rung, X[rows], encoder), cold)
        if rung.form == "network" and width_curve:
            fits = sum(others(problem)[1]) * folds.k / folds.models  # of one partition, where rungs may have several
            add(CURVE, tuple(fits * each for each in one), COPIES["network"], 0.0)
    if X.shape[1]:
        fit = boosting_of(problem, encoder, X, rows)
        cold = colder(fit, learnable(problem.y[rows], len(rows)))
        add("reference", trial_of_trees(fit, problem.y[rows], n), COPIES["reference"], cold)
    return Plan(len(X), X.shape[1], tuple(expected), skipped, time.perf_counter() - begun)


def wider(rung: Rung, X: np.ndarray, encoder: Encoder) -> float:
    """How many times the features of X an additive model has."""
    if rung.form != "additive":
        return 1.0
    return (fit_basis(X, encoder.numbers).features + rung.products * MOST_PRODUCTS) / max(X.shape[1], 1)


def fitting(rung: Rung, sample: Sample) -> Callable[[int], None]:
    """m ↦ one fit of the rung to the first m rows."""

    def fit(m: int) -> None:
        fit_rung(rung, replace(sample, X=np.ascontiguousarray(sample.X[:m]), y=sample.y[:m]), [0])

    return fit


def boosting_of(problem: Problem, encoder: Encoder, X: np.ndarray, rows: np.ndarray) -> Callable[[int], None]:
    """m ↦ one fit of the reference line to the first m of these rows."""
    M, is_category = columns_for_trees(problem, encoder, X)

    def fit(m: int) -> None:
        boosted(problem, M, is_category, rows[:m])

    return fit


def colder(fit: Callable[[int], None], m: int) -> float:
    """Seconds by which the first fit of a process takes longer than the second."""
    return max(timed(fit, m) - timed(fit, m), 0.0)


def timed(fit: Callable[[int], None], m: int) -> float:
    """Seconds of one fit to m rows."""
    start = time.perf_counter()
    fit(m)
    return time.perf_counter() - start


def trial(fit: Callable[[int], None], y: np.ndarray, n: float) -> tuple[float, float, float]:
    """(low, middle, high) seconds of one fit to n rows, from fits to 256, 512, … of the rows that have these y."""
    sizes, seconds = measured(fit, learnable(y, len(y)), len(y))
    if sizes[-1] >= len(y) or len(sizes) == 1:
        middle = seconds[-1] * n / sizes[-1]
        return middle / 1.4, middle, middle * 1.4
    proportional = seconds[-1] * n / sizes[-1]
    slope = (seconds[-1] - seconds[-2]) / (sizes[-1] - sizes[-2])
    straight = seconds[-1] + max(slope, 0.0) * (n - sizes[-1])
    middle = float(max(straight, seconds[-1]) ** 0.75 * proportional**0.25)
    return min(straight, middle / 1.4), middle, max(proportional, middle * 1.4)


def trial_of_trees(fit: Callable[[int], None], y: np.ndarray, n: float) -> tuple[float, float, float]:
    """The same for gradient boosting, whose trees cost much alike for few rows as for many: a straight line."""
    sizes = [min(max(learnable(y, len(y)), size), len(y)) for size in (TREES // 4, TREES)]
    seconds = [timed(fit, m) for m in sizes]
    slope = max((seconds[1] - seconds[0]) / (sizes[1] - sizes[0]), 0.0) if sizes[1] > sizes[0] else 0.0
    middle = seconds[1] + slope * max(n - sizes[1], 0.0)
    return middle / 1.5, middle, middle * 1.5


def measured(fit: Callable[[int], None], first: int, most: int) -> tuple[list[int], list[float]]:
    """(rows, seconds) of fits to twice as many rows each time, until the rows or the share of time are used up."""
    sizes, seconds, m, begun = [], [], first, time.perf_counter()
    while True:
        sizes.append(m)
        seconds.append(timed(fit, m))
        if m >= most or (len(sizes) > 1 and time.perf_counter() - begun + 2 * seconds[-1] > SHARE):
            return sizes, seconds
        m = min(2 * m, most)


def learnable(y: np.ndarray, most: int) -> int:
    """The fewest rows from 256 on among which the target is not one value."""
    m = min(FIRST, most)
    while m < most and y[:m].min() == y[:m].max():
        m = min(2 * m, most)
    return m


def network_trial(problem: Problem, X: np.ndarray, y: np.ndarray, n: float) -> tuple[float, float, float, float]:
    """(seconds to load torch, then low, middle, high as before): one epoch and four, on batches as n rows have them."""
    from infimum.estimators.tabular_training import plan_of

    estimator = network_estimator(problem.loss)
    m = min(len(y), max(learnable(y, len(y)), 2048))
    training = plan_of(estimator(), int(n))
    batch = min(training.batch_size, m)
    took = []
    for epochs in (1, 1, 4):
        network = estimator(dropout=0.1, max_iter=epochs, batch_size=batch)
        start = time.perf_counter()
        network.fit(X[:m], y[:m])
        took.append(time.perf_counter() - start)
    epoch = max(took[2] - took[1], 1e-4) / 3 * n / m
    around = max(took[1] - epoch * m / n, 0.0) * n / m
    low, middle, high = (around + part * training.epochs * epoch for part in EPOCHS)
    return max(took[0] - took[1], 0.0), low / 1.2, middle, high * 1.2


def resident() -> float:
    """Bytes of memory that the process holds at its peak so far."""
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return float(used if sys.platform == "darwin" else 1024 * used)
