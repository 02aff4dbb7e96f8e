"""r = (y − μ)/√V: what a fit leaves over, row by row, and its means over rows that are predicted alike.

Of classes and counts single residuals say little, their means over many rows a lot: with a right model a mean of N
Pearson residuals has standard deviation 1/√N.
"""

import numpy as np
from jaxtyping import Float

from infimum.losses import Loss

PLACES = 60  # of a running mean
REACH = 0.08  # of the rows: the standard deviation of the weights of a running mean
FEWEST, MOST, ROWS = 4, 30, 25  # groups, and rows of one


def pearson_residuals(loss: Loss, z: np.ndarray, y: np.ndarray) -> np.ndarray:
    """−ℓ′/√ℓ″ = (y − μ)/√V, (n,): y − z of least squares.

    >>> from infimum.losses import Poisson
    >>> pearson_residuals(Poisson(), np.array([0.0, 0.0]), np.array([1.0, 3.0])).tolist()
    [0.0, 2.0]
    """
    return np.asarray(-loss.gradient(z, y) / np.sqrt(loss.bend(z, y)))


def deviance_residuals(loss: Loss, z: np.ndarray, y: np.ndarray) -> np.ndarray:
    """sign(y − μ) √(2 ℓ(z, y)), (n,): nearer to normal than Pearson's (Pierce & Schafer 1986).

    >>> from infimum.losses import Poisson
    >>> deviance_residuals(Poisson(), np.array([0.0, 0.0]), np.array([1.0, 0.0])).round(4).tolist()
    [0.0, -1.4142]
    """
    return np.asarray(-np.sign(loss.gradient(z, y)) * np.sqrt(2 * np.maximum(loss.value(z, y), 0.0)))


def running_mean(x: np.ndarray, r: np.ndarray, weight: np.ndarray) -> Float[np.ndarray, "k 3"]:
    """(x̄, r̄, its standard error), (k, 3), at places along the rows sorted by x (Nadaraya 1964; Watson 1964).

    Weights are s times a normal curve over the share of rows below, so that dense and thin parts rest on as many.

    >>> running_mean(np.arange(4.0), np.ones(4), np.ones(4))[:, 1].round(12).tolist() == [1.0] * 4
    True
    """
    order = np.argsort(x, kind="stable")
    x, r, weight = x[order], r[order], weight[order]
    share = (np.cumsum(weight) - weight / 2) / weight.sum()
    reach = max(REACH, 1.5 / len(x))
    places = np.linspace(share[0], share[-1], min(PLACES, len(x)))
    W = weight * np.exp(-0.5 * ((places[:, None] - share) / reach) ** 2)
    W /= W.sum(axis=1, keepdims=True)
    mean = W @ r
    error = np.sqrt(((W**2 / weight) * (r - mean[:, None]) ** 2).sum(axis=1))
    return np.column_stack([W @ x, mean, error])


def groups_of(x: np.ndarray, weight: np.ndarray) -> list[np.ndarray]:
    """Row numbers, group by group, by rising x: n/25 groups, 4 to 30, of like weight; equal x stay together.

    >>> [rows.tolist() for rows in groups_of(np.array([3.0, 1.0, 1.0, 2.0, 9.0]), np.ones(5))]
    [[1, 2], [0, 3], [4]]
    """
    many = int(np.clip(len(x) / ROWS, FEWEST, MOST))
    distinct, code = np.unique(x, return_inverse=True)
    below = np.cumsum(np.bincount(code, weights=weight)) - np.bincount(code, weights=weight) / 2
    group = np.minimum((below / weight.sum() * many).astype(int), many - 1)[code]
    return [np.flatnonzero(group == each) for each in np.unique(group)]


def normal_places(weight: np.ndarray, level: float = 0.95) -> Float[np.ndarray, "n 3"]:
    """(Φ⁻¹(F), lower, upper), (n, 3), of rows sorted by residual: where order statistics of a normal sample lie.

    F is the share of Σ s below, half the row's own with it; the ends are quantiles of Beta(a, N + 1 − a), a = N F + ½,
    and hold each row by itself with probability `level`.

    >>> normal_places(np.ones(3)).round(2).tolist()
    [[-0.97, -2.39, 0.55], [0.0, -1.31, 1.31], [0.97, -0.55, 2.39]]
    """
    from scipy.stats import beta, norm

    N = float(weight.sum())
    share = (np.cumsum(weight) - weight / 2) / N
    a = N * share + 0.5
    tail = (1 - level) / 2
    ends = [norm.ppf(beta.ppf(at, a, N + 1 - a)) for at in (tail, 1 - tail)]
    return np.column_stack([norm.ppf(share), *ends])
