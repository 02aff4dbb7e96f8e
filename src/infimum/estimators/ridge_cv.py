"""α̂ = argmin over α of the error in rows left out, of ridge regression: RidgeCV, in scikit-learn's parameters."""

import math
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin

from infimum.estimators.choosing import folds_of
from infimum.estimators.evidence import announced
from infimum.estimators.linear import LinearRegressor, Ridge
from infimum.estimators.parameters import check_within, numbers_of
from infimum.estimators.rows import checked_weight, rows_and_target
from infimum.estimators.scoring import score_of, scorer_of
from infimum.estimators.shell import solved
from infimum.estimators.targets import each_target
from infimum.losses.squared import Squared
from infimum.penalties.elastic_net import ElasticNet as Strengths
from infimum.solvers.fold_paths import Folds
from infimum.solvers.moments import Table
from infimum.solvers.ridge_path import left_out, ridge_path


class RidgeCV(LinearRegressor):
    """α̂ = argmin over α of Σ sᵢ (yᵢ − ŷ₋ᵢ)² / n, ŷ₋ᵢ of the Ridge without row i; then the Ridge of all rows.

    Hoerl & Kennard (1970); leaving one out by its formula, eᵢ = rᵢ / (1 − hᵢ) (Allen 1974), or k folds from one
    decomposition each.
    Parameters: alphas ≥ 0, tried in their order; fit_intercept; scoring (None: minus the mean squared error of rows
    left out, of folds R²; else a name or function of scikit-learn's); cv (None: leave one out; k, a splitter, or pairs
    of indices: the mean over folds); store_cv_results (leaving one out only); alpha_per_target (False: of y (n, t) one
    α, by the mean score of the targets); tol, as Ridge. sample_weight counts in fits and scores; a row left out is left
    out with its whole weight.
    Attributes: alpha_ and best_score_, with alpha_per_target (t,); coef_, intercept_, targets_, certificate_, trace_,
    n_iter_, n_features_in_, feature_names_in_ as Ridge; cv_results_ (n, K) or (n, t, K), sᵢ (yᵢ − ŷ₋ᵢ)², or ŷ₋ᵢ where
    scoring is given. Errors as Ridge, for cv and scoring too, and where α = 0 and a row alone tells of a combination of
    columns, for every α.

    >>> X, y = [[0.0], [1.0], [2.0], [3.0]], [0.0, 1.2, 1.8, 3.0]
    >>> model = RidgeCV(alphas=[0.01, 1.0, 100.0]).fit(X, y)
    >>> model.alpha_, round(model.best_score_, 6)
    (0.01, -0.054532)
    """

    def __init__(
        self,
        alphas: Any = (0.1, 1.0, 10.0),
        *,
        fit_intercept: bool = True,
        scoring: Any = None,
        cv: Any = None,
        store_cv_results: bool = False,
        alpha_per_target: bool = False,
        tol: float = 1e-10,
    ) -> None:
        self.alphas = alphas
        self.fit_intercept = fit_intercept
        self.scoring = scoring
        self.cv = cv
        self.store_cv_results = store_cv_results
        self.alpha_per_target = alpha_per_target
        self.tol = tol

    @announced
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Choose α and fit to X (n, p) dense or sparse, y (n,) or (n, t), sample_weight (n,) or None."""
        alphas = numbers_of("alphas", self.alphas, "alpha")
        X, y = rows_and_target(self, X, y, several=True)
        if self.cv is not None and self.store_cv_results:
            raise ValueError("store_cv_results = True is for leaving one out: set cv = None, or leave it False")
        weight = checked_weight(sample_weight, len(y))
        given = None if sample_weight is None else weight
        check_within("alphas", self.alphas, alphas, 1.0, float(weight.sum()))
        tables = [Table.of(X, target, weight, bool(self.fit_intercept)) for target in np.atleast_2d(y.T)]
        scores = self._scores(tables, alphas, given)
        best = self._best(scores)
        alpha, score = alphas[best], scores[np.arange(len(best)), best]
        how = "leaving out one row at a time" if self.cv is None else "the scores on folds"

        def fit(part: Any, target: np.ndarray, k: int) -> Any:
            if part is not self:
                vars(part).pop("cv_results_", None)  # of all targets together
            part.alpha_, part.best_score_ = float(alpha[k]), float(score[k])
            penalty = Strengths(0.0, part.alpha_ / float(weight.sum()))
            part.coef_, part.intercept_ = solved(part, Squared(), penalty, (X, target, weight))
            part.problem_ = {**part.problem_, "chosen": f"alpha was chosen by {how}"}
            return part

        vars(self).pop("targets_", None)
        if y.ndim == 1:
            fit(self, y, 0)
        else:
            each_target(self, fit, y)
            own = self.alpha_per_target
            self.alpha_, self.best_score_ = (alpha, score) if own else (float(alpha[0]), float(np.mean(score)))
        return self

    def _scores(self, tables: list[Table], alphas: np.ndarray, given: np.ndarray | None) -> np.ndarray:
        """The score of every target and α, (t, K); what it is the score of is kept where that was asked for."""
        vars(self).pop("cv_results_", None)
        if self.cv is not None:
            return np.stack([self._folds(table, alphas, given) for table in tables])
        found = [self._left_out(table, alphas, given) for table in tables]
        if self.store_cv_results:
            kept = np.stack([rows for _, rows in found], axis=1)
            self.cv_results_ = kept if len(tables) > 1 else kept[:, 0]
        return np.stack([scores for scores, _ in found])

    def _best(self, scores: np.ndarray) -> np.ndarray:
        """Which α each target has (t,), by the scores (t, K): its own best, or that of the mean over targets."""
        judged = scores if self.alpha_per_target else np.broadcast_to(scores.mean(axis=0), scores.shape)
        if np.any(np.max(judged, axis=1) == -math.inf):
            raise ValueError(
                f"alphas = {self.alphas!r}: without some row the fit is not determined; expected some alpha > 0"
            )
        return np.argmax(judged, axis=1)

    def _left_out(self, table: Table, alphas: np.ndarray, given: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
        """(score of each α (K,), what it is the score of (n, K)) on rows left out one at a time."""
        if np.count_nonzero(table.weight) < 2:
            raise ValueError("n_samples = 1 of weight > 0; leaving one out takes two or more")
        y, total = table.y, 1.0 * len(table.y) if given is None else float(given.sum())
        errors = left_out(table, alphas / total)
        known = np.all(np.isfinite(errors), axis=0)
        if self.scoring is None:
            squares = errors**2 if given is None else given[:, None] * errors**2
            return np.where(known, -np.mean(squares, axis=0), -math.inf), squares
        scorer = scorer_of(self.scoring, "neg_mean_squared_error", given is not None)
        foretold = y[:, None] - errors
        rows = zip(known, foretold.T, strict=True)
        scores = [score_of(scorer, _Foretold(), (z, y, given)) if good else -math.inf for good, z in rows]
        return np.array(scores), foretold

    def _folds(self, table: Table, alphas: np.ndarray, given: np.ndarray | None) -> np.ndarray:
        """The mean over folds of the score of each α, (K,)."""
        X, y = table.X, table.y
        folds = folds_of(self.cv, X, y, table.weight)
        scorer = scorer_of(self.scoring, "r2", given is not None)
        total = 1.0 * len(y) if given is None else float(given.sum())
        scores = np.empty((len(folds), len(alphas)))
        for k, ((train, test), learned, own) in enumerate(Folds.of(table, folds)):
            share = total * float(table.weight[train].sum())
            B, mean = ridge_path(table, train, learned, alphas / share)
            constant = mean[-1] - B @ mean[:-1]
            if self.scoring is None:
                scores[k] = _explained(table, test, table.errors(test, own, B, constant))
                continue
            rows = X[test], y[test], None if given is None else given[test]
            models = (_ridge(table, b, c) for b, c in zip(B, constant, strict=True))
            scores[k] = [score_of(scorer, model, rows) for model in models]
        return scores.mean(axis=0)


class _Foretold(RegressorMixin, BaseEstimator):
    """ŷ = ŷ: a model for scorers whose rows are the predictions themselves."""

    def predict(self, X: np.ndarray) -> np.ndarray:
        return X


def _explained(table: Table, rows: np.ndarray, errors: np.ndarray) -> np.ndarray:
    """R² = 1 − mean squared error / variance on those rows, (K,); where y does not vary 1 for no error, else 0.

    Raises ValueError for a single row.
    """
    if np.count_nonzero(table.weight[rows]) < 2:
        raise ValueError("a fold holds out one row, of which there is no R²: set scoring='neg_mean_squared_error'")
    y, weight = table.y[rows], table.weight[rows] / table.weight[rows].sum()
    if np.ptp(y[weight > 0]) == 0:
        return np.where(errors == 0, 1.0, 0.0)
    return 1 - errors / (float(weight @ (y - weight @ y) ** 2) * float(table.scale[-1]) ** 2)


def _ridge(table: Table, b: np.ndarray, constant: float) -> Ridge:
    """A Ridge that predicts with coefficients of the table's columns."""
    own = float(table.scale[-1]) or 1.0
    model = Ridge(fit_intercept=table.intercept)
    model.coef_ = b * table.scale[:-1] / own
    model.intercept_ = table.shift[-1] + constant / own - float(model.coef_ @ table.shift[:-1])
    model.n_features_in_ = len(b)
    return model
