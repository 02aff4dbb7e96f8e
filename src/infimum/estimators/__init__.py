"""θ̂ with scikit-learn's contract: thin shells around `minimise`, one import away from the estimators of the same names.

A shell converts scikit-learn's parameters to the mean-loss scale, checks the input, and hands over the solution:
`coef_`, `intercept_`, and what scikit-learn has not: `certificate_`, `trace_`, `summary()`.
"""

from typing import Any

_TABLE = {
    "ConformalClassifier": "conformal_classifier",
    "ConformalRegressor": "conformal_regressor",
    "HuberRegressor": "huber",
    "LinearRegression": "linear",
    "Ridge": "linear",
    "Lasso": "linear",
    "ElasticNet": "linear",
    "ElasticNetCV": "cross_validated",
    "LassoCV": "cross_validated",
    "LogisticRegression": "logistic",
    "LogisticRegressionCV": "logistic_cv",
    "MLPClassifier": "mlp",
    "MLPPoissonRegressor": "mlp_poisson",
    "MLPRegressor": "mlp",
    "PoissonRegressor": "poisson",
    "QuantileRegressor": "quantile",
    "RegularisationPath": "path",
    "RidgeCV": "ridge_cv",
    "regularisation_path": "path",
    "TableEncoder": "table_encoder",
    "TabularClassifier": "tabular",
    "TabularPoissonRegressor": "tabular",
    "TabularRegressor": "tabular",
}

__all__ = sorted(_TABLE)


def __getattr__(name: str) -> Any:
    if name not in _TABLE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_TABLE[name]}"), name)
