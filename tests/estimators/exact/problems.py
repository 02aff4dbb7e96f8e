"""(X, s, y) that are hard in one way each: condition numbers, weights, offsets, dependent columns, scales, few rows."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

ROWS, COLUMNS = 10, 3
UNLIKE = {"an eighth of 1e150": 1e150 / 8, "1e-150": 1e-150}  # standard normals below 8


@dataclass(frozen=True)
class Hard:
    """A table, weights (None: all 1), and what its target of numbers, of counts and of classes is made of."""

    X: np.ndarray
    weight: np.ndarray | None = None
    numbers: Callable[[np.ndarray], np.ndarray] = field(default=lambda y: y)
    counts: Callable[[np.ndarray], np.ndarray] = field(default=lambda y: y)
    classes: Callable[[np.ndarray], np.ndarray] = field(default=lambda y: y)

    def target(self, kind: str, seed: int) -> np.ndarray:
        """y of `kind` "numbers", "counts", "two" or "three" classes: a linear predictor with noise, then made hard."""
        rng, n = np.random.default_rng([seed, 7]), len(self.X)
        table = np.asarray(self.X, dtype=float)
        table = table - table.mean(axis=0)
        size = np.abs(table).max(axis=0)
        eta = (table / np.where(size > 0, size, 1.0)) @ (-1.0) ** np.arange(table.shape[1])
        if kind == "numbers":
            return self.numbers(eta + 0.3 * rng.standard_normal(n))
        if kind == "counts":
            return self.counts(rng.poisson(np.exp(0.7 * eta + 1)).astype(float))
        cuts = [0.0] if kind == "two" else [-0.7, 0.7]
        y = np.digitize(eta + rng.logistic(size=n), cuts).astype(float)
        y[: len(cuts) + 1] = np.arange(len(cuts) + 1)[:n]  # no class is missing
        return self.classes(y)


def table(seed: int, rows: int = ROWS, columns: int = COLUMNS, condition: float = 0.0) -> np.ndarray:
    """Standard normals; or with singular values from 1 to 10^−condition."""
    rng = np.random.default_rng([seed, rows, columns])
    X = rng.standard_normal((rows, columns))
    if condition:
        U, V = np.linalg.qr(X)[0], np.linalg.qr(rng.standard_normal((columns, columns)))[0]
        X = (U * np.logspace(0, -condition, columns)) @ V.T
    return X


def hard_problems(seed: int) -> dict[str, Hard]:
    """Name ↦ problem, all of them."""
    rng, X = np.random.default_rng(seed), table(seed)
    eighths, ones = np.round(8 * X) / 8, np.ones(ROWS)
    return {
        **{f"condition 1e{k}": Hard(table(seed, condition=k)) for k in range(0, 17, 2)},
        "weights over 12 orders": Hard(X, np.logspace(-6, 6, ROWS)[rng.permutation(ROWS)]),
        "one row a million times": Hard(X, np.where(np.arange(ROWS) == 3, 1e6, 1.0)),
        "every other row of weight 0": Hard(X, np.arange(ROWS) % 2 * 1.0),
        "all weights 1e-200": Hard(X, np.full(ROWS, 1e-200)),
        "offset 1e3": Hard(X + 1e3),
        "offset 1e12": Hard(X + 1e12),
        "one column 1e12 off": Hard(X + np.array([1e12, 0.0, 0.0])),
        "a duplicated column": Hard(np.column_stack([X, X[:, 0]])),
        "a dependent column, exactly": Hard(np.column_stack([eighths, eighths[:, 0] + eighths[:, 1]])),
        "a dependent column, to rounding": Hard(np.column_stack([X, 0.1 * X[:, 0] + 0.7 * X[:, 1]])),
        "a duplicated column and a row a million times": Hard(
            np.column_stack([X, X[:, 0]]), np.where(np.arange(ROWS) == 3, 1e6, 1.0)
        ),
        **{f"one column times {name}": Hard(X * np.array([1.0, s, 1.0])) for name, s in UNLIKE.items()},
        **{f"all columns times {name}": Hard(X * s) for name, s in UNLIKE.items()},
        "columns times 1e-150 and 1e150 / 8": Hard(X * np.array([1e-150, 1e150 / 8, 1.0])),
        "columns too small to square": Hard(X * np.array([1.0, 1e-300, 1.0])),
        "columns of denormals": Hard(X * np.array([1.0, 5e-320, 1.0])),
        "fewer rows than columns": Hard(table(seed, 4, 7)),
        "a column of zeros": Hard(np.column_stack([X, 0 * ones])),
        "nothing but zeros": Hard(np.zeros((ROWS, 2))),
        "a constant column": Hard(np.column_stack([X, 0.1 * ones])),
        "float32": Hard(X.astype(np.float32)),
        "one row": Hard(X[:1]),
        "two rows": Hard(X[:2]),
        **targets(X),
    }


def targets(X: np.ndarray) -> dict[str, Hard]:
    """Name ↦ problem, hard by its target."""

    def separate(y: np.ndarray) -> np.ndarray:
        return np.argsort(np.argsort(X[:, 0])) // (len(y) // 2 + 1) * 1.0

    return {
        "a constant target": Hard(X, None, lambda y: 0 * y + 0.1, lambda y: 0 * y + 3, lambda y: 0 * y),
        "a target of zeros": Hard(X, None, lambda y: 0 * y, lambda y: 0 * y, lambda y: 0 * y),
        "a target 1e12 off": Hard(X, None, lambda y: y + 1e12, lambda y: 1e12 * (y + 1)),
        "a target times 1e-150": Hard(X, None, lambda y: y / np.abs(y).max() * 1e-150, lambda y: (y + 1) * 1e-150),
        "a target times 1e150": Hard(X, None, lambda y: y / np.abs(y).max() * 1e150, lambda y: (y + 1) * 1e148),
        "an exact fit, classes apart": Hard(
            X, None, lambda y: X @ np.array([1.0, -2.0, 0.5]), lambda y: np.maximum(y - 3, 0), separate
        ),
    }
