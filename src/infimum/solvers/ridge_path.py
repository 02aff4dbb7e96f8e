"""b(α) = (XᵀSX + α I)⁻¹ XᵀS y for many α from one decomposition, and the error in each row of the fit without it.

With √s x about the mean = U D Vᵀ, all b(α) = V D/(D² + α) Uᵀ√s y. Leaving a row out changes the fit by its residual
alone: eᵢ = rᵢ / (1 − hᵢ), h the diagonal of the hat matrix, the intercept's part included (Allen 1974; Golub, Heath &
Wahba 1979), so that n fits cost one. The eigenvalues of the Gram matrix give D² to about u D₁²; where that is too
coarse for the least α, U D Vᵀ is computed from the rows. Where columns differ much in size, each α has its own QR.
"""

import numpy as np
from jaxtyping import Float
from scipy.linalg import eigh, qr, solve_triangular, svd

from infimum.certificates.rounding import UNIT
from infimum.models import Params
from infimum.solvers.moments import BLOCK, Columns, Gram, Table

COARSE = 1e-9  # relative accuracy of D² + α with which eigenvalues of a Gram matrix are taken
UNEVEN = 1e6  # the largest column over the smallest, from which each α has a decomposition of its own
ALONE = 1e-12  # 1 − hᵢ up to which nothing but the row itself tells of it
Alphas = Float[np.ndarray, " K"]


def left_out(table: Table, alphas: Alphas) -> Float[np.ndarray, "n K"]:
    """eᵢ = yᵢ − ŷ₋ᵢ, (n, K): the error in row i of the fit without it, for each α ≥ 0 on the scale Σ s̃ᵢ rᵢ² + α ‖b‖².

    s̃ sums to 1 over all rows. ∞ where the row alone tells of some combination of columns, and α = 0.

    >>> X, y = np.array([[0.0], [1.0], [3.0]]), np.array([1.0, 2.0, 2.0])
    >>> left_out(Table.of(X, y, np.ones(3), True), np.array([0.0]))[0]  # the line through the others is level at 2
    array([-1.])
    """
    every = np.arange(len(table.y))
    unit = _units(table)
    if _uneven(unit, alphas, int(np.count_nonzero(table.weight))):
        return _left_out_by_rows(table, alphas, unit) / (float(table.scale[-1]) or 1.0)
    wide = len(unit) + table.intercept >= np.count_nonzero(table.weight)  # 1 − h is what α leaves, and has to be a sum
    gram = None if wide else _unscaled(table.about_own_mean(every), unit)
    values, V = eigh(gram.G) if gram is not None else (np.zeros(1), np.zeros((0, 0)))
    told = float(table.scale[-1]) or 1.0
    if gram is None or _coarse(values, alphas):
        return _by_singular_values(table, alphas, unit) / told
    filters = 1 / (np.maximum(values, 0.0)[:, None] + alphas)
    weights = filters * (V.T @ gram.c)[:, None]
    found = np.empty((len(every), len(alphas)))
    for start in range(0, len(every), BLOCK):
        rows = slice(start, start + BLOCK)
        Z = table.part(rows) - gram.mean
        W = (Z[:, :-1] * unit) @ V
        share = table.weight[rows, None]
        found[rows] = _shared(Z[:, -1:] - W @ weights, 1 - share * (W**2 @ filters + table.intercept))
    return found / told


def ridge_path(table: Table, rows: np.ndarray, M: np.ndarray | None, alphas: Alphas) -> tuple[np.ndarray, Params]:
    """(b (K, p), mean of (x̃, ỹ) (p + 1,)) of the rows learned from, in the table's units, for each α.

    α is on the scale Σ s̃ᵢ rᵢ² + α ‖b‖². M are the moments of the rows, if known. For α = 0 and dependent columns b is
    of least norm.
    """
    unit = _units(table)
    if _uneven(unit, alphas, int(np.count_nonzero(table.weight[rows]))):
        columns = table.columns(rows)
        return np.stack([_by_rows(columns, alpha, unit)[1] for alpha in alphas]), columns.mean
    if len(unit) < len(rows):
        normal = table.normal(rows, M)
        gram = _unscaled(normal, unit)
        values, V = eigh(gram.G)
        if not _coarse(values, alphas):
            B = (V * (V.T @ gram.c)) @ (1 / (np.maximum(values, 0.0)[:, None] + alphas))
            return _scaled(B, unit), normal.mean
    columns = table.columns(rows)
    V, singular, Ut = svd(columns.T * unit[:, None], full_matrices=False)
    kept = singular > _least(singular, columns)
    V, singular, Ut = V[:, kept], singular[kept], Ut[kept]
    B = (V * (Ut @ columns.t)) @ (singular[:, None] / (singular[:, None] ** 2 + alphas))
    return _scaled(B, unit), columns.mean


def _uneven(unit: Params, alphas: Alphas, rows: int) -> bool:
    """Whether columns differ so much in size that one decomposition for all α would lose the small ones.

    With fewer rows than parameters, 1 − hᵢ is what α leaves, which a QR does not have to many digits: not then.
    """
    told = unit[unit > 0]
    return bool(len(told) and rows > len(unit) + 1 and told.max() > UNEVEN * told.min() and alphas.min() > 0)


def _by_rows(columns: Columns, alpha: float, unit: Params) -> tuple[np.ndarray, Params]:
    """(Q (n, q), b̃ (p,)): √s x̃ = Q R with rows √α / unit below, and the fit in the table's units, for one α > 0."""
    told = np.flatnonzero(unit)
    below = np.diag(np.sqrt(alpha) / unit[told])
    Q, R = qr(np.vstack([columns.T[told].T, below]), mode="economic")
    Q, b = Q[: len(columns.t)], np.zeros(len(unit))
    b[told] = solve_triangular(R, Q.T @ columns.t)
    return Q, b


