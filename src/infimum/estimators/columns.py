"""fⱼ and [lowerⱼ, upperⱼ]: strengths and bounds of single columns, told in their order, by their names or numbers."""

import math
from collections.abc import Mapping
from numbers import Integral, Real
from typing import Any

import numpy as np


def factors_of(penalty_factor: Any, columns: int, names: Any = ()) -> Any:
    """fⱼ ≥ 0, by which the strength of column j is multiplied, (p,); 1 for None. Raises ValueError for anything else.

    It may be {column: f}, a column by its name or its number, and 1 for the others.

    >>> factors_of(None, 2), factors_of([0, 2.5], 2), factors_of({"age": 0}, 2, ["age", "sex"])
    (1.0, array([0. , 2.5]), array([0., 1.]))
    """
    if penalty_factor is None:
        return 1.0
    if isinstance(penalty_factor, Mapping):
        found = np.ones(columns, dtype=object)
        for key, factor in penalty_factor.items():
            found[column_of("penalty_factor", key, columns, names)] = factor
        penalty_factor = found.tolist()
    return _one_a_column("penalty_factor", penalty_factor, columns, 0.0, math.inf, "numbers ≥ 0")


def bounds_of(bounds: Any, columns: int, names: Any = ()) -> tuple[Any, Any]:
    """(lower, upper) of the coefficients, numbers or (p,) each; None is no bound. Raises ValueError for anything else.

    It may be {column: (lower, upper)}, a column by its name or its number, and none for the others.

    >>> bounds_of((0, None), 2), bounds_of(([0, -1], 3), 2), bounds_of({1: (0, None)}, 2)
    ((0.0, inf), (array([ 0., -1.]), 3.0), (array([-inf,   0.]), array([inf, inf])))
    """
    if bounds is None:
        return -math.inf, math.inf
    if isinstance(bounds, Mapping):
        lower, upper = np.full(columns, -math.inf), np.full(columns, math.inf)
        for key, pair in bounds.items():
            j = column_of("bounds", key, columns, names)
            lower[j], upper[j] = bounds_of(_two_numbers(key, pair), 1)
        return lower, upper
    if not isinstance(bounds, tuple | list) or len(bounds) != 2:
        expected = "(lower, upper), each None, a number or one number a column, or {column: (lower, upper)}"
        raise ValueError(f"bounds = {bounds!r}; expected {expected}")
    sides = []
    for which, free, side in (("lower", -math.inf, bounds[0]), ("upper", math.inf, bounds[1])):
        if side is None:
            sides.append(free)
        elif np.ndim(side) == 0 and not isinstance(side, str):
            sides.append(float(side))
        else:
            sides.append(_one_a_column(f"the {which} bounds", side, columns, -math.inf, math.inf, "numbers"))
    if np.any(np.asarray(sides[0]) == math.inf) or np.any(np.asarray(sides[1]) == -math.inf):
        raise ValueError(f"bounds = {bounds!r}: no number is at or beyond infinity; None is no bound")
    if not np.all(np.asarray(sides[0]) <= np.asarray(sides[1])):  # false for NaN too
        raise ValueError(f"bounds = {bounds!r}: a lower bound is above its upper one, or is not a number")
    return sides[0], sides[1]


def column_of(name: str, key: Any, columns: int, names: Any) -> int:
    """j of a column told by its name or its number. Raises ValueError where there is none.

    >>> column_of("bounds", "sex", 2, ["age", "sex"]), column_of("bounds", 1, 2, ())
    (1, 1)
    """
    known = [str(each) for each in names]
    if isinstance(key, str) and key in known:
        return known.index(key)
    if isinstance(key, Integral) and not isinstance(key, bool) and 0 <= key < columns:
        return int(key)
    there = f"{', '.join(known[:8])}{', …' if len(known) > 8 else ''}" if known else f"numbers 0 to {columns - 1}"
    raise ValueError(f"{name} has {key!r}, which is no column of X; there are: {there}")


def _two_numbers(key: Any, pair: Any) -> Any:
    numbers = isinstance(pair, tuple | list) and len(pair) == 2
    if not numbers or not all(side is None or isinstance(side, Real) and not isinstance(side, bool) for side in pair):
        raise ValueError(f"bounds of {key!r} are {pair!r}; expected (lower, upper), each None or a number")
    return pair


def _one_a_column(name: str, value: Any, columns: int, least: float, most: float, expected: str) -> np.ndarray:
    try:
        found = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        raise ValueError(f"{name} holds {value!r}; expected {expected}, one a column") from None
    if found.shape != (columns,):
        raise ValueError(f"{name} has shape {found.shape}; expected ({columns},), one a column of X")
    if not np.all((found >= least) & (found <= most)) or (least == 0 and not np.all(np.isfinite(found))):
        raise ValueError(f"{name} runs from {found.min()} to {found.max()}; expected {expected}")
    return found
