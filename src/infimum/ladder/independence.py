"""X ↦ the features that are no weighted sum of those before them and a constant: what least squares can tell apart.

Without a penalty, a feature that repeats others has no coefficient of its own. It is left out, as R's lm does, and the
infimum of the loss is the same without it.
"""

import numpy as np

DEPENDENT = 1e-8  # of a feature's spread: less is rounding, not information


def independent(X: np.ndarray) -> tuple[int, ...] | None:
    """The features j with ‖x_j − P x_j‖ > 1e-8 ‖x_j‖, centred, P onto those kept before it; None where that is all.

    X (n, P). One QR factorisation settles the ordinary case, Gram–Schmidt, twice each, the other (Giraud et al. 2005).

    >>> a, b = np.random.default_rng(0).normal(size=(2, 9))
    >>> independent(np.column_stack([a, b, a - 2 * b, a])), independent(np.column_stack([a, b]))
    ((0, 1), None)
    """
    B = X - X.mean(axis=0)
    length = np.sqrt((B * B).sum(axis=0))
    if len(B) > B.shape[1] and (length > 0).all():
        diagonal = np.abs(np.diag(np.linalg.qr(B / length, mode="r")))
        if diagonal.min(initial=1.0) > 1e3 * DEPENDENT:
            return None
    basis = np.zeros((len(B), min(B.shape)), order="F")
    kept: list[int] = []
    for j in np.flatnonzero(length > 0):
        Q, left = basis[:, : len(kept)], B[:, j] / length[j]
        for _ in range(2):
            left = left - Q @ (Q.T @ left)
        rest = float(np.sqrt(left @ left))
        if rest > DEPENDENT and len(kept) < basis.shape[1]:
            basis[:, len(kept)] = left / rest
            kept.append(int(j))
    return None if len(kept) == B.shape[1] else tuple(kept)
