"""column ↦ features, by a code: the interface, and the code of a number, (x − mean) / scale and [x missing]."""

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from infimum.tables import Column, TableError

MISSING = "(missing)"
FAR = 10.0  # scales from the mean: a value of another unit, or of another world
LARGEST = 1e150  # its square, and its ratio to the smallest spread 1 / LARGEST, are still float64


@dataclass(frozen=True)
class Term:
    """One summand of a fitted equation in the columns' own units: coefficient · x, or coefficient · [x = level].

    `level` is None for a number, "(missing)" for the mark of a missing cell; `reference` is the level without a term;
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

    @abstractmethod
    def unseen(self, column: Column) -> int:
        """How many rows hold a level that the code never saw, or a number ten times its scale away from its mean."""


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
        x = numbers(column)
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

    def unseen(self, column: Column) -> int:
        away = np.abs(numbers(column) - self.mean)
        return int((away > FAR * self.scale).sum()) if self.scale > 0 else 0

    @staticmethod
    def from_json(entry: Mapping[str, Any]) -> "NumberCode":
        """The code with these fields; ValueError unless mean and scale are finite and scale ≥ 0."""
        mean, scale = float(entry["mean"]), float(entry["scale"])
        if not (math.isfinite(mean) and math.isfinite(scale) and scale >= 0):
            raise ValueError(f"mean {mean} and scale {scale} of {entry['name']}")
        return NumberCode(str(entry["name"]), mean, scale, bool(entry["missing"]))


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
    return NumberCode(column.name, *moments(column.name, x), missing)


def moments(name: str, x: np.ndarray) -> tuple[float, float]:
    """(Σx / n, √(Σ(x − mean)² / n)), sums correctly rounded; scale 0 where all are equal. TableError beyond float64."""
    check_size(name, x)
    if x.min() == x.max():
        return float(x[0]) + 0.0, 0.0
    mean = math.fsum(x.tolist()) / x.size
    away = x - mean
    scale = math.sqrt(math.fsum((away * away).tolist()) / x.size)
    if scale * LARGEST < 1:
        raise TableError(f"column {name!r} varies by less than {1 / LARGEST:g}: measure it in a smaller unit.")
    return mean, scale


def check_size(name: str, x: np.ndarray) -> None:
    """|xᵢ| ≤ 1e150 for every i, missing ones apart; else TableError."""
    if (np.abs(x) > LARGEST).any():
        raise TableError(f"column {name!r} holds numbers beyond {LARGEST:g}: measure it in a larger unit.")


def numbers(column: Column) -> np.ndarray:
    """The cells of a column as numbers, NaN where missing; TableError if a text is no number: which, and how many."""
    if column.kind == "number":
        return column.values
    if column.kind == "time":
        raise TableError(f"column {column.name!r} must hold numbers, as in the data of the fit; it holds dates.")
    of_level = np.array([*(number_or_nan(level) for level in column.levels), np.nan])
    values = of_level[column.values]
    wrong = np.flatnonzero(np.isnan(values) & ~column.missing)
    if wrong.size:
        raise TableError(
            f"column {column.name!r} must hold numbers, as in the data of the fit; row {wrong[0] + 1} holds "
            f"{column.levels[column.values[wrong[0]]]!r} ({wrong.size} such row(s)): correct them or leave the cells "
            "empty."
        )
    return values


def number_or_nan(text: str) -> float:
    """The finite number that a text reads as, else NaN."""
    try:
        value = float(text)
    except ValueError:
        return math.nan
    return value if math.isfinite(value) else math.nan
