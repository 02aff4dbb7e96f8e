"""report ↦ answers: the choice, standard errors, intervals, statistics and equation, from numbers checked before."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from infimum.losses import Loss
from infimum.tables.encode import Encoder
from infimum.verify.answers import Answer, refuted, reproduced
from infimum.verify.checks import local_norm
from infimum.verify.restated import Restated
from infimum.verify.table import FIRST

RUNGS = ("constant", "least squares", "logistic", "ridge", "lasso", "network")  # from simple to complex


@dataclass(frozen=True, eq=False)
class Held:
    """z (rungs, n): predictions of each rung on rows of the fold left out; y (n,); rows of the table; the arrays."""

    z: np.ndarray
    y: np.ndarray
    rows: int
    arrays: dict[str, np.ndarray]

    @property
    def fold(self) -> np.ndarray:
        """The fold of each row, (n,)."""
        return self.arrays["fold"]

    @property
    def seen(self) -> np.ndarray:
        """Whether a row was ever held out, (n,): not so before the first span of time that is predicted."""
        return self.fold != FIRST

    @property
    def noise(self) -> float:
        """What rounding may have done to an error in the units of y."""
        return 1e-13 * float(np.abs(self.y).max() + np.abs(self.z).max())


@dataclass(frozen=True, eq=False)
class Compared:
    """errors (rungs, folds), each checked against the rows before; losses (rungs, n) of the rows held out; ρ."""

    errors: np.ndarray
    losses: np.ndarray
    overlap: float
    rooted: bool

    @property
    def widen(self) -> float:
        """√(1/k + ρ)."""
        return math.sqrt(1 / self.errors.shape[1] + self.overlap)

    def apart(self, i: int, j: int) -> tuple[float, float]:
        """(mean of errors i − j, its standard error: the larger of that of the folds and that of the rows)."""
        paired, rows = self.errors[i] - self.errors[j], self.losses[i] - self.losses[j]
        of_rows = self.widen * float(np.std(rows, ddof=1)) * math.sqrt(len(paired) / len(rows))
        both = float(self.errors[i].mean() + self.errors[j].mean())
        if self.rooted:
            of_rows = 2 * of_rows / both if both > 0 else 0.0
        of_folds = self.widen * float(np.std(paired, ddof=1))
        return math.fsum(paired) / len(paired), max(of_folds, of_rows)


def check_report(document: dict[str, Any], refit: Restated, encoder: Encoder, held: Held) -> list[Answer]:
    """{number of the report ↦ answer}; sentences that only repeat them are left out, and said to be."""
    report = document["report"]
    chosen = [rung["name"] for rung in report["rungs"]].index(report["chosen"])
    answers = _target(report, refit, held) + _choice(document, refit.loss, held)
    answers += _objective(report, refit)
    answers += _equation(document, refit, encoder)
    answers += _intervals(report, held, chosen)
    answers += _statistics(report, refit.loss, held, chosen)
    answers += _sample(report, refit.loss, held.z[chosen][held.seen], held.y[held.seen])
    note = "the wording of the answer, reasons, claims and formula, what leaks and gradient boosting do: not re-derived"
    return [*answers, Answer("sentences", "report", "REPORTED", note=note)]


def _agree(kind: str, subject: str, pairs: dict[str, tuple[Any, Any]]) -> list[Answer]:
    """One answer: every recorded value equals the derived one, or which does not."""
    wrong = [f"{name} is recorded as {a!r}, derived {b!r}" for name, (a, b) in pairs.items() if a != b]
    if wrong:
        return [refuted(kind, subject, None, None, "; ".join(wrong))]
    return [Answer(kind, subject, "REPORTED", note=f"{', '.join(pairs)} re-derived")]


def _target(report: dict[str, Any], refit: Restated, held: Held) -> list[Answer]:
    """Rows used, which class is modelled, the metric; the mean of the target."""
    target, classes = report["target"], report["target"]["classes"]
    metric = "rmse" if refit.loss.task == "regression" else "log_loss"
    pairs = {
        "rows": ((report["table"]["rows"], report["table"]["used_rows"]), (held.rows, len(held.y))),
        "positive class": (target["positive"], classes[1] if classes else None),
        "metric": (report["metric"], metric),
        "folds": ((report["folds"]["k"], report["folds"]["seed"]), (len(report["rungs"][0]["errors"]), report["seed"])),
    }
    mean = reproduced("target", "mean", target["mean"], float(held.y.mean()), floor=held.noise)
    return [*_agree("target", "report", pairs), mean]


def _choice(document: dict[str, Any], loss: Loss, held: Held) -> list[Answer]:
    """Means, standard errors, differences from the rival in the same folds, verdicts, the rung that the rule picks."""
    report = document["report"]
    rungs = report["rungs"]
    errors = np.array([rung["errors"] for rung in rungs])  # each checked against the rows before
    mean, overlap, arrays = errors.mean(axis=1), _overlap(report, held.fold), held.arrays
    losses = loss.value(held.z[:, held.seen], held.y[held.seen])
    compared = Compared(errors, losses, overlap, loss.task == "regression")
    fits = document["fits"]
    verdicts = [[c["verdict"] for fit in fits[r["name"]] for c in fit["claims"] if c["kind"] == "gap"] for r in rungs]
    candidates = [i for i, each in enumerate(verdicts) if "INSUFFICIENT" not in each]
    best = min(candidates, key=lambda i: mean[i])
    named = [[each["name"] for each in rungs].index(rung["rival"]) for rung in rungs]
    rivals = [_rival(compared, i, candidates, named[i]) for i in range(len(rungs))]
    trifle = 1e-9 * float(mean.max())
    good = [i for i in candidates if rivals[i][1] <= max(rivals[i][2], trifle)]
    chosen = best if report["rule"] == "best" else good[0]
    names = [rung["name"] for rung in rungs]
    known = [name for name in RUNGS if name in document["fits"]]
    answers = _agree("rungs", "report", {"names": ((names, sorted(document["fits"])), (known, sorted(names)))})
    for i, rung in enumerate(rungs):
        fits = [*document["fits"][rung["name"]], *([document["refit"]] if i == chosen else [])]
        answers.append(reproduced("mean error", rung["name"], rung["mean"], float(mean[i])))
        name, floor = f"standard error, {rung['name']}", 1e-9 * float(mean[i])
        deviation = compared.widen * float(np.std(errors[i], ddof=1))
        answers.append(reproduced("standard error", name, rung["standard_error"], deviation, floor=floor))
        strongest, *numbers = rivals[i]
        answers += _agree("rung", f"{rung['name']}, rival", {"rival": (strongest, True)})
        for key, own in zip(("difference", "difference_error"), numbers, strict=True):
            answers.append(reproduced("difference", f"{rung['name']}, {key}", rung[key], own, floor=floor))
        shown = arrays["params"] if i == chosen else arrays[f"fold/0/{rung['name']}"]
        answers += _rung_claims(rung, fits, shown, i == chosen)
        answers += _agree("rung", f"{rung['name']}, candidate", {"candidate": (rung["candidate"], i in candidates)})
    answers += _reference(report, errors[chosen], compared.widen)
    answers.append(reproduced("overlap", "folds", report["folds"]["overlap"], overlap))
    pairs = {
        "rule": (report["rule"] in ("1se", "best"), True),
        "chosen": (report["chosen"], rungs[chosen]["name"]),
        "claims": (report["claims"], document["refit"]["claims"]),
    }
    return answers + _agree("choice", "report", pairs)


def _rival(compared: Compared, i: int, candidates: list[int], j: int) -> tuple[bool, float, float]:
    """(no candidate does better than rung i by more than j does, mean of errors i − j, its standard error)."""
    others = [compared.apart(i, each) for each in candidates if each != i]
    mean, doubt = compared.apart(i, j)
    most = max((each[0] - each[1] for each in others), default=0.0)
    alone = j == i and not others
    slack = 1e-9 * float(compared.errors.mean(axis=1).max())
    return alone or (j != i and j in candidates and mean - doubt >= most - slack), mean, doubt


def _reference(report: dict[str, Any], chosen: np.ndarray, widen: float) -> list[Answer]:
    """Means and standard errors of the reference line's errors, which themselves are taken as they are recorded."""
    recorded = report["reference"]
    if recorded is None:
        return []
    errors = np.array(recorded["errors"])
    paired, floor = chosen - errors, 1e-9 * float(np.abs(errors).max())
    derived = {
        "mean": float(errors.mean()),
        "standard_error": widen * float(np.std(errors, ddof=1)),
        "difference": float(paired.mean()),
        "difference_error": widen * float(np.std(paired, ddof=1)),
    }
    return [reproduced("reference", name, recorded[name], own, floor=floor) for name, own in derived.items()]


