"""V of quantile and Huber regression: B⁻¹ M B⁻¹, what the rows' own spread says of estimates that are no likelihood's.

An estimate that solves Σ sᵢ ψ(rᵢ) aᵢ = 0 has, to first order, the covariance B⁻¹ M B⁻ᵀ with B the slope of that sum and
M = Σ sᵢ ψ(rᵢ)² aᵢaᵢᵀ (Huber 1967). Weights sᵢ count as repetitions, N = Σ sᵢ. Each ValueError is the reason, in words,
why there are no errors.
"""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy.linalg import qr, solve_triangular

QUANTILE = ("powell", "robust", "classical")  # the first is that of the summary
HUBER = ("robust", "joint", "H1", "H2", "H3")
NORMAL_SPREAD = 1.34  # Φ⁻¹(¾) − Φ⁻¹(¼), as it is rounded in use


@dataclass(frozen=True, eq=False)
class Density:
    """(f̂, h): the density of the residuals at 0, 1 / f̂ the sparsity, and the bandwidth it was estimated with."""

    value: float
    bandwidth: float


def density_at_0(
    r: Float[np.ndarray, "n"], y: Float[np.ndarray, "n"], s: Float[np.ndarray, "n"], quantile: float
) -> Density:
    """f̂ = Σ sᵢ K(rᵢ/h) / (N h), K(u) = ¾ (1 − u²) on |u| ≤ 1: the density of the residuals r where they are 0.

    h = min(sd of y, IQR of r / 1.34) (Φ⁻¹(q + δ) − Φ⁻¹(q − δ)), δ = N^(−⅓) z^(⅔) (1.5 φ(x)² / (2x² + 1))^(⅓) with
    x = Φ⁻¹(q), z = Φ⁻¹(0.975) (Hall & Sheather 1988): the conventions of statsmodels' QuantReg and of Stata.
    Raises ValueError where q ± δ is outside (0, 1), and where half of the residuals are alike.
    """
    from scipy.stats import norm

    N, x = float(s.sum()), float(norm.ppf(quantile))
    delta = N ** (-1 / 3) * float(norm.ppf(0.975)) ** (2 / 3)
    delta *= (1.5 * float(norm.pdf(x)) ** 2 / (2 * x**2 + 1)) ** (1 / 3)
    if not 0 < quantile - delta < quantile + delta < 1:
        reach = f"{quantile:g} ± {delta:.3g}"
        raise ValueError(f"{N:g} rows are too few for the density at quantile {quantile:g} (it would look at {reach})")
    share = s / N
    spread = math.sqrt(float(share @ (y - share @ y) ** 2))
    spread = min(spread, (percentile(r, s, 0.75) - percentile(r, s, 0.25)) / NORMAL_SPREAD)
    h = spread * float(norm.ppf(quantile + delta) - norm.ppf(quantile - delta))
    if not h > 0:
        raise ValueError("half of the residuals or more are alike, so that they have no density where they are 0")
    return Density(float(s @ kernel(r / h)) / (N * h), h)


def kernel(u: np.ndarray) -> np.ndarray:
    """K(u) = ¾ (1 − u²) on |u| ≤ 1, else 0 (Epanechnikov 1969).

    >>> kernel(np.array([0.0, 0.5, 2.0]))
    array([0.75  , 0.5625, 0.    ])
    """
    return np.asarray(0.75 * np.maximum(1 - u**2, 0.0))


def percentile(values: np.ndarray, weight: np.ndarray, share: float) -> float:
    """The point of rank share (N − 1) among the values, each as often as its weight says, linear between two.

    >>> percentile(np.array([3.0, 1.0]), np.array([1.0, 1.0]), 0.25), percentile(np.ones(1), np.full(1, 4.0), 0.5)
    (1.5, 1.0)
    """
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weight[order])
    place = share * (float(reached[-1]) - 1)
    below = math.floor(place)
    found = [order[min(int(np.searchsorted(reached, rank, "right")), len(order) - 1)] for rank in (below, below + 1)]
    low, high = (float(values[at]) for at in found)
    return low + (place - below) * (high - low)


