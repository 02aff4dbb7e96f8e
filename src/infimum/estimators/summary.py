"""β̂ⱼ, digits, √Vⱼⱼ, t, p, interval, then the claims: what a fitted linear model says of itself."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from infimum.estimators.shell import known_information, why_no_errors
from infimum.inference.estimate import Inference, inference_from


@dataclass(frozen=True, eq=False, repr=False)
class Summary:
    """(β̂, √Vⱼⱼ, t, p, interval), then the claims: what `summary()` gives back; print it, or show it in a notebook.

    inference is None, and the reason is told, where no standard errors are known.
    """

    estimator: Any
    inference: Inference | None
    level: float = 0.95

    def to_frame(self) -> Any:
        """The coefficients as a pandas data frame, by name; without standard errors their values alone."""
        import pandas

        if self.inference is not None:
            return self.inference.to_frame(self.level)
        return pandas.DataFrame(named_coefficients(self.estimator), columns=["name", "estimate"]).set_index("name")

    def to_html(self) -> str:
        """The table as an HTML fragment, the claims below it."""
        from html import escape

        claims = f"<pre>{escape(str(self.estimator.certificate_))}</pre>"
        return (
            self.inference.to_html(self.level) if self.inference else f"<pre>{escape(self._plain())}</pre>"
        ) + claims

    def to_latex(self) -> str:
        """The table as a LaTeX tabular. Raises ValueError where no standard errors are known."""
        if self.inference is None:
            raise ValueError(f"no table to write: {why_no_errors(self.estimator)}")
        return self.inference.to_latex(self.level)

    def _plain(self) -> str:
        found = named_coefficients(self.estimator)
        width = max((len(name) for name, _ in found), default=0)
        return "\n".join(f"  {name:<{width}}  {value: .10g}" for name, value in found)

    def __str__(self) -> str:
        head = f"{type(self.estimator).__name__}: F = {self.estimator.objective_:.10g}"
        if self.inference is not None:
            return "\n".join([head, self.inference.to_text(self.level), str(self.estimator.certificate_)])
        told = f"no standard errors: {why_no_errors(self.estimator)}"
        return "\n".join([head, self._plain(), told, str(self.estimator.certificate_)])

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        return self.to_html()


def summary_of(estimator: Any, level: float) -> Summary:
    """The summary of a fitted linear model, errors by its own information (classical). Raises NotFittedError."""
    check_is_fitted(estimator)
    information = known_information(estimator)
    if information is None:
        return Summary(estimator, None, level)
    name = type(estimator).__name__
    freedom = information.freedom if information.loss == "squared" else math.inf
    return Summary(estimator, inference_from(information, information.covariance(), freedom, "classical", name), level)


def named_coefficients(estimator: Any) -> list[tuple[str, float]]:
    """[(name, β̂), …] of a fitted linear model, the intercept last; of K > 2 classes "class: name"."""
    values = np.atleast_2d(estimator.coef_)
    if estimator.fit_intercept:
        values = np.column_stack([values, np.ravel(estimator.intercept_)])
    found = []
    for k, row in enumerate(values):
        before = f"{estimator.classes_[k]}: " if len(values) > 1 else ""
        found += [(before + name, float(value)) for name, value in zip(estimator.names_, row, strict=True)]
    return found
