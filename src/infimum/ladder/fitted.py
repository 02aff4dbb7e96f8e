"""model file → ŷ on a new table: `infimum predict`, without solvers and without torch."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import numpy as np

from infimum.files.model_file import read_model
from infimum.ladder.forecast import forecast, shares
from infimum.losses import Loss, loss_named
from infimum.losses.multinomial import likeliest
from infimum.tables import Table
from infimum.tables.encode import Encoder
from infimum.tables.reading import Reading


@dataclass(frozen=True, eq=False)
class Fitted:
    """f(ŵ) of a model file: predicts, and tells what it is."""

    arrays: dict[str, np.ndarray]
    document: dict[str, Any]

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a model file, or the folder that holds model.safetensors. Raises ModelFileError."""
        path = Path(path)
        return cls(*read_model(path / "model.safetensors" if path.is_dir() else path))

    @property
    def report(self) -> dict[str, Any]:
        """The report.json of the fit."""
        return self.document["report"]

    @property
    def reading(self) -> Reading:
        """How a later table has to be read, to mean what the one of the fit meant: marks, missing cells, kinds, dates.

        The columns that no model reads, the target among them, may hold anything: they are texts.
        """
        names, told = Encoder.from_json(self.document["encoder"]).columns, Reading.from_json(self.report["reading"])
        kinds = {name: kind if name in names else "text" for name, kind in told.kinds.items()}
        dates = {name: form for name, form in told.dates.items() if name in names}
        return Reading(decimal=told.decimal, thousands=told.thousands, missing=told.missing, kinds=kinds, dates=dates)

    @property
    def reading_of_fit(self) -> Reading:
        """The same for every column of the table that was fitted, to check the model on it."""
        told = Reading.from_json(self.report["reading"])
        return replace(told, delimiter=None, encoding=None, quote=None)

    def unseen(self, table: Table) -> dict[str, tuple[str, int]]:
        """{column: (kind, rows)} of levels that the fit never saw, of numbers and dates far from all it saw."""
        codes = Encoder.from_json(self.document["encoder"]).codes
        found = {code.name: (code.kind, code.unseen(table.column(code.name))) for code in codes}
        return {name: (kind, rows) for name, (kind, rows) in found.items() if rows}

    def extra(self, table: Table) -> tuple[str, ...]:
        """Columns of the table that the fit did not have."""
        known = {column["name"] for column in self.report["columns"]}
        return tuple(name for name in table.names if name not in known)

    def predict(self, table: Table) -> dict[str, Any]:
        """{"prediction": …, "p(<class>)": …, "lower": …, "upper": …}: the columns of a predictions file, n rows each.

        Raises TableError where a column is missing or holds something else than it did.
        """
        z = self._z(Encoder.from_json(self.document["encoder"]), self.document["refit"], self.arrays["params"], table)
        mean, classes = self._loss.mean, self.report["target"]["classes"]
        if classes and len(classes) > 2:
            p = shares(z)
            each = {f"p({name})": p[:, k] for k, name in enumerate(classes)}
            return {"prediction": [classes[k] for k in likeliest(p)], **each}
        if classes:
            labels = [classes[int(value > 0)] for value in z]
            return {"prediction": labels, f"p({classes[0]})": mean(-z), f"p({classes[1]})": mean(z)}
        intervals, chosen = self.report["intervals"], self.report["chosen"]
        if not intervals:
            return {"prediction": mean(z)}
        k = intervals["fold"]
        encoder = Encoder.from_json(self.document["fold_encoders"][k])
        centre = self._z(encoder, self.document["fits"][chosen][k], self.arrays[f"fold/{k}/{chosen}"], table)
        return {"prediction": z, "lower": centre - intervals["half_width"], "upper": centre + intervals["half_width"]}

    def _z(self, encoder: Encoder, fit: dict[str, Any], params: np.ndarray, table: Table) -> np.ndarray:
        return forecast(fit, params, encoder.encode(table), self._loss.outputs)

    @property
    def _loss(self) -> Loss:
        return loss_named(self.document["loss"], len(self.report["target"]["classes"] or ()))
