"""err(λ, k) = Σ sᵢ (yᵢ − xᵢᵀb_k(λ) − b₀)² / Σ sᵢ over the rows that fold k holds out: a path a fold, from moments."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from infimum.models import Params
from infimum.penalties.elastic_net import ElasticNet
from infimum.solvers.moments import Columns, Fold, FoldMoments, Gram, Table
from infimum.solvers.path import measured_gap, path

NARROW, TALL = 2000, 4000  # columns up to which G is formed: always, and where there are twice as many rows


@dataclass(frozen=True)
class Blend:
    """Ω(b) = α (l1_ratio ‖b‖₁ + ½ (1 − l1_ratio) ‖b‖²), b ≥ 0 where positive: one penalty for each α, largest first."""

    l1_ratio: float
    alphas: Float[np.ndarray, " K"]
    positive: bool = False

    def strengths(self, table: Table) -> list[ElasticNet]:
        """The penalties of the table's scaled problem: b̃ⱼ = bⱼ t_y / tⱼ, F̃ = t_y² F."""
        units, own = table.scale[:-1], float(table.scale[-1])
        lower = np.full(len(units), 0.0 if self.positive else -np.inf)
        ratio = self.l1_ratio
        with np.errstate(over="ignore"):  # a strength beyond all numbers holds its entry at 0, as the largest does
            l1 = [np.minimum(a * ratio * units * own, np.finfo(float).max) for a in self.alphas]
            l2 = [np.minimum(a * (1 - ratio) * units**2, np.finfo(float).max) for a in self.alphas]
        return [ElasticNet(one, two, lower) for one, two in zip(l1, l2, strict=True)]


@dataclass(frozen=True)
class FoldPaths:
    """(err, b̃, lacking): errors (R, K, k) of R blends, K alphas, k folds; b̃ (R, K, p) is the mean over the folds.

    lacking is what the worst slope of all paths lacks, as a share of |xⱼ| |y|.
    """

    errors: Float[np.ndarray, "R K k"]
    start: Float[np.ndarray, "R K p"]
    lacking: float


@dataclass(frozen=True)
class Folds:
    """(table, folds, moments, the normal equations of all rows): what is computed once for all paths. Made by `of`.

    There are no moments for many more columns than rows.
    """

    table: Table
    folds: list[Fold]
    moments: FoldMoments | None
    whole: Gram | Columns

    @classmethod
    def of(cls, table: Table, folds: list[Fold]) -> "Folds":
        """Of folds (rows learned from, rows held out)."""
        if not forms_gram(table):
            return cls(table, folds, None, normal_of(table))
        moments = FoldMoments.of(table, folds)
        return cls(table, folds, moments, table.normal(np.arange(len(table.y)), moments.total))

    def __iter__(self) -> Iterator[tuple[Fold, np.ndarray | None, np.ndarray | None]]:
        """(fold, moments of the rows learned from, of those held out); None where they are not known."""
        known = ((None, None) for _ in self.folds) if self.moments is None else iter(self.moments)
        for fold, (learned, own) in zip(self.folds, known, strict=True):
            yield fold, learned, own


def fold_paths(folds: Folds, blends: Sequence[Blend]) -> FoldPaths:
    """err(λ, k) of all blends on all folds, in squared units of y.

    >>> X, y = np.array([[0.0], [1.0], [2.0], [3.0]]), np.array([0.0, 1.0, 2.0, 3.0])
    >>> parts = [(np.array([0, 1, 2]), np.array([3])), (np.array([1, 2, 3]), np.array([0]))]
    >>> folds = Folds.of(Table.of(X, y, np.ones(4), True), parts)
    >>> fold_paths(folds, [Blend(1.0, np.array([9.0, 0.0]))]).errors[0].round(12)
    array([[4., 4.],
           [0., 0.]])
    """
    table = folds.table
    count, width = len(blends[0].alphas), len(table.scale) - 1
    errors = np.empty((len(blends), count, len(folds.folds)))
    start, worst = np.zeros((len(blends), count, width)), 0.0
    told = float(table.scale[-1]) or 1.0
    for k, ((train, test), learned, own) in enumerate(folds):
        normal = table.columns(train) if folds.moments is None else table.normal(train, learned)
        for r, blend in enumerate(blends):
            B, lacking = path(normal, blend.strengths(table))
            constant = normal.mean[-1] - B @ normal.mean[:-1]
            errors[r, :, k] = table.errors(test, own, B, constant) / told**2
            start[r] += B / len(folds.folds)
            worst = max(worst, float(lacking.max()))
    return FoldPaths(errors, start, worst)


@dataclass(frozen=True)
class WholePath:
    """b (K, p), b₀ (K,) of each α in the units of X and y; gaps (K,), measured, and what the worst slope lacks."""

    coefs: Float[np.ndarray, "K p"]
    intercepts: Float[np.ndarray, " K"]
    gaps: Float[np.ndarray, " K"]
    lacking: float


def whole_path(table: Table, normal: Gram | Columns, blend: Blend, start: Params | None = None) -> WholePath:
    """b(α) for all rows, of which these are the normal equations, begun at `start` in the table's units, if given."""
    strengths = blend.strengths(table)
    B, lacking = path(normal, strengths, start)
    told = float(table.scale[-1]) or 1.0
    coefs = B * table.scale[:-1] / told
    mean = table.shift + np.divide(normal.mean, table.scale, where=table.scale > 0, out=np.zeros(len(table.scale)))
    constant = mean[-1] - coefs @ mean[:-1] if table.intercept else np.zeros(len(B))
    gaps = [measured_gap(normal, penalty, b) / told**2 for penalty, b in zip(strengths, B, strict=True)]
    return WholePath(coefs, constant, np.array(gaps), float(lacking.max(initial=0.0)))


def normal_of(table: Table) -> Gram | Columns:
    """(G, c): the normal equations of all rows."""
    every = np.arange(len(table.y))
    return table.normal(every, table.moments(every)) if forms_gram(table) else table.columns(every)


def forms_gram(table: Table) -> bool:
    """p ≤ 2000, or p ≤ 4000 and n ≥ 2p: whether G (p, p) is worth forming."""
    n, p = table.X.shape
    return p <= NARROW or (p <= TALL and n >= 2 * p)


def largest_alpha(table: Table, normal: Gram | Columns, l1_ratio: float, positive: bool) -> float:
    """α from which on b = 0: maxⱼ |Σ s̃ᵢ xᵢⱼ yᵢ| / l1_ratio about the means (max of the sums themselves where b ≥ 0)."""
    units = table.scale[:-1] * table.scale[-1]
    slopes = np.divide(normal.c, units, where=units > 0, out=np.zeros(len(units)))
    return max(float((slopes if positive else np.abs(slopes)).max(initial=0.0)), 0.0) / l1_ratio
