"""Held-out log-loss and Brier score after temperature scaling and isotonic calibration, ours against scikit-learn's.

    INFIMUM_DATA=FOLDER python benchmarks/calibration.py [TABLE ...]

20 random splits a table (half to fit, a quarter to calibrate, a quarter to test; at most 3000 rows each), seeded, of a
model whose probabilities are nearly right (logistic regression) and of one whose are not (naive Bayes). Prints a page
and writes it to benchmarks/results/calibration.txt; exits with 1 if a mean of ours is worse than scikit-learn's by more
than two standard errors of the paired difference.
"""

import os
import platform
import sys
import warnings
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from frames import CLASSES, encoded, frame, random_parts
from sklearn.base import BaseEstimator, ClassifierMixin, clone

SPLITS, TOLERANCE = 20, 1e-6  # below which a difference is rounding
MODELS = ("sklearn.linear_model.LogisticRegression", "sklearn.naive_bayes.GaussianNB")


def scores(p: np.ndarray, code: np.ndarray) -> tuple[float, float]:
    """(mean −log p(y), mean Σ_k (p_k − [y = k])²) of p (n, K); a p of 0 counts as 2⁻⁵², as in scikit-learn."""
    own = np.clip(p[np.arange(len(code)), code], 2.0**-52, 1)
    return float(-np.log(own).mean()), float(((p - np.eye(p.shape[1])[code]) ** 2).sum(axis=1).mean())


class Scored(ClassifierMixin, BaseEstimator):
    """log p (n, K), or the log-odds (n,) of two classes, as the decision_function of any classifier with probabilities.

    So both sides calibrate the same scores; scikit-learn alone would take the probability of the second of two classes
    for a log-odds where a model has no decision_function.
    """

    def __init__(self, estimator: BaseEstimator) -> None:
        self.estimator = estimator

    def fit(self, X: object, y: np.ndarray) -> "Scored":
        self.model_ = clone(self.estimator).fit(X, y)
        self.classes_ = self.model_.classes_
        return self

    def predict_proba(self, X: object) -> np.ndarray:
        return self.model_.predict_proba(X)

    def predict(self, X: object) -> np.ndarray:
        return self.model_.predict(X)

    def decision_function(self, X: object) -> np.ndarray:
        logarithm = np.log(np.clip(self.predict_proba(X), 2.0**-52, 1))
        return logarithm[:, 1] - logarithm[:, 0] if logarithm.shape[1] == 2 else logarithm


def ours(method: str, model: object, held: tuple, X: object) -> np.ndarray:
    """p (n, K) of the rows X, calibrated on held = (rows, codes)."""
    from scipy.special import expit, softmax

    from infimum.evaluation.calibration import (
        calibrated_classes,
        isotonic_calibration,
        isotonic_classes,
        temperature_scaling,
    )

    two = len(model.classes_) == 2
    z, new = model.decision_function(held[0]), model.decision_function(X)
    if method == "temperature":
        scaled = temperature_scaling(z, held[1]).scores(new)
        return softmax(scaled, axis=1) if scaled.ndim == 2 else np.column_stack([expit(-scaled), expit(scaled)])
    if not two:
        return calibrated_classes(isotonic_classes(z, held[1]), new)
    second = isotonic_calibration(z, held[1]).at(new)
    return np.column_stack([1 - second, second])


def one_split(data: tuple, name: str, seed: int) -> dict[str, np.ndarray]:
    """{method: ((log-loss, Brier) of ours, of scikit-learn's, of the model as it is)}, (3, 2), on the test rows."""
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.frozen import FrozenEstimator

    X, y = data
    fit, held, test = random_parts(len(y), (0.5, 0.25, 0.25), 3000, seed)
    model = Scored(encoded(name)).fit(X.iloc[fit], y[fit])
    known = [rows[np.isin(y[rows], model.classes_)] for rows in (held, test)]
    code, truth = (np.searchsorted(model.classes_, y[rows]) for rows in known)
    X_held, X_test = (X.iloc[rows] for rows in known)
    found = {}
    for method in ("temperature", "isotonic"):
        peer = CalibratedClassifierCV(FrozenEstimator(model), method=method).fit(X_held, y[known[0]])
        three = (ours(method, model, (X_held, code), X_test), peer.predict_proba(X_test), model.predict_proba(X_test))
        found[method] = np.array([scores(p, truth) for p in three])
    return found


def page(table: str, name: str) -> tuple[list[str], list[str]]:
    """(lines, what is missed) of a table and a model."""
    data = frame(table)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of rare classes, and of logarithms of 0
        splits = [one_split(data, name, seed) for seed in range(SPLITS)]
    lines, missed = [], []
    for method in splits[0]:
        all_three = np.array([each[method] for each in splits])
        mean = all_three.mean(axis=0)
        worse = all_three[:, 0] - all_three[:, 1]
        doubt = worse.std(axis=0, ddof=1) / np.sqrt(SPLITS)
        where = f"{table:<16}{name.rpartition('.')[2]:<20}{method:<12}"
        beyond = worse.mean(axis=0) - 2 * doubt - TOLERANCE
        told = [
            f"{label} {mean[0, at]:.5f}, scikit-learn {mean[1, at]:.5f}, difference {worse.mean(axis=0)[at]:+.1e} ± "
            f"{doubt[at]:.0e}{' WORSE' if beyond[at] > 0 else ''}, before {mean[2, at]:.4f}"
            for at, label in enumerate(("log-loss", "Brier"))
        ]
        lines.append(where + "; ".join(told))
        missed += [f"{where}{label}" for label, short in zip(("log-loss", "Brier"), beyond, strict=True) if short > 0]
    return lines, missed


def main() -> int:
    """Print and write the pages of the tables named on the command line (all without a name)."""
    lines = [f"machine: {os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}; one thread"]
    print(lines[0])
    missed: list[str] = []
    for table in sys.argv[1:] or CLASSES:
        for name in MODELS:
            found, short = page(table, name)
            print("\n".join(found), flush=True)
            lines, missed = lines + found, missed + short
    lines.append("\n".join(["worse:", *missed]) if missed else "none is worse")
    print(lines[-1])
    if not sys.argv[1:]:
        (Path(__file__).parent / "results" / "calibration.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
