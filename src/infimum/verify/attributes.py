"""What a fitted estimator tells beside its certificate: F, the gap, counts, and the strength that was chosen."""

import math
from typing import Any

import numpy as np

from infimum.verify.answers import Answer, agree, refuted, reproduced
from infimum.verify.arithmetic import TINY, UNIT, weighted
from infimum.verify.chosen import check_chosen, check_chosen_together
from infimum.verify.restated import Restated

SAME = 1e-9


def check_attributes(model: Any, value: float | None, noise: float, shape: tuple[int, ...]) -> list[Answer]:
    """objective_ (of a network loss_) = F(w) as derived, but for its noise; dual_gap_, n_iter_, n and p; the choice.

    value is None where F is not derived here.
    """
    told, name = vars(model), type(model).__name__
    kept = "loss_" if told["problem_"]["form"] == "network" else "objective_"
    if value is None or kept not in told:
        answers = [Answer("objective", name, "REPORTED", note="the value of the objective is not re-derived")]
    else:
        answers = [reproduced("objective", name, float(told[kept]), value, SAME, floor=noise)]
    certificate, gap = told["certificate_"], told["certificate_"].claim("gap")
    pairs = {"n_features_in_": (told["n_features_in_"], shape[1])}
    if "dual_gap_" in told:
        pairs["dual_gap_"] = (float(told["dual_gap_"]), gap.bound)
    if kept == "objective_":
        pairs["n"] = (certificate.n, shape[0])
        pairs["n_iter_"] = (told["n_iter_"], max(certificate.iterations, min(told["n_iter_"], 1)))
    answers += agree("attributes", name, pairs)
    return answers + check_chosen(model)


def noise_at(problem: Restated) -> float:
    """How far F(w) as plain float64 has it may be from F(w): predictions off by δ cost |ℓ′| δ + 2 sup ℓ″ δ² a row."""
    loss, z, y = problem.loss, problem.z, problem.y
    if not problem.model.affine:
        return problem.noise
    w = np.abs(problem.w if loss.outputs == 1 else problem.w.reshape(-1, loss.outputs))
    off = (len(w) + 4) * UNIT * (np.abs(problem.A) @ w)
    off += 4 * UNIT * np.abs(y) if loss.task == "regression" else 0.0
    finite = math.isfinite(loss.curvature_bound)
    bend = loss.curvature_bound * off**2 if finite else loss.curvature(z, y, off**2)
    rows = loss.gradient_terms(z, y) * loss.argument_terms(z, y) * 64 * UNIT + 2 * bend
    return float(np.sum(np.abs(problem.u) * off)) + float(np.sum(weighted(problem.weight, rows))) + 64 * TINY


def check_together(model: Any) -> list[Answer]:
    """Whether what a model of several targets tells is of its targets: the weakest certificate, sums and largest."""
    told, name, parts = vars(model), type(model).__name__, model.targets_
    gaps = [part.certificate_.claim("gap") for part in parts]
    if any(gap is None or not gap.scale > 0 for gap in gaps):
        return [refuted("gap", name, None, None, "a target has no gap to compare")]
    weakest = parts[int(np.argmax([gap.bound / gap.scale for gap in gaps]))]
    answers = []
    for which in ("certificate_", "problem_"):
        if not same(told[which], vars(weakest)[which]):
            note = f"{which} is not that of the target whose gap is the weakest"
            answers.append(refuted(which.rstrip("_"), name, None, None, note))
    total = math.fsum(part.objective_ for part in parts)
    answers.append(reproduced("objective", name, float(told["objective_"]), total, SAME))
    pairs = {
        "n_iter_": (told["n_iter_"], max(part.n_iter_ for part in parts)),
        "n_features_in_": (told["n_features_in_"], parts[0].n_features_in_),
    }
    if "dual_gap_" in told:
        pairs["dual_gap_"] = (np.ravel(told["dual_gap_"]).tolist(), [gap.bound for gap in gaps])
    answers += check_chosen_together(model) if "alpha_per_target" in told else []
    return answers + agree("attributes", name, pairs)


def same(a: Any, b: Any) -> bool:
    """Whether two records hold the same, arrays entry by entry; NaN differs from all."""
    if a is b and not isinstance(a, float):
        return True
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        return bool(np.array_equal(a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, tuple | list) and isinstance(b, tuple | list):
        return len(a) == len(b) and all(map(same, a, b))
    if type(a) is type(b) and type(a).__module__.startswith("infimum.certificates"):
        return same(vars(a), vars(b))
    return bool(a == b)