def _overlap(report: dict[str, Any], fold: np.ndarray) -> float:
    """Σ rows held out / Σ rows learned from, over the folds."""
    k, held = report["folds"]["k"], int((fold != FIRST).sum())
    earlier = [int(((fold < j) | (fold == FIRST)).sum()) for j in range(k)]
    learned = sum(earlier) if report["folds"]["kind"] == "time" else k * len(fold) - held
    return held / learned


def _rung_claims(rung: dict[str, Any], fits: list[dict[str, Any]], params: np.ndarray, chosen: bool) -> list[Answer]:
    """verdict = the weakest, gap = the largest relative to its scale, of the rung's fits; separation where there is."""
    gaps = [claim for fit in fits for claim in fit["claims"] if claim["kind"] == "gap"]
    apart = [claim["statement"] for fit in fits for claim in fit["claims"] if claim["kind"] == "separation"]
    order = ("UNAVAILABLE", "INSUFFICIENT", "CERTIFIED")
    known = [gap for gap in gaps if gap["bound"] is not None and gap["scale"]]
    largest = max(known, key=lambda gap: gap["bound"] / gap["scale"]) if len(known) == len(gaps) else None
    shown = fits[-1] if chosen else fits[0]
    strength = rung["strength"] or {"l1": 0.0, "l2": 0.0}
    pairs = {
        "verdict": (rung["verdict"], min((gap["verdict"] for gap in gaps), key=order.index)),
        "gap": (rung["gap"], largest["bound"] if largest else None),
        "relative gap": (rung["gap_relative"], largest["bound"] / largest["scale"] if largest else None),
        "parameters": ((rung["parameters"], rung["active"]), (len(params), int(np.count_nonzero(params)))),
        "strength": (strength, {"l1": shown["l1"], "l2": shown["l2"]}),
        "chosen": (rung["chosen"], chosen),
        "separation": (rung["unattained"], apart[0] if apart else None),
    }
    return _agree("rung", rung["name"], pairs)


