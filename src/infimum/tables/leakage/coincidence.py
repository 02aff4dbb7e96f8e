"""chance ≤ Π_g Σ_c p_c^{m_g}: could an exact dependence between two columns be a coincidence?

Let a column take the value c with frequency p_c, independently from row to row, and let another split the rows into
levels of m_g rows. The chance that every level holds one value only is Π_g Σ_c p_c^{m_g}: levels of one row count for
nothing, and rare values for little. An exact dependence is believed where this is below 10⁻⁹ over the number of
dependences looked at (Bonferroni 1936).
"""

import numpy as np

CERTAIN = float(np.log(1e-9))


def certain(log_chance: float, tests: float) -> bool:
    """chance · tests < 10⁻⁹, for the logarithms of chances that underflow.

    >>> certain(-30.0, 10), certain(-20.0, 10)
    (True, False)
    """
    return bool(log_chance + np.log(max(tests, 1)) < CERTAIN)


def agreement_log_chance(groups: np.ndarray, codes: np.ndarray) -> float:
    """Σ_g log Σ_c p_c^{m_g}, for the levels g of one column (n,) and the values c of another (n,), both counted from 0.

    >>> float(np.exp(agreement_log_chance(np.array([0, 0, 1, 1]), np.array([5, 5, 7, 7]))))  # two pairs, ½ each
    0.25
    """
    if not len(codes):
        return 0.0
    counts = np.bincount(codes)
    log_p = np.log(counts[counts > 0] / len(codes))
    sizes = np.bincount(groups)
    sizes, times = np.unique(sizes[sizes > 0], return_counts=True)
    exponents = sizes[:, None] * (log_p - log_p.max())
    return float(times @ (np.log(np.exp(exponents).sum(axis=1)) + sizes * log_p.max()))


def equality_log_chance(codes: np.ndarray) -> float:
    """n log max_c p_c ≥ the log-chance that a column drawn independently equals this one in all n rows.

    >>> float(np.exp(equality_log_chance(np.array([0, 1, 2, 3]))))
    0.00390625
    """
    return len(codes) * float(np.log(np.bincount(codes).max() / len(codes))) if len(codes) else 0.0


def values_log_chance(values: np.ndarray) -> float:
    """−n H(x): the log-chance of drawing just these values, in this order, from their own frequencies.

    >>> float(np.exp(values_log_chance(np.array([1.5, 2.5]))))
    0.25
    """
    counts = np.unique(values, return_counts=True)[1]
    return float(counts @ np.log(counts / len(values))) if len(values) else 0.0


def first_rows(groups: np.ndarray) -> np.ndarray:
    """i ↦ a row that stands for the level of row i, the same for all rows of a level: positions, (n,).

    >>> first_rows(np.array([3, 1, 3])).tolist()
    [0, 1, 0]
    """
    if not len(groups):
        return np.zeros(0, dtype=np.intp)
    place = np.empty(int(groups.max()) + 1, dtype=np.intp)
    place[groups[::-1]] = np.arange(len(groups) - 1, -1, -1)
    return place[groups]


def determines(groups: np.ndarray, codes: np.ndarray) -> bool:
    """groupsᵢ = groupsⱼ ⇒ codesᵢ = codesⱼ, for every two rows; looked at in a thousand rows before all.

    >>> determines(np.array([0, 1, 0]), np.array([4, 4, 4])), determines(np.array([0, 0]), np.array([1, 2]))
    (True, False)
    """
    step = len(codes) // 1000
    if step > 3 and not bool((codes[::step] == codes[::step][first_rows(groups[::step])]).all()):
        return False
    return bool((codes == codes[first_rows(groups)]).all())


def one_to_one(a: np.ndarray, b: np.ndarray) -> bool:
    """aᵢ = aⱼ ⇔ bᵢ = bⱼ, for every two rows.

    >>> one_to_one(np.array([0, 1, 0]), np.array([2, 0, 2])), one_to_one(np.array([0, 1]), np.array([3, 3]))
    (True, False)
    """
    return determines(a, b) and determines(b, a)
