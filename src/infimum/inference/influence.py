"""hᵢ, rᵢ, Dᵢ: which rows the fit hangs on, and by how much it would move without them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from infimum.certificates.point import Point
from infimum.inference.covariance import leverages
from infimum.inference.information import Information
from infimum.inference.residuals import pearson_residuals

ALONE = 1e-12  # 1 − h below this: the row is fitted whatever its target


@dataclass(frozen=True, eq=False)
class Influence:
    """What each row does to the fit, (n,) each; NaN where a row alone determines a coefficient (leverage 1).

    leverage hᵢ (Σ sᵢhᵢ = p); studentised rᵢ = eᵢ / √(φ (1 − hᵢ)), e the residual y − z of least squares, or Pearson's
    (y − μ)/√V of counts and classes; externally_studentised, with φ from the other rows: ~ t(N − p − 1) in least
    squares; cooks_distance Dᵢ = rᵢ² hᵢ / ((1 − hᵢ) p) (Cook 1977; Pregibon 1981 beyond least squares); dffits, the
    change of the row's own prediction in standard errors; dfbetas (n, p), that of each coefficient, without the row.
    """

    leverage: np.ndarray
    studentised: np.ndarray
    externally_studentised: np.ndarray
    cooks_distance: np.ndarray
    dffits: np.ndarray
    dfbetas: Float[np.ndarray, "n p"]

    def to_frame(self) -> Any:
        """A pandas data frame, a row each, without dfbetas. Raises ImportError without pandas."""
        import pandas

        names = ("leverage", "studentised", "externally_studentised", "cooks_distance", "dffits")
        return pandas.DataFrame({name: getattr(self, name) for name in names})

    def largest(self, rows: int = 5) -> list[int]:
        """The rows of the largest Cook's distance, largest first."""
        return [int(i) for i in np.argsort(-np.nan_to_num(self.cooks_distance, nan=np.inf), kind="stable")[:rows]]


def influence_of(information: Information, point: Point) -> Influence:
    """Of each row of the fit, as one repetition that is taken away; of counts and classes by one step of Newton's.

    Raises ValueError for more than two classes, where a row has several scores.
    """
    if information.method == "firth":
        raise ValueError("the influence of rows is not known of a fit with penalty = 'firth': leave rows out and refit")
    loss, y = point.objective.loss, point.objective.y
    h = leverages(information, point)
    bend = np.asarray(loss.bend(point.z, y))
    pearson = pearson_residuals(loss, point.z, y)
    p, phi = len(information.params), information.dispersion
    left = np.where(1 - h > ALONE, 1 - h, np.nan)
    studentised = pearson / np.sqrt(phi * left)
    external = studentised
    if information.loss == "squared":
        others = (phi * information.freedom - pearson**2 / left) / (information.freedom - 1)
        with np.errstate(divide="ignore", invalid="ignore"):
            external = pearson / np.sqrt(np.where(others > 0, others, np.nan) * left)
    inverse = information.W.T @ information.W / information.total
    moved = (point.A @ inverse) * (np.sqrt(bend) * pearson / left)[:, None]  # ŵ − ŵ₋ᵢ
    spread = np.sqrt(np.diag(inverse))
    scale = (pearson / np.sqrt(left) / external)[:, None]  # √φ, from the other rows
    return Influence(
        h,
        studentised,
        external,
        studentised**2 * h / (left * p),
        external * np.sqrt(h / left),
        moved / spread / scale,
    )
