"""(F, ẑ, trace) ↦ findings: what went wrong in the training of a network, by what limit it shows, and what to change.

Every rule reads numbers that the training left behind: the losses of its epochs and the readings of `monitors.py`.
How often they are right, on trainings made sick on purpose and on healthy ones, is `benchmarks/sick.py`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from infimum.diagnoses import Finding
from infimum.models import Rows
from infimum.objective import LikelihoodObjective
from infimum.solvers import Reading, Trace

BLOWN = 100.0  # times the loss of the best constant
UNLIKE = 100.0  # between the sizes of columns, or of a mean and a deviation
FADED = 1e-3  # of the slope of the last layer, in the first
IDLE = 0.5  # of a layer's units
STILL, THROWN = 1e-4, 0.05  # of a layer's weights, in a step
LEARNED = 0.97  # of the loss of the best constant
FALLING = 0.02  # of the loss, in the last tenth of the epochs
WORSE, LOWER = 1.1, 0.5  # times the lowest loss on held-out rows: theirs at the end, and that of the rows trained on
RISEN, OFTEN = 0.02, 0.3  # of the loss, and in that share of the epochs
SUREST, WRONG = 0.1, 0.1  # of the rows, and how many of them may be wrong


@dataclass(frozen=True)
class Trained:
    """(F, ẑ, trace), and what the rules read off them."""

    objective: LikelihoodObjective
    z: Rows
    trace: Trace

    @cached_property
    def losses(self) -> np.ndarray:
        """Σ s ℓ of the batches, epoch by epoch."""
        return np.array([step.objective for step in self.trace.steps])

    @cached_property
    def measures(self) -> np.ndarray:
        """ℓ of the rows that decide: those held out, or without them those trained on; epoch by epoch."""
        held = self.trace.facts.get("held_out_rows", 0) > 0
        return np.array([step.measure for step in self.trace.steps]) if held else self.losses

    @cached_property
    def null(self) -> float:
        """min over c of Σ s ℓ(c, y): the loss of the best constant."""
        return float(self.objective.loss.null(self.objective.y, self.objective.weight))

    @cached_property
    def first_half(self) -> tuple[Reading, ...]:
        """The readings of the first half of the epochs; the first of all where none is in it."""
        half, readings = self.trace.steps[-1].iteration / 2, self.trace.readings
        return tuple(reading for reading in readings if reading.epoch <= half) or readings[:1]

    @cached_property
    def move(self) -> float:
        """‖ΔW‖ / ‖W‖ of the layer that moved most, in the median of them."""
        return float(np.median([max(reading.moves) for reading in self.first_half])) if self.first_half else 0.0

    @property
    def whole(self) -> bool:
        """Whether the schedule ended, not the patience."""
        return "the whole schedule" in self.trace.stopped


Rules = tuple[Callable[[Trained], Finding | None], ...]


def findings_of(
    objective: LikelihoodObjective, z: Rows, trace: Trace, rules: Rules | None = None
) -> tuple[Finding, ...]:
    """(finding, …) of a training that ends at predictions z, (n,) or (n, m), the gravest first; () if all is well.

    The limits of some rules are those of perceptrons: `OF_ANY` are the rules for other layers. A target that does not
    vary leaves nothing to learn, and nothing to find.
    """
    trained = Trained(objective, z, trace)
    found = [rule(trained) for rule in rules or RULES] if len(trace.steps) and np.ptp(objective.y) > 0 else []
    return tuple(finding for finding in found if finding)


def exploding(t: Trained) -> Finding | None:
    """max F / F(null) > 100, or F not finite."""
    largest = np.max(t.losses, initial=0.0, where=np.isfinite(t.losses))
    if "not finite" not in t.trace.stopped and not largest > BLOWN * t.null:
        return None
    much = "was not finite"
    if much[4:] not in t.trace.stopped:
        much = f"reached {largest / t.null:.3g} times that of the best constant"
    remedy = "Lower learning_rate_init tenfold, and begin from `initial`, whose weights keep the size of what passes."
    return _warning("INF201", f"The loss {much}: what passes through the layers blows up.", remedy, "He et al. (2015)")


def unscaled(t: Trained) -> Finding | None:
    """max σⱼ / min σⱼ > 100 over the columns, or |μⱼ| > 100 σⱼ."""
    X = t.objective.model.X  # type: ignore[attr-defined]
    mean, spread = X.mean(axis=0), X.std(axis=0)
    told = spread > 1e-12 * np.abs(mean)
    if not told.any():
        return None
    ratio = float(spread[told].max() / spread[told].min())
    off = float(np.max(np.abs(mean[told]) / spread[told]))
    if not max(ratio, off) > UNLIKE:
        return None
    how = f"their deviations differ {ratio:.3g} times" if ratio >= off else f"one lies {off:.3g} deviations from 0"
    remedy = "Standardise the columns first (MLPRegressor and MLPClassifier do)."
    source = "LeCun et al. (1998), Efficient BackProp, section 4.3"
    return _warning("INF202", f"The columns are on unlike scales: {how}, so no one step suits all.", remedy, source)


def wrong_output(t: Trained) -> Finding | None:
    """#{yᵢ} = 2 under squared loss: classes told as numbers."""
    if t.objective.loss.name != "squared" or len(np.unique(t.objective.y)) != 2:
        return None
    said = "The target has two values only, and the loss is squared: its predictions are no probabilities."
    remedy = "Take MLPClassifier (the logistic loss)."
    return _warning("INF203", said, remedy, "maximum likelihood of a Bernoulli target")