def _objective(report: dict[str, Any], refit: Restated) -> list[Answer]:
    """F(ŵ), its penalty's strengths, and F at the best constant."""
    recorded, loss = report["objective"], refit.loss
    constant = loss.constant(math.fsum(refit.y) / len(refit.y))
    null = math.fsum(loss.value(np.full(refit.y.shape, constant), refit.y)) / len(refit.y)
    l1, l2 = (float(np.max(part, initial=0.0)) for part in (refit.penalty.l1, refit.penalty.l2))
    return [
        reproduced("objective", "F(ŵ)", recorded["value"], refit.value, floor=refit.noise),
        reproduced("objective", "F(null)", recorded["null_value"], null, floor=refit.noise),
        *_agree("objective", "penalty", {"strengths": (recorded["penalty"], {"l1": l1, "l2": l2})}),
    ]


def _equation(document: dict[str, Any], refit: Restated, encoder: Encoder) -> list[Answer]:
    """Coefficients in the columns' own units and their bounds, from the parameters and the encoder."""
    form, recorded = document["refit"]["form"], document["report"]["equation"]
    if form == "network" or recorded is None:
        return _agree("equation", "report", {"equation": (recorded is None, form == "network")})
    kept = document["refit"]["features"]
    kept = range(len(encoder.names)) if kept is None else kept
    b = np.zeros(len(encoder.names))
    if form == "linear":
        b[list(kept)] = refit.w[:-1]
    terms, intercept = encoder.units(b, float(refit.w[-1]))
    derived = [(t.name, t.column, t.level, t.reference, t.coefficient, float(e)) for t, e in zip(terms, b, strict=True)]
    keys = ("name", "column", "level", "reference", "coefficient", "effect")
    answers = _agree(
        "equation", "terms", {"terms": ([tuple(row[key] for key in keys) for row in recorded["terms"]], derived)}
    )
    names = [name for j, name in enumerate(encoder.names) if j not in kept]
    answers += _agree("equation", "features", {"left out": (recorded["left_out"], names)})
    answers.append(reproduced("equation", "intercept", recorded["intercept"], float(intercept), 1e-12))
    own_bounds = _parameter_bounds(refit) if form == "linear" else []
    bounds = dict(zip(kept, own_bounds, strict=False))
    for j, (row, term, effect) in enumerate(zip(recorded["terms"], terms, b, strict=True)):
        own = bounds[j] * abs(term.coefficient / effect) if effect and bounds else None
        if (own is None) != (row["bound"] is None) or (own is not None and not abs(row["bound"] / own - 1) <= 0.1):
            answers.append(refuted("equation", term.name, row["bound"], own, "the coefficient's bound is another"))
    return answers


def _parameter_bounds(refit: Restated) -> list[float]:
    """√(H⁻¹)ⱼⱼ ‖w − w*‖_H for each coefficient; empty where none follows."""
    length, rho, a = local_norm(refit)
    if refit.metric is None or not rho * length < 1:
        return []
    radius = -math.log1p(-rho * length) / rho if rho else length
    return [float(x) for x in np.linalg.norm(refit.metric[0], axis=0) / math.sqrt(1 - a) * radius]


