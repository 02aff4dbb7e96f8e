"""texts of a column ↦ numbers, texts or times: the kind under which every present cell reads, found or as told."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from shlex import quote
from typing import TYPE_CHECKING

import numpy as np

from infimum.tables import Column, Table, TableError
from infimum.tables.natural import short
from infimum.tables.reading import Reading, dates, numerals

if TYPE_CHECKING:
    import polars

BOOLEANS = {"True": "true", "TRUE": "true", "False": "false", "FALSE": "false"}
STRAY, VARIED = 0.1, 20  # a column of more than VARIED numbers with up to this share of texts is called an error


@dataclass(frozen=True, eq=False)
class Cells:
    """x = levels[codes], −1 where missing: texts of one column, its distinct ones sorted; int32 codes, (n,)."""

    name: str
    levels: "polars.Series"
    codes: np.ndarray

    def first(self, chosen: np.ndarray) -> tuple[int, int, str]:
        """(row of the first cell whose level is chosen, from 1; how many such cells; its text, cut if long)."""
        rows = np.flatnonzero(np.append(chosen, False)[self.codes])
        return int(rows[0]) + 1, len(rows), short(self.levels[int(self.codes[rows[0]])], 40)


def distinct(texts: "polars.Series") -> tuple["polars.Series", np.ndarray]:
    """(levels, codes): the distinct texts, sorted, and the place of each text among them, −1 for null.

    >>> import polars
    >>> levels, codes = distinct(polars.Series(["b", None, "a", "b"]))
    >>> levels.to_list(), codes.tolist()
    (['a', 'b'], [1, -1, 0, 1])
    """
    import polars

    levels = texts.drop_nulls().unique().sort()
    if not len(levels):
        return levels, np.full(len(texts), -1, dtype=np.int32)
    places = texts.cast(polars.Enum(levels)).to_physical().rechunk()  # of a byte each where there are few levels
    codes = places.fill_null(0).to_numpy().astype(np.int32)
    if places.has_nulls():
        codes[places.is_null().to_numpy()] = -1
    return levels, codes


def cells_of(name: str, texts: "polars.Series", missing: Iterable[str]) -> Cells:
    """The cells of a column: white space around them cut off, `missing` ones marked, booleans as true and false.

    >>> import polars
    >>> cells_of("c", polars.Series([" a", "NA", "TRUE", "a"]), ("NA",)).codes.tolist()
    [0, -1, 1, 0]
    """
    import polars

    raw, codes = distinct(texts)
    clean = raw.str.strip_chars()
    if clean.str.contains("\r", literal=True).any():
        clean = clean.str.replace_all("\r\n?", "\n")
    gaps = clean.is_in(polars.Series([*{*missing, ""}], dtype=polars.String).implode())
    if not gaps.any() and (clean == raw).all() and not raw.is_in([*BOOLEANS]).any():
        return Cells(name, raw, codes)
    levels, places = distinct(clean.replace(BOOLEANS).set(gaps, None))
    return Cells(name, levels, np.append(places, np.int32(-1))[codes])


def marks_filled(columns: Iterable[Cells], reading: Reading) -> Reading:
    """The reading with the decimal and the thousands mark under which most of the columns are numbers."""
    free = (cells.levels for cells in columns if reading.kinds.get(cells.name, "number") == "number")
    decimal, thousands = numerals.marks_of(free, reading.decimal, reading.thousands)
    return replace(reading, decimal=decimal, thousands=thousands)


def column_of(table: str, cells: Cells, reading: Reading) -> tuple[Column, str]:
    """(column, format of its times or ""): numbers, else times, else texts, where every present cell is one.

    Digits with a zero in front are codes: texts. The kind that `reading` states is taken as told.

    Raises TableError where a cell is not of the kind stated, where a number is infinite, and where a few texts stand in
    a column of numbers.
    """
    told = reading.kinds.get(cells.name)
    if told == "number" or (told is None and not len(cells.levels)):
        return numbers_as_told(table, cells, reading), ""
    if told == "time":
        return times_as_told(table, cells, reading)
    if told is None:
        decimal, thousands = reading.decimal or ".", reading.thousands or ""
        numbers = numerals.parse(cells.levels, decimal, thousands)
        if not numbers.has_nulls() and not numerals.is_code(cells.levels):
            return number_column(table, cells.name, numbers.to_numpy(), cells.codes), ""
        form = reading.dates.get(cells.name) or dates.format_of(cells.levels, decimal)
        if form:
            return times_as_told(table, cells, replace(reading, dates={cells.name: form}))
        check_strays(table, cells, numbers)
    return Column(cells.name, "text", cells.codes, tuple(cells.levels.to_list())), ""


def number_column(table: str, name: str, levels: np.ndarray, codes: np.ndarray) -> Column:
    """The column levels[codes], NaN where the code is −1; TableError where a number is infinite."""
    return finite_column(table, name, np.append(levels, np.nan)[codes])


def finite_column(table: str, name: str, values: np.ndarray) -> Column:
    """The column of these numbers; TableError, with the row, where one is infinite."""
    infinite = np.flatnonzero(np.isinf(values))
    if infinite.size:
        raise TableError(
            f"{table}: column {name!r} is infinite or beyond 1.8e308 in row {infinite[0] + 1} (not counting the "
            f"header; {infinite.size} such row(s)): correct the cell or leave it empty."
        )
    return Column(name, "number", values)


def numbers_as_told(table: str, cells: Cells, reading: Reading) -> Column:
    """The cells as numbers; TableError naming the first that is none, and how many there are."""
    numbers = numerals.parse(cells.levels, reading.decimal or ".", reading.thousands or "")
    if numbers.has_nulls():
        row, count, text = cells.first(numbers.is_null().to_numpy())
        raise TableError(
            f"{table}: column {cells.name!r} was to hold numbers, but {text!r} in row {row} (not counting the "
            f"header; {count} such cell(s)) is none: correct it, leave it empty, or declare it missing."
        )
    return number_column(table, cells.name, numbers.to_numpy(), cells.codes)


def times_as_told(table: str, cells: Cells, reading: Reading) -> tuple[Column, str]:
    """(the cells as times, their format); TableError naming the first that is none under it."""
    form = reading.dates.get(cells.name) or dates.format_of(cells.levels, reading.decimal or ".") or "%Y-%m-%d"
    try:
        times = dates.parse(cells.levels, form)
    except ValueError as error:
        raise TableError(f"{table}: column {cells.name!r}: {error}: give one.") from error
    if times.has_nulls():
        row, count, text = cells.first(times.is_null().to_numpy())
        raise TableError(
            f"{table}: column {cells.name!r} was to hold times as {form}, but {text!r} in row {row} (not counting the "
            f"header; {count} such cell(s)) is none: correct it, leave it empty, or state another format."
        )
    values = np.append(times.to_numpy().astype("datetime64[us]"), np.datetime64("NaT", "us"))
    return Column(cells.name, "time", values[cells.codes]), form


def check_strays(table: str, cells: Cells, numbers: "polars.Series") -> None:
    """Raise TableError where up to a tenth of the cells are texts, and the others are numbers of many values."""
    stray = numbers.is_null()
    count = int(stray.sum())
    if len(numbers) - count <= VARIED or 2 * count >= len(numbers) or numerals.is_code(cells.levels.filter(~stray)):
        return
    row, rows, text = cells.first(stray.to_numpy())
    told = f"--read {quote(f'missing+={text}')}"
    if rows <= STRAY * np.count_nonzero(cells.codes >= 0):
        raise TableError(
            f"{table}: column {cells.name!r} holds numbers, but {rows} cell(s) that are none, the first {text!r} in "
            f"row {row} (not counting the header): correct them, declare the text missing ({told}), or take the column "
            f"as text (--role {quote(f'{cells.name}=category')})."
        )


def table_filled(name: str, read: Iterable[tuple[Column, str]], reading: Reading) -> Table:
    """The table of these columns, each with the format of its times, and the reading with every kind and format."""
    pairs = tuple(read)
    kinds = {column.name: str(column.kind) for column, _ in pairs}
    forms = {column.name: form for column, form in pairs if form}
    decimal, thousands = reading.decimal or ".", reading.thousands or ""
    filled = replace(reading, kinds=kinds, dates=forms, decimal=decimal, thousands=thousands)
    return Table(name, tuple(column for column, _ in pairs), filled)
