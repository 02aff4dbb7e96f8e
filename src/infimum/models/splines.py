"""f(x) = β x + Σₖ wₖ φₖ(x), with ∫ f″(t)² dt = Σₖ wₖ²: natural cubic splines in which roughness is a plain ridge.

f″ of a natural cubic spline is piecewise linear between its knots t₁ < … < t_K and 0 outside, f″ = Σⱼ mⱼ hⱼ with hat
functions hⱼ at the knots inside. Then ∫ f″² = mᵀRm with R tridiagonal, R = LLᵀ, and w = Lᵀm are coordinates in which
roughness is ‖w‖² (the aim of Demmler & Reinsch 1975, by a factor that takes a few operations). What is straight in φₖ,
its least-squares line over the rows learned from, is taken out: it is the business of β.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np

MOST_KNOTS = 20
FEWEST_VALUES = 5  # of a feature that is given a curve
MOST_FEATURES = 500  # of all curves together
MOST_OUTPUTS = 2000  # of all curves together, times outputs a row
TAIL = 0.02  # share of rows beyond the outer knots, where a curve goes on straight
CLOSEST = 1e-3  # times the span: knots are no nearer to each other
ROWS = 5000  # that decide the lines


@dataclass(frozen=True)
class Spline:
    """φ(x) = L⁻¹ψ(x) − α − βx (n, K − 2) with ψⱼ″ = hⱼ: curves of one feature of X, straight beyond its knots.

    >>> curve = Spline(0, (-1.0, 0.0, 1.0), ((0.0, 0.0),))
    >>> curve(np.array([-2.0, -1.0, 0.0, 1.0, 2.0])).round(4).ravel().tolist()
    [0.0, 0.0, 0.2041, 1.2247, 2.4495]
    """

    feature: int
    knots: tuple[float, ...]
    lines: tuple[tuple[float, float], ...]

    def __call__(self, x: np.ndarray) -> np.ndarray:
        found = curved(np.asarray(x, dtype=float), self.knots)
        for k, (start, slope) in enumerate(self.lines):
            found[:, k] -= start + slope * x
        return found


def curved(x: np.ndarray, knots: Sequence[float]) -> np.ndarray:
    """L⁻¹ψ(x), (n, K − 2), of x (n,): entry by entry, so that a row alone has the bits it has among others."""
    found = np.empty((len(x), len(knots) - 2), order="F")
    off = 0.0
    last: float | None = None
    for k in range(1, len(knots) - 1):
        left, here, right = knots[k - 1 : k + 2]
        value = double_integral(x, left, here, right)
        if last is not None:
            off = (here - left) / 6 / last
            value = value - off * found[:, k - 2]
        last = math.sqrt((right - left) / 3 - off * off)
        found[:, k - 1] = value / last
    return found


def double_integral(x: np.ndarray, left: float, here: float, right: float) -> np.ndarray:
    """ψ(x) with ψ″ the hat function of the three knots: 0 to their left, cubic between them, a line to their right."""
    straight = (right - left) / 2 * (x - (left + here + right) / 3)
    rise, rest = x - left, right - x
    rising = rise * rise * rise / (6 * (here - left))
    falling = straight + rest * rest * rest / (6 * (right - here))
    return np.where(x <= left, 0.0, np.where(x <= here, rising, np.where(x <= right, falling, straight)))


@dataclass(frozen=True)
class Basis:
    """X (n, P) ↦ [X, φ(x) of each spline, products of each pair] (n, P′).

    A pair (i, j) of features brings xᵢ xⱼ and the curves of each times the other, φₖ(xᵢ) xⱼ and xᵢ φₖ(xⱼ).
    """

    inputs: int
    splines: tuple[Spline, ...]
    pairs: tuple[tuple[int, int], ...] = ()

    def __call__(self, X: np.ndarray) -> np.ndarray:
        curves = {spline.feature: spline(X[:, spline.feature]) for spline in self.splines}
        blocks = [X, *curves.values()]
        for i, j in self.pairs:
            x, other = X[:, i, None], X[:, j, None]
            blocks += [x * other]
            blocks += [curves[i] * other] if i in curves else []
            blocks += [x * curves[j]] if j in curves else []
        return np.ascontiguousarray(np.hstack(blocks))

    @cached_property
    def sizes(self) -> dict[int, int]:
        """{feature: how many curves it has}."""
        return {spline.feature: len(spline.lines) for spline in self.splines}

    @cached_property
    def blocks(self) -> tuple[tuple[str, tuple[int, ...], int], ...]:
        """(kind, features, length) in the order of the P′ features: "line", "curve", "product" or "curved product"."""
        found: list[tuple[str, tuple[int, ...], int]] = [("line", (j,), 1) for j in range(self.inputs)]
        found += [("curve", (feature,), size) for feature, size in self.sizes.items()]
        for i, j in self.pairs:
            found.append(("product", (i, j), 1))
            found += [("curved product", (a, b), self.sizes[a]) for a, b in ((i, j), (j, i)) if a in self.sizes]
        return tuple(found)

    @property
    def features(self) -> int:
        """P′."""
        return sum(size for _, _, size in self.blocks)

    def spread(self, per_kind: Mapping[str, float]) -> np.ndarray:
        """A number a kind of block → a number a feature, (P′,)."""
        return np.concatenate([np.full(size, per_kind[kind]) for kind, _, size in self.blocks] or [np.zeros(0)])

    def names(self, features: Sequence[str]) -> tuple[str, ...]:
        """The P′ features in words, from the names of the P: "hour", "curve 2 of hour", "hour × holiday"."""
        found: list[str] = []
        for kind, at, size in self.blocks:
            of, by = features[at[0]], f" × {features[at[1]]}" if len(at) > 1 else ""
            curve = kind.startswith("curve")
            found += [f"curve {k + 1} of {of}{by}" if curve else f"{of}{by}" for k in range(size)]
        return tuple(found)

    def to_json(self) -> dict[str, Any]:
        """Plain values, floats with every bit."""
        return asdict(self)

    @staticmethod
    def from_json(told: Mapping[str, Any]) -> "Basis":
        """The inverse of `to_json`; ValueError where knots do not increase or a pair has no two features."""
        inputs = int(told["inputs"])
        splines = tuple(
            Spline(
                int(each["feature"]),
                tuple(map(float, each["knots"])),
                tuple((float(a), float(b)) for a, b in each["lines"]),
            )
            for each in told["splines"]
        )
        pairs = tuple((int(i), int(j)) for i, j in told["pairs"])
        steps = [np.diff(spline.knots) for spline in splines]
        rising = all(
            len(step) == len(s.lines) + 1 >= 2 and np.all(step > 0) for s, step in zip(splines, steps, strict=True)
        )
        features = [spline.feature for spline in splines] + [at for pair in pairs for at in pair]
        if not (rising and all(0 <= at < inputs for at in features) and all(i != j for i, j in pairs)):
            raise ValueError("knots of a spline must increase, and a product needs two features of the table")
        return Basis(inputs, splines, pairs)


def fit_basis(X: np.ndarray, numbers: Sequence[int], outputs: int = 1) -> Basis:
    """X (n, P) ↦ [X, φ(x₁), …]: a spline a feature in `numbers` with five values or more; 2 n^⅓ knots, at most 20.

    All curves together have at most 500 features, 2000 over the outputs a row, and a quarter of the rows: with more,
    each has fewer knots; where even one a curve is too many, the first ones have it.

    >>> fit_basis(np.linspace(-1, 1, 1000)[:, None], [0]).sizes
    {0: 18}
    """
    smooth = [j for j in numbers if len(np.unique(X[:, j])) >= FEWEST_VALUES]
    most = max(min(MOST_FEATURES, MOST_OUTPUTS // outputs, len(X) // 4), 1)
    smooth = smooth[:most]
    inside = min(MOST_KNOTS, max(5, round(2 * len(X) ** (1 / 3)))) - 2
    inside = max(1, min(inside, most // max(len(smooth), 1)))
    found = [(j, knots_of(X[:, j], inside + 2)) for j in smooth]
    return Basis(X.shape[1], tuple(Spline(j, knots, lines_of(X[:, j], knots)) for j, knots in found if len(knots) > 2))


def knots_of(x: np.ndarray, count: int) -> tuple[float, ...]:
    """t₁ < … < t_K among the values of x, K ≤ count: at even shares of the rows, or of the values if they repeat."""
    for values in (np.sort(x), np.unique(x)):
        at = np.round((TAIL + (1 - 2 * TAIL) * np.arange(count) / (count - 1)) * (len(values) - 1)).astype(int)
        found = np.unique(values[at])
        least, kept = CLOSEST * float(found[-1] - found[0]), [float(found[0])]
        for knot in found[1:]:
            if knot - kept[-1] > least:
                kept.append(float(knot))
        if 2 * len(kept) > count:
            break
    return tuple(kept)


def lines_of(x: np.ndarray, knots: Sequence[float]) -> tuple[tuple[float, float], ...]:
    """(α, β) of the least-squares line through each column of L⁻¹ψ(x), of 5000 rows at most, sums correctly rounded."""
    x = x[:: -(-len(x) // ROWS)]
    n, mean = len(x), math.fsum(x.tolist()) / len(x)
    away = x - mean
    spread = math.fsum((away * away).tolist())
    found = []
    for column in curved(x, knots).T:
        slope = math.fsum((away * column).tolist()) / spread if spread > 0 else 0.0
        found.append((math.fsum(column.tolist()) / n - slope * mean, slope))
    return tuple(found)
