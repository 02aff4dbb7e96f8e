"""gᵀ(v − w) + ½ (v − w)ᵀ AᵀDA (v − w) + Ω(v): F as it looks from w, and its minimum where Ω has kinks or bounds.

The minimum is coordinate descent on the Gram matrix (Friedman, Hastie & Tibshirani 2010); wide problems keep a working
set of columns, grown by the worst violations of optimality (after Massias, Gramfort & Salmon 2018); nearly dependent
columns are taken by their rows, from face to face.
"""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from infimum.certificates.metric import hessian
from infimum.kernels.bordered import Table, dense
from infimum.kernels.coordinate import coordinate_descent
from infimum.kernels.parts import pull, push
from infimum.losses.softmax import Softmax
from infimum.models import Params
from infimum.objective import LikelihoodObjective, counted, weighted
from infimum.solvers.faces import Bounded, lowest_face
from infimum.solvers.inverse import inverse_of, regular_inverse_of

NARROW = 500  # columns up to which the whole Gram matrix is formed
PASSES = 2000
STEEP = 1e6  # of D^{-½} s̃ ℓ′, of several outputs: beyond, rows that are quite wrong leave no digits to others
AGAIN, TURNS = 50, 100  # of several outputs: passes after steps on a face, and such steps in a row
SMALL = 60  # parameters up to which the Hessian is looked at, or of several outputs formed, in every step
DEAR = 1e8  # n p² up to which nearly singular steps are taken by the rows
FACES = 20  # Newton steps on a face, where coordinate descent creeps


