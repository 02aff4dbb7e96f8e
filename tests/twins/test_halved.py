"""Layers in bfloat16: bits as torch rounds them, and the steps of the compiled epoch, to eight bits."""

import numpy as np
import pytest

from infimum import MLPRegressor
from infimum.kernels import halves
from infimum.losses import Logistic, Poisson, Squared
from infimum.losses.multinomial import Multinomial
from infimum.models.perceptron import Perceptron
from infimum.objective import LikelihoodObjective
from infimum.penalties.elastic_net import ElasticNet
from infimum.solvers.compiled import Compiled
from infimum.solvers.halved import FEWEST, LEAST, Halved, Wide
from infimum.solvers.training import Training

torch = pytest.importorskip("torch")
trained = pytest.importorskip("infimum.networks.trained")

EIGHT = 2.0**-8  # half a unit in the last of eight bits, as a part of the number
rng = np.random.default_rng(0)
X = rng.standard_normal((301, 5))
TARGETS = {
    "squared": (Squared(), np.sin(2 * X[:, 0])),
    "logistic": (Logistic(), (X[:, 0] * X[:, 1] > 0).astype(float)),
    "poisson": (Poisson(), rng.poisson(np.exp(X[:, 2])).astype(float)),
    "multinomial": (Multinomial(4), rng.integers(0, 4, len(X)).astype(float)),
}


def problem(name, hidden=(16, 12)):
    loss, y = TARGETS[name]
    model = Perceptron(X, hidden, "relu", loss.outputs)
    return LikelihoodObjective.of(model, loss, ElasticNet(l2=0.01), y, np.random.default_rng(1).integers(1, 4, len(X)))


def epoch_of(whole, F, lengths, seed=3):
    """(Σ, w, g, w before the last step) of an epoch of so many steps."""
    P = F.model.layout.size
    start = 0.3 * np.random.default_rng(4).standard_normal(P)
    arrays = [start, np.zeros(P), np.zeros(P), np.where(F.model.layout.free, 0.0, 0.01), np.zeros(P), np.zeros(P)]
    tensors = tuple(each.astype(np.float32) for each in arrays)
    rows = X.astype(np.float32), F.loss.shares(F.y).astype(np.float32), (len(lengths) * F.weight).astype(np.float32)
    steps = np.array(lengths), 7, 0.9, 0.999, 1e-8
    total = whole.epoch(rows, np.random.default_rng(5).permutation(len(X)), tensors, seed, steps)
    return total, tensors[0], tensors[4], tensors[5]


def test_numbers_are_rounded_as_torch_rounds_them():
    bits = np.random.default_rng(2).integers(0, 2**32, 100_000, dtype=np.uint32)
    special = [0, 1 << 31, 0x7F800000, 0xFF800000, 0x7FC00000, 0x7F800001, 0xFFFFFFFF, 0x7F7FFFFF, 1, 0x8000, 0x18000]
    a = np.concatenate([bits, np.array(special, dtype=np.uint32)]).view(np.float32)
    out, back = np.empty(len(a), np.uint16), np.empty_like(a)
    halves.halve(a, out)
    halves.widen(out, back)
    assert np.array_equal(back, torch.from_numpy(a).bfloat16().float().numpy(), equal_nan=True)


def test_a_wide_layer_multiplies_the_rounded_numbers():
    draw = np.random.default_rng(3)
    h, W, r = (draw.standard_normal(shape).astype(np.float32) for shape in ((40, 30), (30, 20), (40, 20)))
    z, slope, back = (np.empty(shape, np.float32) for shape in ((40, 20), (30, 20), (40, 30)))
    layer = Wide.of(torch, 40, 30, 20)
    layer.forward(h, W, z)
    layer.backward(h, W, r, (slope, back))
    h, W, r = (torch.from_numpy(each).bfloat16().double().numpy() for each in (h, W, r))
    for found, a, b in ((z, h, W), (slope, h.T, r), (back, r, W.T)):
        assert np.all(abs(found - a @ b) <= 1.01 * EIGHT * abs(a @ b) + 1e-5 * (abs(a) @ abs(b)))


@pytest.mark.parametrize("dropout", [0.0, 0.25])
@pytest.mark.parametrize("name", TARGETS)
def test_without_a_wide_layer_an_epoch_is_the_compiled_one(name, dropout):
    F = problem(name)
    compiled = Compiled.of(F, Training(dropout=dropout))
    both = (epoch_of(whole, F, (0.02, 0.01, 0.005)) for whole in (Halved(compiled, np.inf, torch), compiled))
    for found, expected in zip(*both, strict=True):
        assert np.allclose(found, expected, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("name", TARGETS)
def test_with_wide_layers_it_is_so_to_eight_bits(name):
    F = problem(name)
    compiled = Compiled.of(F, Training())
    found, expected = (epoch_of(whole, F, (0.02,)) for whole in (Halved(compiled, 0.0, torch), compiled))
    assert found[0] == pytest.approx(expected[0], rel=2 * EIGHT)
    assert 0 < np.linalg.norm(found[2] - expected[2]) < 4 * EIGHT * np.linalg.norm(expected[2])
    assert np.array_equal(found[3], expected[3])


@pytest.mark.parametrize(
    ("hidden", "training", "multiplied", "expected"),
    [
        ((256, 256), Training(), "vectors", True),
        ((256, 256), Training(), "tiles", True),
        ((256, 256), Training(), "not at all", False),
        ((256, 255), Training(), "vectors", False),  # no layer is wide on both sides
        ((1024,), Training(), "vectors", False),
        ((256, 256), Training(precision="float32"), "vectors", False),
        ((8,), Training(precision="bfloat16"), "not at all", True),
        ((256, 256), Training(batch_size=FEWEST - 1), "vectors", False),
        ((512, 512), Training(batch_size=FEWEST), "vectors", True),
    ],
)
def test_which_networks_have_layers_to_halve(hidden, training, multiplied, expected, monkeypatch):
    monkeypatch.setattr(trained, "multiplied", lambda: multiplied)
    assert (Halved.of(torch, problem("multinomial", hidden), training) is not None) == expected
    assert set(LEAST) == set(trained.WIDE)


def test_networks_of_other_curves_have_not():
    loss, y = TARGETS["squared"]
    F = LikelihoodObjective.of(Perceptron(X, (512, 512), "tanh"), loss, ElasticNet(), y)
    assert Halved.of(torch, F, Training(precision="bfloat16")) is None


def test_a_training_in_bfloat16_fits_as_well_and_is_the_same_each_time():
    y = np.sin(2 * X[:, 0]) + X[:, 1]
    how = {"solver": "adamw", "max_iter": 60, "early_stopping": False, "random_state": 0, "alpha": 1e-6}
    fits = [MLPRegressor((32, 32), precision=each, **how).fit(X, y) for each in ("float32", "bfloat16", "bfloat16")]
    errors = [np.sqrt(np.mean((y - fit.predict(X)) ** 2)) for fit in fits]
    assert errors[1] < 1.3 * errors[0] + 0.02
    assert errors[1] == errors[2] != errors[0]
