"""ascent → report.json and the model file's document: what a reader, a predictor and a checker need, as JSON."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from infimum.certificates.claim import Verdict
from infimum.certificates.decrement import decrement_at
from infimum.certificates.point import point_at
from infimum.evaluation.conformal import split_conformal
from infimum.evaluation.scores import confidence, confusion, metric_name, statistics
from infimum.ladder.fit import Fit
from infimum.ladder.occam import standard_error
from infimum.ladder.problem import Problem
from infimum.ladder.reference import TITLE
from infimum.ladder.words import answer, latex, priced, reason
from infimum.losses import Loss
from infimum.losses.multinomial import contrasts
from infimum.objective import LikelihoodObjective
from infimum.penalties.elastic_net import ElasticNet
from infimum.tables.encode import Encoder
from infimum.tables.fingerprint import fingerprint

if TYPE_CHECKING:
    from infimum.ladder.climb import Ascent

LEVEL = 0.9
SHOWN = 2000  # points of the predicted-against-observed picture
GUARANTEE = (
    "At least 90% of new rows fall inside, if they are drawn like the rows of the table (exchangeable): the interval "
    "is centred on the model fitted without fold 1 and as wide as its errors there. That the rung was chosen with "
    "these rows among others is not accounted for."
)
GROUPED = (
    "No guarantee: rows of a group are alike, so that new rows are not drawn like these one by one. The interval holds "
    "90% of the rows of the groups in fold 1, is centred on the model fitted without them and as wide as its errors "
    "there."
)
IN_TIME = (
    "No guarantee: in time, rows are not exchangeable, and what comes may differ from what was. The interval holds 90% "
    "of the latest fifth of the rows predicted; it is centred on the model fitted to all rows before them."
)
ORDER = (Verdict.UNAVAILABLE, Verdict.INSUFFICIENT, Verdict.CERTIFIED)


def report_of(ascent: "Ascent", command: str) -> dict[str, Any]:
    """report.json: the answer first, then what it rests on."""
    from infimum import __version__

    problem, choice = ascent.problem, ascent.choice
    chosen = ascent.rungs[choice.chosen]
    seen = problem.folds.ever_held
    z, y = ascent.held_out[choice.chosen][seen], problem.y[seen]
    report = {
        "infimum": __version__,
        "command": command,
        "seed": problem.seed,
        **_data(problem),
        "metric": metric_name(problem.loss),
        "folds": _folds(problem),
        "findings": [finding.to_json() for finding in problem.findings],
        "leak": asdict(ascent.leak) if ascent.leak else None,
        "rungs": [_rung(ascent, i) for i in range(len(ascent.rungs))],
        "reference": _reference(ascent),
        "skipped": [{"name": name, "reason": why} for name, why in ascent.skipped],
        "chosen": chosen.name,
        "rule": choice.rule,
        "objective": _objective(ascent),
        "equation": _equation(ascent),
        "claims": [claim.to_dict() for claim in ascent.refit.claims],
        "intervals": _intervals(ascent),
        "out_of_fold": _sample(problem.loss, z, y, problem.seed),
        "statistics": statistics(problem.loss, z, y),
        "confusion": confusion(problem.loss, z, y).tolist() if problem.task.classes else None,
    }
    return {**report, "answer": answer(report)}


def _data(problem: Problem) -> dict[str, Any]:
    """The table, the target and how each column was read."""
    classes = problem.task.classes
    return {
        "table": {
            "name": problem.table.name,
            "rows": problem.rows,
            "used_rows": len(problem.y),
            "fingerprint": fingerprint(problem.table, (*problem.names, problem.target)),
        },
        "target": {
            "name": problem.target,
            "task": problem.task.kind,
            "classes": list(classes) if classes else None,
            "positive": classes[1] if classes and len(classes) == 2 else None,
            "mean": None if classes and len(classes) > 2 else float(problem.y.mean()),
            "shares": (np.bincount(problem.y.astype(int)) / len(problem.y)).tolist() if classes else None,
        },
        "columns": [
            {key: getattr(role, key) for key in ("name", "role", "reason", "missing", "levels", "values")}
            for role in problem.roles
        ],
        "reading": problem.table.reading.to_json(),
        "wishes": problem.wishes.to_json(),
    }


def _folds(problem: Problem) -> dict[str, Any]:
    """How rows were split: the kind, the column that decided, and why."""
    split, folds = problem.split, problem.folds
    held = int(folds.ever_held.sum())
    facts = {"k": folds.k, "seed": problem.seed, "kind": folds.kind, "column": split.column, "held_out_rows": held}
    facts["overlap"] = folds.overlap
    return {**facts, "reason": split.reason}


def document_of(ascent: "Ascent", report: dict[str, Any]) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """(arrays, document) of the model file: parameters of every fit, folds, encoders, claims, witnesses."""
    arrays = {"params": ascent.refit.params, "fold": ascent.problem.folds.fold}
    arrays.update(_witnesses("refit", ascent.refit))
    for rung, row in zip(ascent.rungs, ascent.fits, strict=True):
        for k, fit in enumerate(row):
            arrays[f"fold/{k}/{rung.name}"] = fit.params
            arrays.update(_witnesses(f"fold/{k}/{rung.name}", fit))
    folds = {rung.name: [fit.to_dict() for fit in row] for rung, row in zip(ascent.rungs, ascent.fits, strict=True)}
    document = {
        "report": report,
        "names": list(ascent.problem.names),
        "loss": ascent.problem.loss.name,
        "encoder": ascent.encoders[-1].to_json(),
        "fold_encoders": [encoder.to_json() for encoder in ascent.encoders[:-1]],
        "refit": ascent.refit.to_dict(),
        "fits": folds,
    }
    return arrays, document


def _witnesses(where: str, fit: Fit) -> dict[str, np.ndarray]:
    return {
        f"witness/{where}/{claim.kind}/{name}": array for claim in fit.claims for name, array in claim.witness.items()
    }


def _rung(ascent: "Ascent", i: int) -> dict[str, Any]:
    rung, row = ascent.rungs[i], ascent.fits[i]
    chosen = i == ascent.choice.chosen
    fits = (*row, ascent.refit) if chosen else row
    worst = min(fits, key=lambda fit: ORDER.index(fit.verdict))
    gaps = [fit.claim("gap") for fit in fits]
    largest = max(gaps, key=lambda gap: gap.bound / gap.scale)
    shown = ascent.refit if chosen else row[0]
    separated = next((claim.statement for fit in fits for claim in fit.claims if claim.kind == "separation"), None)
    titles = tuple(rung.title for rung in ascent.rungs)
    return {
        "name": rung.name,
        "title": rung.title,
        "assumes": rung.assumes[0].upper() + rung.assumes[1:] + ".",
        "parameters": len(shown.params),
        "active": int(np.count_nonzero(shown.params)),
        "errors": ascent.errors[i].tolist(),
        "mean": float(ascent.errors[i].mean()),
        "standard_error": standard_error(ascent.errors[i], ascent.problem.folds.overlap),
        "rival": ascent.rungs[ascent.choice.rivals[i]].name,
        "difference": float(ascent.choice.differences[i]),
        "difference_error": float(ascent.choice.standard_errors[i]),
        "strength": {"l1": shown.l1, "l2": shown.l2} if rung.penalised else None,
        "verdict": str(worst.verdict),
        "gap": largest.bound if np.isfinite(largest.bound) else None,
        "gap_relative": largest.bound / largest.scale if np.isfinite(largest.bound) else None,
        "unattained": separated,
        "reason": reason(ascent.choice, i, titles, ascent.errors),
        "chosen": chosen,
        "candidate": i in ascent.choice.candidates,
    }


def _reference(ascent: "Ascent") -> dict[str, Any] | None:
    """The errors of gradient boosting on the same folds, and the difference of the chosen rung's from them."""
    if ascent.reference is None:
        return None
    errors, overlap = ascent.reference.errors, ascent.problem.folds.overlap
    paired = ascent.errors[ascent.choice.chosen] - errors
    facts = {
        "title": TITLE,
        "library": ascent.reference.library,
        "errors": errors.tolist(),
        "mean": float(errors.mean()),
        "standard_error": standard_error(errors, overlap),
        "difference": float(paired.mean()),
        "difference_error": standard_error(paired, overlap),
    }
    chosen = ascent.rungs[ascent.choice.chosen].title
    return {**facts, "statement": priced(facts, chosen, float(ascent.errors[ascent.choice.chosen].mean()))}


