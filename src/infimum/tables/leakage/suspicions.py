"""What looks like a leak without being one for certain, and what makes random folds too kind: reported, never acted on.

A column whose missing cells follow the target (INF111); a column that predicts the target almost alone (INF112); and,
in `exchangeability`, rows that repeat (INF113), rows that come in groups (INF114) and a target that drifts (INF115).
"""

from collections.abc import Collection

import numpy as np

from infimum.diagnoses import Finding
from infimum.tables import Column, Table
from infimum.tables.leakage.coincidence import agreement_log_chance, certain, determines
from infimum.tables.leakage.exchangeability import Response, groups, repeated_rows, response
from infimum.tables.leakage.leaks import drop

SUSPICIOUS = 0.9
FOLDS, BINS, MOST_ROWS, MOST_CLASSES, FEWEST_ROWS = 5, 20, 20_000, 50, 30


@np.errstate(over="ignore", invalid="ignore")  # a score that overflows is NaN, and NaN is not suspicious
def find_suspicions(table: Table, target: str, names: Collection[str]) -> tuple[Finding, ...]:
    """{x : [x missing] = f(y)} (INF111), {x : score of y on x alone ≥ 0.9} (INF112), INF113 and INF114: warnings.

    Raises TableError where a column is not there.

    >>> y = np.arange(60) % 2
    >>> x = Column("paid", "number", np.where(y == 1, np.arange(60) % 7, np.nan))
    >>> table = Table("t", (x, Column("y", "number", y.astype(float))))
    >>> find_suspicions(table, "y", ["paid"])[0].statement
    "'paid' is missing in all rows where the target 'y' is 0, and in no other (60 rows): is it filled in afterwards?"
    """
    y = table.column(target)
    rows = np.flatnonzero(~y.missing)
    columns = [table.column(name).take(rows) for name in names if name != target]
    y = y.take(rows)
    found = [coded_by_missing(column, y, len(columns)) for column in columns] if len(rows) else []
    told = {each.columns[0] for each in found if each is not None}
    outcome = response(y)
    if len(rows) >= FEWEST_ROWS and outcome.values.shape[1] <= MOST_CLASSES:
        found += predicts_alone([column for column in columns if column.name not in told], outcome)
        found += [groups(column, outcome, len(columns)) for column in columns]
    found.append(repeated_rows([*columns, y]))
    return tuple(each for each in found if each is not None)


def coded_by_missing(column: Column, y: Column, columns: int) -> Finding | None:
    """INF111 where [x missing] = f(y), beyond chance: for each class, or for the most frequent number and others."""
    missing = column.missing.astype(np.intp)
    if not missing.any() or missing.all():
        return None
    codes, levels = y.codes()
    if len(levels) > MOST_CLASSES:
        usual = int(np.bincount(codes).argmax())
        codes, levels = (codes == usual).astype(np.intp), ("another number", levels[usual])
    if not determines(codes, missing) or not certain(agreement_log_chance(codes, missing), columns):
        return None
    gone = [levels[at] for at in np.unique(codes[missing == 1])]
    said = (
        f"{column.name!r} is missing in all rows where the target {y.name!r} is {' or '.join(gone)}, and in no other "
        f"({len(codes)} rows): is it filled in afterwards?"
    )
    remedy = f"If it is, leave it out: {drop([column.name])}."
    return Finding("INF111", "warning", (column.name,), said, remedy, "chance Π_classes Σ p^rows < 1e-9 / columns")


def predicts_alone(columns: list[Column], outcome: Response) -> list[Finding]:
    """INF112 for each column whose one-column model has a cross-validated score of at least 0.9."""
    rng = np.random.default_rng(0)
    n = len(outcome.values)
    rows = np.sort(rng.permutation(n)[:MOST_ROWS])
    fold = rng.permutation(np.arange(len(rows)) % FOLDS)
    Y, found = outcome.values[rows], []
    what = "variance" if outcome.classes is None else "log-loss"
    for column in columns:
        score, error = one_column_score(column.take(rows), Y, fold, outcome.classes is not None)
        if score >= SUSPICIOUS:
            said = (
                f"{column.name!r} alone predicts the target {outcome.name!r}: it removes {100 * score:.1f}% "
                f"± {100 * error:.1f}% of the {what}, cross-validated; is it known before the outcome?"
            )
            remedy = f"If it is not, leave it out: {drop([column.name])}."
            source = "means in 20 quantile bins or of each level, 5 folds; standard error of the ratio over rows"
            found.append(Finding("INF112", "warning", (column.name,), said, remedy, source))
    return found


def one_column_score(column: Column, Y: np.ndarray, fold: np.ndarray, classes: bool) -> tuple[float, float]:
    """1 − Σ ℓ(x) / Σ ℓ(prior) over held-out rows, with its standard error; ℓ is the square, or −log p for classes.

    The prediction is the mean over the training rows of the same bin, or level, with the prior as one more row.
    """
    losses, priors = np.zeros(len(Y)), np.zeros(len(Y))
    for k in range(FOLDS):
        train, test = fold != k, fold == k
        bins = binned(column, train)
        prior = Y[train].mean(axis=0)
        counts = np.bincount(bins[train], minlength=bins.max() + 1)
        sums = [np.bincount(bins[train], weights=y, minlength=bins.max() + 1) for y in Y[train].T]
        means = (np.stack(sums, axis=1) + prior) / (counts[:, None] + 1)
        for into, mean in ((losses, means[bins[test]]), (priors, prior[None])):
            into[test] = log_loss(Y[test], mean) if classes else ((Y[test] - mean) ** 2).sum(axis=1)
    base = float(priors.mean())
    if base <= 0:
        return 0.0, 0.0
    ratio = float(losses.mean()) / base
    return 1 - ratio, float(np.std(losses - ratio * priors)) / (base * len(Y) ** 0.5)


def log_loss(Y: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """−log p of the class of each row, for indicators Y (m, c) and shares (m, c) or (1, c)."""
    return -np.log(np.maximum((Y * shares).sum(axis=1), 1e-12))


def binned(column: Column, train: np.ndarray) -> np.ndarray:
    """The level of each row, or its bin between the 20-quantiles of the training rows; the last for missing: (m,)."""
    if column.kind == "text":
        codes, levels = column.codes()
        return np.where(codes < 0, len(levels), codes)
    x, missing = column.values.astype(float), column.missing
    if not (present := train & ~missing).any():
        return np.zeros(len(x), dtype=np.intp)
    distinct = np.unique(x[present])
    edges = distinct[1:] if len(distinct) <= BINS else np.quantile(x[present], np.linspace(0, 1, BINS + 1)[1:-1])
    return np.where(missing, len(edges) + 1, np.searchsorted(edges, x, side="right"))
