"""bytes of a delimited text ↦ its records: are all of one width, which are blank, and the numbers in them."""

import numpy as np
from numba import njit

from infimum.kernels.decimals import STEP, is_digit, number_at, short_number_at

SEPARATOR, NEWLINE, QUOTE, RETURN, NUL, BEYOND_ASCII = 1, 2, 3, 4, 5, 6
EIGHT, LOW = np.uint64(0x0101010101010101), np.uint64(0x7F7F7F7F7F7F7F7F)
UNEVEN, UNCLOSED, ODD, ZERO_BYTE, NOT_ASCII, NO_NUMBERS = 1, 2, 4, 8, 16, 32


def byte_classes(separator: int, quote: int) -> np.ndarray:
    """class[b] = the kind of each byte b, 0 for ordinary ones; uint8, (256,)."""
    classes = np.zeros(256, dtype=np.uint8)
    classes[128:] = BEYOND_ASCII
    for byte, kind in ((0, NUL), (10, NEWLINE), (13, RETURN), (quote, QUOTE), (separator, SEPARATOR)):
        classes[byte] = kind
    return classes


@njit(cache=True, inline="always")
def _equal(word, eight):  # pragma: no cover - compiled
    """1 in each of the eight bytes of the word that equals its fellow, else 0 (Warren, Hacker's Delight, 2013, 6-1)."""
    other = word ^ eight
    return ~(((other & LOW) + LOW) | other | LOW) >> np.uint64(7)


@njit(cache=True, inline="always")
def _sum_of_bytes(word):  # pragma: no cover - compiled
    total = 0
    for at in range(8):
        total += np.int64((word >> np.uint64(8 * at)) & np.uint64(255))
    return total


@njit(cache=True, nogil=True)
def count_bytes(words, one, two):  # pragma: no cover - compiled
    """(how many bytes equal `one`, how many `two`) in words, uint64, taken eight by eight."""
    ones, twos = np.uint64(one) * EIGHT, np.uint64(two) * EIGHT
    total_one = total_two = 0
    for start in range(0, len(words), 255):  # a count in a byte holds no more
        count_one = count_two = np.uint64(0)
        for at in range(start, min(start + 255, len(words))):
            count_one += _equal(words[at], ones)
            count_two += _equal(words[at], twos)
        total_one += _sum_of_bytes(count_one)
        total_two += _sum_of_bytes(count_two)
    return total_one, total_two


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


@njit(cache=True, inline="always")
def _behind_spaces(data, i):  # pragma: no cover - compiled
    while data[i] == 32:
        i += 1
    return i


@njit(cache=True, inline="always")
def _ends(data, i, classes):  # pragma: no cover - compiled
    """Whether a field may end before position i."""
    kind = classes[data[i]]
    return kind in (SEPARATOR, NEWLINE) or (kind == RETURN and data[i + 1] == 10)


@njit(cache=True)
def _number_field(data, i, classes):  # pragma: no cover - compiled
    """(position behind the field, its number, NaN if empty); −1 where it is something else, −2 for a code or ∞."""
    quoted = classes[data[i]] == QUOTE
    start = _behind_spaces(data, i + quoted)
    if data[start] == 48 and is_digit(data[start + 1]):
        return -2, 0.0
    at, value = number_at(data, start)
    if at == start:
        value = np.nan
    elif np.isinf(value):
        return -2, value
    at = _behind_spaces(data, at)
    if quoted:
        if classes[data[at]] != QUOTE:
            return -1, 0.0
        at += 1
    return at if _ends(data, at, classes) else -1, value


@njit(cache=True)
def _trimmed(data, start, stop):  # pragma: no cover - compiled
    """(start, stop) without the spaces, and returns, around."""
    while start < stop and data[start] == 32:
        start += 1
    while start < stop and (data[stop - 1] == 32 or data[stop - 1] == 13):
        stop -= 1
    return start, stop


