"""PoissonRegressor against scikit-learn's, and against those who change what its certificate rests on."""

import copy
import warnings
from dataclasses import replace

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.linear_model import PoissonRegressor as Theirs

from infimum import PoissonRegressor, verify
from infimum.estimators.shell import CertificateWarning


def drawn(n=80, p=4, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, p)) + rng.standard_normal(p)
    y = rng.poisson(np.exp(0.5 * X[:, 0] - 0.25 * X[:, 1] + 0.1 * X[:, -1] + 1)).astype(float)
    return X, y, rng.uniform(0.2, 3.0, n) * (rng.random(n) > 0.1)


@pytest.mark.parametrize("weighted", [False, True], ids=["", "weights"])
@pytest.mark.parametrize("intercept", [True, False], ids=["intercept", "none"])
@pytest.mark.parametrize("shape", [(80, 4), (12, 20)], ids=["tall", "wide"])
@pytest.mark.parametrize("alpha", [0.0, 0.01, 1.0])
def test_the_optimum_is_scikit_learns(alpha, shape, intercept, weighted):
    if shape[1] > shape[0] and not alpha:
        pytest.skip("more columns than rows, and nothing that picks one of the minimisers")
    X, y, weight = drawn(*shape)
    weight = weight if weighted else None
    mine = PoissonRegressor(alpha=alpha, fit_intercept=intercept).fit(X, y, sample_weight=weight)
    other = Theirs(alpha=alpha, fit_intercept=intercept, solver="newton-cholesky", tol=1e-13, max_iter=1000)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what it warns of is not under test
        other.fit(X, y, sample_weight=weight)
    np.testing.assert_allclose(mine.coef_, other.coef_, rtol=1e-8, atol=1e-9)
    np.testing.assert_allclose(mine.intercept_, other.intercept_, rtol=1e-8, atol=1e-9)
    np.testing.assert_allclose(mine.predict(X), other.predict(X), rtol=1e-8)
    assert mine.score(X, y, weight) == pytest.approx(other.score(X, y, weight), rel=1e-9)
    assert mine.certificate_.verdict("gap") == "CERTIFIED"
    assert not verify(mine, X, y, weight).refuted, str(verify(mine, X, y, weight))


def test_a_lasso_of_counts_has_exact_zeros():
    X, y, _ = drawn(100, 6)
    model = PoissonRegressor(alpha=0.3, l1_ratio=1.0).fit(X, y)
    slope = X.T @ (model.predict(X) - y) / 100
    assert 0 < np.count_nonzero(model.coef_) < 6
    np.testing.assert_allclose(np.abs(slope[model.coef_ != 0]), 0.3, rtol=1e-10)
    assert np.all(np.abs(slope[model.coef_ == 0]) < 0.3) and model.certificate_.verdict("gap") == "CERTIFIED"


def test_the_score_is_the_share_of_the_deviance():
    X, y, _ = drawn()
    model = PoissonRegressor().fit(X, y)
    assert model.score(X, model.predict(X)) == pytest.approx(1, abs=1e-12)
    constant = PoissonRegressor(alpha=0.0).fit(np.zeros((80, 1)), y)
    assert constant.score(np.zeros((80, 1)), y) == pytest.approx(0, abs=1e-12)
    assert model.score(X[:1], [3.0]) == model.score(X, np.zeros(80)) == 0.0
    with pytest.raises(ValueError, match="y runs from -1 to 2"):
        model.score(X[:2], [-1.0, 2.0])


def test_a_prediction_that_overflows_is_infinite():
    model = PoissonRegressor(alpha=0.0).fit([[0.0], [1.0], [2.0]], [1.0, 3.0, 7.0])
    assert model.predict([[1e6], [-1e6]]).tolist() == [np.inf, 0.0]


def separated(rows_above=1):
    """(model, X, y) of a fit without a minimum, with as many counts above 0 as said."""
    rng = np.random.default_rng(3)
    X, y = rng.standard_normal((20, 3)), np.zeros(20)
    y[np.argsort(-X[:, 0])[:rows_above]] = 4.0
    with pytest.warns(CertificateWarning, match="no minimum is attained: along"):
        return PoissonRegressor(alpha=0.0).fit(X, y), X, y


def tampered(model, kind, **changes):
    """The model with one claim changed."""
    out = copy.deepcopy(model)
    claims = tuple(replace(c, **changes) if c.kind == kind else c for c in model.certificate_.claims)
    out.certificate_ = replace(model.certificate_, claims=claims)
    return out


