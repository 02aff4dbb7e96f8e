"""(l2, ρ, κ)̂ = argmin of the leave-one-out loss: strengths of the lines' ridge, of the curves' roughness, of products.

The loss of each row under the fit without it is approximated from one fit to all, z₋ᵢ ≈ zᵢ + hᵢ uᵢ / (1 − hᵢ dᵢ) with
u = s̃ ℓ′, d = s̃ ℓ″, hᵢ = aᵢᵀH⁻¹aᵢ: one step of Newton's method (Rad & Maleki 2020, eq. 9); for the squared loss it is
exact, the PRESS of Allen 1974. Of several classes, where hᵢ is a matrix, a fifth of the rows is kept apart instead.
Of squares no row counts more than MOST times the mean: else one gross outlier, by a fluke, decides for all rows.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np
from scipy.linalg import cho_factor, cho_solve, solve_triangular

from infimum.certificates.metric import gram
from infimum.evaluation.folds import assign_folds
from infimum.ladder.strength import bend_of
from infimum.losses import Loss
from infimum.models import Params
from infimum.models.scores import linear_in
from infimum.models.splines import Basis
from infimum.objective import LikelihoodObjective, weighted
from infimum.penalties.elastic_net import ElasticNet
from infimum.solvers.newton import descend

ROUGHNESS = np.logspace(1, -7, 13)  # of curves of standardised columns, mean-loss scale; strongest first
RIDGE = np.logspace(1, -5, 7)
NEARER = 10.0 ** np.array([1 / 3, 0, -1 / 3])  # times the best roughness, once the ridge is chosen
AGAIN = 10.0 ** -np.arange(-1, 4)  # times the roughness without products, once these have taken their part of the noise
PRODUCTS = np.logspace(5, -1, 10)
ROWS = 10_000  # that choose strengths; fewer where features are many
FEWEST = 2000
WORK = 5e8  # rows · features² of one evaluation
HELD = 5  # one of so many parts of the rows is kept apart, where there are several classes
MOST = 30.0  # 5.5 root mean squares: a normal error in 25 million is beyond
KEPT = 1e-3  # the least 1 − hᵢdᵢ that is divided by
MOST_PRODUCTS = 200  # features of products; a tenth of the rows, if that is less
SUPPORT = 100  # rows, or a tenth of all, that the sum of squares of a product must rest on


@dataclass(frozen=True)
class Strengths:
    """½ l2 Σ b² of the lines and ½ ρ Σ ∫ f″² of the curves; κ times as much of their products."""

    l2: float
    roughness: float
    products: float = 1.0

    def times(self, share: float) -> "Strengths":
        """Lines and curves that much more penalised, and with them their products."""
        return Strengths(float(share * self.l2), float(share * self.roughness), float(self.products))

    def penalty(self, basis: Basis, outputs: int = 1) -> ElasticNet:
        """Ω with a strength an entry of w = (B (P′, m), b₀ (m,))."""
        each = {"line": self.l2, "curve": self.roughness}
        each |= {"product": self.products * self.l2, "curved product": self.products * self.roughness}
        return ElasticNet(l2=np.append(np.repeat(basis.spread(each), outputs), np.zeros(outputs)))


Evaluate = Callable[[Strengths, Params | None], tuple[np.ndarray, Params]]


def choose_strengths(
    loss: Loss, basis: Basis, X: np.ndarray, y: np.ndarray, rng: np.random.Generator, known: Strengths | None = None
) -> Strengths:
    """argmin over l2 and ρ in turns, each path from strong to weak; with `known` over κ, and over ρ again.

    Of many rows some are drawn, and the strengths carried to n: penalties are priors, whose weight falls as 1/n.
    """
    most = int(np.clip(WORK / (basis.features * loss.outputs + 1) ** 2, FEWEST, ROWS))
    carried = 1.0
    if len(y) > most:
        rows = np.sort(rng.choice(len(y), most, replace=False))
        carried, X, y = most / len(y), X[rows], y[rows]
        known = known and known.times(1 / carried)
    unit = bend_of(loss, y)
    known = known and known.times(1 / unit)
    evaluate, most = evaluation((loss, unit), basis, X, y, rng), MOST if loss.name == "squared" else np.inf
    if known:
        found = along(evaluate, (replace(known, products=value) for value in PRODUCTS), most)
        found = along(evaluate, (rougher(found, share) for share in AGAIN), most)
    else:
        found = along(evaluate, (Strengths(1e-3, value) for value in ROUGHNESS), most)
        found = along(evaluate, (replace(found, l2=value) for value in RIDGE), most)
        found = along(evaluate, (rougher(found, share) for share in NEARER), most)
    return found.times(carried * unit)


def rougher(strengths: Strengths, share: float) -> Strengths:
    """The same with a share of the roughness penalty."""
    return replace(strengths, roughness=strengths.roughness * share)


def along(evaluate: Evaluate, path: Iterable[Strengths], most: float) -> Strengths:
    """The strengths of the lowest loss on a path, each fit started from the one before.

    Losses of a row count up to `most` times the mean over the rows of the row's own lowest loss on the path.
    """
    tried, losses, w = list(path), [], None
    for strengths in tried:
        each, w = evaluate(strengths, w)
        losses.append(each)
    table = np.array(losses)
    known = np.isfinite(table).all(axis=1)
    if not known.any():
        return tried[0]
    ceiling = most * table[known].min(axis=0).mean() if np.isfinite(most) else np.inf
    return tried[int(np.argmin(np.where(known, np.minimum(table, ceiling).sum(axis=1), np.inf)))]


def evaluation(
    scaled: tuple[Loss, float], basis: Basis, X: np.ndarray, y: np.ndarray, rng: np.random.Generator
) -> Evaluate:
    """(strengths in units of ℓ″, start) ↦ (the losses of rows not learned from, ŵ), on X (n, P), y (n,)."""
    (loss, unit), B = scaled, basis(X)
    if loss.name == "squared":
        return squares_left_out(basis, B, y)
    if loss.outputs == 1:
        return lambda strengths, start: left_out(minimum(loss, basis, B, y, strengths.times(unit), start))
    fewest = int(np.bincount(y.astype(int), minlength=loss.outputs + 1).min())
    parts = min(HELD, max(fewest, 2))  # of a rare class, too, some rows are learned from
    fold = assign_folds(y, parts, rng, fewest >= parts)
    train, held = fold != 0, fold == 0
    learn, model = np.ascontiguousarray(B[train]), linear_in(np.ascontiguousarray(B[held]), loss.outputs)

    def evaluate(strengths: Strengths, start: Params | None) -> tuple[np.ndarray, Params]:
        _, w = minimum(loss, basis, learn, y[train], strengths.times(unit), start)
        return loss.value(model(w), y[held]), w

    return evaluate


def squares_left_out(basis: Basis, B: np.ndarray, y: np.ndarray) -> Evaluate:
    """(strengths, ·) ↦ (½ (z₋ᵢ − yᵢ)², (n,), ŵ) of the squared loss, whose Hessian is one for all strengths."""
    A = np.column_stack([B, np.ones(len(B))])
    H, b = gram(A, np.full(len(y), 1 / len(y))), A.T @ y / len(y)

    def evaluate(strengths: Strengths, start: Params | None) -> tuple[np.ndarray, Params]:
        factor, _ = cho_factor(H + np.diag(strengths.penalty(basis).l2), lower=True)
        w = cho_solve((factor, True), b)
        h = leverages(factor, A) / len(y)
        return 0.5 * ((A @ w - y) * (1 + h / np.maximum(1 - h, KEPT))) ** 2, w

    return evaluate


def minimum(
    loss: Loss, basis: Basis, B: np.ndarray, y: np.ndarray, strengths: Strengths, start: Params | None
) -> tuple[LikelihoodObjective, Params]:
    """(F, argmin F) to a few digits, on the features B (n, P′)."""
    penalty = strengths.penalty(basis, loss.outputs)
    objective = LikelihoodObjective.of(linear_in(B, loss.outputs), loss, penalty, y)
    return objective, descend(objective, start, 1e-2, 25, 1.0)[0]


def left_out(fitted: tuple[LikelihoodObjective, Params]) -> tuple[np.ndarray, Params]:
    """(ℓ(z₋ᵢ, yᵢ), (n,), ŵ): each row predicted as if it had not been learned from."""
    objective, w = fitted
    A, loss, y = objective.model.jacobian(w), objective.loss, objective.y
    z = objective.model(w)
    u, d = weighted(objective.weight, loss.gradient(z, y)), weighted(objective.weight, loss.bend(z, y))
    factor, _ = cho_factor(gram(A, d) + np.diag(objective.penalty.l2), lower=True)
    h = leverages(factor, A)
    away = z + h * u / np.maximum(1 - h * d, KEPT)
    return loss.value(away, y), w


def leverages(factor: np.ndarray, A: np.ndarray) -> np.ndarray:
    """hᵢ = aᵢᵀ H⁻¹ aᵢ, (n,), of H = L Lᵀ by its factor L (p, p), and the rows of A (n, p).

    >>> leverages(np.array([[2.0]]), np.array([[1.0], [4.0]])).tolist()
    [0.25, 4.0]
    """
    return np.asarray((solve_triangular(factor, A.T, lower=True) ** 2).sum(axis=0))


def strongest_pairs(objective: LikelihoodObjective, w: Params, basis: Basis) -> tuple[tuple[int, int], ...]:
    """The pairs of features of which the residuals ask for some product e: (uᵀe)² / Σ uᵢ²eᵢ² > 2 log(products).

    A score test, whose largest value among so many is about that where no product matters. Strongest pairs first, while
    their features are few against the rows; a product that differs from 0 in a few rows only is left alone.
    """
    A = objective.model.jacobian(w)[:, :-1]
    mains = [(at[0], size) for kind, at, size in basis.blocks if kind in ("line", "curve")]
    owner = np.repeat([j for j, _ in mains], [size for _, size in mains])
    X, A, n = A[:, : basis.inputs], A[:, : len(owner)], len(A)
    U = objective.residual(w).reshape(n, -1)
    squares, fourths = (A**2).T @ X**2, (A**4).T @ X**4
    wide = squares**2 >= min(SUPPORT, n / 10) * np.maximum(fourths, 1e-300)
    score = np.zeros(squares.shape)
    for u in U.T:
        above, below = (A * u[:, None]).T @ X, ((A * u[:, None]) ** 2).T @ X**2
        score += np.divide(above**2, below, out=np.zeros_like(above), where=wide & (below > 0))
    table = np.zeros((basis.inputs, basis.inputs))
    np.maximum.at(table, owner, score)
    table = np.triu(np.maximum(table, table.T), 1)
    least = U.shape[1] - 1 + 2 * np.log(max(np.count_nonzero(wide), 1))
    most, taken, pairs = min(MOST_PRODUCTS, n // 10), 0, []
    for at in np.argsort(-table, axis=None, kind="stable"):
        i, j = divmod(int(at), basis.inputs)
        size = 1 + basis.sizes.get(i, 0) + basis.sizes.get(j, 0)
        if table[i, j] <= least or taken + size > most:
            break
        pairs.append((i, j))
        taken += size
    return tuple(pairs)
