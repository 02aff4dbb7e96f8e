"""μ(aᵀβ̂ ± t √(aᵀV a)): where the mean of new rows lies, and for least squares where a new row itself does."""

import math

import numpy as np
from jaxtyping import Float

from infimum.inference.estimate import ends
from infimum.inference.information import Information
from infimum.losses import loss_named

INTERVALS = ("confidence", "prediction")


def interval_of(
    information: Information, A: Float[np.ndarray, "n p"], kind: str, level: float = 0.95
) -> Float[np.ndarray, "n 3"]:
    """(μ, lower, upper), (n, 3), of rows A (n, p) with their 1 of the intercept.

    confidence: of the mean μ(z) at each row; ends of z are mapped as z is. prediction: of a new row of weight 1, least
    squares alone, its spread φ added: it believes that rows are normal about the line. Raises ValueError for another
    kind, for predictions of counts and classes, and for more than two classes.

    >>> from infimum import LinearRegression
    >>> model = LinearRegression().fit([[0.0], [1.0], [2.0], [3.0]], [1.0, 3.0, 4.0, 8.0])
    >>> interval_of(model.information_, np.array([[1.5, 1.0]]), "confidence").round(3)
    array([[4.   , 1.959, 6.041]])
    """
    if kind not in INTERVALS:
        raise ValueError(f"interval = {kind!r}; expected 'confidence' (of the mean) or 'prediction' (of a new row)")
    if information.outputs > 1:
        raise ValueError("intervals of the mean are known of one score a row: not for more than two classes")
    squared = information.loss == "squared"
    if kind == "prediction" and not squared:
        raise ValueError("interval = 'prediction' is for least squares; ConformalRegressor holds for any model")
    z, phi = A @ information.params, information.dispersion
    variance = phi / information.total * ((A @ information.W.T) ** 2).sum(axis=1) + (phi if kind == "prediction" else 0)
    found = ends(z, np.sqrt(variance), information.freedom if squared else math.inf, level)
    loss = loss_named(information.loss)
    return np.column_stack([loss.mean(z), loss.mean(found[:, 0]), loss.mean(found[:, 1])])
