"""C ← A B with A and B in bfloat16, summed in float32: the steps of `compiled.py` for layers so wide that this pays.

W, b and their steps stay float32 (Micikevicius et al. 2018); bfloat16 has its range, so that no loss needs scaling
(Kalamkar et al. 2019). Of a step's products the wide ones are torch's, the others and all between them is compiled.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from infimum.kernels import halves
from infimum.kernels import perceptron as kernel
from infimum.objective import LikelihoodObjective
from infimum.solvers.compiled import Compiled
from infimum.solvers.training import Training, batch_length

LEAST = {"tiles": 256, "vectors": 256}  # columns of h and of h′ from which it pays, as in `networks/trained.py`
Into = tuple[np.ndarray, np.ndarray | None]  # where ∂W and ∂h are to be
FEWEST = 32  # rows of a batch: with fewer, asking for a product takes as long as it saves


@dataclass(frozen=True)
class Halves:
    """A ∈ ℝⁿˣᵐ in bfloat16: its bits, and torch's view of them."""

    bits: np.ndarray
    tensor: Any

    @classmethod
    def empty(cls, torch: Any, rows: int, columns: int) -> "Halves":
        """Without any numbers yet."""
        bits = np.zeros((rows, columns), np.uint16)
        return cls(bits, torch.from_numpy(bits.view(np.int16)).view(torch.bfloat16))

    def of(self, array: np.ndarray) -> Any:
        """The tensor, with the numbers of the array."""
        halves.halve(array, self.bits)
        return self.tensor


@dataclass(frozen=True)
class Wide:
    """h W, hᵀ r and r Wᵀ of one layer, in bfloat16, for batches of so many rows."""

    torch: Any
    h: Halves
    w: Halves
    r: Halves
    z: Halves
    slope: Halves
    back: Halves

    @classmethod
    def of(cls, torch: Any, rows: int, inputs: int, outputs: int) -> "Wide":
        """With memory for all of them."""
        h, w, r = (rows, inputs), (inputs, outputs), (rows, outputs)
        return cls(torch, *(Halves.empty(torch, *shape) for shape in (h, w, r, r, w, h)))

    def forward(self, h: np.ndarray, W: np.ndarray, z: np.ndarray) -> None:
        """z ← h W; h and W are kept."""
        self.torch.mm(self.h.of(h), self.w.of(W), out=self.z.tensor)
        halves.widen(self.z.bits, z)

    def backward(self, h: np.ndarray, W: np.ndarray, r: np.ndarray, into: Into) -> None:
        """(∂W, ∂h) ← (hᵀ r, r Wᵀ), of the h and W that were kept; no ∂h where that is None."""
        slope, back = into
        reaching = self.r.of(r)
        self.torch.mm(self.h.tensor.T, reaching, out=self.slope.tensor)
        halves.widen(self.slope.bits, slope)
        if back is not None:
            self.torch.mm(reaching, self.w.tensor.T, out=self.back.tensor)
            halves.widen(self.back.bits, back)


@dataclass(frozen=True)
class Narrow:
    """h W, hᵀ r and r Wᵀ of one layer, in float32."""

    def forward(self, h: np.ndarray, W: np.ndarray, z: np.ndarray) -> None:
        """z ← h W."""
        halves.product(h, W, z)

    def backward(self, h: np.ndarray, W: np.ndarray, r: np.ndarray, into: Into) -> None:
        """(∂W, ∂h) ← (hᵀ r, r Wᵀ); no ∂h where that is None."""
        slope, back = into
        halves.product(h.T, r, slope)
        if back is not None:
            halves.product(r, W.T, back)


