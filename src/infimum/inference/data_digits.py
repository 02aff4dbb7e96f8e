"""|δwⱼ| ≤ Σᵢ |H⁻¹aᵢ|ⱼ εᵢ + Σᵢₖ |(H⁻¹)ⱼₖ uᵢ + Pⱼᵢ wₖ| δᵢₖ: what inputs support that are good to half a last decimal.

w minimises Σ s̃ᵢ ℓ(aᵢᵀw, yᵢ), P = H⁻¹AᵀD, D = diag(s̃ ℓ″), uᵢ = s̃ᵢ ℓ′ᵢ and εᵢ moves uᵢ by the target: to first order
δw = −H⁻¹Aᵀε − H⁻¹ δAᵀ u − P δA w, each entry at its worst. No arithmetic gets more digits out of the data.
"""

import numpy as np
from jaxtyping import Float

BLOCK = 1024
MOST = 15.9  # digits that float64 holds


def half_units(column: np.ndarray) -> np.ndarray:
    """Half a unit of the last decimal that a column is written with, (n,): the most that any of its numbers needs.

    A number that needs all of float64's digits is good to half a unit of float64; whole numbers are exact.

    >>> half_units(np.array([1.5, 2.25])), half_units(np.array([1.0, 3.0])), half_units(np.array([1 / 3]))
    (array([0.005, 0.005]), array([0., 0.]), array([2.77555756e-17]))
    """
    finite = column[np.isfinite(column)]
    decimals = max((_decimals(x) for x in np.unique(finite[:: max(1, len(finite) // 2000)]).tolist()), default=0)
    if decimals == 0:
        return np.zeros(len(column))
    ulp = np.spacing(np.abs(column)) / 2
    return ulp if decimals > 15 else np.maximum(0.5 * 10.0**-decimals, ulp)


def _decimals(x: float) -> int:
    """Decimals behind the point of the shortest text that is x; 99 where it has more digits than one writes."""
    digits, _, exponent = f"{x!r}".partition("e")
    behind = len(digits.partition(".")[2].rstrip("0")) - int(exponent or 0)
    return 99 if len(digits.replace(".", "").replace("-", "").strip("0")) > 15 else max(behind, 0)


def first_order(
    A: Float[np.ndarray, "n p"], W: Float[np.ndarray, "p p"], parts: tuple[np.ndarray, ...], w: np.ndarray
) -> np.ndarray:
    """The bound on |δw|, (p,): H⁻¹ = WᵀW, parts = (s̃ ℓ″, s̃ ℓ′, δ (n, p), ε (n,)), where ε is that of s̃ ℓ′ (n,)."""
    d, u, delta, epsilon = parts
    H = W.T @ W
    total = np.zeros(len(w))
    for start in range(0, len(A), BLOCK):
        rows = slice(start, start + BLOCK)
        P = H @ A[rows].T
        total += np.abs(P) @ epsilon[rows]
        bent = P * d[rows]
        for k in np.flatnonzero(delta[rows].any(axis=0)):
            total += np.abs(np.outer(H[:, k], u[rows]) + bent * w[k]) @ delta[rows, k]
    return total


def digits_left(moved: np.ndarray, w: np.ndarray) -> np.ndarray:
    """−log₁₀ 2 |δwⱼ| / |wⱼ|, from 0 to what float64 holds, (p,).

    >>> digits_left(np.array([0.005, 0.0, 3.0]), np.array([1.0, 2.0, 1.0]))
    array([ 2. , 15.9,  0. ])
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        found = -np.log10(2 * moved / np.abs(w))
    return np.clip(np.nan_to_num(found, nan=0.0, posinf=MOST, neginf=0.0), 0.0, MOST)
