"""(trace, findings) of a network's training → what report.json tells of it: losses by epoch, readings, what went wrong.

Losses are shares of that of the best constant: 1 is no better than knowing no column, of squares it is 1 − R².
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from infimum.diagnoses import Finding
from infimum.solvers import Reading, Trace

if TYPE_CHECKING:
    from infimum.ladder.climb import Ascent

MOST = 100  # epochs of a curve that are told
DIGITS = 4


@dataclass(frozen=True)
class TrainingRecord:
    """(F_k / F_null, F_held,k / F_null) by epoch k, which epoch is kept, the readings, and the findings.

    `constant` is the loss of the best constant in the units of the trace.
    """

    trace: Trace
    findings: tuple[Finding, ...]
    constant: float

    @classmethod
    def of(cls, network: Any, constant: float) -> Self:
        """That of a fitted estimator, `constant` being the loss of the best constant on y as given."""
        steps, told = network.trace_.steps, network.loss_curve_
        size = next((b / a.objective for a, b in zip(steps, told, strict=True) if 0 < a.objective < np.inf), 1.0)
        return cls(network.trace_, network.findings_, constant / size)

    def to_json(self) -> dict[str, Any]:
        """Plain values; of more than so many epochs evenly spaced ones, the one that is kept among them."""
        steps, facts = self.trace.steps, self.trace.facts
        held, last = facts.get("held_out_rows", 0), len(steps) - 1
        kept = min(facts.get("best_epoch", last), last)
        even = np.arange(last + 1) if last < MOST else np.linspace(0, last, MOST - 1).round().astype(int)
        shown = np.union1d(even, kept).tolist()
        return {
            "epochs": [at + 1 for at in shown],
            "losses": [self._share(steps[at].objective) for at in shown],
            "held_out": [self._share(steps[at].measure) for at in shown] if held else None,
            "held_out_rows": held,
            "kept": kept + 1,
            "stopped": self.trace.stopped,
            "inside": _inside(self.trace.readings, len(steps)) if self.trace.readings else None,
            "findings": [finding.to_json() for finding in self.findings],
        }

    def _share(self, loss: float) -> float | None:
        return _rounded(loss / self.constant) if self.constant > 0 else None


def _inside(readings: tuple[Reading, ...], epochs: int) -> dict[str, Any]:
    """Slopes and idle units at the end; moves and strain in the median of the first half, where steps are longest."""
    early = [reading for reading in readings if reading.epoch <= epochs / 2] or list(readings[:1])
    return {
        "slopes": [_rounded(slope) for slope in readings[-1].slopes],
        "idle": [_rounded(share) for share in readings[-1].idle],
        "moves": [_rounded(float(move)) for move in np.median([reading.moves for reading in early], axis=0)],
        "strain": _rounded(float(np.median([reading.strain for reading in early]))),
    }


def _rounded(x: float) -> float | None:
    return float(f"{x:.{DIGITS}g}") if np.isfinite(x) else None


def training_of(ascent: "Ascent") -> dict[str, Any] | None:
    """{rung, folds: [record, …], refit: record or None} of the network, the chosen one of several; None without."""
    networks = [i for i, rung in enumerate(ascent.rungs) if rung.form == "network"]
    if not networks:
        return None
    at = ascent.choice.chosen if ascent.choice.chosen in networks else networks[0]
    again = ascent.refit.training if at == ascent.choice.chosen else None
    return {
        "rung": ascent.rungs[at].name,
        "folds": [fit.training.to_json() for fit in ascent.fits[at] if fit.training],
        "refit": again.to_json() if again else None,
        "widths": ascent.widths.to_json() if ascent.widths else None,
    }
