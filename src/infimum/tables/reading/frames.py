"""Tables that have types already, Parquet, Arrow and polars, → a `Table`: each series by its type.

Numbers are numbers, dates and times are times, categories and booleans are texts, an Enum is ordered; texts are read as
those of a file.
"""

import subprocess
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from infimum.tables import Column, Table, TableError
from infimum.tables.reading import MISSING, Reading
from infimum.tables.reading.cells import cells_of, column_of, finite_column, table_filled
from infimum.tables.reading.delimited import check_names
from infimum.tables.reading.unpack import Bytes

if TYPE_CHECKING:
    import polars

BINARY = {b"PAR1": "a Parquet", b"PARE": "an encrypted Parquet", b"ARROW1": "an Arrow", b"\xff\xff\xff\xff": "an Arrow"}
END_OF_STREAM = b"\xff\xff\xff\xff\0\0\0\0"


def is_binary_table(data: Bytes) -> bool:
    """Whether the bytes start as Parquet (PAR1), an Arrow file (ARROW1) or an Arrow stream (0xFFFFFFFF) does."""
    return any(data[: len(start)] == start for start in BINARY)


def read_binary(name: str, data: Bytes, path: Path | None, reading: Reading) -> Table:
    """Parquet or Arrow ↦ table; TableError where it is cut short or damaged, holds no rows, or nested values."""
    import polars

    kind = next(kind for start, kind in BINARY.items() if data[: len(start)] == start)
    source = bytes(data) if path is None else path
    try:
        if data[:4] == b"PAR1":
            frame = polars.read_parquet(source, glob=False, hive_partitioning=False)
        elif data[:6] == b"ARROW1" and survives(data, "read_ipc"):
            frame = polars.read_ipc(source)
        elif data[-8:] == END_OF_STREAM and survives(data, "read_ipc_stream"):
            frame = polars.read_ipc_stream(source)
        else:
            raise OSError("no end, or the end of the process that tried to read it")
        return table_of_frame(name, frame, reading)
    except TableError:
        raise
    except (polars.exceptions.PolarsError, polars.exceptions.PanicException, OSError, ValueError) as error:
        raise TableError(f"{name} is {kind} file that is cut short or damaged: copy it again.") from error


def survives(data: Bytes, reader: str) -> bool:
    """Whether a process that reads these bytes of Arrow lives on; where none can be started, it is taken to.

    A damaged length makes the reader ask for more memory than there is, which ends the whole process: no exception can
    be caught, so another process goes first.
    """
    read = f"polars.{reader}(io.BytesIO(sys.stdin.buffer.read()))"
    trial = f"import sys, io, polars\ntry: {read}\nexcept BaseException: pass"
    try:
        done = subprocess.run([sys.executable, "-c", trial], input=bytes(data), capture_output=True, check=False)
    except OSError:
        return True
    return done.returncode == 0


def table_of_frame(name: str, frame: "polars.DataFrame", reading: Reading) -> Table:
    """A polars frame ↦ table; TableError where it has no rows, unnamed columns, or nested values."""
    if not frame.height or not frame.width:
        raise TableError(f"{name} holds no rows: at least one row of values is needed.")
    check_names(name, [" ".join(each.split()) for each in frame.columns])
    return table_of_series(name, frame.iter_columns(), reading)


def table_of_series(name: str, columns: Iterable["polars.Series"], reading: Reading) -> Table:
    """Named series of one length ↦ table."""
    missing = MISSING if reading.missing is None else reading.missing
    filled = replace(reading, missing=missing, decimal=reading.decimal or ".", thousands=reading.thousands or "")
    return table_filled(name, (typed(name, series, filled) for series in columns), filled)


def typed(table: str, series: "polars.Series", reading: Reading) -> tuple[Column, str]:
    """(column, format of its times or ""): by the type of the series, unless `reading` states another kind.

    Raises TableError on lists, structures and bytes, on infinite numbers, and where the stated kind does not fit.

    >>> import polars
    >>> column, _ = typed("t", polars.Series("size", ["small", "big"], dtype=polars.Enum(["small", "big"])), Reading())
    >>> column.levels, column.ordered
    (('small', 'big'), True)
    """
    import polars

    name = " ".join(series.name.split())
    kind, told = series.dtype, reading.kinds.get(name)
    if kind.is_nested() or kind in (polars.Binary, polars.Object):
        raise TableError(f"{table}: column {name!r} holds {kind}, not numbers, texts or times: leave it out.")
    if kind.is_numeric() or kind in (polars.Duration, polars.Null):
        if kind == polars.Duration:
            series = series.dt.total_microseconds() / 1e6
        column = finite_column(table, name, series.cast(polars.Float64).to_numpy())
        return (column, "") if told in (None, "number") else retyped(table, column, reading)
    if kind in (polars.Date, polars.Datetime):
        column = Column(name, "time", microseconds(series))
        return (column, "") if told in (None, "time") else retyped(table, column, reading)
    if kind == polars.Enum and told in (None, "text"):
        return ordered(name, series, reading.missing or ()), ""
    if kind == polars.Categorical and told is None:
        reading = replace(reading, kinds={name: "text"})
    return column_of(table, cells_of(name, series.cast(polars.String), reading.missing or ()), reading)


def retyped(table: str, column: Column, reading: Reading) -> tuple[Column, str]:
    """(the column by the texts of its cells, as the kind that is stated for it; the format of its times)."""
    import polars

    texts = polars.Series(column.name, column.cells(), dtype=polars.String)
    plain = replace(reading, decimal=".", thousands="")
    return column_of(table, cells_of(column.name, texts, reading.missing or ()), plain)


def microseconds(series: "polars.Series") -> np.ndarray:
    """Dates and times as datetime64[us], those with a time zone in UTC."""
    import polars

    if series.dtype == polars.Datetime and series.dtype.time_zone is not None:  # type: ignore[attr-defined]
        series = series.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
    return series.cast(polars.Datetime("us")).to_numpy().astype("datetime64[us]")


def ordered(name: str, series: "polars.Series", missing: Iterable[str]) -> Column:
    """An Enum as texts in its own order; the levels that stand for a missing cell are none."""
    import polars

    levels = series.dtype.categories.to_list()  # type: ignore[attr-defined]
    none = {*missing, ""}
    place = np.cumsum([level.strip() not in none for level in levels], dtype=np.int32) - 1
    place = np.where([level.strip() in none for level in levels], -1, place).astype(np.int32)
    codes = series.to_physical().cast(polars.Int32).fill_null(-1).to_numpy()
    kept = tuple(level for level in levels if level.strip() not in none)
    return Column(name, "text", np.append(place, np.int32(-1))[codes], kept, ordered=True)
