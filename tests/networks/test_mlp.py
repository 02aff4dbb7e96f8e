"""MLPClassifier and MLPRegressor: scikit-learn's contract, the objective they name, the evidence on data as given."""

import sys
from importlib.util import find_spec

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.utils.estimator_checks import check_estimator

from infimum.estimators.linear import Ridge
from infimum.estimators.logistic import LogisticRegression
from infimum.estimators.mlp import MLPClassifier, MLPRegressor
from infimum.estimators.mlp_poisson import MLPPoissonRegressor
from infimum.estimators.poisson import PoissonRegressor
from infimum.estimators.standardised import weighted_set
from infimum.losses.logistic import Logistic
from infimum.losses.poisson import Poisson
from infimum.losses.squared import Squared
from infimum.models.perceptron import Perceptron
from infimum.objective import LikelihoodObjective
from infimum.verify import verify

needs_torch = pytest.mark.skipif(find_spec("torch") is None, reason="torch is not installed")
ESTIMATORS = [MLPRegressor, MLPClassifier]
SOLVERS = [pytest.param("adamw", marks=needs_torch), "full-batch"]

every_estimator = pytest.mark.parametrize("make", ESTIMATORS)
every_solver = pytest.mark.parametrize("solver", SOLVERS)


def drawn(make, n=150, seed=0):
    """(X, y, s): columns and target of unlike scales, integer weights with zeros."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, 3)) * np.array([1.0, 100.0, 0.01]) + np.array([0.0, 2000.0, 5.0])
    z = np.sin(X[:, 0]) + (X[:, 1] - 2000) / 100 * (X[:, 2] - 5) * 100 + 0.3 * rng.standard_normal(n)
    y = 50 * z + 300 if make is MLPRegressor else np.where(z > 0, "yes", "no")
    return X, y, rng.integers(0, 4, n)


@every_estimator
@pytest.mark.parametrize("solver", [pytest.param("auto", marks=needs_torch), *SOLVERS])
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
def test_the_contract_of_scikit_learn(make, solver):
    check_estimator(make((16,), solver=solver))


@every_estimator
@every_solver
def test_a_weight_is_a_repetition_and_order_does_not_matter(make, solver):
    X, y, s = drawn(make)
    weighted = make((8,), solver=solver, max_iter=20).fit(X, y, sample_weight=s)
    order = np.random.default_rng(1).permutation(s.sum())
    repeated = make((8,), solver=solver, max_iter=20).fit(X.repeat(s, axis=0)[order], y.repeat(s)[order])
    assert np.array_equal(weighted.params_, repeated.params_)


@every_estimator
@every_solver
def test_the_evidence_is_about_the_data_as_given(make, solver):
    X, y, s = drawn(make)
    model = make((8, 4), solver=solver, alpha=0.5, activation="tanh", max_iter=30).fit(X, y, sample_weight=s)
    target = y if make is MLPRegressor else (y == model.classes_[1]).astype(float)
    rows, targets, weight = weighted_set(X, target, s)
    loss = Squared() if make is MLPRegressor else Logistic()
    F = LikelihoodObjective.of(Perceptron(rows, (8, 4), "tanh"), loss, model.penalty_, targets, weight)
    np.testing.assert_allclose(model.loss_, F.value(model.params_), rtol=1e-12)
    slope = F.gradient(model.params_) + model.penalty_.l2 * model.params_
    np.testing.assert_allclose(model.certificate_.claim("stationarity").value, np.abs(slope).max(), rtol=1e-9)
    assert model.certificate_.verdict("gap") == "UNAVAILABLE"
    h = X
    for W, b in list(zip(model.coefs_, model.intercepts_, strict=True))[:-1]:
        h = np.tanh(h @ W + b)
    z = (h @ model.coefs_[-1] + model.intercepts_[-1])[:, 0]
    np.testing.assert_allclose(z, model.predict(X) if make is MLPRegressor else model.decision_function(X), rtol=1e-9)
    assert model.n_iter_ == len(model.loss_curve_) and model.certificate_.n == len(rows)


@every_estimator
def test_f_on_data_as_given_is_f_on_the_standardised_in_other_units(make):
    X, y, s = drawn(make)
    model = make((5, 3), solver="full-batch", alpha=2.0, max_iter=15).fit(X, y, sample_weight=s)
    np.testing.assert_allclose(model.loss_, min(model.loss_curve_), rtol=0.05)
    used = s > 0
    mean = np.average(X[used], axis=0, weights=s[used])
    scale = np.sqrt(np.average((X[used] - mean) ** 2, axis=0, weights=s[used]))
    spread = 1.0
    if make is MLPRegressor:
        spread = np.sqrt(np.average((y[used] - np.average(y[used], weights=s[used])) ** 2, weights=s[used]))
    inside = [model.coefs_[0] * scale[:, None], *model.coefs_[1:-1], model.coefs_[-1] / spread]
    penalty = spread**2 * 0.5 * 2.0 / s.sum() * sum(float(np.sum(W * W)) for W in inside)
    np.testing.assert_allclose(model.penalty_.value(model.params_), penalty, rtol=1e-9)


def test_without_a_hidden_layer_it_is_the_linear_model_and_proves_it():
    X, y, s = drawn(MLPRegressor)
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    network = MLPRegressor((), alpha=0.0).fit(X, y, sample_weight=s)
    linear = Ridge(alpha=0.0).fit(X, y, sample_weight=s)
    np.testing.assert_allclose(network.coefs_[0].ravel(), linear.coef_, rtol=1e-8)
    assert network.certificate_.verdict("gap") == "CERTIFIED"
    X, y, s = drawn(MLPClassifier)
    network = MLPClassifier((), alpha=0.0).fit(X, y, sample_weight=s)
    linear = LogisticRegression(C=np.inf).fit(X, y, sample_weight=s)
    np.testing.assert_allclose(network.predict_proba(X), linear.predict_proba(X), rtol=1e-6)
    assert network.certificate_.verdict("gap") == "CERTIFIED"
    several = (y == y[0]).astype(int) + (X[:, 0] > X[::-1, 0])
    network = MLPClassifier((), alpha=1.0).fit(X, several, sample_weight=s)
    assert len(network.classes_) == 3 and network.certificate_.verdict("gap") == "CERTIFIED"
    assert network.certificate_.verdict("parameters") == "CERTIFIED"


OTHER = {
    "hidden_layer_sizes": (5,), "activation": "tanh", "solver": "full-batch", "alpha": 10.0, "batch_size": 7,
    "learning_rate": "constant", "learning_rate_init": 0.1, "max_iter": 3, "tol": 0.5, "early_stopping": False,
    "validation_fraction": 0.5,
    "n_iter_no_change": 1, "dropout": 0.3, "precision": "bfloat16", "init": "greedy", "random_state": 5,
}  # fmt: skip
OF_CLASSES = {"class_weight": "balanced", "label_smoothing": 0.2}


@needs_torch
@every_estimator
def test_no_parameter_is_accepted_and_ignored(make):
    X, y, _ = drawn(make)
    plain = make((8,), max_iter=60, n_iter_no_change=4)
    other = OTHER | (OF_CLASSES if make is MLPClassifier else {})
    assert set(other) == set(plain.get_params()) - {
        "checkpoint",
        "device",
        "n_init",
        "remedy",
        "warm_start",
    }  # test_checkpoint.py, test_device.py, test_greedy.py, test_remedies.py, test_warm_start.py
    before = plain.fit(X, y)
    for name, value in other.items():
        after = clone(plain).set_params(**{name: value}).fit(X, y)
        assert before.n_iter_ != after.n_iter_ or not np.array_equal(before.params_, after.params_), name


@every_estimator
@pytest.mark.parametrize(
    "given",
    [
        {"solver": "sgd"}, {"activation": "logistic"}, {"hidden_layer_sizes": (3, 0)}, {"alpha": -1.0}, {"max_iter": 0},
        {"tol": -1.0}, *([{"batch_size": 0}, {"learning_rate_init": 0}, {"learning_rate": "fast"},
        {"validation_fraction": 1.5}, {"n_iter_no_change": 0}, {"dropout": 1.0}, {"dropout": "half"},
        {"precision": "float16"}] if find_spec("torch") else []),
    ],
)  # fmt: skip
def test_a_parameter_out_of_range_is_refused_by_name(make, given):
    X, y, _ = drawn(make)
    with pytest.raises(ValueError, match="expected|there are"):
        make(**{"solver": "adamw" if find_spec("torch") else "full-batch", "max_iter": 2} | given).fit(X, y)


def test_several_classes_have_scores_that_add_up_to_nothing(monkeypatch):
    X, _, _ = drawn(MLPClassifier)
    y = np.digitize(X[:, 0], np.quantile(X[:, 0], [0.33, 0.67]))
    model = MLPClassifier((6,), solver="full-batch", max_iter=300, tol=1e-3).fit(X, y)
    scores, p = model.decision_function(X), model.predict_proba(X)
    assert scores.shape == p.shape == (len(X), 3) and model.coefs_[-1].shape == (6, 2)
    np.testing.assert_allclose(scores.sum(axis=1), 0, atol=1e-12 * np.abs(scores).max())
    np.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-14)
    np.testing.assert_allclose(np.log(p), model.predict_log_proba(X), atol=1e-10)
    assert model.score(X, y) > 0.8 and not verify(model, X, y).refuted


def test_one_class_is_refused():
    X, y, s = drawn(MLPClassifier)
    with pytest.raises(ValueError, match="one class"):
        MLPClassifier().fit(X, y, sample_weight=(y == "yes").astype(float))


def torch_gone(name):
    raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def test_without_torch_the_message_says_what_to_install_and_full_batch_works(monkeypatch):
    X, y, _ = drawn(MLPRegressor)
    monkeypatch.setattr("infimum.networks.import_module", torch_gone)
    monkeypatch.delitem(sys.modules, "infimum.networks.dense", raising=False)
    with pytest.raises(ImportError, match=r"pip install 'infimum\[networks\]'"):
        MLPRegressor().fit(X, y)
    assert MLPRegressor((8,), solver="full-batch", max_iter=30).fit(X, y).score(X, y) > 0.5


def test_the_summary_names_the_layers_and_the_claims():
    X, y, _ = drawn(MLPRegressor)
    text = MLPRegressor((8,), solver="full-batch", max_iter=5).fit(X, y).summary()
    assert "3 → 8 → 1, relu" in text and "UNAVAILABLE  gap" in text and "stationarity" in text


def counted(n=150):
    X, y, s = drawn(MLPRegressor, n)
    return X, np.floor(np.exp(y / 100)), s


@every_solver
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
def test_a_network_of_counts_keeps_the_contract_of_scikit_learn(solver):
    check_estimator(MLPPoissonRegressor((16,), solver=solver))


@every_solver
def test_the_evidence_of_a_network_of_counts_is_about_the_data_as_given(solver):
    X, y, s = counted()
    model = MLPPoissonRegressor((8, 4), solver=solver, alpha=0.5, activation="tanh", max_iter=30)
    model.fit(X, y, sample_weight=s)
    rows, targets, weight = weighted_set(X, y, s)
    F = LikelihoodObjective.of(Perceptron(rows, (8, 4), "tanh"), Poisson(), model.penalty_, targets, weight)
    np.testing.assert_allclose(model.loss_, F.value(model.params_), rtol=1e-12)
    slope = F.gradient(model.params_) + model.penalty_.l2 * model.params_
    np.testing.assert_allclose(model.certificate_.claim("stationarity").value, np.abs(slope).max(), rtol=1e-9)
    z = F.model.rows(slice(None))(model.params_)
    np.testing.assert_allclose(np.exp(z), model.predict(rows), rtol=1e-9)
    if solver == "full-batch":
        np.testing.assert_allclose(model.loss_, min(model.loss_curve_), rtol=0.05)


def test_the_fit_of_counts_does_not_depend_on_their_unit():
    X, y, _ = counted(80)
    one, other = (MLPPoissonRegressor((4,), solver="full-batch", max_iter=10).fit(X, c * y) for c in (1.0, 1024.0))
    np.testing.assert_allclose(other.predict(X), 1024 * one.predict(X), rtol=1e-6)


def test_a_network_of_counts_without_a_hidden_layer_is_poisson_regression():
    X, y, s = counted()
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    network = MLPPoissonRegressor((), alpha=0.0).fit(X, y, sample_weight=s)
    linear = PoissonRegressor(alpha=0.0).fit(X, y, sample_weight=s)
    np.testing.assert_allclose(network.predict(X), linear.predict(X), rtol=1e-6)
    assert network.certificate_.verdict("gap") == "CERTIFIED"
    for wrong, said in ((y - 100, "takes finite numbers ≥ 0"), (0 * y, "y is 0 in every row")):
        with pytest.raises(ValueError, match=said):
            MLPPoissonRegressor((4,)).fit(X, wrong)


@needs_torch
def test_class_weights_multiply_those_of_the_rows():
    X, y, s = drawn(MLPClassifier)
    heavy = np.where(y == y[0], 3.0, 1.0)
    told = MLPClassifier((6,), max_iter=8, class_weight={y[0]: 3.0}).fit(X, y, sample_weight=s)
    given = MLPClassifier((6,), max_iter=8).fit(X, y, sample_weight=s * heavy)
    assert np.array_equal(told.params_, given.params_) and told.loss_ == given.loss_
    assert not verify(told, X, y, sample_weight=s).refuted
    told.problem_ = {**told.problem_, "class_weight": [1.0, 1.0]}
    assert verify(told, X, y, sample_weight=s).refuted


@needs_torch
def test_smoothed_labels_make_it_less_sure():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((400, 3))
    y = X[:, 0] + X[:, 1] ** 2 > 0.5
    sure, smoothed = (
        MLPClassifier((16,), max_iter=60, label_smoothing=share, early_stopping=False).fit(X, y) for share in (0.0, 0.2)
    )
    assert np.median(sure.predict_proba(X).max(axis=1)) > 0.98
    assert 0.85 < np.median(smoothed.predict_proba(X).max(axis=1)) < 0.95  # a label is 0.9 and 0.1
    assert (smoothed.predict(X) == y).mean() > 0.95


@pytest.mark.parametrize("given", [{"dropout": 0.1}, {"label_smoothing": 0.1}])
def test_what_full_batch_cannot_do_is_refused(given):
    X, y, _ = drawn(MLPClassifier)
    with pytest.raises(ValueError, match="solver = 'full-batch' minimises F itself; .* with 'adamw' alone"):
        MLPClassifier((3,), solver="full-batch", **given).fit(X, y)
