"""A torch module of somebody's own: the same derivatives, monitors and evidence; the same bits; what is refused."""

import numpy as np
import pytest

pytest.importorskip("torch")

import torch
from torch import nn

from infimum import NetworkOptions, fit_network, load_network
from infimum.files.model_file import ModelFileError, write_model
from infimum.ladder.fitted import Fitted
from infimum.losses.squared import Squared
from infimum.models.perceptron import Perceptron
from infimum.networks.module import Module
from infimum.objective import LikelihoodObjective
from infimum.penalties.elastic_net import ElasticNet
from infimum.solvers.checkpoint import Course
from infimum.solvers.engine import Engine
from infimum.solvers.training import Training

rng = np.random.default_rng(0)
X = rng.uniform(-1, 1, (300, 3))
Y = np.sin(3 * X[:, 0]) + X[:, 1] * X[:, 2]
BRIEF = NetworkOptions(max_iter=15)


def network(*sizes, seed=0, **inside):
    """A perceptron of relu units, or what stands between its layers."""
    torch.manual_seed(seed)
    pairs = zip(sizes[:-1], sizes[1:], strict=True)
    layers = [each for into, out in pairs for each in (nn.Linear(into, out), inside.get("curve", nn.ReLU)())]
    return nn.Sequential(*layers[:-1])


class Image(nn.Module):
    """Convolution, normalisation, a curve, dropout and a head: scores of classes from (n, 1, 6, 6)."""

    def __init__(self, classes=3):
        super().__init__()
        self.conv, self.norm, self.curve = nn.Conv2d(1, 4, 3), nn.GroupNorm(2, 4), nn.GELU()
        self.drop, self.head = nn.Dropout(0.2), nn.Linear(64, classes)

    def forward(self, x):
        return self.head(self.drop(self.curve(self.norm(self.conv(x)))).flatten(1))


def images():
    pictures = np.random.default_rng(1).uniform(-1, 1, (240, 1, 6, 6))
    return pictures, np.array(["dark", "grey", "light"])[np.digitize(pictures[:, 0, 2:4, 2:4].sum((1, 2)), [-0.7, 0.7])]


