"""An epoch of AdamW in one call: for perceptrons of relu units that are too small for anything between their products.

`kernels/perceptron.py` has the steps; here is which networks they are for, and what they are given.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from infimum.kernels import perceptron as kernel
from infimum.losses.multinomial import contrasts
from infimum.models.layers import Affine, Curve
from infimum.objective import LikelihoodObjective
from infimum.solvers.training import Training

WIDEST = 256  # of all layers: in wider ones the products are all that counts
LOSSES = {
    "squared": kernel.SQUARED,
    "logistic": kernel.LOGISTIC,
    "poisson": kernel.POISSON,
    "multinomial": kernel.MULTINOMIAL,
}


@dataclass(frozen=True)
class Compiled:
    """(widths, which loss, C, dropout): what the compiled epoch is to know of a network and its training."""

    widths: np.ndarray
    which: int
    contrasts: np.ndarray
    dropout: float

    @classmethod
    def of(cls, objective: LikelihoodObjective, training: Training, widest: float = WIDEST) -> "Compiled | None":
        """Of a perceptron of relu units, none wider, with one of the LOSSES; None of any other."""
        chain, loss = objective.model.chain, objective.loss  # type: ignore[attr-defined]
        products = [layer for layer in chain[::2] if isinstance(layer, Affine)]
        alternate = len(products) == len(chain[::2]) and all(layer == Curve("relu") for layer in chain[1::2])
        if not alternate or len(chain) % 2 == 0 or loss.name not in LOSSES:
            return None
        widths = np.array([products[0].inputs, *(layer.outputs for layer in products)])
        if widths[1:].max() > widest:
            return None
        which = LOSSES[loss.name]
        C = contrasts(loss.outputs + 1) if which == kernel.MULTINOMIAL else np.ones((1, 1))
        return cls(widths, which, np.ascontiguousarray(C, dtype=np.float32), training.dropout)

    def epoch(self, rows: Any, order: np.ndarray, tensors: Any, seed: int, steps: Any) -> float:
        """Σ s ℓ summed over the batches of an epoch, as `kernels.perceptron.epoch` has it."""
        x, y, s = rows
        rule = self.which, self.contrasts, self.dropout, np.uint64(seed)
        return float(kernel.epoch((x, y.reshape(len(y), -1), s), order, tensors, self.widths, rule, steps))

    def slope(self, rows: Any, w: np.ndarray, g: np.ndarray) -> float:
        """Σ s ℓ of rows (x, y, s), without dropout; g = ∇ of it, in place."""
        x, y, s = rows
        return float(kernel.slope((x, y.reshape(len(y), -1), s), (w, g), self.widths, self.which, self.contrasts))

    def curvature(self, rows: Any, arrays: Any, rounds: int, apart: float) -> tuple[float, np.ndarray]:
        """(λ, u), as `kernels.perceptron.curvature` has them, of (w, g, diagonal of D^-½, first); w is as it was."""
        x, y, s = rows
        rule = self.which, self.contrasts, apart
        return kernel.curvature((x, y.reshape(len(y), -1), s), arrays, self.widths, rule, rounds)

    def idle(self, x: np.ndarray, w: np.ndarray) -> tuple[float, ...]:
        """The share of units of each layer that are 0 in all rows of x, without dropout."""
        return tuple(kernel.idle(x, w, self.widths).tolist())
