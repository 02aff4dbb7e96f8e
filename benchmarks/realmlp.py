"""The ladder's network beside pytabkit's RealMLP-TD on 20 public tables: their errors on the same folds.

    INFIMUM_DATA=FOLDER PYTABKIT=PYTHON python benchmarks/realmlp.py [TABLE ...]

PYTABKIT is the Python of an environment that holds pytabkit: each of its fits is a process of its own, on one thread,
as ours are. Rows, folds and columns are those of benchmarks/ladder.py. RealMLP sees numbers as they are, gaps filled by
the median of the rows learned from, and categories as such; of classes it minimises the log-loss, without smoothed
labels, as it is measured by it. Each line is printed, and kept in its place in benchmarks/results/realmlp.txt; nothing
is required here: the last line says how the errors compare.
"""

import math
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from kept import keep, machine
from public_tables import TARGETS, TIME, folder

ROWS = 10_000
MACHINE, MEAN = "machine", "geometric mean"
PAGE = Path(__file__).parent / "results" / "realmlp.txt"
THEIRS = """
import sys
import numpy as np, pandas as pd
from pytabkit import RealMLP_TD_Classifier, RealMLP_TD_Regressor
given = np.load(sys.argv[1])
frames = [pd.DataFrame(given[name]) for name in ("learned", "held")]
for j in np.flatnonzero(given["is_category"]):
    for frame in frames:
        frame[j] = frame[j].astype(int).astype(str)
how = dict(device="cpu", n_threads=1, random_state=0)
if given["classes"]:
    model = RealMLP_TD_Classifier(val_metric_name="cross_entropy", use_ls=False, **how)
    found = model.fit(frames[0], given["y"].astype(int)).predict_proba(frames[1])
else:
    found = RealMLP_TD_Regressor(**how).fit(frames[0], given["y"]).predict(frames[1])
np.save(sys.argv[2], found)
"""


def rows_of(name: str) -> Any:
    """The problem of a table, as benchmarks/ladder.py poses it."""
    from infimum.ladder.problem import problem_of
    from infimum.tables.reading.read import read_table
    from infimum.tables.wishes import Wishes

    table = read_table(folder() / name / f"{name}.csv.gz")
    if table.rows > ROWS:
        table = table.take(np.sort(np.random.default_rng(0).choice(table.rows, ROWS, replace=False)))
    return problem_of(table, TARGETS[name], Wishes(time=TIME.get(name, "")))


def ours(problem: Any, j: int) -> float:
    """The error of the ladder's network on fold j."""
    from infimum.ladder.fit import Sample, fit_rung
    from infimum.ladder.rungs import rungs_for

    (encoder, X), train, held = problem.encoded(j), problem.folds.train(j), problem.folds.held(j)
    rungs = rungs_for(problem.loss.task, problem.loss.outputs + 1)
    sample = Sample(problem.loss, X[train], problem.y[train], encoder)
    fit = fit_rung(rungs[-1], sample, [problem.seed, len(rungs) - 1, j])
    return float(problem.metric.error(fit.predict(X[held]), problem.y[held]))


def theirs(problem: Any, j: int) -> float:
    """The error of RealMLP-TD on fold j."""
    from infimum.ladder.reference import SURE, columns_for_trees
    from infimum.losses.multinomial import contrasts

    train, held, classes = problem.folds.train(j), problem.folds.held(j), problem.loss.task == "classification"
    M, is_category = columns_for_trees(problem, *problem.encoded(j))
    middle = [np.median(column[np.isfinite(column)]) if np.isfinite(column).any() else 0.0 for column in M[train].T]
    M = np.where(np.isfinite(M), M, middle)
    with tempfile.TemporaryDirectory() as scratch:
        given, found = Path(scratch) / "given.npz", Path(scratch) / "found.npy"
        rows = {"learned": M[train], "held": M[held], "y": problem.y[train]}
        np.savez(given, is_category=is_category, classes=classes, **rows)
        command = [os.environ["PYTABKIT"], "-W", "ignore", "-c", THEIRS, str(given), str(found)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        z = np.load(found)
    if classes:
        P = np.clip(z, SURE, 1 - SURE)
        z = np.log(P[:, 1] / P[:, 0]) if problem.loss.outputs == 1 else np.log(P) @ contrasts(problem.loss.outputs + 1)
    return float(problem.metric.error(z, problem.y[held]))


def line(name: str) -> str:
    """The mean errors of both on the folds of a table, in turns, and their seconds."""
    problem = rows_of(name)
    found, seconds = np.empty((problem.folds.models, 2)), np.zeros(2)
    for j in range(len(found)):
        for at, fit in enumerate((ours, theirs)):
            begun = time.perf_counter()
            found[j, at] = fit(problem, j)
            seconds[at] += time.perf_counter() - begun
    mean = found.mean(axis=0)
    return (
        f"{name + ':':<20}{problem.metric.name:<10}network {mean[0]:<11.5g}RealMLP-TD {mean[1]:<11.5g}"
        f"ratio {mean[0] / mean[1]:.3f}   {seconds[0]:.0f} s and {seconds[1]:.0f} s"
    )


def compared(lines: list[str]) -> str:
    """The geometric mean and median of the ratios of the lines that are there."""
    ratios = sorted(float(each.partition("ratio ")[2].split()[0]) for each in lines if "ratio " in each)
    mean, middle = math.exp(sum(map(math.log, ratios)) / len(ratios)), ratios[len(ratios) // 2]
    return f"{MEAN} of {len(ratios)}: network / RealMLP-TD {mean:.2f}, median {middle:.2f}"


def main() -> int:
    """Print and keep the lines of the tables named on the command line (all 20 without a name)."""
    if "PYTABKIT" not in os.environ:
        print("set PYTABKIT to the Python of an environment in which pytabkit is installed", file=sys.stderr)
        return 2
    order = [MACHINE, *TARGETS, MEAN]

    def name_of(said: str) -> str:
        return next(name for name in order if said.startswith(name))

    for name in sys.argv[1:] or TARGETS:
        said = line(name)
        print(said, flush=True)
        lines = keep(PAGE, [f"{machine()}; one thread", said], order, name_of)
        keep(PAGE, [compared(lines)], order, name_of)
    print(compared(keep(PAGE, [], order, name_of)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
