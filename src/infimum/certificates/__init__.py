"""F(w) − inf F ≤ gap: what is proved about a fit, including the rounding of the proof itself.

A certificate is a list of claims, each of which a simple program can check again from the parameters and the data
(`infimum.verify`). Bounds are rigorous in floating point: each quantity carries a bound on what rounding may have
done to it (`rounding.py`, `point.py`), and the matrix inverse that the bounds need is verified, never trusted
(`metric.py`).
"""

from infimum.certificates.claim import Certificate, Claim, Verdict

__all__ = ["Certificate", "Claim", "Verdict"]
