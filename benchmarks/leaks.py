"""Leaks and redundancies of 20 public tables: those that are known are found, none is made up, and names do not matter.

    INFIMUM_DATA=FOLDER python benchmarks/leaks.py [TABLE ...]

FOLDER holds one folder a table with TABLE.csv.gz in it. Each table is examined as it is, and three times with its
columns under other names and in another order: the findings must be the same as sets. Prints them, writes them to
benchmarks/results/leaks.txt, and exits with 1 where one is not there, was made up, or depends on names or order.
"""

import os
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from public_tables import TARGETS
from public_tables import folder as folder_of_tables

from infimum.tables import Column, Table

EXPECTED = {  # column → the finding that must name it, or its role
    "bike_sharing": {"casual": "INF102", "registered": "INF102"},
    "titanic": {
        "alive": "INF101",
        "class": "INF121",
        "embark_town": "INF121",
        "who": "INF122",
        "adult_male": "INF122",
        "alone": "INF122",
    },
    "naval_propulsion": {"x9": "constant", "x12": "constant"},
    "mushroom": {"veil-type": "constant"},
    "ionosphere": {"x2": "constant"},
    "ames_housing": {"Order": "identifier", "PID": "identifier"},
}
LEAKS = ("INF101", "INF102")
CLEAN = ("wine_quality", "concrete", "california_housing", "energy_efficiency", "protein_structure", "y = 2x + 1")
ASIDE = ("identifier", "constant", "text")
DISGUISES = 3
Found = set[tuple[str, frozenset[str]]]


def examine(table: Table, target: str) -> tuple[list[Any], Found]:
    """(findings, {(code or role, the columns it names)}): what `infimum columns --target` finds."""
    from infimum.tables.leakage.examine import examined
    from infimum.tables.roles import assign_roles, prepared
    from infimum.tables.wishes import Wishes

    roles, wishes = assign_roles(table, target), Wishes()
    kept = np.flatnonzero(~table.column(target).missing)
    roles, findings = examined(prepared(table, roles, wishes).take(kept), target, roles, wishes)
    found = {(each.code, frozenset(each.columns)) for each in findings}
    return list(findings), found | {(role.role, frozenset([role.name])) for role in roles if role.role in ASIDE}


def disguised(table: Table, target: str, rng: np.random.Generator) -> tuple[Table, str, dict[str, str]]:
    """(the table with its columns under other names and in another order, its target, {new name: old name})."""
    order = rng.permutation(len(table.columns))
    words = rng.choice(1 << 20, len(order), replace=False)
    names = {f"{word:x}": table.columns[at].name for word, at in zip(words, order, strict=True)}
    new = {old: name for name, old in names.items()}
    columns = tuple(replace(table.columns[at], name=new[table.columns[at].name]) for at in order)
    return Table("table", columns), new[target], names


def line() -> Table:
    """200 rows of y = 2x + 1."""
    x = np.random.default_rng(0).normal(size=200)
    return Table("line", (Column("x", "number", x), Column("y", "number", 2 * x + 1)))


def page(name: str, folder: Path) -> tuple[list[str], list[str]]:
    """(lines, what is wrong) of one table."""
    from infimum.tables.reading.read import read_table

    table = line() if name == "y = 2x + 1" else read_table(folder / name / f"{name}.csv.gz")
    target, begun = TARGETS.get(name, "y"), time.perf_counter()
    findings, found = examine(table, target)
    seconds = time.perf_counter() - begun
    odd: Found = set()
    for seed in range(DISGUISES):
        other, renamed, names = disguised(table, target, np.random.default_rng(seed))
        again = {(code, frozenset(names[each] for each in columns)) for code, columns in examine(other, renamed)[1]}
        odd |= found ^ again
    expected = EXPECTED.get(name, {}).items()
    wrong = [f"{column} is not found ({code})" for column, code in expected if not has(found, code, column)]
    wrong += [f"{code} is made up of {sorted(columns)}" for code, columns in found if code in LEAKS and name in CLEAN]
    wrong += [f"{code} {sorted(columns)} depends on names or order" for code, columns in odd]
    lines = [f"{name}: {table.rows} rows, {len(table.columns)} columns, target {target}; {seconds:.2f} s"]
    lines += [f"   {each.code} {each.statement}" for each in findings]
    aside = {role: sorted(next(iter(columns)) for code, columns in found if code == role) for role in ASIDE}
    lines += [f"   {role}: {', '.join(columns)}" for role, columns in aside.items() if columns]
    return [*lines, *(f"   WRONG: {each}" for each in wrong)], wrong


def has(found: Found, code: str, column: str) -> bool:
    """Whether a finding of that code, or that role, names the column."""
    return any(each == code and column in columns for each, columns in found)


def main() -> int:
    """Print and write the findings of the tables named on the command line (all without a name)."""
    folder, lines, wrong = folder_of_tables(), [], []
    for name in sys.argv[1:] or [*TARGETS, "y = 2x + 1"]:
        found, bad = page(name, folder)
        print("\n".join(found), flush=True)
        lines, wrong = lines + found, wrong + bad
    lines.append(f"{len(wrong)} finding(s) missing, made up, or dependent on names or order")
    print(lines[-1])
    if not sys.argv[1:]:
        (Path(__file__).parent / "results" / "leaks.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
