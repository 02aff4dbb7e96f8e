"""z, y on rows held out ↦ answers: quantiles of y − ŷ in bands of ŷ, and the reliability of p.

Stated here once more: bands and bins take rows in ascending ŷ or p, those equal to nine digits together; the isotonic
fit merges neighbours while a mean is not above the one before it; low and high solve P(X ≥ events | low) =
P(X ≤ events | high) = (1 − level)/2 (Clopper & Pearson 1934); S(p) = [S(p) − S(v)] − [S(ȳ) − S(v)] + S(ȳ), where S is
the Brier score.
"""

import math
from itertools import groupby
from typing import Any

import numpy as np

from infimum.losses import Loss
from infimum.losses.multinomial import likeliest
from infimum.verify.answers import Answer, agree, refuted, reproduced

PLACES = 9  # decimals to which predictions are told apart
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


def check_pictures(report: dict[str, Any], loss: Loss, z: np.ndarray, y: np.ndarray, noise: float) -> list[Answer]:
    """Answers for report["residuals"], which numbers have, and report["reliability"], which classes have."""
    numbers = report["target"]["classes"] is None
    there = (report["residuals"] is not None, report["reliability"] is not None)
    answers = agree("pictures", "report", {"kinds": (there, (numbers, not numbers))})
    if answers[-1].verdict == "REFUTED":
        return answers
    alike = _neighbours(y - loss.mean(z), y) if numbers and report["folds"]["kind"] == "random" else None
    told = report["neighbours"]
    if alike is None or told is None:
        answers += agree("neighbours", "report", {"neighbours": (told, alike)})
    else:
        answers.append(reproduced("neighbours", "report", told, alike, floor=1e-9))
    if numbers:
        return answers + _residuals(report["residuals"], y, loss.mean(z), noise)
    p = loss.mean(z)
    right, p = ((likeliest(p) == y).astype(float), p.max(axis=1)) if loss.outputs > 1 else (y, p)
    return answers + _reliability(report["reliability"], right, np.clip(np.round(p, PLACES), 0.0, 1.0))


def _neighbours(e: np.ndarray, y: np.ndarray) -> float | None:
    """Σ eᵢ eᵢ₊₁ / Σ eᵢ²; None where y never falls, or never rises, or there is no error."""
    if sorted(y.tolist()) in (y.tolist(), y[::-1].tolist()) or not np.any(e):
        return None
    return math.fsum(e[1:] * e[:-1]) / math.fsum(e * e)


def parts_by(key: np.ndarray, wanted: int) -> list[np.ndarray]:
    """The rows in so many parts by ascending key: equal keys go together, by the rank of their middle."""
    order, parts = np.argsort(key, kind="stable"), {}
    done = 0
    for _, same in groupby(order.tolist(), key=lambda i: key[i]):
        rows = list(same)
        parts.setdefault(min(int((done + len(rows) / 2) / len(key) * wanted), wanted - 1), []).extend(rows)
        done += len(rows)
    return [np.array(rows) for _, rows in sorted(parts.items())]


def distinct(predicted: np.ndarray) -> int:
    """How many different predictions there are, told apart to nine digits of the largest."""
    return len(np.unique(np.round(predicted / (float(np.abs(predicted).max()) or 1.0), PLACES)))


