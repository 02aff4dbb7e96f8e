"""A file of NIST's Statistical Reference Datasets ↦ the columns, y, certified coefficients and standard errors."""

import re
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).with_name("nist")
NAMES = tuple(sorted(path.stem for path in FOLDER.glob("*.dat")))
CERTIFIED = re.compile(r"^\s+B\d+\s+(\S+)\s+(\S+)\s*$", re.MULTILINE)


@dataclass(frozen=True, eq=False)
class Certified:
    """X (n, k) as printed, y (n,), the degree of the polynomial in x (1: X as it is), whether there is an intercept."""

    X: np.ndarray
    y: np.ndarray
    degree: int
    intercept: bool
    coefficients: tuple[str, ...]
    errors: tuple[str, ...]

    @property
    def design(self) -> np.ndarray:
        """The columns x, x², …, as float64 gives them, without the intercept."""
        return np.column_stack([self.X[:, 0] ** k for k in range(1, self.degree + 1)]) if self.degree > 1 else self.X


def problem(name: str) -> Certified:
    """The problem of that name."""
    text = (FOLDER / f"{name}.dat").read_text(encoding="ascii")
    coefficients, errors = zip(*CERTIFIED.findall(text), strict=True)
    rows = [line.split() for line in text[text.rindex("Data:") :].splitlines()[1:] if line.strip()]
    data = np.array([[float(cell) for cell in row] for row in rows])
    X, intercept = data[:, 1:], re.search(r"^\s+B0\s", text, re.MULTILINE) is not None
    degree = len(coefficients) - intercept if X.shape[1] == 1 else 1
    return Certified(X, data[:, 0], degree, intercept, coefficients, errors)


def exact_solution(A: np.ndarray, y: np.ndarray) -> list[Fraction]:
    """(AᵀA)⁻¹ Aᵀy in rational arithmetic: of these very float64 numbers."""
    return solved([[Fraction(value) for value in column] for column in A.T.tolist()], y)


def exact_polynomial(x: np.ndarray, y: np.ndarray, degree: int) -> list[Fraction]:
    """(b₀, …, b_k) of least squares on the exact powers of these float64 numbers."""
    return solved([[Fraction(value) ** k for value in x.tolist()] for k in range(degree + 1)], y)


def solved(columns: list[list[Fraction]], y: np.ndarray) -> list[Fraction]:
    """The normal equations of rational columns, by Gauss and Jordan."""
    target = [Fraction(value) for value in y.tolist()]
    rows = [[dot(a, b) for b in (*columns, target)] for a in columns]
    for i, pivot in enumerate(rows):
        for k, row in enumerate(rows):
            if k != i and row[i]:
                share = row[i] / pivot[i]
                rows[k] = [a - share * b for a, b in zip(row, rows[i], strict=True)]
    return [row[-1] / row[i] for i, row in enumerate(rows)]


def dot(a: list[Fraction], b: list[Fraction]) -> Fraction:
    """Σ aᵢ bᵢ."""
    return sum((x * y for x, y in zip(a, b, strict=True)), Fraction())


def digits(found: float, right: Fraction | str) -> float:
    """−log₁₀ |found − right| / |right|, of |found| where right is 0; 17 where they are equal."""
    right = Fraction(right)
    off = abs(Fraction(found) - right)
    if not off:
        return 17.0
    return min(17.0, -float(np.log10(float(off / abs(right) if right else off))))
