"""category ↦ [x = level] for each level but the most frequent; ordered ↦ [x ≥ level] for each but the lowest.

The reference level has no feature: the intercept stands for it. A step of an ordered category is what the level adds to
the one below it, so that a penalty draws neighbours together.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from infimum.tables import Column
from infimum.tables.codes import MISSING, Code, Term

RARE = "(rare)"
FEWEST = 5  # rows below which a level has no coefficient of its own


@dataclass(frozen=True)
class CategoryCode(Code):
    """x ↦ ([x = level] for each of `levels`); `rare` levels count as "(rare)", the unseen too or as the reference.

    >>> CategoryCode("weather", ("rain",), "clear", ()).features
    ('weather = rain',)
    """

    kind: ClassVar[str] = "category"
    name: str
    levels: tuple[str, ...]
    reference: str
    rare: tuple[str, ...]

    @property
    def features(self) -> tuple[str, ...]:
        return tuple(f"{self.name} = {level}" for level in self.levels)

    def fill(self, column: Column, out: np.ndarray) -> None:
        place = {level: position for position, level in enumerate((self.reference, *self.levels))}
        other = place.get(RARE, 0)
        place |= dict.fromkeys(self.rare, other)
        codes, levels = column.codes()
        at = np.array([place.get(level, other) for level in (*levels, MISSING)], dtype=np.intp)[codes]
        for position in range(len(self.levels)):
            out[:, position] = at == position + 1

    def terms(self, coefficients: np.ndarray) -> tuple[Term, ...]:
        pairs = zip(self.features, self.levels, coefficients, strict=True)
        return tuple(Term(name, self.name, float(w), level, self.reference) for name, level, w in pairs)

    def shift(self, coefficients: np.ndarray) -> float:
        return 0.0

    def unseen(self, column: Column) -> int:
        return rows_outside(column, {self.reference, *self.levels, *self.rare})

    @staticmethod
    def from_json(entry: Mapping[str, Any]) -> "CategoryCode":
        """The code with these fields; ValueError if one of its texts is none."""
        levels, rare = tuple(entry["levels"]), tuple(entry["rare"])
        check_texts(entry["name"], (entry["reference"], *levels, *rare))
        return CategoryCode(str(entry["name"]), levels, entry["reference"], rare)


@dataclass(frozen=True)
class OrderedCode(Code):
    """x ↦ ([x ≥ step] for each of `steps`, [x missing] if `missing`), in the order of `levels`.

    A missing or unseen level counts as the lowest, and is marked where a missing one was seen in the fit.

    >>> OrderedCode("size", ("small", "medium", "big"), ("medium", "big"), False).features
    ('size ≥ medium', 'size ≥ big')
    """

    kind: ClassVar[str] = "ordered"
    name: str
    levels: tuple[str, ...]
    steps: tuple[str, ...]
    missing: bool

    @property
    def features(self) -> tuple[str, ...]:
        return (*(f"{self.name} ≥ {step}" for step in self.steps), *self.marks)

    @property
    def marks(self) -> tuple[str, ...]:
        return (f"{self.name} is missing",) * self.missing

    def fill(self, column: Column, out: np.ndarray) -> None:
        rank = {level: position for position, level in enumerate(self.levels)}
        codes, levels = column.codes()
        at = np.array([rank.get(level, -1) for level in (*levels, MISSING)], dtype=np.intp)[codes]
        for position, step in enumerate(self.steps):
            out[:, position] = at >= rank[step]
        if self.missing:
            out[:, -1] = at < 0

    def terms(self, coefficients: np.ndarray) -> tuple[Term, ...]:
        below = dict(zip(self.steps, (self.levels[0], *self.steps), strict=False))
        steps = [
            Term(name, self.name, float(w), f"≥ {step}", below[step])
            for name, step, w in zip(self.features, self.steps, coefficients, strict=False)
        ]
        return (*steps, *(Term(name, self.name, float(coefficients[-1]), MISSING) for name in self.marks))

    def shift(self, coefficients: np.ndarray) -> float:
        return 0.0

    def unseen(self, column: Column) -> int:
        return rows_outside(column, set(self.levels))

    @staticmethod
    def from_json(entry: Mapping[str, Any]) -> "OrderedCode":
        """The code with these fields; ValueError if a level is no text or a step is no level."""
        levels, steps = tuple(entry["levels"]), tuple(entry["steps"])
        check_texts(entry["name"], levels)
        if not set(steps) <= set(levels[1:]):
            raise ValueError(f"steps of {entry['name']}")
        return OrderedCode(str(entry["name"]), levels, steps, bool(entry["missing"]))


def rows_outside(column: Column, known: set[str]) -> int:
    """The number of rows whose level is there and is not among the known."""
    codes, levels = column.codes()
    strange = np.array([*(level not in known for level in levels), False])
    return int(strange[codes].sum())


def check_texts(name: str, texts: tuple[Any, ...]) -> None:
    """Every level is a text; else ValueError."""
    if any(type(each) is not str for each in texts):
        raise ValueError(f"levels of {name}")


def category_code(column: Column) -> CategoryCode:
    """Levels by falling frequency, then name: the first is the reference.

    Levels of fewer than 5 rows (or than the most frequent has, if that is fewer) count as the one level "(rare)" if
    they have as many together, else as the reference: a coefficient that so few rows decide would be theirs alone.

    >>> from infimum.tables import text_column
    >>> category_code(text_column("c", ["a"] * 3 + ["b"] * 9 + ["c"] * 2 + [None] * 6))
    CategoryCode(name='c', levels=('(missing)', '(rare)'), reference='b', rare=('a', 'c'))
    """
    counts = level_counts(column)
    fewest = min(FEWEST, max(counts.values()))
    rare = tuple(sorted(level for level, count in counts.items() if count < fewest))
    together = sum(counts.pop(level) for level in rare)
    if together >= fewest:
        counts[RARE] = counts.get(RARE, 0) + together
    reference, *levels = sorted(counts, key=lambda level: (-counts[level], level))
    return CategoryCode(column.name, tuple(levels), reference, rare)


def ordered_code(column: Column) -> OrderedCode:
    """All levels of the column in their order; a step wherever 5 rows lie between it and the step before, and 5 above.

    >>> from infimum.tables import Column
    >>> size = Column("size", "text", np.array([0] * 9 + [1] * 2 + [2] * 5), ("small", "medium", "big"), ordered=True)
    >>> ordered_code(size).steps
    ('medium',)
    """
    counts = level_counts(column)
    held = [counts.get(level, 0) for level in column.levels]
    fewest = min(FEWEST, max(held, default=0))
    steps, above, since = [], sum(held), 0
    for level, count in zip(column.levels, held, strict=True):
        if since >= fewest <= above:
            steps.append(level)
            since = 0
        since += count
        above -= count
    return OrderedCode(column.name, column.levels, tuple(steps), MISSING in counts)


def level_counts(column: Column) -> dict[str, int]:
    """{level: rows}, "(missing)" among them where a cell is missing."""
    codes, levels = column.codes()
    counts = np.bincount(codes + 1, minlength=len(levels) + 1).tolist()
    found: dict[str, int] = {MISSING: counts[0]} if counts[0] else {}
    for level, count in zip(levels, counts[1:], strict=True):
        found[level] = found.get(level, 0) + count
    return found
