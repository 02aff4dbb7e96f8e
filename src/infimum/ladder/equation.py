"""ŵ → (what was minimised; the fitted equation in the columns' own units, with how exact each coefficient is)."""

from typing import TYPE_CHECKING, Any

import numpy as np

from infimum.certificates.decrement import decrement_at
from infimum.certificates.point import point_at
from infimum.ladder.words import latex
from infimum.losses import Loss
from infimum.losses.multinomial import contrasts
from infimum.objective import LikelihoodObjective
from infimum.penalties.elastic_net import ElasticNet
from infimum.tables.encode import Encoder

if TYPE_CHECKING:
    from infimum.ladder.climb import Ascent


def objective_of(ascent: "Ascent") -> dict[str, Any]:
    """F(ŵ) of the refit and F of the best constant, the formula as LaTeX, the strengths of the penalty."""
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


def equation_of(ascent: "Ascent") -> dict[str, Any] | None:
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
