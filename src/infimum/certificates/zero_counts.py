"""aᵢᵀd ≤ 0 where yᵢ = 0, < 0 for some, and aᵢᵀd = 0 where yᵢ > 0: along d the Poisson loss falls for ever.

Then no minimum is attained: the predicted counts of some rows with yᵢ = 0 fall to 0, and no other prediction changes
(Santos Silva & Tenreyro 2010; Correia, Guimarães & Zylkin 2019). A linear program finds the direction to 1e-7; the rows
that it leaves where they are give linear equations, which are solved in rational arithmetic, and every row is checked
there. The witness is the direction, as floats whose sum down each column is exact.
"""

from fractions import Fraction

import numpy as np
from scipy.optimize import linprog

from infimum.certificates.claim import Claim, Verdict
from infimum.certificates.point import Point
from infimum.certificates.rationals import Exact, exact_products, in_binary, orthogonal, pieces_of

MOST_COLUMNS = 60  # beyond, the rational elimination takes longer than the fit


def zero_counts_claim(point: Point, names: tuple[str, ...]) -> Claim | None:
    """min of −aᵀd ≥ 0 over rows with y = 0, max |aᵀd| = 0 over the others: CERTIFIED with its witness d, or None.

    d moves unpenalised, unbounded parameters only; rows of weight 0 are left out. value is Σ −aᵀd > 0, bound the
    smallest term over the rows with y = 0, scale the length of w at which the solver gave up.
    """
    rows, penalty = point.objective.weight > 0, point.penalty
    unpenalised = (np.asarray(penalty.l1) == 0) & (np.asarray(penalty.l2) == 0)
    movable = np.flatnonzero(unpenalised & np.isinf(penalty.lower) & np.isinf(penalty.upper))
    zero = point.objective.y[rows] == 0
    if not len(movable) or not zero.any():
        return None
    A = point.A[rows][:, movable]
    found = falling_direction(A[zero], A[~zero])
    if found is None:
        return None
    margins, pieces = exact_falls(A[zero], found), pieces_of(found)
    witness = np.zeros((len(pieces), len(point.w)))
    witness[:, movable] = pieces
    size = float(np.linalg.norm(point.w))
    sentence = _sentence(witness[0], margins, names, size)
    total, least = float(sum(margins, Fraction(0))), float(min(margins))
    return Claim(
        "separation", sentence, total, least, Verdict.CERTIFIED, size, "linear program", {"direction": witness}
    )


def _sentence(d: np.ndarray, margins: Exact, names: tuple[str, ...], size: float) -> str:
    moving = [f"{names[j]} → {'+' if d[j] > 0 else '−'}∞" for j in np.argsort(-np.abs(d), kind="stable") if d[j]]
    shown = ", ".join(moving[:4]) + (f" and {len(moving) - 4} more" if len(moving) > 4 else "")
    falling = sum(margin > 0 for margin in margins)
    return (
        f"no minimum is attained: along {shown} the prediction falls to 0 on {falling} of the {len(margins)} rows "
        "whose count is 0, and changes on no other row; a ridge penalty restores a finite minimum "
        f"(the solver stopped at ‖w‖ = {size:.6g})"
    )


def falling_direction(zero: np.ndarray, above: np.ndarray) -> Exact | None:
    """d, exact, with aᵀd ≤ 0 on the rows of `zero`, < 0 on some, and = 0 on those of `above`; None where none is found.

    >>> falling_direction(np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]]))
    [Fraction(-1, 1), Fraction(0, 1)]
    """
    zero, above = np.unique(zero, axis=0), np.unique(above, axis=0)
    p = zero.shape[1]
    if p > MOST_COLUMNS:
        return None
    largest = np.abs(np.vstack([zero, above])).max(axis=0)
    size = 2.0 ** np.round(np.log2(np.where(largest > 0, largest, 1.0)))  # powers of two: exact
    falling, still = zero / size, above / size
    program = linprog(
        falling.sum(axis=0),
        A_ub=falling,
        b_ub=np.zeros(len(falling)),
        A_eq=still if len(still) else None,
        b_eq=np.zeros(len(still)) if len(still) else None,
        bounds=(-1, 1),
        method="highs",
    )
    if not program.success or -program.fun <= 1e-7:
        return None
    left = falling @ program.x > -1e-6  # taken to be where d is orthogonal to the row
    d = orthogonal(np.vstack([still, falling[left]]), program.x)
    exact = in_binary([x / Fraction(s) for x, s in zip(d, size.tolist(), strict=True)])
    if exact is None:
        return None
    margins = exact_falls(zero, exact)
    holds = min(margins) >= 0 < max(margins) and not any(exact_falls(above, exact))
    return exact if holds else None


def exact_falls(A: np.ndarray, d: Exact) -> Exact:
    """−aᵢᵀd for every row of A (n, p), in rational arithmetic."""
    return [-way for way in exact_products(A, d)]
