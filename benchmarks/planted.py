"""Tables drawn from each rung: is that rung picked, or a simpler one that is as good?

    python benchmarks/planted.py [TABLES [numbers | classes | TRUTH ...]]

For each convex rung and either kind of target, TABLES tables (50) are drawn from the rung: 500 to 5,000 rows, 4 to 24
columns, noise such that R² is 0.5 to 0.9 (of the log-odds for classes); as many of pure noise, and a fifth as many from
a small network, the only ones that a network is fitted to. A pick is right if it is the rung drawn from, or a simpler
one whose error on 20,000 fresh rows is within one standard error of that rung's, the standard error being that of its
error in the report; beside it, the share by the much smaller standard error of their difference. Prints a line for each
(all take an hour) and, from 50 tables on, puts it in its place in benchmarks/results/planted.txt; exits with 1 where
picks are right in less than 90% (of noise: 95%).
Whether the stated error is honest: benchmarks/searches.py.
"""

import os
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from kept import keep, machine

FRESH = 20_000
RIGHT = {"noise": 0.95}
TRUTHS = ("noise", "least squares", "ridge", "lasso", "elastic net", "additive", "products")
EVERY = (*TRUTHS, "network")
KINDS = ("numbers", "classes")
ORDER = ("constant", "least squares", "logistic", "ridge", "lasso", "elastic net", "additive", "products", "network")
UNITS = 6  # of the hidden layer of the small network


@dataclass(frozen=True)
class Found:
    """Of one table: the rung picked, whether that is right, by each standard error."""

    picked: str
    right: bool
    closely: bool


