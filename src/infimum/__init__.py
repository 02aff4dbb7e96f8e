"""infimum: machine learning that tells you how low the loss can go, and how close you are.

    θ̂ ∈ argmin_θ F(θ),     F(θ) = Σᵢ sᵢ ℓ(f_θ(xᵢ), yᵢ) / Σᵢ sᵢ  +  Ω(θ)

This page is the table of contents. A name is imported when it is first used: `import infimum` costs nothing.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from infimum.estimators import (
        ConformalClassifier,
        ConformalRegressor,
        ElasticNet,
        ElasticNetCV,
        HuberRegressor,
        Lasso,
        LassoCV,
        LinearRegression,
        LogisticRegression,
        LogisticRegressionCV,
        MLPClassifier,
        MLPPoissonRegressor,
        MLPRegressor,
        PoissonRegressor,
        QuantileRegressor,
        RegularisationPath,
        Ridge,
        RidgeCV,
        TableEncoder,
        TabularClassifier,
        TabularPoissonRegressor,
        TabularRegressor,
        regularisation_path,
    )
    from infimum.estimators.explain import Explanation, explain_gradient
    from infimum.estimators.inference import (
        collinearity,
        data_digits,
        infer,
        influence,
        likelihood_ratio,
        log_likelihood,
        standard_errors,
    )
    from infimum.estimators.profile import profile_intervals
    from infimum.estimators.restarts import Restarts, restarts
    from infimum.estimators.width_curve import WidthCurve, width_curve
    from infimum.losses import Logistic, Poisson, Squared
    from infimum.shells.additive import AdditiveClassifier, AdditiveRegressor
    from infimum.shells.coefficient_display import CoefficientDisplay
    from infimum.shells.display import LadderDisplay
    from infimum.shells.influence_display import InfluenceDisplay
    from infimum.shells.ladder import Ladder
    from infimum.shells.landscape import LossLine, LossPlane, loss_line, loss_plane
    from infimum.shells.network import NetworkFit, NetworkOptions, fit_network, load_network
    from infimum.shells.path_display import PathDisplay
    from infimum.shells.residual_display import ResidualDisplay
    from infimum.shells.training_display import TrainingDisplay
    from infimum.shells.width_display import WidthCurveDisplay
    from infimum.solvers import GradientDescent, Solution, minimise
    from infimum.tables.reading.memory import table_of
    from infimum.tables.reading.read import read_table
    from infimum.verify import verify

__version__ = "0.1.0"

_CONTENTS = {
    "infimum.solvers": ("minimise", "GradientDescent", "Solution"),
    "infimum.losses": ("Squared", "Logistic", "Poisson"),
    "infimum.estimators": (
        "LinearRegression",
        "Ridge",
        "Lasso",
        "ElasticNet",
        "ElasticNetCV",
        "LassoCV",
        "LogisticRegression",
        "LogisticRegressionCV",
        "MLPClassifier",
        "MLPPoissonRegressor",
        "MLPRegressor",
        "HuberRegressor",
        "PoissonRegressor",
        "QuantileRegressor",
        "RegularisationPath",
        "RidgeCV",
        "TableEncoder",
        "TabularClassifier",
        "TabularPoissonRegressor",
        "TabularRegressor",
        "regularisation_path",
        "ConformalClassifier",
        "ConformalRegressor",
    ),
    "infimum.shells.additive": ("AdditiveClassifier", "AdditiveRegressor"),
    "infimum.shells.coefficient_display": ("CoefficientDisplay",),
    "infimum.shells.display": ("LadderDisplay",),
    "infimum.shells.influence_display": ("InfluenceDisplay",),
    "infimum.shells.ladder": ("Ladder",),
    "infimum.shells.landscape": ("LossLine", "LossPlane", "loss_line", "loss_plane"),
    "infimum.shells.network": ("NetworkFit", "NetworkOptions", "fit_network", "load_network"),
    "infimum.shells.path_display": ("PathDisplay",),
    "infimum.shells.residual_display": ("ResidualDisplay",),
    "infimum.shells.training_display": ("TrainingDisplay",),
    "infimum.shells.width_display": ("WidthCurveDisplay",),
    "infimum.estimators.explain": ("Explanation", "explain_gradient"),
    "infimum.estimators.inference": (
        "collinearity",
        "data_digits",
        "infer",
        "influence",
        "likelihood_ratio",
        "log_likelihood",
        "standard_errors",
    ),
    "infimum.estimators.profile": ("profile_intervals",),
    "infimum.estimators.restarts": ("Restarts", "restarts"),
    "infimum.estimators.width_curve": ("WidthCurve", "width_curve"),
    "infimum.tables.reading.read": ("read_table",),
    "infimum.tables.reading.memory": ("table_of",),
    "infimum.verify": ("verify",),
}
_FOLDER = {name: folder for folder, names in _CONTENTS.items() for name in names}

__all__ = [  # noqa: F822 - found by __getattr__
    "AdditiveClassifier",
    "AdditiveRegressor",
    "CoefficientDisplay",
    "ConformalClassifier",
    "ConformalRegressor",
    "ElasticNet",
    "ElasticNetCV",
    "Explanation",
    "GradientDescent",
    "HuberRegressor",
    "InfluenceDisplay",
    "Ladder",
    "LadderDisplay",
    "Lasso",
    "LassoCV",
    "LinearRegression",
    "Logistic",
    "LogisticRegression",
    "LogisticRegressionCV",
    "LossLine",
    "LossPlane",
    "MLPClassifier",
    "MLPPoissonRegressor",
    "MLPRegressor",
    "NetworkFit",
    "NetworkOptions",
    "PathDisplay",
    "Poisson",
    "PoissonRegressor",
    "QuantileRegressor",
    "RegularisationPath",
    "ResidualDisplay",
    "Restarts",
    "Ridge",
    "RidgeCV",
    "Solution",
    "Squared",
    "TableEncoder",
    "TabularClassifier",
    "TabularPoissonRegressor",
    "TabularRegressor",
    "TrainingDisplay",
    "WidthCurve",
    "WidthCurveDisplay",
    "collinearity",
    "data_digits",
    "explain_gradient",
    "fit_network",
    "infer",
    "influence",
    "likelihood_ratio",
    "load_network",
    "log_likelihood",
    "loss_line",
    "loss_plane",
    "minimise",
    "profile_intervals",
    "read_table",
    "regularisation_path",
    "restarts",
    "standard_errors",
    "table_of",
    "verify",
    "width_curve",
]


def __getattr__(name: str) -> Any:
    if name not in _FOLDER:
        raise AttributeError(f"module 'infimum' has no attribute {name!r}")
    value = getattr(import_module(_FOLDER[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


class _Contents(ModuleType):
    """infimum.verify = the function verify of the folder `verify`, in whatever order they are imported."""

    def __setattr__(self, name: str, value: object) -> None:
        # Python binds a folder to its parent when it is first imported; that would hide the function of the same name.
        if not (name == "verify" and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Contents
