"""infimum predict MODEL TABLE: ŷ for each row, with probabilities or an interval, as CSV."""

from pathlib import Path
from typing import Annotated

import typer

from infimum.cli.files import FILES
from infimum.cli.outcome import UsageError, told


def predict(
    model: Annotated[Path, typer.Argument(help="The folder that `infimum fit` wrote, or its model.safetensors.")],
    table: Annotated[Path, typer.Argument(help="A table with the columns of the fit; the target is not needed.")],
    out: Annotated[Path | None, typer.Option("--out", "-o", help="CSV file to write (default: print).")] = None,
) -> None:
    """Predict a table: a column `prediction`, and p(class) for each class or lower and upper of a 90% interval."""
    with told():
        folder = model if model.is_dir() else model.parent
        read = {table.resolve(), model.resolve(), *((folder / name).resolve() for name in FILES)}
        if out is not None and out.resolve() in read:
            raise UsageError(
                f"{out} is what is read, or belongs to the model: it is not replaced; choose another --out"
            )
        if out is not None and not out.absolute().parent.is_dir():
            raise UsageError(f"{out.parent} is not a folder: make it first, or choose another --out")
        from infimum.ladder.fitted import Fitted
        from infimum.tables.read import read_table

        fitted = Fitted.load(model)
        rows = read_table(table, fitted.texts)
        columns = fitted.predict(rows)
        for name, count in fitted.unseen(rows).items():
            typer.echo(
                f"note: {name} holds text that the fit never saw in {count} row(s); it counts as rare or usual",
                err=True,
            )
        text = csv_text(columns)
        if out is None:
            typer.echo(text, nl=False)
            return
        from infimum.files.atomic import write_atomically

        write_atomically(out, text.encode())
        typer.echo(f"{out}: {len(next(iter(columns.values())))} rows, {', '.join(columns)}", err=True)


def csv_text(columns: dict) -> str:
    """The columns as CSV; numbers in the fewest digits that give them back exactly."""
    import csv
    import io

    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*(list(column) for column in columns.values()), strict=True))
    return buffer.getvalue()
