"""A path, or "-" for standard input → the bytes of the table in it, out of gzip, bzip2, xz or zstandard."""

import bz2
import gzip
import lzma
import mmap
import stat
import sys
import zlib
from os import PathLike
from pathlib import Path

from infimum.tables import TableError

Bytes = bytes | mmap.mmap
BIG = 1 << 23  # bytes from which a file is mapped into memory and read in one pass, rather than record by record
STREAMS = ("/dev/stdin", "/dev/fd/", "/proc/self/fd/")
SHEETS = {b"PK\x03\x04": "a spreadsheet or zip archive", b"\xd0\xcf\x11\xe0": "an old Excel file"}


def named_bytes(source: str | PathLike[str]) -> tuple[str, Bytes]:
    """(name of the table, its bytes, unpacked).

    Raises TableError where there is no such file, or it is a folder, no regular file, empty, unreadable, a spreadsheet,
    or packed and cut short.
    """
    if str(source) == "-":
        return "standard input", unpacked("standard input", standard_input())
    path = Path(source)
    data = unpacked(path.name, contents(path))
    for start, kind in SHEETS.items():
        if data[: len(start)] == start:
            raise TableError(f"{path.name} is {kind}, binary data and no text: save the table in it as CSV.")
    return path.name, data


def standard_input() -> bytes:
    """All of standard input; TableError if it is a terminal, or holds nothing."""
    if sys.stdin is None or sys.stdin.isatty():
        raise TableError("standard input is a terminal, where a table was expected: pipe a table in, or give its file.")
    data = sys.stdin.buffer.read()
    if not data:
        raise TableError("standard input is empty: a header line and rows of values are needed.")
    return data


def contents(path: Path) -> Bytes:
    """The bytes of the file, mapped if there are many; TableError if it can't be read or holds nothing."""
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise TableError(f"{path} is a folder: give the file inside it.")
        if not stat.S_ISREG(mode) and not str(path).startswith(STREAMS):
            raise TableError(f"{path} is a pipe or device, not a file: give a file, or pipe the table in and give '-'.")
        with path.open("rb") as file:
            big = stat.S_ISREG(mode) and path.stat().st_size >= BIG
            data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if big else file.read()
    except TableError:
        raise
    except FileNotFoundError as error:
        raise TableError(f"{path}: no such file: check the name and the folder.") from error
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the name
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise TableError(f"{path} can't be read ({reason}): check that it is yours to read.") from error
    if not data:
        raise TableError(f"{path.name} is empty: a header line and rows of values are needed.")
    return data


def unpacked(name: str, data: Bytes) -> Bytes:
    """The bytes inside gzip (RFC 1952), bzip2, xz or zstandard (RFC 8878); others as they are.

    Raises TableError where they are cut short or damaged, or hold nothing.

    >>> unpacked("t.csv.gz", gzip.compress(b"a,b"))
    b'a,b'
    """
    found = next((start for start in PACKED if data[: len(start)] == start), None)
    if found is None:
        return data
    kind, unpack = PACKED[found]
    try:
        inside = unpack(bytes(data))
    except (EOFError, OSError, ValueError, lzma.LZMAError, zlib.error) as error:
        raise TableError(f"{name} is a {kind} file that is cut short or damaged: copy it again.") from error
    except MemoryError as error:
        raise TableError(f"{name} is a {kind} file of more than fits in memory: unpack and split it.") from error
    if not inside:
        raise TableError(f"{name} is empty inside its {kind}: a header line and rows of values are needed.")
    return inside


def unpack_zstandard(data: bytes) -> bytes:
    """The frames of a zstandard file, one after the other; EOFError where the last is cut, ValueError where damaged."""
    import zstandard

    parts = []
    while data:
        frame = zstandard.ZstdDecompressor().decompressobj()
        try:
            parts.append(frame.decompress(data))
        except zstandard.ZstdError as error:
            raise ValueError(str(error)) from error
        if not frame.eof:
            raise EOFError
        data = frame.unused_data
    return b"".join(parts)


PACKED = {
    b"\x1f\x8b": ("gzip", gzip.decompress),
    b"BZh": ("bzip2", bz2.decompress),
    b"\xfd7zXZ\x00": ("xz", lzma.decompress),
    b"\x28\xb5\x2f\xfd": ("zstandard", unpack_zstandard),
}