def _intervals(report: dict[str, Any], held: Held, chosen: int) -> list[Answer]:
    """The half width: the ⌈level (m + 1)⌉-th smallest error of the first fold's rows; there for every regression."""
    in_time, k = report["folds"]["kind"] == "time", report["folds"]["k"]
    intervals, rows = report["intervals"], held.fold == (k - 1 if in_time else 0)
    residual = np.sort(np.abs(held.z[chosen][rows] - held.y[rows]))
    level = intervals["level"] if intervals else 0.9
    rank = math.ceil(level * (len(residual) + 1) - 1e-9)
    expected = report["target"]["task"] == "regression" and rank <= len(residual)
    if intervals is None or not expected:
        return _agree("coverage", "report", {"interval": (intervals is not None, expected)})
    named = f"{100 * level:g}%" in intervals["guarantee"]
    return [
        reproduced("coverage", "half width", intervals["half_width"], float(residual[rank - 1]), floor=held.noise),
        reproduced("coverage", "calibration rows", intervals["calibration_rows"], len(residual)),
        *_agree("coverage", "guarantee", {"level in the sentence": (named, True)}),
        *_agree("coverage", "fold", {"fold": (intervals["fold"], k - 1 if in_time else 0)}),
    ]


def _statistics(report: dict[str, Any], loss: Loss, held: Held, chosen: int) -> list[Answer]:
    """RMSE, MAE, R² or log-loss, Brier, accuracy, AUC of the predictions on held-out rows."""
    z, y, n = held.z[chosen][held.seen], held.y[held.seen], int(held.seen.sum())
    if loss.task == "regression":
        residual, spread = z - y, math.fsum((y - y.mean()) ** 2)
        derived = {
            "rmse": math.sqrt(math.fsum(residual**2) / n),
            "mae": math.fsum(np.abs(residual)) / n,
            "r2": 1 - math.fsum(residual**2) / spread if spread > 0 else 0.0,
        }
    else:
        p, positive, negative = loss.mean(z), z[y == 1], np.sort(z[y == 0])
        below = np.searchsorted(negative, positive, "left") + np.searchsorted(negative, positive, "right")
        derived = {
            "log_loss": math.fsum(loss.value(z, y)) / n,
            "brier": math.fsum((p - y) ** 2) / n,
            "accuracy": float(np.mean((z > 0) == (y == 1))),
            "auc": float(below.sum() / 2 / (len(positive) * len(negative))),
        }
    recorded = report["statistics"]
    answers = _agree("statistics", "report", {"names": (sorted(recorded), sorted(derived))})
    floor = held.noise if loss.task == "regression" else 0.0
    return answers + [reproduced("statistics", name, recorded.get(name), x, floor=floor) for name, x in derived.items()]


def _sample(report: dict[str, Any], loss: Loss, z: np.ndarray, y: np.ndarray) -> list[Answer]:
    """The points shown: of them as many as there can be, each pair (observed, predicted) that of some held-out row."""
    shown, p = report["out_of_fold"], loss.mean(z)
    counted = (shown["sampled"], shown["of"], len(shown["observed"]), len(shown["predicted"]))
    expected = (min(len(y), 2000), len(y), min(len(y), 2000), min(len(y), 2000))
    answers = _agree("out-of-fold", "count", {"points": (counted, expected)})
    if _each_is_some_row(shown, y, p):
        return [*answers, Answer("out-of-fold", "points", "REPORTED", note="every point shown is a held-out row")]
    return [*answers, refuted("out-of-fold", "points", None, None, "a point shown is no held-out prediction")]


def _each_is_some_row(shown: dict[str, Any], y: np.ndarray, p: np.ndarray) -> bool:
    """Up to the last digits, which another order of summation may change."""
    observed, predicted = np.array(shown["observed"]), np.array(shown["predicted"])
    slack = 1e-9 * (1e-3 * float(np.abs(y).max()) + np.abs(predicted))
    for value in np.unique(observed):
        mine = np.sort(p[y == value])
        at = observed == value
        if not len(mine):
            return False
        place = np.clip(np.searchsorted(mine, predicted[at]), 1, max(len(mine) - 1, 1))
        above, below = mine[np.minimum(place, len(mine) - 1)], mine[place - 1]
        if np.any(np.minimum(np.abs(above - predicted[at]), np.abs(below - predicted[at])) > slack[at]):
            return False
    return True