def signal_of(truth: str, p: int, rng: np.random.Generator):
    """X (n, p) ↦ signal (n,): as the rung believes it to be."""
    few = rng.choice(p, max(p // 6, 2), replace=False)
    b, signs = np.zeros(p), rng.choice([-1.0, 1.0], p)
    if truth == "ridge":
        b = rng.normal(size=p)
    elif truth == "least squares":
        b = signs
    elif truth in ("lasso", "elastic net"):
        b[few] = signs[0] if truth == "lasso" else 1.0
    inward, outward = rng.normal(size=(p, UNITS)) / np.sqrt(p) * 3, rng.choice([-1.0, 1.0], UNITS)
    waves, pairs = rng.uniform(1.0, 2.0, p), [(few[0], few[1]), (few[1], (few[0] + 1) % p)]

    def signal(X: np.ndarray) -> np.ndarray:
        curved = np.zeros(len(X))
        if truth in ("additive", "products"):
            curved += np.sum(signs[few] * np.sin(waves[few] * X[:, few]), axis=1)
        if truth == "products":
            curved += sum(X[:, i] * X[:, j] for i, j in pairs if i != j)
        if truth == "network":
            curved += np.maximum(X @ inward + np.linspace(-1, 1, UNITS), 0.0) @ outward
        return X @ b + curved

    return signal


def drawn(truth: str, classes: bool, n: int, rng: np.random.Generator):
    """(learn, fresh): two tables from one truth, of n and FRESH rows."""
    from infimum.tables import Column, Table, text_column

    p = int(rng.integers(4, 25)) if truth != "ridge" else 24
    signal, share = signal_of(truth, p, rng), rng.uniform(0.5, 0.9)
    L = rng.normal(size=(p, p)) / np.sqrt(p) + np.eye(p)  # columns that hang together
    L /= np.linalg.norm(L, axis=0)
    spread = float(np.std(signal(rng.normal(size=(FRESH, p)) @ L)))
    scale = np.sqrt(share / (1 - share)) / spread if spread > 0 else 0.0
    tables = []
    for rows in (n, FRESH):
        X = rng.normal(size=(rows, p)) @ L
        z = scale * signal(X)
        if classes:
            up = np.pi / np.sqrt(3) * z + rng.logistic(size=rows) > 0
            target = text_column("y", np.where(up, "yes", "no").tolist())
        else:
            target = Column("y", "number", z + rng.normal(size=rows))
        tables.append(Table("drawn", (*(Column(f"x{j}", "number", X[:, j].copy()) for j in range(p)), target)))
    return tables


def fresh_target(fresh) -> np.ndarray:
    """y (n,) of the table of fresh rows, 1 for yes."""
    target = fresh.column("y")
    return target.values if target.kind == "number" else (np.array(target.levels)[target.values] == "yes").astype(float)


def on_fresh_rows(climb, fresh) -> float:
    """The error of the chosen rung on the fresh rows, by the metric that decided."""
    import sklearn.metrics

    from infimum.ladder.fitted import Fitted

    predicted, y = Fitted(climb.arrays, climb.document).predict(fresh), fresh_target(fresh)
    metric = climb.report["metric"]
    if "p(yes)" not in predicted:
        of = {"rmse": "root_mean_squared_error", "mae": "mean_absolute_error", "r2": "r2_score"}
        found = getattr(sklearn.metrics, of[metric])(y, predicted["prediction"])
    else:
        p = np.asarray(predicted["p(yes)"])
        of = {"log_loss": "log_loss", "brier": "brier_score_loss", "accuracy": "accuracy_score", "auc": "roc_auc_score"}
        found = getattr(sklearn.metrics, of[metric])(y, p > 0.5 if metric == "accuracy" else p)
    return float(1 - found if metric in ("r2", "accuracy", "auc") else found)


def found_in(truth: str, classes: bool, seed: int, n: int) -> Found:
    """Climb on one table drawn from the truth, and look at the fresh one."""
    import infimum.ladder.climb as climbing
    from infimum.ladder.fit import Sample, fit_rung
    from infimum.ladder.occam import standard_error
    from infimum.ladder.problem import problem_of
    from infimum.ladder.terms import Terms

    if truth != "network":
        climbing.find_spec = lambda name: None  # the convex rungs
    learn, fresh = drawn(truth, classes, n, np.random.default_rng([seed, EVERY.index(truth)]))
    problem = problem_of(learn, "y", seed=seed)
    ascent, _ = climbing.ascend(problem, lambda text, done, total: None, Terms(reference=False))
    encoder, X = problem.encoded()
    y, encoded = fresh_target(fresh), encoder.encode(fresh)
    names, choice = [rung.name for rung in ascent.rungs], ascent.choice
    home = "constant" if truth == "noise" else "logistic" if classes and truth == "least squares" else truth
    there, picked = names.index(home), choice.chosen
    right = closely = picked == there
    if picked < there:
        own = fit_rung(ascent.rungs[there], Sample(problem.loss, X, problem.y, encoder), [seed, there, 9])
        lost = problem.metric.error(ascent.refit.predict(encoded), y) - problem.metric.error(own.predict(encoded), y)
        overlap, errors = problem.folds.overlap, ascent.errors
        right = lost <= standard_error(errors[there], overlap)
        closely = lost <= standard_error(errors[picked] - errors[there], overlap)
    return Found(names[picked], right, closely)


def line(truth: str, classes: bool, tables: int) -> tuple[str, bool]:
    """(what was found in the tables of one truth, whether enough picks were right)."""
    rng = np.random.default_rng(7)
    sizes = [int(n) for n in rng.integers(500, 5001, tables if truth in TRUTHS else max(tables // 5, 1))]
    with ProcessPoolExecutor(len(os.sched_getaffinity(0)), mp_context=get_context("spawn")) as pool:
        every = list(pool.map(partial(found_in, truth, classes), range(len(sizes)), sizes))
    right, closely = (np.mean([getattr(each, key) for each in every]) for key in ("right", "closely"))
    names = [each.picked for each in every]
    picks = ", ".join(f"{name} {names.count(name)}" for name in ORDER if name in names)
    enough = bool(right >= RIGHT.get(truth, 0.9))
    words = f"{len(every)} tables, right {right:.0%} ({closely:.0%} closely); picked {picks}"
    kind = "classes" if classes else "numbers"
    return f"{kind}, drawn from {truth}: {words}{'' if enough else '   TOO FEW'}", enough


def main() -> int:
    """Print a line for each truth and kind of target asked for, and keep those of whole runs."""
    tables, asked = int(sys.argv[1]) if sys.argv[1:] else 50, sys.argv[2:]
    unknown = [each for each in asked if each not in (*KINDS, *EVERY)]
    if unknown:
        sys.exit(f"there is no {', '.join(unknown)}; there are {', '.join((*KINDS, *EVERY))}")
    kinds = [kind for kind in KINDS if kind in asked] or KINDS
    order = ["machine", *(f"{kind}, drawn from {truth}" for kind in KINDS for truth in EVERY)]
    sound = True
    for kind in kinds:
        for truth in [truth for truth in EVERY if truth in asked] or EVERY:
            said, enough = line(truth, kind == "classes", tables)
            print(said, flush=True)
            sound = sound and enough
            if tables >= 50:
                keep(Path(__file__).parent / "results" / "planted.txt", [machine(), said], order, name_of)
    return 0 if sound else 1


def name_of(said: str) -> str:
    """The part of a line before its colon: each kind and truth has one."""
    return said.partition(":")[0]


if __name__ == "__main__":
    sys.exit(main())
