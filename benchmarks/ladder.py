"""The ladder on 20 public tables: rungs, errors with standard errors, the choice, the reference line, what is proved.

    INFIMUM_DATA=FOLDER python benchmarks/ladder.py [TABLE ...]

FOLDER holds one folder a table with TABLE.csv.gz in it; of more than 10,000 rows, so many are drawn, seeded. Prints a
page and writes it to benchmarks/results/ladder.txt; exits with 1 if a convex fit neither has its gap certified nor says
why no minimum is attained, if the checker refutes a file, if a table takes more than three minutes, or if the error of
the best rung relative to gradient boosting is above 1.10, or the chosen one's above 1.13, geometric means of 20 tables.
"""

import math
import os
import platform
import sys
import tempfile
from collections import Counter
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from public_tables import TARGETS, TIME
from public_tables import folder as folder_of_tables

TWO_CLASSES = "penguins, two classes"
TABLES = {**TARGETS, TWO_CLASSES: "sex"}
ROWS, MINUTES, REQUIRED = 10_000, 3.0, (1.10, 1.13)


def page(name: str, folder: Path) -> tuple[list[str], bool, tuple[float, float]]:
    """(lines, sound, errors of the best and the chosen rung relative to gradient boosting) of one table.

    Sound: all that should be proved is, and the checker accepts it.
    """
    from infimum.files.model_file import write_model
    from infimum.ladder.climb import climb
    from infimum.tables.reading.read import read_table
    from infimum.tables.wishes import Wishes
    from infimum.verify import verify_file

    target = TABLES[name]
    table = read_table(folder / name.split(",")[0] / f"{name.split(',')[0]}.csv.gz")
    if table.rows > ROWS:
        table = table.take(np.sort(np.random.default_rng(0).choice(table.rows, ROWS, replace=False)))
    result = climb(table, target, Wishes(time=TIME.get(name, "")))
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
    sound = not verification.refuted and result.timings["total"] <= 60 * MINUTES
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
    chosen = next(rung["mean"] for rung in report["rungs"] if rung["chosen"])
    ratios = (min(errors) / reference["mean"], chosen / reference["mean"])
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
    relative: dict[str, tuple[float, float]] = {}
    for name in wanted:
        found, good, ratios = page(name, folder)
        relative |= {name: ratios} if name != TWO_CLASSES else {}
        print("\n".join(found), flush=True)
        lines += found
        sound &= good
    best, chosen = (math.exp(sum(map(math.log, each)) / len(each)) for each in zip(*relative.values(), strict=True))
    listed = ", ".join(
        f"{name} {ratios[1]:.2f}" for name, ratios in sorted(relative.items(), key=lambda each: each[1][1])
    )
    lines.append(f"the chosen rung's error relative to boosting's: {listed}")
    middle = [sorted(each)[len(relative) // 2] for each in zip(*relative.values(), strict=True)]
    lines.append(
        f"geometric mean of {len(relative)}: best rung {best:.2f} (at most {REQUIRED[0]}), chosen rung {chosen:.2f} "
        f"(at most {REQUIRED[1]}); medians {middle[0]:.2f} and {middle[1]:.2f}"
    )
    sound &= len(relative) < len(TARGETS) or (best <= REQUIRED[0] and chosen <= REQUIRED[1])
    print("\n".join(lines[-2:]))
    if not sys.argv[1:]:
        (Path(__file__).parent / "results" / "ladder.txt").write_text("\n".join(lines) + "\n")
    return 0 if sound else 1


if __name__ == "__main__":
    sys.exit(main())