def plateau(t: Trained) -> Finding | None:
    """min F ≥ 0.97 F(null) on the rows trained on: no better than a constant."""
    lowest = np.min(t.losses, initial=np.inf, where=np.isfinite(t.losses))
    if not LEARNED * t.null <= lowest < np.inf:
        return None
    share = lowest / t.null if t.null else 1.0
    said = f"The lowest loss is {share:.3g} times that of the best constant: nothing was learned."
    remedy = "If no other finding says why, try another random_state; else the columns do not tell the target."
    return _warning("INF204", said, remedy, "comparison with the null model")


def vanishing(t: Trained) -> Finding | None:
    """min ‖g₁‖ / ‖g_L‖ < 1e-3 over the readings."""
    slopes = np.array([reading.slopes for reading in t.trace.readings])
    if slopes.ndim < 2 or slopes.shape[1] < 3 or not np.all(slopes[:, -1] > 0):
        return None
    share = float(np.min(slopes[:, 0] / slopes[:, -1]))
    if not share < FADED:
        return None
    said = f"The slope of the first of {slopes.shape[1]} layers is {share:.1g} of that of the last: it vanishes."
    remedy = "Cure idle units first, if there are any; else fewer layers, or relu or silu from a start of `initial`."
    return _warning("INF205", said, remedy, "Hochreiter (1991)")


def idle(t: Trained) -> Finding | None:
    """max over layers of #{units with |φ′| < 0.01 in every row} / width ≥ ½."""
    shares = t.trace.readings[-1].idle if t.trace.readings else ()
    if not shares or not max(shares) >= IDLE:
        return None
    at = int(np.argmax(shares))
    said = f"{shares[at]:.0%} of the units of hidden layer {at + 1} pass nothing on, whatever the row: none can learn."
    remedy = "Lower learning_rate_init threefold, or take activation='silu', whose slope dies out nowhere at once."
    return _warning("INF206", said, remedy, "Lu et al. (2020), Dying ReLU and initialization")


def too_long(t: Trained) -> Finding | None:
    """η λ_max > 38, the limit of stability, or ‖ΔW‖ / ‖W‖ > 0.05: in the median of the readings of the first half."""
    strain = float(np.median([reading.strain for reading in t.first_half])) if t.first_half else 0.0
    if not (strain > 1 or t.move > THROWN):
        return None
    said = f"A step changes the weights of a layer by {t.move:.1%} of their size: it is too long to settle."
    if strain > 1:
        said = f"The step is {strain:.3g} times as long as the curvature that it meets lets it be."
    remedy = f"Lower learning_rate_init {10 if strain > 5 or t.move > 0.1 else 3}-fold, or leave it at 'auto'."
    return _warning("INF207", said, remedy, "Cohen et al. (2022), equation 4")


