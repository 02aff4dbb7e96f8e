"""Xc = 0 with the fewest non-zero entries: a circuit of the columns of X, which no smaller set of them is tied by.

The null space comes from a pivoted QR of the scaled columns. Columns that are tied fall into components; a component
of one relation is its circuit. In one of several, each column in turn is written as the sparsest combination of the
others, min Σ|βⱼ| (Chen, Donoho and Saunders 1998, basis pursuit), and the smallest circuits that span the relations are
kept.
"""

import numpy as np

NEGLIGIBLE = 1e-9
MOST_PROGRAMS = 60


def circuits(X: np.ndarray) -> list[tuple[int, ...]]:
    """Supports of independent relations Xc = 0 that span all of them, small ones first; X is (n, k), n > k, no NaN.

    >>> a, b = np.random.default_rng(0).normal(size=(2, 9))
    >>> circuits(np.stack([a, b, a + 2 * b, b - a], axis=1))
    [(0, 1, 2), (0, 1, 3)]
    """
    from scipy.linalg import qr

    k = X.shape[1]
    norms = np.linalg.norm(X, axis=0)
    if k < 2 or not norms.all():
        return []
    R, order = qr(np.linalg.qr(X / norms, mode="r"), mode="r", pivoting=True)
    diagonal = np.abs(np.diag(R))
    rank = int((diagonal > NEGLIGIBLE * diagonal[0]).sum())
    if rank == k:
        return []
    tied = np.linalg.solve(R[:rank, :rank], R[:rank, rank:])  # column j of R is R[:, :rank] @ tied[:, j]
    relations = np.zeros((k, k - rank))
    relations[order[:rank]], relations[order[rank:]] = tied, -np.eye(k - rank)
    relations[np.abs(relations) < 1e-7] = 0.0
    R = R[:rank, np.argsort(order)]
    found: list[tuple[int, ...]] = []
    for part in components(relations != 0):
        found += spanning(R, relations[:, part])
    return sorted(found, key=lambda support: (len(support), support))


def components(pattern: np.ndarray) -> list[list[int]]:
    """The columns of a 0/1 pattern (k, d), in groups that share no row."""
    left, found = list(range(pattern.shape[1])), []
    while left:
        part = [left.pop(0)]
        for column in part:
            joined = [other for other in left if bool((pattern[:, column] & pattern[:, other]).any())]
            part += joined
            left = [other for other in left if other not in joined]
        found.append(part)
    return found


def spanning(R: np.ndarray, relations: np.ndarray) -> list[tuple[int, ...]]:
    """Smallest supports of as many independent relations as there are columns in `relations` (k, d)."""
    k, d = relations.shape
    tied = np.flatnonzero(relations.any(axis=1))
    given = [relation / np.linalg.norm(relation) for relation in relations.T]
    tries = [sparsest(R, int(j), tied) for j in tied] if d > 1 and len(tied) <= MOST_PROGRAMS else []
    vectors = [c for c in tries if c is not None] + given
    vectors.sort(key=lambda c: (np.count_nonzero(c), *np.flatnonzero(c)))
    kept = np.zeros((0, k))
    for vector in vectors:
        more = np.vstack([kept, vector])
        if len(kept) < d and np.linalg.matrix_rank(more, tol=1e-6) == len(more):
            kept = more
    return [tuple(np.flatnonzero(vector).tolist()) for vector in kept]


def sparsest(R: np.ndarray, j: int, tied: np.ndarray) -> np.ndarray | None:
    """c of unit length, (k,), with Rc = 0 and cⱼ ≠ 0, by min Σ|cᵢ/cⱼ|; None where the program is not solved."""
    from scipy.optimize import linprog

    others = tied[tied != j]
    A = R[:, others]
    answer = linprog(np.ones(2 * len(others)), A_eq=np.hstack([A, -A]), b_eq=R[:, j], bounds=(0, None))
    if answer.x is None:
        return None
    c = np.zeros(R.shape[1])
    beta = answer.x[: len(others)] - answer.x[len(others) :]
    c[others], c[j] = np.where(np.abs(beta) > 1e-6, beta, 0.0), -1.0
    return c / np.linalg.norm(c)
