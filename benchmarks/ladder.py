"""The ladder on 20 public tables: rungs, errors with standard errors, the choice, the reference line, what is proved.

    INFIMUM_DATA=FOLDER python benchmarks/ladder.py [TABLE ...]

FOLDER holds one folder a table with TABLE.csv.gz in it; of more than 10,000 rows, so many are drawn, seeded. Beside the
rungs stand histogram gradient boosting and scikit-learn's MLP, with its defaults, on the same scaled and one-hot coded
columns (and a standardised target). Prints a page and writes it to benchmarks/results/ladder.txt; exits with 1 if a
convex fit neither has its gap certified nor says why no minimum is attained, if the checker refutes a file, if all
tables take more than 90 minutes, or if of the geometric means of 20 tables the error of the best rung relative to
gradient boosting is above 1.00, the chosen one's above 1.03, or the best one's relative to the MLP above 0.90.
"""

import math
import os
import platform
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from public_tables import TARGETS, TIME
from public_tables import folder as folder_of_tables

TWO_CLASSES = "penguins, two classes"
TABLES = {**TARGETS, TWO_CLASSES: "sex"}
ROWS, MINUTES, REQUIRED = 10_000, 90.0, (1.00, 1.03, 0.90)


def perceptron(regression: bool) -> Any:
    """scikit-learn's MLP with its defaults; in regression the target is standardised, as it is no matter of ours."""
    from sklearn.compose import TransformedTargetRegressor
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    from sklearn.preprocessing import StandardScaler

    if not regression:
        return MLPClassifier(random_state=0)
    return TransformedTargetRegressor(MLPRegressor(random_state=0), transformer=StandardScaler())


def page(name: str, folder: Path) -> tuple[list[str], bool, tuple[float, float, float]]:
    """(lines, sound, errors of the best and the chosen rung relative to boosting, the best's to the MLP) of one table.

    Sound: all that should be proved is, and the checker accepts it.
    """
    from infimum.files.model_file import write_model
    from infimum.ladder.climb import climb_on
    from infimum.ladder.problem import problem_of
    from infimum.ladder.terms import Terms
    from infimum.tables.reading.read import read_table
    from infimum.tables.wishes import Wishes
    from infimum.verify import verify_file

    target = TABLES[name]
    table = read_table(folder / name.split(",")[0] / f"{name.split(',')[0]}.csv.gz")
    if table.rows > ROWS:
        table = table.take(np.sort(np.random.default_rng(0).choice(table.rows, ROWS, replace=False)))
    begun = time.perf_counter()
    problem = problem_of(table, target, Wishes(time=TIME.get(name, "")))
    terms = Terms(also=(perceptron(problem.loss.task != "classification"),))
    result = climb_on(problem, terms, lambda text, done, total: None, begun)
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "model.safetensors"
        write_model(path, result.arrays, result.document)
        verification = verify_file(path, table)
    report, seconds = result.report, result.timings["rungs"]
    roles = Counter(column["role"] for column in report["columns"] if column["role"] != "target")
    lines = [
        f"{name}: {report['table']['used_rows']} rows, {target}, {report['metric']}; {report['folds']['reason']}",
        f"   columns: {', '.join(f'{count} {role}' for role, count in roles.most_common())}",
    ]
    lines += [f"   {each['code']} {each['statement']}" for each in report["findings"]]
    sound = not verification.refuted
    for rung in report["rungs"]:
        proved = "" if rung["gap_relative"] is None else f"gap ≤ {rung['gap_relative']:.1e} of F(null) − inf F"
        why = "" if rung["unattained"] is None else "; in some fold " + rung["unattained"]
        mark = "→" if rung["chosen"] else " "
        error = f"{rung['mean']:>11.5g} ± {rung['standard_error']:<8.2g}"
        lines.append(
            f" {mark} {rung['name']:<14}{error}{seconds[rung['name']]:>7.2f} s  {rung['verdict']:<12} {proved}{why}"
        )
        sound &= rung["verdict"] != "INSUFFICIENT" or rung["unattained"] is not None
    reference, errors = report["reference"], [rung["mean"] for rung in report["rungs"] if rung["candidate"]]
    error = f"{reference['mean']:>11.5g} ± {reference['standard_error']:<8.2g}"
    lines.append(f"   {'(boosting)':<14}{error}{seconds['reference']:>7.2f} s")
    (theirs,) = report["also"]
    lines.append(f"   {'(their MLP)':<14}{theirs['mean']:>11.5g} ± {theirs['standard_error']:<8.2g}")
    chosen = next(rung["mean"] for rung in report["rungs"] if rung["chosen"])
    ratios = (min(errors) / reference["mean"], chosen / reference["mean"], min(errors) / theirs["mean"])
    refused = sum(answer.verdict == "REFUTED" for answer in verification.answers)
    lines.append(
        f"   refit {seconds['refit']:.2f} s, total {result.timings['total']:.1f} s; "
        f"checker: {len(verification.answers)} answers, {refused} refuted"
    )
    lines += [f"   {claim['verdict']:<12} {claim['kind']}: {claim['statement']}" for claim in report["claims"]]
    return lines, sound, ratios


def main() -> int:
    """Print and write the pages of the tables named on the command line (all 20 without a name)."""
    folder, wanted = folder_of_tables(), sys.argv[1:] or list(TABLES)
    lines, sound = (
        [f"machine: {os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}; one thread"],
        True,
    )
    print(lines[0])
    begun = time.time()
    relative: dict[str, tuple[float, float, float]] = {}
    for name in wanted:
        found, good, ratios = page(name, folder)
        relative |= {name: ratios} if name != TWO_CLASSES else {}
        print("\n".join(found), flush=True)
        lines += found
        sound &= good
    means = tuple(math.exp(sum(map(math.log, each)) / len(each)) for each in zip(*relative.values(), strict=True))
    listed = ", ".join(
        f"{name} {ratios[1]:.2f}" for name, ratios in sorted(relative.items(), key=lambda each: each[1][1])
    )
    lines.append(f"the chosen rung's error relative to boosting's: {listed}")
    middle = [sorted(each)[len(relative) // 2] for each in zip(*relative.values(), strict=True)]
    said = ("best rung to boosting", "chosen rung to boosting", "best rung to scikit-learn's MLP")
    told = zip(said, means, REQUIRED, middle, strict=True)
    each = (f"{what} {mean:.2f} (at most {most:.2f}; median {half:.2f})" for what, mean, most, half in told)
    lines.append(f"geometric means of {len(relative)}: {', '.join(each)}; all in {(time.time() - begun) / 60:.0f} min")
    sound &= time.time() - begun <= 60 * MINUTES
    sound &= len(relative) < len(TARGETS) or all(mean <= most for mean, most in zip(means, REQUIRED, strict=True))
    print("\n".join(lines[-2:]))
    if not sys.argv[1:]:
        (Path(__file__).parent / "results" / "ladder.txt").write_text("\n".join(lines) + "\n")
    return 0 if sound else 1


if __name__ == "__main__":
    sys.exit(main())
