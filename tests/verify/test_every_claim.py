"""Every field of every claim, and every fitted number, of every kind of estimator, changed: what is accepted is listed.

The certificate is rebuilt after each change, so that nothing but the checker can notice.
"""

import copy
import dataclasses
import math
import re
import warnings

import numpy as np
import pytest

from infimum import (
    ElasticNetCV,
    HuberRegressor,
    Lasso,
    LassoCV,
    LinearRegression,
    LogisticRegression,
    LogisticRegressionCV,
    PoissonRegressor,
    QuantileRegressor,
    Ridge,
    RidgeCV,
    verify,
)
from infimum.estimators.shell import CertificateWarning

HARMLESS = {  # "estimator: what": why
    r".*: (gap|stationarity|digits)\.value (0|a third|threefold)": "measured without an allowance for rounding: where "
    "all of it is rounding, any number from 0 to the bound is as true",
    r".*: separation\.witness direction cut short": "the last of several floats whose sum is the direction: what is "
    "left of it separates the same rows, in exact arithmetic",
    r".*dependent: (gap|identification)\.witness relations negative": "A Rᵀ = 0 says the same of −R",
    r".*: \w*[^\W_]": "a parameter for the next fit: the problem that was solved is in problem_",
    r".*CV.*: (mse_path_|scores_|coefs_paths_|cv_results_)": "numbers of fits to parts of the rows, which are not "
    "derived again; that the choice is the best by them is",
    r"least squares, bounds: problem_\.lower": "a bound that no coefficient is at: the minimum is the same without it",
    r"quantile, an edge: intercept_": "another of the points that minimise the objective, as the claim says there are",
}


def cases():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((80, 3))
    y = X @ [1.0, 2.0, 0.0] + rng.standard_t(3, 80)
    two, counts = (y > 0).astype(int), rng.poisson(np.exp(X[:, 0])).astype(float)
    same, level = np.column_stack([X, X[:, 0]]), rng.integers(0, 2, (80, 2)).astype(float)
    wide, rare = rng.standard_normal((30, 40)), np.column_stack([X, np.arange(80) < 8])
    return {
        "least squares": (LinearRegression(), X, y),
        "least squares, dependent": (LinearRegression(), same, y),
        "least squares, nearly dependent": (LinearRegression(), np.column_stack([X, X @ [1.0, 0.1, 0.3]]), y),
        "least squares, bounds": (LinearRegression(bounds=(-0.5, 0.5)), X, y),
        "ridge": (Ridge(1.0), X, y),
        "lasso": (Lasso(0.1), X, y),
        "lasso, wide": (Lasso(0.1), wide, 2 * wide[:, 0] + rng.standard_normal(30)),
        "several targets": (Lasso(0.1), X, np.column_stack([y, X[:, 1]])),
        "logistic": (LogisticRegression(), X, two),
        "logistic, separated": (LogisticRegression(C=math.inf), X, (X[:, 0] > 0).astype(int)),
        "logistic, a level of one class": (LogisticRegression(C=math.inf), rare, np.where(rare[:, 3] > 0, 1, two)),
        "three classes": (LogisticRegression(), X, two + (X[:, 0] > 1)),
        "Firth": (LogisticRegression(penalty="firth"), X, two),
        "counts": (PoissonRegressor(alpha=0.0), X, counts),
        "counts, a level of zeros": (PoissonRegressor(alpha=0.0), rare, np.where(rare[:, 3] > 0, 0.0, counts)),
        "quantile": (QuantileRegressor(alpha=0.0), X, y),
        "quantile, l1": (QuantileRegressor(alpha=0.1), X, y),
        "quantile, an edge": (QuantileRegressor(alpha=0.0), (np.arange(40) < 20)[:, None] * 1.0, np.arange(40) % 2.0),
        "quantile, dependent": (QuantileRegressor(alpha=0.0), np.column_stack([level, level[:, 0]]), y),
        "Huber": (HuberRegressor(), X, y),
        "Huber, dependent": (HuberRegressor(alpha=0.0), same, y),
        "LassoCV": (LassoCV(cv=3, alphas=8, rule="one_standard_error"), X, y),
        "ElasticNetCV": (ElasticNetCV(cv=3, alphas=5, l1_ratio=[0.3, 0.9]), X, y),
        "RidgeCV": (RidgeCV(), X, y),
        "RidgeCV, kept": (RidgeCV(store_cv_results=True), X, y),
        "LogisticRegressionCV": (LogisticRegressionCV(cv=3, Cs=3), X, two),
    }


