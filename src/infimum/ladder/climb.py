"""table → the rungs' errors on the same folds → the choice → its fit on all rows: what `infimum fit` does."""

import time
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np

from infimum.ladder.again import command_line, versions
from infimum.ladder.also import also_of, check_kinds, name_of
from infimum.ladder.fit import Fit, Sample, fit_rung
from infimum.ladder.intervals import intervals_of
from infimum.ladder.occam import Choice, choose, doubts, noticed
from infimum.ladder.problem import Problem, problem_of
from infimum.ladder.record import document_of, report_of
from infimum.ladder.reference import Reference, reference_kept, reference_of
from infimum.ladder.rows import (
    Clock,
    Progress,
    Row,
    Splits,
    Steps,
    Tell,
    attained,
    fit_again,
    fit_row,
    fit_rows,
    within_reach,
)
from infimum.ladder.rungs import Rung, rungs_for
from infimum.ladder.sets import sets_of
from infimum.ladder.terms import Terms
from infimum.ladder.time_left import costs_of
from infimum.ladder.widths import CURVE, Widths, steps_of, widths_of
from infimum.ladder.words import INTERRUPTED
from infimum.tables import Table, TableError
from infimum.tables.encode import Encoder
from infimum.tables.wishes import Wishes

Skipped = tuple[tuple[str, str], ...]
NO_COLUMN = "in some fold no column is left to learn from: the levels of the categories are too rare"
NO_NUMBER = "no column holds numbers that a curve could follow"
NONE_ATTAINED = (
    "no rung reaches its lowest loss in every fold, not even the constant: {!r} varies too little for its size, or too "
    "much, for float64 to tell; use units nearer to 1."
)
NO_TORCH = "it needs PyTorch, which is not installed: pip install 'infimum[networks]'"


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
    skipped: Skipped
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
    widths: Widths | None = None


@dataclass(frozen=True, eq=False)
class Compared:
    """What is compared: the problem with the repeats there was time for, rungs and their rows, lines beside them."""

    problem: Problem
    rungs: tuple[Rung, ...]
    rows: list[Row]
    skipped: Skipped
    reference: Reference | None
    also: tuple[Reference, ...]
    seconds: dict[str, float]


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
    problem = problem_of(table, target, wishes, seed, terms.metric, terms.repeats)
    return climb_on(problem, terms, progress or (lambda text, done, total: None), begun)


def climb_on(problem: Problem, terms: Terms, progress: Progress, begun: float) -> Climb:
    """The same from the problem on, for a caller who has something to say of it first; its time counts from `begun`."""
    check_kinds(problem, terms.also)
    ascent, seconds = ascend(problem, progress, terms)
    (intervals, residuals), (sets, scores) = (of(ascent, terms.coverage) for of in (intervals_of, sets_of))
    covering = {"coverage": terms.coverage, "intervals": intervals, "sets": sets}
    report = report_of(ascent, command_line(problem, terms), covering)
    arrays, document = document_of(ascent, report)
    arrays |= residuals | scores
    timings = {"rungs": seconds, "total": time.perf_counter() - begun, "versions": versions()}
    return Climb(report, arrays, document, timings)


def ascend(problem: Problem, progress: Progress, terms: Terms) -> tuple[Ascent, dict[str, float]]:
    """The climb itself, and the seconds each rung took."""
    folds, splits = problem.folds, [problem.encoded(j) for j in range(problem.folds.models)]
    rungs, without = rungs_there(problem, splits)
    costs = costs_of(rungs, (folds.k, folds.repeats), terms.reference + len(terms.also), bool(problem.leaks))
    beyond = steps_of(problem, rungs) if terms.width_curve else []
    steps = Steps(costs + beyond, Clock(time.perf_counter(), terms.budget), progress)
    found = compare(problem, splits, rungs, terms, steps)
    problem, rungs, rows = found.problem, found.rungs, found.rows
    begun = time.perf_counter()
    errors = np.array([row.errors for row in rows])
    good = np.array([attained(row) for row in rows])
    if not good.any():
        raise TableError(NONE_ATTAINED.format(problem.target))
    choice = choose(errors, *bars_of(problem, errors, rows), good, terms.rule)
    chosen, done = rungs[choice.chosen], len(costs) - 1 - folds.k * bool(problem.leaks)
    steps.tell(f"{chosen.name}, all rows", done)
    encoder, X = problem.encoded()
    sample = Sample(problem.loss, X, problem.y, encoder)
    refit = fit_rung(chosen, sample, [problem.seed, choice.chosen, len(splits)])
    seconds = found.seconds | {"refit": time.perf_counter() - begun}
    encoders = (*(encoder for encoder, _ in splits[: problem.folds.models]), encoder)
    leak = leak_of(problem, rungs, rows, steps.after(done + 1))
    begun = time.perf_counter()
    curve = problem, splits, (rungs, rows), steps.clock, steps.after(len(costs))
    widths, short = widths_of(*curve) if terms.width_curve else (None, ())
    seconds |= {CURVE: time.perf_counter() - begun} if widths else {}
    steps.tell("done", len(steps.costs))
    held_out, losses = (np.array(each) for each in zip(*((row.held_out, row.losses) for row in rows), strict=True))
    fitted = (tuple(row.fits for row in rows), errors, held_out, losses, choice, encoders, refit)
    return Ascent(
        problem, rungs, without + short + found.skipped, *fitted, leak, found.reference, found.also, widths
    ), seconds


