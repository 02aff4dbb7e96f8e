"""gain = ℓ(as it was) − ℓ(changed) on rows that neither has seen: which remedy of a finding helps, tried in pairs.

A finding names what may help. Here that is a table, code ↦ changes of how a network is trained, and each change is
tried: five times a fifth of the rows is set apart, and the network trained on the others as it was and changed, from
the same random state. A change is kept if its mean gain is more than the half width of its interval, widened for the
number of changes that were tried (Bonferroni) and for folds that share rows (Nadeau & Bengio 2003).
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.stats import t

from infimum.diagnoses import Finding
from infimum.evaluation.paired import standard_error
from infimum.models import Params
from infimum.models.perceptron import initial
from infimum.objective import LikelihoodObjective
from infimum.penalties.elastic_net import ElasticNet
from infimum.solvers import Trace
from infimum.solvers.training import Training, highest_step

PAIRS, SET_APART = 5, 0.2
MOST = 2500  # rows of a trial
LEVEL = 0.95
WORST = 1.0  # times the size of the best constant's loss, above it: what a loss beyond that, or none, counts as

Start = Callable[[LikelihoodObjective, np.random.Generator], Params]  # (F, random state) ↦ w to begin from


@dataclass(frozen=True)
class Setting:
    """(F, how it is trained, from where): all that a change may change."""

    objective: LikelihoodObjective
    training: Training
    start: Start

    def trained(self, seed: Sequence[int], checkpoint: Any = None, watch: Any = None) -> tuple[Params, Trace]:
        """(ŵ, trace) by AdamW, start and held-out rows drawn by the seed. Raises TorchMissingError without torch."""
        from infimum.solvers.stochastic import trained_by_adamw

        rng = np.random.default_rng(seed)
        start = self.start(self.objective, rng)
        return trained_by_adamw(self.objective, start, rng, self.training, checkpoint, watch)


@dataclass(frozen=True)
class Remedy:
    """A change by name: the setting ↦ the changed one, or None where there is nothing to change."""

    name: str
    change: Callable[[Setting], Setting | None]


@dataclass(frozen=True)
class Tried:
    """What became of a remedy of the finding `code`: its mean gain over the pairs, ± half its interval, and if kept.

    The gain is mean loss on rows set apart, as it was less changed, in the units of the loss.
    """

    code: str
    remedy: str
    gain: float
    half_width: float
    kept: bool

    def __str__(self) -> str:
        """As a line of a summary."""
        kept = "kept" if self.kept else "not kept"
        return f"{self.code}, {self.remedy}: gain {self.gain:.4g} ± {self.half_width:.2g} on rows set apart, {kept}"


def usual_start(objective: LikelihoodObjective, rng: np.random.Generator) -> Params:
    """w ~ N(0, 2 / in) and the like: that of `models.perceptron.initial`."""
    model: Any = objective.model
    return initial(model.layout, rng, model.activation)


def slower(times: float) -> Callable[[Setting], Setting | None]:
    """η ← η / times."""
    return lambda s: _training(s, learning_rate=highest_step(s.objective, s.training) / times)


def automatic(s: Setting) -> Setting | None:
    """η ← what "auto" is."""
    return None if s.training.learning_rate == "auto" else _training(s, learning_rate="auto")


def cosine(s: Setting) -> Setting | None:
    """The step comes down on the way."""
    return None if s.training.schedule == "cosine" else _training(s, schedule="cosine")


def longer(s: Setting) -> Setting | None:
    """Three times the epochs."""
    return _training(s, epochs=3 * s.training.epochs)


def stopping(s: Setting) -> Setting | None:
    """The best epoch on held-out rows, and no more than 20 after it."""
    share, patience = s.training.validation_fraction or 0.1, min(20, s.training.patience)
    return (
        None
        if (share, patience) == (s.training.validation_fraction, s.training.patience)
        else _training(s, validation_fraction=share, patience=patience)
    )


def dropping(s: Setting) -> Setting | None:
    """Dropout of a third, where there is less."""
    return None if s.training.dropout >= 0.3 else _training(s, dropout=0.3)


def smoothing(s: Setting) -> Setting | None:
    """A tenth of each label goes to all classes alike."""
    classes = s.objective.loss.task == "classification"
    return _training(s, label_smoothing=0.1) if classes and not s.training.label_smoothing else None


def afresh(s: Setting) -> Setting | None:
    """From the usual start."""
    return None if s.start is usual_start else replace(s, start=usual_start)


def bending(activation: str) -> Callable[[Setting], Setting | None]:
    """Another activation, from the usual start."""

    def change(s: Setting) -> Setting | None:
        model: Any = s.objective.model
        if model.activation == activation:
            return None
        return _network(s, replace(model, activation=activation))

    return change


def shallower(s: Setting) -> Setting | None:
    """Two hidden layers, from the usual start."""
    model: Any = s.objective.model
    if len(model.hidden) <= 2:
        return None
    return _network(s, replace(model, hidden=model.hidden[:2]))


def standardised(s: Setting) -> Setting | None:
    """x ← (x − mean) / deviation, column by column."""
    model: Any = s.objective.model
    spread = model.X.std(axis=0)
    X = (model.X - model.X.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    return replace(s, objective=replace(s.objective, model=replace(model, X=X)))


def _network(s: Setting, model: Any) -> Setting:
    F = s.objective
    decay = ElasticNet(l2=float(np.max(F.penalty.l2)))
    return replace(s, objective=LikelihoodObjective.of(model, F.loss, decay, F.y, F.weight), start=usual_start)


def _training(s: Setting, **changed: Any) -> Setting:
    return replace(s, training=replace(s.training, **changed))


REMEDIES: dict[str, tuple[Remedy, ...]] = {
    "INF201": (Remedy("a tenth of the step", slower(10)), Remedy("the usual start", afresh)),
    "INF202": (Remedy("standardised columns", standardised),),
    "INF204": (Remedy("the usual start", afresh), Remedy("the automatic step", automatic)),
    "INF205": (Remedy("two hidden layers", shallower), Remedy("silu", bending("silu"))),
    "INF206": (Remedy("the automatic step", automatic), Remedy("silu", bending("silu"))),
    "INF207": (Remedy("the automatic step", automatic), Remedy("a tenth of the step", slower(10))),
    "INF208": (Remedy("a cosine", cosine), Remedy("a third of the step", slower(3))),
    "INF209": (Remedy("the automatic step", automatic), Remedy("ten times the step", slower(0.1))),
    "INF210": (Remedy("three times the epochs", longer),),
    "INF211": (Remedy("stopping at the best epoch", stopping), Remedy("dropout", dropping)),
    "INF212": (Remedy("smoothed labels", smoothing), Remedy("dropout", dropping)),
}


def remedied(setting: Setting, findings: Sequence[Finding], seed: int) -> tuple[Setting, tuple[Tried, ...]]:
    """(the setting, changed by the remedy that gains most of those kept; what was tried), by findings of its training.

    Of a finding without a remedy in the table nothing is tried. Raises TorchMissingError without torch.
    """
    wanted = [(found.code, remedy) for found in findings for remedy in REMEDIES.get(found.code, ())]
    changed = {remedy.name: (code, remedy.change(setting)) for code, remedy in reversed(wanted)}
    there = {name: (code, to) for name, (code, to) in reversed(changed.items()) if to is not None}
    if not there:
        return setting, ()
    every = [setting, *(to for _, to in there.values())]
    losses = np.array([_losses(every, [seed, pair]) for pair in range(PAIRS)])
    quantile = float(t.ppf(1 - (1 - LEVEL) / (2 * len(there)), PAIRS - 1))
    tried = []
    for at, (name, (code, _)) in enumerate(there.items()):
        gains = losses[:, 0] - losses[:, at + 1]
        half = quantile * standard_error(gains, SET_APART / (1 - SET_APART))
        tried.append(Tried(code, name, float(gains.mean()), half, bool(gains.mean() > half)))
    best = max((each for each in tried if each.kept), key=lambda each: each.gain, default=None)
    told = tuple(replace(each, kept=each is best) for each in tried)
    return (setting if best is None else there[best.remedy][1]), told  # type: ignore[return-value]


def _losses(settings: Sequence[Setting], seed: Sequence[int]) -> list[float]:
    """The mean loss of each on the rows set apart by the seed, each trained on the others from one random state."""
    objective = settings[0].objective
    drawn = np.random.default_rng(seed).permutation(np.flatnonzero(objective.weight > 0))[:MOST]
    apart, rest = np.split(drawn, [math.ceil(SET_APART * len(drawn))])
    null = objective.loss.null(objective.y, objective.weight)
    worst = null + WORST * abs(null)  # beyond it all are useless alike
    found = []
    for setting in settings:
        w, _ = replace(setting, objective=setting.objective.rows(np.sort(rest))).trained([*seed, 1])
        loss = setting.objective.rows(np.sort(apart)).mean_loss(w) if np.all(np.isfinite(w)) else math.inf
        found.append(loss if loss < worst else worst)
    return found