def test_a_module_is_the_perceptron_that_it_spells():
    module = network(3, 5, 4, 1)
    model, ours = Module.of(module, X), Perceptron(X, (5, 4), "relu")
    turned = [each.detach().double().numpy().T.ravel() for each in module.parameters()]
    w, given = np.concatenate(turned), model.start()
    assert np.allclose(model(given), ours(w), rtol=1e-12)
    F, G = (LikelihoodObjective.of(each, Squared(), ElasticNet(l2=0.1), Y) for each in (model, ours))
    assert F.value(given) == pytest.approx(G.value(w), rel=1e-12)
    slope = model.layout.split(F.gradient(given)).values()
    assert np.allclose(np.concatenate([each.T.ravel() for each in slope]), G.gradient(w), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("classes", [2, 3])
def test_derivatives_of_a_module_obey_their_laws(classes):
    pictures, _ = images()
    torch.manual_seed(0)
    model = Module.of(Image(classes), pictures[:20], classes)
    w, v = model.start(), rng.standard_normal(model.layout.size)
    u = rng.standard_normal((20, classes - 1) if classes > 2 else 20)
    assert np.sum(u * model.push(w, v)) == pytest.approx(model.pull(w, u) @ v, rel=1e-9)
    step = 1e-6 * v
    difference = (model(w + step) - model(w - step)) / 2e-6
    assert np.allclose(difference, model.push(w, v), rtol=1e-5, atol=1e-7)


def test_an_engine_pulls_through_a_module_what_the_model_does():
    model = Module.of(network(3, 8, 1, curve=nn.Tanh), X)
    F = LikelihoodObjective.of(model, Squared(), ElasticNet(), Y)
    course = Course.begin(model.start(), np.random.default_rng(0))
    engine = Engine.of(torch, F, Training(), (np.arange(300), np.arange(0)), course)
    _, g = engine.slope(engine.part)
    assert np.allclose(g.numpy(), F.gradient(model.start()), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("loss", ["squared", "poisson", "logistic", "multinomial"])
def test_it_learns_with_evidence(loss):
    if loss == "multinomial":
        torch.manual_seed(0)
        (inputs, y), module = images(), Image()
    else:
        inputs, module = X, network(3, 32, 2 if loss == "logistic" else 1)
        y = {"squared": Y, "poisson": np.round(np.exp(Y)), "logistic": np.where(Y > 0, "up", "down")}[loss]
    fit = fit_network(module, loss, 1e-4, inputs, y, NetworkOptions(max_iter=40))
    assert [claim.kind for claim in fit.certificate.claims] == ["gap", "stationarity"]
    assert len(fit.trace.readings) >= 2 and fit.trace.readings[-1].curvature != 0
    if fit.classes is None:
        assert np.corrcoef(fit.predict(inputs), y)[0, 1] > 0.8
    else:
        assert np.mean(fit.predict(inputs) == y) > 0.85
        assert np.allclose(fit.predict_proba(inputs).sum(axis=1), 1)
    told = fit.summary()
    assert "multiply-adds a row" in told and f"{len(fit.params):,}" in told and "certificate:" in told


def test_the_same_seed_gives_the_same_bits_and_nothing_else_is_touched():
    torch.manual_seed(3)
    pictures, y = images()
    module, before = Image(), torch.get_rng_state()
    kept = {name: each.clone() for name, each in module.state_dict().items()}
    first, second = (fit_network(module, "multinomial", 1e-4, pictures, y, BRIEF) for _ in range(2))
    assert np.array_equal(first.params, second.params) and first.trace == second.trace
    assert torch.equal(before, torch.get_rng_state()) and module.training
    assert all(torch.equal(each, kept[name]) for name, each in module.state_dict().items())
    other = fit_network(module, "multinomial", 1e-4, pictures, y, NetworkOptions(max_iter=15, random_state=1))
    assert not np.array_equal(first.params, other.params)


def test_dropout_is_drawn_in_training_alone():
    model = Module.of(nn.Sequential(nn.Linear(3, 64), nn.Dropout(0.5), nn.Linear(64, 1)), X)
    (layer,) = model.chain
    blocks = tuple(each.detach() for each in model.named.values())
    rows = torch.tensor(X, dtype=torch.float32)
    plain, again = (layer.forward(blocks, rows)[0] for _ in range(2))
    drawn, twice = (layer.forward(blocks, rows, lambda shape: torch.full(shape, 0.3))[0] for _ in range(2))
    other = layer.forward(blocks, rows, lambda shape: torch.full(shape, 0.4))[0]
    assert torch.equal(plain, again) and torch.equal(drawn, twice)
    assert not torch.equal(plain, drawn) and not torch.equal(drawn, other)


def test_units_that_died_are_seen():
    module = network(3, 16, 1)
    with torch.no_grad():
        module[0].bias[:12] = -50.0
    fit = fit_network(module, "squared", 0.0, X, Y, BRIEF)
    assert fit.trace.readings[-1].idle[0] >= 0.75
    assert "INF206" in [finding.code for finding in fit.findings]


def test_parameters_that_ask_for_no_gradient_stay():
    module = network(3, 16, 1)
    module[0].requires_grad_(False)
    fit = fit_network(module, "squared", 1e-4, X, Y, BRIEF)
    assert len(fit.params) == 17 and torch.equal(fit.module[0].weight, module[0].weight)
    assert not torch.equal(fit.module[2].weight, module[2].weight)


def test_weights_count_as_rows_written_twice():
    weight = rng.integers(0, 3, 300).astype(float)
    module = network(3, 4, 1)
    fit = fit_network(module, "squared", 0.01, X, Y, NetworkOptions(max_iter=2, sample_weight=weight))
    model = Module.of(fit.module, np.repeat(X, weight.astype(int), axis=0))
    F = LikelihoodObjective.of(model, Squared(), ElasticNet(l2=0.01), np.repeat(Y, weight.astype(int)))
    assert fit.value == pytest.approx(F.value(fit.params), rel=1e-6)  # the module keeps float32


def test_a_checkpoint_goes_on_and_knows_another_module(tmp_path, monkeypatch):
    from infimum.solvers import checkpoint, stochastic

    monkeypatch.setattr(checkpoint, "EVERY", 0.0)
    path, whole = tmp_path / "fit", stochastic.Engine.epoch
    options = NetworkOptions(max_iter=15, checkpoint=path)
    expected = fit_network(network(3, 8, 1), "squared", 1e-4, X, Y, BRIEF)

    def dying(self, number, taken, rng):
        if number == 6:
            raise KeyboardInterrupt
        return whole(self, number, taken, rng)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(stochastic.Engine, "epoch", dying)
        fit_network(network(3, 8, 1), "squared", 1e-4, X, Y, options)
    with pytest.raises(ValueError, match="of another training"):  # the same parameters, another curve
        fit_network(network(3, 8, 1, curve=nn.Tanh), "squared", 1e-4, X, Y, options)
    assert np.array_equal(fit_network(network(3, 8, 1), "squared", 1e-4, X, Y, options).params, expected.params)
    assert not path.exists()


def test_a_file_holds_the_parameters_and_asks_for_the_module(tmp_path):
    pictures, y = images()
    fit = fit_network(Image(), "multinomial", 1e-4, pictures, y, BRIEF)
    fit.save(tmp_path / "fit.safetensors")
    loaded = load_network(tmp_path / "fit.safetensors", Image())
    assert np.array_equal(loaded.predict_proba(pictures), fit.predict_proba(pictures))
    assert loaded.value == fit.value and loaded.certificate.claims == fit.certificate.claims
    with pytest.raises(ValueError, match="differ at"):
        load_network(tmp_path / "fit.safetensors", Image(4))
    with pytest.raises(ModelFileError, match="load_network"):
        Fitted.load(tmp_path / "fit.safetensors")
    write_model(tmp_path / "other.safetensors", {}, {"target": "y"})
    with pytest.raises(ValueError, match="there is no folder"):
        fit.save(tmp_path / "none" / "fit.safetensors")
    with pytest.raises(ValueError, match="module is a str"):
        load_network(tmp_path / "fit.safetensors", "Image")
    with pytest.raises(ModelFileError, match="holds no module"):
        load_network(tmp_path / "other.safetensors", Image())


class Tied(nn.Module):
    """Two layers with one weight."""

    def __init__(self):
        super().__init__()
        self.first, self.second, self.last = nn.Linear(3, 3), nn.Linear(3, 3), nn.Linear(3, 1)
        self.second.weight = self.first.weight

    def forward(self, x):
        return self.last(torch.tanh(self.second(torch.tanh(self.first(x)))))


class Noisy(nn.Linear):
    """z + noise, in evaluation too."""

    def __init__(self):
        super().__init__(3, 1)

    def forward(self, x):
        z = super().forward(x)
        return z + torch.rand_like(z)


def test_a_weight_with_two_names_is_one(tmp_path):
    fit = fit_network(Tied(), "squared", 1e-4, X, Y, BRIEF)
    assert len(fit.params) == 9 + 3 + 3 + 4 and torch.equal(fit.module.first.weight, fit.module.second.weight)
    assert np.allclose(fit.params[:9].reshape(3, 3), fit.module.first.weight.detach().numpy(), atol=1e-7)
    fit.save(tmp_path / "tied.safetensors")
    assert np.array_equal(load_network(tmp_path / "tied.safetensors", Tied()).predict(X), fit.predict(X))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"module": "net"}, "expected a torch.nn.Module"),
        ({"module": nn.Sequential(nn.BatchNorm1d(3), nn.Linear(3, 1))}, "running statistics"),
        ({"module": nn.Linear(3, 2)}, r"makes \(3, 2\) of 3 rows; expected a number a row"),
        ({"module": nn.Sequential(nn.BatchNorm1d(3, track_running_stats=False), nn.Linear(3, 1))}, "rows beside it"),
        ({"module": Noisy()}, "from call to call"),
        ({"module": nn.LSTM(3, 1)}, "makes a tuple; expected a tensor"),
        ({"options": {"max_iter": 3}}, "options is a dict"),
        ({"module": nn.Linear(4, 1)}, r"does not take rows of the shape \(3,\)"),
        ({"module": nn.Sequential(nn.ReLU())}, "no parameter"),
        ({"loss": "softmax"}, "no loss is called 'softmax'"),
        ({"loss": "huber"}, "no loss is called 'huber'"),
        ({"loss": "logistic"}, "do not go together: take 'multinomial'"),
        ({"loss": "poisson"}, "takes"),
        ({"penalty": -1.0}, "alpha = -1.0"),
        ({"penalty": ElasticNet(l1=1.0)}, "l2"),
        ({"y": Y[:-1]}, "300 rows and y 299"),
        ({"y": np.array(["a"] * 300)}, "y holds 'a'"),
        ({"X": np.full((300, 3), np.nan)}, r"900 numbers that are not finite, the first at \[0, 0\]"),
        ({"X": X[:, 0]}, r"shape \(300,\)"),
        ({"options": NetworkOptions(max_iter=0)}, "max_iter = 0"),
        ({"options": NetworkOptions(sample_weight=-np.ones(300))}, "sample_weight"),
        ({"options": NetworkOptions(validation_fraction=1.0)}, "validation_fraction"),
    ],
)
def test_bad_input_is_refused_in_one_sentence(given, message):
    told = {"module": network(3, 4, 1), "loss": "squared", "penalty": 0.0, "X": X, "y": Y, "options": BRIEF} | given
    with pytest.raises(ValueError, match=message):
        fit_network(*told.values())
