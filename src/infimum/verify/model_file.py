"""verify_file(path, table): every number of a model file, derived again from its parameters and the table."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from infimum.files.canonical import canonical
from infimum.files.model_file import read_ladder
from infimum.losses import Loss, loss_named
from infimum.models.splines import Basis
from infimum.tables import Table, TableError
from infimum.tables.encode import Encoder, fit_encoder
from infimum.tables.fingerprint import fingerprint
from infimum.tables.roles import assign_roles, prepared
from infimum.tables.task import Task, task
from infimum.tables.wishes import Wishes
from infimum.verify.additive import check_basis, strengths_of
from infimum.verify.answers import Answer, Verification, refuted, reproduced
from infimum.verify.checks import check_claim, expected, unsaid
from infimum.verify.comparison import Held
from infimum.verify.coverage import Forecast, check_coverage
from infimum.verify.deciding import Deciding
from infimum.verify.degrees import check_degrees
from infimum.verify.estimator import restate
from infimum.verify.reliability import check_pictures
from infimum.verify.report import check_report
from infimum.verify.restated import Restated
from infimum.verify.table import FIRST, check_roles, check_split
from infimum.verify.worst import Lines, check_worst


@dataclass(frozen=True, eq=False)
class Opened:
    """A model file beside the table it was fitted on: rows with a target only."""

    arrays: dict[str, np.ndarray]
    document: dict[str, Any]
    table: Table
    task: Task

    @property
    def loss(self) -> Loss:
        """ℓ, by the name in the file."""
        return loss_named(self.document["loss"], len(self.task.classes or ()))

    @property
    def folds(self) -> np.ndarray:
        """The fold of each row in each partition, (repeats, n)."""
        once = self.arrays["fold"][None, :]
        return np.vstack([once, self.arrays["fold_again"]]) if "fold_again" in self.arrays else once

    @property
    def models(self) -> int:
        """How many models each rung has: the folds of every partition."""
        return len(self.document["fold_encoders"])

    def held(self, j: int) -> np.ndarray:
        """The rows that model j predicts: a fold of its partition."""
        k = self.document["report"]["folds"]["k"]
        return self.folds[j // k] == j % k

    def train(self, j: int) -> np.ndarray:
        """The rows that model j learns from: all others, or in time the earlier ones."""
        fold = self.arrays["fold"]
        in_time = self.document["report"]["folds"]["kind"] == "time"
        return (fold < j) | (fold == FIRST) if in_time else ~self.held(j)

    def witness(self, where: str) -> dict[str, np.ndarray]:
        """{name: array} of all witnesses recorded for one fit."""
        prefix = f"witness/{where}/"
        return {name.rsplit("/", 1)[1]: array for name, array in self.arrays.items() if name.startswith(prefix)}


def verify_file(path: str | Path, table: Table) -> Verification:
    """{recorded number ↦ answer} for a model file and the table it was fitted on.

    Derived again: the data fingerprint, every encoder, the errors of every fold of every rung, each claim of each
    fit, the choice, the intervals or sets, the statistics and the equation. Raises ModelFileError for a file that
    cannot be read, TableError for a table without its columns.
    """
    return verify_document(read_ladder(path), table, Path(path).name)


def verify_document(model: tuple[dict[str, np.ndarray], dict[str, Any]], table: Table, name: str) -> Verification:
    """{recorded number ↦ answer} for what a model file holds, (arrays, document), of that name."""
    arrays, document = model
    try:
        with np.errstate(over="ignore", invalid="ignore"):  # what that makes of invented numbers agrees with nothing
            return _verified(arrays, document, table)
    except TableError:
        raise
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        note = f"the file does not hold what a model file holds ({type(error).__name__}: {error})"
        return Verification((refuted("file", name, None, None, note),))


def _verified(arrays: dict[str, np.ndarray], document: dict[str, Any], table: Table) -> Verification:
    report = document["report"]
    wishes, target = Wishes.from_json(report["wishes"]), report["target"]["name"]
    roles = assign_roles(table, target, wishes)
    kind, whole = task(table, target, wishes.task), prepared(table, roles, wishes)
    opened = Opened(arrays, document, whole.take(kind.rows), kind)
    answers = _same_data(opened)
    if any(answer.verdict == "REFUTED" for answer in answers):
        return Verification(tuple(answers))
    answers += check_roles(opened.table, target, roles, wishes, document)
    encoded = [_encoded(opened, k, answers) for k in (*range(opened.models), None)]
    held = Held(*_check_folds(opened, encoded, answers), kind.y, table.rows, arrays)
    refit = _restated(opened, document["refit"], encoded[-1][1], kind.y, arrays["params"])
    answers += _claims(opened, document["refit"], refit, "refit", f"{document['report']['chosen']}, all rows")
    answers += _read(opened, document["refit"], encoded[-1], slice(None), f"{document['report']['chosen']}, all rows")
    shown = report["rungs"][[rung["name"] for rung in report["rungs"]].index(report["chosen"])]
    answers += check_degrees(shown["degrees_of_freedom"], refit, _separated(document["refit"]), shown["name"])
    answers += check_report(document, refit, encoded[-1][0], held)
    answers += check_coverage(opened, held, _forecast(opened, encoded))
    answers += _held_out(opened, held)
    return Verification(tuple(answers))


def _held_out(opened: Opened, held: Held) -> list[Answer]:
    """The worst rows and the numbers of the pictures, from the chosen rung's predictions of rows held out."""
    report, at = opened.document["report"], np.flatnonzero(held.seen)
    chosen = [rung["name"] for rung in report["rungs"]].index(report["chosen"])
    z, noise = held.z[chosen][at], held.noise(chosen)
    lines = Lines(opened.table, at, opened.task.rows[at] + 1, z, held.y[at], noise)
    answers = check_worst(report, opened.document["names"], opened.loss, lines)
    return answers + check_pictures(report, opened.loss, z, held.y[at], noise)