def _objective(ascent: "Ascent") -> dict[str, Any]:
    refit, problem = ascent.refit, ascent.problem
    X = problem.encoded()[1]
    loss: Loss = problem.loss
    value = float(np.mean(loss.value(refit.predict(X), problem.y)))
    free = refit.model(X).layout.free
    w = refit.params[~free]
    penalty = refit.l1 * float(np.abs(w).sum()) + 0.5 * refit.l2 * float(w @ w)
    return {
        "loss": loss.name,
        "latex": latex(loss.name, refit.rung.form, refit.l1, refit.l2),
        "value": value + penalty,
        "null_value": loss.null(problem.y, np.full(problem.y.shape, 1 / len(problem.y))),
        "penalty": {"l1": refit.l1, "l2": refit.l2},
    }


def _equation(ascent: "Ascent") -> dict[str, Any] | None:
    """The refit in the columns' own units, with |coefficient − that of the minimiser| ≤ bound; None for a network.

    Of more than two classes, {"scores": [{"class", "terms", "intercept"}, …]}: one equation each.
    """
    refit, problem = ascent.refit, ascent.problem
    if refit.rung.form == "network":
        return None
    encoder, X = problem.encoded()
    m, P = problem.loss.outputs, len(encoder.names)
    W = refit.params.reshape(-1, m)
    b, bounds = np.zeros((P, m)), None
    if refit.rung.form == "linear":
        b = refit.spread(W[:-1], P)
        penalty = ElasticNet(refit.l1, refit.l2)
        objective = LikelihoodObjective.of(refit.model(X), problem.loss, penalty, problem.y)
        found = decrement_at(point_at(objective, refit.params)).parameter_bounds()
        bounds = None if found is None else refit.spread(found.reshape(-1, m)[:-1], P)
    kept = refit.features
    left_out = [] if kept is None else [name for j, name in enumerate(encoder.names) if j not in kept]
    if m == 1:
        return {
            **_terms(encoder, b[:, 0], float(W[-1, 0]), None if bounds is None else bounds[:, 0]),
            "left_out": left_out,
        }
    scores = []
    for label, to in zip(problem.task.classes or (), contrasts(m + 1), strict=True):
        within = None if bounds is None else bounds @ np.abs(to)
        scores.append({"class": label, **_terms(encoder, b @ to, float(W[-1] @ to), within)})
    return {"scores": scores, "left_out": left_out}


