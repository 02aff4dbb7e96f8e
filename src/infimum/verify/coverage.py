"""held-out predictions ↦ answers: intervals and sets, the scores kept for them, what they covered, what is proved."""

import math
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from infimum.losses import Loss
from infimum.verify.adaptive import check_adaptive
from infimum.verify.answers import Answer, agree, refuted, reproduced
from infimum.verify.comparison import Held
from infimum.verify.difficulty import check_difficulty, sizes_of
from infimum.verify.reliability import bands_by, distinct

if TYPE_CHECKING:
    from infimum.verify.model_file import Opened

Forecast = Callable[[int, np.ndarray], np.ndarray]
SAMPLED = 500  # rows whose intervals give the median half width
MANY = 100  # different predictions from which on coverage is told in bands
NEAR = 1e-9  # relative: two honest evaluations of a probability differ by less
METHODS = {"random": "CV+", "groups": "CV+ by group", "time": "split conformal on the latest span"}


def check_coverage(opened: "Opened", held: Held, z_of: Forecast) -> list[Answer]:
    """Every number about intervals of a number or sets of classes; z_of(j, rows) is z by the model without fold j."""
    report, task = opened.document["report"], opened.task.kind
    chosen = [rung["name"] for rung in report["rungs"]].index(report["chosen"])
    numbers, classes = task == "regression", task == "classification"
    answers = [] if numbers else agree("coverage", "intervals", {"intervals": (report["intervals"], None)})
    answers += [] if classes else agree("coverage", "sets", {"sets": (report["sets"], None)})
    if not 0.5 <= report["coverage"] < 1:
        return [*answers, refuted("coverage", "level", report["coverage"], None, "a coverage is from 0.5 to below 1")]
    if numbers:
        return answers + _intervals(opened, held, (held.z[chosen], held.noise(chosen)), z_of)
    return answers + (_sets(opened, held, _probabilities(opened.loss, held.z[chosen])) if classes else [])


def place_of(m: int, level: float) -> int:
    """⌈level (m + 1)⌉."""
    return math.ceil(level * (m + 1) - 1e-9)


def _calibrating(report: dict[str, Any]) -> list[int]:
    k = report["folds"]["k"]
    return [k - 1] if report["folds"]["kind"] == "time" else list(range(k))


