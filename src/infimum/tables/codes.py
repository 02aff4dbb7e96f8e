"""column ↦ features: for a number (x − mean) / scale and [x missing]; for a category one [x = level] per level.

The reference level of a category has no feature: the intercept stands for it.
"""

import math
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from infimum.tables import Column, TableError, number_text

MISSING = "(missing)"
RARE = "(rare)"
FEWEST = 5  # rows below which a level has no coefficient of its own, if it has company
LARGEST = 1e150  # its square, and its ratio to the smallest spread 1 / LARGEST, are still float64


@dataclass(frozen=True)
class Term:
    """One summand of a fitted equation in the columns' own units: coefficient · x, or coefficient · [x = level].

    `level` is None for a number, "(missing)" for the mark of a missing number; `reference` is the level without a term;
    `fill` is what a missing number counts as.
    """

    name: str
    column: str
    coefficient: float
    level: str | None = None
    reference: str | None = None
    fill: float | None = None


class Code(ABC):
    """column ↦ (n, k) features, with the way back from coefficients to the column's own units."""

    kind: ClassVar[str]
    name: str

    @property
    @abstractmethod
    def features(self) -> tuple[str, ...]:
        """The names of the k features."""

    @abstractmethod
    def fill(self, column: Column, out: np.ndarray) -> None:
        """Writes the features into `out`, (n, k), which holds zeros."""

    @abstractmethod
    def terms(self, coefficients: np.ndarray) -> tuple[Term, ...]:
        """The k summands in the column's own units, from the k coefficients of the features."""

    @abstractmethod
    def shift(self, coefficients: np.ndarray) -> float:
        """Σ terms(x) − coefficients · features(x), the same for every x."""


@dataclass(frozen=True)
class NumberCode(Code):
    """x ↦ ((x − mean) / scale, [x missing]): the first if scale > 0, the second if `missing`; a missing x is the mean.

    >>> NumberCode("hour", 2.0, 0.5, True).features
    ('hour', 'hour is missing')
    """

    kind: ClassVar[str] = "number"
    name: str
    mean: float
    scale: float
    missing: bool

    @property
    def features(self) -> tuple[str, ...]:
        return (self.name,) * (self.scale > 0) + (f"{self.name} is missing",) * self.missing

    def fill(self, column: Column, out: np.ndarray) -> None:
        x = column.values if column.role == "number" else numbers(column)
        check_size(column.name, x)
        if self.scale > 0:
            out[:, 0] = (np.where(np.isnan(x), self.mean, x) - self.mean) / self.scale
        if self.missing:
            out[:, -1] = np.isnan(x)

    def terms(self, coefficients: np.ndarray) -> tuple[Term, ...]:
        found = []
        if self.scale > 0:
            found.append(Term(self.name, self.name, float(coefficients[0] / self.scale), fill=self.mean))
        if self.missing:
            found.append(Term(self.features[-1], self.name, float(coefficients[-1]), level=MISSING))
        return tuple(found)

    def shift(self, coefficients: np.ndarray) -> float:
        return float(coefficients[0] / self.scale * self.mean) if self.scale > 0 else 0.0

    @staticmethod
    def from_json(entry: Mapping[str, Any]) -> "NumberCode":
        """The code with these fields; ValueError unless mean and scale are finite and scale ≥ 0."""
        mean, scale = float(entry["mean"]), float(entry["scale"])
        if not (math.isfinite(mean) and math.isfinite(scale) and scale >= 0):
            raise ValueError(f"mean {mean} and scale {scale} of {entry['name']}")
        return NumberCode(str(entry["name"]), mean, scale, bool(entry["missing"]))


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
        other = place.get(RARE, 0) if self.rare else 0
        place |= dict.fromkeys(self.rare, other)
        at = np.array([place.get(level, other) for level in level_texts(column)], dtype=np.intp)
        for position in range(len(self.levels)):
            out[:, position] = at == position + 1

    def terms(self, coefficients: np.ndarray) -> tuple[Term, ...]:
        pairs = zip(self.features, self.levels, coefficients, strict=True)
        return tuple(Term(name, self.name, float(w), level, self.reference) for name, level, w in pairs)

    def shift(self, coefficients: np.ndarray) -> float:
        return 0.0

    @staticmethod
    def from_json(entry: Mapping[str, Any]) -> "CategoryCode":
        """The code with these fields; ValueError if one of its texts is none."""
        levels, rare = tuple(entry["levels"]), tuple(entry["rare"])
        if any(type(each) is not str for each in (entry["reference"], *levels, *rare)):
            raise ValueError(f"levels of {entry['name']}")
        return CategoryCode(str(entry["name"]), levels, entry["reference"], rare)


