"""report ↦ answers: the error corrected for having searched, and its interval, from samples of rows drawn again."""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from infimum.verify.answers import Answer, agree, reproduced
from infimum.verify.comparison import Held
from infimum.verify.deciding import Deciding

NORMAL, LEVEL = 1.6448536269514722, 0.9  # Φ⁻¹(0.95)
METHOD = "bootstrap bias corrected cross-validation"
SLACK = 0.02  # of the interval's half: where a sample's pick hangs on the last digits, it may differ


def check_search(report: dict[str, Any], decides: Deciding, held: Held) -> list[Answer]:
    """Optimism, corrected error, interval and how often each rung was picked, rung by rung and sample by sample."""
    recorded, rows = report["search"], held.seen
    losses = held.costs[:, rows]
    candidates = tuple(i for i, rung in enumerate(report["rungs"]) if rung["candidate"])
    rule, overlap = report["rule"], report["folds"]["overlap"]
    picker = Picker(losses, held.fold[rows], decides.rooted, rule, overlap, candidates)
    n = losses.shape[1]
    draws = min(max(10_000_000 // n, 40), 400)
    rng = np.random.default_rng([report["seed"], 5])
    outside, picked = [], [0] * len(losses)
    for _ in range(draws):
        times = np.bincount(rng.integers(n, size=n), minlength=n).astype(float)
        best = picker.pick(times)
        picked[best] += 1
        outside.append(picker.error(float(np.mean(losses[best][times == 0])) if (times == 0).any() else 0.0))
    names = [rung["name"] for rung in report["rungs"]]
    chosen = names.index(report["chosen"])
    errors = np.array(report["rungs"][chosen]["errors"])
    degrees = report["rungs"][chosen]["degrees_of_freedom"] or 0.0
    doubt = math.hypot(picker.of_rows(chosen), picker.of_fits(degrees, decides.moved(losses[chosen]), chosen))
    half = NORMAL * max(doubt, picker.of_folds(errors) if report["folds"]["kind"] != "random" else 0.0)
    optimism = math.fsum(outside) / draws - picker.error(math.fsum(losses[chosen]) / n)
    corrected = math.fsum(errors) / len(errors) + optimism
    noise = 10 * decides.noise(held.z[chosen][rows], held.y[rows])  # of the rows, whose spread is the half
    noise = max(noise, held.noise(chosen) if decides.name not in ("r2", "d2") else 0.0)  # those are in no unit of y
    floor = SLACK * half + noise
    pairs = {"draws": draws, "method": METHOD, "level": LEVEL}
    answers = agree("search", "report", {key: (recorded[key], value) for key, value in pairs.items()})
    derived = {
        "optimism": optimism,
        "corrected": corrected,
        "low": max(corrected - half, 0.0),
        "high": corrected + half,
    }
    answers += [reproduced("search", key, recorded[key], value, floor=floor) for key, value in derived.items()]
    width = recorded["high"] - recorded["corrected"]
    answers.append(reproduced("search", "half of the interval", width, half, 1e-6, floor=noise))
    shares = [recorded["picked"].get(name, 0.0) for name in names]
    near = all(abs(share - count / draws) <= 2 * SLACK for share, count in zip(shares, picked, strict=True))
    return answers + agree("search", "picked", {"shares": (near and abs(sum(shares) - 1) < 1e-9, True)})


@dataclass(frozen=True, eq=False)
class Picker:
    """The rule of the ladder, on rows that count so many times: losses (rungs, n), the fold of each row."""

    losses: np.ndarray
    fold: np.ndarray
    rooted: bool
    rule: str
    overlap: float
    candidates: tuple[int, ...]

    @cached_property
    def parts(self) -> list[np.ndarray]:
        """Which rows each fold holds."""
        return [self.fold == j for j in np.unique(self.fold)]

    @cached_property
    def pairs(self) -> list[tuple[int, int]]:
        """The candidates two by two."""
        return [(i, j) for i in self.candidates for j in self.candidates if i < j]

    @cached_property
    def apart(self) -> tuple[np.ndarray, np.ndarray]:
        """The differences of the losses of each pair, and their squares, (pairs, n)."""
        apart = np.array([self.losses[i] - self.losses[j] for i, j in self.pairs]).reshape(
            len(self.pairs), self.losses.shape[1]
        )
        return apart, apart**2

    def error(self, mean: float) -> float:
        """The mean loss, or its root."""
        return math.sqrt(mean) if self.rooted else mean

    def of_folds(self, errors: np.ndarray) -> float:
        """s √(1/k + ρ)."""
        return float(np.std(errors, ddof=1)) * math.sqrt(1 / len(errors) + self.overlap)

    def of_rows(self, i: int) -> float:
        """s / √n of the losses of rung i, in the units of the error."""
        return self._as_error(float(np.std(self.losses[i], ddof=1)) / math.sqrt(len(self.losses[i])), i)

    def of_fits(self, degrees: float, unit: float, i: int) -> float:
        """u √(d / (n (n′ − d))): the pairs of rows of which each has taught the fit that the other is held out of."""
        n = len(self.fold)
        trained = n - n / len(self.parts)
        return self._as_error(unit * math.sqrt(degrees / (n * max(trained - degrees, trained / 2))), i)

    def _as_error(self, deviation: float, i: int) -> float:
        """A deviation of the mean loss of rung i as one of its error."""
        if not self.rooted:
            return deviation
        mean = float(np.mean(self.losses[i]))
        return deviation / (2 * math.sqrt(mean)) if mean > 0 else 0.0

    def pick(self, times: np.ndarray) -> int:
        """The rung that the rule takes from this sample."""
        means = [self.losses[:, part] @ times[part] / max(times[part].sum(), 1.0) for part in self.parts]
        errors = np.sqrt(np.array(means).T) if self.rooted else np.array(means).T
        mean = errors.mean(axis=1)
        if self.rule == "best":
            return min(self.candidates, key=lambda i: mean[i])
        n, k = len(times), len(self.parts)
        apart, squares = self.apart
        variance = squares @ times / n - (apart @ times / n) ** 2
        rows = np.sqrt(np.maximum(variance, 0.0) * (1 + k * self.overlap) / n)
        least = [self._noticed(i, times, float(mean[i])) for i in range(len(mean))]
        bars = {}
        for (i, j), of_rows in zip(self.pairs, rows, strict=True):
            both = float(mean[i] + mean[j])
            of_rows = float(of_rows) if not self.rooted else float(of_rows) / both if both > 0 else 0.0
            doubt = max(of_rows, self.of_folds(errors[i] - errors[j]))
            bars[i, j], bars[j, i] = max(doubt, least[j]), max(doubt, least[i])
        return [i for i in self.candidates if self._unbeaten(i, mean, bars)][0]

    def _noticed(self, i: int, times: np.ndarray, mean: float) -> float:
        """A fifth of s √((1 + kρ)/n) of the losses of rung i in this sample, in the units of its error there."""
        n, k = len(times), len(self.parts)
        square = float(self.losses[i] ** 2 @ times) / n - (float(self.losses[i] @ times) / n) ** 2
        of_rows = 0.2 * math.sqrt(max(square, 0.0) * (1 + k * self.overlap) / n)
        return of_rows if not self.rooted else of_rows / (2 * mean) if mean > 0 else 0.0

    def _unbeaten(self, i: int, mean: np.ndarray, bars: dict[tuple[int, int], float]) -> bool:
        """Whether the candidate that beats rung i by most beyond what counts beats it by no more than that."""
        others = [(float(mean[i] - mean[j]), bars[i, j]) for j in self.candidates if j != i]
        gain, bar = max(others, key=lambda each: each[0] - each[1], default=(0.0, 0.0))
        trifle = 1e-9 * float(mean.max())
        return gain <= max(bar, trifle) and all(mean[i] <= mean[j] + trifle for j in self.candidates if j < i)
