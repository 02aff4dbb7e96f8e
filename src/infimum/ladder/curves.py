"""f_j(x) = β_j x + Σₖ w_jk φ_jk(x): the curves of an additive model in the columns' own units, and how sure they are.

The error of a curve at a point is √(σ² φᵀH⁻¹φ / n) of the posterior whose prior the penalty is (Wahba 1983; Nychka
1988): over the points of a curve, intervals of twice that cover about as often as they say, smoothing bias included.
"""

import math
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from infimum.certificates.metric import Metric
from infimum.ladder.fit import Fit, Sample

POINTS = 33  # at which a curve is written down, between its outer knots


@dataclass(frozen=True, eq=False)
class Curve:
    """One feature's curve: the points in own units, and the rows of A (points, P′) whose product with ŵ it is."""

    column: str
    at: np.ndarray
    rows: np.ndarray


@dataclass(frozen=True, eq=False)
class Drawn:
    """The curves and products of a fit, ready to be told of any output or sum of outputs; none of a linear model.

    `covariances` are those, over the rows, of the features of each part, by which its size is known;
    `root` is W with H⁻¹ ⪯ WᵀW, `scale` √(σ²/n).
    """

    features: tuple[int, ...]
    curves: tuple[Curve, ...]
    products: tuple[tuple[str, str], ...]
    blocks: tuple[np.ndarray, ...]  # which of the P′ features each curve, then each product, is made of
    covariances: tuple[np.ndarray, ...]
    W: np.ndarray  # (P′ + 1, m)
    root: np.ndarray | None
    scale: float

    @classmethod
    def of(cls, fit: Fit, sample: Sample, metric: Metric | None) -> Self:
        """Of a fit to a sample, with what is known of its Hessian."""
        m, basis, encoder, X = sample.loss.outputs, fit.basis, sample.encoder, sample.X
        W = fit.params.reshape(-1, m)
        if basis is None:
            return cls((), (), (), (), (), W, None, 0.0)
        features, codes = tuple(basis.sizes), encoder.numbers
        B = basis(X)
        curves, blocks = [], []
        owners = [at for _, at, size in basis.blocks for _ in range(size)]
        alone = [len(at) == 1 for at in owners]
        for spline in basis.splines:
            x = np.linspace(spline.knots[0], spline.knots[-1], POINTS)
            mine = np.flatnonzero([one and at[0] == spline.feature for one, at in zip(alone, owners, strict=True)])
            rows = np.zeros((POINTS, basis.features))
            rows[:, mine] = np.column_stack([x, spline(x)])
            code = codes[spline.feature]
            curves.append(Curve(code.name, code.mean + code.scale * x, rows))
            blocks.append(mine)
        for pair in basis.pairs:
            both = {pair, pair[::-1]}
            blocks.append(np.flatnonzero([at in both for at in owners]))
        named = tuple((encoder.names[i], encoder.names[j]) for i, j in basis.pairs)
        covariances = tuple(np.atleast_2d(np.cov(B[:, mine], rowvar=False, bias=True)) for mine in blocks)
        root = None if metric is None else metric.W
        scale = math.sqrt(dispersion(fit, sample, root) / len(X)) if root is not None else 0.0
        return cls(features, tuple(curves), named, tuple(blocks), covariances, W, root, scale)

    def told(self, to: np.ndarray) -> dict[str, Any]:
        """{"curves", "products"} of the sum `to` (m,) of the outputs, the largest first; {} of a linear model."""
        if not self.blocks:
            return {}
        w = self.W[:-1] @ to
        sizes = [
            math.sqrt(max(float(w[b] @ C @ w[b]), 0.0)) for b, C in zip(self.blocks, self.covariances, strict=True)
        ]
        root = None if self.root is None else (self.root.reshape(len(self.root), -1, len(to)) @ to)[:, :-1]
        curves = [
            {
                "column": curve.column,
                "at": curve.at.tolist(),
                "effect": (curve.rows @ w).tolist(),
                "error": None if root is None else (self.scale * np.linalg.norm(root @ curve.rows.T, axis=0)).tolist(),
                "size": size,
            }
            for curve, size in zip(self.curves, sizes, strict=False)
        ]
        products = [
            {"of": list(pair), "size": size} for pair, size in zip(self.products, sizes[len(curves) :], strict=True)
        ]
        return {
            key: sorted(rows, key=lambda row: -row["size"])
            for key, rows in (("curves", curves), ("products", products))
        }


def dispersion(fit: Fit, sample: Sample, root: np.ndarray) -> float:
    """σ² = Σ (y − z)² / (n − degrees of freedom) of the squared loss, 1 of a loss that knows its own."""
    if sample.loss.dispersion is not None:
        return sample.loss.dispersion
    X, n, residual = sample.X, len(sample.X), sample.y - fit.predict(sample.X)
    strengths = fit.penalty.sparing(fit.model(X).layout.free).l2
    freedom = len(fit.params) - float(strengths @ (root**2).sum(axis=0))
    return math.fsum(residual**2) / max(n - freedom, 1.0)
