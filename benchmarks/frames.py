"""Tables as pandas frames for the benchmarks of intervals and of calibration, and the estimators fitted to them."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any, ClassVar

import joblib
import numpy as np
import pandas
from public_tables import TARGETS, folder
from sklearn.base import BaseEstimator, clone
from sklearn.pipeline import Pipeline, make_pipeline

# columns that tell the target in other words, or the number of the row
LEFT_OUT = {
    "adult": ["split"],
    "ames_housing": ["Order", "PID"],
    "beijing_pm25": ["No"],
    "bike_sharing": ["casual", "registered", "instant"],
    "naval_propulsion": ["turbine_decay"],
    "titanic": ["alive"],
}
CLASSES = ("adult", "bank_marketing", "car_evaluation", "german_credit", "letter", "mushroom", "penguins", "titanic")
NUMBERS = (
    "abalone", "ames_housing", "california_housing", "concrete", "energy_efficiency", "naval_propulsion",
    "protein_structure", "wine_quality", "yacht", "bike_sharing", "friedman1", "diabetes",
)  # fmt: skip
IN_TIME = ("beijing_pm25", "bike_sharing")  # rows in the order of the hours


def frame(name: str) -> tuple[pandas.DataFrame, np.ndarray]:
    """(X, y) of a table: rows without a target and columns that tell it are left out; classes are texts."""
    if name == "friedman1":
        from sklearn.datasets import make_friedman1

        X, y = make_friedman1(2000, noise=1.0, random_state=0)
        return pandas.DataFrame(X, columns=[f"x{j}" for j in range(X.shape[1])]), y
    if name == "diabetes":
        from sklearn.datasets import load_diabetes

        return load_diabetes(return_X_y=True, as_frame=True, scaled=False)[0], load_diabetes().target
    target = {**TARGETS, "letter": "lettr"}[name]
    table = pandas.read_csv(folder() / name / f"{name}.csv.gz").dropna(subset=[target]).reset_index(drop=True)
    y = table.pop(target)
    X = table.drop(columns=LEFT_OUT.get(name, []))
    return X, y.astype(str).to_numpy(dtype=str) if name in CLASSES else y.to_numpy(dtype=float)


def random_parts(rows: int, shares: tuple[float, ...], most: int, seed: int) -> Iterator[np.ndarray]:
    """Disjoint random rows, one set for each share, each of at most `most`."""
    order, start = np.random.default_rng(seed).permutation(rows), 0.0
    for share in shares:
        part = order[round(start * rows) : round((start + share) * rows)]
        start += share
        yield part[:most]


def encoded(name: str) -> Pipeline:
    """TableEncoder, then the estimator of this dotted name: "sklearn.linear_model.Ridge"."""
    from infimum import TableEncoder

    module, _, kind = name.rpartition(".")
    return make_pipeline(TableEncoder(), made(getattr(import_module(module), kind)))


def made(kind: type[BaseEstimator]) -> BaseEstimator:
    """An estimator with its defaults; seeded, and with time to converge where it takes steps."""
    estimator = kind()
    wanted = {"max_iter": 2000, "random_state": 0}
    return estimator.set_params(**{key: wanted[key] for key in wanted.keys() & estimator.get_params().keys()})


class Remembered(BaseEstimator):
    """The estimator, fitted once to the same rows however often it is asked to: methods that share folds share fits."""

    fits: ClassVar[dict[str, Any]] = {}

    def __init__(self, estimator: Any) -> None:
        self.estimator = estimator

    def fit(self, X: Any, y: np.ndarray) -> "Remembered":
        key = joblib.hash((repr(self.estimator), X, y))
        if key not in self.fits:
            self.fits[key] = clone(self.estimator).fit(X, y)
        self.model_ = self.fits[key]
        if hasattr(self.model_, "classes_"):
            self.classes_ = self.model_.classes_
        return self

    def predict(self, X: Any) -> np.ndarray:
        return self.model_.predict(X)

    def predict_proba(self, X: Any) -> np.ndarray:
        return self.model_.predict_proba(X)

    def __sklearn_tags__(self) -> Any:
        return self.estimator.__sklearn_tags__()
