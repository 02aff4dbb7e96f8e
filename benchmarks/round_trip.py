"""Predictions before and after saving, of all rows and of one at a time: the same bits, on 20 public tables.

    INFIMUM_DATA=FOLDER python benchmarks/round_trip.py [--networks] [TABLE ...]

FOLDER holds one folder a table with TABLE.csv.gz in it; of larger tables, a sample of 3,000 rows is taken. Without
--networks the ladder ends at its last convex rung. For each table: the predictions of the fit in memory equal those of
the model file that is written and loaded, bit for bit; 20 rows, each alone in a CSV file of its own, get the bits that
they get among all; columns in another order change nothing; an extra column is ignored and named; each column that the
model reads is missed where it is not there; a category that the fit never saw is counted, and predicted. Prints a line
a table, writes it to benchmarks/results/round_trip.txt, and exits with 1 where one of these is not so.
"""

import csv
import gzip
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from public_tables import TARGETS, TIME
from public_tables import folder as folder_of_tables

from infimum.ladder.fitted import Fitted
from infimum.tables import TableError
from infimum.tables.encode import Encoder
from infimum.tables.reading.read import read_table

ROWS, ALONE = 3000, 20
OTHERS = {"penguins": "sex"}  # a target of two classes: species has three
CLASSES = {"car_evaluation": ("unacc", "acc")}  # of its four classes, the two with most rows
Grid = list[list[str]]  # the header, then rows, as they stand in the file


def cells(name: str, folder: Path, target: str) -> Grid:
    """The header and at most ROWS rows, drawn at random, in their order."""
    with gzip.open(folder / name / f"{name}.csv.gz", "rt", encoding="utf-8", newline="") as file:
        head, *rows = csv.reader(file)
    if name in CLASSES:
        rows = [row for row in rows if row[head.index(target)] in CLASSES[name]]
    if len(rows) > ROWS:
        rows = [rows[at] for at in np.sort(np.random.default_rng(0).choice(len(rows), ROWS, replace=False))]
    return [head, *rows]


def written(path: Path, grid: Sequence[Sequence[str]]) -> Path:
    """The path, with the rows in it."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(grid)
    return path


def same(a: dict[str, Any], b: dict[str, Any], rows: Any = slice(None)) -> bool:
    """Whether two predictions hold the same columns, and in those rows of the first the same bits as the second."""
    return list(a) == list(b) and all(np.array_equal(bits(a[key])[rows], bits(b[key])) for key in a)


def bits(values: Any) -> np.ndarray:
    """Numbers as the integers that their bits are; texts as they are."""
    array = np.asarray(values)
    return array.view(np.int64) if array.dtype == np.float64 else array


def predicted(model: Fitted, path: Path) -> dict[str, Any]:
    """What `infimum predict` predicts of a file."""
    return model.predict(read_table(path, model.reading))


def faults(grid: Grid, target: str, time: str, folder: Path) -> Iterator[str]:
    """First what was fitted; then each way in which predictions are not what they must be."""
    from infimum.files.model_file import write_model
    from infimum.ladder.climb import climb
    from infimum.tables.wishes import Wishes

    table = read_table(written(folder / "t.csv", grid))
    result = climb(table, target, Wishes(time=time))
    memory = Fitted(result.arrays, result.document)
    write_model(folder / "model.safetensors", result.arrays, result.document)
    loaded = Fitted.load(folder / "model.safetensors")
    expected = memory.predict(table)
    read = Encoder.from_json(loaded.document["encoder"]).columns
    yield f"{table.rows} rows, {len(read)} columns read, {target}: {result.report['chosen']}, {', '.join(expected)}"
    if not same(expected, loaded.predict(table)):
        yield "saved and loaded, the predictions differ"
    if not same(expected, predicted(loaded, folder / "t.csv")):
        yield "read as a new table, the predictions differ"
    for at in np.random.default_rng(1).choice(len(grid) - 1, min(ALONE, len(grid) - 1), replace=False):
        if not same(expected, predicted(loaded, written(folder / "one.csv", [grid[0], grid[at + 1]])), [at]):
            yield f"row {at + 1} alone gets other bits"
    yield from columns(grid, loaded, expected, read, folder)
    yield from unseen(grid, loaded, folder)


def columns(grid: Grid, model: Fitted, expected: dict[str, Any], read: Sequence[str], folder: Path) -> Iterator[str]:
    """Columns in another order, one too many, and one too few."""
    order = np.random.default_rng(2).permutation(len(grid[0]))
    if not same(expected, predicted(model, written(folder / "o.csv", [[row[at] for at in order] for row in grid]))):
        yield "columns in another order change the predictions"
    more = [[*row, "extra" if at == 0 else str(at)] for at, row in enumerate(grid)]
    table = read_table(written(folder / "m.csv", more), model.reading)
    if model.extra(table) != ("extra",) or not same(expected, model.predict(table)):
        yield "an extra column is not named, or changes the predictions"
    for name in read:
        at = grid[0].index(name)
        few = [[*row[:at], *row[at + 1 :], "0" if i else "other"] for i, row in enumerate(grid[:6])]
        try:
            predicted(model, written(folder / "f.csv", few))
            yield f"without {name!r} it predicts"
        except TableError as error:
            if name not in str(error) or "lacks" not in str(error):
                yield f"without {name!r} it says: {error}"


def unseen(grid: Grid, model: Fitted, folder: Path) -> Iterator[str]:
    """A level that the fit never saw, in each column of categories: counted, and a finite prediction."""
    for code in Encoder.from_json(model.document["encoder"]).codes:
        if code.kind not in ("category", "ordered"):
            continue
        at = grid[0].index(code.name)
        odd = [grid[0], *([*row[:at], "never seen", *row[at + 1 :]] for row in grid[1:4])]
        table = read_table(written(folder / "u.csv", odd), model.reading)
        values = [value for key, value in model.predict(table).items() if np.asarray(value).dtype.kind == "f"]
        if model.unseen(table).get(code.name) != (code.kind, 3) or not np.isfinite(values).all():
            yield f"a level of {code.name!r} that the fit never saw is not counted, or predicted as {values}"


def main() -> int:
    """Print and write a line for each table named on the command line (all without a name)."""
    import infimum.ladder.climb as climbing

    names = [each for each in sys.argv[1:] if each != "--networks"]
    if "--networks" not in sys.argv[1:]:
        climbing.find_spec = lambda name: None
    lines, wrong = [], 0
    for name in names or TARGETS:
        target = OTHERS.get(name, TARGETS[name])
        with tempfile.TemporaryDirectory() as scratch:
            grid = cells(name, folder_of_tables(), target)
            said, *bad = faults(grid, target, TIME.get(name, ""), Path(scratch))
        some = f" ({' and '.join(CLASSES[name])} only)" if name in CLASSES else ""
        found = [f"{name}{some}: {said}: {'WRONG' if bad else 'the same bits'}", *(f"   WRONG: {each}" for each in bad)]
        print("\n".join(found), flush=True)
        lines, wrong = lines + found, wrong + len(bad)
    lines.append(f"{wrong} prediction(s) that are not the same, or columns not handled as documented")
    print(lines[-1])
    if not sys.argv[1:]:
        (Path(__file__).parent / "results" / "round_trip.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
