"""A direction along which the loss falls for ever, checked in rational arithmetic: then no minimum is attained."""

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
    """min of the falls ≥ 0, some > 0, in rational arithmetic; d moves unpenalised parameters only.

    The fall of a row along d is (2y − 1) aᵀd for two classes, aᵀ(d_y − dₖ) with each other class k for more, −aᵀd for a
    count of 0; other counts must not move at all. The witness is d, or floats whose sum down each column is d; of more
    than two classes d (P, K).
    """
    d, falls, penalised = falls_along(problem, witness)
    if claim["verdict"] != "CERTIFIED":
        note = f"the recorded verdict is {claim['verdict']}; a direction that separates earns CERTIFIED"
        return refuted("separation", subject, claim["bound"], None, note)
    if penalised or not falls or min(falls) < 0 or max(falls) == 0:
        least = float(min(falls, default=Fraction(0)))
        note = "the recorded direction does not separate the classes"
        return refuted("separation", subject, claim["bound"], least, note)
    moved = f"on {sum(fall > 0 for fall in falls)} of the {len(falls)} rows"
    if problem.loss.task == "counts" and moved not in claim["statement"]:
        return refuted("separation", subject, None, None, f"the sentence does not say: {moved}")
    if not _arrows_agree(claim["statement"], d):
        return refuted("separation", subject, None, None, "the sentence names other directions than the witness")
    with np.errstate(over="ignore"):
        size = float(np.linalg.norm(problem.w))
    for name, derived in (("value", float(sum(falls))), ("bound", float(min(falls))), ("scale", size)):
        told, most = np.inf if claim[name] is None else claim[name], size if name == "scale" else float(sum(falls))
        if told != derived and not abs(told - derived) <= 1e-12 * most:
            note = f"the recorded {name} of the direction is not reproduced"
            return refuted("separation", subject, claim[name], derived, note)
    note = "the direction separates, in exact arithmetic"
    return Answer("separation", subject, "CERTIFIED", claim["bound"], float(min(falls)), note)


def falls_along(problem: Restated, witness: Mapping[str, np.ndarray]) -> tuple[np.ndarray, list[Fraction], bool]:
    """(d flat, the falls of the rows along it, whether it moves what is penalised): see `check_separation`."""
    return (_of_classes if problem.loss.outputs > 1 else _of_one_output)(problem, witness)


def _of_one_output(problem: Restated, witness: Mapping[str, np.ndarray]) -> tuple[np.ndarray, list[Fraction], bool]:
    """(d, falls, whether d moves a penalised parameter); no falls where some row rules separation out."""
    pieces = np.atleast_2d(witness.get("direction", np.zeros(len(problem.w))))
    exact = [sum(map(Fraction, column), Fraction(0)) for column in pieces.T.tolist()]
    exact = exact if len(exact) == len(problem.w) else [Fraction(0)] * len(problem.w)
    d = np.array([float(x) for x in exact])
    rows = problem.weight > 0
    y, counts = problem.y[rows], problem.loss.task == "counts"
    signs = np.where(y == 0, -1, np.where((y == 1) & ~np.array(counts), 1, 0))
    signed = list(zip(_products(problem.A[rows], exact), signs.tolist(), strict=True)) if any(exact) else []
    still = all(way == 0 for way, sign in signed if not sign)
    falls = [way * sign for way, sign in signed if sign] if still and (counts or np.all(signs)) else []
    return d, falls, bool(np.any((d != 0) & pinned(problem)))


def _of_classes(problem: Restated, witness: Mapping[str, np.ndarray]) -> tuple[np.ndarray, list[Fraction], bool]:
    """(D flat, aᵢᵀ(D_y − Dₖ) for every row and every k ≠ yᵢ, whether D moves a column that is penalised)."""
    shape = (problem.A.shape[1], problem.loss.outputs + 1)
    pieces = witness.get("direction", np.zeros(shape))
    pieces = pieces[None] if pieces.ndim == 2 else pieces
    if pieces.shape[1:] != shape or not np.any(pieces):
        return np.zeros(0), [], True
    rows, D = problem.weight > 0, pieces[0]
    exact = [[sum(map(Fraction, each), Fraction(0)) for each in part] for part in pieces.T.tolist()]
    scores = [_products(problem.A[rows], column) for column in exact]
    own = problem.y[rows].astype(int).tolist()
    falls = [scores[y][i] - scores[k][i] for i, y in enumerate(own) for k in range(shape[1]) if k != y]
    held = pinned(problem).reshape(len(D), -1).any(axis=1)
    return D.ravel(), falls, bool(np.any(pieces[:, held]))


def pinned(problem: Restated) -> np.ndarray:
    """Whether each parameter has a penalty or a bound, (p,)."""
    l1, l2, lower, upper = problem.parts
    return (l1 > 0) | (l2 > 0) | np.isfinite(lower) | np.isfinite(upper)


def _products(A: np.ndarray, d: list[Fraction]) -> list[Fraction]:
    """aᵢᵀd for every row, exactly."""
    moving = [j for j, x in enumerate(d) if x]
    distinct, at = np.unique(A[:, moving], axis=0, return_inverse=True)
    ways = [
        sum((Fraction(a) * d[j] for a, j in zip(row, moving, strict=True)), Fraction(0)) for row in distinct.tolist()
    ]
    return [ways[place] for place in at.ravel().tolist()]


def _arrows_agree(statement: str, d: np.ndarray) -> bool:
    """Whether the signs of the infinities that the sentence names are those of d, the largest entries first."""
    signs = ["+" if d[j] > 0 else "−" for j in np.argsort(-np.abs(d), kind="stable") if d[j]]
    told = re.findall(r"→ ([+−])∞", statement)
    return bool(told) and told == signs[: len(told)]
