"""{k : s(x, k) ≤ q}: sets of classes from the probabilities of any scikit-learn classifier, with a guarantee."""

from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import assert_all_finite, check_random_state, get_tags, indexable
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import column_or_1d, validate_data

from infimum.estimators.held_out import alike, checked_groups, checked_rows, guarantee, hold_out
from infimum.evaluation.conformal.sets import aps_scores, cross_sets, lac_scores


class ConformalClassifier(ClassifierMixin, BaseEstimator):
    """{k : s(x, k) ≤ q} with P(y in the set) ≥ 1 − α (split) or about 1 − 2α (cv+), for rows like those of the fit.

    conformity_score "lac" is s = 1 − p_k, the smallest sets on average (Sadinle, Lei & Wasserman 2019); "aps" sums the
    probabilities of likelier classes, with a random share of p_k itself, and gives larger sets where the model is
    unsure (Romano, Sesia & Candès 2020). Methods are those of `ConformalRegressor`. Sets may be empty: no class
    suits the row as well as the calibration rows were suited. The probabilities need not be right for the guarantee to
    hold.

    Parameters: estimator, any classifier with predict_proba; coverage = 1 − α; method, "cv+" or "split";
    conformity_score, "lac" or "aps"; cv, the number of folds; random_state, of the folds and the random shares.
    Attributes: estimator_, the model of `predict`; models_; classes_ (K,); own_score_ (c,), of the calibration rows;
    n_calibration_; group_sizes_, {group: calibration rows}; guarantee_, a sentence; n_features_in_, feature_names_in_
    (of a frame).

    Raises ValueError for settings that say nothing, a classifier without predict_proba, or fewer calibration rows than
    the coverage needs.

    >>> from infimum import LogisticRegression
    >>> X = np.linspace(-3, 3, 200)[:, None]
    >>> y = np.where(X[:, 0] + np.random.default_rng(0).logistic(size=200) > 0, "yes", "no")
    >>> model = ConformalClassifier(LogisticRegression(), random_state=0).fit(X, y)
    >>> model.classes_.tolist(), model.predict_set([[-3.0], [0.0], [3.0]]).tolist()
    (['no', 'yes'], [[True, False], [True, True], [False, True]])
    """

    def __init__(
        self,
        estimator: Any,
        *,
        coverage: float = 0.9,
        method: str = "cv+",
        conformity_score: str = "lac",
        cv: int = 5,
        random_state: Any = None,
    ) -> None:
        self.estimator = estimator
        self.coverage = coverage
        self.method = method
        self.conformity_score = conformity_score
        self.cv = cv
        self.random_state = random_state

    def fit(self, X: Any, y: Any, groups: Any = None) -> Self:
        """Fit to X (n, p), y (n,) of classes; groups (n,), one label a row, for sets that cover within each (Mondrian).

        In a group with too few calibration rows for the coverage every class is in the set.
        """
        if y is None:
            raise ValueError("ConformalClassifier requires y to be passed, but the target y is None")
        self._check_scores()
        X, y = indexable(X, y)
        y = column_or_1d(y, warn=True)
        assert_all_finite(y, input_name="y")
        check_classification_targets(y)
        validate_data(self, X, skip_check_array=True)
        labels = checked_groups(groups, len(y), groups is not None)
        self.classes_, code = np.unique(y, return_inverse=True)
        self.seed_ = check_random_state(self.random_state).randint(2**31)
        rng = np.random.default_rng(self.seed_)
        held = hold_out(self, X, y, rng)
        self.models_, self.estimator_, self.fold_ = held.models, held.whole, held.fold
        p = held.predicted(X, lambda j, part: self._probabilities(held.models[j], part))
        scores = self._scores(p, rng.random(len(p)))
        self.own_score_ = scores[np.arange(len(p)), code[held.rows]]
        self.n_calibration_ = len(held.rows)
        self.groups_ = None if labels is None else labels[held.rows]
        names, sizes = np.unique(self.groups_ if labels is not None else [], return_counts=True)
        self.group_sizes_ = dict(zip(names.tolist(), sizes.tolist(), strict=True))
        self.guarantee_ = guarantee(self, held, self.groups_, "set")
        return self

    def predict(self, X: Any) -> np.ndarray:
        """The likeliest class of each row, (n,): of the model of all rows (cv+), or of the calibrated one (split)."""
        checked_rows(self, X)
        return np.asarray(self.estimator_.predict(X))

    def predict_proba(self, X: Any) -> np.ndarray:
        """p of the model of `predict`, (n, K), columns in the order of classes_; 0 for a class it has not seen."""
        checked_rows(self, X)
        return self._probabilities(self.estimator_, X)

    def predict_set(self, X: Any, groups: Any = None) -> np.ndarray:
        """Which classes can't be ruled out, booleans (n, K), for X (n, p) and, if `fit` had them, groups (n,).

        The random shares of "aps" are those of the row's place, the same at every call.
        """
        checked_rows(self, X)
        p = [self._probabilities(model, X) for model in self.models_]
        u = np.random.default_rng([self.seed_, 1]).random(len(p[0]))
        scores = np.stack([self._scores(each, u) for each in p])
        labels = checked_groups(groups, len(u), self.groups_ is not None)
        sets = np.empty(scores.shape[1:], dtype=bool)
        for known, new in alike(self.groups_, labels, (len(self.own_score_), len(u))):
            sets[new] = cross_sets(self.own_score_[known], self.fold_[known], scores[:, new], self.coverage)
        return sets

    def _check_scores(self) -> None:
        if self.conformity_score not in ("lac", "aps"):
            raise ValueError(f"conformity_score = {self.conformity_score!r}; expected 'lac' or 'aps'")
        if not callable(getattr(self.estimator, "predict_proba", None)):
            name = type(self.estimator).__name__
            raise ValueError(f"{name} has no predict_proba, from which sets are made: give a classifier that has")

    def _scores(self, p: np.ndarray, u: np.ndarray) -> np.ndarray:
        return lac_scores(p) if self.conformity_score == "lac" else aps_scores(p, u)

    def _probabilities(self, model: Any, X: Any) -> np.ndarray:
        """(n, K) in the order of classes_: a model whose fold left a class out gives it 0."""
        found = np.asarray(model.predict_proba(X), dtype=float)
        p = np.zeros((len(found), len(self.classes_)))
        p[:, np.searchsorted(self.classes_, model.classes_)] = found
        return p

    def __sklearn_tags__(self) -> Any:
        tags, inner = super().__sklearn_tags__(), get_tags(self.estimator)
        tags.input_tags = inner.input_tags
        if inner.classifier_tags is not None:
            tags.classifier_tags.multi_class = inner.classifier_tags.multi_class
        return tags
