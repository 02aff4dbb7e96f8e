"""θ ∈ {True, False} or an interval: what the parameters of an estimator may be, each refused in one sentence."""

import inspect
import math
from collections.abc import Callable
from numbers import Real
from typing import Any

import numpy as np

Taken = Callable[[float], bool]

STRENGTH: tuple[Taken, str] = lambda x: 0 <= x < math.inf, "≥ 0, finite"
RANGES: dict[str, tuple[Taken, str]] = {
    "alpha": STRENGTH,
    "tol": STRENGTH,
    "alpha of a quantile": (lambda x: 0 <= x <= 1e150, "≥ 0, at most 1e+150"),  # beyond the largest column b = 0
    "C": (lambda x: x > 0, "> 0 (inf is no penalty)"),
    "l1_ratio": (lambda x: 0 <= x <= 1, "from 0 (ridge) to 1 (lasso)"),
    "quantile": (lambda x: 0 < x < 1, "between 0 and 1, both excluded (0.5 is the median)"),
    "epsilon": (lambda x: 1 <= x < math.inf, "≥ 1, finite (1.35 is usual)"),
}


def check_switches(estimator: Any) -> None:
    """θ ∈ {True, False} of every parameter whose default is one of them: ValueError for anything else.

    bool and numpy.bool_ alone are taken: "no" and 0 would count as what Python makes of them.
    """
    for name, stated in inspect.signature(type(estimator).__init__).parameters.items():
        value = vars(estimator).get(name)
        if isinstance(stated.default, bool) and not isinstance(value, bool | np.bool_):
            raise ValueError(f"{name} = {value!r}; expected True or False")


def number_of(name: str, value: Any, range_of: str = "") -> float:
    """value as a float within the range of the parameter of that name, or of another's.

    Raises ValueError for what is no number or outside, with the value and the range.

    >>> number_of("l1_ratio", 1)
    1.0
    """
    taken, words = RANGES[range_of or name]
    if not _is_number(value) or not taken(float(value)):
        raise ValueError(f"{name} = {value!r}; expected a number {words}")
    return float(value)


def numbers_of(name: str, values: Any, range_of: str) -> np.ndarray:
    """values, a number or several, as (K,) float64, each within the range of the parameter of that name.

    Raises ValueError for what are no numbers, for none, and for one outside, naming it.

    >>> numbers_of("l1_ratios", [0, 0.5], "l1_ratio")
    array([0. , 0.5])
    """
    taken, words = RANGES[range_of]
    expected = f"expected numbers {words}, one or several"
    try:
        found = np.atleast_1d(np.asarray(values, dtype=float))
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"{name} = {values!r}; {expected}") from None
    if isinstance(values, bool | str) or found.ndim != 1 or not len(found):
        raise ValueError(f"{name} = {values!r}; {expected}")
    outside = [k for k, each in enumerate(found.tolist()) if not taken(each)]
    if outside:
        at = f", and number {outside[0]} of them is {found[outside[0]]:g}" if np.ndim(values) else ""
        raise ValueError(f"{name} = {values!r}; {expected}{at}")
    return found


def check_within(name: str, value: Any, strength: Any, factor: Any, total: float) -> None:
    """strength · factor / total < ∞: ValueError, in the name of the parameter, where that is beyond float64."""
    with np.errstate(all="ignore"):
        found = np.divide(np.multiply(strength, factor), total)
    if not np.all(np.isfinite(found)):
        told = "for one unit of sample_weight (times penalty_factor) that is a strength beyond float64"
        raise ValueError(f"{name} = {value!r}: {told}; expected one nearer to 1, or weights nearer to 1")


def _is_number(value: Any) -> bool:
    if not isinstance(value, Real | np.number) or isinstance(value, bool | np.complexfloating):
        return False
    try:
        float(value)
    except OverflowError:
        return False
    return True
