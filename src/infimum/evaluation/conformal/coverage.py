"""Covered rows of m new ones ~ BetaBinomial(m, r, n + 1 − r), r = ⌈level (n + 1)⌉: what a correct method may show.

Given its n calibration scores a split-conformal interval covers a new row with probability C ~ Beta(r, n + 1 − r)
(Vovk 2012), so the number covered of m new rows is beta-binomial (Angelopoulos & Bates 2023, section 3.2). It is a law
of places among exchangeable scores without ties: ties only make the coverage larger.
"""

import math

import numpy as np

from infimum.evaluation.conformal import rank


def coverage_law(n: int, m: int, level: float = 0.9) -> np.ndarray:
    """P(c of m new rows are covered), c = 0 … m, (m + 1,): BetaBinomial(m, r, n + 1 − r), r = ⌈level (n + 1)⌉.

    n calibration rows without ties. Where n is too small for the level every interval is infinite, and all m are
    covered. Vovk (2012). Raises ValueError unless 0 < level < 1, n ≥ 0 and m ≥ 1.

    >>> coverage_law(1, 2, 0.5)
    array([0.3333, 0.3333, 0.3333])
    """
    from scipy.special import betaln, gammaln

    if n < 0 or m < 1:
        raise ValueError(f"n = {n} calibration rows and m = {m} new rows; expected n ≥ 0 and m ≥ 1")
    r = rank(n, level)
    if r > n:
        return np.eye(1, m + 1, m)[0]
    c = np.arange(m + 1.0)
    choose = gammaln(m + 1.0) - gammaln(c + 1) - gammaln(m - c + 1)
    law = np.exp(choose + betaln(c + r, m - c + n + 1 - r) - betaln(r, n + 1 - r))
    return np.asarray(law / math.fsum(law))


def coverage_band(
    n: int, m: int, level: float = 0.9, confidence: float = 0.99, repeats: int = 1
) -> tuple[float, float]:
    """(low, high): P(low ≤ share covered ≤ high) ≥ confidence, each side missed with at most (1 − confidence) / 2.

    The share of m new rows that intervals calibrated on n rows cover, or its mean over independent `repeats`, as of
    random splits of one table, whose counts are independent given the table: the law is then the repeats-fold
    convolution, exact but for rounding (about 1e-13). Raises ValueError as `coverage_law`, and unless
    0 < confidence < 1 and repeats ≥ 1.

    >>> low, high = coverage_band(1000, 1000)
    >>> round(low, 3), round(high, 3)
    (0.863, 0.932)
    """
    if not 0 < confidence < 1 or repeats < 1:
        raise ValueError(f"confidence = {confidence!r}, repeats = {repeats}; expected 0 < confidence < 1, repeats ≥ 1")
    law, total = coverage_law(n, m, level), m * repeats
    if repeats > 1:
        law = np.maximum(np.fft.irfft(np.fft.rfft(law, 2 * (total + 1)) ** repeats, 2 * (total + 1))[: total + 1], 0.0)
    tail = (1 - confidence) / 2
    below, above = np.cumsum(law), np.cumsum(law[::-1])
    low = int(np.searchsorted(below, tail, side="right"))  # the first count whose lower tail is larger than allowed
    high = total - int(np.searchsorted(above, tail, side="right"))
    return low / total, high / total
