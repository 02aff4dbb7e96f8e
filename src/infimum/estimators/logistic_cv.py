"""(Ĉ, l1_ratio) = argmax of the score on rows held out: LogisticRegressionCV, in scikit-learn's parameters."""

import warnings
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from jaxtyping import Float
from sklearn.base import BaseEstimator

from infimum.certificates.certify import certify
from infimum.estimators.choosing import counted, folds_of, is_count
from infimum.estimators.classes import ClassesMixin, class_weights, classes_of, from_scores, loss_of, to_scores
from infimum.estimators.evidence import EvidenceMixin, announced
from infimum.estimators.logistic import LogisticRegression
from infimum.estimators.parameters import check_within, numbers_of
from infimum.estimators.rows import checked_weight, rows_and_target
from infimum.estimators.scoring import knowing_classes, score_of, scorer_of
from infimum.estimators.shell import CertificateWarning, predictions, solved
from infimum.estimators.summary import Summary, summary_of
from infimum.losses import Loss
from infimum.models.scores import linear_in
from infimum.objective import LikelihoodObjective
from infimum.penalties.elastic_net import ElasticNet
from infimum.solvers import Solution, Trace
from infimum.solvers.choose import solve
from infimum.solvers.moments import Fold
from infimum.solvers.newton import descend
from infimum.solvers.scores import descend_scores

ENOUGH = 100  # Newton steps for one C


class LogisticRegressionCV(EvidenceMixin, ClassesMixin, BaseEstimator):
    """(Ĉ, l1_ratio) = argmax of the mean score over folds; then the LogisticRegression of all rows with them.

    Each fold's fits go from the strongest penalty to the weakest, each begun at the last one's minimum.

    Parameters: Cs, how many (from 1e-4 to 1e4, evenly in log C) or which (> 0); l1_ratios, those to choose from;
    fit_intercept; cv (None: 5 folds with each class spread evenly; k; a splitter; pairs of indices); scoring (None:
    accuracy, scikit-learn 1.9's default; "neg_log_loss" looks at the probabilities; any name or function of
    scikit-learn's); class_weight, "balanced" by all rows, not by each fold's; refit, without which the coefficients are
    the mean over folds of each one's best, and the certificate says how far that is from a minimum; tol, as
    LogisticRegression. sample_weight counts in fits and scores.
    Attributes: C_, l1_ratio_, Cs_ (K,), l1_ratios_ (R,), scores_ (folds, R, K), coefs_paths_ (folds, R, K, classes or
    1, p and the intercept), coef_, intercept_, classes_, params_ and certificate_ and trace_ as LogisticRegression.
    Errors as LogisticRegression, for cv and scoring too, and for a fold that does not learn from every class.

    >>> X = np.repeat([[-2.0], [-1.0], [1.0], [2.0]], 10, axis=0)
    >>> y = np.repeat(["no", "no", "yes", "yes"], 10)
    >>> y[[0, 39]] = "yes", "no"
    >>> model = LogisticRegressionCV(Cs=[0.01, 1.0], scoring="neg_log_loss").fit(X, y)
    >>> model.C_, model.scores_.shape
    (1.0, (5, 1, 2))
    """

    def __init__(
        self,
        *,
        Cs: Any = 10,
        l1_ratios: Any = (0.0,),
        fit_intercept: bool = True,
        cv: Any = None,
        scoring: Any = None,
        class_weight: Any = None,
        refit: bool = True,
        tol: float = 1e-10,
    ) -> None:
        self.Cs = Cs
        self.l1_ratios = l1_ratios
        self.fit_intercept = fit_intercept
        self.cv = cv
        self.scoring = scoring
        self.class_weight = class_weight
        self.refit = refit
        self.tol = tol

    @announced
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Choose C and l1_ratio, fit to X (n, p) dense or sparse, y (n,) of K classes, sample_weight (n,) or None."""
        Cs = np.logspace(-4, 4, counted("Cs", self.Cs)) if is_count(self.Cs) else numbers_of("Cs", self.Cs, "C")
        ratios = numbers_of("l1_ratios", self.l1_ratios, "l1_ratio")
        X, y = rows_and_target(self, X, y, numeric=False)
        self.classes_, coded = classes_of(self, y)
        given = None if sample_weight is None else checked_weight(sample_weight, len(coded))
        scorer = knowing_classes(scorer_of(self.scoring, "accuracy", given is not None), self.classes_)
        balance = class_weights(self.class_weight, self.classes_, y, given)
        weight = (1.0 if given is None else given) * balance[coded.astype(int)]
        folds = folds_of(self.cv, X, y, weight, classifier=True)
        problem = _Problem(X, coded, weight, self.classes_, bool(self.fit_intercept), self.tol)
        found = [[_path(problem, fold, Cs, ratio) for ratio in ratios] for fold in folds]
        self.Cs_, self.l1_ratios_ = Cs, ratios
        self.coefs_paths_ = np.array(found)
        self.scores_ = np.empty(self.coefs_paths_.shape[:3])
        for at in np.ndindex(*self.scores_.shape):
            test = folds[at[0]][1]
            rows = X[test], y[test], None if given is None else given[test]
            self.scores_[at] = score_of(scorer, self._model(self.coefs_paths_[at]), rows)
        return self._finish(problem, balance)

    def _finish(self, problem: "_Problem", balance: np.ndarray) -> Self:
        """Fit with the best, or take the mean of the folds' best."""
        paths = self.coefs_paths_
        if self.refit:
            total = self.scores_.sum(axis=0).T  # (K, R): of equal scores the first C, then the first ratio
            best = [np.unravel_index(np.argmax(total), total.shape)] * len(paths)
        else:
            tables = (scores.T for scores in self.scores_)
            best = [np.unravel_index(np.argmax(table), table.shape) for table in tables]
        self.C_ = float(np.mean([self.Cs_[c] for c, _ in best]))
        self.l1_ratio_ = float(np.mean([self.l1_ratios_[r] for _, r in best]))
        mean = np.mean([paths[k, r, c] for k, (c, r) in enumerate(best)], axis=0)
        loss = problem.loss(self.l1_ratio_)

        def solver(objective: LikelihoodObjective) -> Solution:
            start = from_scores(loss, mean)
            if self.refit:
                return solve(objective, "auto", self.tol, start)
            told = Trace((), "the coefficients are means over folds, not a minimum: set refit=True for one")
            return Solution(start, certify(objective, start, "mean of the folds' minima", 0, self.tol), told)

        penalty = problem.penalty(self.C_, self.l1_ratio_)
        with warnings.catch_warnings():
            if not self.refit:  # it was asked for
                warnings.simplefilter("ignore", CertificateWarning)
            arrays = (problem.X, problem.y, problem.weight)
            b, intercept = solved(self, loss, penalty, arrays, solver)
        self.coef_, self.intercept_ = np.atleast_2d(b), np.atleast_1d(intercept)
        chosen = f"C was chosen by the scores on {len(paths)} folds"
        told = {"classes": self.classes_, "class_weight": balance.tolist(), "chosen": chosen}
        self.problem_ = {**self.problem_, **told}
        return self

    def _model(self, told: np.ndarray) -> LogisticRegression:
        """A LogisticRegression that predicts with these coefficients, (classes or 1, p and the intercept)."""
        model = LogisticRegression(fit_intercept=self.fit_intercept)
        width = self.n_features_in_
        model.coef_, model.intercept_ = told[:, :width], told[:, width] if self.fit_intercept else np.zeros(len(told))
        model.classes_, model.n_features_in_ = self.classes_, width
        return model

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags

    def decision_function(self, X: Any) -> np.ndarray:
        """z = X b + b₀, the log-odds of the second of two classes, (n,); the scores of more, (n, K)."""
        return predictions(self, X)

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """The score that C was chosen by, of X (n, p), y (n,) and weights (n,) or None."""
        weight = None if sample_weight is None else checked_weight(sample_weight, len(y))
        scorer = knowing_classes(scorer_of(self.scoring, "accuracy", weight is not None), self.classes_)
        return score_of(scorer, self, (X, y, weight))

    def summary(self, level: float = 0.95, exponentiate: bool = False) -> Summary:
        """Coefficients and claims: print it. There are no standard errors, and it says why."""
        return summary_of(self, level, exponentiate)


