"""A direction along which the loss falls for ever, checked in rational arithmetic: then no minimum is attained."""

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from infimum.verify.answers import Answer, refuted
from infimum.verify.restated import Restated


def _arrows_agree(statement: str, d: np.ndarray) -> bool:
    """Whether the signs of the infinities that the sentence names are those of d, the largest entries first."""
    signs = ["+" if d[j] > 0 else "−" for j in np.argsort(-np.abs(d), kind="stable") if d[j]]
    told = re.findall(r"→ ([+−])∞", statement)
    return bool(told) and told == signs[: len(told)]


def check_separation(
    problem: Restated, claim: dict[str, Any], witness: Mapping[str, np.ndarray], subject: str
) -> Answer:
    """min of the falls ≥ 0, some > 0, in rational arithmetic; d moves unpenalised parameters only.

    The fall of a row along d is (2y − 1) aᵀd for classes, −aᵀd for a count of 0; other counts must not move at all. The
    witness is d, or floats whose sum down each column is d.
    """
    pieces = np.atleast_2d(witness.get("direction", np.zeros(len(problem.w))))
    exact = [sum(map(Fraction, column), Fraction(0)) for column in pieces.T.tolist()]
    exact = exact if len(exact) == len(problem.w) else [Fraction(0)] * len(problem.w)
    d = np.array([float(x) for x in exact])
    l1, l2, lower, upper = problem.parts
    falls = _falls(problem, exact) if any(exact) else []
    penalised = np.any((d != 0) & ((l1 > 0) | (l2 > 0) | np.isfinite(lower) | np.isfinite(upper)))
    if penalised or not falls or min(falls) < 0 or max(falls) == 0:
        least = float(min(falls, default=Fraction(0)))
        note = "the recorded direction does not separate the classes"
        return refuted("separation", subject, claim["bound"], least, note)
    moved = f"on {sum(fall > 0 for fall in falls)} of the {len(falls)} rows"
    if problem.loss.task == "counts" and moved not in claim["statement"]:
        return refuted("separation", subject, None, None, f"the sentence does not say: {moved}")
    if not _arrows_agree(claim["statement"], d):
        return refuted("separation", subject, None, None, "the sentence names other directions than the witness")
    size = float(np.linalg.norm(problem.w))
    for name, derived in (("value", float(sum(falls))), ("bound", float(min(falls))), ("scale", size)):
        slack = 1e-12 * abs(claim["scale" if name == "scale" else "value"] or 0.0)
        if claim[name] is None or not abs(claim[name] - derived) <= slack:
            note = f"the recorded {name} of the direction is not reproduced"
            return refuted("separation", subject, claim[name], derived, note)
    note = "the direction separates, in exact arithmetic"
    return Answer("separation", subject, "CERTIFIED", claim["bound"], float(min(falls)), note)


def _falls(problem: Restated, d: list[Fraction]) -> list[Fraction]:
    """How far the argument of the loss falls along d, row by row; [] where some row rules separation out."""
    rows = problem.weight > 0
    y, counts = problem.y[rows], problem.loss.task == "counts"
    signs = np.where(y == 0, -1, np.where((y == 1) & ~np.array(counts), 1, 0))
    moving = [j for j, x in enumerate(d) if x]
    distinct, at = np.unique(problem.A[rows][:, moving], axis=0, return_inverse=True)
    ways = [
        sum((Fraction(a) * d[j] for a, j in zip(row, moving, strict=True)), Fraction(0)) for row in distinct.tolist()
    ]
    signed = list(zip([ways[place] for place in at.ravel().tolist()], signs.tolist(), strict=True))
    still = all(way == 0 for way, sign in signed if not sign)
    return [way * sign for way, sign in signed if sign] if still and (counts or np.all(signs)) else []