def number_code(column: Column) -> NumberCode:
    """mean = Σx / n and scale = √(Σ(x − mean)² / n) over the present cells, each sum correctly rounded (Shewchuk 1997).

    scale = 0, and so no feature but the mark, when all are equal or none is there.

    >>> number_code(Column("x", "number", np.array([1.0, 3.0, np.nan])))
    NumberCode(name='x', mean=2.0, scale=1.0, missing=True)
    """
    x = column.values[~column.missing]
    missing = x.size < column.values.size
    if not x.size:
        return NumberCode(column.name, 0.0, 0.0, False)
    check_size(column.name, x)
    if x.min() == x.max():
        return NumberCode(column.name, float(x[0]) + 0.0, 0.0, missing)
    mean = math.fsum(x.tolist()) / x.size
    away = x - mean
    scale = math.sqrt(math.fsum((away * away).tolist()) / x.size)
    if scale * LARGEST < 1:
        raise TableError(f"column {column.name!r} varies by less than {1 / LARGEST:g}: measure it in a smaller unit.")
    return NumberCode(column.name, mean, scale, missing)


def check_size(name: str, x: np.ndarray) -> None:
    """|xᵢ| ≤ 1e150 for every i, missing ones apart; else TableError."""
    if (np.abs(x) > LARGEST).any():
        raise TableError(f"column {name!r} holds numbers beyond {LARGEST:g}: measure it in a larger unit.")


def category_code(column: Column) -> CategoryCode:
    """Levels by falling frequency, then name: the first is the reference.

    Levels of fewer than 5 rows, if there are two or more, count as the one level "(rare)".

    >>> category_code(Column("c", "category", np.array(["a"] * 3 + ["b"] * 9 + ["c"] + [None] * 6, dtype=object)))
    CategoryCode(name='c', levels=('(missing)', '(rare)'), reference='b', rare=('a', 'c'))
    """
    counts = Counter(level_texts(column))
    rare = tuple(sorted(level for level, count in counts.items() if count < FEWEST))
    if len(rare) < 2:
        rare = ()
    for level in rare:
        counts[RARE] += counts.pop(level)
    reference, *levels = sorted(counts, key=lambda level: (-counts[level], level))
    return CategoryCode(column.name, tuple(levels), reference, rare)


def level_texts(column: Column) -> list[str]:
    """The level of each row: its text, the text of its number, or "(missing)"."""
    if column.role == "category":
        return [MISSING if value is None else value for value in column.values.tolist()]
    return [MISSING if value != value else number_text(value) for value in column.values.tolist()]


def numbers(column: Column) -> np.ndarray:
    """The texts of a column read as numbers, NaN where missing; TableError if one is no number: which, and how many."""
    values = np.full(column.values.size, np.nan)
    wrong = []
    for row, value in enumerate(column.values):
        try:
            values[row] = np.nan if value is None else float(value)
        except ValueError:
            wrong.append(row)
    if wrong:
        raise TableError(
            f"column {column.name!r} must hold numbers, as in the data of the fit; row {wrong[0] + 1} holds "
            f"{column.values[wrong[0]]!r} ({len(wrong)} such row(s)): correct them or leave the cells empty."
        )
    return values
