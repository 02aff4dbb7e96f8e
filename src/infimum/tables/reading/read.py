"""A file → a `Table`: delimited text, JSON Lines, Parquet or Arrow, packed or not, told apart by their first bytes."""

import mmap
from os import PathLike
from pathlib import Path

from infimum.tables import Table, TableError
from infimum.tables.reading import Reading
from infimum.tables.reading.delimited import read_delimited
from infimum.tables.reading.frames import is_binary_table, read_binary
from infimum.tables.reading.jsonlines import is_json, read_json_lines
from infimum.tables.reading.numerals import CONVENTIONS
from infimum.tables.reading.unpack import named_bytes


def read_table(source: str | PathLike[str], reading: Reading | None = None) -> Table:
    """path, or "-" for standard input ↦ table of numbers, texts and times; `table.reading` states how it was read.

    What `reading` states is taken as told, the rest found out. A column is numbers, or else times, if every present
    cell is one; digits with zeros in front, true and false, and everything else are texts.

    Raises TableError, one sentence, on a file that is absent, a folder, empty, a header alone, binary, cut short, in
    two encodings or ragged, on empty or repeated names, on a few texts among numbers, and on infinite numbers.

    >>> import tempfile, pathlib
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "small.csv")
    ...     _ = path.write_text("hour,weather\\n7,rain\\n?,clear\\n")
    ...     table = read_table(path)
    >>> [(column.name, column.kind, column.cells()) for column in table.columns]
    [('hour', 'number', ['7', None]), ('weather', 'text', ['rain', 'clear'])]
    """
    reading = reading or Reading()
    check_reading(reading)
    name, data = named_bytes(source)
    path = Path(source) if isinstance(data, mmap.mmap) else None
    try:
        if is_binary_table(data):
            return read_binary(name, data, path, reading)
        if reading.delimiter is None and is_json(data):
            return read_json_lines(name, data, reading)
        return read_delimited(name, data, path, reading)
    except MemoryError as error:
        raise TableError(f"{name} holds more than fits in memory: take fewer rows or columns.") from error


def check_reading(reading: Reading) -> None:
    """Raise TableError where a stated convention is none."""
    marks = {mark for _, mark in CONVENTIONS} | {""}
    if reading.decimal not in (None, ".", ","):
        raise TableError(f"the decimal mark must be '.' or ',', but is {reading.decimal!r}: state one of them.")
    if reading.thousands is not None and (reading.thousands not in marks or reading.thousands == reading.decimal):
        raise TableError(
            f"the thousands mark must be one of , . ' a space or nothing, and not the decimal mark, but is "
            f"{reading.thousands!r}: state another."
        )
    for what, character in (("delimiter", reading.delimiter), ("quotation mark", reading.quote)):
        if character is not None and not (len(character) == 1 and is_mark(character)):
            raise TableError(f"the {what} must be one character that is no letter or digit, but is {character!r}.")
    if reading.delimiter is not None and reading.delimiter == reading.quote:
        raise TableError(f"{reading.quote!r} can't be both delimiter and quotation mark: state two different ones.")
    for column, kind in reading.kinds.items():
        if kind not in ("number", "text", "time"):
            raise TableError(f"the kind of {column!r} must be number, text or time, but is {kind!r}: state one.")


def is_mark(character: str) -> bool:
    """Whether a character can separate: a tab, or printable and neither letter nor digit.

    >>> is_mark(";"), is_mark("x")
    (True, False)
    """
    return character == "\t" or (character.isascii() and character.isprintable() and not character.isalnum())
