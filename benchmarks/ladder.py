"""The ladder on 20 public tables: rungs, errors with standard errors, the choice, the reference line, what is proved.

    INFIMUM_DATA=FOLDER python benchmarks/ladder.py [TABLE ...]

FOLDER holds one folder a table with TABLE.csv.gz in it. Prints a page and writes it to benchmarks/results/ladder.txt;
exits with 1 if a convex fit neither has its gap certified nor says why no minimum is attained, or if the checker
refutes a file. How the best and the chosen rung stand to gradient boosting, over all tables, is printed, not judged.
"""

import math
import os
import platform
import sys
import tempfile
from collections import Counter
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

from public_tables import TARGETS, TIME
from public_tables import folder as folder_of_tables

TWO_CLASSES = "penguins, two classes"
TABLES = {**TARGETS, TWO_CLASSES: "sex"}
SEVERAL = ("car_evaluation", "penguins")  # of more than two classes: the message says that they have to wait


def page(name: str, folder: Path) -> tuple[list[str], bool, tuple[float, ...]]:
    """(lines, sound, errors of the best and the chosen rung relative to gradient boosting) of one table.

    Sound: all that should be proved is, and the checker accepts it.
    """
    from infimum.files.model_file import write_model
    from infimum.ladder.climb import climb
    from infimum.tables import TableError
    from infimum.tables.reading.read import read_table
    from infimum.tables.wishes import Wishes
    from infimum.verify import verify_file

    target = TABLES[name]
    table = read_table(folder / name.split(",")[0] / f"{name.split(',')[0]}.csv.gz")
    try:
        result = climb(table, target, Wishes(time=TIME.get(name, "")))
    except TableError as error:
        return [f"{name}: {target}: {error}"], name in SEVERAL and "this version fits 2" in str(error), ()
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
    relative: list[tuple[float, ...]] = []
    for name in wanted:
        found, good, *ratios = page(name, folder)
        relative += [each for each in ratios if each]
        print("\n".join(found), flush=True)
        lines += found
        sound &= good
    best, chosen = (math.exp(sum(map(math.log, each)) / len(each)) for each in zip(*relative, strict=True))
    lines.append(
        f"relative to boosting, geometric mean of {len(relative)}: best rung {best:.2f}, chosen rung {chosen:.2f}"
    )
    print(lines[-1])
    if not sys.argv[1:]:
        (Path(__file__).parent / "results" / "ladder.txt").write_text("\n".join(lines) + "\n")
    return 0 if sound else 1


if __name__ == "__main__":
    sys.exit(main())
