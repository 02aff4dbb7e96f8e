"""error = √(2 mean ℓ) for squares (RMSE), mean ℓ for classes (log-loss), 2 mean ℓ for counts (deviance)."""

import math

import numpy as np

from infimum.losses import Loss
from infimum.losses.multinomial import likeliest


def metric_name(loss: Loss) -> str:
    """'rmse' for a regression loss, 'log_loss' = mean ℓ for classes, 'deviance' = 2 mean ℓ for counts.

    >>> from infimum.losses import Poisson
    >>> metric_name(Poisson())
    'deviance'
    """
    return {"regression": "rmse", "classification": "log_loss", "counts": "deviance"}[loss.task]


def error(loss: Loss, z: np.ndarray, y: np.ndarray) -> float:
    """√(2 mean ℓ) (RMSE), mean ℓ (log-loss) or 2 mean ℓ (deviance): rows of equal weight, z (n,) or (n, m), y (n,).

    >>> from infimum.losses.squared import Squared
    >>> error(Squared(), np.array([1.0, 3.0]), np.array([0.0, 4.0]))
    1.0
    """
    mean = math.fsum(loss.value(z, y)) / len(y)
    if loss.task == "counts":
        return 2 * mean
    return math.sqrt(2 * mean) if loss.task == "regression" else mean


def losses_of(loss: Loss, z: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The loss of each row whose mean is the error, or its square for the RMSE: 2ℓ, or ℓ for classes; (n,)."""
    return np.asarray(loss.value(z, y)) * (1.0 if loss.task == "classification" else 2.0)


def statistics(loss: Loss, z: np.ndarray, y: np.ndarray) -> dict[str, float]:
    """{rmse, mae, r2}, {log_loss, brier, accuracy, auc} or {deviance, mae, rmse, d2} of z on the link scale.

    z is (n,) or (n, m). d2 is the share of the deviance explained, 1 − Σ ℓ(z, y) / Σ ℓ(log ȳ, y). Of more than two
    classes: brier = Σₖ (pₖ − [y = k])² (Brier 1950), auc the mean over classes, each against the rest.
    """
    if loss.task == "regression":
        spread = math.fsum((y - y.mean()) ** 2)
        return {
            "rmse": error(loss, z, y),
            "mae": math.fsum(np.abs(z - y)) / len(y),
            "r2": 1 - math.fsum((z - y) ** 2) / spread if spread > 0 else 0.0,
        }
    p = loss.mean(z)
    if loss.outputs > 1:
        own = y[:, None] == np.arange(loss.outputs + 1)
        each = [ranked_pairs(p[:, k], own[:, k].astype(float)) for k in range(own.shape[1]) if own[:, k].any()]
        return {
            "log_loss": error(loss, z, y),
            "brier": math.fsum(((p - own) ** 2).sum(axis=1)) / len(y),
            "accuracy": float(np.mean(likeliest(p) == y)),
            "auc": math.fsum(each) / len(each),
        }
    if loss.task == "counts":
        null = loss.constant(float(y.mean()))
        spread = error(loss, np.full(y.shape, null), y) if math.isfinite(null) else 0.0
        return {
            "deviance": error(loss, z, y),
            "mae": math.fsum(np.abs(p - y)) / len(y),
            "rmse": math.sqrt(math.fsum((p - y) ** 2) / len(y)),
            "d2": 1 - error(loss, z, y) / spread if spread > 0 else 0.0,
        }
    return {
        "log_loss": error(loss, z, y),
        "brier": math.fsum((p - y) ** 2) / len(y),
        "accuracy": float(np.mean((z > 0) == (y > 0.5))),
        "auc": ranked_pairs(z, y),
    }


def confidence(loss: Loss, z: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """([argmaxₖ pₖ = y], maxₖ pₖ), (n,) each: whether the likeliest of several classes is right, and how sure it is."""
    p = loss.mean(z)
    return (likeliest(p) == y).astype(float), p.max(axis=1)


def confusion(loss: Loss, z: np.ndarray, y: np.ndarray) -> np.ndarray:
    """[a, b] = rows of class a whose likeliest class is b, (K, K)."""
    classes = loss.outputs + 1
    named = likeliest(loss.mean(z)) if loss.outputs > 1 else z > 0
    return np.bincount((y * classes + named).astype(int), minlength=classes**2).reshape(classes, classes)


def ranked_pairs(z: np.ndarray, y: np.ndarray) -> float:
    """AUC = P(z of a positive > z of a negative) + ½ P(tie), by midranks (Mann & Whitney 1947); y is 0 or 1.

    >>> ranked_pairs(np.array([0.1, 0.4, 0.4]), np.array([0.0, 1.0, 0.0]))
    0.75
    """
    _, place, count = np.unique(z, return_inverse=True, return_counts=True)
    midrank = (np.cumsum(count) - (count - 1) / 2)[place]
    positive = int(y.sum())
    negative = len(y) - positive
    if not (positive and negative):
        return 0.5
    return float((midrank[y > 0.5].sum() - positive * (positive + 1) / 2) / (positive * negative))
