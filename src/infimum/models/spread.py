"""hⱼ = φ(vⱼᵀ(x − qⱼ)): hidden units that bend where the rows are, spread evenly over them, instead of all about 0.

With biases of 0 all units bend at the mean of standardised columns, and have to travel. Here the direction vⱼ is random
and qⱼ a quantile of the projections vⱼᵀx, another for each unit: of one column the units are a spline with evenly
spread knots. After Nguyen & Widrow (1990), who spread units over a cube, and Bolager, Burak, Datar, Sun & Dietrich
(2023), who draw them from pairs of rows.
"""

import numpy as np

from infimum.models import Rows
from infimum.models.perceptron import Matrix

LEAST = 1e-12  # of the largest projection: one that varies less does not vary


def spread(h: Matrix, weight: Rows, width: int, rng: np.random.Generator) -> tuple[Matrix, Rows]:
    """(V, b), (k, width) and (width,): of vⱼᵀh + bⱼ the standard deviation is 1, and the quantile (j + u)/width is 0.

    h (n, k) and weight (n,) are the rows, u is uniform, one for all (systematic sampling), which unit has which
    quantile is drawn. v and −v bend in the same places: all v point to one side of a random plane, so that relus of one
    column are truncated powers (x − q)₊, which span the piecewise linear functions with those knots (de Boor 1978,
    ch. VIII).

    >>> V, b = spread(np.linspace(0, 1, 100)[:, None], np.ones(100), 4, np.random.default_rng(0))
    >>> np.sort(-b / V[0]).round(2).tolist()
    [0.06, 0.32, 0.57, 0.82]
    """
    V = rng.standard_normal((h.shape[1], width))
    side = np.sign(rng.standard_normal(h.shape[1]) @ V)
    shares = (rng.permutation(width) + rng.random()) / width
    V = V * np.where(side == 0, 1.0, side)
    z = h @ V
    deviation = np.sqrt(weight @ (z - weight @ z / weight.sum()) ** 2 / weight.sum())
    scale = np.where(deviation > LEAST * np.abs(z).max(initial=0.0), deviation, 1.0)
    places = [quantile(column, weight, share) for column, share in zip(z.T, shares, strict=True)]
    return V / scale, -np.array(places) / scale


def quantile(z: Rows, weight: Rows, share: float) -> float:
    """z(share) with that share of the weights below, half of a row's own counted; linear between rows.

    >>> quantile(np.array([3.0, 1.0]), np.array([1.0, 1.0]), 0.5)
    2.0
    """
    order = np.argsort(z, kind="stable")
    below = np.cumsum(weight[order]) - 0.5 * weight[order]
    return float(np.interp(share, below / weight.sum(), z[order]))
