"""ŵ → (what was minimised; the fitted equation in the columns' own units, with how exact each coefficient is)."""

from typing import TYPE_CHECKING, Any

import numpy as np

from infimum.certificates.decrement import decrement_at
from infimum.certificates.point import point_at
from infimum.ladder.curves import Drawn
from infimum.ladder.fit import Sample
from infimum.ladder.words import latex
from infimum.losses.multinomial import contrasts
from infimum.tables.encode import Encoder

if TYPE_CHECKING:
    from infimum.ladder.climb import Ascent


def objective_of(ascent: "Ascent") -> dict[str, Any]:
    """F(ŵ) of the refit and F of the best constant, the formula as LaTeX, the strengths of the penalty."""
    refit, problem = ascent.refit, ascent.problem
    loss, y, X = problem.loss, problem.y, problem.encoded()[1]
    penalty = refit.penalty.sparing(refit.model(X).layout.free)
    return {
        "loss": loss.name,
        "latex": latex(loss.name, refit.rung.form, refit.strengths),
        "value": float(np.mean(loss.value(refit.predict(X), y))) + penalty.value(refit.params),
        "null_value": loss.null(y, np.full(y.shape, 1 / len(y))),
        "penalty": refit.strengths,
    }


def equation_of(ascent: "Ascent") -> dict[str, Any] | None:
    """The refit in the columns' own units, with |coefficient − that of the minimiser| ≤ bound; None for a network.

    Of more than two classes, {"scores": [{"class", "terms", "intercept"}, …]}: one equation each. Of an additive model
    each has "curves" and "products" too, and its terms are those of the features without a curve.
    """
    refit, problem = ascent.refit, ascent.problem
    if refit.rung.form == "network":
        return None
    encoder, X = problem.encoded()
    m, P, sample = problem.loss.outputs, len(encoder.names), Sample(problem.loss, X, problem.y, encoder)
    W = refit.params.reshape(-1, m)
    b, bounds, decrement = np.zeros((P, m)), None, None
    if refit.rung.form != "constant":
        b = refit.spread(W[:-1], P)[:P].copy()
        decrement = decrement_at(point_at(refit.objective(sample), refit.params))
        found = decrement.parameter_bounds()
        bounds = None if found is None else refit.spread(found.reshape(-1, m)[:-1], P)[:P]
    kept, drawn = refit.features, Drawn.of(refit, sample, decrement and decrement.metric)
    b[list(drawn.features)] = 0.0  # a line belongs to its curve
    left_out = [] if kept is None else [name for j, name in enumerate(encoder.names) if j not in kept]
    labels = problem.task.classes or () if m > 1 else ("",)
    each = []
    for label, to in zip(labels, contrasts(m + 1) if m > 1 else np.ones((1, 1)), strict=True):
        within = None if bounds is None else bounds @ np.abs(to)
        one = _terms(encoder, b @ to, float(W[-1] @ to), within)
        one["terms"] = [term for j, term in enumerate(one["terms"]) if j not in drawn.features]
        each.append({**({"class": label} if m > 1 else {}), **one, **drawn.told(to)})
    return {**({"scores": each} if m > 1 else each[0]), "left_out": left_out}


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
