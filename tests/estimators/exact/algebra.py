"""M x = b and min cᵀx over A x = b, x ≥ 0, without a rounding: elimination and Bland's simplex in rational numbers."""

from fractions import Fraction


def solved(M, b):
    """(x, kept) of a consistent M x = b, unknowns that depend on earlier ones 0; None where it has no solution.

    Entries are rational: `kept` are the unknowns with a pivot.
    """
    table = [[*row, right] for row, right in zip(M, b, strict=True)]
    rows, p, kept = len(table), len(table[0]) - 1 if table else 0, []
    for j in range(p):
        at = len(kept)
        pivot = max(range(at, rows), key=lambda i: abs(table[i][j]), default=None)
        if pivot is None or table[pivot][j] == 0:
            continue
        table[at], table[pivot] = table[pivot], table[at]
        head = table[at][j]
        table[at] = [x / head if x else x for x in table[at]]
        for i in range(rows):
            if i != at and table[i][j] != 0:
                by = table[i][j]
                table[i] = [x - by * z if z else x for x, z in zip(table[i], table[at], strict=True)]
        kept.append(j)
    if any(row[p] != 0 for row in table[len(kept) :]):
        return None
    x = [Fraction(0)] * p
    for at, j in enumerate(kept):
        x[j] = table[at][p]
    return x, kept


def independent(rows):
    """The columns that do not depend on earlier ones, exactly."""
    return solved(rows, [Fraction(0)] * len(rows))[1] if rows else []


def least(costs, table, basis):
    """(x, c̄, basis): the x ≥ 0 of least cᵀx in A x = b, from a feasible basis, and its reduced costs c̄ ≥ 0: the proof.

    `table` rows are [A b], the unit matrix in the columns of `basis`, b ≥ 0. None where cᵀx falls without end.
    """
    table, basis, p = [list(row) for row in table], list(basis), len(costs)
    reduced = list(costs)
    for i, j in enumerate(basis):
        if costs[j]:
            reduced = [r - costs[j] * a for r, a in zip(reduced, table[i][:p], strict=True)]
    while (enters := next((j for j in range(p) if reduced[j] < 0), None)) is not None:
        ratios = [(row[p] / row[enters], basis[i], i) for i, row in enumerate(table) if row[enters] > 0]
        if not ratios:
            return None
        leaves = min(ratios)[2]
        head = table[leaves][enters]
        table[leaves] = [x / head if x else x for x in table[leaves]]
        pivot = table[leaves]
        for i, row in enumerate(table):
            if i != leaves and (by := row[enters]):
                table[i] = [x - by * z if z else x for x, z in zip(row, pivot, strict=True)]
        by = reduced[enters]
        reduced = [x - by * z if z else x for x, z in zip(reduced, pivot[:p], strict=True)]
        basis[leaves] = enters
    x = [Fraction(0)] * p
    for i, j in enumerate(basis):
        x[j] = table[i][p]
    return x, reduced, basis


def receding(falling, still):
    """The rows of `falling` with a·d > 0 for some d with a·d ≥ 0 for all of them and a·d = 0 for the rows `still`.

    max Σ t over 0 ≤ t ≤ 1, t ≤ a·d: at the best t = 1 for every row that any such d tells apart.
    """
    p, n = len((falling or still)[0]), len(falling)
    size = [max(abs(row[j]) for row in falling + still) or Fraction(1) for j in range(p)]
    width = 2 * p + 3 * n + len(still)  # d⁺, d⁻, t, v, r: a·d − t − v = 0, t + r = 1; one slack a row that stays
    table, basis = [], []
    for i, row in enumerate(falling):
        line = [Fraction(0)] * (width + 1)
        for j, a in enumerate(row):
            line[j], line[p + j] = -a / size[j], a / size[j]
        line[2 * p + i] = line[2 * p + n + i] = Fraction(1)
        table.append(line)
        basis.append(2 * p + n + i)
        line = [Fraction(0)] * (width + 1)
        line[2 * p + i] = line[2 * p + 2 * n + i] = line[width] = Fraction(1)
        table.append(line)
        basis.append(2 * p + 2 * n + i)
    costs = [Fraction(-1) if 2 * p <= k < 2 * p + n else Fraction(0) for k in range(width)]
    for i, row in enumerate(still):  # a·d + slack = 0, the slack so dear that it stays 0
        for sign, at in ((1, 2 * p + 3 * n + i),):
            line = [Fraction(0)] * (width + 1)
            for j, a in enumerate(row):
                line[j], line[p + j] = sign * a / size[j], -sign * a / size[j]
            line[at] = Fraction(1)
            table.append(line)
            basis.append(at)
    table, basis = without_slack(table, basis, 2 * p + 3 * n)
    x = least(costs[: 2 * p + 3 * n], table, basis)[0]
    return [i for i in range(n) if x[2 * p + i] > 0]


def without_slack(table, basis, width):
    """The same table with the columns from `width` on driven out of the basis, where b is 0, and left out."""
    for i in range(len(table)):
        if basis[i] < width:
            continue
        enters = next((j for j in range(width) if table[i][j] != 0), None)
        if enters is None:
            continue  # the row says nothing that the others do not say
        head = table[i][enters]
        table[i] = [x / head for x in table[i]]
        for k, row in enumerate(table):
            if k != i and row[enters] != 0:
                by = row[enters]
                table[k] = [x - by * z for x, z in zip(row, table[i], strict=True)]
        basis[i] = enters
    kept = [i for i, j in enumerate(basis) if j < width]
    return [table[i][:width] + table[i][-1:] for i in kept], [basis[i] for i in kept]
