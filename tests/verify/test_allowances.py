"""proved ≤ recorded ≤ granted: honest fits whose bounds are mostly rounding pass, those with other bounds fail."""

import copy
import dataclasses
import warnings
from fractions import Fraction

import numpy as np
import pytest

from infimum import HuberRegressor, Lasso, LinearRegression, LogisticRegression, PoissonRegressor, verify
from infimum.estimators.shell import CertificateWarning
from infimum.verify.checks import dual_gap
from infimum.verify.estimator import parameters, restate


def fitted(model, X, y, weight=None):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CertificateWarning)
        return model.fit(X, y, sample_weight=weight)


def rebound(model, kind, factor):
    """The model with the bound of one claim so many times as large, its value, sentence and all that goes with it."""
    certificate, claims = model.certificate_, []
    for claim in certificate.claims:
        if claim.kind == kind:
            bound = factor * claim.bound
            said = claim.statement.replace(f"{claim.bound:.3g}", f"{bound:.3g}")
            claim = dataclasses.replace(claim, bound=bound, value=factor * claim.value, statement=said)
        claims.append(claim)
    changed = copy.copy(model)
    changed.certificate_ = dataclasses.replace(certificate, claims=tuple(claims))
    return changed


def heavy_tails(seed, spread):
    """Rows of which a share are far off, their columns nearly the same where the spread is small."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((400, 5))
    X = X if spread == 1 else X[:, :1] + spread * X
    return X, X @ np.ones(5) + rng.standard_t(2, 400)


@pytest.mark.parametrize("spread", [1.0, 1e-3, 1e-7])
@pytest.mark.parametrize("epsilon", [1.01, 1.1, 1.35])
def test_huber_fits_with_most_rows_beyond_their_bounds(epsilon, spread):
    held = 0
    for seed in range(8):
        X, y = heavy_tails(seed, spread)
        model = fitted(HuberRegressor(epsilon=epsilon, alpha=(0.0, 10.0)[seed % 2]), X, y)
        answers = verify(model, X, y)
        assert not answers.refuted, str(answers)
        if model.certificate_.verdict("parameters") == "CERTIFIED":
            held += 1
            for factor in (0.7, 2.5):
                assert verify(rebound(model, "parameters", factor), X, y).refuted, (seed, factor)
    assert held


def test_huber_fits_of_scale_zero():
    """Half the rows lie on a plane, and what is left is rounding, with weights of any size."""
    flat = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        X = rng.standard_normal((50, 8))
        X = X[:, :1] + 1e-5 * X
        y = rng.integers(0, 2, 50) + (rng.random(50) < 0.1) * rng.standard_normal(50)
        weight = np.where(rng.random(50) < 0.05, 1e15, 1.0)
        model = fitted(HuberRegressor(epsilon=1.01, alpha=10.0), X, y, weight)
        answers = verify(model, X, y, weight)
        assert not answers.refuted, str(answers)
        if model.scale_ == 0 and model.certificate_.claim("gap").method == "duality":
            flat += 1
            assert verify(rebound(model, "gap", 0.4), X, y, weight).refuted
    assert flat


def huge(seed, scale, ratio, C):
    """Classes by chance, with a penalty so large that every coefficient is at its lower bound and F is huge."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((60, 2)) * scale
    X, y = np.column_stack([X, X[:, 0] + X[:, 1]]), (rng.random(60) < 0.5).astype(int)
    return fitted(LogisticRegression(C=C, bounds=(0.5, 1), l1_ratio=ratio), X, y), X, y


@pytest.mark.parametrize(("scale", "ratio", "C"), [(1.0, 1.0, 1e-6), (1.0, 1.0, 1e-9), (1e3, 0.5, 1e-9)])
def test_likelihoods_with_a_huge_penalty_and_binding_bounds(scale, ratio, C):
    """The gap is a few units in the last place of F: what is proved of it is sharper by terms than by F − D."""
    for seed in range(16):
        model, X, y = huge(seed, scale, ratio, C)
        answers = verify(model, X, y)
        assert not answers.refuted, str(answers)
        assert verify(rebound(model, "gap", 3.0), X, y).refuted


def test_a_gap_by_duality_is_reproduced_to_a_tenth():
    rng = np.random.default_rng(5)
    X = rng.standard_normal((50, 70))
    y = 3 * X[:, 0] - 2 * X[:, 1] + 0.3 * rng.standard_normal(50)
    model = fitted(Lasso(0.05), X, y)
    assert model.certificate_.claim("gap").method == "duality" and not verify(model, X, y).refuted
    for factor in (0.9, 1.1):
        assert verify(rebound(model, "gap", factor), X, y).refuted


def exact_objective(restated, w):
    """½ Σ s̃ (y − Aw)² + Σ l1 |w| + ½ l2 w², in rational numbers: of the squared loss."""
    total, w = Fraction(0), [Fraction(each) for each in w.tolist()]
    for row, y, s in zip(restated.A.tolist(), restated.y.tolist(), restated.weight.tolist(), strict=True):
        r = Fraction(y) - sum((Fraction(a) * b for a, b in zip(row, w, strict=True)), Fraction(0))
        total += Fraction(s) * r * r / 2
    l1, l2, _, _ = (part.tolist() for part in restated.parts)
    return total + sum(
        (Fraction(a) * abs(b) + Fraction(c) * b * b / 2 for a, c, b in zip(l1, l2, w, strict=True)), Fraction(0)
    )


