"""What a report says of held-out rows beside the error that decides: every metric, which class was taken for which."""

import numpy as np

from infimum.evaluation.metrics import METRICS, UPWARDS, metric_of
from infimum.losses import Loss
from infimum.losses.multinomial import likeliest


def statistics(loss: Loss, z: np.ndarray, y: np.ndarray) -> dict[str, float]:
    """{rmse, mae, r2}, {log_loss, brier, accuracy, auc} or {deviance, mae, rmse, d2} of z on the link scale.

    z is (n,) or (n, m). d2 is the share of the deviance explained, 1 − Σ ℓ(z, y) / Σ ℓ(log ȳ, y). Of more than two
    classes: brier = Σₖ (pₖ − [y = k])² (Brier 1950), auc the mean over classes, each against the rest.
    """
    errors = {name: metric_of(loss, y, name).error(z, y) for name in METRICS[loss.task]}
    return {name: 1 - error if name in UPWARDS else error for name, error in errors.items()}


def confidence(loss: Loss, z: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """([argmaxₖ pₖ = y], maxₖ pₖ), (n,) each: whether the likeliest of several classes is right, and how sure it is."""
    p = loss.mean(z)
    return (likeliest(p) == y).astype(float), p.max(axis=1)


def confusion(loss: Loss, z: np.ndarray, y: np.ndarray) -> np.ndarray:
    """[a, b] = rows of class a whose likeliest class is b, (K, K)."""
    classes = loss.outputs + 1
    named = likeliest(loss.mean(z)) if loss.outputs > 1 else z > 0
    return np.bincount((y * classes + named).astype(int), minlength=classes**2).reshape(classes, classes)
