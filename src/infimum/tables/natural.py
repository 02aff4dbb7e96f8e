"""column ↦ the role that its own values suggest, with the reason: no name is looked at, no other column, no target."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from infimum.tables import Column, number_text

RoleName = Literal[
    "number",
    "category",
    "ordered",
    "date",
    "text",
    "identifier",
    "constant",
    "dropped",
    "target",
    "leak",
    "duplicate",
]
USED = ("number", "category", "ordered", "date")
MOST_LEVELS = 50  # a text of up to so many levels is a category
MOST_REPEATED = 200  # of so many, if most rows have a level that comes back
REPEATS = 5
CHANCE = 1e-6
LONG = 1e7  # a whole number from here on has more digits than things are measured to

# Words that are scales, lowest first; "|" between words for the same step.
SCALES = tuple(
    tuple(frozenset(step.split("|")) for step in scale.split(" < "))
    for scale in (
        "very low|vlow < low < medium|med|mid|middle|moderate|average|normal < high < very high|vhigh",
        "very small|xs|extra small < small|s < medium|med|m|mid < large|big|l < very large|xl|extra large < xxl",
        "very poor|very bad|terrible < poor|bad < fair|average|ok|okay|typical < good < very good < excellent|ideal",
        "never < rarely|seldom < sometimes|occasionally < often|frequently|usually < always",
        "strongly disagree < disagree < neutral|neither < agree < strongly agree",
        "none < mild|slight|minor < moderate < severe|major",
        "first|1st < second|2nd < third|3rd < fourth|4th < fifth|5th",
        "very unlikely < unlikely < possible|neutral < likely < very likely",
        "young < middle|middle aged < old",
        "short < medium < long|tall",
        "slow < medium < fast",
        "cold|cool < mild|warm < hot",
    )
)


@dataclass(frozen=True)
class Role:
    """column ↦ role, with the reason in one sentence, its missing cells, its distinct values, and their look."""

    name: str
    role: RoleName
    reason: str
    missing: int
    levels: int
    values: str


def natural_role(column: Column) -> Role:
    """The role by the values alone: constant, then by kind; numbers that only name rows are identifiers.

    >>> natural_role(Column("hour", "number", np.array([7.0, 7.0, np.nan]))).role
    'number'
    """
    codes, levels = column.codes()
    missing = int((codes < 0).sum())
    role, reason = _role(column, codes, levels, missing)
    return Role(column.name, role, reason, missing, len(levels), look(column, codes, levels))


def _role(column: Column, codes: np.ndarray, levels: tuple[str, ...], missing: int) -> tuple[RoleName, str]:
    if not levels:
        return "constant", "No row holds a value."
    if len(levels) == 1 and not missing:
        return "constant", f"Every row holds {levels[0]}."
    if column.kind == "time":
        return (
            "date",
            f"Dates from {levels[0]} to {levels[-1]}{remark(missing, 'count as the average day and are marked')}.",
        )
    if column.kind == "number":
        naming = names_rows(column.values)
        filled = remark(missing, "are filled with the mean and marked")
        return ("identifier", naming) if naming else ("number", f"Numbers{filled}.")
    marked = remark(missing, "are marked")
    if column.ordered:
        return "ordered", f"Levels in a given order, {arrow(levels)}{marked}."
    scale = scale_of(levels)
    if scale:
        return "ordered", f"Words of a scale, {arrow(scale)}{marked}."
    return _text_role(codes[codes >= 0], levels, missing)


def _text_role(codes: np.ndarray, levels: tuple[str, ...], missing: int) -> tuple[RoleName, str]:
    """Category, identifier or free text, by how often the texts come back and how they look."""
    rows, count = len(codes), len(levels)
    words = float(np.mean([len(level.split()) for level in levels]))
    own = remark(missing, "are a level of their own" if missing >= REPEATS else "are too few for a level of their own")
    if count == rows and rows > REPEATS * REPEATS:
        if words >= 3:
            return "text", f"Free text, all {count} different: no rung reads it yet."
        return "identifier", f"Texts that are all different, {count} of them: they name the rows."
    if count <= MOST_LEVELS:
        return "category", f"Text with {count} level(s){own}."
    frequent = np.bincount(codes)
    if count <= MOST_REPEATED and frequent[frequent >= REPEATS].sum() >= rows / 2:
        return "category", f"Text with {count} levels, most of them frequent{own}."
    if words >= 3:
        return "text", f"Free text, {count} different ones in {rows} rows: no rung reads it yet."
    if 2 * count >= rows:
        return "identifier", f"Texts that hardly come back, {count} in {rows} rows: they name rows or groups of them."
    return "text", f"Text with {count} levels, too many for a coefficient each: no rung reads it yet."


def names_rows(values: np.ndarray) -> str:
    """Why whole numbers, all different, name rows rather than measure something; "" where they may measure.

    n draws from a range of R values are all different with chance ≤ exp(−n (n − 1) / 2R) (the birthday problem): where
    that is below 1e-6, they were given out, not measured. And nothing is measured in whole numbers of eight digits, all
    different and of like size.
    """
    x = values[~np.isnan(values)]
    n = len(x)
    if n < 3 or bool((x != np.floor(x)).any()):
        return ""
    ordered = np.sort(x)
    steps = np.diff(ordered)
    if steps.min() <= 0:
        return ""
    if (steps == 1).all() and n > REPEATS * REPEATS:
        first, last = number_text(ordered[0]), number_text(ordered[-1])
        return f"The whole numbers {first} to {last}, each once: they count the rows."
    if n * (n - 1) / 2 > -np.log(CHANCE) * (ordered[-1] - ordered[0] + 1):
        return "Whole numbers, no two alike, where numbers that were measured would repeat: they name the rows."
    if n > REPEATS * REPEATS and ordered[0] >= LONG and ordered[-1] < 10 * ordered[0]:
        return "Whole numbers of eight digits or more, all different and of like size: they name the rows."
    return ""


def scale_of(levels: tuple[str, ...]) -> tuple[str, ...]:
    """The levels from lowest to highest if three or more of them are words of one scale, and none is not; else ().

    >>> scale_of(("high", "low", "med", "vhigh")), scale_of(("high", "low", "red"))
    (('low', 'med', 'high', 'vhigh'), ())
    """
    said = [" ".join(level.casefold().replace("-", " ").replace("_", " ").split()) for level in levels]
    if len(said) < 3:
        return ()
    for scale in SCALES:
        place = [next((rank for rank, step in enumerate(scale) if word in step), -1) for word in said]
        if min(place) >= 0 and len(set(place)) == len(place):
            return tuple(level for _, level in sorted(zip(place, levels, strict=True)))
    return ()


def look(column: Column, codes: np.ndarray, levels: tuple[str, ...]) -> str:
    """The values at a glance: smallest, median and largest of numbers, first and last date, the most frequent texts."""
    if not levels:
        return ""
    if column.kind == "number":
        x = column.values[codes >= 0]
        low, middle, high = (f"{each:.6g}" for each in (x.min(), np.median(x), x.max()))
        return f"{low} … {middle} … {high}" if len(levels) > 2 else ", ".join(levels)
    if column.kind == "time":
        return f"{levels[0]} … {levels[-1]}"
    counts = np.bincount(codes[codes >= 0], minlength=len(levels))
    first = sorted(range(len(levels)), key=lambda at: (-counts[at], levels[at]))[:3]
    shown = ", ".join(short(levels[at]) for at in first)
    return f"{shown}, …" if len(levels) > 3 else shown


def short(text: str, most: int = 24) -> str:
    """The text on one line, cut at so many characters."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"


def arrow(levels: tuple[str, ...], most: int = 8) -> str:
    """a < b < c, the middle left out where there are many."""
    shown = levels if len(levels) <= most else (*levels[:3], "…", *levels[-2:])
    return " < ".join(shown)


def remark(missing: int, treatment: str) -> str:
    """What happens to missing cells, if there are any."""
    return f"; {missing} missing cell(s) {treatment}" if missing else ""