def compare(problem: Problem, splits: Splits, rungs: tuple[Rung, ...], terms: Terms, steps: Steps) -> Compared:
    """Every rung in the folds of the first partition, then gradient boosting and others, then the repeats."""
    folds = problem.folds
    rows, seconds, stopped = fit_rows(problem, splits, rungs, steps)
    skipped, done = tuple((rung.name, stopped) for rung in rungs[len(rows) :]), folds.k * len(rows)
    rungs, rows, astray = within_reach(rungs, rows)
    stopped, begun = stopped or steps.clock.stopped, time.perf_counter()
    beside, without, stopped = lines_of(problem, splits, terms, stopped, steps.after(done))
    seconds |= {"reference": time.perf_counter() - begun} if beside[0] else {}
    done, stopped = done + folds.models * (terms.reference + len(terms.also)), stopped or steps.clock.stopped
    begun = time.perf_counter()
    rows, stopped = fit_again(problem, splits, (rungs, rows), stopped, steps, done)
    seconds |= {"repeats": time.perf_counter() - begun} if folds.repeats > 1 else {}
    rungs, rows, beyond = within_reach(rungs, rows)
    repeats = len(rows[0].errors) // folds.k
    late = tuple((f"repeat {r + 1}", stopped) for r in range(repeats, folds.repeats))
    reference, *also = (line and line.of_first(folds.k * repeats) for line in beside)
    skipped += astray + beyond + without + late
    return Compared(problem.repeated(repeats), rungs, rows, skipped, reference, tuple(also), seconds)


def lines_of(
    problem: Problem, splits: Splits, terms: Terms, stopped: str, tell: Tell
) -> tuple[list[Any], Skipped, str]:
    """([gradient boosting or None, the other estimators …], those left out with the reason, why nothing more starts).

    Nothing starts if `stopped` says why not.
    """
    line, skipped, done = None, (), len(splits) * terms.reference
    if terms.reference and stopped:
        skipped = (("reference", stopped),)
    elif terms.reference and all(X.shape[1] for _, X in splits):
        line, why = reference_kept(lambda: reference_of(problem, splits, tell))
        skipped = tuple(("reference", each) for each in why)
    stopped = INTERRUPTED if ("reference", INTERRUPTED) in skipped else stopped
    also, left = also_of(problem, splits, () if stopped else terms.also, lambda text, j: tell(text, done + j))
    left += tuple((name_of(each), stopped) for each in terms.also * bool(stopped))
    interrupted = any(why == INTERRUPTED for _, why in left)
    return [line, *also], skipped + left, INTERRUPTED if interrupted else stopped


def rungs_there(problem: Problem, splits: Splits) -> tuple[tuple[Rung, ...], Skipped]:
    """(the rungs that can be fitted here, those that can't with the reason)."""
    every = rungs_for(problem.task.kind, len(problem.task.classes or ()))
    why = {"network": NO_TORCH} if find_spec("torch") is None else {}
    if any(X.shape[1] == 0 for _, X in splits):
        why = dict.fromkeys(("additive", "products", "network"), NO_COLUMN)
    elif not any(encoder.numbers for encoder, _ in splits):
        why["additive"] = NO_NUMBER
    skipped = tuple((rung.name, why[rung.name]) for rung in every if rung.name in why)
    return tuple(rung for rung in every if rung.name not in why), skipped


def bars_of(problem: Problem, errors: np.ndarray, rows: list[Row]) -> tuple[np.ndarray, np.ndarray]:
    """(the standard errors of the differences of the rungs, (rungs, rungs), the gain noticed in each, (rungs,))."""
    folds, rooted = problem.folds, problem.metric.rooted
    losses = np.array([row.losses[folds.ever_held] for row in rows])
    how = (folds.overlap, losses, rooted, folds.repeats)
    return doubts(errors, *how), noticed(errors, *how)


def leak_of(problem: Problem, rungs: tuple[Rung, ...], rows: list[Row], tell: Tell) -> Leak | None:
    """The error of ridge regression with the columns that give the target away, beside its error without them."""
    at = next((i for i, rung in enumerate(rungs) if rung.name == "ridge"), None)
    if not problem.leaks or at is None:
        return None
    splits = [problem.encoded(j, problem.leaks) for j in range(problem.folds.k)]
    row = fit_row(problem, splits, (rungs[at], 0), lambda text, done: tell(f"with the leaks, {text}", done))
    if not np.isfinite(row.errors).all():
        return None
    without = rows[at].errors[: problem.folds.k]  # in the same folds
    return Leak(problem.leaks, rungs[at].title, float(row.errors.mean()), float(without.mean()))
