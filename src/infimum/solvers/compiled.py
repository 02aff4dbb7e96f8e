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
    def of(cls, objective: LikelihoodObjective, training: Training) -> "Compiled | None":
        """Of a perceptron of relu units, up to WIDEST, with one of the LOSSES; None of any other."""
        chain, loss = objective.model.chain, objective.loss  # type: ignore[attr-defined]
        products = [layer for layer in chain[::2] if isinstance(layer, Affine)]
        alternate = len(products) == len(chain[::2]) and all(layer == Curve("relu") for layer in chain[1::2])
        if not alternate or len(chain) % 2 == 0 or loss.name not in LOSSES:
            return None
        widths = np.array([products[0].inputs, *(layer.outputs for layer in products)])
        if widths[1:].max() > WIDEST:
            return None
        which = LOSSES[loss.name]
        C = contrasts(loss.outputs + 1) if which == kernel.MULTINOMIAL else np.ones((1, 1))
        return cls(widths, which, np.ascontiguousarray(C, dtype=np.float32), training.dropout)

    def epoch(self, rows: Any, order: np.ndarray, tensors: Any, seed: int, steps: Any) -> float:
        """Σ s ℓ summed over the batches of an epoch, as `kernels.perceptron.epoch` has it."""
        x, y, s = rows
        rule = self.which, self.contrasts, self.dropout, np.uint64(seed)
        return float(kernel.epoch((x, y.reshape(len(y), -1), s), order, tensors, self.widths, rule, steps))
