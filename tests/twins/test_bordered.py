"""[X 1] with its ones not written: every pass over the rows is that of the array."""

import numpy as np
import pytest

from infimum.certificates.fingerprint import fingerprint_of
from infimum.certificates.metric import gram
from infimum.kernels.bordered import Bordered, dense, written
from infimum.kernels.compensated import product_of, pull_of, reach_of
from infimum.losses import Logistic, Poisson, Squared
from infimum.models.linear import Linear
from infimum.objective import LikelihoodObjective
from infimum.penalties import ElasticNet


def tables(n, p):
    X = np.random.default_rng(p).standard_normal((n, p))
    return Bordered(X), np.column_stack([X, np.ones(n)])


@pytest.mark.parametrize("shape", [(0, 2), (1, 0), (5, 3), (40, 15), (7, 16), (60_001, 9)])
def test_passes_are_those_of_the_array(shape):
    bordered, A = tables(*shape)
    rng = np.random.default_rng(1)
    w, u, z0, d = rng.standard_normal(A.shape[1]), *rng.standard_normal((2, len(A))), rng.uniform(0, 1, len(A))
    assert bordered.shape == A.shape and len(bordered) == len(A)
    np.testing.assert_array_equal(dense(bordered), A)
    np.testing.assert_array_equal(written(bordered), A[:, :-1])
    pairs = [
        *zip(product_of(bordered, w, z0)[::2], product_of(A, w, z0)[::2], strict=True),
        *zip(pull_of(bordered, u, d * 1e-17, d), pull_of(A, u, d * 1e-17, d), strict=True),
        (reach_of(bordered, np.abs(w)), reach_of(A, np.abs(w))),
        (gram(bordered, d), (A.T * d) @ A),
    ]
    for found, twin in pairs:
        np.testing.assert_allclose(found, twin, rtol=1e-12, atol=1e-11)
    y = (rng.random(len(A)) < 0.5) * 1.0
    for loss in (Logistic(), Poisson()):
        for found, twin in zip(loss.over(bordered, w, z0, y, d), loss.over(A, w, z0, y, d), strict=True):
            np.testing.assert_allclose(found, twin, rtol=1e-12, atol=1e-11)


@pytest.mark.parametrize("shape", [(6, 3), (60_001, 9)])
def test_of_several_outputs(shape):
    bordered, A = tables(*shape)
    rng = np.random.default_rng(2)
    W, U = rng.standard_normal((A.shape[1], 2)), rng.standard_normal((len(A), 2))
    np.testing.assert_allclose(product_of(bordered, W, 0 * U)[0], A @ W, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(pull_of(bordered, U)[0], (A.T @ U).ravel(), rtol=1e-10, atol=1e-10)


def test_what_rounding_takes_from_the_column_of_ones_is_kept():
    bordered, A = Bordered(np.array([[1e16]])), np.array([[1e16, 1.0]])
    for found, twin in zip(
        product_of(bordered, np.ones(2), -np.full(1, 1e16)), product_of(A, np.ones(2), -np.full(1, 1e16)), strict=True
    ):
        np.testing.assert_array_equal(found, twin)
    high = pull_of(Bordered(np.zeros((3, 1))), np.array([1e16, 1.0, -1e16]))[0]
    np.testing.assert_array_equal(high, [0.0, 1.0])


@pytest.mark.parametrize("order", ["C", "F"])
def test_a_linear_model_is_the_same_data_however_it_is_laid_out(order):
    X, y = np.random.default_rng(3).standard_normal((9, 2)), np.arange(9.0)
    marks = [fingerprint_of(LikelihoodObjective.of(Linear(Z), Squared(), ElasticNet(), y)) for Z in (X, X.copy(order))]
    assert marks[0] == marks[1]
    assert isinstance(Linear(X).table(), Bordered) and not isinstance(Linear(X, intercept=False).table(), Bordered)
    np.testing.assert_array_equal(Linear(X).jacobian(np.zeros(3)), np.column_stack([X, np.ones(9)]))
