"""(table, target) → y, loss, folds, and X for any training rows: what every rung of one ladder shares."""

from dataclasses import dataclass

import numpy as np

from infimum.evaluation.folds import assign_folds
from infimum.ladder.rungs import loss_for
from infimum.losses import Loss
from infimum.tables import Table, TableError
from infimum.tables.encode import Encoder, fit_encoder
from infimum.tables.roles import Role, Task, assign_roles, task

FOLDS = 5
LARGEST = 1e150  # the squares of larger numbers, and of smaller differences than 1e-150, leave float64


@dataclass(frozen=True, eq=False)
class Problem:
    """y (n,), the table of the n rows that have a target, the columns used, and fold(i) (n,)."""

    table: Table
    rows: int  # of the table as given
    target: str
    roles: tuple[Role, ...]
    names: tuple[str, ...]
    task: Task
    fold: np.ndarray
    seed: int

    @property
    def y(self) -> np.ndarray:
        """The target as numbers, 1 for the second class, (n,)."""
        return self.task.y

    @property
    def loss(self) -> Loss:
        """ℓ of this kind of target."""
        return loss_for(self.task.kind)

    def encoded(self, train: np.ndarray | None = None) -> tuple[Encoder, np.ndarray]:
        """(encoder fitted on the rows `train`, X of all rows, (n, P)); None: fitted on all rows."""
        rows = None if train is None else np.flatnonzero(train)
        encoder = fit_encoder(self.table, self.names, rows)
        return encoder, np.ascontiguousarray(encoder.encode(self.table))


def problem_of(table: Table, target: str, drop: tuple[str, ...] = (), seed: int = 0) -> Problem:
    """Roles, task and folds of a table. Raises TableError where nothing can be learned from it, and says why."""
    roles = assign_roles(table, target, drop)
    kind = task(table, target)
    names = tuple(role.name for role in roles if role.role in ("number", "category"))
    if not names:
        told = (
            "; ".join(f"{role.name}: {role.role}" for role in roles if role.role != "target")
            or "there is only the target"
        )
        raise TableError(
            f"No column is left to learn {target!r} from ({told}): keep at least one number or category column."
        )
    largest = float(np.abs(kind.y).max())
    if largest > LARGEST or np.ptp(kind.y) < 1 / LARGEST:
        raise TableError(f"{target!r} runs up to {largest:g} and varies by {np.ptp(kind.y):g}: use units nearer to 1.")
    try:
        fold = assign_folds(kind.y, FOLDS, np.random.default_rng([seed, 0]), kind.kind == "classification")
    except ValueError as error:
        raise TableError(f"{table.name}: {error}; add rows, or choose another target.") from error
    return Problem(table.take(kind.rows), table.rows, target, roles, names, kind, fold, seed)
