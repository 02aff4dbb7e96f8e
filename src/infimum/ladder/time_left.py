"""t_left ≈ t · (cost of the steps left) / (cost of the steps done): how long a climb still takes, after t seconds."""

from collections.abc import Sequence

from infimum.ladder.rungs import Rung

# of a fit in one fold, roughly, against that of a ridge with its strengths tried inside
LINEAR = {"": 0.1, "l2": 1.0, "l1": 1.5, "both": 1.5}
FORMS = {"constant": 0.1, "additive": 5.0, "network": 90.0}
REFERENCE = 1.5
ROUND = 0.4  # α, of a network's time: what no width changes
SILENT, SHORT = 2.0, 1.0  # seconds: before so many nothing is known, and fewer are not worth telling
KNOWN = 0.05  # of all costs: before so much is done, what starts once (imports, compilers) hides the rest


def cost_of(rung: Rung) -> float:
    """The cost of a fit of the rung, in fits of a ridge.

    >>> from infimum.ladder.rungs import rungs_for
    >>> [cost_of(rung) for rung in rungs_for("regression")][:4]
    [0.1, 0.1, 1.0, 1.5]
    """
    return FORMS[rung.form] if rung.form in FORMS else LINEAR[rung.penalised]


def costs_of(rungs: Sequence[Rung], folds: tuple[int, int], beside: int, leaks: bool) -> list[float]:
    """The cost of each step: rungs in every fold, models beside them, the repeats, one fit to all rows, one of leaks.

    folds = (k, how many times they are drawn).

    >>> from infimum.ladder.rungs import rungs_for
    >>> costs_of(rungs_for("regression")[:3], (2, 1), 1, False)
    [0.1, 0.1, 0.1, 0.1, 1.0, 1.0, 1.5, 1.5, 1.0]
    """
    every, (k, repeats) = [cost_of(rung) for rung in rungs], folds
    once = [cost for cost in every for _ in range(k)]
    steps = once + k * repeats * beside * [REFERENCE] + (repeats - 1) * once
    return [*steps, max(every), *(k * [1.0] if leaks else [])]


def costs_of_widths(widths: Sequence[int], own: int) -> list[float]:
    """The cost of a network of each width m in one fold, that of the rung, `own` wide, being 1: α + (1 − α) (m / own)².

    >>> costs_of_widths([64, 256], 128)
    [0.55, 2.8]
    """
    return [ROUND + (1 - ROUND) * (m / own) ** 2 for m in widths]


def time_left(costs: Sequence[float], done: int, seconds: float) -> str:
    """ ", about t left" after the first `done` steps of these costs took so many seconds; "" while that says little.

    >>> time_left([1.0, 1.0, 6.0], 2, 10.0), time_left([1.0, 9.0], 1, 20.0), time_left([1.0, 99.0], 1, 5.0)
    (', about 30 s left', ', about 3 min left', '')
    """
    past = sum(costs[:done])
    left = seconds * sum(costs[done:]) / past if past else 0.0
    if not past or past < KNOWN * sum(costs) or seconds < SILENT or left < SHORT:
        return ""
    return f", about {left:.0f} s left" if left < 100 else f", about {left / 60:.0f} min left"
