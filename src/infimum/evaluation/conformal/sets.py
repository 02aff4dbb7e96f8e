"""{k : s(x, k) ≤ q}, q the conformal quantile of s(xᵢ, yᵢ): the classes that cannot be ruled out at a level.

A score says how badly a class suits a row, from probabilities p (n, K) of a model that has not seen it:

    LAC    1 − p_k                                       the smallest sets on average (Sadinle, Lei & Wasserman 2019)
    APS    Σ {p_j : j likelier than k} + u p_k           sets that grow where the model is unsure (Romano et al. 2020)
    RAPS   the same + λ max(place of k − k₀, 0)          without their long tails (Angelopoulos et al. 2021)

u is uniform on (0, 1), drawn once a row. Sets may be empty: the row then suits no class as well as the rows of
calibration did. Probabilities need not be right for the coverage to be; they only have to be good for sets to be small.
"""

import numpy as np

from infimum.evaluation.conformal import rank, smallest


def lac_scores(p: np.ndarray) -> np.ndarray:
    """s(x, k) = 1 − p_k, (n, K), from probabilities (n, K). Sadinle, Lei & Wasserman (2019).

    Raises ValueError for anything but probabilities.

    >>> lac_scores(np.array([[0.75, 0.25]]))
    array([[0.25, 0.75]])
    """
    return 1 - _probabilities(p)


def aps_scores(p: np.ndarray, u: np.ndarray, strength: float = 0.0, free: int = 0) -> np.ndarray:
    """s(x, k) = Σ {p_j : j before k} + u p_k + strength · max(place of k − free, 0), (n, K); places by falling p.

    p (n, K); u (n,) in [0, 1], uniform for exact coverage, all 1 for sets that are never empty and cover more. Romano,
    Sesia & Candès (2020); strength > 0 is RAPS (Angelopoulos, Bates, Malik & Jordan 2021). Equal p are ordered by
    class. Raises ValueError for anything but probabilities, other shapes or u outside [0, 1].

    >>> aps_scores(np.array([[0.25, 0.5, 0.25]]), np.array([0.5]))
    array([[0.625, 0.25 , 0.875]])
    """
    p = _probabilities(p)
    if np.shape(u) != (len(p),) or not np.all((np.asarray(u) >= 0) & (np.asarray(u) <= 1)):
        raise ValueError(f"u has shape {np.shape(u)}; expected ({len(p)},), numbers from 0 to 1, one a row")
    order = np.argsort(-p, axis=1, kind="stable")
    ranked = np.take_along_axis(p, order, axis=1)
    before = np.cumsum(ranked, axis=1) - ranked
    beyond = np.maximum(np.arange(1, p.shape[1] + 1) - free, 0)
    scores = np.empty_like(p)
    np.put_along_axis(scores, order, before + np.asarray(u)[:, None] * ranked + strength * beyond, axis=1)
    return scores


def split_sets(own: np.ndarray, scores: np.ndarray, level: float = 0.9) -> np.ndarray:
    """{k : s(x, k) ≤ q} as booleans (m, K): P(y in the set) ≥ level; q the conformal quantile of own = s(xᵢ, yᵢ), (n,).

    scores (m, K) are those of the new rows. Every class is in where n is too small for the level. Vovk, Gammerman &
    Shafer (2005). Raises ValueError unless 0 < level < 1.

    >>> split_sets(np.array([0.1, 0.2, 0.3]), np.array([[0.25, 0.75]]), 0.75)
    array([[ True, False]])
    """
    return np.asarray(scores) <= smallest(own, rank(len(own), level))


def cross_sets(own: np.ndarray, fold: np.ndarray, scores: np.ndarray, level: float = 0.9) -> np.ndarray:
    """{k : #{i : s₋ᵢ(xᵢ, yᵢ) < s₋ᵢ(x, k)} < (1 − α)(n + 1)} as booleans (m, K): CV+ for classes (`cross_guarantee`).

    own (n,) are the rows' scores by the model that has not seen their fold, fold (n,) which model that is, scores
    (k, m, K) those of the new rows by every model. Romano, Sesia & Candès (2020), section 2.3. Raises ValueError unless
    0 < level < 1.

    >>> cross_sets(np.array([0.1, 0.2, 0.3]), np.array([0, 0, 1]), np.array([[[0.15, 0.9]], [[0.4, 0.9]]]), 0.75)
    array([[ True, False]])
    """
    own, fold = np.asarray(own), np.asarray(fold)
    below = sum(np.searchsorted(np.sort(own[fold == j]), each, side="left") for j, each in enumerate(scores))
    return np.asarray(below < rank(len(own), level))


def class_sets(known: tuple[np.ndarray, np.ndarray, np.ndarray], scores: np.ndarray, level: float = 0.9) -> np.ndarray:
    """{k : #{i of class k : s₋ᵢ(xᵢ, k) < s₋ᵢ(x, k)} < (1 − α)(n_k + 1)} as booleans (m, K): covers class by class.

    known is (own, fold, label), (n,) each: the rows' scores of their own class, the model that has not seen the row,
    the class from 0; scores (k, m, K) as in `cross_sets`, whose guarantee holds within each class for the folds' rows
    of that class. A class with too few rows for the level is in every set. Vovk, Gammerman, Nouretdinov & Shafer
    (2003). Raises ValueError unless 0 < level < 1.

    >>> known = np.array([0.1, 0.2, 0.3]), np.array([0, 0, 0]), np.array([0, 0, 0])
    >>> class_sets(known, np.array([[[0.9, 0.9]]]), 0.75)
    array([[False,  True]])
    """
    own, fold, label = (np.asarray(each) for each in known)
    parts = []
    for k in range(np.shape(scores)[2]):
        mine = label == k
        parts.append(cross_sets(own[mine], fold[mine], np.asarray(scores)[:, :, k : k + 1], level))
    return np.hstack(parts)


def _probabilities(p: np.ndarray) -> np.ndarray:
    p = np.asarray(p, dtype=float)
    if p.ndim != 2 or not np.all((p >= 0) & (p <= 1 + 1e-9)) or not np.allclose(p.sum(axis=1), 1, atol=1e-6):
        raise ValueError(f"p of shape {p.shape} are no probabilities; expected (n, K) ≥ 0, each row adding up to 1")
    return p
