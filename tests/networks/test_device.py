"""device: on an accelerator that is pretended (`elsewhere.py`), the same fits as on the processor; what is refused."""

import copy

import numpy as np
import pytest
from sklearn.base import clone

pytest.importorskip("torch")

import torch
from torch import nn

from infimum import (
    MLPClassifier,
    MLPPoissonRegressor,
    MLPRegressor,
    NetworkOptions,
    TabularClassifier,
    TabularRegressor,
    fit_network,
)
from infimum.networks import device as named
from infimum.solvers import engine
from tests.networks.elsewhere import DEVICE, Elsewhere, Machine

rng = np.random.default_rng(0)
X = np.column_stack([rng.normal(size=(300, 3)), rng.integers(0, 2, 300)])
WAVE = np.sin(2 * X[:, 0]) + X[:, 1] * X[:, 3]
FITS = {
    "perceptron": (MLPRegressor((16, 8), max_iter=12), WAVE),
    "classes": (MLPClassifier((16,), activation="silu", max_iter=12), np.digitize(WAVE, [-0.5, 0.5])),
    "counts": (MLPPoissonRegressor((16,), activation="tanh", max_iter=12), np.round(np.exp(WAVE))),
    "dropout": (MLPRegressor((16,), dropout=0.2, max_iter=12), WAVE),
    "table": (TabularRegressor((16,), dropout=0.2, max_iter=6), WAVE),
    "codes": (TabularClassifier((16,), dropout=0.0, max_iter=6), np.digitize(WAVE, [-0.5, 0.5])),
}


class Anchored(nn.Module):
    """Scores of three classes from how far a row is from points that are not trained."""

    def __init__(self):
        super().__init__()
        self.register_buffer("points", torch.linspace(-1, 1, 20).reshape(5, 4))
        self.head = nn.Sequential(nn.Linear(5, 8), nn.Tanh(), nn.Dropout(0.1), nn.Linear(8, 3))

    def forward(self, x):
        return self.head(torch.cdist(x, self.points))


class Numbers(torch.Generator):
    """The processor's random numbers, whatever device they are for."""

    def __new__(cls, device="cpu"):
        return super().__new__(cls, "cpu")


@pytest.fixture
def accelerator(monkeypatch):
    """DEVICE may be asked for by the name "there", its random numbers those of the processor.

    On the processor steps are taken one by one, as they are there.
    """
    monkeypatch.setattr(engine.Compiled, "of", lambda *_: None)
    known, forked = named.device_named, torch.random.fork_rng
    monkeypatch.setattr(named, "device_named", lambda name: DEVICE if name == "there" else known(name))
    monkeypatch.setattr(torch, "Generator", Numbers)
    monkeypatch.setattr(torch.random, "fork_rng", lambda devices, device_type: forked([]))
    with Machine():
        yield


@pytest.mark.parametrize("name", FITS)
def test_the_fit_is_that_of_the_processor(name, accelerator):
    model, y = FITS[name]
    here = clone(model).set_params(precision="float32").fit(X, y)
    there = clone(model).set_params(device="there").fit(X, y)
    assert np.allclose(here.params_, there.params_, rtol=1e-4, atol=1e-5)
    curves = ([reading.curvature for reading in each.trace_.readings] for each in (here, there))
    assert np.allclose(*curves, rtol=1e-2) and there.trace_.readings[-1].curvature != 0
    assert np.allclose(here.loss_curve_, there.loss_curve_, rtol=1e-4)
    assert here.trace_.facts["device"] == "cpu" and there.trace_.facts["device"] == "there"


def test_a_module_goes_there_and_comes_back(accelerator):
    torch.manual_seed(0)
    module, y = Anchored(), np.digitize(WAVE, [-0.5, 0.5])
    before = copy.deepcopy(module.state_dict())
    here, there = (
        fit_network(module, "multinomial", 1e-3, X, y, NetworkOptions(max_iter=8, device=device))
        for device in ("cpu", "there")
    )
    assert np.allclose(here.params, there.params, rtol=1e-4, atol=1e-5)
    assert {each.device.type for each in there.module.state_dict().values()} == {"cpu"}
    assert all(torch.equal(each, before[key]) for key, each in module.state_dict().items())
    assert np.array_equal(here.predict(X), there.predict(X))


def test_the_pretence_tells_two_memories_apart(accelerator):
    far = torch.ones(3).to(DEVICE)
    assert isinstance(far, Elsewhere) and torch.equal((far + far).cpu(), torch.full((3,), 2.0))
    with pytest.raises(RuntimeError, match="elsewhere"):
        far + torch.ones(3)
    with pytest.raises(RuntimeError, match="numpy"):
        far.numpy()


def test_parts_go_there_too(accelerator):
    here, there = (MLPRegressor((8,), precision="float32", device=device) for device in ("cpu", "there"))
    for _ in range(2):
        here.partial_fit(X, WAVE)
        there.partial_fit(X, WAVE)
    assert np.array_equal(here.params_, there.params_)


@pytest.mark.parametrize(
    ("device", "why"),
    [("tpu", "expected 'cpu', or an accelerator"), ("meta", "cannot compute"), (3.5, "expected 'cpu'")],
)
def test_a_device_that_is_not_here_is_refused_before_any_step(device, why):
    with pytest.raises(ValueError, match=f"device = {device!r}.*{why}"):
        MLPRegressor((8,), device=device).fit(X, WAVE)
    if not torch.cuda.is_available():
        with pytest.raises(ValueError, match="device = 'cuda': torch cannot compute on it here.*here is 'cpu'"):
            TabularRegressor((8,), device="cuda").fit(X, WAVE)


def test_full_batch_fits_are_the_processors():
    with pytest.raises(ValueError, match="device = 'cuda' there are with 'adamw' alone"):
        MLPRegressor((8,), solver="full-batch", device="cuda").fit(X, WAVE)
