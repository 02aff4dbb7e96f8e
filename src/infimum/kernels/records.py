"""bytes of a delimited text ↦ its records: are all of one width, which are blank, which fields have a needless 0.

`count_plain_records` looks at eight bytes at a time, by the arithmetic of Mycroft (1987; Warren, Hacker's Delight, 6),
and gives up on what is not plain; `scan_records` looks at each.
"""

import numpy as np
from numba import njit

SEPARATOR, NEWLINE, QUOTE, RETURN, NUL, BEYOND_ASCII = 1, 2, 3, 4, 5, 6
UNEVEN, UNCLOSED, ODD, ZERO_BYTE, NOT_ASCII = 1, 2, 4, 8, 16


def byte_classes(separator: int, quote: int) -> np.ndarray:
    """class[b] = the kind of each byte b, 0 for ordinary ones; uint8, (256,)."""
    classes = np.zeros(256, dtype=np.uint8)
    classes[128:] = BEYOND_ASCII
    for byte, kind in ((0, NUL), (10, NEWLINE), (13, RETURN), (quote, QUOTE), (separator, SEPARATOR)):
        classes[byte] = kind
    return classes


@njit(cache=True, inline="always")
def _needless_zero(data, i):  # pragma: no cover - compiled
    while i < len(data) and data[i] == 32:
        i += 1
    return i + 1 < len(data) and data[i] == 48 and 48 <= data[i + 1] <= 57


@njit(cache=True)
def _end_of_quotation(data, i, classes):  # pragma: no cover - compiled
    """(position behind the closing mark, flags) of a text in quotation marks that starts at i."""
    n = len(data)
    flags = 0
    while i < n:
        kind = classes[data[i]]
        i += 1
        if kind == QUOTE:
            if i == n or classes[data[i]] != QUOTE:
                if i < n and classes[data[i]] not in (SEPARATOR, NEWLINE, RETURN):
                    flags |= ODD
                return i, flags
            i += 1
        elif kind == NUL:
            flags |= ZERO_BYTE
        elif kind == BEYOND_ASCII:
            flags |= NOT_ASCII
    return n, flags | UNCLOSED


@njit(cache=True, inline="always")
def _flag(data, i, kind):  # pragma: no cover - compiled
    """What a special byte outside quotation marks says: a return is odd unless it ends the line."""
    if kind == QUOTE:
        return ODD
    if kind == RETURN:
        return ODD if i + 1 < len(data) and data[i + 1] != 10 else 0
    return ZERO_BYTE if kind == NUL else NOT_ASCII


@njit(cache=True)
def _is_blank(data, start, stop, classes):  # pragma: no cover - compiled
    """Whether there is only white space, in quotation marks or not."""
    while start < stop and (data[start] == 32 or 9 <= data[start] <= 13 or classes[data[start]] == QUOTE):
        start += 1
    return start == stop


@njit(cache=True, nogil=True)
def scan_records(data, start, classes, zeros, blanks):  # pragma: no cover - compiled
    """(records, blank records, flags) of data[start:], uint8, for zeros (width,) and blanks (any length).

    Writes into zeros the number of fields of each column that start with 0 and a digit, and into blanks the numbers of
    the first records that hold white space alone. Stops at the first record that has neither width fields nor none
    (UNEVEN) and at a quotation mark without its end (UNCLOSED). ODD: quotation marks within a field, a carriage return
    within a line; ZERO_BYTE, NOT_ASCII: there are such bytes.
    """
    n, width = len(data), len(zeros)
    records = field = blank = flags = 0
    i = begin = start
    while i < n or field:
        if i < n and classes[data[i]] == QUOTE:
            zeros[min(field, width - 1)] += _needless_zero(data, i + 1)
            i, said = _end_of_quotation(data, i + 1, classes)
            flags |= said
            if flags & UNCLOSED:
                break
        elif i < n and (data[i] == 48 or data[i] == 32):
            zeros[min(field, width - 1)] += _needless_zero(data, i)
        while i < n:
            kind = classes[data[i]]
            if kind:
                if kind <= NEWLINE:
                    break
                flags |= _flag(data, i, kind)
            i += 1
        field += 1
        if i == n or data[i] == 10:
            if field == 1 and _is_blank(data, begin, i, classes):
                if blank < len(blanks):
                    blanks[blank] = records
                blank += 1
            elif field != width:
                flags |= UNEVEN
                break
            records += 1
            field = 0
            begin = i + 1
        i += 1
    return records, blank, flags


ONES = np.uint64(0x0101010101010101)
LOW = np.uint64(0x7F7F7F7F7F7F7F7F)
HIGH = np.uint64(0x8080808080808080)
BYTE, SEVEN, TOP = np.uint64(8), np.uint64(7), np.uint64(56)


@njit(cache=True, inline="always")
def _equal(word, byte):  # pragma: no cover - compiled
    """The high bit of each of the eight bytes that equals `byte`; all must be ASCII."""
    return ~((word ^ (ONES * byte)) + LOW) & HIGH


@njit(cache=True, inline="always")
def _digits(word):  # pragma: no cover - compiled
    """The high bit of each of the eight bytes that is a digit; all must be ASCII."""
    return (word + ONES * np.uint64(80)) & ~(word + ONES * np.uint64(70)) & HIGH


@njit(cache=True, inline="always")
def _count(bits):  # pragma: no cover - compiled
    """How many of the eight high bits are set."""
    return np.int64(((bits >> SEVEN) * ONES) >> TOP)


@njit(cache=True)
def _filled(tail):  # pragma: no cover - compiled
    """Up to seven bytes as a word, filled up with ordinary ones."""
    word = ONES * np.uint64(120)
    for i in range(len(tail)):
        shift = BYTE * np.uint64(i)
        word = (word & ~(np.uint64(255) << shift)) | (np.uint64(tail[i]) << shift)
    return word


@njit(cache=True, nogil=True)
def count_plain_records(words, tail, separator, quote, width):  # pragma: no cover - compiled
    """n = the number of records in the bytes of words, uint64 little-endian, then tail, uint8; −1 where not plain.

    Plain: each of `width` ≥ 2 fields, ASCII without quotation marks and the characters up to 13, the last one
    ended by a line feed, and no field starts with a space or with 0 and a digit: `scan_records` has more to say there.
    """
    separator, quote = np.uint64(separator), np.uint64(quote)
    newline, zero, space = np.uint64(10), np.uint64(48), np.uint64(32)
    records, fields = 0, 1
    behind = np.uint64(0x80)  # the byte before is the end of a field
    waiting = False  # the byte before starts a field, and is 0
    for at in range(len(words) + 1):
        word = words[at] if at < len(words) else _filled(tail)
        lines = _equal(word, newline)
        ends = _equal(word, separator) | lines
        control = ~(word + ONES * np.uint64(114)) & HIGH & ~ends  # bytes up to 13, the carriage return
        special = _equal(word, quote) | control | (word & HIGH)
        starts = (ends << BYTE) | behind
        digits = _digits(word)
        noughts = _equal(word, zero) & starts
        needless = ((noughts << BYTE) | np.uint64(0x80 * waiting)) & digits
        if special | needless | (_equal(word, space) & starts):
            return -1
        waiting = (noughts >> TOP) != 0
        behind = ends >> TOP
        while lines:
            line = lines & (~lines + np.uint64(1))
            before = line - np.uint64(1)
            if fields + _count(ends & before) != width:
                return -1
            ends &= ~(before | line)
            lines ^= line
            fields = 1
            records += 1
        fields += _count(ends)
    return records
