"""[f(x) − q σ(x), f(x) + q σ(x)]: intervals around the forecasts of any scikit-learn regressor, with a guarantee."""

from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin, clone
from sklearn.utils import _safe_indexing, check_array, check_random_state, get_tags, indexable
from sklearn.utils.validation import column_or_1d, validate_data

from infimum.estimators.held_out import HeldOut, alike, checked_groups, checked_rows, guarantee, hold_out
from infimum.evaluation.conformal.cross import cross_conformal

FLOOR = 0.1  # of the mean residual: no row is taken for more than ten times as easy as the average


class ConformalRegressor(RegressorMixin, BaseEstimator):
    """[lower, upper] with P(lower ≤ y ≤ upper) ≥ 1 − α (split) or about 1 − 2α (cv+), for rows like those of the fit.

    "cv+" (Barber, Candès, Ramdas & Tibshirani 2021) lets every row calibrate, judged by one of `cv` models that has not
    seen it; its intervals usually cover 1 − α. "split" (Papadopoulos et al. 2002) fits one model and keeps a share 1/cv
    of the rows for calibration. Neither assumes anything of the noise; both assume exchangeable rows, so neither says
    anything for the future of a series.

    Parameters: estimator, any regressor; coverage = 1 − α; method; cv, the number of folds; difficulty, a regressor of
    |y − f(x)| on x that makes intervals wider where errors are larger, or None for one width; random_state, of the
    folds.
    Attributes: estimator_, the model of `predict`; models_; residual_ (c,), of the calibration rows, over the
    difficulty; n_calibration_; group_sizes_, {group: calibration rows}; guarantee_, a sentence; n_features_in_,
    feature_names_in_ (of a frame).

    Raises ValueError for settings that say nothing, or fewer calibration rows than the coverage needs.

    >>> from infimum import Ridge
    >>> X = np.linspace(0, 1, 100)[:, None]
    >>> y = 3 * X[:, 0] + np.random.default_rng(0).uniform(-1, 1, 100)
    >>> model = ConformalRegressor(Ridge(), method="split", random_state=0).fit(X, y)
    >>> model.predict_interval([[0.5]]).round(1)
    array([[0.4, 2.8]])
    >>> model.guarantee_
    'P(y in interval) ≥ 0.9 = 1 − α, over the 20 calibration rows, which the model has not seen, and a new row ...'
    """

    def __init__(
        self,
        estimator: Any,
        *,
        coverage: float = 0.9,
        method: str = "cv+",
        cv: int = 5,
        difficulty: Any = None,
        random_state: Any = None,
    ) -> None:
        self.estimator = estimator
        self.coverage = coverage
        self.method = method
        self.cv = cv
        self.difficulty = difficulty
        self.random_state = random_state

    def fit(self, X: Any, y: Any, groups: Any = None) -> Self:
        """Fit to X (n, p), y (n,); groups (n,), one label a row, for intervals that cover within each (Mondrian).

        A group with too few calibration rows for the coverage gets infinite intervals.
        """
        if y is None:
            raise ValueError("ConformalRegressor requires y to be passed, but the target y is None")
        X, y = indexable(X, y)
        y = column_or_1d(check_array(y, ensure_2d=False, dtype=np.float64, input_name="y"), warn=True)
        validate_data(self, X, skip_check_array=True)
        labels = checked_groups(groups, len(y), groups is not None)
        rng = np.random.default_rng(check_random_state(self.random_state).randint(2**31))
        held = hold_out(self, X, y, rng)
        self.models_, self.estimator_, self.fold_ = held.models, held.whole, held.fold
        self.difficulties_ = None if self.difficulty is None else self._difficulties(held, X, y, rng)
        forecast = held.predicted(X, lambda j, part: np.asarray(held.models[j].predict(part), dtype=float))
        spread = np.ones(len(forecast)) if self.difficulty is None else held.predicted(X, self._spread)
        self.residual_ = np.abs(y[held.rows] - forecast) / spread
        self.n_calibration_ = len(held.rows)
        self.groups_ = None if labels is None else labels[held.rows]
        names, sizes = np.unique(self.groups_ if labels is not None else [], return_counts=True)
        self.group_sizes_ = dict(zip(names.tolist(), sizes.tolist(), strict=True))
        self.guarantee_ = guarantee(self, held, self.groups_, "interval")
        return self

    def predict(self, X: Any) -> np.ndarray:
        """f(x), (n,): of the model of all rows (cv+), or of the one that calibration rows have judged (split)."""
        checked_rows(self, X)
        return np.asarray(self.estimator_.predict(X))

    def predict_interval(self, X: Any, groups: Any = None) -> np.ndarray:
        """(lower, upper), (n, 2), for X (n, p) and, if `fit` had them, groups (n,); infinite in a group not seen."""
        checked_rows(self, X)
        forecast = np.column_stack([np.asarray(model.predict(X), dtype=float) for model in self.models_])
        spread = np.ones(forecast.shape)
        if self.difficulties_ is not None:
            spread = np.column_stack([self._spread(j, X) for j in range(len(self.models_))])
        labels = checked_groups(groups, len(forecast), self.groups_ is not None)
        ends = np.empty((len(forecast), 2))
        for known, new in alike(self.groups_, labels, (len(self.residual_), len(forecast))):
            judged = self.residual_[known], self.fold_[known]
            ends[new] = cross_conformal(*judged, forecast[new], self.coverage, spread[new])
        return ends

    def _difficulties(self, held: HeldOut, X: Any, y: np.ndarray, rng: np.random.Generator) -> tuple[Any, ...]:
        """(regressor of |y − f(x)|, floor) for each model, from the rows it learned: residuals of three inner folds."""
        found = []
        for j in range(len(held.models)):
            rows = np.setdiff1d(np.arange(len(y)), held.rows[held.fold == j])
            inner = rng.permutation(len(rows)) % 3
            residual = np.empty(len(rows))
            for i in range(3):
                learned, out = rows[inner != i], rows[inner == i]
                model = clone(self.estimator).fit(_safe_indexing(X, learned), y[learned])
                residual[inner == i] = np.abs(y[out] - model.predict(_safe_indexing(X, out)))
            model = clone(self.difficulty).fit(_safe_indexing(X, rows), residual)
            found.append((model, FLOOR * float(residual.mean()) or 1.0))
        return tuple(found)

    def _spread(self, j: int, X: Any) -> np.ndarray:
        """σⱼ(x), (n,): the predicted |y − f(x)|, at least its floor."""
        model, floor = self.difficulties_[j]
        return np.maximum(np.asarray(model.predict(X), dtype=float), floor)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags = get_tags(self.estimator).input_tags
        return tags
