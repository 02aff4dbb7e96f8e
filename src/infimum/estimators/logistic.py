"""argmin C Σ sᵢ (log Σₖ exp ηᵢₖ − ηᵢ,yᵢ) + penalty: LogisticRegression, in scikit-learn's parameters."""

from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator

from infimum.estimators.classes import ClassesMixin, class_weights, classes_of, loss_of
from infimum.estimators.columns import bounds_of, factors_of
from infimum.estimators.evidence import EvidenceMixin, announced
from infimum.estimators.firth import firth_solved
from infimum.estimators.parameters import check_within, number_of
from infimum.estimators.rows import checked_weight, names_of, rows_and_target
from infimum.estimators.shell import predictions, solved, with_interval
from infimum.estimators.summary import Summary, summary_of
from infimum.penalties.elastic_net import ElasticNet


class LogisticRegression(EvidenceMixin, ClassesMixin, BaseEstimator):
    """b = argmin C Σ sᵢ log(1 + exp(−ỹᵢ (xᵢᵀb + b₀))) + l1_ratio ‖b‖₁ + ½ (1 − l1_ratio) ‖b‖², ỹ = ±1.

    Penalised maximum likelihood (Cox 1958). For K > 2 classes the loss is multinomial, log Σₖ exp ηₖ − η_y with scores
    η = B x + b₀ that add up to 0, and the penalty ½ ‖B‖² treats all classes alike. With l1_ratio > 0 the penalty is
    l1_ratio Σ |Bₖⱼ| + ½ (1 − l1_ratio) Σ Bₖⱼ², and b₀ alone adds up to 0. For l1_ratio = 1 and an even K several
    minimisers may differ by a number added to a column of B: told is one with a 0 in each column, the one with most
    zeros, then the least Σ Bₖⱼ².
    C = inf is no penalty; the intercept is never penalised. Where the classes are separated and nothing is
    penalised no minimum exists: `certificate_.claim("separation")` names the direction.

    penalty="firth", for two classes, minimises Σ sᵢ ℓᵢ − ½ log det I(b, b₀) instead, I = Σ sᵢ pᵢ(1 − pᵢ) xᵢxᵢᵀ with xᵢ
    extended by 1: no bias of order 1/n, finite though the classes be separated (Firth 1993; Heinze & Schemper 2002).
    It is not convex, and where classes are separated may have several minima: the lowest of those reached from several
    starts is taken. It has no strength: C and l1_ratio stay at their defaults. `profile_intervals` has its intervals.

    Parameters: C > 0; penalty ("elastic_net" or "firth"); l1_ratio in [0, 1]; fit_intercept; class_weight
    (None, "balanced" or {class: weight}); tol.
    Attributes: coef_ (1, p) or (K, p), intercept_ (1,) or (K,), classes_ (K,), certificate_, trace_, n_iter_; for K > 2
    params_, of which the certificate speaks: the contrasts of the scores, or with l1_ratio > 0 the scores, class by
    class for each column, the intercepts last.
    Raises ValueError for one class, penalty="firth" with more than two, and as LinearRegression.

    >>> import numpy as np
    >>> model = LogisticRegression().fit([[-2.0], [-1.0], [1.0], [2.0]], ["no", "no", "yes", "yes"])
    >>> model.predict([[3.0]]).tolist(), model.certificate_.claim("gap").holds(1e-8)
    (['yes'], True)
    """

    def __init__(
        self,
        C: float = 1.0,
        *,
        penalty: str = "elastic_net",
        l1_ratio: float = 0.0,
        fit_intercept: bool = True,
        class_weight: Any = None,
        penalty_factor: Any = None,
        bounds: Any = None,
        warm_start: bool = False,
        tol: float = 1e-10,
    ) -> None:
        self.C = C
        self.penalty = penalty
        self.l1_ratio = l1_ratio
        self.fit_intercept = fit_intercept
        self.class_weight = class_weight
        self.penalty_factor = penalty_factor
        self.bounds = bounds
        self.warm_start = warm_start
        self.tol = tol

    @announced
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit to X (n, p) dense or sparse, y (n,) of K classes, sample_weight (n,) or None."""
        C, ratio = number_of("C", self.C), number_of("l1_ratio", self.l1_ratio)
        if self.penalty not in ("elastic_net", "firth"):
            raise ValueError(
                f"penalty = {self.penalty!r}; expected 'elastic_net' or 'firth': l2 is what l1_ratio=0 is, l1 is "
                "l1_ratio=1, and C=np.inf is no penalty"
            )
        firth = self.penalty == "firth"
        if firth and not (C == 1.0 and ratio == 0.0 and self.penalty_factor is None and self.bounds is None):
            given = f"C = {self.C!r}, l1_ratio = {self.l1_ratio!r}"
            asked = "leave C at 1.0, l1_ratio at 0.0, penalty_factor and bounds at None"
            raise ValueError(f"{given}; penalty = 'firth' has no strength and no bounds: {asked}")
        X, y = rows_and_target(self, X, y, numeric=False)
        self.classes_, coded = classes_of(self, y)
        loss = loss_of(self.classes_)
        if firth and loss.outputs > 1:
            raise ValueError(
                "Only binary classification is supported. The type of the target is multiclass: penalty = 'firth' with "
                f"{len(self.classes_)} classes; fit one class against the others, or take penalty = 'elastic_net'"
            )
        if loss.outputs > 1 and (self.penalty_factor is not None or self.bounds is not None):
            raise ValueError(f"penalty_factor and bounds are for two classes, and y holds {len(self.classes_)}")
        weight = checked_weight(sample_weight, len(coded))
        balance = class_weights(self.class_weight, self.classes_, y, None if sample_weight is None else weight)
        weight = weight * balance[coded.astype(int)]
        if firth:
            b, intercept = firth_solved(self, (X, coded, weight))
        else:
            counts = C * float(weight.sum())
            shape = X.shape[1], names_of(self)
            factor, sides = factors_of(self.penalty_factor, *shape), bounds_of(self.bounds, *shape)
            check_within("C", self.C, 1.0, factor, counts)
            strengths = ElasticNet(ratio / counts * factor, (1 - ratio) / counts * factor, *sides)
            loss = loss_of(self.classes_, bool(np.any(strengths.l1)))
            b, intercept = solved(self, loss, strengths, (X, coded, weight))
        self.coef_, self.intercept_ = np.atleast_2d(b), np.atleast_1d(intercept)
        self.problem_ = {**self.problem_, "classes": self.classes_, "class_weight": balance.tolist()}
        return self

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = self.penalty != "firth"
        tags.input_tags.sparse = True
        return tags

    def decision_function(self, X: Any) -> np.ndarray:
        """z = X b + b₀, the log-odds of the second of two classes, (n,); the scores of more, (n, K)."""
        return predictions(self, X)

    def probability_interval(self, X: Any, level: float = 0.95) -> np.ndarray:
        """(p, lower, upper), (n, 3): P(second class given x) and where it lies, by the errors of the coefficients.

        Raises ValueError for more than two classes, and for fits with a penalty (give C = inf).
        """
        return with_interval(self, X, "confidence", level)

    def summary(self, level: float = 0.95, exponentiate: bool = False) -> Summary:
        """Coefficients, proved digits, standard errors, tests, intervals and claims: print it; `infer` has more.

        exponentiate: odds ratios, exp of the coefficients and of their intervals' ends; of two classes alone.
        """
        return summary_of(self, level, exponentiate)
