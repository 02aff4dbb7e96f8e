"""x = Σⱼ cⱼ xⱼ + c₀, x ⇔ a, x = f(a, b): what ties the columns of a table to each other, whatever the target.

Linear relations are looked for among the number columns in their own units, each between as few columns as possible,
with the total on the left, and with rational coefficients where these hold exactly.
"""

from collections.abc import Collection
from dataclasses import dataclass
from fractions import Fraction
from math import log

import numpy as np

from infimum.diagnoses import Finding
from infimum.tables import Column, Table, number_text
from infimum.tables.leakage.circuits import circuits
from infimum.tables.leakage.coincidence import certain, values_log_chance
from infimum.tables.leakage.dependence import find_dependences
from infimum.tables.leakage.leaks import drop, on_rows
from infimum.tables.leakage.recodings import find_recodings
from infimum.tables.leakage.sums import SLACK, together, varies

MOST_LEFT_OUT = 20
LARGEST_DENOMINATOR = 1000
SOURCE = "null space by pivoted QR, sparsest vectors by linear programs, checked on every complete row"


@dataclass(frozen=True, eq=False)
class Relation:
    """Σ cⱼ xⱼ = c₀ on `rows` rows: the columns, c, c₀, and whether c and c₀ are rational and the equation is exact."""

    columns: tuple[int, ...]
    coefficients: np.ndarray
    constant: float
    rows: int
    exact: bool


def find_relations(table: Table, names: Collection[str]) -> tuple[Finding, ...]:
    """{x ⇔ a} (INF121), {x = f(a) or f(a, b)} (INF122), {x = Σ cⱼ xⱼ + c₀} (INF123): notes about the named columns.

    Of the columns that say the same, only the one to keep, named first in INF121, takes part in the other two.
    Raises TableError where a column is not there.

    >>> a, b = np.random.default_rng(0).integers(0, 99, (2, 60)).astype(float)
    >>> columns = (Column("a", "number", a), Column("all", "number", a + b), Column("b", "number", b))
    >>> [found.statement for found in find_relations(Table("t", columns), ["a", "all", "b"])]
    ["'all' = 'a' + 'b', exactly, in all 60 rows."]
    """
    columns = [table.column(name) for name in names]
    same = find_recodings(columns)
    aside = {found.columns[1] for found in same}
    left = [column for column in columns if column.name not in aside]
    return same + find_dependences(left) + linear_relations(left)


def linear_relations(columns: list[Column]) -> tuple[Finding, ...]:
    """INF123 for each relation of independent circuits; its first column is the one on the left."""
    numbers = [column for column in columns if column.kind == "number" and varies(column.values)]
    if len(numbers) < 2:
        return ()
    X = np.stack([column.values for column in numbers], axis=1)
    found = []
    for support in supports(X):
        relation = fitted(X, support)
        if relation is not None:
            found.append(finding([column.name for column in numbers], relation, len(X)))
    return tuple(found)


def supports(X: np.ndarray) -> list[tuple[int, ...]]:
    """The circuits of the columns that are complete together on enough rows; then of each of the others with these."""
    kept = together(X)
    found = [tuple(kept[at] for at in support) for support in centred_circuits(X[:, kept])]
    tied = {max(support, key=kept.index) for support in found}
    free = [j for j in kept if j not in tied]
    for j in sorted(set(range(X.shape[1])) - set(kept))[:MOST_LEFT_OUT]:
        rows = ~np.isnan(X[:, j])
        near = together(X[np.ix_(rows, free)]) if rows.any() else []
        some = [free[at] for at in near] + [j]
        found += [tuple(sorted(some[at] for at in support)) for support in centred_circuits(X[:, some])]
    return list(dict.fromkeys(found))


def centred_circuits(X: np.ndarray) -> list[tuple[int, ...]]:
    """The circuits of x − mean(x) over the complete rows, for the columns that vary there: a constant is free."""
    rows = X[~np.isnan(X).any(axis=1)]
    if len(rows) < X.shape[1] + 3:
        return []
    varying = np.flatnonzero((rows != rows[0]).any(axis=0))
    part = rows[:, varying]
    return [tuple(varying[list(support)].tolist()) for support in circuits(part - part.mean(axis=0))]


