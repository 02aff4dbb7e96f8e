"""ℓ(z, y) = log(1 + eᶻ) − y z: a Bernoulli target with log-odds z."""

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from infimum.losses import Array, Loss, Pass, Units, namespace


@dataclass(frozen=True)
class Logistic(Loss):
    """ℓ(z, y) = log(1 + eᶻ) − y z, y in [0, 1].

    Minus the log-likelihood of y ~ Bernoulli(σ(z)), σ(z) = 1/(1 + e⁻ᶻ) (Cox 1958). Written as (1 − y) log(1 + eᶻ) +
    y log(1 + e⁻ᶻ), so that nothing cancels in the tails; `logaddexp` keeps the derivative right at z = 0 exactly,
    where networks start.

    >>> import numpy as np
    >>> Logistic().gradient(np.array([0.0, 800.0]), np.array([1.0, 1.0]))
    array([-0.5, -0. ])
    """

    name: ClassVar[str] = "logistic"
    task: ClassVar[str] = "classification"
    smooth: ClassVar[bool] = True
    convex: ClassVar[bool] = True
    self_concordance: ClassVar[float] = 1.0
    curvature_bound: ClassVar[float] = 0.25
    dispersion: ClassVar[float | None] = 1.0
    domain: ClassVar[str] = "numbers from 0 to 1"
    interval: ClassVar[tuple[float, float]] = (0.0, 1.0)

    def value(self, z: Array, y: Array) -> Array:
        xp = namespace(z)
        zero = xp.zeros_like(z)
        return (1 - y) * xp.logaddexp(zero, z) + y * xp.logaddexp(zero, -z)

    def argument_terms(self, z: Array, y: Array) -> Array:
        return 0.0 * z

    def shares(self, y: Array, smoothing: float = 0.0) -> Array:
        return (1 - smoothing) * y + smoothing / 2

    def gradient(self, z: Array, y: Array) -> Array:
        return (1 - y) * self.mean(z) - y * self.mean(-z)

    def gradient_terms(self, z: Array, y: Array) -> Array:
        return (1 - y) * self.mean(z) + y * self.mean(-z)

    def curvature(self, z: Array, y: Array, v: Array) -> Array:
        return self.mean(z) * self.mean(-z) * v

    def jet(self, z: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        from infimum.kernels.logistic import logistic_jet

        value, slope, bend = logistic_jet(z, y)
        return value, slope, bend

    def over(self, A: np.ndarray, w: np.ndarray, z0: np.ndarray, y: np.ndarray, s: np.ndarray) -> Pass:
        from infimum.kernels.bordered import written
        from infimum.kernels.logistic import logistic_pass
        from infimum.kernels.parts import over_rows

        X = written(A)
        found = over_rows(lambda a, b: logistic_pass(X[a:b], w, z0[a:b], y[a:b], s[a:b]), *A.shape)
        values, slopes, bends = zip(*found, strict=True)
        return sum(values), np.asarray(sum(slopes)), np.concatenate(bends)

    def rows_at(
        self, predicted: tuple[np.ndarray, np.ndarray, np.ndarray], data: tuple[np.ndarray, np.ndarray], units: Units
    ) -> tuple[np.ndarray, float] | None:
        from infimum.kernels.logistic import logistic_rows

        found, drift = logistic_rows(predicted, np.exp(-np.abs(predicted[0])), *data, units)
        return found, float(drift)

    def terms(self, z: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        p, q = self.mean(z), self.mean(-z)
        return (1 - y) * p - y * q, p * q * np.ones(z.shape), (1 - y) * p + y * q

    def values(self, z: np.ndarray, y: np.ndarray) -> np.ndarray:
        return self.jet(z, y)[0]

    def null(self, y: Array, weight: Array) -> float:
        """The entropy of the shares of both targets: ℓ(c, y) is linear in y."""
        ones, zeros = float(weight @ y), float(weight @ (1 - y))
        if not (ones > 0 and zeros > 0):
            return 0.0
        return -(ones * math.log(ones / (ones + zeros)) + zeros * math.log(zeros / (ones + zeros)))

    def conjugate(self, u: Array, y: Array) -> Array:
        xp = namespace(u)
        p = u + y  # the probability this dual point stands for
        inside = (p >= 0) & (p <= 1)
        p = xp.where(inside, p, xp.full_like(p, 0.5))
        below_1 = xp.where(p < 1, p, xp.zeros_like(p))  # log1p keeps what 1 − p would round away
        return xp.where(inside, _p_log_p(p) + (1 - p) * xp.log1p(-below_1), xp.full_like(p, math.inf))

    def conjugate_slope(self, u: Array, y: Array) -> Array:
        return abs(u) + abs(y) + 40.0

    def mean(self, z: Array) -> Array:
        xp = namespace(z)
        e = xp.exp(xp.where(z >= 0, -z, z))  # not −|z|, whose automatic derivative is 0 at 0
        return xp.where(z >= 0, xp.ones_like(e), e) / (1 + e)

    def constant(self, mean: float) -> float:
        if mean <= 0 or mean >= 1:
            return math.copysign(math.inf, mean - 0.5)
        return math.log(mean) - math.log1p(-mean)


def _p_log_p(p: Array) -> Array:
    xp = namespace(p)
    safe = xp.where(p > 0, p, xp.ones_like(p))  # 0 log 0 = 0, and no log of 0 in the branch not taken
    return p * xp.log(safe)
