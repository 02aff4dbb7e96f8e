"""V = φ/N WᵀW, ŵ, bounds and mean losses: what `summary` and `infer` print from, against the data.

W is any root of H⁻¹: it is one if W K⁻¹ is a rotation, K the checker's own root. How sharp a bound of a parameter is
depends on the root it was proved with, so that bounds are held to a factor.
"""

import math
from typing import Any

import numpy as np

from infimum.verify.answers import Answer, agree, refuted, reproduced
from infimum.verify.arithmetic import UNIT, size_of
from infimum.verify.checks import local_norm
from infimum.verify.restated import Restated

SHARP = 8.0  # times what the checker proves, or a part of it: how far another root's bounds may be
TURNED = 1e-7  # ‖K Kᵀ − I‖ of a rotation, beyond the doubt in H
SAME = 1e-9


def check_information(model: Any, problem: Restated, total: float, noise: float) -> list[Answer]:
    """[] where a model has no standard errors, else whether all that they are computed from is of this fit."""
    told, name = vars(model).get("information_"), type(model).__name__
    if told is None:
        return []
    classes = problem.loss.outputs > 1
    plain = {
        "loss": (told.loss, problem.loss.name),
        "outputs": (told.outputs, problem.loss.outputs),
        "intercept": (told.intercept, bool(problem.model.layout.free.any())),
        "rows": (told.rows, int(np.count_nonzero(problem.weight))),
        "total": (abs(told.total - total) <= SAME * total, True),
        "parameters": (np.array_equal(told.params, problem.w), True),
        "names": (told.names, _names(model, problem)),
    }
    answers = agree("information", name, plain)
    if answers[0].verdict == "REFUTED":
        return answers
    mean = math.fsum(problem.weight * problem.loss.value(problem.z, problem.y))
    null, best, sizes = _null(problem), _best(problem), np.abs(problem.y) * np.log1p(np.abs(problem.y))
    answers.append(
        reproduced(
            "information", f"{name}, best", told.best, best, SAME, floor=64 * UNIT * float(problem.weight @ sizes)
        )
    )
    answers.append(reproduced("information", f"{name}, mean loss", told.mean_loss, mean, SAME, floor=noise))
    answers.append(reproduced("information", f"{name}, null loss", told.null_loss, null, SAME, floor=noise))
    note = _root(problem, told.W)
    if not note and not classes and told.method != "firth":  # a bound on Firth's minimiser is its claim's
        note = _bounds(problem, problem.metric, told.bound)
        if note and problem.sharp_metric is not None:  # the solver may have looked closer
            note = _bounds(problem, problem.sharp_metric, told.bound)
    return [*answers, refuted("information", name, None, None, note)] if note else answers


def _names(model: Any, problem: Restated) -> tuple[str, ...]:
    """What the parameters are called: x0, x1, … or the columns of the fit, or powers of one, and the intercept."""
    own = problem.model.layout.inputs
    given = tuple(str(name) for name in vars(model).get("feature_names_in_", ()))
    if model.problem_.get("degree", 1) > 1 and given:
        return tuple(given[0] + name.removeprefix("x0") if name.startswith("x0") else name for name in own)
    return (*given, *own[len(given) :])


def _best(problem: Restated) -> float:
    """The mean over rows of the largest log p(y given z), which is not 0 of counts alone: log (yʸ e⁻ʸ / y!)."""
    if problem.loss.name != "poisson":
        return 0.0
    each = [y * math.log(y) - y - math.lgamma(y + 1) if y > 0 else 0.0 for y in problem.y.tolist()]
    return math.fsum(problem.weight * np.array(each))


def _null(problem: Restated) -> float:
    """The mean loss of the best constant, or of z = 0 without an intercept."""
    if problem.model.layout.free.any():
        return problem.loss.null(problem.y, problem.weight)
    return math.fsum(problem.weight * problem.loss.value(np.zeros(problem.z.shape), problem.y))


def _root(problem: Restated, W: np.ndarray) -> str:
    """'' if WᵀW is H⁻¹, else what is wrong."""
    if problem.metric is None:
        return "the curvature is not shown to be positive, and there are standard errors"
    own, a = problem.metric
    if W.shape != own.shape or not np.all(np.isfinite(W)):
        return "the root of the covariance has another shape, or holds NaN"
    unit = size_of(own, 0)
    turn = np.linalg.solve((own / unit).T, (W / unit).T).T
    off = float(np.abs(turn @ turn.T - np.eye(len(W))).sum(axis=1).max(initial=0.0))
    return "" if off <= 4 * a + TURNED else f"the covariance is not that of the data: off by {off:.3g} of itself"


def _bounds(problem: Restated, root: tuple[np.ndarray, float] | None, bound: np.ndarray) -> str:
    """'' if each bound on |β̂ⱼ − βⱼ*| is about what follows by that root, else which is not."""
    if root is None:
        return "no bound on the parameters follows, and one is recorded"
    (W, a), deviation = root, size_of(root[0], 0)
    if problem.loss.name == "squared":
        s, doubt = problem.slope
        t = W @ s
        allowance = float(doubt @ deviation)
        off = np.abs(W.T @ t)
        beside = deviation * (allowance + (a / (1 - a) + (2 * len(s) + 20) * UNIT) * (float(size_of(t)) + allowance))
    else:
        length, rho, _ = local_norm(problem)
        if not rho * length < 1:
            return "no bound on the parameters follows, and one is recorded"
        off, beside = np.zeros(len(W)), deviation / math.sqrt(1 - a) * (-math.log1p(-rho * length) / rho)
    if bound.shape != off.shape:
        return "the bounds of the parameters have another shape"
    wrong = (bound < np.maximum(off - SHARP * beside, beside / SHARP)) | (bound > off + 2 * SHARP * beside)
    return f"the bound of parameter {int(np.argmax(wrong))} is not what follows from the data" if np.any(wrong) else ""
