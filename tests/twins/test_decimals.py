"""nearest_double and number_at against Python's float, which is correctly rounded (Gay 1990)."""

import math

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as some

from infimum.kernels.decimals import DIGITS, nearest_double, number_at, short_number_at

SMALLEST = 2.2250738585072014e-308


def is_same(found: float, text: str) -> bool:
    """NaN for a number too small to be normal, and else the same double, the sign of 0 counted."""
    expected = float(text)
    if math.isnan(found):
        return abs(expected) <= SMALLEST
    return found == expected and math.copysign(1, found) == math.copysign(1, expected)


@given(some.integers(0, 2**64 - 1), some.integers(-360, 330))
@example(2**53 + 1, 0)
@example(9007199254740993, 1)
@example(2**64 - 1, 308)
@example(22250738585072014, -324)
@example(22250738585072011, -324)
@example(5, -324)
@example(0, 999)
def test_nearest_double(m, q):
    assert is_same(nearest_double(np.uint64(m), q), f"{m}e{q}")


@given(some.integers(2**53, 2**54 - 1), some.integers(-4, 3))
def test_halfway_to_even(m, q):
    """m + ½ of the last place: 2 m + 1, times 5^-q and divided again, is an exact tie."""
    tie = (2 * m + 1) * 5 ** max(-q, 0) * 2 ** max(-q, 0)
    if tie < 2**64:
        assert is_same(nearest_double(np.uint64(tie), q), f"{tie}e{q}")


def parsed(kernel, text: str) -> tuple[int, float]:
    at, value = kernel(np.frombuffer(f"{text}\n".encode(), dtype=np.uint8), 0)
    return int(at), float(value)


DECIMALS = some.one_of(
    some.floats(allow_nan=False, allow_infinity=False).map(repr),
    some.floats(-1e4, 1e4).map("{:.3f}".format),
    some.floats(1e-5, 1.0).map("{:.18f}".format),
    some.integers(-(10**25), 10**25).map(str),
    some.from_regex(r"[+-]?([0-9]{1,12}(\.[0-9]{0,12})?|\.[0-9]{1,12})([eE][+-]?[0-9]{1,4})?", fullmatch=True),
)


@given(DECIMALS)
@example("-0")
@example("1e400")
@example("0.00012345678901234567")
@example("123456789012345.5")
def test_numbers_as_python_reads_them(text):
    at, value = parsed(number_at, text)
    digits = sum(each.isdigit() for each in text.lower().split("e")[0].lstrip("+-0."))
    if at == 0:
        assert digits > DIGITS or abs(float(text)) <= SMALLEST
    else:
        assert at == len(text) and is_same(value, text) and not math.isnan(value)
    at, value = parsed(short_number_at, text)
    assert at < len(text) or is_same(value, text)


def test_what_is_no_number():
    for text in ("x", "-", "+", ".", "-.", "e5", "nan", "inf", " 1"):
        assert parsed(number_at, text)[0] == 0
        assert parsed(short_number_at, text)[0] <= 0
    for text, end in (("1e", 1), ("1e+", 1), ("2.5x", 3), ("1 2", 1), ("1.2.3", 3)):
        assert parsed(number_at, text) == (end, float(text[:end]))
    assert parsed(short_number_at, "")[0] == 0 and math.isnan(parsed(short_number_at, "")[1])
    assert parsed(short_number_at, "007")[0] == parsed(short_number_at, "1234567890123456")[0] == -1
