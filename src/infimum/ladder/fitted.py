"""model file → ŷ on a new table: `infimum predict`, without solvers and without torch."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import numpy as np

from infimum.evaluation.conformal.cross import cross_conformal
from infimum.evaluation.conformal.sets import class_sets
from infimum.files.model_file import read_ladder
from infimum.ladder.calibration import calibrating_rows
from infimum.ladder.difficulty import spread
from infimum.ladder.forecast import forecast, probabilities
from infimum.ladder.sets import set_text
from infimum.losses import Loss, loss_named
from infimum.losses.multinomial import likeliest
from infimum.tables import Table
from infimum.tables.encode import Encoder
from infimum.tables.reading import Reading

ROUNDED = 2.0**-50  # by which ends are rounded outward: a value that sets an end is inside
TOGETHER = 65536  # rows whose probabilities by every fold's model are held at once


@dataclass(frozen=True, eq=False)
class Fitted:
    """f(ŵ) of a model file: predicts, and tells what it is."""

    arrays: dict[str, np.ndarray]
    document: dict[str, Any]

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a model file, or the folder that holds model.safetensors. Raises ModelFileError."""
        return cls(*read_ladder(path))

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
        """{"prediction": …, "p(<class>)": …, "set": …, "lower": …, "upper": …}: the columns of a predictions file.

        Raises TableError where a column is missing or holds something else than it did.
        """
        classes = self.report["target"]["classes"]
        expected, named = self.expected(table)
        if not classes:
            ends = self.interval(table)
            return {"prediction": expected, **({} if ends is None else {"lower": ends[:, 0], "upper": ends[:, 1]})}
        each = {f"p({name})": expected[:, k] for k, name in enumerate(classes)}
        return {"prediction": [classes[k] for k in named], **each, **self._set(table, classes)}

    def expected(self, table: Table) -> tuple[np.ndarray, np.ndarray]:
        """(E[y given x] (n,) or the probabilities of the classes (n, K), the number of the class predicted (n,))."""
        z = self._z(Encoder.from_json(self.document["encoder"]), self.document["refit"], self.arrays["params"], table)
        if not self.report["target"]["classes"]:
            return self._loss.mean(z), np.zeros(len(z), dtype=int)
        p = probabilities(z, self._loss)
        return p, likeliest(p) if p.shape[1] > 2 else (z > 0).astype(int)

    def interval(self, table: Table) -> np.ndarray | None:
        """(lower, upper), (n, 2), by the models of the folds and their errors on rows they had not seen, or None."""
        facts = self.report["intervals"]
        if not facts:
            return None
        place = calibrating_rows(self.arrays["fold"], facts["folds"])[1]
        forecasts = np.column_stack(self._of_folds(table, facts["folds"]))
        ends = np.tile([-np.inf, np.inf], (len(forecasts), 1))
        known = np.isfinite(forecasts).all(axis=1)  # a number far from all others may leave float64
        knots = [facts["difficulty"][j] for j in facts["folds"]]
        sizes = np.column_stack([spread(each, z[known]) for each, z in zip(knots, forecasts.T, strict=True)])
        found = cross_conformal(self.arrays["calibration"], place, forecasts[known], facts["level"], sizes)
        reach = ROUNDED * (np.abs(found) + np.abs(forecasts[known]).max(axis=1, keepdims=True))
        ends[known] = found + reach * [-1, 1]
        return ends

    def _set(self, table: Table, classes: list[str]) -> dict[str, Any]:
        """The classes that can't be ruled out, joined; {} where no class can be."""
        inside = self.inside(table)
        if inside is None:
            return {}
        rows = inside.tolist()
        return {"set": [set_text([name for name, there in zip(classes, row, strict=True) if there]) for row in rows]}

    def inside(self, table: Table) -> np.ndarray | None:
        """Which classes can't be ruled out, booleans (n, K), by the models of the folds; None where no class can be."""
        facts = self.report["sets"]
        if not facts:
            return None
        place = calibrating_rows(self.arrays["fold"], facts["folds"])[1]
        known = -self.arrays["calibration"], place, self.arrays["calibration_class"]
        parts = []
        for start in range(0, table.rows, TOGETHER):
            part = table.take(np.arange(start, min(start + TOGETHER, table.rows)))
            p = np.stack([probabilities(z, self._loss) for z in self._of_folds(part, facts["folds"])])
            parts.append(class_sets(known, -p, facts["level"]))
        return np.vstack(parts)

    def _of_folds(self, table: Table, folds: list[int]) -> list[np.ndarray]:
        """z of the chosen rung by the model of each of these folds."""
        encoders, chosen = self.document["fold_encoders"], self.report["chosen"]
        fits = self.document["fits"][chosen]
        return [
            self._z(Encoder.from_json(encoders[j]), fits[j], self.arrays[f"fold/{j}/{chosen}"], table) for j in folds
        ]

    def _z(self, encoder: Encoder, fit: dict[str, Any], params: np.ndarray, table: Table) -> np.ndarray:
        return forecast(fit, params, encoder.encode(table), self._loss.outputs)

    @property
    def _loss(self) -> Loss:
        return loss_named(self.document["loss"], len(self.report["target"]["classes"] or ()))
