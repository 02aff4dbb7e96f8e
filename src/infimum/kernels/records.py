"""bytes of a delimited text ↦ its records: are all of one width, which are blank, which fields start with a needless 0."""

import numpy as np
from numba import njit

SEPARATOR, NEWLINE, QUOTE, RETURN, NUL, BEYOND_ASCII = 1, 2, 3, 4, 5, 6
UNEVEN, UNCLOSED, ODD, ZERO_BYTE, NOT_ASCII = 1, 2, 4, 8, 16


def byte_classes(separator: int, quote: int) -> np.ndarray:
    """class[b] of each byte b: 0 for ordinary ones; uint8, (256,)."""
    classes = np.zeros(256, dtype=np.uint8)
    classes[128:] = BEYOND_ASCII
    for byte, kind in ((0, NUL), (10, NEWLINE), (13, RETURN), (quote, QUOTE), (separator, SEPARATOR)):
        classes[byte] = kind
    return classes


@njit(cache=True, inline="always")
def _zero_before_digit(data, i):  # pragma: no cover - compiled
    while i < len(data) and data[i] == 32:
        i += 1
    return i + 1 < len(data) and data[i] == 48 and 48 <= data[i + 1] <= 57


@njit(cache=True, nogil=True)
def scan_records(data, start, classes, zeros, blanks):  # pragma: no cover - compiled
    """(records, blank records, flags) of data[start:], uint8, for zeros (width,) and blanks (any length).

    Writes into zeros the number of fields of each column that start with 0 and a digit, and into blanks the numbers of
    the first records that hold white space alone. Stops at the first record that has neither width fields nor none
    (UNEVEN) and at a quotation mark without its end (UNCLOSED). ODD: quotation marks within a field, a carriage return
    within a line; ZERO_BYTE, NOT_ASCII: there are such bytes.
    """
    n = len(data)
    width = len(zeros)
    records = field = blank = flags = 0
    i = start
    solid = False
    while i < n:
        kind = classes[data[i]]
        if kind == QUOTE:
            solid = True
            if field < width and _zero_before_digit(data, i + 1):
                zeros[field] += 1
            i += 1
            closed = False
            while i < n and not closed:
                kind = classes[data[i]]
                if kind == QUOTE:
                    if i + 1 < n and classes[data[i + 1]] == QUOTE:
                        i += 1
                    else:
                        closed = True
                elif kind == NUL:
                    flags |= ZERO_BYTE
                elif kind == BEYOND_ASCII:
                    flags |= NOT_ASCII
                i += 1
            if not closed:
                return records, blank, flags | UNCLOSED
            if i < n and classes[data[i]] not in (SEPARATOR, NEWLINE, RETURN):
                flags |= ODD
        elif (data[i] == 48 or data[i] == 32) and field < width and _zero_before_digit(data, i):
            zeros[field] += 1
        while i < n:
            kind = classes[data[i]]
            if kind:
                if kind <= NEWLINE:
                    break
                if kind == QUOTE:
                    flags |= ODD
                elif kind == RETURN:
                    if i + 1 < n and data[i + 1] != 10:
                        flags |= ODD
                elif kind == NUL:
                    flags |= ZERO_BYTE
                else:
                    flags |= NOT_ASCII
            i += 1
        field += 1
        if i == n or classes[data[i]] == NEWLINE:
            if field == 1 and not solid:
                j = i - 1
                while j >= start and (data[j] == 32 or data[j] == 9 or data[j] == 13 or data[j] == 11 or data[j] == 12):
                    j -= 1
                if j < start or data[j] == 10:
                    if blank < len(blanks):
                        blanks[blank] = records
                    blank += 1
                    field = width
            if field != width:
                return records, blank, flags | UNEVEN
            records += 1
            field = 0
            solid = False
        i += 1
    if field:  # the file ends with a separator: one empty field follows
        if field + 1 != width:
            return records, blank, flags | UNEVEN
        records += 1
    return records, blank, flags
