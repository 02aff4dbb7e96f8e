"""min over rows of the margin along d ≥ 0, some > 0, in rational arithmetic: whether a recorded direction separates."""

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from infimum.verify.answers import Answer, refuted
from infimum.verify.restated import Restated


def check_separation(
    problem: Restated, claim: dict[str, Any], witness: Mapping[str, np.ndarray], subject: str
) -> Answer:
    """min over rows of the margin ≥ 0, some > 0; d moves unpenalised parameters only.

    The margin of a row is (2y − 1) aᵀd, or for several classes aᵀ(d_y − dₖ) for each k ≠ y, d (P, K).
    """
    several = problem.loss.outputs > 1
    d = witness.get(
        "direction", np.zeros((problem.A.shape[1], problem.loss.outputs + 1) if several else len(problem.w))
    )
    l1, l2, lower, upper = problem.parts
    pinned = (l1 > 0) | (l2 > 0) | np.isfinite(lower) | np.isfinite(upper)
    penalised = np.any(pinned) if several else np.any((d != 0) & pinned)
    margins = _margins_of_classes(problem, d) if several else _margins(problem, d)
    if penalised or not np.any(d) or not margins or min(margins) < 0 or max(margins) == 0:
        note = "the recorded direction does not separate the classes"
        return refuted("separation", subject, claim["bound"], float(min(margins, default=0)), note)
    if not _arrows_agree(claim["statement"], d.ravel()):
        return refuted("separation", subject, None, None, "the sentence names other directions than the witness")
    size = float(np.linalg.norm(problem.w))
    for name, derived in (("value", float(sum(margins))), ("bound", float(min(margins))), ("scale", size)):
        least = 1e-12 * abs(claim["scale" if name == "scale" else "value"])
        if claim[name] is None or not abs(claim[name] - derived) <= least:
            note = f"the recorded {name} of the direction is not reproduced"
            return refuted("separation", subject, claim[name], derived, note)
    note = "the direction separates, in exact arithmetic"
    return Answer("separation", subject, "CERTIFIED", claim["bound"], float(min(margins)), note)


def _margins(problem: Restated, d: np.ndarray) -> list[Fraction]:
    """(2yᵢ − 1) aᵢᵀd, rows of weight 0 left out; none where a target is neither 0 nor 1."""
    rows = problem.weight > 0
    signs = np.where(problem.y[rows] == 1, 1, np.where(problem.y[rows] == 0, -1, 0))
    products = _products(problem.A[rows], d)
    return [product * int(sign) for product, sign in zip(products, signs, strict=True)] if np.all(signs) else []


def _margins_of_classes(problem: Restated, D: np.ndarray) -> list[Fraction]:
    """aᵢᵀ(D_y − Dₖ) for every k ≠ yᵢ, rows of weight 0 left out."""
    rows = problem.weight > 0
    scores = [_products(problem.A[rows], column) for column in D.T]
    y = problem.y[rows].astype(int)
    return [scores[own][i] - scores[k][i] for i, own in enumerate(y) for k in range(D.shape[1]) if k != own]


def _products(A: np.ndarray, d: np.ndarray) -> list[Fraction]:
    """aᵢᵀd for every row, exactly."""
    moving = np.flatnonzero(d)
    exact = [Fraction(float(x)) for x in d[moving]]
    distinct, at = np.unique(A[:, moving], axis=0, return_inverse=True)
    sums = [sum((Fraction(float(x)) * e for x, e in zip(a, exact, strict=True)), Fraction(0)) for a in distinct]
    return [sums[place] for place in at.ravel().tolist()]


def _arrows_agree(statement: str, d: np.ndarray) -> bool:
    """Whether the signs of the infinities that the sentence names are those of d, the largest entries first."""
    signs = ["+" if d[j] > 0 else "−" for j in np.argsort(-np.abs(d), kind="stable") if d[j]]
    told = re.findall(r"→ ([+−])∞", statement)
    return bool(told) and told == signs[: len(told)]
