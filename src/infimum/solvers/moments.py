"""M = Σ sᵢ (x̃ᵢ, ỹᵢ, 1)(x̃ᵢ, ỹᵢ, 1)ᵀ, fold by fold: all that least squares ever asks of the rows of a fold.

Moments add up: those of the rows learned from are the total less the fold's, so that k folds cost one pass over the
table, not k. Sums of squares lose digits where the mean is large beside the spread, or where nearly all is taken away
again; x̃ = (x − m) ∘ t is therefore shifted by the mean of all rows and scaled by powers of two, and where digits would
be lost all the same the moments are summed again about a nearer mean.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float

from infimum.certificates.rounding import UNIT
from infimum.models import Params, Rows

BLOCK = 1024  # rows in one matrix product: they stay in the cache while they are shifted and scaled
SAMPLE = 4096  # rows that tell the scale of the columns
KEPT = 4 * 10**7  # numbers in the moments of all folds, up to which they are kept
LEFT = 0.2  # of the total's sums of squares, that must be left after the fold's are taken away
SPREAD = 1e-4  # variance / mean square about the table's mean, below which a training mean is nearer
NOISE = 8 * UNIT  # of the mean: a spread that is rounding alone
TRUSTED = 1e-8  # relative accuracy of a mean square that is taken from moments
Fold = tuple[np.ndarray, np.ndarray]  # indices of the rows learned from, and of those held out


@dataclass(frozen=True)
class Gram:
    """½ bᵀG b − cᵀb + ½ yy = ½ Σ s̃ᵢ (ỹᵢ − x̃ᵢᵀb)² about the means: G (p, p), c (p,), on the rows learned from."""

    G: Float[np.ndarray, "p p"]
    c: Params
    yy: float
    mean: Params  # of (x̃, ỹ), (p + 1,); 0 without an intercept

    @property
    def diagonal(self) -> Params:
        """Gⱼⱼ, (p,)."""
        return np.diag(self.G)

    def block(self, these: np.ndarray, those: np.ndarray) -> Float[np.ndarray, "q r"]:
        """Gⱼₖ, j among these, k among those."""
        return self.G[np.ix_(these, those)]

    def slope(self, b: Params) -> Params:
        """c − G b, (p,)."""
        support = np.flatnonzero(b)
        return np.asarray(self.c - b[support] @ self.G[support] if 2 * len(support) < len(b) else self.c - self.G @ b)


@dataclass(frozen=True)
class Columns:
    """The same with G = T Tᵀ never formed: T (p, n) holds √s̃ᵢ x̃ᵢ about the mean, for many more columns than rows."""

    T: Float[np.ndarray, "p n"]
    t: Rows
    c: Params
    mean: Params

    @property
    def yy(self) -> float:
        """Σ s̃ᵢ ỹᵢ² about the mean."""
        return float(self.t @ self.t)

    @property
    def diagonal(self) -> Params:
        """Gⱼⱼ, (p,)."""
        return np.asarray(np.einsum("ij,ij->i", self.T, self.T))

    def block(self, these: np.ndarray, those: np.ndarray) -> Float[np.ndarray, "q r"]:
        """Gⱼₖ, j among these, k among those."""
        return np.asarray(self.T[these] @ self.T[those].T)

    def slope(self, b: Params) -> Params:
        """c − G b, (p,)."""
        support = np.flatnonzero(b)
        return np.asarray(self.T @ (self.t - b[support] @ self.T[support]))


@dataclass(frozen=True)
class Table:
    """(x̃ᵢ, ỹᵢ, sᵢ) with x̃ = (x − m) ∘ t: X (n, p), y and weight (n,); shift m and scale t (p + 1,), y last.

    t is 0 for a column that is constant to working precision. Without an intercept m = 0. Made by `of`.
    """

    X: Float[np.ndarray, "n p"]
    y: Rows
    weight: Rows
    shift: Params
    scale: Params
    intercept: bool

    @classmethod
    def of(cls, X: np.ndarray, y: Rows, weight: Rows, intercept: bool) -> "Table":
        """Of rows with weights ≥ 0, some > 0.

        >>> Table.of(np.array([[1.0, 7.0], [5.0, 7.0]]), np.array([0.0, 8.0]), np.ones(2), True).scale.tolist()
        [0.5, 0.0, 0.25]
        """
        weight = weight / weight.sum()
        width = X.shape[1] + 1
        shift = np.zeros(width)
        if intercept:
            shift[:-1], shift[-1] = weight @ X, weight @ y
        plain = cls(X, y, weight, shift, np.ones(width), intercept)
        counting = np.flatnonzero(weight)
        spread = plain.spread(counting[:: max(1, len(counting) // SAMPLE)])
        if np.any(spread <= NOISE * np.abs(shift)):  # constant, or all but constant: look at all rows
            spread = plain.spread(counting)
        told = spread > NOISE * np.abs(shift)
        scale = np.where(told, 2.0 ** -np.round(np.log2(np.where(told, spread, 1.0))), 0.0)
        return replace(plain, scale=scale)

    def part(self, rows: slice | np.ndarray) -> Float[np.ndarray, "q p+1"]:
        """(x̃ᵢ, ỹᵢ) of those rows."""
        Z = np.column_stack([self.X[rows], self.y[rows]])
        Z -= self.shift
        Z *= self.scale
        return Z

    def spread(self, rows: np.ndarray) -> Params:
        """√ of the weighted mean squares of (x̃, ỹ) over those rows, (p + 1,)."""
        square = np.zeros(len(self.shift))
        for start in range(0, len(rows), BLOCK):
            index = rows[start : start + BLOCK]
            square += self.weight[index] @ self.part(index) ** 2
        return np.sqrt(square / self.weight[rows].sum())

    def moments(self, rows: np.ndarray) -> Float[np.ndarray, "p+2 p+2"]:
        """Σ sᵢ (x̃ᵢ, ỹᵢ, 1)(x̃ᵢ, ỹᵢ, 1)ᵀ over those rows, (p + 2, p + 2)."""
        width = len(self.shift)
        total = np.zeros((width + 1, width + 1))
        weight = self.weight[rows]
        alike = float(weight[0]) if len(rows) and np.ptp(weight) == 0 else 0.0
        for start in range(0, len(rows), BLOCK):
            index = rows[start : start + BLOCK]
            run = len(index) == index[-1] - index[0] + 1 and bool(np.all(np.diff(index) == 1))
            block: slice | np.ndarray = slice(index[0], index[-1] + 1) if run else index  # a slice is not copied
            Z = np.ones((len(index), width + 1))
            np.subtract(self.X[block], self.shift[:-1], out=Z[:, :-2])
            np.subtract(self.y[block], self.shift[-1], out=Z[:, -2])
            Z[:, :-1] *= self.scale
            if not alike:
                Z *= np.sqrt(weight[start : start + BLOCK, None])
            total += Z.T @ Z
        return total * alike if alike else total

    def about_own_mean(self, rows: np.ndarray) -> Gram:
        """The normal equations of those rows, summed about their own mean."""
        own = self._shifted(rows)
        M = own.moments(rows)
        M[:-1, :-1] /= M[-1, -1]
        constant = np.sqrt(np.diag(M)[:-1]) <= NOISE * np.abs(own.shift) * self.scale
        M[:-1][constant] = M[:, :-1][:, constant] = 0.0
        return Gram(M[:-2, :-2], M[:-2, -2], float(M[-2, -2]), (own.shift - self.shift) * self.scale)

    def columns(self, rows: np.ndarray) -> Columns:
        """The same without the matrix G."""
        own = self._shifted(rows)
        Z = own.part(rows).T * np.sqrt(self.weight[rows] / self.weight[rows].sum())
        constant = np.sqrt(np.einsum("ij,ij->i", Z, Z)) <= NOISE * np.abs(own.shift) * self.scale
        Z[constant] = 0.0
        T = np.ascontiguousarray(Z[:-1])
        return Columns(T, Z[-1], T @ Z[-1], (own.shift - self.shift) * self.scale)

    def _shifted(self, rows: np.ndarray) -> "Table":
        """The same shifted by the mean of those rows."""
        shift = np.zeros(len(self.shift))
        share = self.weight[rows] / self.weight[rows].sum()
        for start in range(0, len(rows) if self.intercept else 0, BLOCK):
            index, part = rows[start : start + BLOCK], share[start : start + BLOCK]
            shift[:-1] += part @ self.X[index]
            shift[-1] += part @ self.y[index]
        return replace(self, shift=shift)

    def normal(self, rows: np.ndarray, M: np.ndarray | None) -> Gram:
        """The normal equations of those rows, from their moments M where no digits are lost by it."""
        if M is None:
            return self.about_own_mean(rows)
        square = M[:-1, :-1] / M[-1, -1]
        mean = M[:-1, -1] / M[-1, -1] if self.intercept else np.zeros(len(M) - 1)
        centred = square - np.outer(mean, mean)
        if np.any(np.diag(centred) < SPREAD * np.diag(square)):
            return self.about_own_mean(rows)
        return Gram(centred[:-1, :-1], centred[:-1, -1], float(centred[-1, -1]), mean)

    def errors(self, rows: np.ndarray, M: np.ndarray | None, B: np.ndarray, constant: np.ndarray) -> np.ndarray:
        """Σ sᵢ (ỹᵢ − x̃ᵢᵀb − b₀)² / Σ sᵢ over those rows for each b of B (K, p) and b₀ of constant (K,), (K,).

        From the moments M where cancellation leaves enough digits of it, else from the rows.
        """
        found = np.full(len(B), np.nan)
        doubtful = np.ones(len(B), dtype=bool)
        if M is not None:
            V = np.column_stack([B, np.full(len(B), -1.0), constant])
            found = np.einsum("kj,kj->k", V @ M, V) / M[-1, -1]
            reach = (np.abs(V) @ np.sqrt(np.diag(M))) ** 2 / M[-1, -1]
            doubtful = 2.0**-46 * reach > TRUSTED * found
        if doubtful.any():
            chosen = np.flatnonzero(np.any(B[doubtful] != 0, axis=0))
            Z = self.part(rows)
            R = Z[:, chosen] @ B[doubtful][:, chosen].T + (constant[doubtful] - Z[:, -1:])
            found[doubtful] = self.weight[rows] @ R**2 / self.weight[rows].sum()
        return found


@dataclass(frozen=True)
class FoldMoments:
    """(M, {Mₖ}): moments of all rows, and of those held out by fold k if few enough to be kept. Made by `of`."""

    table: Table
    folds: list[Fold]
    total: Float[np.ndarray, "p+2 p+2"]
    kept: tuple[np.ndarray, ...]

    @classmethod
    def of(cls, table: Table, folds: list[Fold]) -> "FoldMoments":
        """In one pass over the rows, where each is held out at most once."""
        few = len(folds) * (len(table.shift) + 1) ** 2 <= KEPT
        kept = tuple(table.moments(test) for _, test in folds) if few else ()
        times = np.bincount(np.concatenate([test for _, test in folds]), minlength=len(table.y))
        if few and times.max() <= 1:
            return cls(table, folds, sum(kept, table.moments(np.flatnonzero(times == 0))), kept)
        return cls(table, folds, table.moments(np.arange(len(table.y))), kept)

    def __iter__(self) -> Iterator[tuple[np.ndarray | None, np.ndarray]]:
        """(moments of the rows learned from, of those held out), fold by fold; None where best summed anew."""
        for k, fold in enumerate(self.folds):
            own = self.kept[k] if self.kept else self.table.moments(fold[1])
            learned = self.total - own
            enough = np.all(np.diag(learned) >= LEFT * np.diag(self.total)) and _complementary(fold, len(self.table.y))
            yield learned if enough else None, own


def _complementary(fold: Fold, n: int) -> bool:
    """Whether each of n rows is learned from, once, or held out, once."""
    return bool(np.all(np.bincount(np.concatenate(fold), minlength=n) == 1))
