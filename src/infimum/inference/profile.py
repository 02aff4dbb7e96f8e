"""{θ : 2 (log L_max − log L(θ)) ≤ χ²₁}: intervals and tests of coefficients by the profile of their likelihood."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from infimum.inference.estimate import told_p
from infimum.inference.table import rounded, row_of


@dataclass(frozen=True, eq=False)
class ProfileIntervals:
    """(β̂, lower, upper, statistic, p) of each coefficient, the intercept last, (q,) each.

    An interval holds the values that a likelihood-ratio test at 1 − level does not reject; statistics are
    2 (log L_max − log L(0)), pvalues P(χ²₁ ≥ statistic) if the coefficient were 0. Ends are ±∞ where the profile never
    falls so far; an estimate that no finite number is, is ±∞, or NaN where either is as good.
    """

    names: tuple[str, ...]
    estimates: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    statistics: np.ndarray
    pvalues: np.ndarray
    level: float
    likelihood: str = "likelihood"  # or "penalised likelihood"
    model: str = ""
    notes: tuple[str, ...] = ()

    def rows(self) -> list[dict[str, Any]]:
        """[{name, estimate, lower, upper, statistic, p_value}, …], one for each coefficient."""
        keys = ("name", "estimate", "lower", "upper", "statistic", "p_value")
        columns = (self.estimates, self.lower, self.upper, self.statistics, self.pvalues)
        lists = (column.tolist() for column in columns)
        return [dict(zip(keys, row, strict=True)) for row in zip(self.names, *lists, strict=True)]

    def to_frame(self) -> Any:
        """`rows` as a pandas data frame by name. Raises ImportError without pandas."""
        import pandas

        return pandas.DataFrame(self.rows()).set_index("name")

    def __str__(self) -> str:
        head = ["", "estimate", f"{100 * self.level:g}% from", "to", "χ²(1)", "p"]
        lines = [head]
        for row in self.rows():
            ends = [row[key] for key in ("estimate", "lower", "upper")]
            finite = [value for value in ends if np.isfinite(value)]
            error = (max(finite) - min(finite)) / 4 if len(finite) > 1 else 0.0
            lines.append(
                [
                    row["name"],
                    *(told(value, error) for value in ends),
                    f"{row['statistic']:.5g}",
                    told_p(row["p_value"]),
                ]
            )
        widths = [max(len(line[k]) for line in lines) for k in range(len(head))]
        text = [f"{line[0]:<{widths[0]}}  {row_of(line[1:], widths[1:])}" for line in lines]
        text.insert(1, "─" * len(text[0]))
        name = f"{self.model}, " if self.model else ""
        return "\n".join([f"{name}intervals and tests by the profile of the {self.likelihood}", *text, *self.notes])

    def __repr__(self) -> str:
        return str(self)


def told(value: float, error: float) -> str:
    """value to two digits beyond the first of its error; ±∞ as such, NaN as 'any'.

    >>> told(1.23456, 0.3), told(-np.inf, 0.3), told(np.nan, 0.3)
    ('1.235', '−∞', 'any')
    """
    if np.isnan(value):
        return "any"
    return rounded(value, error) if np.isfinite(value) else ("∞" if value > 0 else "−∞")
