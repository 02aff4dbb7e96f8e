"""rung, folds → its errors there: the rungs on the same folds, one after the other, while there is time."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from infimum.certificates.claim import Verdict
from infimum.evaluation.metrics import Metric
from infimum.ladder.fit import Fit, Sample, fit_rung
from infimum.ladder.problem import Problem
from infimum.ladder.rungs import Rung
from infimum.ladder.time_left import time_left
from infimum.ladder.words import BUDGET, INTERRUPTED
from infimum.tables.encode import Encoder

Progress = Callable[[str, int, int], None]
Tell = Callable[[str, int], None]
Splits = list[tuple[Encoder, np.ndarray]]
FURTHEST = 230.0  # logarithm of an expected count: the squares of larger ones leave float64
TOO_FAR = "in fold {} it predicts counts beyond 1e+99 on rows held out: their columns lie far from those learned from"
NO_PAIR = "in no fold do the residuals ask for a product of two columns"
FEWEST = 2  # rungs that a choice is made among


@dataclass(frozen=True)
class Clock:
    """The seconds within which rungs may start, from `begun` on; None for no limit."""

    begun: float
    budget: float | None

    @property
    def stopped(self) -> str:
        """Why nothing further starts; "" while there is time left."""
        if self.budget is None or time.perf_counter() - self.begun < self.budget:
            return ""
        return f"{BUDGET} of {self.budget:g} s was used up before it could start"


@dataclass(frozen=True)
class Steps:
    """The steps of a climb by their costs, told as they are done: progress(text, done, total)."""

    costs: Sequence[float]
    clock: Clock
    progress: Progress

    def tell(self, text: str, done: int) -> None:
        """What is being done, how long it still takes, and how much is done."""
        left = time_left(self.costs, done, time.perf_counter() - self.clock.begun)
        self.progress(text + left, done, len(self.costs))

    def after(self, done: int) -> Tell:
        """(text, more) ↦ the same, so many more steps being done."""
        return lambda text, more: self.tell(text, done + more)


@dataclass(frozen=True, eq=False)
class Row:
    """One rung in every fold: fits and errors by fold; on rows held out z (n,) or (n, m) and what each costs (n,).

    Both are NaN on rows that are never held out.
    """

    fits: tuple[Fit, ...]
    errors: np.ndarray
    held_out: np.ndarray
    losses: np.ndarray

    @classmethod
    def joined(cls, parts: Sequence["Row"]) -> Self:
        """The fits and errors of several partitions; predictions of the first, and the mean cost of each row."""
        fits = tuple(fit for part in parts for fit in part.fits)
        errors, losses = (np.array([getattr(part, key) for part in parts]) for key in ("errors", "losses"))
        return cls(fits, errors.ravel(), parts[0].held_out, losses.mean(axis=0))


def fit_rows(
    problem: Problem, splits: Splits, rungs: tuple[Rung, ...], steps: Steps
) -> tuple[list[Row], dict[str, float], str]:
    """(the rungs that were fitted in every fold, their seconds, why the others were not).

    Where the time is used up no further rung starts, but two there are always.
    """
    rows: list[Row] = []
    seconds: dict[str, float] = {}
    try:
        for i, rung in enumerate(rungs):
            if i >= FEWEST and steps.clock.stopped:
                return rows, seconds, steps.clock.stopped
            begun, tell = time.perf_counter(), steps.after(i * problem.folds.k)
            rows.append(fit_row(problem, splits, (rung, i), tell, rows[-1] if rung.products else None))
            seconds[rung.name] = time.perf_counter() - begun
    except KeyboardInterrupt:
        if len(rows) < FEWEST:
            raise
        return rows, seconds, INTERRUPTED
    return rows, seconds, ""


def fit_row(
    problem: Problem,
    splits: Splits,
    numbered: tuple[Rung, int],
    tell: Tell,
    below: Row | None = None,
    part: int = 0,
) -> Row:
    """One rung in every fold of one partition: fits, errors, predictions of the rows held out.

    `below` is the rung without products in the same folds.
    """
    (rung, i), folds, fits, errors = numbered, problem.folds, [], []
    m = problem.loss.outputs
    held_out = np.full((len(problem.y), m) if m > 1 else len(problem.y), np.nan)
    losses = np.full(len(problem.y), np.nan)
    for at, j in enumerate(range(part * folds.k, (part + 1) * folds.k)):
        encoder, X = splits[j]
        tell(f"{rung.name}, fold {folds.named(j)}", at)
        train, held = folds.train(j), folds.held(j)
        sample = Sample(problem.loss, X[train], problem.y[train], encoder)
        fit = fit_rung(rung, sample, [problem.seed, i, j], below.fits[at] if below else None)
        held_out[held] = fit.predict(X[held])
        losses[held], error = errors_of(problem.metric, held_out[held], problem.y[held])
        errors.append(error)
        fits.append(fit)
    return Row(tuple(fits), np.array(errors), held_out, losses)


def errors_of(metric: Metric, z: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, float]:
    """(what each row held out costs, the error): +∞ where expected counts leave the range of numbers."""
    if metric.loss.task == "counts" and not z.max() <= FURTHEST:
        return np.full(len(y), np.inf), math.inf
    return metric.rows(z, y), metric.error(z, y)


def fit_again(
    problem: Problem,
    splits: Splits,
    found: tuple[tuple[Rung, ...], list[Row]],
    stopped: str,
    steps: Steps,
    done: int,
) -> tuple[list[Row], str]:
    """(the rows of these rungs with what the further partitions add, why some of those are missing).

    A partition counts only if every rung was fitted in it.
    """
    (rungs, rows), k = found, problem.folds.k
    parts = [rows]
    while len(parts) < problem.folds.repeats and not stopped:
        part, more = len(parts), dict[str, Row]()
        try:
            for i, rung in enumerate(rungs):
                tell = steps.after(done + ((part - 1) * len(rungs) + i) * k)
                below = more.get("additive") if rung.products else None
                more[rung.name] = fit_row(problem, splits, (rung, i), tell, below, part)
        except KeyboardInterrupt:
            return joined(parts), INTERRUPTED
        parts.append(list(more.values()))
        stopped = steps.clock.stopped
    return joined(parts), stopped


def joined(parts: Sequence[Sequence[Row]]) -> list[Row]:
    """The rows of every partition, rung by rung."""
    return [Row.joined(each) for each in zip(*parts, strict=True)]


def within_reach(
    rungs: tuple[Rung, ...], rows: list[Row]
) -> tuple[tuple[Rung, ...], list[Row], tuple[tuple[str, str], ...]]:
    """(rungs whose errors are finite and that are not those below again, their rows, the others with the reason)."""
    kept, astray = [], []
    for rung, row in zip(rungs, rows, strict=False):
        finite = np.isfinite(row.errors)
        if not finite.all():
            astray.append((rung.name, TOO_FAR.format(int(np.argmin(finite)) + 1)))
        elif rung.products and not any(fit.basis and fit.basis.pairs for fit in row.fits):
            astray.append((rung.name, NO_PAIR))
        else:
            kept.append((rung, row))
    return tuple(rung for rung, _ in kept), [row for _, row in kept], tuple(astray)


def attained(row: Row) -> bool:
    """Whether every fit of the rung is at a minimum: none stopped short, and none runs off to infinity."""
    return all(fit.verdict is not Verdict.INSUFFICIENT and not fit.separated for fit in row.fits)
