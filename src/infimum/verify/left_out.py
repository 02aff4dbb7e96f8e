"""−Σᵢ sᵢ (rᵢ / (1 − hᵢ))² / n for every strength of a ridge: was the best one chosen?

With √s̃ (x about its mean) = U D Vᵀ, in float64, and t = √s̃ (y about its mean): r = t − U D²/(D² + α) Uᵀt and
1 − h = 1 − s̃ − Σₖ Uₖ² Dₖ²/(Dₖ² + α). Where 1 − h has lost its digits the score of that strength is not known here.
"""

from typing import Any

import numpy as np

from infimum.verify.answers import Answer, refuted
from infimum.verify.arithmetic import UNIT

TOLD = 1e-6  # 1 − hᵢ from which it has digits enough
BETTER = 1e-6  # by which another strength has to be better, of its score
ROUNDINGS = 256  # of each prediction, in units of its largest terms


def check_strengths(model: Any, X: np.ndarray, Y: np.ndarray, sample_weight: np.ndarray | None) -> list[Answer]:
    """Whether alpha_ is, of alphas, the best by rows left out, or one that cannot be told from it; Y (n, t).

    [] of a model that was not chosen so.
    """
    told, name = vars(model), type(model).__name__
    if "alpha_per_target" not in told or model.cv is not None or model.scoring is not None:
        return []
    alphas = np.ravel(np.asarray(model.alphas, dtype=float))
    found = np.stack([scores_left_out(X, y, sample_weight, alphas, bool(model.fit_intercept)) for y in Y.T])
    found = found if model.alpha_per_target else found.mean(axis=0)[None]
    answers = []
    for alpha, (each, doubt) in zip(np.ravel(told["alpha_"]).tolist(), found, strict=True):
        known = np.isfinite(each)
        if alpha not in alphas.tolist():
            return [refuted("choice", name, alpha, None, "the strength is none of alphas")]
        own = alphas.tolist().index(alpha)
        least = each[own] + doubt[own] + BETTER * abs(each[own])
        ahead = known & (each - doubt > least)
        if known[own] and ahead.any():
            better = float(alphas[int(np.argmax(ahead))])
            return [refuted("choice", name, alpha, better, "another of alphas has the better score on rows left out")]
        note = "no other of alphas is better on rows left out"
        unknown = np.count_nonzero(~known)
        note += f"; the scores of {unknown} are not re-derived, for 1 − h has few digits" if unknown else ""
        answers.append(Answer("choice", name, "REPORTED", note=note))
    return answers


def scores_left_out(
    X: np.ndarray, y: np.ndarray, sample_weight: np.ndarray | None, alphas: np.ndarray, intercept: bool
) -> np.ndarray:
    """(the score of each strength, what rounding may have done to it), (2, K); NaN where it is not known."""
    raw = np.ones(len(y)) if sample_weight is None else np.asarray(sample_weight, dtype=float) * np.ones(len(y))
    share = raw / raw.sum()
    centre, level = (share @ X, share @ y) if intercept else (np.zeros(X.shape[1]), 0.0)
    root = np.sqrt(share)
    U, D, Vt = np.linalg.svd(root[:, None] * (X - centre), full_matrices=False)
    t = root * (y - level)
    found = np.full((2, len(alphas)), np.nan)
    size = np.abs(y) + abs(level)
    for k, alpha in enumerate(alphas / raw.sum()):
        kept = np.divide(D**2, D**2 + alpha, out=np.zeros(len(D)), where=D > 0)
        residual, left = t - U @ (kept * (U.T @ t)), 1 - share * intercept - U**2 @ kept
        if np.all(left[share > 0] > TOLD):
            b = Vt.T @ np.divide(kept * (U.T @ t), D, out=np.zeros(len(D)), where=D > 0)
            beyond = y - level - (X - centre) @ b  # of a row that does not count, which leaving out changes nothing
            error = np.divide(residual / left, root, out=beyond, where=root > 0)
            off = ROUNDINGS * UNIT * (size + np.abs(X - centre) @ np.abs(b)) / np.where(share > 0, left, 1.0)
            counted = 1.0 if sample_weight is None else raw
            found[:, k] = -float(np.mean(counted * error**2)), float(np.mean(counted * (2 * np.abs(error) + off) * off))
    return found