def oscillating(t: Trained) -> Finding | None:
    """#{k in the second half : F_{k+1} > 1.02 F_k} / # ≥ 0.3."""
    half = t.losses[len(t.losses) // 2 :]
    if len(half) < 5 or not np.all(np.isfinite(half)):
        return None
    share = float(np.mean(half[1:] > (1 + RISEN) * half[:-1]))
    if not share >= OFTEN:
        return None
    said = f"The loss rose by more than {RISEN:.0%} in {share:.0%} of the epochs of the second half: it swings."
    remedy = "Lower learning_rate_init threefold, take learning_rate='cosine', or a larger batch_size."
    return _warning("INF208", said, remedy, "Bottou, Curtis & Nocedal (2018), section 4.2")


def too_short(t: Trained) -> Finding | None:
    """max over layers of ‖Δw‖ / ‖w‖ < 1e-4, in the median of the readings of the first half."""
    if not t.first_half or not t.move < STILL or idle(t):
        return None
    said = f"A step changes the weights by {t.move:.1g} of their size: it is too short to get anywhere."
    remedy = "Raise learning_rate_init tenfold, or leave it at 'auto'."
    return _warning("INF209", said, remedy, "Bottou (2012), section 5")


def unfinished(t: Trained) -> Finding | None:
    """1 − F_E / F_{0.9E} > 0.02 at the end of the schedule."""
    back = max(1, len(t.measures) // 10)
    if not t.whole or len(t.measures) < 2 or not np.all(np.isfinite(t.measures)):
        return None
    before, now = t.measures[-1 - back], t.measures[-1]
    if not (before - now) > FALLING * abs(before) or now > t.measures.min():
        return None
    fall, epochs = (before - now) / abs(before), len(t.measures)
    said = f"The loss was still falling, by {fall:.1%} in the last {back} of {epochs} epochs: it had not converged."
    return _warning("INF210", said, f"Give it time: max_iter={3 * epochs}.", "the slope of the learning curve")


def overfitting(t: Trained) -> Finding | None:
    """F_held(end) > 1.1 min F_held while F_trained(end) < ½ min F_held, and no patience ended it."""
    if t.measures is t.losses or not t.whole or not np.all(np.isfinite(t.measures)):
        return None
    lowest, last, own = float(t.measures.min()), float(t.measures[-1]), float(t.losses[-1])
    if not (last > WORSE * lowest and own < LOWER * lowest):
        return None
    rose, fell = f"{last / lowest:.3g} times its lowest", f"{own / lowest:.2g} of that"
    said = f"On held-out rows the loss rose to {rose}, while on the rows learned from it fell to {fell}."
    remedy = "Stop earlier (n_iter_no_change=20), raise alpha or dropout, or make the layers narrower."
    return _warning("INF211", said, remedy, "Prechelt (1998), Early stopping: but when?")


def noisy_labels(t: Trained) -> Finding | None:
    """#{wrong} / # > 0.1 among the tenth of the rows that ẑ is surest of."""
    objective, loss = t.objective, t.objective.loss
    if loss.name not in ("logistic", "multinomial") or not np.all(np.isfinite(t.z)) or plateau(t):
        return None
    p = np.asarray(loss.mean(t.z))
    p = np.column_stack([1 - p, p]) if p.ndim == 1 else p
    sure = np.argsort(-p.max(axis=1), kind="stable")[: max(1, int(SUREST * len(p)))]
    wrong = float(np.mean(p.argmax(axis=1)[sure] != objective.y[sure]))
    if len(sure) < 30 or not wrong > WRONG:
        return None
    said = f"Of the tenth of the rows that the network is surest of, {wrong:.0%} have another label."
    remedy = "Look at those rows: are they labelled rightly? label_smoothing keeps the network from chasing them."
    return _warning("INF212", said, remedy, "Northcutt, Jiang & Chuang (2021)")


def _warning(code: str, statement: str, remedy: str, source: str) -> Finding:
    return Finding(code, "warning", (), statement, remedy, source)


RULES: Rules = (
    exploding, unscaled, wrong_output, idle, vanishing, too_long, too_short, oscillating, unfinished, overfitting,
    plateau, noisy_labels,
)  # fmt: skip
OF_ANY: Rules = (exploding, wrong_output, unfinished, overfitting, plateau, noisy_labels)