@pytest.mark.parametrize("alpha", [1e-3, 0.3, 1e6])
@pytest.mark.parametrize("bounds", [None, (0.5, 1)])
def test_what_duality_proves_holds_in_rational_numbers(alpha, bounds):
    """F(w) − F(better) ≤ proved ≤ granted, at the minimum and away from it, exactly."""
    for seed in range(6):
        rng = np.random.default_rng(seed)
        X = rng.standard_normal((30, 3))
        y = X @ [1.0, -2.0, 0.0] + rng.standard_normal(30)
        model = fitted(Lasso(alpha, bounds=bounds), X, y)
        best = parameters(model)
        for moved in (0.0, 1e-9, 1e-3):
            w = best * (1 + moved)
            if bounds:
                w[:-1] = np.clip(w[:-1], *bounds)
            w[-1] = float(np.mean(y - X @ w[:-1]))
            restated = restate(model.problem_, X, y, np.ones(30), w)
            u = restated.u * (1 - 16 * 2.0**-53)
            positive, negative = u[u > 0].sum(), -u[u < 0].sum()
            u = np.where(u > 0, u * min(1.0, negative / positive), u * min(1.0, positive / negative))
            if bounds is None:
                u = u * min(1.0, alpha / np.abs(X.T @ u).max() * (1 - 1e-12))
            proved, granted = dual_gap(restated, u)
            short = exact_objective(restated, w) - exact_objective(restated, best)
            assert Fraction(proved) >= short and granted >= proved, (seed, moved)
            assert proved < 1e-3 * (1 + alpha) or moved == 1e-3


def test_a_rank_that_weights_hide_is_that_of_the_rows():
    """Powers of x near 93669 depend on each other to working precision; weights over ten orders blur where."""
    x = [93669.55760024734, 93669.56886479803, 93669.51308374904, 93669.53114742434, 93669.50800585335]
    x = np.array(x)[:, None]
    weight = [1.327877889586598e-06, 47016.93800676115, 70420.21249941201, 4.679809017114772e-05, 0.07751237100176818]
    weight = np.array(weight)
    y = np.array([0.2, 0.3, 0.2, -0.1, -0.5])
    model = fitted(LinearRegression(degree=3), x, y, weight)
    assert model.certificate_.claim("identification").value == 3
    assert not verify(model, x, y, weight).refuted


@pytest.mark.parametrize(("rows", "columns", "offset"), [(300, 60, 1000), (1000, 150, 200), (2000, 100, 8000)])
def test_columns_far_off_zero_are_checked_as_sharply_as_they_are_solved(rows, columns, offset):
    rng = np.random.default_rng(0)
    X = rng.standard_normal((rows, columns)) + offset
    y = X[:, 1] + rng.standard_normal(rows)
    model = LinearRegression().fit(X, y)
    assert model.certificate_.verdict("gap") == "CERTIFIED"
    assert not verify(model, X, y).refuted


def test_a_residual_next_to_nothing_has_no_ratio():
    """Scores of 700 to 745 leave residuals below 2⁻¹⁰²², which have few bits."""
    rng = np.random.default_rng(0)
    X = np.column_stack([rng.lognormal(10.5, 1.5, 3000), rng.lognormal(8, 1.5, 3000)])
    y = X @ [1.0, 3.0] > 6e4
    model = LogisticRegression(C=1e3, l1_ratio=1.0).fit(X, y)
    assert model.certificate_.verdict("gap") == "CERTIFIED"
    assert not verify(model, X, y).refuted


def test_counts_of_rows_that_are_all_zero_are_checked_without_a_warning():
    rng = np.random.default_rng(0)
    X = np.eye(4)[rng.integers(0, 4, 60)][:, 1:]
    y = rng.poisson(1 + X @ [1, 2, 3.0]).astype(float)
    model = PoissonRegressor(alpha=0.1, fit_intercept=False).fit(X, y)
    assert not verify(model, X, y).refuted


def test_independence_that_weights_hide_is_that_of_the_rows():
    rng = np.random.default_rng(1)
    X = rng.standard_normal((1500, 30))
    y = X @ rng.choice([-1, 1, 0, 3], 30) + rng.logistic(size=1500) > 0
    weight = np.where(rng.random(1500) < 0.015, 1e12, 1.0)
    model = fitted(LogisticRegression(C=1.0), X, y, weight)
    claim = model.certificate_.claim("identification")
    assert (claim.verdict, claim.value) == ("CERTIFIED", 31)
    assert not verify(model, X, y, weight).refuted
    model.certificate_ = dataclasses.replace(
        model.certificate_,
        claims=tuple(
            dataclasses.replace(each, value=30) if each is claim else each for each in model.certificate_.claims
        ),
    )
    assert verify(model, X, y, weight).refuted
