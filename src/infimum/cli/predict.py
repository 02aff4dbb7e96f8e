"""infimum predict MODEL TABLE: ŷ for each row, with probabilities and a set, or an interval, as CSV."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from infimum.cli.files import FILES, as_written
from infimum.cli.options import ReadOption, with_told
from infimum.cli.outcome import UsageError, told
from infimum.cli.source import table_from

if TYPE_CHECKING:
    from infimum.ladder.fitted import Fitted
    from infimum.tables import Table


def predict(
    model: Annotated[Path, typer.Argument(help="The folder that `infimum fit` wrote, or its model.safetensors.")],
    table: Annotated[
        str, typer.Argument(help="A table with the columns of the fit, - for standard input; the target is not needed.")
    ],
    read: ReadOption = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="CSV file to write (default, and -: print).")] = None,
) -> None:
    """Predict a table: a column `prediction`; p(class) of each class and the set not ruled out, or an interval.

    The interval (lower, upper) and the set (labels joined by |) are made for the coverage that the fit was asked for;
    its report says what of it is proved.
    """
    with told():
        folder, out = model if model.is_dir() else model.parent, None if out == Path("-") else out
        given = {Path(table).resolve(), model.resolve(), *((folder / name).resolve() for name in FILES)}
        if out is not None and out.resolve() in given:
            raise UsageError(
                f"{out} is what is read, or belongs to the model: it is not replaced; choose another --out"
            )
        if out is not None and out.is_dir():
            raise UsageError(f"{out} is a folder: name the file to write, such as {out / 'predictions.csv'}")
        if out is not None and not out.absolute().parent.is_dir():
            raise UsageError(f"{out.parent} is not a folder: make it first, or choose another --out")
        from infimum.ladder.fitted import Fitted

        fitted = Fitted.load(model)
        with as_written(model):
            reading = fitted.reading
        rows = table_from(table, with_told(reading, read))
        with as_written(model):
            columns = fitted.predict(rows)
            said = notes(fitted, rows, columns)
        for note in said:
            typer.echo(f"note: {note}", err=True)
        text = csv_text(columns)
        if out is None:
            typer.echo(text, nl=False)
            return
        from infimum.cli.confirmation import PREDICTIONS, confirm, prediction_lines
        from infimum.files.atomic import write_atomically

        with as_written(model):
            lines = prediction_lines(fitted.report, rows, columns)
        write_atomically(out, text.encode())
        confirm(PREDICTIONS, lines)
        typer.echo(f"{out}: {len(next(iter(columns.values())))} rows, {', '.join(columns)}", err=True)


OUTSIDE = (
    "in {} row(s) the prediction lies outside its interval, which is made of models fitted without the rows that set "
    "its width: they and the model of all rows disagree there, so trust neither far"
)
EMPTY = (
    "in {} row(s) the set is empty: no class is as likely there as it is for most of its own rows; a higher --coverage "
    "at the fit leaves fewer empty"
)
UNLIKELY = (
    "in {} row(s) the class named is not in its own set: sets are calibrated class by class, and most rows of that "
    "class look more like it than these do"
)
IN_TIME = "the fit is of rows in time: its {} held {:.0%} of the latest span, and nothing is promised of what comes"
NO_COUNTS = "the target is of counts, which get no interval here: fit with --task regression for one"
TOO_FEW = "the fit had too few rows for {}"
BEYOND = "in {} row(s) the prediction is beyond what a number can hold: their columns lie far from those of the fit"


def notes(fitted: "Fitted", rows: "Table", columns: dict) -> list[str]:
    """What a user should know of the predictions: cells unlike those of the fit, more columns, odd intervals."""
    from infimum.ladder.strange import strange_cells
    from infimum.tables import listing

    said = strange_cells(fitted, rows)
    beyond = [not math.isfinite(value) for value in columns["prediction"] if isinstance(value, float)]
    said += [BEYOND.format(sum(beyond))] if any(beyond) else []
    extra = fitted.extra(rows)
    said += [f"not used, the fit had no such column: {listing(extra)}"] if extra else []
    if "lower" in columns:
        outside = (columns["prediction"] < columns["lower"]) | (columns["prediction"] > columns["upper"])
        said += [OUTSIDE.format(int(outside.sum()))] if outside.any() else []
    elif "set" not in columns:
        what = "an interval" if fitted.report["target"]["task"] == "regression" else "a set"
        why = NO_COUNTS if fitted.report["target"]["task"] == "counts" else TOO_FEW.format(what)
        said.append(f"{why} of {fitted.report['coverage']:.0%} coverage")
    what = "intervals" if "lower" in columns else "sets"
    in_time = fitted.report["folds"]["kind"] == "time" and ("lower" in columns or "set" in columns)
    said += [IN_TIME.format(what, fitted.report["coverage"])] if in_time else []
    return said + set_notes(columns)


def set_notes(columns: dict) -> list[str]:
    """Of the sets: how many are empty, and how many lack the class that is named."""
    from infimum.ladder.sets import held_in

    pairs = list(zip(columns["prediction"], columns.get("set", ()), strict=False))
    empty = sum(not told for _, told in pairs)
    lacking = sum(bool(told) and not held_in(told, name) for name, told in pairs)
    return [text.format(count) for text, count in ((EMPTY, empty), (UNLIKELY, lacking)) if count]


def csv_text(columns: dict) -> str:
    """The columns as CSV; numbers in the fewest digits that give them back exactly."""
    import csv
    import io

    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*(list(column) for column in columns.values()), strict=True))
    return buffer.getvalue()
