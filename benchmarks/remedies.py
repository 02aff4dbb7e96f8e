"""Remedies tried on networks made sick on purpose: do those that are kept help on rows and seeds that they never saw?

    INFIMUM_DATA=FOLDER python benchmarks/remedies.py [SEED ...]

The sick trainings of `benchmarks/sick.py`, each on two tables, once a seed (41 42). Those in which something is found
have the remedies of their findings tried (`diagnoses/remedies.py`); where one is kept, the training is done again with
and without it on three fresh draws of the table (seeds from 1001 on), a fifth of the rows set apart, and the mean loss
there counts. Prints a line a training and the share of the remedies kept that improve it; writes
benchmarks/results/remedies.txt; exits with 1 below 70%.
"""

import os
import sys
import warnings
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from kept import machine
from sick import HELD, SICK, Case, problem

from infimum.diagnoses.remedies import REMEDIES, Setting, remedied, usual_start
from infimum.diagnoses.training import findings_of
from infimum.solvers.training import Training

SEEDS, FRESH, ASKED, APART, WORST = (41, 42), (1001, 1002, 1003), 0.7, 0.2, 100.0
PAGE = Path(__file__).parent / "results" / "remedies.txt"


def setting_of(table: str, case: Case, seed: int) -> Setting:
    """The training of that case, rows drawn by the seed."""
    F = problem(table, case, np.random.default_rng(seed))
    plain = case.start is np.asarray
    start = usual_start if plain else lambda F, rng: case.start(usual_start(F, rng))
    return Setting(F, Training(**{**HELD, **case.training}), start)


def judged(setting: Setting, seed: int) -> float:
    """Mean loss on a fifth of the rows, trained on the others; at most a hundred times that of the best constant."""
    F = setting.objective
    drawn = np.random.default_rng(seed).permutation(len(F.y))
    apart, rest = np.split(drawn, [int(APART * len(drawn))])
    w, _ = replace(setting, objective=F.rows(np.sort(rest))).trained([seed])
    worst, loss = WORST * F.loss.null(F.y, F.weight), F.rows(np.sort(apart)).mean_loss(w)
    return loss if loss < worst else worst


def line(name: str, table: str, case: Case, seed: int) -> tuple[str, bool | None]:
    """(what happened, whether the remedy kept improves the loss: None where none is)."""
    setting = setting_of(table, case, seed)
    w, trace = setting.trained([seed])
    F = setting.objective
    found = findings_of(F, F.model(w), trace)
    _, tried = remedied(setting, found, seed)
    kept = next((each for each in tried if each.kept), None)
    told = f"{name:24} {table:20} {seed} {' '.join(each.code for each in found) or '-':28}"
    if kept is None:
        return f"{told} nothing kept of {len(tried)}", None
    change = next(remedy.change for remedy in REMEDIES[kept.code] if remedy.name == kept.remedy)
    gains = []
    for fresh in FRESH:
        plain = setting_of(table, case, fresh)
        gains.append(judged(plain, fresh) - judged(change(plain) or plain, fresh))
    better = bool(np.mean(gains) > 0)
    return (
        f"{told} {kept.code} {kept.remedy}: {kept.gain:.3g} ± {kept.half_width:.2g}, then {np.mean(gains):.3g}",
        better,
    )


def main(seeds: tuple[int, ...]) -> int:
    """A line a training, the share, a page."""
    lines, better = [machine(), f"seeds {', '.join(map(str, seeds))}, judged on {', '.join(map(str, FRESH))}"], []
    for name, (case, tables) in SICK.items():
        for table in tables:
            for seed in seeds:
                told, improves = line(name, table, case, seed)
                better += [] if improves is None else [improves]
                lines.append(told)
                print(told, flush=True)
    share = float(np.mean(better)) if better else 0.0
    lines.append(
        f"of {len(better)} remedies kept {share:.1%} improve the loss on fresh rows; asked: at least {ASKED:.0%}"
    )
    print(lines[-1])
    if seeds == SEEDS:
        PAGE.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return 0 if share >= ASKED else 1


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    sys.exit(main(tuple(map(int, sys.argv[1:])) or SEEDS))
