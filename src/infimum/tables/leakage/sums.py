"""y = ±x_a ± x_b …: the number columns of which a target is the total, or a part, exactly and without a constant.

Two and three terms are all tried, a few rows at a time. Longer sums solve an integer program, min Σ|βⱼ| over
β ∈ {−1, 0, 1}ᵏ with Xβ = y, which has a solution only where y lies in the span of the columns. What is found holds
on every row in which its columns are present, to a few units in the last place, and no shorter relation explains it.
"""

from collections.abc import Iterator

import numpy as np

from infimum.tables.leakage.coincidence import certain, equality_log_chance

Terms = tuple[int, ...]  # j for +x_j, j + k for −x_j, of k columns

SLACK = 8 * np.finfo(float).eps
LEAST_ROWS_OFF_MODE = 5
MOST_PROGRAMS = 40
LARGEST = 1e100


def unit_sums(X: np.ndarray, y: np.ndarray) -> tuple[tuple[tuple[int, ...], tuple[int, ...], int], ...]:
    """(columns, signs, rows) of each sum y = Σ sⱼ xⱼ, sⱼ = ±1, of two or more columns of X, (n, k); NaN is missing.

    All the shortest first; then all the shortest among the columns that are left; until there is none.

    >>> a, b = np.random.default_rng(0).integers(0, 99, (2, 60)).astype(float)
    >>> unit_sums(np.stack([a, b], axis=1), a - b)
    (((0, 1), (1, -1), 60),)
    """
    found: list[tuple[tuple[int, ...], tuple[int, ...], int]] = []
    present = np.abs(y) < LARGEST  # NaN is not
    X, y = X[present], y[present]
    k = X.shape[1]
    left = [j for j in range(k) if varies(X[:, j])]
    while len(left) > 1 and (sums := shortest_sums(X[:, left], y)):
        taken = set()
        for terms in sums:
            columns = [left[t % len(left)] for t in terms]
            signs = tuple(1 if t < len(left) else -1 for t in terms)
            rows = int((~np.isnan(X[:, columns])).all(axis=1).sum())
            found.append((tuple(columns), signs, rows))
            taken |= set(columns)
        left = [j for j in left if j not in taken]
    return tuple(found)


def varies(x: np.ndarray) -> bool:
    """At least five present values are not the most frequent one, and none is too large to be squared."""
    distinct, counts = np.unique(x[~np.isnan(x)], return_counts=True)
    if len(counts) < 2 or np.abs(distinct).max() >= LARGEST:
        return False
    return int(counts.sum() - counts.max()) >= LEAST_ROWS_OFF_MODE


def shortest_sums(X: np.ndarray, y: np.ndarray) -> list[Terms]:
    """The sums of two terms; if there are none, those of three; if there are none, the shortest."""
    signed = np.concatenate([X, -X], axis=1)
    for candidates in (pairs(signed, y), triples(signed, y)):
        sums = [terms for terms in candidates if holds(signed, y, terms)]
        if sums:
            return sums
    return longer_sums(X, y)


def holds(signed: np.ndarray, y: np.ndarray, terms: Terms) -> bool:
    """y = Σ terms on every complete row; no coincidence; and y and the terms are tied by no other relation."""
    parts = signed[:, terms]
    rows = ~np.isnan(parts).any(axis=1)
    parts, total = parts[rows], y[rows]
    if not all(varies(part) for part in parts.T) or not equal(parts.sum(axis=1), total, np.abs(parts).sum(axis=1)):
        return False
    tests = float(signed.shape[1]) ** len(terms)
    if not certain(equality_log_chance(np.unique(total, return_inverse=True)[1]), tests):
        return False
    spread = np.linalg.svd(np.linalg.qr(parts / np.linalg.norm(parts, axis=0), mode="r"), compute_uv=False)
    return bool(spread[-1] > 1e-8 * spread[0])


def equal(a: np.ndarray, b: np.ndarray, size: np.ndarray) -> bool:
    """|aᵢ − bᵢ| ≤ 8 ε (sizeᵢ + |bᵢ|) in every row."""
    return bool((np.abs(a - b) <= SLACK * (size + np.abs(b))).all())