def quantile_covariance(
    A: Float[np.ndarray, "n p"], r: np.ndarray, s: np.ndarray, quantile: float, density: Density, kind: str
) -> Float[np.ndarray, "p p"]:
    """V (p, p) of quantile regression, unpenalised, at residuals r (n,), those of interpolated rows 0 exactly.

    classical: q (1 − q) / f̂² (AᵀSA)⁻¹, the noise alike in all rows (Koenker & Bassett 1978). robust:
    (AᵀSA)⁻¹ (Σ sᵢ dᵢ aᵢaᵢᵀ) (AᵀSA)⁻¹, dᵢ = (q / f̂)² where rᵢ > 0, else ((1 − q) / f̂)² (Greene 2008; statsmodels'
    "robust"): f̂ is one number, so that it is not robust to noise that spreads unlike. powell: q (1 − q) H⁻¹ (AᵀSA) H⁻¹,
    H = Σ sᵢ K(rᵢ/h) aᵢaᵢᵀ / h, for a density of each row's own (Powell 1991; Koenker 2005, §3.4.2). Raises ValueError
    where too few rows are near enough for H.
    """
    root = np.sqrt(s)[:, None]
    whole = inverse_root(root * A)
    if kind == "classical":
        return np.asarray(quantile * (1 - quantile) / density.value**2 * (whole @ whole.T))
    if kind == "robust":
        side = np.where(r > 0, quantile, 1 - quantile) / density.value
        half = (side[:, None] * root * A) @ (whole @ whole.T)
        return np.asarray(half.T @ half)
    near = np.sqrt(kernel(r / density.bandwidth) / density.bandwidth)[:, None] * root * A
    size = np.linalg.norm(near, axis=0)
    if not np.all(size) or np.linalg.matrix_rank(near / size) < A.shape[1]:
        raise ValueError("too few rows are near the quantile to tell the density of each row: use 'robust'")
    bread = inverse_root(near)
    half = (root * A) @ (bread @ bread.T)
    return np.asarray(quantile * (1 - quantile) * (half.T @ half))


def huber_covariance(
    A: Float[np.ndarray, "n p"], x: np.ndarray, s: np.ndarray, scale: float, epsilon: float, kind: str
) -> Float[np.ndarray, "p p"]:
    """V (p, p) of Huber regression, unpenalised, at x = r/σ (n,): ψ = x within ±ε, ψ′ = 1 there and 0 beyond.

    robust: σ² W⁻¹ (Σ sᵢ ψᵢ² aᵢaᵢᵀ) W⁻¹, W = Σ sᵢ ψ′ᵢ aᵢaᵢᵀ, σ as if known (Huber 1967; 1981, §6.3): rows need not
    spread alike. joint: the same with σ estimated along by Σ sᵢ (ψᵢ² − 1) = 0, which counts where noise is skew. For
    rows that spread alike Huber & Ronchetti (2009, §7.6) have, with v = σ² Σ sᵢψᵢ² / (N − p), m the mean of ψ′ and
    κ = 1 + p/N · var ψ′ / m²: H1 κ² v / m² (AᵀSA)⁻¹, H2 κ v / m W⁻¹, H3 v / κ W⁻¹ (AᵀSA) W⁻¹, as statsmodels' RLM.
    Raises ValueError for N ≤ p in these three.
    """
    N, p = float(s.sum()), A.shape[1]
    psi, inside = np.clip(x, -epsilon, epsilon), (np.abs(x) <= epsilon).astype(float)
    if kind == "joint":
        return _with_scale(A, (x, psi, inside), s, scale)
    root = np.sqrt(s)[:, None]
    bread = inverse_root(inside[:, None] * root * A)
    inverse = bread @ bread.T
    if kind == "robust":
        half = (psi[:, None] * root * A) @ inverse
        return np.asarray(scale**2 * (half.T @ half))
    if p >= N:
        raise ValueError(f"{N:g} rows and {p} parameters leave nothing to estimate the spread from: use 'robust'")
    mean = float(s @ inside) / N
    kappa = 1 + p / N * mean * (1 - mean) / mean**2
    v = scale**2 * float(s @ psi**2) / (N - p)
    if kind == "H1":
        whole = inverse_root(root * A)
        return np.asarray(kappa**2 * v / mean**2 * (whole @ whole.T))
    if kind == "H2":
        return np.asarray(kappa * v / mean * inverse)
    half = (root * A) @ inverse
    return np.asarray(v / kappa * (half.T @ half))


def _with_scale(
    A: Float[np.ndarray, "n p"], rows: tuple[np.ndarray, np.ndarray, np.ndarray], s: np.ndarray, scale: float
) -> Float[np.ndarray, "p p"]:
    """The block of the coefficients of σ² B⁻¹ (Σ s g gᵀ) B⁻ᵀ, g = (ψ a, ψ² − 1), B = Σ s (ψ′ a; 2 ψ ψ′) (a, x)ᵀ."""
    x, psi, inside = rows
    size = np.linalg.norm(A, axis=0)
    A = A / size
    g = np.column_stack([psi[:, None] * A, psi**2 - 1])
    B = np.column_stack([A, 2 * psi]).T @ ((s * inside)[:, None] * np.column_stack([A, x]))
    half = np.linalg.solve(B, (np.sqrt(s)[:, None] * g).T)
    return np.asarray(scale**2 * (half @ half.T)[:-1, :-1] / np.outer(size, size))


def inverse_root(C: Float[np.ndarray, "n p"]) -> Float[np.ndarray, "p p"]:
    """T with T Tᵀ = (CᵀC)⁻¹, by QR of C (n, p) with columns of length 1: the squares of C are never formed.

    >>> T = inverse_root(np.array([[2.0, 0.0], [0.0, 4.0], [0.0, 3.0]]))
    >>> (T @ T.T).round(6)
    array([[0.25, 0.  ],
           [0.  , 0.04]])
    """
    size = np.linalg.norm(C, axis=0)
    R = qr(C / size, mode="r")[0][: C.shape[1]]
    return np.asarray(solve_triangular(R, np.eye(len(size))) / size[:, None])
