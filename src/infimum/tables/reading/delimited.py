"""Text delimited by commas, semicolons, tabs or bars → a `Table`, record by record (RFC 4180).

What is guessed is guessed from the first records (`sniff`) and stated in the table's `reading`. Every irregularity is
an error with its line number; nothing is repaired in silence. `onepass` reads big files to the same result.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from infimum.tables import Table, TableError, listing
from infimum.tables.reading import MISSING, Reading, unpack
from infimum.tables.reading.cells import cells_of, column_of, marks_filled, table_filled
from infimum.tables.reading.encodings import as_utf8
from infimum.tables.reading.sniff import SNIFFED, head, records, sniff
from infimum.tables.reading.unpack import Bytes

if TYPE_CHECKING:
    import polars

BATCH = 50_000  # records held as Python texts at a time


@dataclass(frozen=True)
class Header:
    """names: one a column; `lines`: how many lines of the text come before the first record of values."""

    names: tuple[str, ...]
    lines: int


def read_delimited(name: str, data: Bytes, path: Path | None, reading: Reading) -> Table:
    """bytes (of the file `path`, where they are mapped) ↦ table.

    Raises TableError on binary data, mixed encodings, a header alone, empty or repeated names, records of another
    length, quotation marks that are not closed, and a delimiter that was stated and is not there.

    >>> table = read_delimited("t.csv", b"a;b\\n1,5;x\\n2;\\n", None, Reading())
    >>> [column.cells() for column in table.columns], table.reading.delimiter, table.reading.decimal
    ([['1.5', '2'], ['x', None]], ';', ',')
    """
    if len(data) >= unpack.BIG:
        from infimum.tables.reading.onepass import read_in_one_pass

        table = read_in_one_pass(name, data, path, reading)
        if table is not None:
            return table
    whole, encoding = as_utf8(name, data, reading.encoding)
    text = whole.decode().replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise TableError(f"{name} is empty: a header line and rows of values are needed.")
    reading = with_delimiter(name, text, replace(reading, encoding=encoding))
    top = header(name, text, reading)
    return table_of_texts(name, top.names, frame_of_texts(name, text, top, reading), reading)


def with_delimiter(name: str, text: str, reading: Reading) -> Reading:
    """The reading with delimiter, quotation mark and missing texts; TableError on a delimiter that is not there."""
    delimiter, quote = sniff(text, reading.delimiter, reading.quote)
    if reading.delimiter is not None:
        likely, mark = sniff(text, None, reading.quote)
        first = first_record(name, head(text, SNIFFED), replace(reading, delimiter=likely, quote=mark))[1]
        if len(first) > 1 and delimiter not in text[: text.find("\n")] and likely != delimiter:
            raise TableError(
                f"{name}: {delimiter!r} was stated as the delimiter, but the header does not hold it: state "
                f"{likely!r}, under which there are {len(first)} columns, or leave it to be found."
            )
    missing = MISSING if reading.missing is None else reading.missing
    return replace(reading, delimiter=delimiter, quote=quote, missing=missing)


def first_record(name: str, text: str, reading: Reading) -> tuple[int, list[str]]:
    """(line of its end, fields) of the first record that is not blank; TableError if it can't be read."""
    try:
        for line, record in records(text, reading.delimiter or ",", reading.quote or '"'):
            if record:
                return line, record
    except csv.Error as error:
        raise TableError(f"{name} has no readable header ({error}): look for an unclosed quotation mark.") from error
    raise TableError(f"{name} is empty: a header line and rows of values are needed.")


def header(name: str, text: str, reading: Reading) -> Header:
    """The column names; TableError if one is empty or repeated."""
    line, fields = first_record(name, text, reading)
    names = tuple(" ".join(field.split()) for field in fields)
    check_names(name, names)
    return Header(names, line)


def check_names(table: str, names: Sequence[str]) -> None:
    """Raise TableError where a name is empty or repeated."""
    if "" in names:
        raise TableError(f"{table}: column {names.index('') + 1} has an empty name: name every column in the header.")
    if len(set(names)) < len(names):
        repeated = sorted({each for each in names if names.count(each) > 1})
        raise TableError(f"{table}: column names must differ, but {listing(repeated)} is repeated: rename it.")


def frame_of_texts(name: str, text: str, top: Header, reading: Reading) -> "polars.DataFrame":
    """frame[i, j] = text of field j of record i: columns "0", "1", …; TableError on records of another length."""
    import polars

    width, delimiter = len(top.names), reading.delimiter or ","
    frames: list[polars.DataFrame] = []
    batch: list[list[str]] = []
    waiting = line = 0  # blank lines of a single column: missing cells, unless the file ends with them
    try:
        for line, record in records(text, delimiter, reading.quote or '"'):
            if line <= top.lines:
                continue
            if not record:
                waiting += width == 1
                continue
            if len(record) != width:
                raise TableError(
                    f"{name}, line {line}: {len(record)} field(s), where the header has {width} (delimiter "
                    f"{delimiter!r}): complete the line, or put quotation marks around a text that holds the delimiter."
                )
            batch += [[""]] * waiting
            batch.append(record)
            waiting = 0
            if len(batch) >= BATCH:
                frames.append(frame_of_records(batch, width))
                batch = []
    except csv.Error as error:
        raise TableError(
            f"{name}, line {line + 1}: can't be read ({error}): look for a quotation mark that is not closed."
        ) from error
    if not batch and not frames:
        raise TableError(f"{name} holds a header and no rows: at least one row of values is needed.")
    return polars.concat([*frames, frame_of_records(batch, width)])


def frame_of_records(batch: list[list[str]], width: int) -> "polars.DataFrame":
    """The records as columns of texts."""
    import polars

    columns = zip(*batch, strict=True) if batch else [()] * width
    return polars.DataFrame([polars.Series(str(at), each, dtype=polars.String) for at, each in enumerate(columns)])


def table_of_texts(name: str, names: Sequence[str], frame: "polars.DataFrame", reading: Reading) -> Table:
    """The table of a frame of texts: decimal and thousands mark of all columns first, then the kind of each."""
    missing = reading.missing or ()
    columns = [cells_of(title, texts, missing) for title, texts in zip(names, frame.get_columns(), strict=True)]
    filled = marks_filled(columns, reading)
    return table_filled(name, (column_of(name, cells, filled) for cells in columns), filled)
