"""x = f(a) or x = f(a, b): a column that one or two others determine, whatever f is.

All pairs of columns are tried at once against all others, on a few rows, then on more, then on all. A dependence on two
is stated only if neither determines x alone, if within the levels of either the other decides beyond chance, and if a
third of their possible combinations occur: a pair with fewer names single things, and would determine anything. What is
stated has no circles: of three columns, each determined by the other two, the one of most entropy is determined.
Between equals, the levels that are shorter to write determine: names and places of columns decide nothing.
"""

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from infimum.diagnoses import Finding
from infimum.tables import Column, listing
from infimum.tables.fingerprint import canonical_parts
from infimum.tables.leakage.coincidence import (
    agreement_log_chance,
    certain,
    equality_log_chance,
    first_rows,
    values_log_chance,
)
from infimum.tables.leakage.leaks import drop

MOST_LEVELS, MOST_DETERMINED = 200, 50
SOURCE = "functional dependence; chance Π_levels Σ_c p_c^rows < 1e-9 / dependences tried, given either one of two"


@dataclass(frozen=True, eq=False)
class Dependence:
    """x = f(a) or f(a, b): positions of the determined and the determining columns, and the combinations that occur."""

    determined: int
    by: tuple[int, ...]
    combinations: int


def find_dependences(columns: list[Column]) -> tuple[Finding, ...]:
    """{x : x = f(a), or else x = f(a, b)} (INF122): for each x of at most 50 levels its most economical statement.

    A missing cell is a level of its own; determining columns have at most 200 levels.

    >>> a, b = np.random.default_rng(0).integers(0, 3, (2, 300)).astype(float)
    >>> columns = [Column(name, "number", x) for name, x in (("a", a), ("b", b), ("most", np.maximum(a, b)))]
    >>> print(find_dependences(columns)[0].statement)
    'most' follows from 'a' and 'b': rows alike in both are alike in 'most' too (9 combinations in 300 rows).
    """
    coded = [(column, level_of_its_own(column)) for column in columns]
    coded = [(column, codes) for column, codes in coded if 1 < len(np.unique(codes)) <= MOST_LEVELS]
    coded.sort(key=lambda each: content(each[0]))
    if len(coded) < 2:
        return ()
    C = np.stack([codes for _, codes in coded], axis=1).astype(np.uint8)
    place = {column.name: at for at, column in enumerate(columns)}
    at = [place[column.name] for column, _ in coded]
    found = [replace(each, by=tuple(sorted(each.by, key=at.__getitem__))) for each in stated(C)]
    return tuple(finding(coded, each, len(C)) for each in sorted(found, key=lambda each: at[each.determined]))


def content(column: Column) -> tuple[int, bytes]:
    """(characters that the levels take, a digest of the values): an order that no name or place of a column decides.

    What is shorter to write comes first, and so determines: x² is said to be determined by x.
    """
    digest = hashlib.sha256(b"".join(canonical_parts(replace(column, name="")))).digest()
    return sum(map(len, column.codes()[1])), digest


def finding(coded: list[tuple[Column, np.ndarray]], found: Dependence, rows: int) -> Finding:
    """INF122: which columns determine which, and whether it can be left out."""
    column, by = coded[found.determined][0], [coded[at][0].name for at in found.by]
    many = "levels" if len(by) == 1 else "combinations"
    said = (
        f"{column.name!r} follows from {listing(by)}: rows alike in {'it' if len(by) == 1 else 'both'} are alike in "
        f"{column.name!r} too ({found.combinations} {many} in {rows} rows)."
    )
    if column.kind == "number" and len(np.unique(coded[found.determined][1])) > 2:
        remedy = "Keep it, unless a relation in its own units makes it superfluous."
    else:
        used = "a category" if len(by) == 1 else "categories"
        remedy = f"Beside {listing(by)} as {used} it adds nothing: {drop([column.name])}."
    return Finding("INF122", "note", (column.name, *by), said, remedy, SOURCE)


