"""Whether the strength that an estimator says it chose is that of its problem, and the best by its own record.

The errors on folds themselves are fits of other rows: they are not derived again, and the answer says so.
"""

import math
from typing import Any

import numpy as np

from infimum.verify.answers import Answer, agree, refuted, reproduced

SAME = 1e-12
FEW = 0.01  # of a score, beyond which its rounding is as good as all of it


def check_chosen(model: Any) -> list[Answer]:
    """alpha_, l1_ratio_ or C_ against l1 and l2 of `problem_`, and against mse_path_, scores_ or cv_results_.

    [] of a model that has none of them, whose strength was given.
    """
    told, stated, name = vars(model), model.problem_, type(model).__name__
    if "chosen" not in stated and not {"alpha_", "C_"} & told.keys():
        return []
    if "chosen" not in stated:
        note = "the strength was chosen on these rows, and the problem does not say so"
        return [refuted("choice", name, None, None, note)]
    l1, l2 = strengths(told, stated["total"])
    answers = []
    for which, recorded, derived in (("l1", stated["l1"], l1), ("l2", stated["l2"], l2)):
        if not np.all(np.abs(np.asarray(recorded) - derived) <= SAME * derived):
            note = f"the chosen strength is not {which} of the problem that was solved"
            answers.append(refuted("choice", name, float(np.ravel(recorded)[0]), derived, note))
    best = _of_scores(model) if "scores_" in told else _of_errors(model) if "mse_path_" in told else _of_rows(model)
    mine = {key: told[key] for key in best}
    for key, derived in best.items():
        if not abs(mine[key] - derived) <= SAME * abs(derived):
            note = f"{key} is not what its recorded errors or scores choose"
            answers.append(refuted("choice", name, float(mine[key]), derived, note))
    note = "the best by the recorded errors, which are not re-derived" if best else "not re-derived: no errors are kept"
    return answers or [Answer("choice", name, "REPORTED", note=note)]


def strengths(told: dict[str, Any], total: float) -> tuple[float, float]:
    """(l1, l2) on the scale of the mean loss, of what was chosen."""
    if "C_" in told:
        return told["l1_ratio_"] / (told["C_"] * total), (1 - told["l1_ratio_"]) / (told["C_"] * total)
    if "mse_path_" not in told:
        return 0.0, told["alpha_"] / total
    ratio = told.get("l1_ratio_", 1.0)
    return told["alpha_"] * ratio, told["alpha_"] * (1 - ratio)


def _of_errors(model: Any) -> dict[str, float]:
    """The least mean error over folds, or by the rule of one standard error the largest strength near it."""
    errors = np.asarray(model.mse_path_, dtype=float)
    errors = errors[None] if errors.ndim == 2 else errors
    mean, folds = errors.mean(axis=2), errors.shape[2]
    r, k = divmod(int(np.argmin(mean)), mean.shape[1])
    if model.rule == "one_standard_error":
        limit = mean[r, k] + np.std(errors[r, k], ddof=1) / math.sqrt(folds)
        k = int(np.argmax(mean[r] <= limit))
    alphas = np.asarray(model.alphas_, dtype=float)
    chosen = {"alpha_": float(alphas[r, k] if alphas.ndim == 2 else alphas[k])}
    return chosen | ({"l1_ratio_": float(np.ravel(model.l1_ratio)[r])} if "l1_ratio_" in vars(model) else {})


def _of_scores(model: Any) -> dict[str, float]:
    """The largest sum of scores over folds, of equals the first C, then the first ratio; or each fold's, their mean."""
    scores = np.asarray(model.scores_, dtype=float)
    tables = [scores.sum(axis=0)] if model.refit else list(scores)
    places = [divmod(int(np.argmax(table.T)), table.shape[0]) for table in tables]
    return {
        "C_": float(np.mean([model.Cs_[c] for c, _ in places])),
        "l1_ratio_": float(np.mean([model.l1_ratios_[r] for _, r in places])),
    }


def _of_rows(model: Any) -> dict[str, float]:
    """The least mean square of rows left out, where these were kept and no other score was asked for."""
    if "cv_results_" not in vars(model) or model.scoring is not None:
        return {}
    scores = _scores_of_rows(model.cv_results_)
    return {"alpha_": float(np.ravel(model.alphas)[int(np.argmax(scores))]), "best_score_": float(scores.max())}


def _scores_of_rows(squares: np.ndarray) -> np.ndarray:
    """−(mean over rows) of squares of rows left out, (n, …, K) ↦ (…, K); −∞ where a fit was not determined."""
    scores = -np.mean(squares, axis=0)
    return np.where(np.isfinite(scores), scores, -math.inf)


def check_chosen_together(model: Any) -> list[Answer]:
    """alpha_ and best_score_ of a model of several targets: its targets', and what its own cv_results_ choose."""
    told, name, parts = vars(model), type(model).__name__, model.targets_
    alphas, scores = ([vars(part)[key] for part in parts] for key in ("alpha_", "best_score_"))
    own = bool(model.alpha_per_target)
    if not own:
        alphas, scores = sorted(set(alphas)), [float(np.mean(scores))]
    pairs = {key: (np.ravel(told[key]).tolist(), of) for key, of in (("alpha_", alphas), ("best_score_", scores))}
    if "cv_results_" in told and model.scoring is None:
        table = np.atleast_2d(_scores_of_rows(model.cv_results_))
        judged = table if own else table.mean(axis=0)[None]
        best = np.ravel(model.alphas)[np.argmax(judged, axis=1)].astype(float).tolist()
        pairs["alpha_ by cv_results_"] = (np.ravel(told["alpha_"]).tolist(), best)
    return agree("choice", name, pairs)


def check_left_out(
    model: Any, rows: tuple[np.ndarray, np.ndarray, np.ndarray, float], weight: np.ndarray | float
) -> list[Answer]:
    """best_score_ = −Σ sᵢ (rᵢ / (1 − hᵢ))² / n at the strength chosen, where rows are left out one at a time.

    rows = (r, how far r may be off, h, the relative error of h): 1 − h may have few digits.
    """
    if "best_score_" not in vars(model) or model.cv is not None or model.scoring is not None:
        return []
    residual, off, leverage, error = rows
    left, floor = 1 - leverage, math.inf
    if np.all(left > 0):
        wide = (np.abs(residual) + off) / left
        floor = float(np.mean(weight * (wide**2 * 4 * (error + 1e-12) / left + 2 * wide * off / left)))
    score = -float(np.mean(weight * (residual / left) ** 2)) if np.all(left > 0) else math.nan
    if not floor <= FEW * abs(score):
        note = f"best_score_ is not re-derived: 1 − h of some row has too few digits, {left.min():.1g} ± {error:.1g}"
        return [Answer("choice", type(model).__name__, "REPORTED", model.best_score_, note=note)]
    return [reproduced("choice", f"{type(model).__name__}, best_score_", model.best_score_, score, 1e-6, floor=floor)]