def _terms(encoder: Encoder, b: np.ndarray, intercept: float, bounds: np.ndarray | None) -> dict[str, Any]:
    """{"terms", "intercept"} of one equation in own units: effects b (P,), and bounds on them if there are any."""
    terms, own = encoder.units(b, intercept)
    rows = [
        {
            "name": term.name,
            "column": term.column,
            "level": term.level,
            "reference": term.reference,
            "coefficient": term.coefficient,
            "effect": float(effect),
            "bound": float(bounds[j] * abs(term.coefficient / effect)) if bounds is not None and effect else None,
        }
        for j, (term, effect) in enumerate(zip(terms, b, strict=True))
    ]
    return {"terms": rows, "intercept": own}


def _intervals(ascent: "Ascent") -> dict[str, Any] | None:
    problem = ascent.problem
    if problem.task.kind != "regression":
        return None
    folds = problem.folds
    held = folds.held(folds.last)
    half = split_conformal(ascent.held_out[ascent.choice.chosen, held] - problem.y[held], LEVEL)
    if not np.isfinite(half):
        return None
    guarantee = IN_TIME if folds.kind == "time" else GROUPED if folds.kind == "groups" else GUARANTEE
    facts = {"level": LEVEL, "half_width": half, "method": "split conformal", "guarantee": guarantee}
    return {**facts, "fold": folds.last, "calibration_rows": int(held.sum())}


def _sample(loss: Loss, z: np.ndarray, y: np.ndarray, seed: int) -> dict[str, Any]:
    """Observed and predicted on at most so many rows; of several classes, whether the likeliest is right and its p."""
    y, predicted = confidence(loss, z, y) if loss.outputs > 1 else (y, loss.mean(z))
    rows = np.arange(len(y))
    if len(rows) > SHOWN:
        rows = np.sort(np.random.default_rng([seed, 1]).choice(len(y), SHOWN, replace=False))
    return {"observed": y[rows].tolist(), "predicted": predicted[rows].tolist(), "sampled": len(rows), "of": len(y)}