def level_of_its_own(column: Column) -> np.ndarray:
    """The positions of `Column.codes`, one more for missing; zeros where a few thousand rows show too many levels."""
    if column.kind != "text" and len(np.unique(column.values[:5000])) > MOST_LEVELS + 1:
        return np.zeros(len(column.values), dtype=np.int32)
    codes, levels = column.codes()
    return np.where(codes < 0, len(levels), codes)


def stated(C: np.ndarray) -> list[Dependence]:
    """For each column of codes (n, k) that others determine, one statement; taken together they have no circles.

    One determinant before two, then the fewest combinations, then the determined column of most entropy.
    """
    k = C.shape[1]
    levels = np.array([len(np.unique(C[:, j])) for j in range(k)])
    entropy = np.array([-values_log_chance(C[:, j]) for j in range(k)]).round(6)
    draws = np.random.default_rng(0).permutation(len(C))
    samples = [C[draws[:size]] for size in (100, 700, 5000) if size < len(C)] + [C]
    least = np.array([equality_log_chance(C[:, j]) for j in range(k)])  # p_max^n: no dependence is less likely
    small = (levels <= MOST_DETERMINED) & np.array([certain(chance, k**2) for chance in least])
    origin: dict[int, Dependence] = {}
    for size, tests in ((1, k**2), (2, k**3 / 2)):
        free = [j for j in range(k) if size == 1 or j not in origin]
        small[list(origin)] = False
        tries = tried(samples, list(combinations(free, size)), small, levels)
        for each in sorted(tries, key=lambda each: (each.combinations, -entropy[each.determined])):
            circle = each.determined in ancestors(each.by, origin)
            if each.determined not in origin and not circle and certain(log_chance(C, each), tests):
                origin[each.determined] = each
    return [origin[x] for x in sorted(origin)]


def ancestors(columns: Collection[int], origin: dict[int, Dependence]) -> set[int]:
    """The columns, those that determine them, those that determine these, and so on."""
    found: set[int] = set()
    waiting = list(columns)
    while waiting:
        column = waiting.pop()
        if column not in found:
            found.add(column)
            waiting += origin[column].by if column in origin else ()
    return found


def tried(
    samples: list[np.ndarray], sets: list[tuple[int, ...]], small: np.ndarray, levels: np.ndarray
) -> Iterator[Dependence]:
    """The dependences of the columns marked in `small` on each set of columns that hold in every sample.

    Two columns count where a third of the combinations of their levels are there.
    """
    for by in sets:
        wanted = small.copy()
        wanted[list(by)] = False
        left = np.flatnonzero(wanted)
        groups = np.zeros(0, dtype=np.intp)
        for sample in samples:
            if not left.size:
                break
            groups = combined(sample, by)
            first = first_rows(groups)
            part = sample[:, left]
            left = left[(part == part[first]).all(axis=0)]
        if left.size:
            number = int(np.count_nonzero(np.bincount(groups)))
            if len(by) == 1 or 3 * number >= np.prod(levels[list(by)]):
                yield from (Dependence(x, by, number) for x in left.tolist())


def combined(C: np.ndarray, by: tuple[int, ...]) -> np.ndarray:
    """The combination of levels of one or two columns in each row, as a number: (n,)."""
    groups = C[:, by[0]].astype(np.intp)
    return groups if len(by) == 1 else groups * 256 + C[:, by[1]]


def log_chance(C: np.ndarray, found: Dependence) -> float:
    """The log-chance of x = f(a); of x = f(a, b), the greater of those of b given a and of a given b.

    Given a, x is drawn from its frequencies in the level of a: Π over levels of a, Π over levels of b, Σ_c p_{c|a}^m.
    """
    x = C[:, found.determined].astype(np.intp)
    if len(found.by) == 1:
        return agreement_log_chance(combined(C, found.by), x)
    chances = []
    for given, other in (found.by, found.by[::-1]):
        order = np.argsort(C[:, given], kind="stable")
        edges = np.flatnonzero(np.diff(C[order, given])) + 1
        levels = np.split(order, edges)
        chances.append(sum(agreement_log_chance(C[rows, other].astype(np.intp), x[rows]) for rows in levels))
    return max(chances)
