"""Table → X: the encoding of `infimum fit` as a scikit-learn transformer, fitted inside each fold of a pipeline."""

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
from scipy.sparse import issparse
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from infimum.tables import Table
from infimum.tables.encode import Encoder, fit_encoder
from infimum.tables.reading.memory import table_of
from infimum.tables.roles import Role, assign_roles, prepared, used
from infimum.tables.wishes import Wishes


class TableEncoder(TransformerMixin, BaseEstimator):
    """X = [code₁(x₁), code₂(x₂), …]: numbers (x − mean) / scale, categories [x = level], dates as trend and cycles.

    A number with missing cells counts as its mean and gets the indicator "x is missing"; a missing text is a level;
    levels of fewer than 5 rows are pooled or count as the most frequent, and unseen ones with them; an ordered category
    has a step a level, [x ≥ level]. Constants, identifiers and free text are left out (`roles_` says why).

    Parameters: roles, {column: "number" | "category" | "ordered" | "date" | "text" | "identifier"}, where the rules are
    not to decide; ordered, {column: levels from lowest to highest}; drop, names of columns to leave out.
    Attributes: roles_, encoder_, feature_names_in_ (of a frame), n_features_in_.

    Raises TableError (a ValueError) on a column that can't be read as its role asks, and, in `transform`, on columns
    that are missing or hold text in place of numbers.

    >>> import pandas
    >>> rain = pandas.DataFrame({"hour": [7.0, 9.0, None, 8.0], "sky": ["clear", "rain", "clear", "rain"]})
    >>> encoder = TableEncoder().set_output(transform="pandas")
    >>> print(encoder.fit_transform(rain))
           hour  hour is missing  sky = rain
    0 -1.224745              0.0         0.0
    1  1.224745              0.0         1.0
    2  0.000000              1.0         0.0
    3  0.000000              0.0         1.0
    """

    roles_: tuple[Role, ...]
    encoder_: Encoder

    def __init__(
        self,
        roles: Mapping[str, str] | None = None,
        ordered: Mapping[str, Sequence[str]] | None = None,
        drop: Sequence[str] | None = None,
    ) -> None:
        self.roles = roles
        self.ordered = ordered
        self.drop = drop

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn role and code of each column from the rows of X: a frame, an array, a sparse matrix or lists."""
        table = checked_table(self, X, reset=True)
        levels = {name: tuple(each) for name, each in (self.ordered or {}).items()}
        wishes = Wishes(tuple(self.drop or ()), dict(self.roles or {}), levels)
        self.roles_ = assign_roles(table, "", wishes)
        self.encoder_ = fit_encoder(prepared(table, self.roles_, wishes), used(self.roles_))
        return self

    def transform(self, X: Any) -> np.ndarray:
        """X as float64 (n, P), one column a feature."""
        check_is_fitted(self)
        return self.encoder_.encode(checked_table(self, X, reset=False))

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """The names of the P features: "hour", "hour is missing", "weather = rain"."""
        check_is_fitted(self)
        return np.array(self.encoder_.names, dtype=object)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        tags.input_tags.sparse = True
        return tags


def checked_table(estimator: Any, X: Any, reset: bool) -> Table:
    """X ↦ table, names and number of columns learned (`reset`) or held against those of the fit."""
    import narwhals

    if isinstance(X, Table):
        return X
    if narwhals.dependencies.is_into_dataframe(X):
        validate_data(estimator, X, reset=reset, skip_check_array=True)
        return table_of(X)
    if isinstance(X, Mapping):
        return table_of(X)
    array = validate_data(estimator, X, reset=reset, dtype=None, accept_sparse=True, ensure_all_finite="allow-nan")
    if not issparse(array) and array.dtype.kind == "c":
        raise ValueError("Complex data not supported: give real numbers, texts or dates.")
    return table_of(array)
