"""α_{t+1} = α_t + γ (α − missed_t): intervals in time order, whose level follows the misses and assumes no law.

Rows in time are not exchangeable, and a split-conformal interval promises nothing there. Adaptive conformal inference
(Gibbs & Candès 2021) widens after a miss and narrows after a hit, so that the share of misses goes to α for every
sequence, an adversary's too. How fast to move, γ, is itself learned by weighting several (Gibbs & Candès 2024,
"Conformal inference for online prediction with arbitrary distribution shifts": DtACI).
"""

import math
from bisect import bisect_left, insort
from dataclasses import dataclass

import numpy as np

# The paper goes on to 0.128, where one miss in ten makes α_t negative and the interval infinite.
RATES = (0.001, 0.002, 0.004, 0.008, 0.016, 0.032)


@dataclass(frozen=True, eq=False)
class AdaptivePath:
    """(q_t, α_t, s_t ≤ q_t) for t = 1 … T, each (T,): the quantile, the share of misses asked for, whether covered.

    q_t is +∞ where α_t is too small for the rows known by then, and −∞ (nothing is covered) where α_t ≥ 1.
    """

    quantile: np.ndarray
    alpha: np.ndarray
    covered: np.ndarray


def adaptive_conformal(
    past: np.ndarray,
    score: np.ndarray,
    level: float = 0.9,
    rates: tuple[float, ...] = RATES,
    window: int | None = None,
    span: int = 500,
) -> AdaptivePath:
    """q_t = the (1 − α_t)-quantile of the scores before t, α_t = Σᵢ pᵢ α_tⁱ, α_{t+1}ⁱ = α_tⁱ + γᵢ (α − 1[s_t > q_tⁱ]).

    past (m,) are scores of calibration rows before the first, score (T,) those of the rows in time order, such as
    |y_t − f(x_t)|; q_t uses only what is before t, of which the last `window` (None: all). One rate is the method of
    Gibbs & Candès (2021): |share missed − α| ≤ (max(α, 1 − α) + γ) / (γ T) for every sequence. Several are DtACI: the
    weights pᵢ ∝ exp(−η Σ pinball loss of α_tⁱ), mixed evenly with a share 1/(2 span), where `span` is the number of
    rows over which the best rate may change; the share missed is then close to α, without a bound for every sequence.

    Raises ValueError unless 0 < level < 1, every rate > 0, window ≥ 1 or None, span ≥ 1, and scores are numbers.

    >>> path = adaptive_conformal(np.arange(1.0, 20.0), np.array([30.0, 40.0, 40.0]), 0.9, rates=(0.2,))
    >>> path.quantile.tolist(), path.covered.tolist()
    ([18.0, inf, inf], [False, True, True])
    """
    alpha, weights = _checked(past, score, level, (rates, window, span))
    gamma, experts = np.array(rates, dtype=float), np.full(len(rates), alpha)
    share = 1 / (2 * span)
    mean_square = (level**2 * alpha**3 + alpha**2 * level**3) / 3  # of the pinball loss, for s_t like those before
    eta = math.sqrt((math.log(len(rates) * span) + 2) / (span * mean_square))
    recent = [float(each) for each in past][-(window or len(past)) or None :]
    known, quantile, asked = sorted(recent), np.empty(len(score)), np.empty(len(score))
    for t, now in enumerate(score.tolist()):
        asked[t] = weights @ experts
        quantile[t] = _quantile(known, asked[t])
        # the largest level at which the row is still covered: (1 + #{past ≥ s_t}) / (m + 1)
        beta = (1 + len(known) - bisect_left(known, now)) / (len(known) + 1)
        pinball = alpha * (beta - experts) - np.minimum(beta - experts, 0)
        grown = weights * np.exp(-eta * pinball)
        weights = (1 - share) * grown / grown.sum() + share / len(gamma)
        experts = experts + gamma * (alpha - (_missed(known, experts, now)))
        recent.append(now)
        insort(known, now)
        if window and len(known) > window:
            known.pop(bisect_left(known, recent[-window - 1]))
    return AdaptivePath(quantile, asked, score <= quantile)


def _missed(known: list[float], experts: np.ndarray, now: float) -> np.ndarray:
    return np.array([now > _quantile(known, each) for each in experts.tolist()], dtype=float)


def _quantile(known: list[float], alpha: float) -> float:
    """The ⌈(1 − α)(m + 1)⌉-th smallest of m scores in ascending order: +∞ beyond the last, −∞ before the first."""
    place = math.ceil((1 - alpha) * (len(known) + 1) - 1e-9)
    if place > len(known):
        return math.inf
    return known[place - 1] if place >= 1 else -math.inf


def _checked(
    past: np.ndarray, score: np.ndarray, level: float, how: tuple[tuple[float, ...], int | None, int]
) -> tuple[float, np.ndarray]:
    rates, window, span = how
    if not 0 < level < 1:
        raise ValueError(f"level = {level!r}; expected a number between 0 and 1, such as 0.9")
    if not rates or min(rates) <= 0:
        raise ValueError(f"rates = {rates!r}; expected one rate or more, each > 0, such as (0.005,)")
    if span < 1 or (window is not None and window < 1):
        raise ValueError(f"window = {window!r}, span = {span!r}; expected at least 1 row each")
    if np.ndim(past) != 1 or np.ndim(score) != 1 or np.isnan(past).any() or np.isnan(score).any():
        raise ValueError("past and score have to be numbers, (m,) and (T,); some are missing or of another shape")
    return 1 - level, np.full(len(rates), 1 / len(rates))