def _same_data(opened: Opened) -> list[Answer]:
    """Whether the table is that of the fit, the target read as it was, and the folds those drawn from the seed."""
    report, names = opened.document["report"], opened.document["names"]
    found, recorded = fingerprint(opened.table, (*names, report["target"]["name"])), report["table"]["fingerprint"]
    note = f"the table is not the one of the fit: {found[:22]}… against {recorded[:22]}…"
    same = Answer("data", "table", "REPORTED", note="the fingerprint is that of the fit")
    answers = [same if found == recorded else refuted("data", "table", None, None, note)]
    classes = list(opened.task.classes) if opened.task.classes else None
    if classes != report["target"]["classes"] or opened.task.kind != report["target"]["task"]:
        note = f"the target's classes are {classes}, recorded {report['target']['classes']}"
        answers.append(refuted("target", "table", None, None, note))
    answers += check_split(opened.table, opened.task, report, opened.folds)
    models = report["folds"]["k"] * len(opened.folds)
    counts = {len(opened.document["fold_encoders"]), *(len(fits) for fits in opened.document["fits"].values())}
    if counts | {len(rung["errors"]) for rung in report["rungs"]} != {models}:
        answers.append(refuted("folds", "models", None, models, "not one encoder, fit and error for each fold"))
    return answers


def _encoded(opened: Opened, k: int | None, answers: list[Answer]) -> tuple[Encoder, np.ndarray]:
    """(encoder, X of all rows) derived from the training rows of fold k, compared with the recorded one."""
    rows = None if k is None else np.flatnonzero(opened.train(k))
    encoder = fit_encoder(opened.table, opened.document["names"], rows)
    recorded = opened.document["encoder"] if k is None else opened.document["fold_encoders"][k]
    subject = "all rows" if k is None else f"without fold {k + 1}"
    if canonical(encoder.to_json()) != canonical(recorded):
        answers.append(refuted("encoder", subject, None, None, "means, scales or levels are not those of these rows"))
    else:
        answers.append(Answer("encoder", subject, "REPORTED", note="means, scales and levels re-derived"))
    return encoder, np.ascontiguousarray(encoder.encode(opened.table))


def _restated(opened: Opened, fit: dict[str, Any], X: np.ndarray, y: np.ndarray, w: np.ndarray) -> Restated:
    X = X if fit["features"] is None else np.ascontiguousarray(X[:, fit["features"]])
    stated = {"loss": opened.document["loss"], "intercept": True, "activation": "relu", "lower": -math.inf, **fit}
    stated["classes"] = opened.task.classes
    if fit["form"] == "additive":
        basis = Basis.from_json(fit["basis"])
        X, stated["l2"] = basis(X), strengths_of(fit, basis, opened.loss.outputs)
    return restate(stated, X[:, :0] if fit["form"] == "constant" else X, y, np.ones(len(y)), w)


def _separated(fit: dict[str, Any]) -> bool:
    """Whether a recorded fit says that there is no minimum."""
    return any(claim["kind"] == "separation" for claim in fit["claims"])