CASES = cases()


def fields(claim):
    """(what, changes) of one claim, but those that leave it as it is."""
    bound, kinds = claim.bound, type(claim.verdict)
    found = [(f"verdict {verdict}", {"verdict": verdict}) for verdict in kinds]
    numbers = {"0": 0.0, "NaN": math.nan, "negative": -1.0, "infinite": math.inf}
    for name, x in (("value", claim.value), ("bound", bound), ("scale", claim.scale)):
        finite = {"a third": x / 3, "threefold": 3 * x} if math.isfinite(x) else {}
        found += [(f"{name} {how}", {name: number}) for how, number in {**numbers, **finite}.items()]
    found += [("sentence", {"statement": "everything is fine"}), ("kind", {"kind": "other"})]
    told = re.search(r"\d[\d.]*e-\d+", claim.statement)
    if told and claim.kind in ("gap", "stationarity"):
        found.append(("sentence, a number", {"statement": claim.statement + " and, in fact, 1.23e-99"}))
    found += [("witness gone", {"witness": {}})] if claim.witness else []
    ways = {"twice": lambda a: 2 * a, "negative": lambda a: -a, "NaN": lambda a: a * math.nan, "0": lambda a: 0 * a}
    for name, array in claim.witness.items():
        numeric = np.asarray(array).astype(float)
        for how, way in {**ways, "cut short": lambda a: a[:-1]}.items():
            found.append((f"witness {name} {how}", {"witness": {**claim.witness, name: way(numeric)}}))
    unchanged = [all(_equal(getattr(claim, key), new) for key, new in each.items()) for _, each in found]
    return [each for each, still in zip(found, unchanged, strict=True) if not still]


def _equal(a, b):
    return all(np.array_equal(a[key], b[key]) for key in a) if isinstance(b, dict) and b else a == b


def certificates(certificate):
    """(what, another certificate): each claim changed, left out, or made twice, the better one first."""
    for i, claim in enumerate(certificate.claims):
        before, after = certificate.claims[:i], certificate.claims[i + 1 :]
        for what, changes in fields(claim):
            changed = dataclasses.replace(claim, **changes)
            yield f"{claim.kind}.{what}", dataclasses.replace(certificate, claims=(*before, changed, *after))
        yield f"{claim.kind}.left out", dataclasses.replace(certificate, claims=(*before, *after))
        twice = dataclasses.replace(claim, bound=0.0, value=0.0)
        yield f"{claim.kind}.made twice", dataclasses.replace(certificate, claims=(*before, twice, claim, *after))


def attributes(model):
    """(what, its name, another value) of every number or array that the fit left, and of those in `problem_`."""
    for name, value in vars(model).items():
        if isinstance(value, bool) or name.startswith("_"):
            continue
        if isinstance(value, float | int | np.number):
            yield name, name, value + 1 if isinstance(value, int) else value * 1.5 + 1e-3
        elif isinstance(value, np.ndarray) and value.dtype.kind == "f":
            yield name, name, value * 1.01 + 0.01
        elif name == "problem_":
            for key, part in value.items():
                if isinstance(part, float | np.ndarray) and np.all(np.isfinite(np.asarray(part, dtype=float))):
                    yield f"problem_.{key}", name, {**value, key: part * 1.01 + 1e-3}
                elif isinstance(part, bool):
                    yield f"problem_.{key}", name, {**value, key: not part}


def refused(model, X, y):
    """Whether the checker says no: by a refutation, or that these are not rows of such a fit."""
    try:
        return verify(model, X, y).refuted
    except ValueError:
        return True


@pytest.mark.parametrize("name", list(CASES))
def test_what_is_changed_is_refuted_or_harmless(name):
    model, X, y = CASES[name]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CertificateWarning)
        model = copy.copy(model).fit(X, y)
    answers = verify(model, X, y)
    assert not answers.refuted, str(answers)
    changes = [(what, "certificate_", certificate) for what, certificate in certificates(model.certificate_)]
    accepted = []
    for what, attribute, value in changes + list(attributes(model)):
        changed = copy.copy(model)
        setattr(changed, attribute, value)
        accepted += [] if refused(changed, X, y) else [what]
    assert len(changes) > 60
    assert [what for what in accepted if not any(re.fullmatch(each, f"{name}: {what}") for each in HARMLESS)] == []