def _parts(report: dict[str, Any], fold: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """(rows of a fold, rows whose scores cover them: of the span before in time, else of all other folds)."""
    k = report["folds"]["k"]
    if report["folds"]["kind"] == "time":
        return [(fold == j, fold == j - 1) for j in range(1, k)]
    return [(fold == j, fold != j) for j in range(k)]


def proved(report: dict[str, Any], fold: np.ndarray, rows: np.ndarray, level: float) -> float | None:
    """1 − 2 (α(n + 1) + k − 1)/(n + k); of all rows in equal folds 1 − 2α − (1 − k/n)/(k + 1) where larger."""
    if report["folds"]["kind"] != "random":
        return None
    k, n, alpha = report["folds"]["k"], int(rows.sum()), 1 - level
    sizes = [int((rows & (fold == j)).sum()) for j in range(k)]
    bound = 1 - 2 * (alpha * (n + 1) + k - 1) / (n + k)
    if rows.all() and len(set(sizes)) == 1:
        bound = max(bound, 1 - 2 * alpha - (1 - k / n) / (k + 1))
    return max(0.0, bound)


def _numbers(report: dict[str, Any], level: float, bound: float | None, years: tuple[list[str], list[str]]) -> list:
    """The numbers that a sentence of guarantee holds, in their order; `years` are those around and after the bound."""
    kind, k, asked = report["folds"]["kind"], str(report["folds"]["k"]), f"{100 * level:.10g}%"
    if kind != "random":
        return [asked, k] if kind == "time" else [asked]
    if not bound:
        return [asked, *years[1]]
    return [f"{math.floor(1000 * bound + 1e-6) / 10:.10g}%", *years[0], asked]


def _common(opened: "Opened", held: Held, facts: dict[str, Any], bound: float | None, years: Any) -> list[Answer]:
    """The level, the method, the folds, the rows, the bound and the numbers of the sentence."""
    report, level = opened.document["report"], opened.document["report"]["coverage"]
    folds, scaled = _calibrating(report), ", scaled by difficulty" if opened.task.kind == "regression" else ""
    pairs = {
        "level": (facts["level"], level),
        "method": (facts["method"], METHODS[report["folds"]["kind"]] + scaled),
        "folds": (facts["folds"], folds),
        "calibration rows": (facts["calibration_rows"], int(np.isin(held.fold, folds).sum())),
        "guarantee": (
            re.findall(r"\d+(?:\.\d+)?%?", facts["guarantee"]),
            _numbers(report, level, bound, years),
        ),
    }
    answers = agree("coverage", "report", pairs)
    if bound is None:
        return answers + agree("coverage", "bound", {"bound": (facts["bound"], None)})
    return [*answers, reproduced("coverage", "bound", facts["bound"], bound, 1e-12)]


def _shares(facts: dict[str, Any], covered: list[np.ndarray], near: list[np.ndarray]) -> list[Answer]:
    """The share covered of all rows and of each fold, up to rows too near to an end to tell."""
    if facts["covered_folds"] is None or len(facts["covered_folds"]) != len(covered):
        return [refuted("coverage", "covered", None, None, "not a share for each fold")]
    whole = float(np.concatenate(covered).mean()), float(np.concatenate(near).mean())
    answers = [_share("covered", facts["covered"], *whole)]
    for j, (told, own, doubtful) in enumerate(zip(facts["covered_folds"], covered, near, strict=True)):
        answers.append(_share(f"covered, part {j + 1}", told, float(own.mean()), float(doubtful.mean())))
    return answers


def _share(what: str, told: float, own: float, doubtful: float) -> Answer:
    """A share of rows, up to the share that is too near to tell."""
    if not 0 <= told <= 1:
        return refuted("coverage", what, told, own, "a share is from 0 to 1")
    return reproduced("coverage", what, told, own, floor=doubtful)


def _intervals(opened: "Opened", held: Held, seen: tuple[np.ndarray, float], z_of: Forecast) -> list[Answer]:
    """The residuals kept, the median half width by all n of them, the shares covered, what adapting would have done.

    `seen` are the predictions of rows held out and what rounding may have done to one.
    """
    report, level, (z, noise) = opened.document["report"], opened.document["report"]["coverage"], seen
    facts, folds = report["intervals"], _calibrating(report)
    rows = np.isin(held.fold, folds)
    n = int(rows.sum())
    expected = place_of(n, level) <= n
    if facts is None or not expected:
        return agree("coverage", "intervals", {"intervals": (facts is not None, expected)})
    k = str(report["folds"]["k"])
    bound = proved(report, held.fold, rows, level)
    answers = _common(opened, held, facts, bound, ([k, "2021"], ["2021", "0"]))
    answers += check_difficulty(opened, facts["difficulty"], (held.y, noise), z_of)
    if any(answer.verdict == "REFUTED" for answer in answers):
        return answers
    size, off = sizes_of(facts["difficulty"], held.fold, z, noise)
    residual, doubt = np.abs(z - held.y) / size, noise / size + np.abs(z - held.y) * off
    kept = held.arrays["calibration"]
    if kept.shape != (n,) or not np.all(np.abs(kept - residual[rows]) <= doubt[rows]):
        answers.append(refuted("coverage", "residuals", None, None, "not the errors on the rows held out"))
    shown = min(len(held.y), SAMPLED)
    some = np.arange(shown) * len(held.y) // shown
    forecasts = np.column_stack([z_of(j, some) for j in folds])
    of_row = held.fold[rows].astype(int) - folds[0]
    knots = [facts["difficulty"][j] for j in folds]
    sizes = np.column_stack([np.interp(z, k["at"], k["size"]) for z, k in zip(forecasts.T, knots, strict=True)])
    half = float(np.median(_half_widths(forecasts[:, of_row], sizes[:, of_row] * residual[rows], level)))
    answers.append(reproduced("coverage", "half width", facts["half_width"], half, floor=4 * noise))
    answers += _covered(report, held, seen, (residual, size, doubt))
    return answers + check_adaptive(opened, facts["adaptive"], (residual, size, held.fold), level, 100 * noise)


def _covered(
    report: dict[str, Any],
    held: Held,
    seen: tuple[np.ndarray, float],
    errors: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> list[Answer]:
    """The shares covered: in all, fold by fold, band by band; `errors`: |y − z| / σ, σ, how far the first is off."""
    (residual, size, doubt), (z, noise) = errors, seen
    level, facts = report["coverage"], report["intervals"]
    parts = _parts(report, held.fold)
    places = [(place_of(int(others.sum()), level), int(others.sum())) for _, others in parts]
    if any(place > m for place, m in places):
        told = (facts["covered"], facts["covered_folds"], facts["covered_bands"])
        return agree("coverage", "covered", {"covered": (told, (None, None, []))})
    ends = [np.sort(residual[others])[place - 1] for (_, others), (place, _) in zip(parts, places, strict=True)]
    covered = [residual[mine] <= end for (mine, _), end in zip(parts, ends, strict=True)]
    near = [np.abs(residual[mine] - end) <= 2 * doubt[mine] for (mine, _), end in zip(parts, ends, strict=True)]
    answers = _shares(facts, covered, near)
    predicted = np.concatenate([z[mine] for mine, _ in parts])
    half = np.concatenate([end * size[mine] for (mine, _), end in zip(parts, ends, strict=True)])
    inside = np.concatenate(covered), np.concatenate(near)
    return answers + _bands(facts["covered_bands"], (predicted, half), inside, noise)


def _bands(
    told: list[dict[str, Any]],
    rows_of: tuple[np.ndarray, np.ndarray],
    inside: tuple[np.ndarray, np.ndarray],
    noise: float,
) -> list[Answer]:
    """Ends, rows, median half width and share covered of ten bands of the prediction, fewer if below 50 rows.

    `rows_of` are the prediction and half width, `inside` whether it covers and whether that is too near to tell.
    """
    (predicted, half), (covered, near) = rows_of, inside
    bands = bands_by(predicted, 10 if distinct(predicted) >= MANY else 1, 50)
    answers = agree("coverage", "bands", {"rows": ([each["rows"] for each in told], [len(rows) for rows in bands])})
    for each, rows in zip(told, bands, strict=False):
        where, ends = f"from {each['first']:.6g}", [predicted[rows].min(), predicted[rows].max()]
        if not np.allclose([each["first"], each["last"]], ends, rtol=1e-9, atol=4 * noise):
            answers.append(refuted("coverage", where, None, None, "an end of the band is another"))
        width = float(np.median(half[rows]))
        answers.append(reproduced("coverage", f"{where}, half width", each["half_width"], width, floor=4 * noise))
        share = float(covered[rows].mean())
        floor = float(near[rows].mean())
        answers.append(_share(f"{where}, covered", each["covered"], share, floor))
    return answers


def _half_widths(centre: np.ndarray, error: np.ndarray, level: float) -> np.ndarray:
    """Half of (the ⌈level(n + 1)⌉-th smallest centre + error) − (the ⌊α(n + 1)⌋-th smallest centre − error), (m,)."""
    n = error.shape[1]
    place = place_of(n, level)
    found = np.empty(len(centre))
    for i, (row, off) in enumerate(zip(centre, error, strict=True)):
        found[i] = (np.sort(row + off)[place - 1] - np.sort(row - off)[n - place]) / 2
    return found


def _probabilities(loss: Loss, z: np.ndarray) -> np.ndarray:
    """p (n, K)."""
    return np.asarray(loss.mean(z)) if loss.outputs > 1 else np.column_stack([loss.mean(-z), loss.mean(z)])


def _sets(opened: "Opened", held: Held, p: np.ndarray) -> list[Answer]:
    """The probabilities kept, the sizes of the sets, the shares covered, class by class."""
    report, level, y = opened.document["report"], opened.document["report"]["coverage"], held.y.astype(int)
    facts, rows, needed = report["sets"], np.isin(held.fold, _calibrating(report)), 1
    while place_of(needed, level) > needed:
        needed += 1
    own, counts = p[np.arange(len(y)), y], np.bincount(y[rows], minlength=p.shape[1])
    expected = bool(counts.max() >= needed)
    if facts is None or not expected:
        return agree("coverage", "sets", {"sets": (facts is not None, expected)})
    bounds = [
        1.0 if counts[c] < needed else proved(report, held.fold, rows & (y == c), level) for c in range(p.shape[1])
    ]
    random = report["folds"]["kind"] == "random"
    least = min(bound for bound in bounds if bound is not None) if random else None
    answers = _common(opened, held, facts, least, (["2020"], ["0"]))
    answers += agree("coverage", "rows needed", {"rows needed": (facts["rows_needed"], needed)})
    kept, labels = held.arrays["calibration"], held.arrays["calibration_class"]
    if kept.shape != (rows.sum(),) or not np.all(np.abs(kept - own[rows]) <= NEAR * own[rows]):
        answers.append(refuted("coverage", "probabilities", None, None, "not those of the rows held out"))
    if not np.array_equal(labels, y[rows]):
        answers.append(refuted("coverage", "classes", None, None, "not the classes of the rows held out"))
    ends = [_least_probabilities(own[others], y[others], p.shape[1], level) for _, others in _parts(report, held.fold)]
    where = [np.flatnonzero(mine) for mine, _ in _parts(report, held.fold)]
    sets = [p[mine] >= end for mine, end in zip(where, ends, strict=True)]
    near = [
        ((p[mine] != end) & (np.abs(p[mine] - end) <= NEAR * np.abs(end))).any(axis=1)
        for mine, end in zip(where, ends, strict=True)
    ]
    covered = [each[np.arange(len(mine)), y[mine]] for mine, each in zip(where, sets, strict=True)]
    sizes = np.bincount(np.concatenate(sets).sum(axis=1), minlength=p.shape[1] + 1)
    told, slack = np.array(facts["sizes"]), np.concatenate(near).sum()
    if told.shape != sizes.shape or np.any(np.abs(told - sizes) > slack) or told.sum() != sizes.sum():
        answers.append(refuted("coverage", "sizes", None, None, f"recorded {told.tolist()}, derived {sizes.tolist()}"))
    answers += _shares(facts, covered, near)
    seen = y[np.concatenate(where)]
    bounds = [bound if random else None for bound in bounds]
    return answers + _each_class(opened, (counts, bounds), (seen, np.concatenate(covered), np.concatenate(near)))


def _least_probabilities(own: np.ndarray, y: np.ndarray, K: int, level: float) -> np.ndarray:
    """For each class the ⌈level(m + 1)⌉-th largest probability of its m rows, 0 with too few: what a new row needs."""
    found = np.full(K, -1.0)
    for c in range(K):
        mine = np.sort(own[y == c])
        place = place_of(len(mine), level)
        found[c] = mine[-place] if place <= len(mine) else -1.0
    return found


def _each_class(
    opened: "Opened", expected: tuple[np.ndarray, list[Any]], seen: tuple[np.ndarray, np.ndarray, np.ndarray]
) -> list[Answer]:
    """Rows, share covered and bound of every class."""
    facts, (counts, bounds), (y, covered, near) = opened.document["report"]["sets"]["classes"], expected, seen
    pairs = {
        "names": ([each["class"] for each in facts], list(opened.task.classes or ())),
        "rows": ([each["rows"] for each in facts], counts.tolist()),
        "bounds": ([each["bound"] is None for each in facts], [bound is None for bound in bounds]),
    }
    answers = agree("coverage", "classes", pairs)
    for c, (each, bound) in enumerate(zip(facts, bounds, strict=True)):
        mine, name = covered[y == c], f"{each['class']}, covered"
        if bound is not None:
            answers.append(reproduced("coverage", f"{each['class']}, bound", each["bound"], bound, 1e-12))
        if not len(mine):
            answers += agree("coverage", name, {"covered": (each["covered"], None)})
            continue
        answers.append(_share(name, each["covered"], float(mine.mean()), float(near[y == c].mean())))
    return answers
