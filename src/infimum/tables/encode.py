"""Table → X ∈ ℝⁿˣᴾ: each used column by its own code, chosen by what the column holds.

A number is centred and scaled, a missing one counts as the mean and is marked; a category has an indicator a level, an
ordered one a step a level; a time has its trend and cycles. Means and standard deviations come from correctly rounded
sums: every machine re-derives the same bits from the same cells.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from infimum.tables import Column, Table, TableError, listing
from infimum.tables.calendar import DateCode, date_code
from infimum.tables.categories import CategoryCode, OrderedCode, category_code, ordered_code
from infimum.tables.codes import Code, NumberCode, Term, number_code

KINDS: dict[str, type[NumberCode] | type[CategoryCode] | type[OrderedCode] | type[DateCode]] = {
    "number": NumberCode,
    "category": CategoryCode,
    "ordered": OrderedCode,
    "date": DateCode,
}


@dataclass(frozen=True)
class Encoder:
    """X = [code₁(column₁), code₂(column₂), …], side by side.

    >>> from infimum.tables import text_column
    >>> hour = Column("hour", "number", np.array([0.0, 2.0, 4.0, 2.0, 4.0, 6.0]))
    >>> rain = text_column("rain", ["no", "yes", "no", "yes", "no", "yes"])
    >>> encoder = fit_encoder(Table("t", (hour, rain)), ["hour", "rain"])
    >>> encoder.names
    ('hour', 'rain = yes')
    >>> encoder.encode(Table("t", (hour, rain)))[:, 1].tolist()
    [0.0, 1.0, 0.0, 1.0, 0.0, 1.0]
    """

    codes: tuple[Code, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns a table must have to be encoded."""
        return tuple(code.name for code in self.codes)

    @property
    def names(self) -> tuple[str, ...]:
        """The P features: "hour", "hour is missing", "weather = rain" (relative to the reference level of weather)."""
        return tuple(feature for code in self.codes for feature in code.features)

    @property
    def numbers(self) -> dict[int, NumberCode]:
        """{place among the P features: code} of the numbers themselves: neither marks nor dates."""
        starts = np.cumsum([0, *(len(code.features) for code in self.codes)])
        pairs = zip(starts, self.codes, strict=False)
        return {int(at): code for at, code in pairs if isinstance(code, NumberCode) and code.scale > 0}

    def encode(self, table: Table) -> np.ndarray:
        """X: float64 (n, P), each feature contiguous in memory (Fortran order).

        Raises TableError when a column is missing, or a column of numbers holds text (its row, and how many) or numbers
        beyond 1e150.
        """
        absent = [name for name in self.columns if name not in table.names]
        if absent:
            raise TableError(f"{table.name} lacks {listing(absent)}, which the model was fitted with: add it.")
        X = np.zeros((table.rows, len(self.names)), order="F")
        start = 0
        for code in self.codes:
            stop = start + len(code.features)
            code.fill(table.column(code.name), X[:, start:stop])
            start = stop
        return X

    def units(self, coefficients: np.ndarray, intercept: float) -> tuple[tuple["Term", ...], float]:
        """(terms, b) with  w·code(x) + intercept = Σ terms(x) + b  for every row x: centring and scaling undone.

        A number's coefficient becomes w / scale and moves −w·mean / scale into b; indicators keep theirs. A missing
        number counts as `Term.fill`. `coefficients` is (P,); TableError on another length.
        """
        w = np.asarray(coefficients, dtype=float)
        if w.shape != (len(self.names),):
            raise TableError(f"expected {len(self.names)} coefficients, one per feature; got shape {w.shape}.")
        terms: list[Term] = []
        shift = 0.0
        for code in self.codes:
            here = w[len(terms) : len(terms) + len(code.features)]
            terms.extend(code.terms(here))
            shift += code.shift(here)
        return tuple(terms), float(intercept - shift)

    def to_json(self) -> dict[str, Any]:
        """{"codes": [{"kind": …, fields}, …]}: plain values; floats keep every bit through JSON's shortest digits."""
        return {"codes": [{"kind": code.kind, **asdict(code)} for code in self.codes]}  # type: ignore[call-overload]

    @staticmethod
    def from_json(document: Mapping[str, Any]) -> "Encoder":
        """The inverse of `to_json`; TableError on anything that `to_json` does not write."""
        try:
            return Encoder(tuple(KINDS[entry["kind"]].from_json(entry) for entry in document["codes"]))
        except (KeyError, TypeError, ValueError) as error:
            raise TableError(f"this is no encoder written by infimum ({error!r}): fit the model again.") from error


def fit_encoder(table: Table, names: Sequence[str], rows: np.ndarray | None = None) -> Encoder:
    """names ↦ codes, learned from the given rows (numbers from 0; all by default) of those columns.

    Raises TableError on an unknown name, on no rows, and on numbers beyond 1e150 or differing by less than 1e-150.
    """
    columns = [table.column(name) for name in names]
    if rows is not None:
        columns = [column.take(rows) for column in columns]
    if any(not column.values.size for column in columns):
        raise TableError(f"{table.name}: no rows to learn an encoding from: give at least one.")
    return Encoder(tuple(code_of(each) for each in columns))


def code_of(column: Column) -> Code:
    """The code that fits what the column holds: numbers, times, texts with an order, or texts without."""
    if column.kind == "number":
        return number_code(column)
    if column.kind == "time":
        return date_code(column)
    return ordered_code(column) if column.ordered else category_code(column)