def bands_by(predicted: np.ndarray, most: int, fewest: int) -> list[np.ndarray]:
    """The rows in bands of ŷ: as many as have `fewest` rows each, at most `most`."""
    largest = float(np.abs(predicted).max()) or 1.0
    return parts_by(np.round(predicted / largest, PLACES), min(most, max(1, len(predicted) // fewest)))


def _residuals(told: list[dict[str, Any]], y: np.ndarray, predicted: np.ndarray, noise: float) -> list[Answer]:
    bands = bands_by(predicted, 20, 25)
    answers = agree("residuals", "rows", {"bands": ([band["rows"] for band in told], [len(rows) for rows in bands])})
    for band, rows in zip(told, bands, strict=False):
        ends = [float(predicted[rows].min()), float(predicted[rows].max())]
        derived = ends + [_quantile(np.sort(y[rows] - predicted[rows]), share) for share in QUANTILES]
        recorded = [band["first"], band["last"], *band["quantiles"]]
        if not np.allclose(recorded, derived, rtol=1e-9, atol=4 * noise):
            answers.append(
                refuted("residuals", f"from {band['first']:.6g}", None, None, "a quantile or end is another")
            )
    return answers


def _quantile(x: np.ndarray, share: float) -> float:
    """x at the place share · (n − 1), straight between neighbours; x ascending."""
    at = share * (len(x) - 1)
    low = min(int(at), len(x) - 2) if len(x) > 1 else 0
    return float(x[low] + (at - low) * (x[min(low + 1, len(x) - 1)] - x[low]))


def _reliability(told: dict[str, Any], y: np.ndarray, p: np.ndarray) -> list[Answer]:
    bins = parts_by(p, 10)
    answers = agree("reliability", "rows", {"bins": ([each["rows"] for each in told["bins"]], [len(b) for b in bins])})
    answers += agree("reliability", "level", {"level": (told["level"], 0.95)})
    if any(answer.verdict == "REFUTED" for answer in answers):
        return answers
    for each, rows in zip(told["bins"], bins, strict=True):
        answers += _bin(each, y[rows], p[rows], (1 - told["level"]) / 2)
    steps, fitted = _isotonic(p, y)
    recorded = [[each[key] for key in ("first", "last", "rows", "share")] for each in told["steps"]]
    if len(recorded) != len(steps) or not np.allclose(recorded, steps, rtol=1e-9, atol=1e-12):
        answers.append(refuted("reliability", "steps", None, None, "the isotonic fit has other steps"))
    at_p, at_fit, at_mean = (math.fsum((q - y) ** 2) / len(y) for q in (p, fitted, y.mean()))
    derived = {
        "score": at_p,
        "miscalibration": at_p - at_fit,
        "discrimination": at_mean - at_fit,
        "uncertainty": at_mean,
    }
    for name, value in derived.items():
        answers.append(reproduced("reliability", name, told["brier"][name], value, floor=1e-11))
    return answers


def _bin(told: dict[str, Any], y: np.ndarray, p: np.ndarray, tail: float) -> list[Answer]:
    """Ends, mean forecast and share of one bin, and whether its interval leaves out a tail on each side."""
    from scipy.special import betainc

    events, n = int(y.sum()), len(y)
    recorded = [told[key] for key in ("first", "last", "forecast", "share")]
    derived = [float(p.min()), float(p.max()), math.fsum(p) / n, events / n]
    low, high = told["low"], told["high"]
    beyond = betainc(events, n - events + 1, low) if events else tail * (low == 0)
    below = 1 - betainc(events + 1, n - events, high) if events < n else tail * (high == 1)
    exact = bool(np.allclose([beyond, below], tail, rtol=1e-6, atol=0))
    if not exact or not np.allclose(recorded, derived, rtol=1e-9, atol=1e-9):
        return [refuted("reliability", f"bin from {told['first']:.4g}", None, None, "its numbers are others")]
    return []


def _isotonic(p: np.ndarray, y: np.ndarray) -> tuple[list[list[float]], np.ndarray]:
    """(first p, last p, rows, share) of each step of the isotonic fit, and its value at each row."""
    steps: list[list[float]] = []
    order = np.argsort(p, kind="stable").tolist()
    for value, same in groupby(order, key=lambda i: p[i]):
        rows = list(same)
        steps.append([float(value), float(value), len(rows), float(y[rows].sum())])
        while len(steps) > 1 and steps[-2][3] * steps[-1][2] >= steps[-1][3] * steps[-2][2]:
            _, last, n, events = steps.pop()
            steps[-1] = [steps[-1][0], last, steps[-1][2] + n, steps[-1][3] + events]
    found = [[first, last, n, events / n] for first, last, n, events in steps]
    fitted = np.empty(len(y))
    fitted[order] = np.repeat([each[3] for each in found], [int(each[2]) for each in found])
    return found, fitted
