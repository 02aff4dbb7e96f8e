"""report ↦ answers: the rungs' errors compared, and the choice among them, from numbers checked before."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from infimum.verify.answers import Answer, agree, reproduced
from infimum.verify.table import FIRST

RUNGS = (  # from simple to complex
    "constant",
    "least squares",
    "logistic",
    "poisson",
    "ridge",
    "lasso",
    "elastic net",
    "additive",
    "products",
    "network",
)


@dataclass(frozen=True, eq=False)
class Held:
    """z (rungs, n[, m]): predictions of each rung on rows of the fold left out, of the first partition into folds.

    costs (rungs, n): what rows cost by the metric that decides, in the mean over partitions; y (n,); rows of the table;
    arrays of the file.
    """

    z: np.ndarray
    costs: np.ndarray
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

    def noise(self, rung: int) -> float:
        """What rounding may have done to an error of this rung, in the units of y."""
        return 1e-13 * float(np.abs(self.y).max() + np.abs(self.z[rung]).max())


@dataclass(frozen=True, eq=False)
class Compared:
    """errors (rungs, folds), each checked against the rows before; costs (rungs, n) of rows held out; ρ; k folds."""

    errors: np.ndarray
    losses: np.ndarray
    overlap: float
    rooted: bool
    k: int

    @property
    def widen(self) -> float:
        """√(1/k + ρ), k the number of errors."""
        return math.sqrt(1 / self.errors.shape[1] + self.overlap)

    def apart(self, i: int, j: int) -> tuple[float, float]:
        """(mean of errors i − j, its standard error: the larger of that of the folds and that of the rows)."""
        paired, both = self.errors[i] - self.errors[j], float(self.errors[i].mean() + self.errors[j].mean())
        of_folds = self.widen * float(np.std(paired, ddof=1))
        return math.fsum(paired) / len(paired), max(of_folds, self._of_rows(self.losses[i] - self.losses[j], both))

    def noticed(self, j: int) -> float:
        """A fifth of the standard error of error j, from its rows."""
        return 0.2 * self._of_rows(self.losses[j], 2 * float(self.errors[j].mean()))

    def _of_rows(self, losses: np.ndarray, both: float) -> float:
        """What rows that are independent say; where errors are roots, of (errorᵢ² − errorⱼ²) / (errorᵢ + errorⱼ)."""
        spread = float(np.std(losses, ddof=1)) * math.sqrt((1 + self.k * self.overlap) / len(losses))
        return spread if not self.rooted else spread / both if both > 0 else 0.0


def check_choice(document: dict[str, Any], rooted: bool, held: Held) -> list[Answer]:
    """Means, standard errors, differences from the rival in the same folds, verdicts, the rung that the rule picks."""
    report = document["report"]
    rungs = report["rungs"]
    errors = np.array([rung["errors"] for rung in rungs])  # each checked against the rows before
    mean, overlap, arrays = errors.mean(axis=1), _overlap(report, held.fold), held.arrays
    compared = Compared(errors, held.costs[:, held.seen], overlap, rooted, report["folds"]["k"])
    fits = document["fits"]
    candidates = [i for i, rung in enumerate(rungs) if all(_attained(fit["claims"]) for fit in fits[rung["name"]])]
    best = min(candidates, key=lambda i: mean[i])
    named = [[each["name"] for each in rungs].index(rung["rival"]) for rung in rungs]
    rivals = [_rival(compared, i, candidates, named[i]) for i in range(len(rungs))]
    chosen = best if report["rule"] == "best" else _simplest(rivals, mean, candidates)
    names = [rung["name"] for rung in rungs]
    known = [name for name in RUNGS if name in document["fits"]]
    answers = agree("rungs", "report", {"names": ((names, sorted(document["fits"])), (known, sorted(names)))})
    for i, rung in enumerate(rungs):
        fits = [*document["fits"][rung["name"]], *([document["refit"]] if i == chosen else [])]
        answers.append(reproduced("mean error", rung["name"], rung["mean"], float(mean[i])))
        name, floor = f"standard error, {rung['name']}", 1e-9 * float(mean[i])
        deviation = compared.widen * float(np.std(errors[i], ddof=1))
        answers.append(reproduced("standard error", name, rung["standard_error"], deviation, floor=floor))
        strongest, *numbers = rivals[i]
        answers += agree("rung", f"{rung['name']}, rival", {"rival": (strongest, True)})
        for key, own in zip(("difference", "difference_error", "noticed"), numbers, strict=True):
            answers.append(reproduced("difference", f"{rung['name']}, {key}", rung[key], own, floor=floor))
        shown = arrays["params"] if i == chosen else arrays[f"fold/0/{rung['name']}"]
        answers += _rung_claims(rung, fits, shown, i == chosen)
        answers += agree("rung", f"{rung['name']}, candidate", {"candidate": (rung["candidate"], i in candidates)})
    answers += _lines(report, errors[chosen], compared.widen)
    answers.append(reproduced("overlap", "folds", report["folds"]["overlap"], overlap))
    pairs = {
        "rule": (report["rule"] in ("1se", "best"), True),
        "chosen": (report["chosen"], rungs[chosen]["name"]),
        "claims": (report["claims"], document["refit"]["claims"]),
    }
    return answers + agree("choice", "report", pairs)


def _simplest(rivals: list[tuple[bool, float, float, float]], mean: np.ndarray, candidates: list[int]) -> int:
    """The simplest rung that its rival does not beat by a gain that counts, and that no simpler one lies below."""
    trifle = 1e-9 * float(mean[0])  # of the constant's: a rung that went astray sets no scale
    unbeaten = [i for i in candidates if rivals[i][1] <= max(*rivals[i][2:], trifle)]
    return [i for i in unbeaten if all(mean[i] <= mean[j] + trifle for j in candidates if j < i)][0]


def _attained(claims: list[dict[str, Any]]) -> bool:
    """Whether a fit is at a minimum, as its claims of gap and separation say."""
    short = any(claim["kind"] == "gap" and claim["verdict"] == "INSUFFICIENT" for claim in claims)
    return not short and all(claim["kind"] != "separation" for claim in claims)


def _rival(compared: Compared, i: int, candidates: list[int], j: int) -> tuple[bool, float, float, float]:
    """(no candidate beats rung i by more than j does, mean of errors i − j, its standard error, what is noticed)."""
    others = [(*compared.apart(i, each), compared.noticed(each)) for each in candidates if each != i]
    (mean, doubt), least = compared.apart(i, j), compared.noticed(j)
    most = max((gain - max(bars) for gain, *bars in others), default=0.0)
    alone = j == i and not others
    slack = 1e-9 * float(compared.errors.mean(axis=1).max())
    return alone or (j != i and j in candidates and mean - max(doubt, least) >= most - slack), mean, doubt, least


def _lines(report: dict[str, Any], chosen: np.ndarray, widen: float) -> list[Answer]:
    """What is made of the errors of gradient boosting and other models that are no rungs."""
    lines = [line for line in (report["reference"], *report["also"]) if line]
    return [answer for line in lines for answer in _line(line, chosen, widen)]


def _line(recorded: dict[str, Any], chosen: np.ndarray, widen: float) -> list[Answer]:
    """Means and standard errors of the errors of a model that is no rung, which are taken as they are recorded."""
    errors = np.array(recorded["errors"])
    paired, floor = chosen - errors, 1e-9 * float(np.abs(errors).max())
    derived = {
        "mean": float(errors.mean()),
        "standard_error": widen * float(np.std(errors, ddof=1)),
        "difference": float(paired.mean()),
        "difference_error": widen * float(np.std(paired, ddof=1)),
    }
    return [reproduced("reference", name, recorded[name], own, floor=floor) for name, own in derived.items()]


def strengths_told(fit: dict[str, Any]) -> dict[str, float]:
    """The strengths of a recorded fit: l1 and l2, and those of an additive model."""
    return {key: fit[key] for key in ("l1", "l2", "roughness", "products") if key in fit}


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
    strength, none = rung["strength"], {"l1": 0.0, "l2": 0.0}
    pairs = {
        "verdict": (rung["verdict"], min((gap["verdict"] for gap in gaps), key=order.index)),
        "gap": (rung["gap"], largest["bound"] if largest else None),
        "relative gap": (rung["gap_relative"], largest["bound"] / largest["scale"] if largest else None),
        "parameters": ((rung["parameters"], rung["active"]), (len(params), int(np.count_nonzero(params)))),
        "strength": (strength or none, strengths_told(shown)),
        "chosen": (rung["chosen"], chosen),
        "separation": (rung["unattained"], apart[0] if apart else None),
    }
    return agree("rung", rung["name"], pairs)
