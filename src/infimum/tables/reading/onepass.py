"""A big delimited text → the `Table` that `delimited` would give, in one pass over its bytes.

The first records suggest which columns are numbers. A kernel then reads those, and checks that every record has its
fields and that no number is a code (02134), while polars reads the other columns as texts. Where a suggestion does not
hold up to the end of the file, all is read once more as texts; what is irregular, record by record.
"""

import csv
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from infimum.tables import Column, Table, TableError
from infimum.tables.reading import Reading, numerals
from infimum.tables.reading.cells import cells_of, column_of, marks_filled, table_filled
from infimum.tables.reading.delimited import Header, frame_of_records, header, table_of_texts, with_delimiter
from infimum.tables.reading.encodings import as_utf8, encoding_mark, is_utf8, no_text
from infimum.tables.reading.scan import Scan, scan
from infimum.tables.reading.sniff import records
from infimum.tables.reading.unpack import Bytes

if TYPE_CHECKING:
    import polars

SAMPLE = 1 << 20  # bytes looked at before the pass
RECORDS = 4_000  # records of them at most


@dataclass(frozen=True)
class Source:
    """UTF-8 bytes, those of the file `path` where there is one; `encoding`: what they were in, `told` or found."""

    data: Bytes
    path: Path | None
    encoding: str
    told: str | None

    def sample(self) -> bytes:
        """The whole lines among the first bytes, without byte-order mark."""
        start = 3 if encoding_mark(self.data) else 0
        return bytes(self.data[start : self.data.rfind(b"\n", 0, SAMPLE) + 1])


def read_in_one_pass(name: str, data: Bytes, path: Path | None, reading: Reading) -> Table | None:
    """The table, or None where the bytes are irregular and have to be read record by record.

    Raises TableError on binary data, mixed encodings, empty or repeated names, and where a column can't be read.
    """
    encoding = reading.encoding or encoding_mark(data) or "utf-8"
    source = Source(data, path, encoding, reading.encoding)
    if encoding not in ("utf-8", "utf-8-sig") or not is_utf8(source.sample()):
        source = recoded(name, source)
    sample = source.sample().replace(b"\r\n", b"\n")
    if b"\r" in sample or not sample.strip():
        return None
    text = sample.decode()
    found = with_delimiter(name, text, replace(reading, encoding=source.encoding))
    top = header(name, text, found)
    frame = sample_frame(text, top, found)
    numbers = () if frame is None else numbers_planned(name, top, frame, found)
    return one_pass(name, source, top, found, numbers)


def recoded(name: str, source: Source) -> Source:
    """The same text in UTF-8; TableError where the bytes are no text."""
    text, encoding = as_utf8(name, source.data, source.told)
    return Source(text, None, encoding, source.told)


def sample_frame(text: str, top: Header, reading: Reading) -> "polars.DataFrame | None":
    """The first records as texts, without the last, which may be cut; None where one is irregular."""
    found = []
    try:
        for line, record in islice(records(text, reading.delimiter or ",", reading.quote or '"'), RECORDS):
            if line > top.lines and record:
                found.append(record)
    except csv.Error:
        pass  # the sample may end within quotation marks
    width = len(top.names)
    return frame_of_records(found[:-1], width) if all(len(record) == width for record in found[:-1]) else None


def numbers_planned(name: str, top: Header, frame: "polars.DataFrame", reading: Reading) -> tuple[int, ...]:
    """The places of the columns that are numbers in the sample, if they are written as the kernel reads them."""
    missing = reading.missing or ()
    columns = [cells_of(title, texts, missing) for title, texts in zip(top.names, frame.get_columns(), strict=True)]
    filled = marks_filled(columns, reading)
    plain = (filled.decimal, filled.thousands) == (".", "") and reading.delimiter not in (*" .+-",)
    if not plain or not numerals.unambiguous(missing):
        return ()

    def is_number(at: int) -> bool:
        try:
            return column_of(name, columns[at], filled)[0].kind == "number"
        except TableError:  # the whole column may be sound, or fail with a better count
            return False

    return tuple(at for at in range(len(columns)) if is_number(at))


def one_pass(name: str, source: Source, top: Header, reading: Reading, numbers: tuple[int, ...]) -> Table | None:
    """The table, those columns read as numbers if they all are; None where a record is irregular."""
    from infimum.kernels.records import NO_NUMBERS, NOT_ASCII, ODD, UNCLOSED, UNEVEN, ZERO_BYTE

    start = 0
    for _ in range(top.lines):
        start = source.data.find(b"\n", start) + 1
    if start == len(source.data):
        return None
    with ThreadPoolExecutor(1) as beside:
        waiting = beside.submit(scan, source.data, start, reading, numbers, len(top.names))
        frame = frame_of_others(source, top, reading, numbers)
        seen = waiting.result()
    if seen.flags & ZERO_BYTE:
        raise no_text(name)
    if seen.flags & NOT_ASCII and not is_utf8(source.data):
        source = recoded(name, source)
        return one_pass(name, source, top, replace(reading, encoding=source.encoding), numbers)
    if seen.flags & NO_NUMBERS:
        return one_pass(name, source, top, reading, ())
    if seen.flags & (UNEVEN | UNCLOSED | ODD) or not seen.records:
        return None
    if frame is None or (frame.width and frame.height != seen.records):
        return None
    values, kept = seen.values, rows_kept(seen, len(top.names))
    if kept is not None:
        if not len(kept):
            return None
        frame, values = frame[kept] if frame.width else frame, values[:, kept]
    if not numbers:
        return table_of_texts(name, top.names, frame, reading)
    filled = replace(reading, decimal=".", thousands="")
    return table_filled(name, columns_of(name, top, frame, filled, dict(zip(numbers, values, strict=True))), filled)


def frame_of_others(
    source: Source, top: Header, reading: Reading, numbers: Collection[int]
) -> "polars.DataFrame | None":
    """The texts of the columns that are no numbers, "0", "1", …; None where polars finds a record irregular."""
    import polars

    names = [str(at) for at in range(len(top.names))]
    others = [at for at in range(len(names)) if at not in numbers]
    if not others:
        return polars.DataFrame()
    try:
        return polars.read_csv(
            source.path if source.path is not None else bytes(source.data),
            columns=others,
            has_header=False,
            skip_lines=top.lines,
            separator=reading.delimiter or ",",
            quote_char=reading.quote,
            schema=dict.fromkeys(names, polars.String),
            glob=False,
        )
    except (polars.exceptions.PolarsError, OSError):
        return None


def rows_kept(seen: Scan, width: int) -> np.ndarray | None:
    """The numbers of the records that are rows, None for all: no blank ones, but in a single column only at the end."""
    blanks = seen.blanks
    if width == 1:
        blanks = blanks[blanks - np.arange(len(blanks)) == seen.records - len(blanks)]
    return np.delete(np.arange(seen.records), blanks) if len(blanks) else None


def columns_of(
    name: str, top: Header, frame: "polars.DataFrame", reading: Reading, numbers: Mapping[int, np.ndarray]
) -> Iterator[tuple[Column, str]]:
    """(column, format) of each: the numbers as they are, the others of the frame, which lets go of its own copy."""
    for at, title in enumerate(top.names):
        if at in numbers:
            yield Column(title, "number", numbers[at]), ""
        else:
            yield column_of(name, cells_of(title, frame.drop_in_place(str(at)), reading.missing or ()), reading)
