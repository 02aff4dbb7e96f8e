"""text ↦ time: the day in one of the usual orders, and after it, where there is one, the time of day.

2011-01-31, 31/1/2011, 1/31/2011, 31.1.2011, 31 Jan 2011, January 31, 2011; 07:30, 07:30:15.25, 7:30 PM; Z, +02:00.
"""

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars

CLOCK = " %H:%M:%S"
FIELDS = {
    "Y": r"(?P<year>[0-9]{4})", "y": r"(?P<short>[0-9]{2})", "m": r"(?P<month>[0-9]{1,2})",
    "d": r"(?P<day>[0-9]{1,2})", "b": r"(?P<word>[A-Za-z]{3,9})\.?", "B": r"(?P<word>[A-Za-z]{3,9})\.?",
    "H": r"(?P<hour>[0-9]{1,2})", "I": r"(?P<hour>[0-9]{1,2})", "M": r"(?P<minute>[0-9]{2})",
    "S": r"(?P<second>[0-9]{2})", "f": r"(?P<fraction>[0-9]{1,9})", "p": r"(?P<half>[AaPp])\.?[Mm]\.?",
    "z": r"(?P<zone>[Zz]|UTC|[+-][0-9]{2}:?[0-9]{2})", "%": "%",
}  # fmt: skip
TIME = (
    rf"(?:(?:[Tt]| +|, *){FIELDS['H']}:{FIELDS['M']}(?::{FIELDS['S']}(?:[.,]{FIELDS['f']})?)?"
    rf"(?: ?{FIELDS['p']})? ?{FIELDS['z']}?)?"
)
MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
MONTH = {word: n for n, month in enumerate(MONTHS, 1) for word in (month, month[:3])} | {"sept": 9}
WRITTEN = ("%d %b %Y", "%d-%b-%Y", "%d/%b/%Y", "%d. %b %Y", "%d-%b-%y", "%b %d, %Y", "%b %d %Y", "%d %b, %Y")


def formats(decimal: str) -> tuple[str, ...]:
    """The formats of a day in the order they are tried; between slashes or dashes a decimal point has the month first.

    >>> formats(".")[3:5]
    ('%m/%d/%Y', '%d/%m/%Y')
    """
    day_first = [f"%d{mark}%m{mark}%{year}" for mark, years in (("/", "Yy"), ("-", "Y")) for year in years]
    month_first = [f"%m{mark}%d{mark}%{year}" for mark, years in (("/", "Yy"), ("-", "Y")) for year in years]
    pairs = zip(month_first, day_first, strict=True) if decimal == "." else zip(day_first, month_first, strict=True)
    numeric = [each for pair in pairs for each in pair]
    return ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", *numeric, "%d.%m.%Y", "%m.%d.%Y", "%d.%m.%y", *WRITTEN)


def pattern(form: str) -> str:
    """The regular expression of a format; where it has no hour, any time of day may follow.

    Raises ValueError on a field that is not known, and where day, month or year is lacking.

    >>> bool(re.match(pattern("%d/%m/%Y"), "31/1/2011 07:30"))
    True
    """
    form = form.removesuffix(CLOCK)
    parts = re.split("%(.)", form)
    letters = parts[1::2]
    whole = "d" in letters and {"Y", "y"} & {*letters} and {"m", "b", "B"} & {*letters}
    if not whole or not FIELDS.keys() >= {*letters}:
        raise ValueError(f"{form!r} is no format of a day, such as %d/%m/%Y")
    if len(set(letters)) < len(letters):
        raise ValueError(f"{form!r} states a field twice")
    fields = [FIELDS[letter] if at % 2 else re.escape(letter) for at, letter in enumerate(parts)]
    return "^" + "".join(fields) + ("" if {"H", "I"} & {*letters} else TIME) + "$"


def parse(texts: "polars.Series", form: str) -> "polars.Series":
    """t = the time that each text gives, null where it gives none; microseconds, UTC where a zone is stated, (n,).

    Raises ValueError where the format is none.

    >>> import polars
    >>> [str(t) for t in parse(polars.Series(["3 Jan 2011 7:30 pm", "30 Feb 2011"]), "%d %b %Y")]
    ['2011-01-03 19:30:00', 'None']
    """
    import polars

    parts = texts.str.extract_groups(pattern(form)).struct.unnest()
    whole = {name: parts[name].cast(polars.Int64) for name in parts.columns if name in WHOLE}
    zero = polars.Series([0], dtype=polars.Int64).new_from_index(0, len(texts))
    there = parts[:, 0].is_not_null()
    year = whole.get("year")
    if year is None:
        short = whole["short"]
        year = short + 1900 + 100 * (short < 69).cast(polars.Int64)
    if "word" in parts.columns:
        month = parts["word"].str.to_lowercase().replace_strict(MONTH, default=None, return_dtype=polars.Int64)
    else:
        month = whole["month"]
    hour, minute, second = (whole.get(name, zero).fill_null(0) for name in ("hour", "minute", "second"))
    if "half" in parts.columns:
        half = parts["half"].str.to_lowercase()
        clock = (hour % 12 + 12 * (half == "p").cast(polars.Int64)).set((hour < 1) | (hour > 12), 99)
        hour = clock.zip_with(half.is_not_null(), hour)
    frame = polars.DataFrame({"Y": year, "m": month, "d": whole["day"], "H": hour, "M": minute, "S": second})
    line = frame.select(polars.format("{}-{}-{} {}:{}:{}", *frame.columns)).to_series()
    times = line.str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="us", strict=False)
    return (times + fraction(parts) - offset(parts)).set(~there, None).rename(texts.name)


WHOLE = ("year", "short", "month", "day", "hour", "minute", "second")


def fraction(parts: "polars.DataFrame") -> "polars.Series":
    """The part of a second, truncated to microseconds: durations."""
    import polars

    if "fraction" not in parts.columns:
        return polars.Series([0], dtype=polars.Duration("us")).new_from_index(0, parts.height)
    digits = parts["fraction"].fill_null("0").str.pad_end(6, "0").str.slice(0, 6)
    return digits.cast(polars.Int64).cast(polars.Duration("us"))


def offset(parts: "polars.DataFrame") -> "polars.Series":
    """How far local time is ahead of UTC, 0 where no zone is stated: durations."""
    import polars

    if "zone" not in parts.columns:
        return polars.Series([0], dtype=polars.Duration("us")).new_from_index(0, parts.height)
    zone = parts["zone"].str.replace(":", "")
    clock = zone.str.extract("([0-9]{4})").cast(polars.Int64).fill_null(0)
    ahead = (clock // 100 * 60 + clock % 100) * (1 - 2 * zone.str.starts_with("-").fill_null(False).cast(polars.Int64))
    return (ahead * 60_000_000).cast(polars.Duration("us"))


def format_of(texts: "polars.Series", decimal: str) -> str:
    """The first format under which every text is a time; "" if there is none.

    >>> import polars
    >>> format_of(polars.Series(["31/1/2011", "1/2/2011 07:30"]), ".")
    '%d/%m/%Y %H:%M:%S'
    """
    few = texts.head(20)
    if not few.str.contains("[0-9].*[-/. ,].*[0-9]").all():
        return ""
    for form in formats(decimal):
        shaped = few.str.contains(pattern(form)).all()
        if shaped and not parse(few, form).has_nulls() and not parse(texts, form).has_nulls():
            return form + (CLOCK if texts.str.contains(":").any() else "")
    return ""
