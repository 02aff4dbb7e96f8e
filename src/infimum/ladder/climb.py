"""table → the rungs' errors on the same folds → the choice → its fit on all rows: what `infimum fit` does."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np

from infimum.certificates.claim import Verdict
from infimum.evaluation.metrics import Metric
from infimum.ladder.again import command_line, versions
from infimum.ladder.also import also_of, name_of
from infimum.ladder.fit import Fit, Sample, fit_rung
from infimum.ladder.intervals import intervals_of
from infimum.ladder.occam import Choice, choose, doubts, noticed
from infimum.ladder.problem import Problem, problem_of
from infimum.ladder.record import document_of, report_of
from infimum.ladder.reference import Reference, reference_kept, reference_of
from infimum.ladder.rungs import Rung, rungs_for
from infimum.ladder.sets import sets_of
from infimum.ladder.terms import Terms
from infimum.ladder.time_left import costs_of, time_left
from infimum.ladder.words import BUDGET, INTERRUPTED
from infimum.tables import Table, TableError
from infimum.tables.encode import Encoder
from infimum.tables.wishes import Wishes

Progress = Callable[[str, int, int], None]
Splits = list[tuple[Encoder, np.ndarray]]
NO_COLUMN = "in some fold no column is left to learn from: the levels of the categories are too rare"
NO_NUMBER = "no column holds numbers that a curve could follow"
FURTHEST = 230.0  # logarithm of an expected count: the squares of larger ones leave float64
TOO_FAR = "in fold {} it predicts counts beyond 1e+99 on rows held out: their columns lie far from those learned from"
NONE_ATTAINED = (
    "no rung reaches its lowest loss in every fold, not even the constant: {!r} varies too little for its size, or too "
    "much, for float64 to tell; use units nearer to 1."
)
NO_PAIR = "in no fold do the residuals ask for a product of two columns"
FEWEST = 2  # rungs that a choice is made among
NO_TORCH = "it needs PyTorch, which is not installed: pip install 'infimum[networks]'"


@dataclass(frozen=True)
class Clock:
    """The seconds within which rungs may start, from `begun` on; None for no limit."""

    begun: float
    budget: float | None

    @property
    def may_start(self) -> bool:
        """Whether there is time left."""
        return self.budget is None or time.perf_counter() - self.begun < self.budget

    @property
    def over(self) -> str:
        """Why a rung was not started."""
        return f"{BUDGET} of {self.budget:g} s was used up before it could start"


@dataclass(frozen=True, eq=False)
class Row:
    """One rung in every fold: fits and errors by fold; on rows held out z (n,) or (n, m) and what each costs (n,).

    Both are NaN on rows that are never held out.
    """

    fits: tuple[Fit, ...]
    errors: np.ndarray
    held_out: np.ndarray
    losses: np.ndarray


@dataclass(frozen=True)
class Leak:
    """What the columns left out as leaks would have done: the mean error of one rung with them, and without."""

    columns: tuple[str, ...]
    title: str
    error_with: float
    error_without: float


@dataclass(frozen=True, eq=False)
class Ascent:
    """What the climb found: fits[rung][fold], errors (rungs, folds), the choice, and the refit of the chosen rung."""

    problem: Problem
    rungs: tuple[Rung, ...]
    skipped: tuple[tuple[str, str], ...]
    fits: tuple[tuple[Fit, ...], ...]
    errors: np.ndarray
    held_out: np.ndarray  # z of each rung on the rows of the fold that was left out, (rungs, n) or (rungs, n, m)
    losses: np.ndarray  # what they cost, of which the error is the mean, (rungs, n)
    choice: Choice
    encoders: tuple[Encoder, ...]  # one a fold, then the one of all rows
    refit: Fit
    leak: Leak | None
    reference: Reference | None
    also: tuple[Reference, ...]


@dataclass(frozen=True)
class Climb:
    """report (report.json), arrays and document (model.safetensors), timings (timings.json)."""

    report: dict[str, Any]
    arrays: dict[str, np.ndarray]
    document: dict[str, Any]
    timings: dict[str, Any]


def climb(
    table: Table,
    target: str,
    wishes: Wishes | None = None,
    terms: Terms | None = None,
    *,
    seed: int = 0,
    progress: Progress | None = None,
) -> Climb:
    """Every rung on the same folds; the simplest that none beats by a gain that counts, refitted on all rows.

    `terms` may ask for the rung of the lowest error instead, to leave out gradient boosting as a reference, or for
    intervals and sets of another coverage.

    progress(text, done, total) is called before each fit. The same table, wishes, seed and versions give the same
    report and model, bit for bit. An interruption (KeyboardInterrupt) after two rungs keeps those that are whole.
    Raises TableError where the table cannot be learned from.
    """
    begun, terms = time.perf_counter(), terms or Terms()
    problem = problem_of(table, target, wishes, seed, terms.metric)
    ascent, seconds = ascend(problem, progress or (lambda text, done, total: None), terms)
    (intervals, residuals), (sets, scores) = (of(ascent, terms.coverage) for of in (intervals_of, sets_of))
    covering = {"coverage": terms.coverage, "intervals": intervals, "sets": sets}
    report = report_of(ascent, command_line(problem, terms), covering)
    arrays, document = document_of(ascent, report)
    arrays |= residuals | scores
    timings = {"rungs": seconds, "total": time.perf_counter() - begun, "versions": versions()}
    return Climb(report, arrays, document, timings)


def ascend(problem: Problem, progress: Progress, terms: Terms) -> tuple[Ascent, dict[str, float]]:
    """The climb itself, and the seconds each rung took."""
    splits = [problem.encoded(j) for j in range(problem.folds.k)]
    k, (rungs, skipped) = len(splits), rungs_there(problem, splits)
    costs = costs_of(rungs, k, terms.reference + len(terms.also), bool(problem.leaks))
    total, clock = len(costs), Clock(time.perf_counter(), terms.budget)

    def tell(text: str, done: int) -> None:
        progress(text + time_left(costs, done, time.perf_counter() - clock.begun), done, total)

    rows, seconds, interrupted = fit_rows(problem, splits, rungs, tell, clock)
    skipped += tuple((rung.name, INTERRUPTED if interrupted else clock.over) for rung in rungs[len(rows) :])
    rungs, rows, astray = within_reach(rungs, rows)
    skipped, done = skipped + astray, k * (len(rungs) + len(astray))
    line = None
    if terms.reference and not interrupted and not clock.may_start:
        skipped += (("reference", clock.over),)
    elif terms.reference and not interrupted and all(X.shape[1] for _, X in splits):
        begun = time.perf_counter()
        line, without = reference_kept(lambda: reference_of(problem, splits, lambda text, j: tell(text, done + j)))
        skipped += tuple(("reference", why) for why in without)
        seconds["reference"] = time.perf_counter() - begun
    done += k * terms.reference
    stopped = INTERRUPTED if interrupted else "" if clock.may_start else clock.over
    also, without = also_of(problem, splits, () if stopped else terms.also, lambda text, j: tell(text, done + j))
    skipped += without + tuple((name_of(each), stopped) for each in terms.also * bool(stopped))
    begun = time.perf_counter()
    errors = np.array([row.errors for row in rows])
    good = np.array([attained(row) for row in rows])
    if not good.any():
        raise TableError(NONE_ATTAINED.format(problem.target))
    choice = choose(errors, *bars_of(problem, errors, rows), good, terms.rule)
    chosen, done = rungs[choice.chosen], done + k * len(terms.also)
    tell(f"{chosen.name}, all rows", done)
    encoder, X = problem.encoded()
    sample = Sample(problem.loss, X, problem.y, encoder)
    refit = fit_rung(chosen, sample, [problem.seed, choice.chosen, k])
    seconds["refit"] = time.perf_counter() - begun
    encoders = (*(encoder for encoder, _ in splits), encoder)
    leak = leak_of(problem, rungs, rows, lambda text, j: tell(text, done + 1 + j))
    tell("done", total)
    held_out, losses = (np.array(each) for each in zip(*((row.held_out, row.losses) for row in rows), strict=True))
    fitted = (tuple(row.fits for row in rows), errors, held_out, losses)
    return Ascent(problem, rungs, skipped, *fitted, choice, encoders, refit, leak, line, also), seconds


def fit_rows(
    problem: Problem, splits: Splits, rungs: tuple[Rung, ...], tell: Callable[[str, int], None], clock: Clock
) -> tuple[list[Row], dict[str, float], bool]:
    """(the rungs that were fitted in every fold, their seconds, whether an interruption kept the others from it).

    Where the time is used up no further rung starts, but two there are always.
    """
    rows: list[Row] = []
    seconds: dict[str, float] = {}
    try:
        for i, rung in enumerate(rungs):
            if i >= FEWEST and not clock.may_start:
                break
            begun = time.perf_counter()
            rows.append(fit_row(problem, splits, (rung, i), tell, rows[-1] if rung.products else None))
            seconds[rung.name] = time.perf_counter() - begun
    except KeyboardInterrupt:
        if len(rows) < FEWEST:
            raise
        return rows, seconds, True
    return rows, seconds, False


def rungs_there(problem: Problem, splits: Splits) -> tuple[tuple[Rung, ...], tuple[tuple[str, str], ...]]:
    """(the rungs that can be fitted here, those that can't with the reason)."""
    every = rungs_for(problem.task.kind, len(problem.task.classes or ()))
    why = {"network": NO_TORCH} if find_spec("torch") is None else {}
    if any(X.shape[1] == 0 for _, X in splits):
        why = dict.fromkeys(("additive", "products", "network"), NO_COLUMN)
    elif not any(encoder.numbers for encoder, _ in splits):
        why["additive"] = NO_NUMBER
    skipped = tuple((rung.name, why[rung.name]) for rung in every if rung.name in why)
    return tuple(rung for rung in every if rung.name not in why), skipped


def fit_row(
    problem: Problem,
    splits: Splits,
    numbered: tuple[Rung, int],
    tell: Callable[[str, int], None],
    below: Row | None = None,
) -> Row:
    """One rung in every fold: fits, errors, predictions of the rows held out; `below` is the one without products."""
    (rung, i), folds, fits, errors = numbered, problem.folds, [], []
    m = problem.loss.outputs
    held_out = np.full((len(problem.y), m) if m > 1 else len(problem.y), np.nan)
    losses = np.full(len(problem.y), np.nan)
    for j, (encoder, X) in enumerate(splits):
        tell(f"{rung.name}, fold {j + 1} of {folds.k}", i * folds.k + j)
        train, held = folds.train(j), folds.held(j)
        sample = Sample(problem.loss, X[train], problem.y[train], encoder)
        fit = fit_rung(rung, sample, [problem.seed, i, j], below.fits[j] if below else None)
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


def bars_of(problem: Problem, errors: np.ndarray, rows: list[Row]) -> tuple[np.ndarray, np.ndarray]:
    """(the standard errors of the differences of the rungs, (rungs, rungs), the gain noticed in each, (rungs,))."""
    folds, rooted = problem.folds, problem.metric.rooted
    losses = np.array([row.losses[folds.ever_held] for row in rows])
    return doubts(errors, folds.overlap, losses, rooted), noticed(errors, folds.overlap, losses, rooted)


def attained(row: Row) -> bool:
    """Whether every fit of the rung is at a minimum: none stopped short, and none runs off to infinity."""
    return all(fit.verdict is not Verdict.INSUFFICIENT and not fit.separated for fit in row.fits)


def leak_of(
    problem: Problem, rungs: tuple[Rung, ...], rows: list[Row], tell: Callable[[str, int], None]
) -> Leak | None:
    """The error of ridge regression with the columns that give the target away, beside its error without them."""
    at = next((i for i, rung in enumerate(rungs) if rung.name == "ridge"), None)
    if not problem.leaks or at is None:
        return None
    splits = [problem.encoded(j, problem.leaks) for j in range(problem.folds.k)]
    row = fit_row(problem, splits, (rungs[at], 0), lambda text, done: tell(f"with the leaks, {text}", done))
    if not np.isfinite(row.errors).all():
        return None
    return Leak(problem.leaks, rungs[at].title, float(row.errors.mean()), float(rows[at].errors.mean()))