def sieve(signed: np.ndarray, y: np.ndarray, terms: np.ndarray) -> np.ndarray:
    """The rows of `terms` (c, m) that are not refuted by 480 rows of the table, drawn once, more and more at a time."""
    drawn = np.random.default_rng(0).permutation(len(y))[:480]
    complete = np.zeros(len(terms), dtype=int)
    for few in np.split(drawn, [4, 16, 64, 192]):
        parts = [signed[np.ix_(few, terms[:, at])] for at in range(terms.shape[1])]
        total, size = sum(parts), sum(np.abs(part) for part in parts)
        missing = np.isnan(total)
        off = np.abs(total - y[few, None]) > SLACK * (size + np.abs(y[few, None]))
        kept = ~off.any(axis=0)
        complete += (~missing).sum(axis=0)
        terms, complete = terms[kept], complete[kept]
        if not len(terms):
            break
    return terms[complete > 0]


def pairs(signed: np.ndarray, y: np.ndarray) -> Iterator[Terms]:
    """(u, v), u < v, of two different columns, that the sieve lets through."""
    first, second = np.triu_indices(signed.shape[1], 1)
    apart = second - first != signed.shape[1] // 2
    yield from map(tuple, sieve(signed, y, np.stack([first[apart], second[apart]], axis=1)).tolist())


def triples(signed: np.ndarray, y: np.ndarray) -> Iterator[Terms]:
    """(u, v, w), u < v < w, of three different columns, that the sieve lets through."""
    k = signed.shape[1] // 2
    for last in range(2, 2 * k):
        first, second = np.triu_indices(last, 1)
        apart = (second - first != k) & (last - first != k) & (last - second != k)
        terms = np.stack([first[apart], second[apart], np.full(int(apart.sum()), last)], axis=1)
        yield from map(tuple, sieve(signed, y, terms).tolist())


def longer_sums(X: np.ndarray, y: np.ndarray) -> list[Terms]:
    """The shortest sums of four terms and more: one, then those that do without one of its columns, and so on.

    Looked for among columns that are complete together on enough rows: those with most missing cells are left out.
    """
    kept = together(X)
    if len(kept) < 4:
        return []
    k = X.shape[1]
    signed = np.concatenate([X, -X], axis=1)
    rows = np.random.default_rng(0).permutation(np.flatnonzero(~np.isnan(X[:, kept]).any(axis=1)))
    found: list[Terms] = []
    waiting: list[frozenset[int]] = [frozenset()]
    tried: set[frozenset[int]] = set()
    while waiting and len(tried) < MOST_PROGRAMS:
        without = waiting.pop(0)
        if without in tried:
            continue
        tried.add(without)
        used = np.array([j for j in kept if j not in without])
        for few in (rows[: 4 * k + 200], rows):
            beta = unit_solution(X[np.ix_(few, used)], y[few])
            terms = tuple(np.sort(np.where(beta > 0, used, used + k)[beta != 0]).tolist())
            if not terms or holds(signed, y, terms):
                break
        if found and len(terms) > len(found[0]):
            continue
        waiting += [without | {t % k} for t in terms]
        if len(terms) > 3 and terms not in found and holds(signed, y, terms):
            found.append(terms)
    return found


def together(X: np.ndarray) -> list[int]:
    """Columns with at least 2k + 20 rows complete in all of them: without those with most missing cells, if need be."""
    missing = np.isnan(X)
    kept = np.argsort(missing.sum(axis=0), kind="stable").tolist()
    while kept and int((~missing[:, kept].any(axis=1)).sum()) < 2 * len(kept) + 20:
        kept.pop()
    return sorted(kept)


def unit_solution(X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """β ∈ {−1, 0, 1}ᵏ of least Σ|βⱼ| with Xβ = y, (k,); zeros where y is not in the span of X or there is no such β."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    k = X.shape[1]
    if k < 2 or not (scale := float(np.linalg.norm(y))):
        return np.zeros(k)
    norms = np.linalg.norm(X, axis=0)
    norms[norms == 0] = 1.0
    Z = np.linalg.qr(np.column_stack([X / norms, y / scale]), mode="r")
    Q, s, Vt = np.linalg.svd(Z[:, :k], full_matrices=False)
    rank = int((s > 1e-10 * s[0]).sum())
    target = Q[:, :rank].T @ Z[:, k]
    if np.linalg.norm(Z[:, k] - Q[:, :rank] @ target) > 1e-9:
        return np.zeros(k)
    R = s[:rank, None] * Vt[:rank] * norms / scale
    size = np.abs(R).max(axis=1)
    exact = LinearConstraint(np.hstack([R, -R]) / size[:, None], target / size, target / size)
    options = {"time_limit": 2.0}
    answer = milp(np.ones(2 * k), constraints=exact, integrality=np.ones(2 * k), bounds=Bounds(0, 1), options=options)
    return np.zeros(k) if answer.x is None else np.round(answer.x[:k] - answer.x[k:])
