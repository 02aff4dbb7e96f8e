"""λ̂ = argmin over a grid of the mean validation loss, by folds inside the training rows: the strength of a penalty."""

import numpy as np

from infimum.evaluation.folds import assign_folds
from infimum.kernels.coordinate import coordinate_descent
from infimum.losses import Loss
from infimum.models.linear import Linear
from infimum.models.scores import LinearScores
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


def choose_strength(loss: Loss, penalised: str, X: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> float:
    """λ̂ = argmin_λ mean validation loss over inner folds and a grid: X (n, p), y (n,), penalised "l1" or "l2".

    Of more than 10,000 rows, m = 10,000 drawn ones (5,000 at many classes) decide, and λ̂ is carried to n: a ridge
    penalty is a prior, whose weight against the mean loss falls as 1/n; the lasso's stands against noise, which falls
    as 1/√n.
    """
    most = min(ROWS, max(ROWS // 2, OUTPUTS // loss.outputs))
    if len(y) > most:
        rows = np.sort(rng.choice(len(y), most, replace=False))
        fewer = most / len(y)
        chosen = choose_strength(loss, penalised, np.ascontiguousarray(X[rows]), y[rows], rng)
        return chosen * (fewer if penalised == "l2" else fewer**0.5)
    bend = float(y.mean()) if loss.task == "counts" else 1.0  # ℓ″ at the best constant, which a ridge stands against
    grid = RIDGE_GRID * bend if penalised == "l2" else LASSO_STEPS * strongest(X, y)
    grid = grid if loss.outputs == 1 else grid[::2]
    k = min(INNER, len(y) // 2, *(np.bincount(y.astype(int)) if loss.task == "classification" else ()))
    if k < 2 or X.shape[1] == 0:
        return float(grid[len(grid) // 2])
    fold = assign_folds(y, k, rng, loss.task == "classification")
    path = _squared_path if loss.name == "squared" else _newton_path
    total = np.zeros(len(grid))
    for part in range(k):
        train, held = fold != part, fold == part
        if loss.task == "counts" and not y[train].any():
            continue  # nothing to learn from: their infimum is at an intercept of −∞
        W = path(loss, penalised, X[train], y[train], grid)  # (p + 1, grid)
        total += validation_losses(loss, X[held], y[held], W)
    return float(grid[int(np.argmin(total))])


def validation_losses(loss: Loss, X: np.ndarray, y: np.ndarray, W: np.ndarray) -> np.ndarray:
    """Σᵢ ℓ(zᵢ, yᵢ) on the rows X (n, p) for the parameters in each column of W, (grid,)."""
    if loss.outputs == 1:
        z = X @ W[:-1] + W[-1]
        return np.asarray(np.sum(loss.value(z, np.broadcast_to(y[:, None], z.shape)), axis=0))
    model = LinearScores(X, loss.outputs)
    return np.array([float(np.sum(loss.value(model(w), y))) for w in W.T])


def strongest(X: np.ndarray, y: np.ndarray) -> float:
    """λ_max = max |Xᵀ(y − ȳ)| / n: from here on the lasso's coefficients are all zero, whichever the loss."""
    return float(np.max(np.abs((X - X.mean(axis=0)).T @ (y - y.mean())) / len(y), initial=0.0)) or 1.0


def _squared_path(loss: Loss, penalised: str, X: np.ndarray, y: np.ndarray, grid: np.ndarray) -> np.ndarray:
    """W (p + 1, grid): the whole path from one centred Gram matrix."""
    centre, mean = X.mean(axis=0), y.mean()
    B = X - centre
    H, b = B.T @ B / len(y), B.T @ (y - mean) / len(y)
    if penalised == "l2":
        eigenvalues, V = np.linalg.eigh(H)
        W = V @ ((V.T @ b)[:, None] / (np.maximum(eigenvalues, 0.0)[:, None] + grid))
    else:
        p = len(b)
        W, w, none = np.empty((p, len(grid))), np.zeros(p), np.full(p, np.inf)
        for i, strength in enumerate(grid):
            w, _ = coordinate_descent(
                H, H @ w - b, w, np.full(p, strength), np.zeros(p), -none, none, 1e-10 * float(b @ b), 500
            )
            W[:, i] = w
    return np.vstack([W, mean - centre @ W])


def _newton_path(loss: Loss, penalised: str, X: np.ndarray, y: np.ndarray, grid: np.ndarray) -> np.ndarray:
    """W (p + 1, grid): each strength started from the one before."""
    model = Linear(X) if loss.outputs == 1 else LinearScores(X, loss.outputs)
    W, w = np.empty((model.layout.size, len(grid))), None
    for i, strength in enumerate(grid):
        penalty = ElasticNet(l1=strength) if penalised == "l1" else ElasticNet(l2=strength)
        w, _, _ = descend(LikelihoodObjective.of(model, loss, penalty, y), w, 1e-5, 25)
        W[:, i] = w
    return W
