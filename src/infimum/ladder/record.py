"""ascent → report.json and the model file's document: what a reader, a predictor and a checker need, as JSON."""

import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from infimum.certificates.claim import Verdict
from infimum.evaluation.paired import standard_error
from infimum.evaluation.scores import confidence, confusion, statistics
from infimum.ladder.degrees import degrees_of_freedom
from infimum.ladder.equation import equation_of, objective_of
from infimum.ladder.fit import Fit, Sample
from infimum.ladder.optimism import DRAWN, LEVEL, METHOD, Seen, learned_error, row_error, search_of
from infimum.ladder.problem import Problem
from infimum.ladder.reference import Reference
from infimum.ladder.rows_held_out import rows_held_out
from infimum.ladder.trained import training_of
from infimum.ladder.words import answer, priced, reason
from infimum.losses import Loss
from infimum.tables.fingerprint import fingerprint

if TYPE_CHECKING:
    from infimum.ladder.climb import Ascent

SHOWN = 2000  # points of the predicted-against-observed picture
ORDER = (Verdict.UNAVAILABLE, Verdict.INSUFFICIENT, Verdict.CERTIFIED)


def report_of(ascent: "Ascent", command: str, covering: dict[str, Any]) -> dict[str, Any]:
    """report.json: the answer first, then what it rests on; `covering` is its coverage, intervals and sets."""
    from infimum import __version__

    problem, choice = ascent.problem, ascent.choice
    chosen = ascent.rungs[choice.chosen]
    seen = problem.folds.ever_held
    z, y = ascent.held_out[choice.chosen][seen], problem.y[seen]
    equation, samples = equation_of(ascent), (_sample_of(ascent, False), _sample_of(ascent, True))
    rungs = [_rung(ascent, i, samples) for i in range(len(ascent.rungs))]
    report = {
        "infimum": __version__,
        "command": command,
        "seed": problem.seed,
        **_data(problem),
        "metric": problem.metric.name,
        "folds": _folds(problem),
        "findings": [finding.to_json() for finding in problem.findings],
        "leak": asdict(ascent.leak) if ascent.leak else None,
        "rungs": rungs,
        "reference": _line(ascent, ascent.reference) if ascent.reference else None,
        "also": [_line(ascent, line) for line in ascent.also],
        "skipped": [{"name": name, "reason": why} for name, why in ascent.skipped],
        "chosen": chosen.name,
        "rule": choice.rule,
        "search": _search(ascent, rungs[choice.chosen]["degrees_of_freedom"]),
        "objective": objective_of(ascent),
        "equation": equation,
        "claims": [claim.to_dict() for claim in ascent.refit.claims],
        **covering,
        "out_of_fold": _sample(problem.loss, z, y, problem.seed),
        "statistics": statistics(problem.loss, z, y),
        "confusion": confusion(problem.loss, z, y).tolist() if problem.task.classes else None,
        **rows_held_out(ascent, equation),
        "training": training_of(ascent),
    }
    return {**report, "answer": answer(report)}


def _search(ascent: "Ascent", degrees: float | None) -> dict[str, Any]:
    """The error of the chosen rung corrected for having been chosen, its interval, how often each rung was picked."""
    problem, choice = ascent.problem, ascent.choice
    folds, rows = problem.folds, problem.folds.ever_held
    attained = np.isin(np.arange(len(ascent.rungs)), choice.candidates)
    losses, i = ascent.losses[:, rows], choice.chosen
    seen = Seen(losses, folds.fold[rows], folds.overlap, attained, choice.rule, problem.metric)
    errors = ascent.errors[i]
    doubt = math.hypot(row_error(seen, i), learned_error(seen, i, degrees))
    if folds.kind != "random":
        doubt = max(doubt, standard_error(errors, folds.overlap))
    found = search_of(seen, i, float(errors.mean()), doubt, np.random.default_rng([problem.seed, DRAWN]))
    names = (rung.name for rung in ascent.rungs)
    picked = {name: share for name, share in zip(names, found.picked, strict=True) if share}
    return {"method": METHOD, **asdict(found), "picked": picked, "level": LEVEL}


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
    facts["repeats"] = folds.repeats
    often = (
        f"; drawn {folds.repeats} times: errors compared are means of all, the rest is of the first."
        if folds.repeats > 1
        else "."
    )
    return {**facts, "reason": f"{split.reason[:-1]}{often}"}


def document_of(ascent: "Ascent", report: dict[str, Any]) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """(arrays, document) of the model file: parameters of every fit, folds, encoders, claims, witnesses."""
    arrays = {"params": ascent.refit.params, "fold": ascent.problem.folds.fold}
    arrays |= {"fold_again": ascent.problem.folds.again} if ascent.problem.folds.again is not None else {}
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


def _rung(ascent: "Ascent", i: int, samples: tuple[Sample, Sample]) -> dict[str, Any]:
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
        "degrees_of_freedom": degrees_of_freedom(shown, samples[chosen]),
        "errors": ascent.errors[i].tolist(),
        "mean": float(ascent.errors[i].mean()),
        "standard_error": standard_error(ascent.errors[i], ascent.problem.folds.overlap),
        "rival": ascent.rungs[ascent.choice.rivals[i]].name,
        "difference": float(ascent.choice.differences[i]),
        "difference_error": float(ascent.choice.standard_errors[i]),
        "noticed": float(ascent.choice.noticed[i]),
        "strength": shown.strengths if rung.penalised else None,
        "verdict": str(worst.verdict),
        "gap": largest.bound if np.isfinite(largest.bound) else None,
        "gap_relative": largest.bound / largest.scale if np.isfinite(largest.bound) else None,
        "unattained": separated,
        "reason": reason(ascent.choice, i, titles, ascent.errors),
        "chosen": chosen,
        "candidate": i in ascent.choice.candidates,
    }


def _sample_of(ascent: "Ascent", whole: bool) -> Sample:
    """The rows that the fit learned from whose numbers a rung shows: all, or those of the first fold."""
    problem = ascent.problem
    encoder, X = problem.encoded(None if whole else 0)
    rows = slice(None) if whole else problem.folds.train(0)
    return Sample(problem.loss, X[rows], problem.y[rows], encoder)


def _line(ascent: "Ascent", line: Reference) -> dict[str, Any]:
    """The errors of a model that is no rung on the same folds, and the difference of the chosen rung's from them."""
    errors, overlap = line.errors, ascent.problem.folds.overlap
    paired = ascent.errors[ascent.choice.chosen] - errors
    facts = {
        "title": line.title,
        "library": line.library,
        "errors": errors.tolist(),
        "mean": float(errors.mean()),
        "standard_error": standard_error(errors, overlap),
        "difference": float(paired.mean()),
        "difference_error": standard_error(paired, overlap),
    }
    chosen = ascent.rungs[ascent.choice.chosen].title
    return {**facts, "statement": priced(facts, chosen, float(ascent.errors[ascent.choice.chosen].mean()))}


def _sample(loss: Loss, z: np.ndarray, y: np.ndarray, seed: int) -> dict[str, Any]:
    """Observed and predicted on at most so many rows; of several classes, whether the likeliest is right and its p."""
    y, predicted = confidence(loss, z, y) if loss.outputs > 1 else (y, loss.mean(z))
    rows = np.arange(len(y))
    if len(rows) > SHOWN:
        rows = np.sort(np.random.default_rng([seed, 1]).choice(len(y), SHOWN, replace=False))
    return {"observed": y[rows].tolist(), "predicted": predicted[rows].tolist(), "sampled": len(rows), "of": len(y)}
