"""a ⇔ b: columns that say the same, so that one of them can be set aside without loss.

The one to keep is present wherever the other is; of those, it is a number before a time before a text, then the one
with fewer missing cells, then the one with shorter texts. Numbers say the same only if they are equal or have two
values: of x and x² a linear model may want the second.
"""

from itertools import combinations

import numpy as np

from infimum.diagnoses import Finding
from infimum.tables import Column
from infimum.tables.leakage.coincidence import agreement_log_chance, certain, determines, equality_log_chance
from infimum.tables.leakage.leaks import AGREEMENT, drop, on_rows, pairing

MOST_NUMBER_LEVELS = 1000

Coded = tuple[Column, np.ndarray, tuple[str, ...]]  # the column, its positions and its levels


def find_recodings(columns: list[Column]) -> tuple[Finding, ...]:
    """{(a, b) : a ⇔ b on the rows where b is present} (INF121): the one to keep first, each other in one finding.

    >>> a = Column("a", "number", np.tile([1.0, 2.0, 3.0], 20))
    >>> b = Column("b", "text", a.values.astype(np.int32) - 1, ("First", "Second", "Third"))
    >>> [found.statement for found in find_recodings([b, a])]
    ["'b' and 'a' say the same, one to one, in all 60 rows: First = 1, Second = 2, Third = 3."]
    """
    coded = sorted((each for each in map(coding, columns) if len(each[2]) > 1), key=keep_first)
    draws = np.random.default_rng(0).permutation(len(columns[0].values))[:500] if columns else np.zeros(0, dtype=int)
    few = {column.name: codes[draws] for column, codes, _ in coded}
    aside: set[str] = set()
    found = []
    for kept, other in combinations(coded, 2):
        if not {kept[0].name, other[0].name} & aside and possible(few[kept[0].name], few[other[0].name]):
            finding = recoding(kept, other, len(coded) ** 2)
            if finding is not None:
                found.append(finding)
                aside.add(other[0].name)
    return tuple(found)


def coding(column: Column) -> Coded:
    """The column with `Column.codes`; without texts of the levels where a few thousand rows show too many numbers."""
    present = ~column.missing
    if column.kind == "text" or len(np.unique(column.values[present][:5000])) <= MOST_NUMBER_LEVELS:
        return column, *column.codes()
    distinct, at = np.unique(column.values[present], return_inverse=True)
    codes = np.full(len(present), -1, dtype=np.intp)
    codes[present] = at
    return column, codes, ("",) * len(distinct)


def keep_first(coded: Coded) -> tuple[int, int, int, tuple[str, ...]]:
    """The order in which columns are kept: kind, missing cells, length of the texts, the texts."""
    column, _, levels = coded
    return ("number", "time", "text").index(column.kind), int(column.missing.sum()), sum(map(len, levels)), levels


def possible(kept: np.ndarray, other: np.ndarray) -> bool:
    """Nothing in these rows speaks against: kept is present where other is, and the two are one to one there."""
    there = other >= 0
    a, b = kept[there], other[there]
    return bool((a >= 0).all()) and determines(a, b) and determines(b, a)


def recoding(kept: Coded, other: Coded, tests: int) -> Finding | None:
    """INF121 where other = σ(kept) for a bijection σ on the rows where other is present, beyond chance."""
    (x, codes, levels), (z, others, texts) = kept, other
    there = others >= 0
    a, b = codes[there], others[there]
    numbers = z.kind == x.kind == "number"
    same = z.kind == x.kind and equal(x, z, there)
    if not same and (
        not possible(codes, others)
        or (numbers and len(texts) > 2)
        or max(len(c[2]) for c in (kept, other) if c[0].kind == "number" or c is other) > MOST_NUMBER_LEVELS
    ):
        return None
    log_chance = equality_log_chance(b) if same else agreement_log_chance(a, b)
    if not certain(log_chance, tests):
        return None
    where = on_rows(len(b), len(others))
    said = f"{z.name!r} and {x.name!r} say the same, one to one, {where}: {pairing((b, texts), (a, levels))}."
    if same:
        said = f"{z.name!r} and {x.name!r} are equal {where}."
    remedy = f"One of them is enough: {drop([z.name])}."
    return Finding("INF121", "note", (x.name, z.name), said, remedy, AGREEMENT.replace("columns", "pairs of columns"))


def equal(x: Column, z: Column, rows: np.ndarray) -> bool:
    """x = z in these rows: the numbers, the times, or the texts."""
    if x.kind != "text":
        return bool((x.values[rows] == z.values[rows]).all())
    place = {level: at for at, level in enumerate(x.levels)}
    translated = np.array([place.get(level, -2) for level in z.levels], dtype=np.int64)
    return bool((x.values[rows] == translated[z.values[rows]]).all())
