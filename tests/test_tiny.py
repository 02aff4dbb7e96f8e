"""The smoke suite: one question to each room of the house, in seconds (`make smoke`)."""

import numpy as np
import pytest

from infimum import Lasso, LogisticRegression, Squared, minimise, verify
from infimum.files.model_file import read_model, write_model
from infimum.losses.logistic import Logistic
from infimum.models.linear import Linear
from infimum.objective import LikelihoodObjective
from infimum.penalties import ElasticNet
from infimum.tables import Column, Table, text_column
from infimum.tables.encode import fit_encoder

X = np.array([[0.0, 1.0], [1.0, -1.0], [2.0, 0.5], [3.0, 2.0], [4.0, -0.5], [5.0, 1.5]])
Y = np.array([1.0, 2.5, 5.5, 7.0, 9.5, 10.5])


def table(n=60):
    rng = np.random.default_rng(0)
    a, colour = rng.standard_normal(n), rng.choice(["red", "blue"], n)
    y = 2 * a + (colour == "red") + 0.1 * rng.standard_normal(n)
    return Table(
        "tiny.csv", (Column("a", "number", a), text_column("colour", colour.tolist()), Column("y", "number", y))
    )


def test_loss():
    assert Logistic().gradient(np.zeros(1), np.ones(1))[0] == -0.5
    assert Squared().value(np.array([3.0]), np.array([1.0]))[0] == 2.0


def test_penalty():
    np.testing.assert_array_equal(ElasticNet(l1=1.0).prox(np.array([3.0, -0.5]), 1.0), [2, 0])


def test_objective():
    F = LikelihoodObjective.of(Linear(X), Squared(), ElasticNet(l2=0.1), Y)
    w, v, step = np.ones(3), np.array([1.0, -1.0, 2.0]), 1e-6
    smooth = [F.value(w + t * v) - F.penalty.value(w + t * v) for t in (step, -step)]
    assert F.gradient(w) @ v == pytest.approx((smooth[0] - smooth[1]) / (2 * step), rel=1e-7)


@pytest.mark.parametrize("solver", ["direct", "newton", "gradient"])
def test_solver_and_certificate(solver):
    solution = minimise(Squared(), ElasticNet(), X, Y, solver=solver)
    expected = np.linalg.lstsq(np.column_stack([X, np.ones(6)]), Y, rcond=None)[0]
    np.testing.assert_allclose(solution.params, expected, rtol=1e-8)
    assert solution.certificate.verdict("gap") == "CERTIFIED"


def test_estimators_and_verify():
    lasso = Lasso(0.1).fit(X, Y)
    assert not verify(lasso, X, Y).refuted and "CERTIFIED" in str(lasso.summary())
    lasso.coef_ = lasso.coef_ * (1 + 1e-6)
    assert verify(lasso, X, Y).refuted
    model = LogisticRegression().fit(X, ["no", "yes", "no", "no", "yes", "yes"])
    assert (
        set(model.predict(X)) <= {"no", "yes"} and not verify(model, X, ["no", "yes", "no", "no", "yes", "yes"]).refuted
    )


def test_encoder():
    encoder = fit_encoder(table(), ("a", "colour"), None)
    encoded = encoder.encode(table())
    assert encoded.shape == (60, len(encoder.names)) and np.all(np.isfinite(encoded))


def test_model_file(tmp_path):
    arrays = {"params": np.array([1.0, -0.0])}
    write_model(tmp_path / "model.safetensors", arrays, {"loss": "squared"})
    read, document = read_model(tmp_path / "model.safetensors")
    np.testing.assert_array_equal(read["params"], arrays["params"])
    assert document["loss"] == "squared"


def test_ladder(monkeypatch, tmp_path):
    import infimum.ladder.climb as climbing
    from infimum.verify import verify_file
    from tests.linear_rungs import use_linear_rungs

    use_linear_rungs(monkeypatch)
    climb = climbing.climb(table(), "y")
    assert climb.report["chosen"] == "least squares"
    write_model(tmp_path / "model.safetensors", climb.arrays, climb.document)
    assert not verify_file(tmp_path / "model.safetensors", table()).refuted
