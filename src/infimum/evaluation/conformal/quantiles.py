"""q · σ(x), and q(group of x): intervals whose width follows the row, at the same guarantee as one width for all."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from infimum.evaluation.conformal import rank, smallest, split_conformal


def scaled_conformal(residual: np.ndarray, difficulty: np.ndarray, level: float = 0.9) -> float:
    """q with P(|y − f(x)| ≤ q σ(x)) ≥ level: the conformal quantile of |yᵢ − f(xᵢ)| / σ(xᵢ).

    residual and difficulty σ > 0 are (m,), of calibration rows that neither f nor σ has seen; q = +∞ where m is too
    small. Papadopoulos, Gammerman & Vovk (2008); Lei et al. (2018), section 5.2. Raises ValueError for another shape,
    or unless every σ is positive and finite.

    >>> scaled_conformal(np.array([1.0, 4.0, 9.0]), np.array([1.0, 2.0, 3.0]), 0.75)
    3.0
    """
    if np.shape(residual) != np.shape(difficulty):
        raise ValueError(f"difficulty has shape {np.shape(difficulty)}; expected {np.shape(residual)}, one a row")
    if not np.all((difficulty > 0) & np.isfinite(difficulty)):
        raise ValueError("difficulty holds values that are not positive and finite; expected σ(x) > 0 for every row")
    return split_conformal(residual / difficulty, level)


def group_conformal(score: np.ndarray, groups: np.ndarray, level: float = 0.9) -> dict[Any, float]:
    """{g: q_g} with P(s ≤ q_g | group g) ≥ level: in each group its own ⌈level (m_g + 1)⌉-th smallest score.

    score and groups are (m,): the rows of a group have to be exchangeable among themselves only. A group with too few
    rows for the level has q_g = +∞: with nothing borrowed from other groups, no finite width is guaranteed there.
    Groups may be functions of x (sex, region) or the class itself, which gives sets that cover class by class. Mondrian
    conformal prediction (Vovk, Lindsay, Nouretdinov & Gammerman 2003). Raises ValueError for another shape.

    >>> group_conformal(np.arange(12.0), np.array(["a"] * 9 + ["b"] * 3), 0.9)
    {'a': 8.0, 'b': inf}
    """
    if np.shape(score) != np.shape(groups):
        raise ValueError(f"groups have shape {np.shape(groups)}; expected {np.shape(score)}, one label a row")
    names, code = np.unique(groups, return_inverse=True)
    members = (score[code == at] for at in range(len(names)))
    quantiles = (smallest(each, rank(len(each), level)) for each in members)
    return dict(zip(names.tolist(), quantiles, strict=True))


def of_groups(quantiles: Mapping[Any, float], groups: np.ndarray) -> np.ndarray:
    """q(group of row), (n,): +∞ for a group that calibration has not seen.

    >>> of_groups({"a": 8.0}, np.array(["a", "c"])).tolist()
    [8.0, inf]
    """
    return np.array([quantiles.get(each, math.inf) for each in np.asarray(groups).tolist()], dtype=float)
