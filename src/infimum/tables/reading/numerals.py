"""text ↦ number, under a decimal mark and a thousands mark: 1234.5, 1,234.5, 1.234,5, 1 234,5, 2.5e-3."""

import itertools
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars

# The first of those under which most columns are numbers is taken: ambiguous files have a decimal point.
CONVENTIONS = (
    (".", ""), (".", ","), (",", ""), (",", "."), (".", " "), (",", " "), (".", "'"), (",", "'"),
    (".", "\u00a0"), (",", "\u00a0"), (".", "\u202f"), (",", "\u202f"),
)  # fmt: skip
MARKS = r"[.,' \x{a0}\x{202f}]"


def pattern(decimal: str, thousands: str) -> str:
    """The regular expression of all numbers under the two marks: groups of three behind a first that is not 0.

    >>> bool(re.match(pattern(",", "."), "-1.234,5")), bool(re.match(pattern(",", "."), "0.234"))
    (True, False)
    """
    point, mark = re.escape(decimal), re.escape(thousands)
    whole = rf"(?:[0-9]+|[1-9][0-9]{{0,2}}(?:{mark}[0-9]{{3}})+)" if thousands else "[0-9]+"
    return rf"^[+-]?(?:(?:{whole}(?:{point}[0-9]*)?|{point}[0-9]+)(?:[eE][+-]?[0-9]+)?|(?i:inf|infinity))$"


def parse(texts: "polars.Series", decimal: str, thousands: str) -> "polars.Series":
    """x = the number nearest to each text, null where the text is none; float64, (n,).

    >>> import polars
    >>> parse(polars.Series(["1.234,5", "12", "x", "1,2,3"]), ",", ".").to_list()
    [1234.5, 12.0, None, None]
    """
    import polars

    fits = texts.str.contains(pattern(decimal, thousands))
    if not fits.any():
        return polars.Series(texts.name, [None] * len(texts), dtype=polars.Float64)
    if thousands:
        texts = texts.str.replace_all(thousands, "", literal=True)
    if decimal != ".":
        texts = texts.str.replace_all(decimal, ".", literal=True)
    numbers = texts.cast(polars.Float64, strict=False)
    return numbers.set(~fits, None)


def marks_of(columns: Iterable["polars.Series"], decimal: str | None, thousands: str | None) -> tuple[str, str]:
    """argmax over (decimal, thousands) of the number of columns that are wholly numbers; each is taken as told.

    `columns` are the distinct texts of each column. Ties go to the first of CONVENTIONS.

    >>> import polars
    >>> marks_of([polars.Series(["1,5", "2"]), polars.Series(["7"])], None, None)
    (',', '')
    """
    told = [(d, t) for d, t in CONVENTIONS if decimal in (None, d) and thousands in (None, t)]
    if not told:
        told = [(d, thousands or "") for d in ((decimal,) if decimal else (".", ",")) if d != thousands]
    if len(told) == 1:
        return told[0]
    # A column that holds none of the marks is a number under every convention or under none.
    marked = [texts for texts in columns if texts.str.contains(rf"[0-9]{MARKS}|{MARKS}[0-9]").any()]
    merits = {each: sum(bool(texts.str.contains(pattern(*each)).all()) for texts in marked) for each in told}
    return max(told, key=merits.__getitem__)


def is_code(texts: "polars.Series") -> bool:
    """Whether all texts are digits, some with a zero in front: 02134 is a code, and 2134 another."""
    return bool(texts.str.contains(r"^[0-9]+$").all() and texts.str.contains(r"^0[0-9]").any())


def unambiguous(tokens: Iterable[str]) -> bool:
    """Whether none of the texts is a number under any convention: then a reader of numbers can't mistake one.

    >>> unambiguous(["NA", ""]), unambiguous(["-999"])
    (True, False)
    """
    return not any(re.match(pattern(*marks), text) for text, marks in itertools.product(tokens, CONVENTIONS))
