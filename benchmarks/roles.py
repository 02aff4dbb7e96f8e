"""The role of every column of 20 public tables, against labels that were made by hand before any rule was looked at.

    INFIMUM_DATA=FOLDER python benchmarks/roles.py [TABLE ...]

FOLDER holds one folder a table with TABLE.csv.gz in it; the labels, and how they were made, are in tests/tables. Prints
every disagreement and the share agreed, and writes them to benchmarks/results/roles.txt; exits with 1 below 97%.
"""

import csv
import sys
from pathlib import Path

from public_tables import TARGETS
from public_tables import folder as folder_of_tables

REQUIRED = 0.97
HERE = Path(__file__).parent
SELF = ("target", "leak", "duplicate")  # said of a column because of another one: compared by its own values


def labels() -> dict[str, dict[str, tuple[str, str]]]:
    """table ↦ column ↦ (role, remark)."""
    found: dict[str, dict[str, tuple[str, str]]] = {}
    with open(HERE.parent / "tests" / "tables" / "labelled_roles.csv", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["table"], {})[row["column"]] = row["role"], row["remark"]
    return found


def compare(name: str, folder: Path, labelled: dict[str, tuple[str, str]]) -> list[str]:
    """One line for each column of a table whose role is not the label."""
    from infimum.tables.reading.read import read_table
    from infimum.tables.roles import assign_roles, natural_role

    table = read_table(folder / name / f"{name}.csv.gz")
    if set(table.names) != set(labelled):
        raise SystemExit(f"{name} does not have the columns that are labelled: {set(table.names) ^ set(labelled)}")
    lines = []
    for role in assign_roles(table, TARGETS[name]):
        given = natural_role(table.column(role.name)) if role.role in SELF else role
        label, remark = labelled[role.name]
        if given.role != label:
            hesitated = f" (Remark of the label: {remark}.)" if remark else ""
            lines.append(f"   {role.name}: {given.role}, labelled {label}. {given.reason}{hesitated}")
    return lines


def main() -> int:
    """Print and write the disagreements of the tables named on the command line (all without a name)."""
    folder, labelled = folder_of_tables(), labels()
    wanted, lines, columns, wrong = sys.argv[1:] or list(labelled), [], 0, 0
    for name in wanted:
        found = compare(name, folder, labelled[name])
        columns, wrong = columns + len(labelled[name]), wrong + len(found)
        lines += [f"{name}: {len(labelled[name]) - len(found)} of {len(labelled[name])} agree", *found]
    share = 1 - wrong / columns
    lines.append(f"all: {columns - wrong} of {columns} columns agree, {share:.1%}; required {REQUIRED:.0%}")
    print("\n".join(lines))
    if not sys.argv[1:]:
        (HERE / "results" / "roles.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return 0 if share >= REQUIRED else 1


if __name__ == "__main__":
    sys.exit(main())
