"""digits of m · 10^q ↦ the nearest double, ties to even: Clinger (1990) where one division is exact, else Eisel–Lemire.

D. Lemire, "Number parsing at a gigabyte per second", Software: Practice and Experience 51 (2021), algorithm 1; that no
second look at the digits is ever needed: N. Mushtak, D. Lemire, "Fast number parsing without fallback" (2023).
"""

import math

import numpy as np
from numba import njit

LEAST, MOST = -342, 308  # 10^q beyond these is 0 or infinite for every m < 2^64
DIGITS, SHORT = 19, 15  # any number of so many digits is below 2^64, below 2^53
FARTHEST = 9_999  # an exponent beyond which more digits of it change nothing
EXACT = np.array([float(10**q) for q in range(23)])  # 10^22 is the last power of ten that is a double


def powers_of_five() -> np.ndarray:
    """The first 128 bits of 5^q, rounded down for q ≥ 0 and up for q < 0, LEAST ≤ q ≤ MOST; uint64, (651, 2)."""

    def leading(q: int) -> int:
        power = 5 ** abs(q)
        if q < 0:
            bits = power.bit_length()
            power = (1 << (2 * bits + 128 if q < -27 else bits + 127)) // power + 1
        extra = power.bit_length() - 128
        return power >> extra if extra > 0 else power << -extra

    found = [leading(q) for q in range(LEAST, MOST + 1)]
    return np.array([(each >> 64, each & (2**64 - 1)) for each in found], dtype=np.uint64)


FIVES = powers_of_five()
HALF, LOW_HALF = np.uint64(32), np.uint64(0xFFFFFFFF)
STEP, ONE, TOP = np.uintp(1), np.uint64(1), np.uint64(63)
UNSURE = np.uint64(0x1FF)  # the bits below those of a double and its rounding: all set, the product needs more of 5^q
LARGEST = np.uint64(1 << 53)


@njit(cache=True, inline="always")
def _product(a, b):  # pragma: no cover - compiled
    """(high, low) 64 bits of a · b."""
    a1, a0, b1, b0 = a >> HALF, a & LOW_HALF, b >> HALF, b & LOW_HALF
    middle = a1 * b0 + (a0 * b0 >> HALF)
    other = a0 * b1 + (middle & LOW_HALF)
    return a1 * b1 + (middle >> HALF) + (other >> HALF), a * b


@njit(cache=True, inline="always")
def _leading_zeros(m):  # pragma: no cover - compiled
    zeros = 0
    for width in (32, 16, 8, 4, 2, 1):
        if m >> np.uint64(64 - width) == 0:
            zeros += width
            m <<= np.uint64(width)
    return zeros


@njit(cache=True)
def nearest_double(m, q):  # pragma: no cover - compiled
    """The double nearest to m · 10^q, m uint64; NaN where it is below 2.2e-308 and not 0, infinite above 1.8e308."""
    if m <= LARGEST and -22 <= q <= 22:
        return np.float64(m) / EXACT[-q] if q < 0 else np.float64(m) * EXACT[q]
    if m == 0:
        return 0.0
    if q < LEAST or q > MOST:
        return np.nan if q < LEAST else np.inf
    zeros = _leading_zeros(m)
    m <<= np.uint64(zeros)
    high, low = _product(m, FIVES[q - LEAST, 0])
    if high & UNSURE == UNSURE:
        more, _ = _product(m, FIVES[q - LEAST, 1])
        low += more
        high += np.uint64(low < more)
    upper = high >> TOP
    shift = upper + np.uint64(9)
    bits = high >> shift  # 53 bits and one to round by
    exponent = ((217706 * q) >> 16) + 63 + np.int64(upper) - zeros  # floor(q log2 10), and where the first bit stands
    if exponent <= -1023:
        return np.nan
    if low <= ONE and -4 <= q <= 23 and bits & np.uint64(3) == ONE and bits << shift == high:
        bits ^= ONE  # halfway, to even
    bits = (bits + (bits & ONE)) >> ONE
    return math.ldexp(np.float64(bits), exponent - 52) if exponent <= 1023 else np.inf


@njit(cache=True, inline="always")
def is_digit(byte):  # pragma: no cover - compiled
    """d(byte) = whether 48 ≤ byte < 58."""
    return np.uint8(byte - 48) < 10


@njit(cache=True)
def _whole(data, i, m):  # pragma: no cover - compiled
    """(position behind the digits at i, 10^digits m + their number), modulo 2^64."""
    while is_digit(data[i]):
        m = m * np.uint64(10) + np.uint64(data[i] - 48)
        i += 1
    return i, m


@njit(cache=True)
def _exponent(data, i):  # pragma: no cover - compiled
    """(position behind the e at i and the digits of an exponent, the exponent); position i where there are none."""
    at = i + 1
    negative = data[at] == 45
    at += negative or data[at] == 43
    if not is_digit(data[at]):
        return i, 0
    power = 0
    while is_digit(data[at]):
        power = min(10 * power + np.int64(data[at] - 48), FARTHEST)
        at += 1
    return at, -power if negative else power


@njit(cache=True)
def _significant(data, start, stop):  # pragma: no cover - compiled
    """How many digits of data[start:stop] are left without the zeros in front, points not counted."""
    while start < stop and (data[start] == 48 or data[start] == 46):
        start += 1
    count = 0
    for at in range(start, stop):
        count += data[at] != 46
    return count


@njit(cache=True)
def number_at(data, i):  # pragma: no cover - compiled
    """(position behind the number at i, the number); position i where none starts, or it is too long or too small."""
    negative = data[i] == 45
    first = i + (negative or data[i] == 43)
    at, m = _whole(data, first, np.uint64(0))
    digits, power = at - first, 0
    if data[at] == 46:
        point = at
        at, m = _whole(data, at + 1, m)
        power = point + 1 - at
        digits -= power
    if digits == 0 or (digits > DIGITS and _significant(data, first, at) > DIGITS):
        return i, 0.0
    if data[at] | 32 == 101:
        at, exponent = _exponent(data, at)
        power += exponent
    value = nearest_double(m, power)
    return at if value == value else i, -value if negative else value


@njit(cache=True, inline="always", error_model="numpy")
def short_number_at(data, i):  # pragma: no cover - compiled
    """`number_at` for what most fields hold: nothing, which is NaN, or up to SHORT digits; else position −1."""
    at = np.uintp(i)
    negative = data[at] == 45
    if negative:
        at += STEP
    start = at
    m = 0
    digit = np.uint8(data[at] - 48)
    while digit < 10:
        m = 10 * m + digit
        at += STEP
        digit = np.uint8(data[at] - 48)
    digits, decimals = np.int64(at - start), 0
    coded = digits > 1 and data[start] == 48
    if data[at] == 46:
        at += STEP
        point = at
        digit = np.uint8(data[at] - 48)
        while digit < 10:
            m = 10 * m + digit
            at += STEP
            digit = np.uint8(data[at] - 48)
        decimals = np.int64(at - point)
        digits += decimals
    if digits == 0 or digits > SHORT or coded:
        return i if np.int64(at) == i else -1, np.nan
    value = np.float64(m) / EXACT[decimals]
    return np.int64(at), -value if negative else value