def test_separation_is_verified_and_every_change_of_it_refuted():
    model, X, y = separated()
    assert not verify(model, X, y).refuted, str(verify(model, X, y))
    claim = model.certificate_.claim("separation")
    pieces = claim.witness["direction"]
    for at in zip(*np.nonzero(pieces), strict=True):
        moved = pieces.copy()
        moved[at] *= 1 + 2.0**-52
        assert verify(tampered(model, "separation", witness={"direction": moved}), X, y).refuted, at
    for witness in ({"direction": -pieces}, {"direction": 0 * pieces}, {"direction": pieces[:, :2]}, {}):
        assert verify(tampered(model, "separation", witness=witness), X, y).refuted
    for changes in ({"value": claim.value * 1.001}, {"bound": claim.bound + 1e-3}, {"scale": claim.scale * 1.001}):
        assert verify(tampered(model, "separation", **changes), X, y).refuted
    words = claim.statement
    for old, new in (("19 of the 19", "18 of the 19"), ("x0 → +∞", "x0 → −∞")):
        assert old in words
        assert verify(tampered(model, "separation", statement=words.replace(old, new)), X, y).refuted


def test_a_separation_that_is_none_is_refuted():
    model, X, y = separated()
    claim = model.certificate_.claim("separation")
    ridge = PoissonRegressor(alpha=0.1).fit(X, y)
    assert not verify(ridge, X, y).refuted
    ridge.certificate_ = replace(ridge.certificate_, claims=(*ridge.certificate_.claims, claim))
    assert verify(ridge, X, y).refuted
    more = y.copy()
    more[np.argmin(X[:, 0])] = 2.0
    free = PoissonRegressor(alpha=0.0).fit(X[:, :1], more)
    assert free.certificate_.claim("separation") is None and not verify(free, X[:, :1], more).refuted
    wrong = replace(claim, witness={"direction": np.array([1.0, 0.0])})
    free.certificate_ = replace(free.certificate_, claims=(*free.certificate_.claims, wrong))
    assert verify(free, X[:, :1], more).refuted


def test_a_dual_bound_of_counts_is_verified_and_its_changes_refuted():
    """Far from the minimum duality gives the bound: its witness, and F with its own rounding, are derived again."""
    X, y, _ = drawn(12, 60)
    model = PoissonRegressor(alpha=0.3, l1_ratio=1.0, tol=1e-3).fit(X, y)
    gap = model.certificate_.claim("gap")
    assert gap.method == "duality" and not verify(model, X, y).refuted, str(verify(model, X, y))
    dual = gap.witness["dual"]
    for at in np.flatnonzero(dual)[::4]:
        moved = dual.copy()
        moved[at] *= 1 + 1e-6
        assert verify(tampered(model, "gap", witness={"dual": moved}), X, y).refuted
    for factor in (0.5, 0.9, 1.1):
        bound = float(f"{factor * gap.bound:.3g}")
        words = gap.statement.replace(f"{gap.bound:.3g}", f"{bound:.3g}")
        assert verify(tampered(model, "gap", bound=bound, value=bound, statement=words), X, y).refuted


@pytest.mark.parametrize("change", ["a count", "a cell", "a coefficient", "the loss", "a bound", "the intercept"])
@pytest.mark.parametrize("alpha", [0.0, 0.1])
def test_what_was_changed_after_the_fit_is_refuted(alpha, change):
    X, y, _ = drawn()
    model = PoissonRegressor(alpha=alpha).fit(X, y)
    assert not verify(model, X, y).refuted
    if change == "a count":
        y[3] += 1
    elif change == "a cell":
        X[5, 2] *= 1 + 1e-9
    elif change == "a coefficient":
        model.coef_[np.argmax(np.abs(model.coef_))] *= 1 + 1e-6
    elif change == "the loss":
        model.problem_ = {**model.problem_, "loss": "squared"}
    elif change == "the intercept":
        model.intercept_ += 1e-6
    else:
        model = tampered(model, "gap", bound=0.5 * model.certificate_.claim("gap").bound)
    assert verify(model, X, y).refuted


def test_rows_of_weight_zero_may_lie_anywhere_and_are_verified():
    X, y, _ = drawn()
    X[7], y[7] = 1e6, 1e9
    weight = (np.arange(80) != 7) * 1.0
    model = PoissonRegressor(alpha=0.0).fit(X, y, sample_weight=weight)
    assert model.certificate_.verdict("gap") == "CERTIFIED" and not verify(model, X, y, weight).refuted
    alone = clone(model).fit(X[weight > 0], y[weight > 0])
    np.testing.assert_allclose(model.coef_, alone.coef_, rtol=1e-12)
