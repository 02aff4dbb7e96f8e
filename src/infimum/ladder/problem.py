"""(table, target, wishes) → y, loss, folds, findings, X for any training rows: what every rung shares."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from infimum.diagnoses import Finding
from infimum.evaluation.folds import Folds
from infimum.evaluation.metrics import METRICS, Metric, metric_of
from infimum.ladder.rungs import loss_for
from infimum.ladder.split import FOLDS, Split, split_of
from infimum.losses import Loss
from infimum.tables import Table, TableError, listing
from infimum.tables.encode import Encoder, fit_encoder
from infimum.tables.leakage.examine import examined, suspicions
from infimum.tables.leakage.exchangeability import find_drift
from infimum.tables.natural import Role
from infimum.tables.roles import assign_roles, prepared, used
from infimum.tables.task import Task, task
from infimum.tables.wishes import Wishes

LARGEST = 1e75  # the squares of the squares of larger numbers, and of differences below 1e-75, leave float64


@dataclass(frozen=True, eq=False)
class Problem:
    """y (n,), the table of the n rows that have a target, its columns' roles, what was found, the split."""

    table: Table
    rows: int  # of the table as given
    target: str
    wishes: Wishes
    roles: tuple[Role, ...]
    findings: tuple[Finding, ...]
    task: Task
    split: Split
    seed: int
    decides: str | None = None  # the name of the metric, where one was asked for

    @property
    def names(self) -> tuple[str, ...]:
        """The columns that the models read."""
        return used(self.roles)

    @property
    def leaks(self) -> tuple[str, ...]:
        """The columns left out because they give the target away."""
        return tuple(role.name for role in self.roles if role.role == "leak")

    @property
    def folds(self) -> Folds:
        """Which rows each model learns from, and which it predicts."""
        return self.split.folds

    def repeated(self, repeats: int) -> Self:
        """The same with the first so many partitions into folds."""
        return replace(self, split=replace(self.split, folds=self.folds.repeated(repeats)))

    @property
    def y(self) -> np.ndarray:
        """The target as numbers, k for the class k, (n,)."""
        return self.task.y

    @property
    def loss(self) -> Loss:
        """ℓ of this kind of target."""
        return loss_for(self.task)

    @property
    def metric(self) -> Metric:
        """The error by which rungs are compared, on the rows that are ever held out."""
        return metric_of(self.loss, self.y[self.folds.ever_held], self.decides)

    def encoded(self, j: int | None = None, extra: Sequence[str] = ()) -> tuple[Encoder, np.ndarray]:
        """(encoder fitted on what fold j learns from, X of all rows, (n, P)); None: fitted on all rows.

        `extra` are columns to read beside those in use.
        """
        rows = None if j is None else np.flatnonzero(self.folds.train(j))
        encoder = fit_encoder(self.table, (*self.names, *extra), rows)
        return encoder, np.ascontiguousarray(encoder.encode(self.table))


def problem_of(
    table: Table,
    target: str,
    wishes: Wishes | None = None,
    seed: int = 0,
    metric: str | None = None,
    repeats: int | None = None,
) -> Problem:
    """Roles, findings, task and folds of a table. Raises TableError where nothing can be learned, and says why."""
    wishes = wishes or Wishes()
    roles = assign_roles(table, target, wishes)
    if table.rows < 2 * FOLDS:
        raise TableError(f"{table.name} holds {table.rows} row(s), and {FOLDS} folds need {2 * FOLDS}: add rows.")
    kind = task(table, target, wishes.task)
    if metric is not None and metric not in METRICS[kind.kind]:
        known = listing(METRICS[kind.kind], "or")
        raise TableError(f"{metric!r} does not measure {kind.kind}, which {target!r} asks for: the metric is {known}.")
    whole, rows = prepared(table, roles, wishes), table.rows
    table = whole.take(kind.rows)
    roles, findings = examined(table, target, roles, wishes)
    if not used(roles):
        others = "; ".join(f"{role.name}: {role.role}" for role in roles if role.role != "target")
        raise TableError(
            f"No column is left to learn {target!r} from ({others or 'there is only the target'}): keep at least one "
            "number, category or date column (--role NAME=category or NAME=number takes one in spite of the rules)."
        )
    largest = float(np.abs(kind.y).max())
    if largest > LARGEST or np.ptp(kind.y) < 1 / LARGEST:
        raise TableError(f"{target!r} runs up to {largest:g} and varies by {np.ptp(kind.y):g}: use units nearer to 1.")
    split = split_of(table, kind, roles, wishes, np.random.default_rng([seed, 0]), repeats)
    findings += suspicions(table, target, roles, wishes, kind)
    if split.order is not None:
        findings += find_drift(table, target, split.order)
    return Problem(table, rows, target, wishes, roles, findings, kind, split, seed, metric)
