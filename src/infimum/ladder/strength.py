"""(l1, l2)̂ = argmin over a grid of the mean validation loss, by folds inside the training rows: the strengths."""

import numpy as np

from infimum.evaluation.folds import assign_folds
from infimum.kernels.coordinate import coordinate_descent
from infimum.losses import Loss
from infimum.models.scores import linear_in
from infimum.objective import LikelihoodObjective
from infimum.penalties.elastic_net import ElasticNet
from infimum.solvers.newton import descend

INNER = 5
ROWS = 10_000  # that choose a strength
OUTPUTS = 50_000  # rows times outputs a row that do, for more than five outputs
RIDGE_GRID = np.logspace(
    2, -6, 25
)  # on standardised columns, mean-loss scale; strongest first, so that starts stay warm
LASSO_STEPS = np.logspace(0, -4, 30)  # times the smallest strength that makes every coefficient zero
L1_RATIOS = (0.2, 0.7)  # of the elastic net: the share of l1 in l1 + l2


def choose_strength(
    loss: Loss, penalised: str, X: np.ndarray, y: np.ndarray, rng: np.random.Generator
) -> tuple[float, float]:
    """(l1, l2) of the lowest mean validation loss over inner folds and a grid: X (n, p), y (n,).

    penalised: "l1" or "l2", the other 0, or "both", the elastic net. Of more than 10,000 rows, m = 10,000 drawn ones
    (5,000 at many classes) decide, and the strengths are carried to n: a ridge penalty is a prior, whose weight against
    the mean loss falls as 1/n; the lasso's stands against noise, which falls as 1/√n.
    """
    most = min(ROWS, max(ROWS // 2, OUTPUTS // loss.outputs))
    if len(y) > most:
        rows = np.sort(rng.choice(len(y), most, replace=False))
        fewer = most / len(y)
        l1, l2 = choose_strength(loss, penalised, np.ascontiguousarray(X[rows]), y[rows], rng)
        return l1 * fewer**0.5, l2 * fewer
    grid = grid_of(loss, penalised, X, y)
    grid = grid if loss.outputs == 1 else grid[::2]
    k = min(INNER, len(y) // 2, *(np.bincount(y.astype(int)) if loss.task == "classification" else ()))
    if k < 2 or X.shape[1] == 0:
        return float(grid[len(grid) // 2, 0]), float(grid[len(grid) // 2, 1])
    fold = assign_folds(y, k, rng, loss.task == "classification")
    path = _squared_path if loss.name == "squared" else _newton_path
    total = np.zeros(len(grid))
    for part in range(k):
        train, held = fold != part, fold == part
        if loss.task == "counts" and not y[train].any():
            continue  # nothing to learn from: their infimum is at an intercept of −∞
        W = path(loss, X[train], y[train], grid)  # (p + 1, grid)
        total += validation_losses(loss, X[held], y[held], W)
    l1, l2 = grid[int(np.argmin(total))]
    return float(l1), float(l2)


def bend_of(loss: Loss, y: np.ndarray) -> float:
    """ℓ″ at the best constant of counts, ȳ, which a ridge stands against; 1 where ℓ″ has a size of its own."""
    return float(y.mean()) if loss.task == "counts" else 1.0


def grid_of(loss: Loss, penalised: str, X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """(l1, l2) of each trial, (g, 2), strongest first; of the elastic net, one path for each share of l1.

    l1 is in units of ℓ′, which has the size of y's standard deviation s, and l2 in units of ℓ″: so an l1 of λ goes with
    an l2 of λ (1/share − 1) ℓ″/s, whatever the unit of the target.
    """
    if penalised == "l2":
        return np.column_stack([np.zeros(len(RIDGE_GRID)), RIDGE_GRID * bend_of(loss, y)])
    steps = LASSO_STEPS * strongest(X, y)
    if penalised == "l1":
        return np.column_stack([steps, np.zeros(len(steps))])
    spread = float(np.std(y)) or 1.0
    bend = spread**2 if loss.task == "classification" else bend_of(loss, y)
    return np.vstack([np.column_stack([each := steps[::2], each * (1 / r - 1) * bend / spread]) for r in L1_RATIOS])


def validation_losses(loss: Loss, X: np.ndarray, y: np.ndarray, W: np.ndarray) -> np.ndarray:
    """Σᵢ ℓ(zᵢ, yᵢ) on the rows X (n, p) for the parameters in each column of W, (grid,)."""
    if loss.outputs == 1:
        z = X @ W[:-1] + W[-1]
        return np.asarray(np.sum(loss.value(z, np.broadcast_to(y[:, None], z.shape)), axis=0))
    model = linear_in(X, loss.outputs)
    return np.array([float(np.sum(loss.value(model(w), y))) for w in W.T])


def strongest(X: np.ndarray, y: np.ndarray) -> float:
    """λ_max = max |Xᵀ(y − ȳ)| / n: from here on the lasso's coefficients are all zero, whichever the loss."""
    return float(np.max(np.abs((X - X.mean(axis=0)).T @ (y - y.mean())) / len(y), initial=0.0)) or 1.0


def _squared_path(loss: Loss, X: np.ndarray, y: np.ndarray, grid: np.ndarray) -> np.ndarray:
    """W (p + 1, grid): the whole path from one centred Gram matrix."""
    centre, mean = X.mean(axis=0), y.mean()
    B = X - centre
    H, b = B.T @ B / len(y), B.T @ (y - mean) / len(y)
    if not grid[:, 0].any():
        eigenvalues, V = np.linalg.eigh(H)
        W = V @ ((V.T @ b)[:, None] / (np.maximum(eigenvalues, 0.0)[:, None] + grid[:, 1]))
    else:
        p = len(b)
        W, w, none = np.empty((p, len(grid))), np.zeros(p), np.full(p, np.inf)
        for i, (l1, l2) in enumerate(grid):
            parts = np.stack([np.full(p, l1), np.full(p, l2), -none, none])
            w, _ = coordinate_descent(H, H @ w - b, w, parts, 1e-10 * float(b @ b), 500)
            W[:, i] = w
    return np.vstack([W, mean - centre @ W])


def _newton_path(loss: Loss, X: np.ndarray, y: np.ndarray, grid: np.ndarray) -> np.ndarray:
    """W (p + 1, grid): each strength started from the one before."""
    model = linear_in(X, loss.outputs)
    W, w = np.empty((model.layout.size, len(grid))), None
    for i, (l1, l2) in enumerate(grid):
        w, _, _ = descend(LikelihoodObjective.of(model, loss, ElasticNet(l1, l2), y), w, 1e-5, 25, 1.0)
        W[:, i] = w
    return W
