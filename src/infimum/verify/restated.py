"""(A, z, u, s, H⁻¹) at w, from the data and the parameters alone: what the checks are made of."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from infimum.losses import Loss
from infimum.models import Model
from infimum.penalties.elastic_net import ElasticNet
from infimum.verify.arithmetic import TINY, UNIT, column_sums, exact_products, exact_sums, row_sums, weighted
from infimum.verify.rationals import exact_root

LOSS_ERROR = 12 * UNIT  # relative error allowed to ℓ′ and to its product with a weight
TOGETHER = 1024  # rows of a product that are summed at once
FEW, SMALL = 32, 2e5  # columns, and n p², of a problem that is done in rationals where float64 does not suffice
SOLVERS_DOUBT = 0.02  # what a solver may leave in doubt
MOST_DOUBT = 0.05  # ‖W H Wᵀ − I‖ above this: H was not shown to be positive definite


@dataclass(frozen=True, eq=False)
class Restated:
    """F(w) = Σ s̃ᵢ ℓ(fᵢ(w), yᵢ) + Ω(w) at one w, in the checker's own arithmetic; penalty strengths one an entry."""

    model: Model
    loss: Loss
    penalty: ElasticNet
    y: np.ndarray
    weight: np.ndarray
    w: np.ndarray
    kept: np.ndarray | None = None  # columns left when exactly dependent ones are taken out

    @cached_property
    def A(self) -> np.ndarray:
        """J = [X 1], (n, p), columns `kept` only."""
        A = np.ascontiguousarray(self.model.jacobian(self.w))
        return A if self.kept is None else np.ascontiguousarray(A[:, self.kept])

    @property
    def lost(self) -> np.ndarray | None:
        """What J lost to rounding, where the model knows it, (n, p), columns `kept` only."""
        return self.model.lost if self.kept is None or self.model.lost is None else self.model.lost[:, self.kept]

    @cached_property
    def _prediction(self) -> tuple[np.ndarray, np.ndarray]:
        high = self.model(self.w)
        low = np.zeros(high.shape)
        if self.model.affine:
            high, low = row_sums(self.model.jacobian(self.w), self._rowwise(self.w))
            if self.model.lost is not None:
                high, low = exact_sums(high, low + self.model.lost @ self.w)
        high[self.weight == 0] = low[self.weight == 0] = 0.0  # they count for nothing, even where ℓ would overflow
        return high, low

    @cached_property
    def z(self) -> np.ndarray:
        """f(w), (n,) or (n, m)."""
        return self._prediction[0]

    @cached_property
    def u(self) -> np.ndarray:
        """s̃ ℓ′(z), as z."""
        slope = self.loss.gradient(self.z, self.y)
        return weighted(self.weight, slope + self.loss.curvature(self.z, self.y, self._prediction[1]))

    def _rowwise(self, w: np.ndarray) -> np.ndarray:
        """w as a matrix (P, m) where a row has m > 1 outputs."""
        return w if self.loss.outputs == 1 else w.reshape(-1, self.loss.outputs)

    @cached_property
    def parts(self) -> tuple[np.ndarray, ...]:
        """(l1, l2, lower, upper), each (p,), of the columns kept."""
        whole = (self.penalty.l1, self.penalty.l2, self.penalty.lower, self.penalty.upper)
        spread = tuple(np.broadcast_to(np.asarray(part, dtype=float), self.w.shape) for part in whole)
        return spread if self.kept is None else tuple(part[self.kept] for part in spread)

    @cached_property
    def gradient(self) -> tuple[np.ndarray, np.ndarray]:
        """(g, allowance): ∇f, (p,), and what rounding may have done to it."""
        g = column_sums(self.A, self.u, self.u_lost)
        g = g if self.lost is None else g + self.lost.T @ self.u
        size = np.abs(self.A).T
        sums = (size @ (self.u_doubt if self.u_lost is None else self._lost_doubt)).ravel() + 2 * UNIT * np.abs(g)
        return g, sums + 2 * ((len(self.y) + 2) * UNIT) ** 2 * (size @ np.abs(self.u)).ravel() + TINY

    @cached_property
    def slope(self) -> tuple[np.ndarray, np.ndarray]:
        """(s, allowance): the smallest element of ∇f + ∂Ω, (p,), and what rounding may have done to it."""
        w = self.w if self.kept is None else self.w[self.kept]
        l1, l2, lower, upper = self.parts
        g, doubt = self.gradient
        s = ElasticNet(l1, l2, lower, upper).residual(w, g)
        return s, doubt + 4 * UNIT * (np.abs(g) + l2 * np.abs(w) + l1)

    @cached_property
    def z_doubt(self) -> np.ndarray:
        """What rounding may have done to the two parts of z together, and within the loss, as z."""
        if not self.model.affine:
            return UNIT * np.abs(self.z)
        W = np.abs(self._rowwise(self.w))
        sums = 2 * ((len(W) + 2) * UNIT) ** 2 * (np.abs(self.model.jacobian(self.w)) @ W)
        doubt = np.asarray(sums + UNIT**2 * np.abs(self.z) + self.loss.rounding(self.z) + TINY)
        doubt[self.weight == 0] = 0.0
        return doubt

    @cached_property
    def u_doubt(self) -> np.ndarray:
        """What rounding may have done to s̃ ℓ′(z), as z."""
        lost = np.abs(self._prediction[1])
        second = weighted(self.loss.drift(lost), lost)
        moved = self.loss.shift(self.z, self.y, self.z_doubt + second)
        terms = self.loss.gradient_terms(self.z, self.y)
        return weighted(self.weight, moved + (self.loss.roundings + 4) * UNIT * terms) + TINY

    @cached_property
    def u_lost(self) -> np.ndarray | None:
        """s̃ (z − y) − u of the squared loss, in which only sums and products are rounded; None of another."""
        if self.loss.name != "squared":
            return None
        high, low = self._prediction
        slope, first = exact_sums(high, -self.y)
        slope, second = exact_sums(slope, low)
        return exact_products(self.weight, slope)[1] + self.weight * (first + second)

    @property
    def _lost_doubt(self) -> np.ndarray:
        """What rounding may have done to u + u_lost."""
        high, low = self._prediction
        slope, counting = np.abs(high - self.y + low), self.weight[self.weight > 0]
        weighing = 2 * UNIT * slope if np.ptp(counting) else 0.0  # of s / Σ s
        return self.weight * (self.z_doubt + 8 * UNIT**2 * (slope + np.abs(low)) + weighing) + TINY

    @cached_property
    def value(self) -> float:
        """F(w)."""
        return math.fsum(self.weight * self.loss.value(self.z, self.y)) + self.penalty.value(self.w)

    @cached_property
    def noise(self) -> float:
        """How much two honest evaluations of F may differ: a few roundings of the squares of y and z (or of z, eᶻ)."""
        reach = np.abs(self.z) + self.z_doubt
        counts = self.loss.gradient_terms(self.z, self.y) * self.loss.argument_terms(self.z, self.y)
        if reach.ndim > 1:
            reach, counts = reach.sum(axis=1), counts.sum(axis=1)
        size = reach + np.abs(self.y)
        return 64 * UNIT * float(self.weight @ (counts + (size**2 if self.loss.task == "regression" else size)))

    def inverse_root(self, bend: np.ndarray, ridge: np.ndarray) -> tuple[np.ndarray, float] | None:
        """(W, a): H⁻¹ ⪯ WᵀW/(1 − a) for H = Aᵀ diag(bend) A + diag(ridge); None where not shown.

        As float64 has it; in rational numbers where that does not suffice, of a small problem of one output a row: then
        a is not less than a solver's may have been, whose factor float64 just sufficed for.
        """
        found = self.rounded_root(bend, ridge)
        small = bend.ndim == 1 and self._small and np.isfinite(self.A).all() and np.isfinite(bend).all()
        exact = exact_root((self.A, self.lost), bend, ridge) if found is None and small else None
        return found if exact is None else (exact[0], max(exact[1], SOLVERS_DOUBT))

    @property
    def _small(self) -> bool:
        p = self.A.shape[1]
        return 0 < p <= FEW and len(self.A) * p**2 <= SMALL

    @cached_property
    def sharp_metric(self) -> tuple[np.ndarray, float] | None:
        """(W, a) by rational numbers, of a small problem of least squares; None of another."""
        usable = self.loss.name == "squared" and self._small and np.isfinite(self.A).all()
        return exact_root((self.A, self.lost), self.weight, self.parts[1]) if usable else None

    def rounded_root(self, bend: np.ndarray, ridge: np.ndarray) -> tuple[np.ndarray, float] | None:
        """The same in float64, by the better of two roots; None where H is too nearly singular for that."""
        H = self.hessian(bend) + np.diag(ridge)
        diagonal = np.diag(H)
        if not len(H):
            return np.zeros((0, 0)), 0.0
        if not (np.all(np.isfinite(H)) and np.all(diagonal > 1e-250)):
            return None
        scale = 1 / np.sqrt(diagonal)
        scaled = H * scale * scale[:, None]
        n, p = len(self.A), len(H)
        roundings = min(n, TOGETHER) + n // TOGETHER + 3 * p + 24
        found = [(W, lack(W, scaled, roundings)) for W in roots(scaled)]
        W, a = min(found, key=lambda each: each[1], default=(scaled, math.inf))
        return (W * scale, a) if a <= MOST_DOUBT else None

    def hessian(self, bend: np.ndarray) -> np.ndarray:
        """Aᵀ diag(bend) A; of (m, m) bends a row, its block a, b at every m-th row and column from a and b."""
        if bend.ndim == 1:
            total = np.zeros((self.A.shape[1], self.A.shape[1]))
            for start in range(0, len(self.A), TOGETHER):  # sums of sums: fewer roundings on the way to each entry
                rows = self.A[start : start + TOGETHER]
                total += (rows * bend[start : start + TOGETHER, None]).T @ rows
            return total
        m, P = bend.shape[1], self.A.shape[1]
        H = np.zeros((P * m, P * m))
        for a in range(m):
            for b in range(m):
                H[a::m, b::m] = (self.A * bend[:, a, b, None]).T @ self.A
        return H

    @cached_property
    def metric(self) -> tuple[np.ndarray, float] | None:
        """(W, a) of the Hessian of F at w, ridge included."""
        return self.inverse_root(weighted(self.weight, self.loss.bend(self.z, self.y)), self.parts[1])

    def without(self, dropped: np.ndarray) -> "Restated":
        """The same problem on fewer columns: for columns shown to depend exactly on others, unpenalised."""
        return replace(self, kept=~dropped)


def roots(H: np.ndarray) -> Iterator[np.ndarray]:
    """W with W H Wᵀ ≈ I, H of diagonal 1: by eigenvectors, and by a Cholesky factor, whose zeros let less go astray."""
    eigenvalues, V = np.linalg.eigh(H)
    if len(H) and eigenvalues[0] > 0:
        yield V.T / np.sqrt(eigenvalues)[:, None]
    try:
        yield np.linalg.inv(np.linalg.cholesky(H))
    except np.linalg.LinAlgError:
        return


def lack(W: np.ndarray, H: np.ndarray, roundings: int) -> float:
    """a ≥ ‖W H Wᵀ − I‖, for an H of diagonal 1 whose entries were rounded so many times."""
    reach = np.abs(W).sum(axis=1)
    doubt = roundings * UNIT * float(reach @ reach) + LOSS_ERROR
    return float(np.abs(W @ H @ W.T - np.eye(len(H))).sum(axis=1).max()) + doubt