def fitted(X: np.ndarray, support: tuple[int, ...]) -> Relation | None:
    """Σ cⱼ xⱼ = c₀ on all rows where the columns are present: exact, or to 9 digits; None if neither, or by chance."""
    part = X[:, support]
    part = part[~np.isnan(part).any(axis=1)]
    if len(part) < 2 * len(support) + 5 or not all(varies(x) for x in part.T):
        return None
    centred = part - part.mean(axis=0)
    c = np.linalg.svd(np.linalg.qr(centred / (size := np.abs(centred).max(axis=0)), mode="r"))[2][-1] / size
    found = []
    for left in left_sides(c, part):
        spent = len(support) * (log(X.shape[1]) + log(len(part)))
        if certain(values_log_chance(part[:, left]) + spent, 1):
            found.append(equation(part, c / c[left], support))
    held = [relation for relation in found if relation is not None]
    return min(held, key=length, default=None)


def equation(part: np.ndarray, c: np.ndarray, support: tuple[int, ...]) -> Relation | None:
    """Σ cⱼ xⱼ = c₀ with fractions, or decimals of 9 digits, if that is exact; else if it holds to 9 digits."""
    near = np.array([float(Fraction(value).limit_denominator(LARGEST_DENOMINATOR)) for value in c.tolist()])
    simple = np.abs(near - c) <= 1e-10 * np.abs(c)
    short = np.where(simple, near, [float(f"{value:.9g}") for value in c.tolist()])
    sums = part @ short
    shift = float(Fraction(float(np.median(sums))).limit_denominator(LARGEST_DENOMINATOR))
    if bool((np.abs(sums - shift) <= SLACK * (np.abs(part) @ np.abs(short) + abs(shift))).all()):
        return Relation(support, short, shift, len(part), True)
    c = np.where(simple, near, c)
    sums = part @ c
    allowed = 1e-9 * float(np.ptp(part[:, int(np.flatnonzero(c == 1.0)[0])]))
    constant = float(sums.mean()) if np.abs(sums).max() > allowed else 0.0
    return Relation(support, c, constant, len(part), False) if np.abs(sums - constant).max() <= allowed else None


def left_sides(c: np.ndarray, part: np.ndarray) -> list[int]:
    """The total: its sign differs from all others'; if none does, the column of greatest mean |x|; of two, both."""
    if len(c) == 2:
        return np.argsort(-np.abs(part).mean(axis=0), kind="stable").tolist()
    alone = [np.flatnonzero(np.sign(c) == sign) for sign in (1, -1)]
    return [int(each[0]) for each in alone if len(each) == 1][:1] or [int(np.argmax(np.abs(part).mean(axis=0)))]


def length(relation: Relation) -> tuple[bool, int]:
    """How long the equation is to read: exact ones first, then by the digits of its numbers."""
    numbers = [*relation.coefficients.tolist(), relation.constant]
    return not relation.exact, sum(len(digits(value)) for value in numbers)


def finding(names: list[str], relation: Relation, rows: int) -> Finding:
    """INF123, with one column on the left; where all signs are equal, with the sum left and the constant right."""
    c = relation.coefficients
    left = int(np.flatnonzero(c == 1.0)[0])
    quoted = [repr(names[at]) for at in relation.columns]
    order = [at for at in range(len(c)) if at != left]
    if (c > 0).all():
        equation = f"{signed(c, quoted, range(len(c)))} = {digits(relation.constant)}"
    else:
        equation = f"{quoted[left]} = {signed(-c, quoted, order)}"
        if relation.constant:
            equation += f" {'+' if relation.constant > 0 else '−'} {digits(abs(relation.constant))}"
    how = "exactly" if relation.exact else "to 9 digits"
    said = f"{equation}, {how}, {on_rows(relation.rows, rows)}."
    columns = tuple(names[relation.columns[at]] for at in [left, *order])
    remedy = f"Leave one out, or their coefficients are not determined: {drop([columns[0]])}."
    return Finding("INF123", "note", columns, said, remedy, SOURCE)


def signed(c: np.ndarray, quoted: list[str], order: Collection[int]) -> str:
    """ "'a' + 2 'b' − 'c'": the terms in that order, positive ones first."""
    terms = []
    for at in sorted(order, key=lambda at: c[at] < 0):
        factor = "" if abs(c[at]) == 1 else f"{digits(abs(c[at]))} "
        terms.append(f"{'+' if c[at] > 0 else '−'} {factor}{quoted[at]}")
    return " ".join(terms).removeprefix("+ ")


def digits(value: float) -> str:
    """The number as a short decimal, as a fraction if that is exact and shorter, else to 9 digits."""
    if len(number_text(value)) <= 9:
        return number_text(value)
    fraction = Fraction(value).limit_denominator(LARGEST_DENOMINATOR)
    return f"{fraction}" if float(fraction) == value else f"{value:.9g}"
