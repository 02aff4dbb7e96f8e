"""V = H⁻¹ M H⁻¹: covariances of coefficients that believe the model's own spread less, or not at all.

H = Σ sᵢ ℓ″ᵢ aᵢaᵢᵀ; rows count as often as their weight says. M = Σ sᵢ eᵢ² aᵢaᵢᵀ with e the slope ℓ′, as it is or over
what fitting has taken from it (White 1980; MacKinnon & White 1985), or of sums over clusters (Liang & Zeger 1986).
"""

import math

import numpy as np
from jaxtyping import Float

from infimum.certificates.point import Point
from infimum.inference.information import Information

ROBUST = ("HC0", "HC1", "HC2", "HC3")
KINDS = ("classical", *ROBUST, "clustered")


def covariance_of(
    information: Information, point: Point, kind: str, clusters: np.ndarray | None = None
) -> tuple[Float[np.ndarray, "q q"], float]:
    """(V (q, q), degrees of freedom of its t statistics) of a kind, at the fit and on its rows.

    classical: φ H⁻¹. HC0: e = ℓ′; HC1: times N / (N − p); HC2: e = ℓ′ / √(1 − h); HC3: e = ℓ′ / (1 − h), h the leverage
    of one row. clustered: M = Σ_g (Σ_{i ∈ g} sᵢ ℓ′ᵢ aᵢ)(…)ᵀ times G/(G − 1) · (N − 1)/(N − p), G clusters, labels
    (n,). Degrees of freedom are N − p, of clusters G − 1, of classes and counts ∞. Raises ValueError for another kind,
    for leverages of 1 or of several scores a row, and for clusters that are fewer than two or not given.

    >>> KINDS
    ('classical', 'HC0', 'HC1', 'HC2', 'HC3', 'clustered')
    """
    N, p = information.total, len(information.params)
    freedom = information.freedom if information.loss == "squared" else math.inf
    if kind not in KINDS:
        raise ValueError(f"covariance = {kind!r}; there are: {', '.join(KINDS)}")
    if information.method == "firth" and kind != "classical":
        raise ValueError(f"covariance = {kind!r} is not known of a fit with penalty = 'firth'; expected 'classical'")
    if (clusters is not None) != (kind == "clustered"):
        raise ValueError("covariance = 'clustered' and groups, one label a row, go together")
    if kind == "classical":
        return information.covariance(), freedom
    if p >= N:
        raise ValueError(f"{N:g} rows and {p} parameters leave nothing to estimate the spread from; expected more rows")
    weight = point.objective.weight * N
    if clusters is not None:
        names, code = np.unique(clusters, return_inverse=True)
        if len(names) < 2:
            raise ValueError(f"groups hold {len(names)} label; clustered errors need two or more, and trust many")
        sums = np.zeros((len(names), p))
        np.add.at(sums, code, weight[:, None] * scores(point))
        share = len(names) / (len(names) - 1) * (N - 1) / (N - p)
        freedom = len(names) - 1.0 if information.loss == "squared" else math.inf
        return share * _between(information, sums), freedom
    share = N / (N - p) if kind == "HC1" else 1.0
    spread = np.sqrt(share * weight / _taken(information, point, kind))
    return _between(information, spread[:, None] * scores(point)), freedom


def scores(point: Point) -> Float[np.ndarray, "n p"]:
    """ℓ′(zᵢ, yᵢ) ⊗ aᵢ, (n, p): the slope of one row's loss in w."""
    slope = point.objective.loss.gradient(point.z, point.objective.y)
    return np.asarray((point.A[:, :, None] * slope.reshape(len(slope), 1, -1)).reshape(len(slope), -1))


def leverages(information: Information, point: Point) -> np.ndarray:
    """hᵢ = ℓ″ᵢ aᵢᵀ H⁻¹ aᵢ, (n,), of one repetition of each row: Σ sᵢ hᵢ = p. ValueError for several scores a row."""
    if point.outputs > 1:
        raise ValueError("leverages are numbers only where a row has one score: not for more than two classes")
    bend = np.asarray(point.objective.loss.bend(point.z, point.objective.y))
    return np.asarray(bend * ((point.A @ information.W.T) ** 2).sum(axis=1) / information.total)


def _taken(information: Information, point: Point, kind: str) -> np.ndarray:
    """1, 1 − h or (1 − h)²: what fitting has taken from the squared slope of each row."""
    power = {"HC2": 1, "HC3": 2}.get(kind, 0)
    if not power:
        return np.ones(len(point.z))
    left = 1 - leverages(information, point)
    counting = point.objective.weight > 0
    if np.any(left[counting] < 1e-12):
        row = int(np.argmin(np.where(counting, left, np.inf)))
        raise ValueError(
            f"row {row} alone determines a coefficient (leverage 1): {kind} divides by 0; use 'HC0' or 'HC1'"
        )
    return np.where(counting, left, 1.0) ** power


def _between(information: Information, rows: Float[np.ndarray, "r p"]) -> Float[np.ndarray, "q q"]:
    """T H⁻¹ (rowsᵀ rows) H⁻¹ Tᵀ, with H⁻¹ = WᵀW / N and factor = W Tᵀ."""
    half = rows @ (information.W.T @ information.factor) / information.total
    return np.asarray(half.T @ half)
