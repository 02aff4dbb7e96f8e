"""VIFⱼ = 1 / (1 − Rⱼ²): how much the variance of a coefficient grows because other columns say nearly the same."""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import svd

ALARM = 5.0  # relations are told of columns with larger factors
ROUNDING = 8 * np.finfo(float).eps
TOLD = 0.05  # of the largest standardised weight: a column below is not named in a relation
MOST = 4  # columns named in a relation


@dataclass(frozen=True)
class Collinearity:
    """VIF = 1/(1 − R²) of a column on the others, (1 − R²) its tolerance; relation, what it nearly is, in words."""

    column: str
    factor: float
    relation: str

    def __str__(self) -> str:
        factor = "∞" if np.isinf(self.factor) else f"{self.factor:.3g}"
        return f"{self.column}: {factor}" + (f"; {self.relation}" if self.relation else "")


def variance_inflation(
    X: np.ndarray, names: tuple[str, ...], weight: np.ndarray | None = None, intercept: bool = True
) -> tuple[Collinearity, ...]:
    """VIFⱼ = (Z'Z)⁻¹ⱼⱼ of standardised columns Z of X (n, p), with each one's regression on the others; largest first.

    Without an intercept columns are scaled, not centred. weight (n,) counts rows like repetitions. Belsley, Kuh &
    Welsch (1980). A column that depends on others to working precision, or does not vary, has ∞. Raises
    ValueError unless there are as many names as columns.

    >>> X = np.array([[0.0, 1.0], [1.0, 3.1], [2.0, 4.9], [3.0, 7.0]])
    >>> for each in variance_inflation(X, ("length", "twice")): print(each)
    twice: 1.09e+03; twice ≈ 1.98 length + 1.03
    length: 1.09e+03; length ≈ 0.5046 twice − 0.518
    """
    X = np.asarray(X, dtype=float)
    if X.ndim != 2 or len(names) != X.shape[1]:
        raise ValueError(f"X has shape {X.shape} and there are {len(names)} names; expected (n, p) and p names")
    share = np.ones(len(X)) / len(X) if weight is None else np.asarray(weight, dtype=float) / np.sum(weight)
    centre = share @ X if intercept else np.zeros(X.shape[1])
    Z = (X - centre) * np.sqrt(share)[:, None]
    size = np.linalg.norm(Z, axis=0)
    varies = size > ROUNDING * np.sqrt(share @ X**2)
    size = np.where(varies, size, 1.0)
    _, singular, directions = svd(Z[:, varies] / size[varies], full_matrices=len(X) < varies.sum())
    singular = np.append(singular, np.zeros(len(directions) - len(singular)))
    small = singular <= ROUNDING * max(Z.shape) * singular.max(initial=0.0)
    inverse = (directions[~small].T / singular[~small] ** 2) @ directions[~small]
    found = [Collinearity(names[j], np.inf, "does not vary") for j in np.flatnonzero(~varies)]
    columns = np.flatnonzero(varies)
    for at, j in enumerate(columns):
        null = directions[small]
        involved = len(null) and float(np.abs(null[:, at]).max()) > np.sqrt(ROUNDING)
        line = null[np.argmax(np.abs(null[:, at]))] if involved else inverse[at]
        slopes = np.zeros(X.shape[1])
        slopes[columns] = -line / line[at] * size[j] / size[columns]
        slopes[j] = 0.0
        sign = "=" if involved else "≈"
        factor = np.inf if involved else float(inverse[at, at])
        told = relation(names[j], slopes, (centre[j] - slopes @ centre if intercept else 0.0, size), names, sign)
        found.append(Collinearity(names[j], factor, told if factor > ALARM else ""))
    return tuple(sorted(found, key=lambda each: -each.factor))


def relation(
    name: str, slopes: np.ndarray, constant: tuple[float, np.ndarray], names: tuple[str, ...], sign: str
) -> str:
    """name ≈ Σ slopeₖ nameₖ + constant, in words: the columns of the largest slopes times sizes, at most four.

    >>> relation("a", np.array([0.0, 2.0, -1.0]), (0.5, np.ones(3)), ("a", "b", "c"), "≈")
    'a ≈ 2 b − 1 c + 0.5'
    """
    free, size = constant
    reach = np.abs(slopes) * size
    taken = [int(k) for k in np.argsort(-reach, kind="stable") if reach[k] > TOLD * reach.max()]
    terms = [(slopes[k], f"{abs(slopes[k]):.4g} {names[k]}") for k in taken[:MOST]]
    more = [(1.0, "…")] if len(taken) > MOST else []
    free_term = [(free, f"{abs(free):.3g}")] if abs(free) > TOLD * reach.max(initial=0.0) else []
    text = ""
    for value, term in [*terms, *more, *free_term]:
        text += (" + " if value >= 0 else " − ") + term if text else ("−" if value < 0 else "") + term
    return f"{name} {sign} {text}"
