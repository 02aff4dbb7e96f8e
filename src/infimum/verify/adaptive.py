"""aₜ₊₁ⁱ = aₜⁱ + γᵢ (α − missedₜⁱ), restated: what a width that follows the misses would have covered in time."""

import math
from bisect import bisect_left, insort
from typing import TYPE_CHECKING, Any

import numpy as np

from infimum.verify.answers import Answer, agree, refuted, reproduced
from infimum.verify.table import FIRST

if TYPE_CHECKING:
    from infimum.verify.model_file import Opened

LATEST = 10_000  # rows followed, and as many before them
RATES = np.array([0.001, 0.002, 0.004, 0.008, 0.016, 0.032])
SPAN = 500  # rows over which the best rate may change
NEAR = 1e-3  # relative: a tie that rounding breaks otherwise may move a width and a row or two


def check_adaptive(
    opened: "Opened",
    facts: dict[str, Any] | None,
    rows_of: tuple[np.ndarray, np.ndarray, np.ndarray],
    level: float,
    shaky: float,
) -> list[Answer]:
    """The rows followed, the share they covered and the median half width; nothing but in time.

    `rows_of` are the error over its difficulty, the difficulty, and the fold, row by row; errors below `shaky` are
    mostly rounding, and may be covered or not.
    """
    split, (residual, size, fold) = opened.document["report"]["folds"], rows_of
    if split["kind"] != "time" or facts is None:
        return agree("coverage", "adaptive", {"adaptive": (facts is not None, split["kind"] == "time")})
    column = opened.table.column(split["column"])
    when = column.values.astype(np.int64) if column.kind == "time" else column.values
    order = np.argsort(when, kind="stable")
    order = order[fold[order] != FIRST]
    score = residual[order]
    start = max(int((fold == 0).sum()), len(score) - LATEST)
    width, covered = followed(score[:start][-LATEST:].tolist(), score[start:].tolist(), 1 - level)
    rows, half = len(covered), float(np.median(np.array(width) * size[order[start:]]))
    answers = agree("coverage", "adaptive", {"rows": (facts["rows"], rows)})
    share = float(np.mean(covered))
    doubtful = int(np.sum((residual * size)[order[start:]] <= shaky))
    if not 0 <= facts["covered"] <= 1:
        answers.append(refuted("coverage", "adaptive, covered", facts["covered"], share, "a share is from 0 to 1"))
    floor = (2 + doubtful) / rows
    answers.append(reproduced("coverage", "adaptive, covered", facts["covered"], share, NEAR, floor=floor))
    if not math.isfinite(half):
        return answers + agree("coverage", "adaptive, half width", {"half width": (facts["half_width"], None)})
    return [*answers, reproduced("coverage", "adaptive, half width", facts["half_width"], half, NEAR, floor=shaky)]


def followed(past: list[float], score: list[float], alpha: float) -> tuple[list[float], list[bool]]:
    """(half width before each row, whether it covered it): Gibbs & Candès 2024, experts weighted by pinball loss."""
    known, asked = sorted(past), np.full(len(RATES), alpha)
    weight, mixed = np.full(len(RATES), 1 / len(RATES)), 1 / (2 * SPAN)
    square = ((1 - alpha) ** 2 * alpha**3 + alpha**2 * (1 - alpha) ** 3) / 3
    eta = math.sqrt((math.log(len(RATES) * SPAN) + 2) / (SPAN * square))
    width, covered = [], []
    for now in score:
        width.append(_width(known, float(weight @ asked)))
        covered.append(now <= width[-1])
        largest = (1 + len(known) - bisect_left(known, now)) / (len(known) + 1)
        loss = np.where(largest >= asked, alpha * (largest - asked), (alpha - 1) * (largest - asked))
        weight = weight * np.exp(-eta * loss)
        weight = (1 - mixed) * weight / weight.sum() + mixed / len(RATES)
        missed = np.array([now > _width(known, float(each)) for each in asked])
        asked = asked + RATES * (alpha - missed)
        insort(known, now)
    return width, covered


def _width(known: list[float], alpha: float) -> float:
    place = math.ceil((1 - alpha) * (len(known) + 1) - 1e-9)
    if place > len(known):
        return math.inf
    return known[place - 1] if place > 0 else -math.inf
