"""time ↦ elapsed days, year, and (sin, cos) of the angle of month, weekday and time of day: trend, and three cycles."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from infimum.tables import Column, TableError, time_text
from infimum.tables.codes import MISSING, Code, Term, moments

DAY = 86_400_000_000  # microseconds
CYCLES = {"month": 12, "weekday": 7, "minute of the day": 1440}
LATER = 5.0  # scales from the mean: beyond the dates of the fit, a trend is a guess
FEWEST = 3  # distinct values below which a cycle has no angle worth a sine and a cosine


@dataclass(frozen=True)
class DateCode(Code):
    """t ↦ ((days − mean) / scale, (year − mean) / scale, sin and cos of each of `cycles`, [t missing]).

    Days are counted from `origin`; a part whose scale is 0 is left out, and so are cycles not named. A missing time
    counts as the mean of each part: its features are 0, but for the mark.

    >>> DateCode("day", "2011-01-01", 3.5, 2.0, 2011.0, 0.0, ("weekday",), False).features
    ('days of day since 2011-01-01', 'sin weekday of day', 'cos weekday of day')
    """

    kind: ClassVar[str] = "date"
    name: str
    origin: str
    mean: float
    scale: float
    year_mean: float
    year_scale: float
    cycles: tuple[str, ...]
    missing: bool

    @property
    def features(self) -> tuple[str, ...]:
        waves = (f"{wave} {cycle} of {self.name}" for cycle in self.cycles for wave in ("sin", "cos"))
        trend = (f"days of {self.name} since {self.origin}",) * (self.scale > 0)
        year = (f"year of {self.name}",) * (self.year_scale > 0)
        return (*trend, *year, *waves, *(f"{self.name} is missing",) * self.missing)

    def fill(self, column: Column, out: np.ndarray) -> None:
        times, gap = times_of(column), column.missing
        at = 0
        for x, mean, scale in (
            (days(times, self.origin), self.mean, self.scale),
            (years(times), self.year_mean, self.year_scale),
        ):
            if scale > 0:
                out[:, at] = np.where(gap, 0.0, (x - mean) / scale)
                at += 1
        for cycle in self.cycles:
            turn = [2 * math.pi * k / CYCLES[cycle] for k in range(CYCLES[cycle])]
            place = np.where(gap, -1, phase(times, cycle))
            for wave in (math.sin, math.cos):  # a table: the same bits for one row as for many
                out[:, at] = np.array([*map(wave, turn), 0.0])[place]
                at += 1
        if self.missing:
            out[:, at] = gap

    def terms(self, coefficients: np.ndarray) -> tuple[Term, ...]:
        scales = [(s, m) for s, m in ((self.scale, self.mean), (self.year_scale, self.year_mean)) if s > 0]
        scales += [(1.0, 0.0)] * (2 * len(self.cycles))
        found = [
            Term(name, self.name, float(w / scale), fill=mean)
            for name, w, (scale, mean) in zip(self.features, coefficients, scales, strict=False)
        ]
        marks = [Term(self.features[-1], self.name, float(coefficients[-1]), MISSING)] if self.missing else []
        return (*found, *marks)

    def shift(self, coefficients: np.ndarray) -> float:
        parts = [(s, m) for s, m in ((self.scale, self.mean), (self.year_scale, self.year_mean)) if s > 0]
        return sum(float(w / s * m) for w, (s, m) in zip(coefficients, parts, strict=False))

    def unseen(self, column: Column) -> int:
        times = times_of(column)[~column.missing]
        return int((np.abs(days(times, self.origin) - self.mean) > LATER * self.scale).sum()) if self.scale > 0 else 0

    @staticmethod
    def from_json(entry: Mapping[str, Any]) -> "DateCode":
        """The code with these fields; ValueError unless the numbers are finite, the scales ≥ 0 and the cycles known."""
        numbers = [float(entry[name]) for name in ("mean", "scale", "year_mean", "year_scale")]
        cycles = tuple(entry["cycles"])
        np.datetime64(entry["origin"])
        if not all(map(math.isfinite, numbers)) or min(numbers[1], numbers[3]) < 0 or not set(cycles) <= set(CYCLES):
            raise ValueError(f"parts of the date {entry['name']}")
        return DateCode(str(entry["name"]), str(entry["origin"]), *numbers, cycles, bool(entry["missing"]))


def date_code(column: Column) -> DateCode:
    """Days from the first day of these rows; a year if there are two; a cycle where it has three values or more.

    >>> date_code(Column("d", "time", np.array(["2011-01-01", "2011-03-01"], dtype="datetime64[us]"))).features
    ('days of d since 2011-01-01',)
    """
    gap = column.missing
    times = times_of(column)[~gap]
    if not times.size:
        return DateCode(column.name, "1970-01-01", 0.0, 0.0, 0.0, 0.0, (), False)
    origin = time_text(times.min().astype("datetime64[D]").astype("datetime64[us]"))
    cycles = tuple(cycle for cycle in CYCLES if len(np.unique(phase(times, cycle))) >= FEWEST)
    elapsed, year = moments(column.name, days(times, origin)), moments(column.name, years(times))
    return DateCode(column.name, origin, *elapsed, *year, cycles, bool(gap.any()))


def times_of(column: Column) -> np.ndarray:
    """The times, datetime64[us]; TableError where the column holds none."""
    if column.kind == "time" or column.missing.all():
        return column.values if column.kind == "time" else np.full(len(column.values), "NaT", dtype="datetime64[us]")
    raise TableError(f"column {column.name!r} must hold dates, as in the data of the fit; it holds {column.kind}s.")


def days(times: np.ndarray, origin: str) -> np.ndarray:
    """Days since `origin`, with fractions: float64 (n,)."""
    return (times - np.datetime64(origin, "us")).astype(np.int64) / DAY


def years(times: np.ndarray) -> np.ndarray:
    """The calendar year: float64 (n,)."""
    return times.astype("datetime64[Y]").astype(np.int64) + 1970.0


def phase(times: np.ndarray, cycle: str) -> np.ndarray:
    """Where each time stands in the cycle: month from 0, weekday from Monday = 0, or minute of the day: int64 (n,)."""
    if cycle == "month":
        return times.astype("datetime64[M]").astype(np.int64) % 12
    if cycle == "weekday":
        return (times.astype("datetime64[D]").astype(np.int64) + 3) % 7  # 1970-01-01 was a Thursday
    return (times.astype(np.int64) // 60_000_000) % 1440
