"""A file → a `Table`: CSV (plain or gzip; comma, semicolon, tab, bar) or Parquet, told apart by their first bytes.

Text that is numeric in every present cell is a number, else a category; booleans, dates and times are categories.
"""

from collections.abc import Collection
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from infimum.tables import Column, Table, TableError
from infimum.tables.delimited import frame_of_texts, unpack

if TYPE_CHECKING:
    import polars

MISSING = ("", "NA", "N/A", "NaN", "nan", "null", "None", "?", "-")
BOOLEANS = {"true": "true", "True": "true", "TRUE": "true", "false": "false", "False": "false", "FALSE": "false"}


def read_table(path: str | PathLike[str], texts: Collection[str] = ()) -> Table:
    """path ↦ table of float64 and text columns; "", NA, N/A, NaN, nan, null, None, ? and - are missing.

    The columns named in `texts` stay text where all their cells read as numbers or booleans: categories of a fit.

    Raises TableError, one sentence, on a file that is absent, a folder, empty, a header alone, binary, cut short or
    ragged, on empty or repeated names, and on infinite numbers (with column and row).

    >>> import tempfile, pathlib
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "small.csv")
    ...     _ = path.write_text("hour,weather\\n7,rain\\n?,clear\\n")
    ...     table = read_table(path)
    >>> [(column.name, column.role, column.values.tolist()) for column in table.columns]
    [('hour', 'number', [7.0, nan]), ('weather', 'category', ['rain', 'clear'])]
    """
    name = Path(path).name
    data = unpack(name, contents(Path(path)))
    frame = parquet_frame(name, data) if data.startswith(b"PAR1") else frame_of_texts(name, data)
    return Table(name, tuple(column(name, series, series.name in texts) for series in frame.get_columns()))


def contents(path: Path) -> bytes:
    """The bytes of the file; TableError if there is none, or it can't be read or holds nothing."""
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise TableError(f"{path}: no such file: check the name and the folder.") from error
    except IsADirectoryError as error:
        raise TableError(f"{path} is a folder: give the CSV or Parquet file inside it.") from error
    except OSError as error:
        raise TableError(f"{path} can't be read: {error.strerror}.") from error
    if not data:
        raise TableError(f"{path.name} is empty: a header line and rows of values are needed.")
    return data


def parquet_frame(name: str, data: bytes) -> "polars.DataFrame":
    """The frame stored in Parquet bytes; TableError if they are cut short or damaged, or hold no rows."""
    import polars

    try:
        frame = polars.read_parquet(data)
    except (polars.exceptions.PolarsError, OSError) as error:
        raise TableError(f"{name} is a Parquet file that is cut short or damaged: copy it again.") from error
    if not frame.height or not frame.width:
        raise TableError(f"{name} holds no rows: at least one row of values is needed.")
    if any(not each.strip() for each in frame.columns):
        raise TableError(f"{name}: a column has an empty name: name every column.")
    return frame


def column(table: str, series: "polars.Series", as_text: bool = False) -> Column:
    """One polars series as a number or a category. TableError on lists, structures, bytes and infinite numbers."""
    import polars

    if series.dtype.is_nested() or series.dtype in (polars.Binary, polars.Object):
        raise TableError(f"{table}: column {series.name!r} holds {series.dtype}, not numbers or text: leave it out.")
    if not series.dtype.is_numeric():
        series = series.cast(polars.String).str.strip_chars()
        series = series.set(series.is_in(MISSING), None)
        if as_text:
            return Column(series.name, "category", np.array(series.to_list(), dtype=object))
    numbers = series.cast(polars.Float64, strict=False)
    if numbers.null_count() > series.null_count():
        texts = series.to_list()
        if set(texts) <= BOOLEANS.keys() | {None}:
            texts = [BOOLEANS.get(text) for text in texts]
        return Column(series.name, "category", np.array(texts, dtype=object))
    values = np.array(numbers.fill_null(np.nan).to_numpy())
    infinite = np.flatnonzero(np.isinf(values))
    if infinite.size:
        raise TableError(
            f"{table}: column {series.name!r} is infinite or beyond 1.8e308 in row {infinite[0] + 1} (not counting the "
            f"header; {infinite.size} such row(s)): correct the cell or leave it empty."
        )
    return Column(series.name, "number", values)