@dataclass(frozen=True, eq=False)
class Local:
    """F(w), g = Aᵀ s̃ ℓ′(z) and d = s̃ ℓ″(z), z = A w + c, at one w; d (n,) or blocks (n, m, m)."""

    objective: LikelihoodObjective
    table: Table  # A, its column of ones perhaps not written
    w: Params
    value: float
    g: Params
    d: np.ndarray  # 0 where it was not asked for

    @classmethod
    def at(cls, objective: LikelihoodObjective, A: Table, w: Params, curved: bool) -> "Local":
        """One pass over the rows; F is +∞ where the loss overflows."""
        loss, weight, y = objective.loss, objective.weight, objective.y
        with np.errstate(over="ignore", invalid="ignore"):
            if loss.outputs == 1:
                value, g, d = loss.over(A, w, objective.origin, y, weight)
            else:
                z = counted(push(dense(A), w.reshape(-1, loss.outputs)) + objective.origin, weight)
                value = float(weight @ loss.value(z, y))
                g = pull(dense(A), weighted(weight, loss.gradient(z, y))).ravel()
                d = weighted(weight, loss.bend(z, y)) if curved else np.zeros(0)
            value = value + objective.penalty.value(w)
            return cls(objective, A, w, math.inf if math.isnan(value) else value, g, d)

    @property
    def A(self) -> Float[np.ndarray, "n P"]:
        """J, written out."""
        return dense(self.table)

    def slope_of_model(self, v: Params) -> Params:
        """g + AᵀDA (v − w), (p,)."""
        return np.asarray(self.g + self.A.T @ (self.d * (self.A @ (v - self.w))))

    def rows(self) -> tuple[np.ndarray, np.ndarray]:
        """(√D, D^{-½} s̃ ℓ′(z)), 0 where D is: the smooth part is ½ ‖√D A (v − w) + D^{-½} s̃ ℓ′‖², for one output."""
        o = self.objective
        z = counted(push(self.A, self.w) + o.origin, o.weight)
        root, slope = np.sqrt(self.d), weighted(o.weight, o.loss.gradient(z, o.y))
        return root, np.divide(slope, root, out=np.zeros(len(root)), where=root > 0)

    def rows_of_outputs(self, chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(M, r), (N, q) and (N,): MᵀM = AᵀDA and Mᵀr = g of the chosen parameters; `rows` where outputs are several.

        What D has beside s̃ ℓ″, a multiple of the unit matrix, adds rows; they take the slope where ℓ″ is less.
        """
        o, n, m = self.objective, len(self.A), self.objective.loss.outputs
        assert isinstance(o.loss, Softmax)
        z = counted(push(self.A, self.w.reshape(-1, m)) + o.origin, o.weight)
        root, lean = o.loss.root(z, o.y)
        weight = np.sqrt(o.weight)
        root, lean = root * weight[:, None, None], lean * weight[:, None]
        beside = np.maximum(self.d.sum(axis=2), 0.0)
        beside = np.sqrt(np.where(beside > 1e-14 * m * np.diagonal(self.d, axis1=1, axis2=2), beside, 0.0))
        if beside.any():
            flat = (beside.min(axis=1) > 0) & (np.einsum("nab,nab->n", root, root) < beside.min(axis=1) ** 2)
            slope = weighted(o.weight, o.loss.gradient(z, o.y))
            more = np.divide(slope, beside, out=np.zeros((n, m)), where=flat[:, None])
            root = np.concatenate([root, beside[:, :, None] * np.eye(m)], axis=1)
            lean = np.concatenate([np.where(flat[:, None], 0.0, lean), more], axis=1)
        M = self.A[:, chosen // m][:, None, :] * root[:, :, chosen % m]
        return M.reshape(-1, len(chosen)), lean.ravel()

    def _without_shift(self) -> np.ndarray:
        """All parameters but one intercept, that of most curvature: of what they have in common F knows nothing."""
        free = np.flatnonzero(self.objective.model.layout.free)
        most = np.argmax(np.einsum("naa->a", self.d)) if len(free) else 0
        return np.delete(np.arange(len(self.w)), free[most : most + 1])

    def argmin_of_model(self, tolerance: float) -> Params:
        """argmin over v, Ω being the penalty of the objective, (p,)."""
        if self.d.ndim > 1:
            return _on_columns(self, self._without_shift(), tolerance)
        if len(self.w) <= NARROW:
            return _on_columns(self, np.arange(len(self.w)), tolerance)
        return _working_sets(self, tolerance)


def _working_sets(model: Local, tolerance: float) -> Params:
    """The same minimum through growing sets of columns: solve on the set, check all columns, add the worst."""
    penalty = model.objective.penalty
    v, chosen = model.w.copy(), np.flatnonzero((model.w != 0) | (np.asarray(penalty.l1) == 0))
    size = max(50, len(chosen))
    for _ in range(100):
        violation = np.abs(penalty.residual(v, model.slope_of_model(v)))
        violation[chosen] = 0.0
        worst = np.argsort(-violation, kind="stable")[:size]
        worst = worst[violation[worst] > 1e-13 * max(1.0, float(np.abs(model.g).max()))]
        if not len(worst) and len(chosen):
            return v
        chosen = np.sort(np.concatenate([chosen, worst]))
        v = _on_columns(model, chosen, tolerance)
        size *= 2
    return v


def _on_columns(model: Local, chosen: np.ndarray, tolerance: float) -> Params:
    """v, moved from w only in `chosen`, by the coordinate kernel."""
    penalty = model.objective.penalty
    whole = (penalty.l1, penalty.l2, penalty.lower, penalty.upper)
    spread = (np.broadcast_to(np.asarray(part, dtype=float), model.w.shape) for part in whole)
    parts = np.stack([part[chosen] for part in spread])
    l2 = parts[1]
    H, g, v = hessian(model.A, model.d, chosen), model.g[chosen], model.w.copy()
    stop, outputs = 1e-4 * tolerance + 1e-30, model.objective.loss.outputs
    w, part, most = model.w[chosen], v[chosen], PASSES
    for _ in range(FACES):
        part, passes = coordinate_descent(H, g + H @ (part - w), part, parts, stop, most)
        dear = len(model.A) * len(chosen) ** 2 * (1 if outputs == 1 else 10 * outputs) > DEAR
        by_rows = not dear and (outputs == 1 or passes == most)
        unsure = passes == most or (len(chosen) <= SMALL and regular_inverse_of(H + np.diag(l2)) is None)
        if by_rows and unsure:
            face = _lowest_by_rows(_rows_of(model, chosen, parts), part, outputs)
            by_rows, part = face is not None, part if face is None else face
        if by_rows or passes < most:
            break
        most = PASSES if outputs == 1 else AGAIN
        for _ in range(1 if outputs == 1 else TURNS):
            before = np.count_nonzero(part)
            part = _along_face(H, g + H @ (part - w) + l2 * part, part, parts)
            if np.count_nonzero(part) == before:
                break
    v[chosen] = part
    return v


def _lowest_by_rows(rows: Bounded, part: Params, outputs: int) -> Params | None:
    """The lowest face from there; of several outputs None where it is no lower: one nearly flat leads far astray."""
    if outputs == 1:
        return lowest_face(rows, part)
    if np.abs(rows.b).max() > STEEP:
        return None
    with np.errstate(over="ignore", invalid="ignore"):
        face = lowest_face(rows, part)
        return face if rows.value(face) <= rows.value(part) else None


def _rows_of(model: Local, chosen: np.ndarray, parts: np.ndarray) -> Bounded:
    """The same minimum over the chosen columns, the others as they are, by the rows √D A."""
    l1, l2, lower, upper = parts
    kept = np.flatnonzero(l2)
    if model.d.ndim == 1:
        (root, lean), A = model.rows(), model.A[:, chosen]
        M, right = A * root[:, None], root * (A @ model.w[chosen]) - lean
    else:
        M, lean = model.rows_of_outputs(chosen)
        right = M @ model.w[chosen] - lean
    M = np.vstack([M, np.diag(np.sqrt(l2))[kept]])
    return Bounded(M, np.append(right, np.zeros(len(kept))), l1, lower, upper)


def _along_face(H: np.ndarray, slope: Params, v: Params, parts: np.ndarray) -> Params:
    """v + t Δ, Δ the Newton step on the face of the signs and bounds of v, t ≤ 1 as far as neither changes: F falls.

    parts are (l1, l2, lower, upper), H = AᵀDA; t as far as the first entry reaches 0 under l1, or its bound.

    Coordinate descent finds the signs soon and then creeps where columns are nearly dependent; this does not.
    """
    l1, l2, lower, upper = parts
    free = np.flatnonzero(((v != 0) | (l1 == 0)) & (v > lower) & (v < upper))
    if not len(free):
        return v
    own = H[np.ix_(free, free)] + np.diag(l2[free])
    step = -inverse_of(own)(slope[free] + l1[free] * np.sign(v[free]))
    here, end = v[free], v[free] + step
    stop = np.clip(end, lower[free], upper[free])
    stop[(l1[free] > 0) & (np.sign(stop) != np.sign(here))] = 0.0
    turning = stop != end
    shares = (stop[turning] - here[turning]) / step[turning]
    share = np.min(shares, initial=1.0)
    moved = v.copy()
    moved[free] += share * step
    reached = free[turning][shares <= share * (1 + 1e-12)]
    moved[reached] = stop[turning][shares <= share * (1 + 1e-12)]
    return np.clip(moved, lower, upper)
