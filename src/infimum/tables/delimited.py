"""Bytes of a delimited text file → a frame of texts, one column per header name.

The one guess is the delimiter: the candidate under which the first records have most fields while all having as many as
the header. Every other irregularity is an error with its line number; nothing is repaired in silence.
"""

import csv
import gzip
import io
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from infimum.tables import TableError, listing

if TYPE_CHECKING:
    import polars

DELIMITERS = (",", ";", "\t", "|")
SNIFFED = 200_000  # characters looked at: hundreds of records of any ordinary table


def frame_of_texts(name: str, data: bytes) -> "polars.DataFrame":
    """frame[i, j] = text of field j of record i, or null where the field is empty.

    Raises TableError on text that is not UTF-8, a header alone, empty or repeated names, records of another length.

    >>> frame_of_texts("t.csv", b"a;b\\n1,5;x\\n2;\\n").rows()
    [('1,5', 'x'), ('2', None)]
    """
    import polars

    text = decode(name, data)
    delimiter = "\t" if name.lower().removesuffix(".gz").endswith(".tsv") else sniff(text)
    names = header(name, text, delimiter)
    try:
        frame = polars.read_csv(text.encode(), separator=delimiter, infer_schema=False, new_columns=names)
    except polars.exceptions.PolarsError as error:
        check_records(name, text, delimiter, len(names))
        raise TableError(
            f"{name} can't be read as text delimited by {delimiter!r}: look for a quotation mark that is not closed."
        ) from error
    if frame.height and frame[:, -1].null_count():  # polars fills short records with nulls
        blank = check_records(name, text, delimiter, len(names))
        frame = frame.filter(~polars.Series(range(frame.height)).is_in(blank))
    if not frame.height:
        raise TableError(f"{name} holds a header and no rows: at least one row of values is needed.")
    return frame


def unpack(name: str, data: bytes) -> bytes:
    """The bytes inside a gzip file (RFC 1952), other bytes as they are; TableError if it is cut short or damaged."""
    if not data.startswith(b"\x1f\x8b"):
        return data
    try:
        return gzip.decompress(data)
    except (EOFError, OSError, zlib.error) as error:
        raise TableError(f"{name} is a gzip file that is cut short or damaged: copy it again.") from error


def decode(name: str, data: bytes) -> str:
    """The UTF-8 text, its line ends all "\\n", without byte-order mark and without empty lines at either end."""
    if b"\0" in data:
        sheet = data.startswith(b"PK\x03\x04")
        remedy = "save the spreadsheet as CSV" if sheet else "give a CSV (UTF-8) or Parquet file"
        raise TableError(f"{name} holds binary data or UTF-16, where UTF-8 text was expected: {remedy}.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise TableError(f"{name} is not UTF-8 text (see line {line}): save it with the encoding UTF-8.") from error
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip("\n")
    if not text.strip():
        raise TableError(f"{name} is empty: a header line and rows of values are needed.")
    return text


def sniff(text: str) -> str:
    """argmax over delimiters of the number of fields of the header, among those that give every record that number.

    Where no delimiter is regular, the one with most header fields, so that the error names the irregular line.

    >>> sniff("a;b\\n1,5;2,5"), sniff("a\\n1"), sniff('a,b\\n"x;y;z",2')
    (';', ',', ',')
    """
    sample = text if len(text) <= SNIFFED else text[: text.rfind("\n", 0, SNIFFED) + 1]

    def merit(delimiter: str) -> tuple[bool, int]:
        try:
            widths = [len(record) for _, record in records(sample, delimiter) if record]
        except csv.Error:
            return False, 0
        regular = widths[0] > 1 and len(set(widths[:-1] or widths)) == 1  # the last may be cut within quotation marks
        return regular, widths[0]

    return max(DELIMITERS, key=merit)


def records(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """(line number, fields) of each record; a blank line gives no fields (RFC 4180)."""
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    for record in reader:
        yield reader.line_num, record if "".join(record).strip() or len(record) > 1 else []


def header(name: str, text: str, delimiter: str) -> list[str]:
    """The column names of the first record; TableError if one is empty or repeated."""
    try:
        names = [field.strip() for field in next(records(text, delimiter))[1]]
    except csv.Error as error:
        raise TableError(f"{name} has no readable header line ({error}): give a CSV or Parquet file.") from error
    if "" in names:
        raise TableError(f"{name}: column {names.index('') + 1} has an empty name: name every column in the header.")
    repeated = sorted({each for each in names if names.count(each) > 1})
    if repeated:
        raise TableError(f"{name}: column names must differ, but {listing(repeated)} is repeated: rename it.")
    return names


def check_records(name: str, text: str, delimiter: str, width: int) -> list[int]:
    """The numbers of the blank records, from 0 after the header; TableError on a record that has not `width` fields."""
    blank = []
    try:
        for number, (line, record) in enumerate(records(text, delimiter), start=-1):
            if not record and width > 1:
                blank.append(number)
            elif record and len(record) != width:
                raise TableError(
                    f"{name}, line {line}: {len(record)} field(s), where the header has {width} (delimiter "
                    f"{delimiter!r}): complete the line, or put quotation marks around a text that holds the delimiter."
                )
    except csv.Error as error:
        raise TableError(f"{name} can't be read ({error}): look for a quotation mark that is not closed.") from error
    return blank
