"""A big delimited text → the `Table` that `delimited` would give, in one pass over its bytes.

The first records suggest which columns are numbers. One pass of polars then reads those as numbers and the others as
texts, while a kernel beside it checks that every record has its fields and that no number is a code (02134). Where a
suggestion does not hold up to the end of the file, all is read once more as texts; what is irregular, record by record.
"""

import csv
import sys
from collections.abc import Collection, Iterator
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


@dataclass(frozen=True)
class Plan:
    """The places of the columns to read as numbers, and the texts that stand for a missing one in the sample."""

    numbers: tuple[int, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True)
class Scan:
    """What the kernel saw: how many records, the numbers of the blank ones, its flags, and needless zeros a column."""

    records: int
    blanks: np.ndarray
    flags: int
    zeros: np.ndarray


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
    plan = Plan((), ()) if frame is None else planned(name, top, frame, found)
    return one_pass(name, source, top, found, plan)


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


def planned(name: str, top: Header, frame: "polars.DataFrame", reading: Reading) -> Plan:
    """The columns that are numbers in the sample, if they are written as polars reads them."""
    missing = reading.missing or ()
    columns = [cells_of(title, texts, missing) for title, texts in zip(top.names, frame.get_columns(), strict=True)]
    filled = marks_filled(columns, reading)
    if (filled.decimal, filled.thousands) != (".", "") or not numerals.unambiguous(missing):
        return Plan((), ())

    def is_number(at: int) -> bool:
        try:
            return column_of(name, columns[at], filled)[0].kind == "number"
        except TableError:  # the whole column may be sound, or fail with a better count
            return False

    numbers = tuple(at for at in range(len(columns)) if is_number(at))
    tokens = [text for text in missing if text]
    seen = {text for at in numbers for text in frame[str(at)].filter(frame[str(at)].is_in(tokens)).unique()}
    return Plan(numbers, tuple(sorted(seen)))


def one_pass(name: str, source: Source, top: Header, reading: Reading, plan: Plan) -> Table | None:
    """The table, the columns of the plan read as numbers if they all are; None where a record is irregular."""
    from infimum.kernels.records import NOT_ASCII, ODD, UNCLOSED, UNEVEN, ZERO_BYTE

    with ThreadPoolExecutor(1) as beside:
        waiting = beside.submit(scan, source, top, reading)
        frame = frame_of_numbers(source, top, reading, plan)
        seen = waiting.result()
    if seen.flags & ZERO_BYTE:
        raise no_text(name)
    if seen.flags & NOT_ASCII and not is_utf8(source.data):
        source = recoded(name, source)
        return one_pass(name, source, top, replace(reading, encoding=source.encoding), plan)
    if seen.flags & (UNEVEN | UNCLOSED | ODD) or not seen.records:
        return None
    numbers = plan.numbers
    if frame is None or any(seen.zeros[at] for at in numbers):
        numbers, frame = (), polars_frame(source, top, reading, Plan((), ()))
    kept = rows_kept(seen, len(top.names))
    if frame is None or frame.height != seen.records or (kept is not None and not len(kept)):
        return None
    frame = frame if kept is None else frame[kept]
    if not numbers:
        return table_of_texts(name, top.names, frame, reading)
    filled = replace(reading, decimal=".", thousands="")
    return table_filled(name, columns_of(name, top, frame, filled, numbers), filled)


def scan(source: Source, top: Header, reading: Reading) -> Scan:
    """The kernel's verdict on the records after the header."""
    from infimum.kernels.records import byte_classes, count_plain_records, scan_records

    start = 0
    for _ in range(top.lines):
        start = source.data.find(b"\n", start) + 1
    data = np.frombuffer(source.data, dtype=np.uint8)
    width, none = len(top.names), np.zeros(0, dtype=np.int64)
    if width > 1 and data[-1] == 10 and sys.byteorder == "little":
        words = np.frombuffer(source.data, dtype=np.uint64, count=(len(data) - start) // 8, offset=start)
        tail = data[start + 8 * len(words) :]
        plain = count_plain_records(words, tail, ord(reading.delimiter or ","), ord(reading.quote or '"'), width)
        if plain >= 0:
            return Scan(plain, none, 0, np.zeros(width, dtype=np.int64))
    classes = byte_classes(ord(reading.delimiter or ","), ord(reading.quote or '"'))
    blanks = np.zeros(1024, dtype=np.int64)
    while True:
        zeros = np.zeros(width, dtype=np.int64)
        found, blank, flags = scan_records(data, start, classes, zeros, blanks)
        if blank <= len(blanks):
            return Scan(found, blanks[:blank], flags, zeros)
        blanks = np.zeros(blank, dtype=np.int64)


def frame_of_numbers(source: Source, top: Header, reading: Reading, plan: Plan) -> "polars.DataFrame | None":
    """The columns, those of the plan finite numbers to the end; None where they are not.

    Each text to be looked for costs time in every cell: at first those of the sample, then all.
    """
    every = tuple(sorted(text for text in reading.missing or () if text))
    for missing in dict.fromkeys((plan.missing, every)):
        frame = polars_frame(source, top, reading, Plan(plan.numbers, missing))
        if frame is not None and all(frame[str(at)].is_finite().all() for at in plan.numbers):
            return frame
    return None


def polars_frame(source: Source, top: Header, reading: Reading, plan: Plan) -> "polars.DataFrame | None":
    """The columns "0", "1", …, some as numbers; None where polars finds something else in them."""
    import polars

    try:
        return polars.read_csv(
            source.path if source.path is not None else bytes(source.data),
            has_header=False,
            skip_lines=top.lines,
            separator=reading.delimiter or ",",
            quote_char=reading.quote,
            schema={str(at): polars.Float64 if at in plan.numbers else polars.String for at in range(len(top.names))},
            null_values=list(plan.missing) or None,
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
    name: str, top: Header, frame: "polars.DataFrame", reading: Reading, numbers: Collection[int]
) -> Iterator[tuple[Column, str]]:
    """(column, format) of each; the frame's own copy is let go column by column, so that two never are in memory."""
    for at, title in enumerate(top.names):
        series = frame.drop_in_place(str(at))
        if at in numbers:
            yield Column(title, "number", series.to_numpy()), ""
        else:
            yield column_of(name, cells_of(title, series, reading.missing or ()), reading)