@dataclass(frozen=True)
class Room:
    """(h of each layer, r of each, y, s): memory for a step on so many rows, and how each layer multiplies."""

    h: list[np.ndarray]
    r: list[np.ndarray]
    y: np.ndarray
    weight: np.ndarray
    products: list[Wide | Narrow]

    @classmethod
    def of(cls, torch: Any, rows: int, targets: int, widths: list[int], least: float) -> "Room":
        """Of layers of those widths, in bfloat16 from `least` on both sides."""

        def empty() -> list[np.ndarray]:
            return [np.empty((rows, width), np.float32) for width in widths]

        sides = zip(widths[:-1], widths[1:], strict=True)
        products = [Wide.of(torch, rows, *both) if min(both) >= least else Narrow() for both in sides]
        return cls(empty(), empty(), np.empty((rows, targets), np.float32), np.empty(rows, np.float32), products)


@dataclass(frozen=True)
class Halved:
    """(a compiled network, min(in, out) of the layers that are in bfloat16): its epochs."""

    compiled: Compiled
    least: float
    torch: Any

    @classmethod
    def of(cls, torch: Any, objective: LikelihoodObjective, training: Training) -> "Halved | None":
        """Of a perceptron of relu units with a layer to halve, in batches of enough rows; None of any other."""
        from infimum.networks.trained import least_halved

        compiled, least = Compiled.of(objective, training, math.inf), least_halved(training.precision, LEAST)
        if compiled is None or batch_length(len(objective.y), training) < FEWEST:
            return None
        widths = compiled.widths
        return cls(compiled, least, torch) if np.minimum(widths[:-1], widths[1:]).max() >= least else None

    def epoch(self, rows: Any, order: np.ndarray, tensors: Any, seed: int, steps: Any) -> float:
        """Σ s ℓ summed over the batches of an epoch, as `kernels.perceptron.epoch` has it."""
        (lengths, taken, b1, b2, floor), (w, *_, g, before) = steps, tensors
        x, y, s = rows
        rows = x, y.reshape(len(y), -1), s
        layers, state, total = self.split(w, g), np.uint64(seed), 0.0
        batches = np.array_split(order, len(lengths))
        how = rows[1].shape[1], self.compiled.widths.tolist(), self.least
        rooms = {size: Room.of(self.torch, size, *how) for size in set(map(len, batches))}
        for k, index in enumerate(batches):
            here = rooms[len(index)]
            kernel.taken_of(rows, index, (here.h[0], here.y, here.weight))
            value, state = self.there_and_back(here, layers, state)
            total += value
            if k == len(lengths) - 1:
                before[:] = w
            kernel.adam(tensors, np.float32(lengths[k]), taken + k + 1, (b1, b2, floor))
        return total

    def there_and_back(self, room: Room, layers: Any, state: Any) -> tuple[float, Any]:
        """(Σ s ℓ, the random state after it) of the rows in `room`, and g = ∇."""
        share, last = self.compiled.dropout, len(layers) - 1
        for k, ((W, b), _) in enumerate(layers):
            room.products[k].forward(room.h[k], W, room.h[k + 1])
            state = np.uint64(kernel.lift(room.h[k + 1], b, k < last, share, state))
        rule = self.compiled.which, self.compiled.contrasts
        value = kernel.loss(room.h[-1], room.y, room.weight, *rule, room.r[-1])
        for k, ((W, _), (slope, level)) in reversed([*enumerate(layers)]):
            room.products[k].backward(room.h[k], W, room.r[k + 1], (slope, room.r[k] if k else None))
            kernel.level_of(room.r[k + 1], level)
            if k:
                kernel.lower(room.r[k], room.h[k], share)
        return value, state

    def split(self, *arrays: np.ndarray) -> list[tuple[tuple[np.ndarray, np.ndarray], ...]]:
        """((W, b) of w, (W, b) of g) of each layer: views of the arrays, (P,)."""
        at, found = 0, []
        for a, b in zip(self.compiled.widths[:-1].tolist(), self.compiled.widths[1:].tolist(), strict=True):
            stop = at + a * b
            found.append(tuple((each[at:stop].reshape(a, b), each[stop : stop + b]) for each in arrays))
            at = stop + b
        return found
