"""(X, y, s) as float64 arrays: what is checked before anything is fitted."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy.sparse import issparse
from sklearn.utils.validation import assert_all_finite, column_or_1d, validate_data

from infimum.estimators.parameters import check_switches
from infimum.kernels.extremes import all_within
from infimum.kernels.parts import over_rows

LARGEST = 1e150
SMALLEST = 1e-150
MOST_BYTES = 4e9  # of a sparse table, once its zeros are written out
TEXT = "could not convert string to float"  # so NumPy begins
ENCODE = "infimum.TableEncoder makes numbers of columns of text"
FORMATS = ("csr", "csc", "coo")


def names_of(estimator: Any) -> tuple[str, ...]:
    """The names of the columns of a fit, none where the table had none."""
    return tuple(str(name) for name in vars(estimator).get("feature_names_in_", ()))


def rows_of(estimator: Any, X: Any) -> np.ndarray:
    """X (n, p) dense, float64, of a fitted estimator. Raises ValueError for columns other than those of the fit."""
    return np.asarray(dense(validate_data(estimator, X, reset=False, dtype=np.float64, accept_sparse=FORMATS)))


def validated(estimator: Any, X: Any, y: Any, how: Mapping[str, Any]) -> tuple[Any, Any]:
    """(X (n, p) float64, y) as scikit-learn checks them, `how` its settings: where every fit of rows begins.

    Raises ValueError for NaN, infinities, shapes that do not fit, and for a parameter that is to be True or False and
    is neither.
    """
    check_switches(estimator)
    try:
        X, y = validate_data(estimator, X, y, dtype=np.float64, **how)
    except ValueError as refused:
        if not str(refused).startswith(TEXT):
            raise
        taken = f"{type(estimator).__name__} takes numbers: {ENCODE}"
        raise ValueError(f"{refused}; {taken}") from refused
    return X, y


def rows_and_target(estimator: Any, X: Any, y: Any, *, numeric: bool = True, several: bool = False) -> Any:
    """(X (n, p) dense, float64, y as given or as numbers); names and number of columns are remembered.

    A scipy.sparse X is written out with its zeros. several allows y (n, t); numeric asks for numbers. Raises
    ValueError for NaN, infinities, shapes that do not fit, values beyond 1e150, columns within 1e-150 of 0 but not 0,
    and a sparse X too large to write out.
    """
    how = {"multi_output": several, "y_numeric": numeric, "accept_sparse": FORMATS}
    X, y = validated(estimator, X, y, how | {"ensure_all_finite": issparse(X)})  # `in_range` does
    X = dense(X)
    if numeric:
        y = np.asarray(y, dtype=float) if several and np.ndim(y) == 2 else column_or_1d(y, warn=True).astype(float)
    in_range(X, y if numeric else np.zeros(0), type(estimator).__name__)
    return X, y


def in_range(X: np.ndarray, y: np.ndarray, reader: str = "") -> None:
    """SMALLEST ≤ max |xⱼ|, |y| ≤ LARGEST where they are not 0: raises ValueError where squares over- or underflow."""
    not_too_large("X", X, reader)
    not_too_large("y", y)
    for name, columns in (("X", X), ("y", y[:, None] if y.ndim == 1 else y)):
        if (tiny := vanishing(columns)) >= 0:
            size, where = largest_of(columns[:, tiny]), f"column {tiny} of X" if name == "X" else "y"
            raise ValueError(
                f"no value of {where} is larger than {size:.3g}, and squares of numbers below {SMALLEST:g} underflow: "
                "use other units"
            )


def not_too_large(name: str, array: np.ndarray, reader: str = "") -> None:
    """|x| ≤ LARGEST: raises ValueError where squares would overflow, or some x is NaN or infinite."""
    if not all_within(array, LARGEST):
        assert_all_finite(array, estimator_name=reader or None, input_name=name)
        raise ValueError(f"{name} holds values beyond {LARGEST:g}, whose squares overflow: use other units")


def vanishing(X: np.ndarray) -> int:
    """The first column with 0 < max |xⱼ| < SMALLEST, −1 if there is none.

    >>> vanishing(np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1e-200]]))
    2
    """
    unsettled = np.arange(X.shape[1])
    for rows in (X[:1], X[:100], X):  # most columns show in their first rows that they are none
        if len(unsettled):
            unsettled = unsettled[np.abs(rows[:, unsettled]).max(axis=0, initial=0.0) < SMALLEST]
    return next((int(j) for j in unsettled if np.any(X[:, j])), -1)


def largest_of(array: np.ndarray) -> float:
    """max |x|, 0 of nothing, NaN where one is.

    >>> largest_of(np.array([1.0, -3.0]))
    3.0
    """

    def part(start: int, stop: int) -> float:
        some = array[start:stop]
        return float(np.maximum(some.max(initial=0.0), -some.min(initial=0.0)))

    return float(np.max(over_rows(part, len(array), array.size // max(len(array), 1))))


def dense(X: Any) -> Any:
    """X with its zeros written out if it is a scipy.sparse table. Raises ValueError beyond 4 GB.

    >>> from scipy.sparse import csr_array
    >>> dense(csr_array([[0.0, 2.0]]))
    array([[0., 2.]])
    """
    if not issparse(X):
        return X
    size = 8.0 * X.shape[0] * X.shape[1]
    if size > MOST_BYTES:
        raise ValueError(
            f"X is sparse, {X.shape[0]} × {X.shape[1]}: with its zeros it takes {size / 1e9:.1f} GB, and proofs are of "
            f"all of it; expected at most {MOST_BYTES / 1e9:g} GB: choose columns (sklearn.feature_selection) or rows"
        )
    return X.toarray(order="C")


def checked_weight(sample_weight: Any, rows: int) -> np.ndarray:
    """s as (n,) float64, all 1 for None. Raises ValueError for another shape, for weights < 0, not finite or all 0."""
    if sample_weight is None:
        return np.ones(rows)
    expected = "expected finite weights ≥ 0, some > 0"
    try:
        weight = np.asarray(sample_weight, dtype=float)
    except (TypeError, ValueError):
        raise ValueError(f"sample_weight holds what is no number; {expected}") from None
    weight = np.full(rows, float(weight)) if weight.ndim == 0 else weight
    if weight.shape != (rows,):
        raise ValueError(f"sample_weight has shape {weight.shape}; expected ({rows},), one weight a row")
    for bad, what in ((~np.isfinite(weight), "not finite"), (weight < 0, "negative")):
        if bad.any():
            row, count = int(np.argmax(bad)), int(np.count_nonzero(bad))
            more = f" (one of {count} that are)" if count > 1 else ""
            raise ValueError(f"sample_weight is {weight[row]:g} in row {row}, {what}{more}; {expected}")
    if not np.any(weight):
        raise ValueError(f"sample_weight is 0 in every row, and zero weights leave nothing to fit; {expected}")
    with np.errstate(over="ignore"):
        total = float(weight.sum())
    if math.isinf(total):
        raise ValueError(f"sample_weight has a sum that overflows: divide all by the largest, {weight.max():g}")
    return weight