@njit(cache=True)
def _is_one_of(data, start, stop, tokens, classes):  # pragma: no cover - compiled
    """Whether data[start:stop], without spaces and quotation marks around it, is a row of tokens, filled up with 0."""
    start, stop = _trimmed(data, start, stop)
    if stop - start > 1 and classes[data[start]] == QUOTE and classes[data[stop - 1]] == QUOTE:
        start, stop = _trimmed(data, start + 1, stop - 1)
    for row in tokens:
        at = 0
        while at < len(row) and start + at < stop and row[at] == data[start + at]:
            at += 1
        if start + at == stop and (at == len(row) or row[at] == 0):
            return True
    return False


@njit(cache=True, inline="always")
def _ordinary(data, i, classes):  # pragma: no cover - compiled
    """The position of the first byte from i on that is special."""
    at = np.uintp(i)
    while classes[data[at]] == 0:
        at += STEP
    return np.int64(at)


@njit(cache=True)
def _end_of_field(data, i, stop, classes):  # pragma: no cover - compiled
    """(position behind the field at i, flags): a text in quotation marks, or up to the next separator or line feed."""
    flags = 0
    if classes[data[i]] == QUOTE:
        i, flags = _end_of_quotation(data[:stop], i + 1, classes)
    while i < stop:
        kind = classes[data[i]]
        if kind:
            if kind <= NEWLINE:
                break
            flags |= _flag(data, i, kind)
        i += 1
    return i, flags


@njit(cache=True)
def _field(data, i, stop, is_number, classes, tokens):  # pragma: no cover - compiled
    """(position behind the field at i, its number or NaN, whether it should be a number and is odd, flags)."""
    if is_number:
        end, value = _number_field(data, i, classes)
        if end == -2:
            return i, np.nan, False, NO_NUMBERS
        if end >= 0:
            return end + (data[end] == 13), value, False, 0
    end, flags = _end_of_field(data, i, stop, classes)
    return end, np.nan, is_number and not _is_one_of(data, i, end, tokens, classes), flags


@njit(cache=True, nogil=True)
def scan_records(data, bounds, classes, places, tokens, found):  # pragma: no cover - compiled
    """(records, odd fields, blank records, flags) of data[start:stop], uint8, which ends with a line feed.

    bounds = (start, stop, number of the first record). Field j of a record is a number where places[j] ≥ 0. Writes into
    found = (values, odd, blanks): into values[places[j], record] the number, NaN where it is empty or one of the
    tokens, uint8 (tokens, bytes); into odd, (any, 4), while there is room, the fields that are something else: place,
    record, first byte and the one behind; into blanks, (any,), the records of white space alone. Stops at the first
    record that has neither len(places) fields nor none (UNEVEN), at a quotation mark without its end (UNCLOSED), and
    where a number is infinite or starts with a needless 0 (NO_NUMBERS). ODD: quotation marks within a field, a carriage
    return within a line; ZERO_BYTE, NOT_ASCII: there are such bytes.
    """
    (i, stop, record), (values, odd, blanks) = bounds, found
    odds = blank = flags = 0
    while i < stop:
        begin, field = i, 0
        while True:
            place, value = places[field] if field < len(places) else -1, np.nan
            if place >= 0:
                end, value = short_number_at(data, i)
            else:
                end = _ordinary(data, i, classes)
            if end < 0 or not 0 < classes[data[end]] <= NEWLINE:
                end, value, is_odd, said = _field(data, i, stop, place >= 0, classes, tokens)
                flags |= said
                if flags & (NO_NUMBERS | UNCLOSED):
                    return record - bounds[2], odds, blank, flags
                if is_odd:
                    odd[min(odds, len(odd) - 1)] = (place, record, i, end)
                    odds += 1
            if place >= 0:
                values[place, record] = value
            field, i = field + 1, end + 1
            if data[end] == 10:
                break
        if field == 1 and _is_blank(data, begin, end, classes):
            blanks[min(blank, len(blanks) - 1)] = record
            blank += 1
        elif field != len(places):
            return record - bounds[2], odds, blank, flags | UNEVEN
        record += 1
    return record - bounds[2], odds, blank, flags
