"""v = w − B s, B = H⁻¹ as it was when last factored, corrected by how slopes have changed since: Newton's steps, held.

The corrections are those of BFGS with limited memory (Nocedal 1980): forming H = AᵀDA costs as much as many slopes.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy.linalg import lstsq

from infimum.certificates.metric import gram
from infimum.models import Params
from infimum.penalties.elastic_net import ElasticNet
from infimum.solvers.inverse import inverse_of, regular_inverse_of
from infimum.solvers.local import DEAR, Local

SLOW = 0.1  # of the decrement before: H is formed again where it falls by less
Change = tuple[Params, Params]  # of w, and of the slope


@dataclass(frozen=True)
class Held:
    """v = w − B (g + l2 w), H = AᵀDA + diag(l2) formed again only where the decrement says that B is none of H⁻¹."""

    penalty: ElasticNet
    inverse: Callable[[Params], Params] | None = None
    decrement: float = np.inf  # sᵀBs at the step before
    before: Change | None = None  # w and s there
    changes: tuple[Change, ...] = ()

    def step(self, at: Local) -> tuple[Params, "Held"]:
        """v, and what to hold on to."""
        ridge = np.broadcast_to(np.asarray(self.penalty.l2, dtype=float), at.w.shape)
        slope = at.g + ridge * at.w
        if self.inverse is not None:
            held = self._seen(at.w, slope)
            step = held.direction(slope)
            if 0 <= (decrement := float(slope @ step)) <= SLOW * self.decrement:
                return at.w - step, replace(held, decrement=decrement)
        H = gram(at.table, at.d) + np.diag(ridge)
        inverse = regular_inverse_of(H)
        if inverse is None and at.d.ndim == 1 and len(at.table) * len(H) ** 2 <= DEAR:
            return at.w - _step_of_rows(at, ridge), Held(self.penalty)
        inverse = inverse or inverse_of(H)
        step = inverse(slope)
        return at.w - step, Held(self.penalty, inverse, float(slope @ step), (at.w, slope))

    def elsewhere(self) -> "Held":
        """B alone, for another F: nothing is known of its slopes and decrements."""
        return replace(self, decrement=np.inf, before=None)

    def _seen(self, w: Params, slope: Params) -> "Held":
        """With what the slope at w says of H, where that is of positive curvature."""
        if self.before is None:
            return replace(self, before=(w, slope))
        moved, turned = w - self.before[0], slope - self.before[1]
        curved = moved @ turned > 0
        return replace(self, before=(w, slope), changes=(*self.changes, (moved, turned)) if curved else self.changes)

    def direction(self, slope: Params) -> Params:
        """B s, by the two loops over the changes (Nocedal 1980)."""
        assert self.inverse is not None
        shares = []
        for moved, turned in reversed(self.changes):
            share = float(moved @ slope) / float(moved @ turned)
            slope = slope - share * turned
            shares.append(share)
        step = self.inverse(slope)
        for (moved, turned), share in zip(self.changes, reversed(shares), strict=True):
            step = step + (share - float(turned @ step) / float(moved @ turned)) * moved
        return step


def _step_of_rows(at: Local, ridge: Params) -> Params:
    """H⁻¹ (g + l2 w) as least squares on the rows √D A, which has half the digits to lose that H = AᵀDA has."""
    kept = np.flatnonzero(ridge)
    root, lean = at.rows()
    M = np.vstack([at.A * root[:, None], np.diag(np.sqrt(ridge))[kept]])
    right = np.append(lean, (np.sqrt(ridge) * at.w)[kept])
    largest = np.abs(M).max(axis=0, initial=0.0)
    size = 2.0 ** np.round(np.log2(np.where(largest > 0, largest, 1.0)))
    return np.where(largest > 0, lstsq(M / size, right, cond=1e-15)[0] / size, 0.0)
