"""aᵢᵀ(D_y − Dₖ) ≥ 0 for every row i and class k ≠ yᵢ, > 0 for some: a direction D along which no row's loss rises.

Two classes are the case K = 2, D = (0, d): (2yᵢ − 1) aᵢᵀd ≥ 0. These directions are a cone; linear programs find one
that tells most rows apart (after Konis 2007), then the sparsest that tells as many. Each begins with the rows that the
fit tells worst and takes in those that it violates, so that most rows are never part of it. The programs work to 1e-7;
what they find is rounded, or made orthogonal in rational arithmetic to the rows that it should not move, and checked
there row by row.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from scipy.linalg import qr, solve_triangular
from scipy.optimize import linprog

from infimum.certificates.rationals import exact_products, in_binary, orthogonal, simple
from infimum.kernels.parts import push

Exact = list[Fraction]
ROUNDS = 60  # of taking in violated rows
ROOM = 5  # rows of the first program, and of each that follows, for every parameter
VIOLATED = 1e-9  # of the scaled rows
MOVED = 1e-6  # a smaller margin is taken to be 0
MOST_COLUMNS = 60  # beyond, rational elimination takes longer than the fit
MEDIAN = 1000  # rows, about, that tell what is in the middle of a column
SETTLED = 4e-13  # of the sum of all margins, by which all of them may be off
APART = 1e-4  # of the largest pivot: columns that programs which work to 1e-7 tell from each other
SINGULAR = 1e-14  # of the largest pivot: columns that float64 cannot tell from dependent ones
DEPENDENT = 1e-10  # what is left of a column, squared, when those before it are taken out


@dataclass(frozen=True)
class Cone:
    """{D (P, K) : aᵢᵀ(D_y − Dₖ) ≥ 0 for all i and k ≠ yᵢ}, D₀ = 0: A (n, P), y (n,) in {0, …, K − 1}; d is D₁, …."""

    A: np.ndarray
    y: np.ndarray
    classes: int

    def margins(self, d: np.ndarray) -> np.ndarray:
        """aᵢᵀ(D_y − Dₖ), (n (K − 1),), row by row."""
        scores = np.column_stack([np.zeros(len(self.A)), push(self.A, d.reshape(-1, self.classes - 1))])
        own = np.take_along_axis(scores, self.y[:, None], axis=1)
        return np.asarray((own - scores)[self._others()])

    def rows(self, index: np.ndarray) -> np.ndarray:
        """The rows whose products with d are those margins, (q, P (K − 1))."""
        i, rank = np.divmod(index, self.classes - 1)
        rival = rank + (rank >= self.y[i])
        out, each = np.zeros((len(index), self.A.shape[1], self.classes)), np.arange(len(index))
        out[each, :, self.y[i]] += self.A[i]
        out[each, :, rival] -= self.A[i]
        return out[:, :, 1:].reshape(len(index), self.A.shape[1] * (self.classes - 1))

    def total(self, counting: np.ndarray) -> np.ndarray:
        """The sum of those of them that count, (P (K − 1),): counting (n (K − 1),) is true or false."""
        share = np.zeros((len(self.A), self.classes))
        share[self._others()] = -1.0 * counting
        np.put_along_axis(share, self.y[:, None], -share.sum(axis=1, keepdims=True), axis=1)
        return np.asarray(self.A.T @ share[:, 1:]).ravel()

    def exact_margins(self, d: Exact) -> list[Fraction]:
        """The margins in rational arithmetic; as the float, where its sign and their sum are beyond doubt."""
        rough, doubt = self._rough(d)
        coarse = float(doubt.sum()) > SETTLED * float(np.abs(rough).sum())  # their sum is told too
        unsettled = np.arange(len(rough)) if coarse else np.flatnonzero(~(np.abs(rough) > doubt))
        out = [Fraction(x) if math.isfinite(x) else Fraction(0) for x in rough.tolist()]
        for at, value in zip(unsettled.tolist(), exact_products(self.rows(unsettled), d), strict=True):
            out[at] = value
        return out

    def holds(self, d: Exact, moved: np.ndarray) -> bool:
        """Whether no margin is below 0, and those in `moved` are above."""
        rough, doubt = self._rough(d)
        if np.any(rough < -doubt) or np.any(rough[moved] <= -doubt[moved]):
            return False
        margins = np.array(self.exact_margins(d), dtype=object)
        return bool(np.all(margins >= 0) and np.all(margins[moved] > 0))

    def _rough(self, d: Exact) -> tuple[np.ndarray, np.ndarray]:
        """The margins in floating point, and bounds on their rounding."""
        near = np.array([float(x) for x in d])
        moving = np.flatnonzero(near.reshape(-1, self.classes - 1).any(axis=1))
        size = np.abs(self.A[:, moving]) @ np.abs(near.reshape(-1, self.classes - 1)[moving])
        doubt = 2e-15 * (self.A.shape[1] + 2) * 2 * size.max(axis=1, initial=0.0)
        return self.margins(near), np.repeat(doubt, self.classes - 1)

    def _others(self) -> np.ndarray:
        return np.arange(self.classes)[None, :] != self.y[:, None]


def recession_direction(cone: Cone, near: np.ndarray) -> Exact | None:
    """d of the cone with a margin > 0, exact; None where none is found. near (P (K − 1),) is where the solver got to.

    >>> cone = Cone(np.array([[1.0, -2.0], [1.0, 0.0], [1.0, 3.0]]), np.array([0, 0, 1]), 2)
    >>> recession_direction(cone, np.zeros(2))
    [Fraction(-1, 1), Fraction(3, 4)]
    """
    table, basis = _centred(cone.A)
    kept, start = independent_columns(table), np.argsort(cone.margins(near))
    if not len(kept):
        return None
    scaled = Cone(np.ascontiguousarray(table[:, kept]), cone.y, cone.classes)
    widest = _widest(scaled, start)
    guesses = [] if widest is None else [_sparsest(scaled, widest), widest]
    found = _told_exactly(cone, scaled, [basis[j] for j in kept], guesses)
    if found is not None:
        return found
    found = _nearby(cone, near)  # complete separation: where the fit got to is a direction itself
    return found if found is not None else _of_nearly_dependent(cone, (table, basis), start)


def _told_exactly(
    cone: Cone, scaled: Cone, basis: list[list[tuple[int, Fraction]]], guesses: list[np.ndarray | None]
) -> Exact | None:
    """The first of the guesses, directions of the scaled cone, that is one of the cone after some rounding."""
    m = cone.classes - 1
    for guess in guesses:
        if guess is None:
            continue
        margins = scaled.margins(guess)
        moved = np.flatnonzero(margins > MOVED * max(1.0, 1e-3 * float(margins.max())))
        for d in _exactly(scaled, guess):
            whole = [Fraction(0)] * (cone.A.shape[1] * m)
            for column, part in zip(basis, zip(*[iter(d)] * m, strict=True), strict=True):
                for j, share in column:
                    for k, x in enumerate(part):
                        whole[j * m + k] += share * x
            exact = in_binary(whole) if any(whole) else None
            if exact is not None and cone.holds(exact, moved):
                return exact
    return None


def _nearby(cone: Cone, near: np.ndarray) -> Exact | None:
    """near itself, where every margin is above 0."""
    if not np.all(np.isfinite(near)) or not near.any() or not np.all(cone.margins(near) > 0):
        return None
    exact = in_binary([Fraction(float(x)) for x in near])
    return exact if exact is not None and cone.holds(exact, np.arange(len(cone.A) * (cone.classes - 1))) else None


def _of_nearly_dependent(
    cone: Cone, columns: tuple[np.ndarray, list[list[tuple[int, Fraction]]]], start: np.ndarray
) -> Exact | None:
    """The widest direction in an orthonormal basis of the columns, where the programs would lose near ones."""
    table, basis = columns
    size = np.linalg.norm(table, axis=0)
    _, R, pivots = qr(table / np.where(size > 0, size, 1.0), mode="economic", pivoting=True)
    diagonal = np.abs(np.diag(R))
    rank = int(np.sum(diagonal > SINGULAR * diagonal[:1].sum()))
    if not rank or diagonal[rank - 1] > APART * diagonal[0]:
        return None  # the programs on the columns themselves have told
    kept = np.sort(pivots[:rank])
    Q, R = qr(table[:, kept], mode="economic")
    widest = _widest(Cone(np.ascontiguousarray(Q), cone.y, cone.classes), start)
    if widest is None:
        return None
    guess = solve_triangular(R, widest.reshape(len(kept), -1)).ravel()
    scaled = Cone(np.ascontiguousarray(table[:, kept]), cone.y, cone.classes)
    return _told_exactly(cone, scaled, [basis[j] for j in kept], [guess])


def _centred(A: np.ndarray) -> tuple[np.ndarray, list[list[tuple[int, Fraction]]]]:
    """(A, rounded, without what its columns have of a constant one and scaled to near 1; what each is of A's)."""
    ones = next((j for j in range(A.shape[1]) if A[0, j] and np.all(A[:, j] == A[0, j])), None)
    some = A[:: max(1, len(A) // MEDIAN)]
    centre = np.sort(some, axis=0)[len(some) // 2] if ones is not None else np.zeros(A.shape[1])
    centre[np.arange(A.shape[1]) == ones] = 0.0
    table = A - centre
    largest = np.abs(table).max(axis=0, initial=0.0)
    size = 2.0 ** np.round(np.log2(np.where(largest > 0, largest, 1.0)))
    basis = [[(j, 1 / Fraction(s))] for j, s in enumerate(size.tolist())]
    for j, (c, s) in enumerate(zip(centre.tolist(), size.tolist(), strict=True)):
        if c and ones is not None:
            basis[j].append((ones, -Fraction(c) / Fraction(s) / Fraction(float(A[0, ones]))))
    return table / size, basis


def independent_columns(A: np.ndarray) -> np.ndarray:
    """The columns of A that do not depend on others kept, by elimination in AᵀA: those that vary least come first.

    >>> independent_columns(np.array([[1.0, 0.0, 2.0], [1.0, 1.0, 3.0], [1.0, 2.0, 4.0]])).tolist()
    [0, 1]
    """
    size = np.linalg.norm(A, axis=0)
    G = (A / np.where(size > 0, size, 1.0)).T @ A / np.where(size > 0, size, 1.0)
    spread = [len(np.unique(column[: 10 * len(G)])) for column in A.T]
    kept = []
    for j in np.argsort(spread, kind="stable").tolist():
        if G[j, j] > DEPENDENT:
            kept.append(j)
            G -= np.outer(G[:, j], G[j]) / G[j, j]
    return np.array(sorted(kept), dtype=int)


def _widest(cone: Cone, order: np.ndarray) -> np.ndarray | None:
    """d of the cone with a margin > 0 wherever any has one: Σ of directions, each with the largest sum on rows left."""
    found, left = np.zeros(cone.A.shape[1] * (cone.classes - 1)), np.ones(len(order), dtype=bool)

    def program(rows: np.ndarray) -> np.ndarray | None:
        best = linprog(-cone.total(left), A_ub=-rows, b_ub=np.zeros(len(rows)), bounds=(-1, 1), method="highs")
        return best.x if best.success and -best.fun > 1e-7 else None

    while left.any():
        d = _generated(cone, order, program, np.zeros(len(order)))
        told = left if d is None else left & (cone.margins(d) > MOVED)
        if d is None or not told.any():
            break
        found, left = found + d, left & ~told
    return found if found.any() else None


def _sparsest(cone: Cone, widest: np.ndarray) -> np.ndarray | None:
    """argmin ‖d‖₁ over the cone with margins ≥ 1 where those of `widest` are not 0."""
    margins = cone.margins(widest)
    least = np.where(margins > MOVED, 1.0, 0.0)
    order = np.argsort(np.where(least > 0, margins, np.inf), kind="stable")

    def program(rows: np.ndarray, right: np.ndarray) -> np.ndarray | None:
        p = rows.shape[1]
        found = linprog(np.ones(2 * p), A_ub=np.hstack([-rows, rows]), b_ub=-right, bounds=(0, None), method="highs")
        return found.x[:p] - found.x[p:] if found.success else None

    return _generated(cone, order, program, least)


Program = Callable[..., np.ndarray | None]  # rows, and right sides that are not 0 ↦ d


def _generated(cone: Cone, order: np.ndarray, program: Program, least: np.ndarray) -> np.ndarray | None:
    """The program's d with all margins ≥ least, by taking in the rows that are violated; None where there is none."""
    room = ROOM * cone.A.shape[1] * (cone.classes - 1) + 50
    chosen = order[:room]
    for _ in range(ROUNDS):
        rows = cone.rows(chosen)
        d = program(rows) if not least.any() else program(rows, least[chosen])
        if d is None:
            return None
        lack = least - cone.margins(d)
        lack[chosen] = 0.0
        worst = np.argsort(-lack, kind="stable")[:room]
        worst = worst[lack[worst] > VIOLATED]
        if not len(worst):
            return d
        chosen = np.concatenate([chosen, worst])
    return None


def _exactly(cone: Cone, near: np.ndarray) -> Iterator[Exact]:
    """d near the given one as simple fractions, as it is, and orthogonal to the rows that it does not move."""
    for denominator in (1, 2, 12, 1000, 10**6):
        yield [simple(x, denominator) for x in near]
    yield [Fraction(float(x)) for x in near]
    moving = np.flatnonzero(near)
    still = np.flatnonzero(np.abs(cone.margins(near)) <= MOVED)
    if len(still) and len(moving) <= MOST_COLUMNS:
        d = [Fraction(0)] * len(near)
        equal = np.unique(cone.rows(still)[:, moving], axis=0)
        for j, x in zip(moving.tolist(), orthogonal(equal, near[moving]), strict=True):
            d[j] = x
        yield d