def _left_out_by_rows(table: Table, alphas: Alphas, unit: Params) -> Float[np.ndarray, "n K"]:
    """The errors of rows left out, in the table's units, from a decomposition for each α."""
    columns, root = table.columns(np.arange(len(table.y))), np.sqrt(table.weight)
    counting, errors = root > 0, np.empty((len(root), len(alphas)))
    Z = table.part(np.flatnonzero(~counting)) - columns.mean
    for k, alpha in enumerate(alphas):
        Q, b = _by_rows(columns, float(alpha), unit)
        lever = 1 - np.sum(Q**2, axis=1) - root**2 * table.intercept
        residual = columns.t - b @ columns.T
        errors[counting, k] = _shared(residual[counting], lever[counting]) / root[counting]
        errors[~counting, k] = Z[:, -1] - Z[:, :-1] @ b
    return errors


def _by_singular_values(table: Table, alphas: Alphas, unit: Params) -> Float[np.ndarray, "n K"]:
    columns, root = table.columns(np.arange(len(table.y))), np.sqrt(table.weight)
    V, singular, Ut = svd(columns.T * unit[:, None], full_matrices=False)
    U = Ut[singular > _least(singular, columns)].T
    singular, V = singular[: U.shape[1]], V[:, : U.shape[1]]
    told = (U.T @ columns.t)[:, None] / (singular[:, None] ** 2 + alphas)
    counting = root > 0
    if U.shape[1] + table.intercept >= np.count_nonzero(counting):
        residual, lever = _of_whole_basis(columns, alphas, unit, root if table.intercept else None)
        least = 0.0
    else:
        least = ALONE
        beside, lever = columns.t - U @ (U.T @ columns.t), 1 - np.sum(U**2, axis=1) - root**2 * table.intercept
        residual = beside[:, None] + U @ (alphas * told)
        lever = lever[:, None] + U**2 @ (alphas / (singular[:, None] ** 2 + alphas))
    found = _shared(residual[counting], lever[counting], least) / root[counting, None]
    Z = table.part(np.flatnonzero(~counting)) - columns.mean
    errors = np.empty((len(root), len(alphas)))
    errors[counting] = found
    errors[~counting] = Z[:, -1:] - (Z[:, :-1] * unit) @ (V @ (singular[:, None] * told))
    return errors


def _of_whole_basis(
    columns: Columns, alphas: Alphas, unit: Params, root: np.ndarray | None
) -> tuple[Float[np.ndarray, "n K"], Float[np.ndarray, "n K"]]:
    """(r, 1 − h), (n, K) each, where the columns span all that the intercept leaves: nothing but what α leaves.

    r = Σₖ Uₖ (Uₖᵀt) α/(Dₖ² + α) and 1 − h = Σₖ Uₖ² α/(Dₖ² + α), of positive terms, over a whole orthonormal basis at
    right angles to √s. A singular vector of a Dₖ that is all rounding is not at right angles by itself.
    """
    Q = np.eye(len(columns.t)) if root is None else _at_right_angles(root)
    U, singular, _ = svd(Q.T @ (columns.T * unit[:, None]).T, full_matrices=True)
    U = Q @ U
    square = np.zeros((U.shape[1], 1))
    square[: len(singular), 0] = np.where(singular > _least(singular, columns), singular**2, 0.0)
    with np.errstate(invalid="ignore"):
        share = np.where(square > 0, alphas / (square + alphas), 1.0)
    return U @ (share * (U.T @ columns.t)[:, None]), U**2 @ share


def _at_right_angles(root: np.ndarray) -> Float[np.ndarray, "n m"]:
    """An orthonormal basis of what is at right angles to √s, by one reflection (Householder 1958), (n, n − 1).

    >>> np.round(_at_right_angles(np.array([0.6, 0.8])), 3).tolist()
    [[0.8], [-0.6]]
    """
    v = root / np.linalg.norm(root)
    most = int(np.argmax(np.abs(v)))
    v[most] += np.copysign(1.0, v[most])
    Q = np.eye(len(v)) - np.outer(v, v * (2 / float(v @ v)))
    return np.delete(Q, most, axis=1)


def _shared(residual: np.ndarray, lever: np.ndarray, least: float = ALONE) -> np.ndarray:
    """rᵢ / (1 − hᵢ); ∞ where 1 − hᵢ is 0: as a difference that is not told from 0, as a sum not above it."""
    alone = lever <= least
    return np.where(alone, np.inf, residual / np.where(alone, 1.0, lever))


def _coarse(values: np.ndarray, alphas: Alphas) -> bool:
    """Whether u D₁² is not small beside D² + α."""
    return bool(2.0**-46 * values[-1] > COARSE * (max(float(values[0]), 0.0) + alphas.min()))


def _least(singular: np.ndarray, columns: Columns) -> float:
    """The size below which a singular value is 0 to working precision."""
    return float(4 * UNIT * max(columns.T.shape) * singular.max(initial=0.0))


def _units(table: Table) -> Params:
    """1/t of the columns, (p,): x about the mean = x̃ / t; 0 for a column that is constant."""
    scale = table.scale[:-1]
    return np.divide(1.0, scale, where=scale > 0, out=np.zeros(len(scale)))


def _unscaled(gram: Gram, unit: Params) -> Gram:
    """The same in the units of the columns, in which a ridge is stated."""
    return Gram(gram.G * unit * unit[:, None], gram.c * unit, gram.yy, gram.mean)


def _scaled(B: np.ndarray, unit: Params) -> np.ndarray:
    """(p, K) ↦ (K, p), from coefficients of the columns to those of the table's."""
    return np.ascontiguousarray((B * unit[:, None]).T)
