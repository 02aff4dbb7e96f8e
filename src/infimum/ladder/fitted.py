"""model file → ŷ on a new table: `infimum predict`, without solvers and without torch."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

from infimum.files.model_file import read_model
from infimum.losses import loss_named
from infimum.models import Model
from infimum.models.linear import Linear
from infimum.models.perceptron import Perceptron
from infimum.tables import Table
from infimum.tables.codes import MISSING, RARE, CategoryCode, level_texts
from infimum.tables.encode import Encoder


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
    def texts(self) -> tuple[str, ...]:
        """The columns that the fit took as categories of text: a table to predict has to be read so."""
        codes = Encoder.from_json(self.document["encoder"]).codes
        return tuple(code.name for code in codes if code.kind == "category" and not _logical(code))

    def unseen(self, table: Table) -> dict[str, int]:
        """{column: rows whose text the fit never saw}; they count as the rare level, or else as the reference."""
        found = {}
        for code in Encoder.from_json(self.document["encoder"]).codes:
            if code.kind == "category":
                known = {code.reference, *code.levels, *code.rare, MISSING}
                found[code.name] = sum(level not in known for level in level_texts(table.column(code.name)))
        return {name: rows for name, rows in found.items() if rows}

    def predict(self, table: Table) -> dict[str, Any]:
        """{"prediction": …, "p(<class>)": …, "lower": …, "upper": …}: the columns of a predictions file, n rows each.

        Raises TableError where a column is missing or holds something else than it did.
        """
        z = self._z(Encoder.from_json(self.document["encoder"]), self.document["refit"], self.arrays["params"], table)
        mean = loss_named(self.document["loss"]).mean
        classes = self.report["target"]["classes"]
        if classes:
            labels = [classes[int(value > 0)] for value in z]
            return {"prediction": labels, f"p({classes[0]})": mean(-z), f"p({classes[1]})": mean(z)}
        intervals, chosen = self.report["intervals"], self.report["chosen"]
        if not intervals:
            return {"prediction": z}
        encoder = Encoder.from_json(self.document["fold_encoders"][0])
        centre = self._z(encoder, self.document["fits"][chosen][0], self.arrays[f"fold/0/{chosen}"], table)
        return {"prediction": z, "lower": centre - intervals["half_width"], "upper": centre + intervals["half_width"]}

    def _z(self, encoder: Encoder, fit: dict[str, Any], params: np.ndarray, table: Table) -> np.ndarray:
        return np.asarray(model_of(fit, np.ascontiguousarray(encoder.encode(table)))(params))


def _logical(code: CategoryCode) -> bool:
    """Whether the levels are those that true and false are read as, however they are written."""
    return {code.reference, *code.levels, *code.rare} <= {"true", "false", MISSING, RARE}


def model_of(fit: dict[str, Any], X: np.ndarray) -> Model:
    """z = f(w) on rows X (n, P), as a fit in a model file describes it."""
    if fit["form"] == "network":
        return Perceptron(X, tuple(fit["hidden"]))
    return Linear(X if fit["form"] == "linear" else X[:, :0])
