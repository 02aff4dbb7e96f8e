"""number ↦ text with the digits that mean something."""

import math
import re

MINUS = "−"
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
EXPONENT = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)e([-+]?\d+)\b")


def number(x: float | None, significant: int = 4) -> str:
    """x to so many significant digits: whole numbers whole, the very large and very small as powers of ten.

    >>> number(1234567.0), number(0.23930652), number(-12.0), number(2.4e-28, 2), number(None)
    ('1,234,567', '0.2393', '−12', '2.4 × 10⁻²⁸', '–')
    """
    if x is None or not math.isfinite(x):
        return "–"
    if float(x).is_integer() and abs(x) < 1e7:
        return f"{int(x):,}".replace("-", MINUS)
    if not 1e-4 <= abs(x) < 1e7:
        mantissa, _, exponent = f"{x:.{min(significant, 3) - 1}e}".partition("e")
        return f"{mantissa.replace('-', MINUS)} × {power(int(exponent))}"
    decimals = max(0, significant - 1 - math.floor(math.log10(abs(x))))
    return f"{x:,.{decimals}f}".replace("-", MINUS)


def tick(x: float) -> str:
    """A round number without the zeros at its end.

    >>> tick(0.2), tick(150.0), tick(2e-7)
    ('0.2', '150', '2 × 10⁻⁷')
    """
    text = number(x, 6)
    mantissa, times, rest = text.partition(" × ")
    return (mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa) + times + rest


def power(exponent: int) -> str:
    """10ᵉ.

    >>> power(-28)
    '10⁻²⁸'
    """
    return f"10{str(exponent).translate(RAISED)}"


def plus_minus(mean: float, error: float | None) -> str:
    """mean ± error: the error to two digits, the mean to the same place, or to five digits if that is shorter.

    An error that is rounding alone is 0.

    >>> plus_minus(141.7266, 2.8603), plus_minus(0.2393, 0.03941), plus_minus(206855.2, 1234.0), plus_minus(2.5, 0.0)
    ('141.7 ± 2.9', '0.239 ± 0.039', '206,900 ± 1,200', '2.5000 ± 0')
    """
    if error is None or not math.isfinite(error) or not math.isfinite(mean):
        return number(mean)
    error = 0.0 if error < 1e-12 * abs(mean) else error
    if not 1e-4 * abs(mean) <= error or not 1e-4 <= abs(mean) < 1e7:
        return f"{number(mean, 5)} ± {number(error, 2)}"
    place = 1 - math.floor(math.log10(float(f"{error:.1e}")))
    return " ± ".join(f"{round(x, place):,.{max(place, 0)}f}".replace("-", MINUS) for x in (mean, error))


def between(low: float, high: float) -> str:
    """low to high, both to the place of two digits of their distance.

    >>> between(0.00097, 0.06296), between(206855.2, 209321.0), between(2.5, 2.5)
    ('0.001 to 0.063', '206,900 to 209,300', '2.500 to 2.500')
    """
    if not high - low > 1e-4 * abs(high) or not 1e-4 <= high < 1e7:
        return f"{number(low)} to {number(high)}"
    place = 1 - math.floor(math.log10(high - low))
    return " to ".join(f"{round(x, place) + 0.0:,.{max(place, 0)}f}".replace("-", MINUS) for x in (low, high))


def share(x: float | None) -> str:
    """100 x %.

    >>> share(0.9069), share(0.0042)
    ('90.7%', '0.42%')
    """
    return "–" if x is None else f"{number(100 * x, 3 if abs(x) >= 0.01 else 2)}%"


def raised(text: str) -> str:
    """A sentence with its powers of ten written out, a capital at its start and a stop at its end.

    >>> raised("at most 1.1e-28 nats")
    'At most 1.1 × 10⁻²⁸ nats.'
    """
    text = EXPONENT.sub(lambda found: f"{found[1]} × {power(int(found[2]))}", text.strip())
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")
