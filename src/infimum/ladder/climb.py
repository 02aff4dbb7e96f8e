"""table → the rungs' errors on the same folds → the choice → its fit on all rows: what `infimum fit` does."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np

from infimum.evaluation.scores import error
from infimum.ladder.fit import Fit, fit_rung
from infimum.ladder.occam import Choice, one_standard_error
from infimum.ladder.problem import FOLDS, Problem, problem_of
from infimum.ladder.record import document_of, report_of
from infimum.ladder.rungs import Rung, rungs_for
from infimum.tables import Table
from infimum.tables.encode import Encoder

Progress = Callable[[str, int, int], None]
NO_COLUMN = "in some fold no column is left to learn from: the levels of the categories are too rare"
NO_TORCH = "it needs PyTorch, which is not installed: pip install 'infimum[networks]'"


@dataclass(frozen=True, eq=False)
class Ascent:
    """What the climb found: fits[rung][fold], errors (rungs, folds), the choice, and the refit of the chosen rung."""

    problem: Problem
    rungs: tuple[Rung, ...]
    skipped: tuple[tuple[str, str], ...]
    fits: tuple[tuple[Fit, ...], ...]
    errors: np.ndarray
    held_out: np.ndarray  # z of each rung on the rows of the fold that was left out, (rungs, n)
    choice: Choice
    encoders: tuple[Encoder, ...]  # one a fold, then the one of all rows
    refit: Fit


@dataclass(frozen=True)
class Climb:
    """report (report.json), arrays and document (model.safetensors), timings (timings.json)."""

    report: dict[str, Any]
    arrays: dict[str, np.ndarray]
    document: dict[str, Any]
    timings: dict[str, Any]


def climb(
    table: Table, target: str, *, drop: tuple[str, ...] = (), seed: int = 0, progress: Progress | None = None
) -> Climb:
    """Every rung on the same folds, the simplest within one standard error of the best, refitted on all rows.

    progress(text, done, total) is called before each fit. The same table, seed and versions give the same report and
    model, bit for bit. Raises TableError where the table cannot be learned from.
    """
    begun = time.perf_counter()
    ascent, seconds = ascend(problem_of(table, target, drop, seed), progress or (lambda text, done, total: None))
    report = report_of(ascent, command_line(table.name, target, drop, seed))
    arrays, document = document_of(ascent, report)
    timings = {"rungs": seconds, "total": time.perf_counter() - begun, "versions": versions()}
    return Climb(report, arrays, document, timings)


def ascend(problem: Problem, progress: Progress) -> tuple[Ascent, dict[str, float]]:
    """The climb itself, and the seconds each rung took."""
    every = rungs_for(problem.task.kind)
    there = find_spec("torch") is not None
    rungs = tuple(rung for rung in every if there or rung.form != "network")
    skipped = tuple((rung.name, NO_TORCH) for rung in every if rung not in rungs)
    splits = [problem.encoded(problem.fold != k) for k in range(FOLDS)]
    if any(X.shape[1] == 0 for _, X in splits):
        rungs = tuple(rung for rung in rungs if rung.form != "network")
        skipped = tuple((rung.name, NO_COLUMN) for rung in every if rung not in rungs)
    total, done = len(rungs) * FOLDS + 1, 0
    errors, held_out = np.empty((len(rungs), FOLDS)), np.empty((len(rungs), len(problem.y)))
    fits: list[tuple[Fit, ...]] = []
    seconds: dict[str, float] = {}
    for i, rung in enumerate(rungs):
        begun, row = time.perf_counter(), []
        for k, (encoder, X) in enumerate(splits):
            progress(f"{rung.name}, fold {k + 1} of {FOLDS}", done, total)
            train, held = problem.fold != k, problem.fold == k
            fit = fit_rung(rung, problem.loss, X[train], problem.y[train], [problem.seed, i, k], names_of(encoder))
            held_out[i, held] = fit.predict(X[held])
            errors[i, k] = error(problem.loss, held_out[i, held], problem.y[held])
            row.append(fit)
            done += 1
        fits.append(tuple(row))
        seconds[rung.name] = time.perf_counter() - begun
    choice = one_standard_error(errors)
    progress(f"{rungs[choice.chosen].name}, all rows", done, total)
    begun = time.perf_counter()
    encoder, X = problem.encoded()
    seeds = [problem.seed, choice.chosen, FOLDS]
    refit = fit_rung(rungs[choice.chosen], problem.loss, X, problem.y, seeds, names_of(encoder))
    seconds["refit"] = time.perf_counter() - begun
    encoders = (*(encoder for encoder, _ in splits), encoder)
    progress("done", total, total)
    return Ascent(problem, rungs, skipped, tuple(fits), errors, held_out, choice, encoders, refit), seconds


def names_of(encoder: Encoder) -> tuple[str, ...]:
    """The features as claims name them: a number is centred and scaled there, and says so."""
    numbers = {code.name for code in encoder.codes if code.kind == "number"}
    return tuple(f"standardised {name}" if name in numbers else name for name in encoder.names)


def versions() -> dict[str, str]:
    """{package: version} of what computed the numbers."""
    import platform
    from importlib.metadata import version

    packages = (
        ("infimum", "numpy", "scipy", "numba", "torch")
        if find_spec("torch")
        else ("infimum", "numpy", "scipy", "numba")
    )
    return {"python": platform.python_version(), **{name: version(name) for name in packages}}


def command_line(name: str, target: str, drop: tuple[str, ...], seed: int) -> str:
    """The command that does this again."""
    import shlex

    dropped = "".join(f" --drop {shlex.quote(column)}" for column in drop)
    return f"infimum fit {shlex.quote(name)} --target {shlex.quote(target)}{dropped}" + (
        f" --seed {seed}" if seed else ""
    )
