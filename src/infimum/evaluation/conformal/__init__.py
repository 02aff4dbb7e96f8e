"""q = the ⌈(1 − α)(m + 1)⌉-th smallest |yᵢ − f(xᵢ)| of m calibration rows: P(|y − f(x)| ≤ q) ≥ 1 − α on a new row.

Put the new row among the m calibration rows: if the m + 1 are exchangeable and f has seen none of them, each place in
the order of their scores is equally likely for it. No model of the noise is needed, only the counting of places. The
scores may be anything that says how badly y suits x: |y − f(x)|, the same over a difficulty σ(x), 1 − p(y | x).

    quantiles.py   one quantile for all rows, scaled by a difficulty, or one a group (Mondrian)
    cross.py       CV+: every row calibrates, judged by the model that has not seen it
    sets.py        sets of classes: LAC, APS, RAPS
    adaptive.py    in time order, where rows are not exchangeable: the level follows the misses
    coverage.py    what share of m new rows a correct method covers: the law of the share, and its band
"""

import math

import numpy as np


def rank(m: int, level: float = 0.9) -> int:
    """r = ⌈level (m + 1)⌉: the place, from 1, of the score that is the quantile; m + 1 where m is too small.

    Raises ValueError unless 0 < level < 1.

    >>> rank(9, 0.9), rank(8, 0.9), rank(99, 0.9)
    (9, 9, 90)
    """
    if not 0 < level < 1:
        raise ValueError(f"level = {level!r}; expected a number between 0 and 1, such as 0.9")
    return math.ceil(level * (m + 1) - 1e-9)  # 0.9 · 10 is 9, whatever the last bit of 0.9 says


def rows_needed(level: float = 0.9) -> int:
    """min {m : ⌈level (m + 1)⌉ ≤ m} = ⌈level / (1 − level)⌉ calibration rows, below which every interval is infinite.

    Raises ValueError unless 0 < level < 1.

    >>> rows_needed(0.9), rows_needed(0.99), rows_needed(0.5)
    (9, 99, 1)
    """
    rank(0, level)
    m = max(1, math.floor(level / (1 - level)) - 2)
    while rank(m, level) > m:
        m += 1
    return m


def smallest(score: np.ndarray, place: int) -> float:
    """s₍ᵣ₎, the r-th smallest of the scores (m,), r from 1; +∞ for r > m, as if one more score were infinite.

    A score that is not a number counts as +∞. Raises ValueError for r < 1.

    >>> smallest(np.array([3.0, 1.0, 2.0]), 2), smallest(np.array([3.0]), 2)
    (2.0, inf)
    """
    if place < 1:
        raise ValueError(f"place = {place}; places are counted from 1")
    if place > len(score):
        return math.inf
    finite = np.where(np.isnan(score), math.inf, score)
    return float(np.partition(finite, place - 1)[place - 1])


def split_conformal(residual: np.ndarray, level: float = 0.9) -> float:
    """q with P(|y − f(x)| ≤ q) ≥ level on a new row exchangeable with the m calibration rows, which f has not seen.

    Papadopoulos et al. (2002), Vovk et al. (2005). residual is (m,), of the calibration rows; +∞ where m is too small
    for the level. Without ties the probability is ⌈level (m + 1)⌉ / (m + 1) exactly. Raises ValueError unless
    0 < level < 1.

    >>> split_conformal(np.arange(1.0, 10.0), 0.9)
    9.0
    """
    return smallest(np.abs(residual), rank(len(residual), level))
