"""chosen = the simplest rung with error ≤ min error + its standard error (Breiman et al. 1984, §3.4.3)."""

import math
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Choice:
    """(chosen, best, threshold): indices of rungs, simplest first, and the error up to which a rung is good enough."""

    chosen: int
    best: int
    threshold: float


def standard_error(errors: np.ndarray) -> float:
    """s/√k over the k folds (k − 1 in s): how far the mean error of folds can be expected to stray."""
    return float(np.std(errors, ddof=1) / math.sqrt(len(errors)))


def one_standard_error(errors: np.ndarray) -> Choice:
    """Choice from errors (rungs, folds), rungs ordered from simple to complex.

    >>> one_standard_error(np.array([[9.0, 9.1], [1.0, 1.06], [1.0, 1.05]])).chosen
    1
    """
    mean = errors.mean(axis=1)
    best = int(np.argmin(mean))
    threshold = float(mean[best] + standard_error(errors[best]))
    return Choice(int(np.flatnonzero(mean <= threshold)[0]), best, threshold)


def reason(choice: Choice, i: int, titles: tuple[str, ...], errors: np.ndarray) -> str:
    """Why rung i was chosen or lost, in one sentence."""
    mean = errors.mean(axis=1)
    best, chosen = titles[choice.best], titles[choice.chosen]
    limit = f"{mean[choice.best]:.4g} + {choice.threshold - mean[choice.best]:.2g}"
    if i == choice.chosen and i == choice.best:
        return (
            "Chosen: the lowest error, and no simpler rung is within one standard error of it."
            if i
            else "Chosen: nothing does better than a constant."
        )
    if i == choice.chosen:
        return f"Chosen: the simplest rung within one standard error of the lowest error ({best}: {limit})."
    if i < choice.chosen:
        return f"Too simple: its error {mean[i]:.4g} is above {limit}, one standard error over the lowest ({best})."
    if mean[i] < mean[choice.chosen]:
        gain = f"Its error is lower than that of {chosen} by {mean[choice.chosen] - mean[i]:.2g}"
        return f"{gain}, less than one standard error: not worth the complexity."
    return f"More complex than {chosen}, and its error is no lower ({mean[i]:.4g} against {mean[choice.chosen]:.4g})."