@dataclass(frozen=True, eq=False)
class _Problem:
    """(X, y, s): all rows, classes as 0, 1, …, and how they are fitted."""

    X: Float[np.ndarray, "n p"]
    y: np.ndarray
    weight: np.ndarray
    classes: np.ndarray
    intercept: bool
    tolerance: float

    def penalty(self, C: float, ratio: float) -> ElasticNet:
        total = C * float(self.weight.sum())
        check_within("C", C, 1.0, 1.0, total)
        return ElasticNet(l1=ratio / total, l2=(1 - ratio) / total)

    def part(self, rows: np.ndarray) -> "_Problem":
        return replace(self, X=np.ascontiguousarray(self.X[rows]), y=self.y[rows], weight=self.weight[rows])

    def loss(self, ratio: float) -> Loss:
        return loss_of(self.classes, ratio > 0)

    def objective(self, C: float, ratio: float) -> LikelihoodObjective:
        loss = self.loss(ratio)
        model = linear_in(self.X, loss.outputs, self.intercept)
        return LikelihoodObjective.of(model, loss, self.penalty(C, ratio), self.y, self.weight)


def _path(problem: _Problem, fold: Fold, Cs: np.ndarray, ratio: float) -> np.ndarray:
    """The scores of each C on the rows that the fold learns from, (K, classes or 1, P), the intercept last.

    They are found from the least C to the largest.
    """
    learned = problem.part(fold[0])
    missing = np.setdiff1d(np.arange(len(problem.classes)), learned.y[learned.weight > 0].astype(int))
    if len(missing):
        label = problem.classes.tolist()[missing[0]]
        raise ValueError(
            f"a fold learns from no row of class {label!r}: expected rows of every class; choose another cv"
        )
    w, found = None, [np.zeros((0, 0))] * len(Cs)
    down = descend_scores if problem.loss(ratio).name == "softmax" else descend
    for k in np.argsort(Cs, kind="stable"):
        objective = learned.objective(float(Cs[k]), ratio)
        w, _, stopped = down(objective, w, problem.tolerance, ENOUGH)
        if "iterations" in stopped:
            message = f"LogisticRegressionCV: the fit of a fold with C = {Cs[k]:g} is not at its minimum: {stopped}"
            warnings.warn(message, CertificateWarning, stacklevel=4)
        found[k] = to_scores(objective.loss, w)
    return np.array(found)
