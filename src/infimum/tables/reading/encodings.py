"""bytes ↦ UTF-8 text, and the name of the encoding that they were in."""

import codecs
import re

from infimum.tables import TableError
from infimum.tables.reading.unpack import Bytes

MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
SEVERAL = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
CONTROL = re.compile(rb"[\x01-\x08\x0e-\x19\x1c-\x1f\x7f]")
BLOCK = 1 << 24
SAVE = "save it with the encoding UTF-8."


def encoding_mark(data: Bytes) -> str:
    """The encoding that the first bytes state; "" if they state none."""
    return next((encoding for mark, encoding in MARKS.items() if data[: len(mark)] == mark), "")


def as_utf8(name: str, data: Bytes, told: str | None = None) -> tuple[bytes, str]:
    """(the text in UTF-8, without byte-order mark; its encoding).

    As told; else as the byte-order mark says; else UTF-8 if valid; else Windows-1252, if no bytes of it make a
    character of two or more bytes in UTF-8.

    Raises TableError on an unknown encoding, on bytes that are no text in it, on both encodings in one file, and on
    zero bytes.

    >>> as_utf8("t.csv", "é".encode("cp1252"))
    (b'\\xc3\\xa9', 'cp1252')
    """
    encoding = told or encoding_mark(data) or ("utf-8" if is_utf8(data) else "cp1252")
    whole = bytes(data)
    if not told and encoding in ("cp1252", "utf-8-sig"):
        check_one_encoding(name, whole)
    if encoding == "utf-8":
        text = whole
    else:
        try:
            text = codecs.decode(whole, encoding).encode()
        except UnicodeDecodeError as error:
            line = whole.count(b"\n", 0, error.start) + 1
            raise TableError(f"{name}, line {line}: bytes that are no text in {encoding}: {SAVE}") from error
        except (LookupError, UnicodeEncodeError, TypeError, AttributeError, ValueError) as error:
            raise TableError(f"{encoding!r} is no encoding of text: give one such as utf-8 or cp1252.") from error
    text = text.removeprefix(codecs.BOM_UTF8)
    if b"\0" in text:
        raise no_text(name)
    return text, encoding


def no_text(name: str) -> TableError:
    """The error for binary data."""
    expected = "give a CSV, JSON Lines, Parquet or Arrow file."
    return TableError(f"{name} holds binary data, where text was expected: {expected}")


def is_utf8(data: Bytes) -> bool:
    """Whether the bytes are valid UTF-8, looked at block by block.

    >>> is_utf8("é".encode()), is_utf8(b"\\xe9")
    (True, False)
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(0, len(data), BLOCK):
            decoder.decode(data[start : start + BLOCK])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def check_one_encoding(name: str, data: bytes) -> None:
    """Raise TableError where bytes that are not valid UTF-8 are no Windows-1252 either, or both kinds are there."""
    try:
        data.decode()
        return
    except UnicodeDecodeError as error:
        bad, cut = error.start, error.reason == "unexpected end of data"
    if b"\0" in data or CONTROL.search(data):
        raise no_text(name)
    line = data.count(b"\n", 0, bad) + 1
    several = SEVERAL.search(data)
    if several:
        if cut:
            raise TableError(f"{name}, line {line}: the file ends within a character: it is cut short: copy it again.")
        other = data.count(b"\n", 0, several.start()) + 1
        raise TableError(
            f"{name} mixes encodings, UTF-8 in line {other} and another in line {line}: save all of it in UTF-8."
        )
    try:
        data.decode("cp1252")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise TableError(f"{name}, line {line}: bytes that are no text in UTF-8 nor Windows-1252: {SAVE}") from error
