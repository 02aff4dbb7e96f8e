"""table, file ↦ answers: the role of each column, what was found about the table, and the folds, derived again."""

from typing import Any

import numpy as np

from infimum.tables import Table
from infimum.tables.leakage.examine import examined
from infimum.tables.natural import Role
from infimum.tables.roles import used
from infimum.tables.task import Task
from infimum.tables.wishes import Wishes
from infimum.verify.answers import Answer, refuted

FIRST = 255  # the fold of the rows before the first that are predicted, where folds are spans of time
KEYS = ("name", "role", "reason", "missing", "levels", "values")


def check_roles(
    table: Table, target: str, roles: tuple[Role, ...], wishes: Wishes, document: dict[str, Any]
) -> list[Answer]:
    """One answer for the roles, leaks and duplicates of every column: recorded as the rules give them, or not."""
    report = document["report"]
    kept, findings = examined(table, target, roles, wishes)
    derived = [{key: getattr(role, key) for key in KEYS} for role in kept]
    wrong = [b["name"] for a, b in zip(report["columns"], derived, strict=True) if a != b]
    if wrong:
        return [
            refuted("roles", ", ".join(wrong), None, None, "not the role or reason that the rules give these columns")
        ]
    if list(used(kept)) != document["names"]:
        return [refuted("roles", "columns in use", None, None, "not those whose role is to be read")]
    stated = [finding.to_json() for finding in findings]
    if report["findings"][: len(stated)] != stated:
        return [refuted("findings", "table", None, None, "leaks or relations recorded are not those of the table")]
    return [Answer("roles", "table", "REPORTED", note="roles, leaks, duplicates and relations re-derived")]


def check_split(table: Table, task: Task, report: dict[str, Any], folds: np.ndarray) -> list[Answer]:
    """Whether the folds, (repeats, n), are those that the seed, the group or the time of each row gives."""
    facts, fold = report["folds"], folds[0]
    k, whole = facts["k"], set(range(facts["k"])) | ({FIRST} if facts["kind"] == "time" else set())
    parts = folds if folds.shape[1] == len(task.y) else [np.zeros(0)]
    if any(set(np.unique(part).tolist()) != whole for part in parts):
        return [refuted("folds", "table", None, None, f"the folds are not a partition of the rows into {k} parts")]
    if len(folds) != facts["repeats"] or (len(folds) > 1 and facts["kind"] == "time"):
        return [refuted("folds", "table", facts["repeats"], len(folds), "not as many partitions as are recorded")]
    if facts["held_out_rows"] != int((fold != FIRST).sum()):
        return [refuted("folds", "table", facts["held_out_rows"], int((fold != FIRST).sum()), "rows held out")]
    named = facts["column"] in table.names
    if not {"random": facts["column"] == "", "groups": named, "time": named}.get(facts["kind"], False):
        return [refuted("folds", "table", None, None, "no such kind of folds, or no column that decides them")]
    if facts["kind"] == "random":
        return [_drawn(task, report["seed"], folds, k)]
    column = table.column(facts["column"])
    if facts["kind"] == "groups":
        codes = column.codes()[0]
        groups = [codes == group for group in np.unique(codes[codes >= 0])]
        broken = any(len(np.unique(part[rows])) > 1 for part in folds for rows in groups)
        kept = "rows of one group are in one fold"
    else:
        x = column.values.astype(np.int64) if column.kind == "time" else column.values
        spans = [x[fold == part] for part in (FIRST, *range(k))]
        broken = any(a.max() >= b.min() for a, b in zip(spans, spans[1:], strict=False))
        kept = "each span is later than the one before"
    if broken:
        return [refuted("folds", "table", None, None, f"it is not so that {kept}")]
    return [Answer("folds", "table", "REPORTED", note=f"{kept}: re-derived")]


def _drawn(task: Task, seed: int, folds: np.ndarray, k: int) -> Answer:
    """Random folds drawn again, one partition after the other: permutations, class by class, dealt out in turn."""
    rng, drawn = np.random.default_rng([seed, 0]), np.empty(folds.shape, dtype=np.uint8)
    classes = range(len(task.classes or ()))
    groups = [np.flatnonzero(task.y == c) for c in classes] if classes else [np.arange(len(task.y))]
    for part, again in zip(folds, drawn, strict=True):
        sizes, start = np.bincount(part, minlength=k), 0
        if sizes.min() < 1 or np.ptp(sizes) > 1:
            return refuted("folds", "table", None, None, "the folds are not a partition of the rows into equal parts")
        for rows in groups:
            again[rng.permutation(rows)] = (start + np.arange(len(rows))) % k
            start += len(rows)
    if np.array_equal(folds, drawn):
        return Answer("folds", "table", "REPORTED", note="drawn again from the seed")
    return Answer("folds", "table", "INSUFFICIENT", note="not the folds that this NumPy draws from the seed")
