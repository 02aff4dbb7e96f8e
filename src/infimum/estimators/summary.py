"""β̂ⱼ, digits, √Vⱼⱼ, t, p, interval, then the claims: what a fitted linear model says of itself."""

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from infimum.certificates.claim import Certificate
from infimum.estimators.asked import check_unchanged
from infimum.estimators.shell import known_information, one_target, why_no_errors
from infimum.inference.estimate import Inference, check_level, inference_from
from infimum.inference.ratios import check_ratio, ratio_of


@dataclass(frozen=True, eq=False, repr=False)
class Summary:
    """(β̂, √Vⱼⱼ, t, p, interval), then the claims: what `summary()` gives back; print it, or show it in a notebook.

    It is about the fit as it was then. inference is None, and `why` tells the reason, where no standard errors are
    known; coefficients are [(name, β̂), …]. With a ratio ("odds ratio", "rate ratio") tables are of exp(β̂).
    """

    model: str
    objective: float
    coefficients: tuple[tuple[str, float], ...]
    certificate: Certificate
    inference: Inference | None
    why: str = ""
    level: float = 0.95
    ratio: str = ""
    about: str = ""  # what xᵀβ̂ is

    def to_frame(self) -> Any:
        """The coefficients as a pandas data frame, by name; without standard errors their values alone."""
        import pandas

        if self.inference is not None:
            return self.inference.to_frame(self.level, exponentiate=bool(self.ratio))
        column = self.ratio.replace(" ", "_") or "estimate"
        return pandas.DataFrame(self._shown(), columns=["name", column]).set_index("name")

    def to_html(self) -> str:
        """The table as an HTML fragment, the claims below it."""
        from html import escape

        claims = f"<pre>{escape(str(self.certificate))}</pre>"
        if self.inference is None:
            return f"<pre>{escape(self._plain())}</pre>" + claims
        return self.inference.to_html(self.level, exponentiate=bool(self.ratio)) + claims

    def to_latex(self) -> str:
        """The table as a LaTeX tabular. Raises ValueError where no standard errors are known."""
        if self.inference is None:
            raise ValueError(f"no table to write: {self.why}")
        return self.inference.to_latex(self.level, exponentiate=bool(self.ratio))

    def _shown(self) -> list[tuple[str, float]]:
        with np.errstate(over="ignore"):
            return [(name, float(np.exp(value)) if self.ratio else value) for name, value in self.coefficients]

    def _plain(self) -> str:
        width = max((len(name) for name, _ in self.coefficients), default=0)
        head = [f"  {self.ratio}s, exp of the coefficients"] if self.ratio else []
        return "\n".join([*head, *(f"  {name:<{width}}  {value: .10g}" for name, value in self._shown())])

    def __str__(self) -> str:
        head = f"{self.model}{self.about and ', '}{self.about}: objective F = {self.objective:.10g}"
        if self.inference is not None:
            table = self.inference.to_text(self.level, exponentiate=bool(self.ratio))
            return "\n".join([head, table, str(self.certificate)])
        return "\n".join([head, self._plain(), f"no standard errors: {self.why}", str(self.certificate)])

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        return self.to_html()


def summary_of(estimator: Any, level: float, exponentiate: bool = False) -> Summary:
    """The summary of a fitted linear model, errors by its own information (classical), of exp(β̂) if asked for.

    Raises NotFittedError before fit, ValueError where coefficients were changed since, for several targets, a level
    not between 0 and 1, and exponentiate for a model whose coefficients are no logarithms of ratios.
    """
    check_is_fitted(estimator)
    one_target(estimator)
    check_unchanged(estimator)
    check_level(level)
    name, stated = type(estimator).__name__, estimator.problem_
    ratio = check_ratio(ratio_of(stated.get("loss", "")), exponentiate, name)
    information = known_information(estimator)
    inference = vars(estimator).get("_inference")  # of quantiles and Huber's loss
    if information is not None:
        freedom = information.freedom if information.loss == "squared" else math.inf
        inference = inference_from(information, information.covariance(), freedom, "classical", name)
    if inference is not None and np.ptp(stated.get("class_weight", [1.0])) > 0:
        own = "class_weight counts as repetitions too: infer(…, groups=a label a row) has errors that do not believe it"
        inference = replace(inference, notes=(*inference.notes, own))
    return told_of(estimator, inference, level, ratio)


def told_of(estimator: Any, inference: Inference | None, level: float, ratio: str = "") -> Summary:
    """(β̂, claims) of a fitted model as they are now, with an inference or the reason why there is none."""
    why = why_no_errors(estimator) if inference is None else ""
    told = estimator.objective_, tuple(named_coefficients(estimator)), estimator.certificate_
    return Summary(type(estimator).__name__, *told, inference, why, level, ratio, _scale(estimator))


def _scale(estimator: Any) -> str:
    """What xᵀβ̂ is, where it is not the target itself."""
    loss, classes = estimator.problem_.get("loss", ""), vars(estimator).get("classes_", ())
    if len(classes) == 2:
        return f"log-odds of {classes[1]}"
    if len(classes):
        return "scores of the classes, which add up to 0"
    return "logarithm of the expected count" if loss == "poisson" else ""


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
