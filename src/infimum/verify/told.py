"""claim ↦ '' or what is wrong with its value, its scale or its sentence, beside a bound that is checked elsewhere.

Every number in a sentence about a gap or a slope has to be one that follows; the words around it are not compared.
"""

import math
from typing import Any

import numpy as np

from infimum.verify.claims import strangers
from infimum.verify.restated import Restated


def gap_told(problem: Restated, claim: dict[str, Any], least: float) -> str:
    """What is wrong with the value, no less than `least` and no more than the bound, or with the sentence; ''."""
    value, bound, scale = claim["value"], claim["bound"], claim["scale"]
    if bound is None or value is None or not least <= value:
        return "the recorded value is not reproduced"
    told = [bound, bound / scale if scale else math.inf]
    variance = problem.loss.dispersion or 2 * problem.value
    told.append(2 * np.count_nonzero(problem.weight) * bound / variance if variance else math.inf)
    other = strangers(claim["statement"], told)
    return f"the sentence has a number that does not follow: {other[0]}" if other else ""


def slope_told(problem: Restated, claim: dict[str, Any], slope: tuple[np.ndarray, np.ndarray]) -> str:
    """What is wrong with the value max |sⱼ|, with the scale max (|A|ᵀ|u|)ⱼ, or with the sentence; ''."""
    (s, doubt), size = slope, np.abs(problem.A).T
    value, off = float(np.max(np.abs(s), initial=0.0)), 2 * float(np.max(doubt, initial=0.0))
    if claim["bound"] is None or not abs(claim["value"] - value) <= off + 1e-9 * value:
        return f"the recorded value {claim['value']} is not reproduced: {value:.4g}"
    steep = float(np.max(size @ np.abs(problem.u), initial=0.0))
    noise = 2 * float(np.max(size @ problem.u_doubt, initial=0.0))
    if not abs(claim["scale"] - steep) <= noise + 1e-9 * steep:
        return f"the recorded scale {claim['scale']} is not reproduced: {steep:.4g}"
    told = [claim["bound"], claim["bound"] / claim["scale"] if claim["scale"] else math.inf]
    other = strangers(claim["statement"], told)
    return f"the sentence has a number that does not follow: {other[0]}" if other else ""


def rank_said(claim: dict[str, Any], p: int, rank: float) -> bool:
    """Whether the sentence says what the rank and the verdict do, and no more."""
    if rank == p:
        said = f"determine all {p} parameters" if claim["verdict"] == "CERTIFIED" else "too nearly dependent"
    elif claim["method"] == "counting":
        said = f"cannot determine {p} parameters"
    else:
        said = f"do not determine {p - rank:.0f} of {p} parameters"
    return said in claim["statement"] and ("determine all" in claim["statement"]) == (said[:13] == "determine all")