def _forecast(opened: Opened, encoded: list[tuple[Encoder, np.ndarray]]) -> Forecast:
    """(j, rows) ↦ z of the chosen rung by the model without fold j."""
    chosen, y = opened.document["report"]["chosen"], opened.task.y

    def z_of(j: int, rows: np.ndarray) -> np.ndarray:
        fit, params = opened.document["fits"][chosen][j], opened.arrays[f"fold/{j}/{chosen}"]
        return _restated(opened, fit, encoded[j][1][rows], y[rows], params).z

    return z_of


def _claims(opened: Opened, fit: dict[str, Any], restated: Restated, where: str, subject: str) -> list[Answer]:
    if restated.w.shape != (restated.model.layout.size,):
        return [
            refuted(
                "parameters",
                subject,
                len(restated.w),
                restated.model.layout.size,
                "another number of parameters than columns ask for",
            )
        ]
    witness, kinds = opened.witness(where), [claim["kind"] for claim in fit["claims"]]
    missing = sorted(expected(restated) - set(kinds))
    answers = [refuted(kind, subject, None, None, "the claim is missing") for kind in missing]
    twice = sorted({kind for kind in kinds if kinds.count(kind) > 1})
    answers += [refuted(kind, subject, None, None, "the claim is made twice") for kind in twice]
    answers += unsaid(restated, fit["claims"], subject)
    return answers + [check_claim(restated, claim, witness, subject) for claim in fit["claims"]]


def _read(
    opened: Opened, fit: dict[str, Any], encoded: tuple[Encoder, np.ndarray], rows: Any, subject: str
) -> list[Answer]:
    """What a fit reads of the features: those left out, and the curves made of them, from the rows learned from."""
    X = encoded[1][rows]
    return _left_out(fit, X, subject) + check_basis(fit, X, encoded[0], opened.loss.outputs, subject)


def _left_out(fit: dict[str, Any], X: np.ndarray, subject: str) -> list[Answer]:
    """Whether each feature that a fit without penalty leaves out is a weighted sum of those kept and a constant."""
    if fit["features"] is None:
        return []
    if fit["form"] != "linear" or fit["l1"] or fit["l2"]:
        return [refuted("features", subject, None, None, "only a fit without penalty may leave out features")]
    B = X - X.mean(axis=0)
    kept = fit["features"]
    others = [j for j in range(B.shape[1]) if j not in kept]
    rest = B[:, others] - B[:, kept] @ np.linalg.lstsq(B[:, kept], B[:, others], rcond=1e-12)[0]
    size = np.sqrt((B[:, others] ** 2).sum(axis=0))
    if bool((np.sqrt((rest**2).sum(axis=0)) > 1e-7 * size).any()):
        return [refuted("features", subject, None, None, "a feature left out is no sum of those kept")]
    return [Answer("features", subject, "REPORTED", note=f"{len(others)} left out: sums of the others, re-derived")]


def _check_folds(
    opened: Opened, encoded: list[tuple[Encoder, np.ndarray]], answers: list[Answer]
) -> tuple[np.ndarray, np.ndarray]:
    """(predictions on held-out rows, (rungs, n) or (rungs, n, m), what they cost, (rungs, n), a mean over partitions).

    The error and each claim of every fold is answered.
    """
    rungs, fold, y = opened.document["report"]["rungs"], opened.arrays["fold"], opened.task.y
    each = (len(rungs), len(y)) if opened.loss.outputs == 1 else (len(rungs), len(y), opened.loss.outputs)
    held_out, costs = np.zeros(each), np.zeros((len(rungs), len(y)))
    decides = Deciding(opened.document["report"]["metric"], opened.loss, y[fold != FIRST])
    for i, rung in enumerate(rungs):
        for k in range(opened.models):
            fit, where = opened.document["fits"][rung["name"]][k], f"fold/{k}/{rung['name']}"
            subject, X = f"{rung['name']}, fold {k + 1}", encoded[k][1]
            train, held = opened.train(k), opened.held(k)
            restated = _restated(opened, fit, X[train], y[train], opened.arrays[where])
            if k == 0 and rung["name"] != opened.document["report"]["chosen"]:
                answers += check_degrees(rung["degrees_of_freedom"], restated, _separated(fit), rung["name"])
            answers += _claims(opened, fit, restated, where, subject) + _read(opened, fit, encoded[k], train, subject)
            if restated.w.shape != (restated.model.layout.size,):
                continue
            z = _restated(opened, fit, X[held], y[held], opened.arrays[where]).z
            costs[i, held] += decides.costs(z, y[held]) / len(opened.folds)
            if k < opened.document["report"]["folds"]["k"]:
                held_out[i, held] = z
            derived, noise = decides.error(z, y[held]), decides.noise(z, y[held])
            answers.append(reproduced("held-out", subject, rung["errors"][k], derived, floor=noise))
    return held_out, costs
