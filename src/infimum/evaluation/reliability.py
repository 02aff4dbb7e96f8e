"""mean score = miscalibration − discrimination + uncertainty: are probabilities what they say, and do they say much?

CORP (Dimitriadis, Gneiting & Jordan 2021): the reliability diagram is the isotonic regression of y on p, so that no
number of bins has to be chosen, and the three terms are differences of one score at p, at the recalibrated p, and at
the mean of y. Bins, with exact binomial intervals, are here for those who want them.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from infimum.evaluation.calibration import isotonic_regression


@dataclass(frozen=True)
class Decomposition:
    """score = miscalibration − discrimination + uncertainty, all three ≥ 0; a mean over n rows, less is better."""

    score: float
    miscalibration: float
    discrimination: float
    uncertainty: float


def decompose(p: np.ndarray, y: np.ndarray, score: Literal["brier", "log_loss"] = "brier") -> Decomposition:
    """S(p) = [S(p) − S(v(p))] − [S(ȳ) − S(v(p))] + S(ȳ), v the isotonic regression of y on p, S a mean score.

    p (n,) in [0, 1], y (n,) of 0 and 1; S is the mean of (p − y)² or of −log p(y). Dimitriadis, Gneiting & Jordan
    (2021). An infinite log-loss is an infinite miscalibration. Raises ValueError for other p, y or scores.

    >>> decompose(np.array([0.2, 0.2, 0.6, 0.6]), np.array([0, 0, 0, 1]))
    Decomposition(score=0.15, miscalibration=0.025, discrimination=0.0625, uncertainty=0.1875)
    """
    p, y = _forecasts(p, y)
    if score not in ("brier", "log_loss"):
        raise ValueError(f"score = {score!r}; expected 'brier' or 'log_loss'")
    mean_score = _brier if score == "brier" else _log_loss
    at_p, at_mean = mean_score(p, y), mean_score(np.full(len(y), y.mean()), y)
    at_best = mean_score(isotonic_regression(p, y).at(p), y)
    return Decomposition(at_p, at_p - at_best, at_mean - at_best, at_mean)


def _brier(p: np.ndarray, y: np.ndarray) -> float:
    return math.fsum((p - y) ** 2) / len(y)


def _log_loss(p: np.ndarray, y: np.ndarray) -> float:
    with np.errstate(divide="ignore"):
        return math.fsum(-np.log(np.where(y == 1, p, 1 - p))) / len(y)


@dataclass(frozen=True, eq=False)
class ReliabilityCurve:
    """(p, v(p), low, high), (b,) each: forecasts in ascending order, observed shares, where these lie if p is right."""

    forecast: np.ndarray
    observed: np.ndarray
    low: np.ndarray
    high: np.ndarray


def reliability_curve(
    p: np.ndarray, y: np.ndarray, rng: np.random.Generator, level: float = 0.9, resamples: int = 200, points: int = 200
) -> ReliabilityCurve:
    """v(p), the isotonic regression of y on p, with its (1 ± level)/2 quantiles under y ~ Bernoulli(p): CORP.

    p (n,) in [0, 1], y (n,) of 0 and 1. At each forecast alone, v(p) lies in [low, high] in a share of about `level` of
    tables if p is calibrated: a consistency band (Bröcker & Smith 2007), from `resamples` drawn tables. At most
    `points` of the forecasts are returned, evenly in rank. Raises ValueError for other p or y.

    >>> rng = np.random.default_rng(0)
    >>> curve = reliability_curve(np.array([0.1, 0.1, 0.9]), np.array([0, 1, 1]), rng)
    >>> curve.forecast.tolist(), curve.observed.tolist()
    ([0.1, 0.9], [0.5, 1.0])
    """
    from infimum.kernels.pooling import pool_adjacent_violators

    p, y = _forecasts(p, y)
    if not 0 < level < 1 or resamples < 1 or points < 1:
        raise ValueError(f"level = {level!r}, resamples = {resamples}, points = {points}; expected (0, 1), ≥ 1, ≥ 1")
    forecast, rows = np.unique(p, return_counts=True)
    shown = np.unique(np.linspace(0, len(forecast) - 1, min(points, len(forecast))).round().astype(int))
    drawn = np.empty((resamples, len(shown)))
    for each in drawn:
        each[:] = pool_adjacent_violators(rng.binomial(rows, forecast) / rows, rows.astype(float))[shown]
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return ReliabilityCurve(forecast[shown], isotonic_regression(p, y).value[shown], low, high)


@dataclass(frozen=True)
class Bin:
    """share = events / rows among the rows with forecasts from `first` to `last`, whose mean forecast is `forecast`.

    low and high are the Clopper–Pearson interval of the share.
    """

    first: float
    last: float
    rows: int
    forecast: float
    share: float
    low: float
    high: float


def reliability_bins(p: np.ndarray, y: np.ndarray, bins: int = 10, level: float = 0.95) -> tuple[Bin, ...]:
    """(mean p, share of y = 1) in bins of about n / bins rows by ascending p; rows of equal p stay together.

    p (n,) in [0, 1], y (n,) of 0 and 1. Bins follow p alone, so each interval holds as if its bin had been given, for
    rows that are alike within it. Raises ValueError for other p or y, or bins < 1.

    >>> [(each.forecast, each.share) for each in reliability_bins(np.array([0.1, 0.3, 0.8]), np.array([0, 0, 1]), 1)]
    [(0.4, 0.3333)]
    """
    p, y = _forecasts(p, y)
    if bins < 1:
        raise ValueError(f"bins = {bins}; expected at least 1")
    forecast, place, rows = np.unique(p, return_inverse=True, return_counts=True)
    middle = (np.cumsum(rows) - rows / 2) / len(p)
    bin_of = np.minimum((middle * bins).astype(int), bins - 1)[place]
    found = []
    for at in np.unique(bin_of):
        inside = bin_of == at
        n, events = int(inside.sum()), int(y[inside].sum())
        low, high = clopper_pearson(events, n, level)
        mean = math.fsum(p[inside]) / n
        found.append(Bin(float(p[inside].min()), float(p[inside].max()), n, mean, events / n, low, high))
    return tuple(found)


def clopper_pearson(events: int, rows: int, level: float = 0.95) -> tuple[float, float]:
    """[low, high]: P(X ≥ events | low) = P(X ≤ events | high) = (1 − level)/2, X ~ Binomial(rows, ·).

    The exact interval of Clopper & Pearson (1934): it covers with at least `level`. Raises ValueError unless
    0 ≤ events ≤ rows ≥ 1 and 0 < level < 1.

    >>> clopper_pearson(0, 10)
    (0.0, 0.3085)
    """
    from scipy.special import betaincinv

    if not (0 <= events <= rows and rows >= 1 and 0 < level < 1):
        raise ValueError(f"{events} of {rows} rows at level {level!r}; expected 0 ≤ events ≤ rows ≥ 1, 0 < level < 1")
    tail = (1 - level) / 2
    low = float(betaincinv(events, rows - events + 1, tail)) if events else 0.0
    high = float(betaincinv(events + 1, rows - events, 1 - tail)) if events < rows else 1.0
    return low, high


def binned_calibration_error(bins: tuple[Bin, ...]) -> float:
    """Σ rows |share − mean p| / Σ rows over the bins: a binned estimate of E|P(y = 1 | p) − p|, not that number.

    Known as the expected calibration error (Naeini, Cooper & Hauskrecht 2015). It depends on the bins: too small where
    errors cancel inside a bin, too large where bins are small, as |noise| does not average out; `decompose` has none.

    >>> binned_calibration_error(reliability_bins(np.array([0.1, 0.3, 0.8]), np.array([0, 0, 1]), 1))
    0.0667
    """
    return math.fsum(each.rows * abs(each.share - each.forecast) for each in bins) / sum(each.rows for each in bins)


def _forecasts(p: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    p, y = np.asarray(p, dtype=float), np.asarray(y, dtype=float)
    if p.ndim != 1 or p.shape != y.shape or not len(p):
        raise ValueError(f"p has shape {p.shape} and y {y.shape}; expected (n,) each, n ≥ 1")
    if not np.all((p >= 0) & (p <= 1)) or not np.all((y == 0) | (y == 1)):
        raise ValueError("p or y hold other values; expected probabilities from 0 to 1, and y of 0 and 1")
    return p, y
