"""Killed at any epoch, a training goes on to the same bits; a file of something else is never taken for its own."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from infimum import MLPClassifier, MLPRegressor
from infimum.solvers import checkpoint as module
from infimum.solvers import monitors, stochastic

pytest.importorskip("torch")
RNG = np.random.default_rng(0)
X = RNG.standard_normal((400, 3))
Y = np.sin(2 * X[:, 0]) + X[:, 1] * X[:, 2] + 0.1 * RNG.standard_normal(400)


class KilledError(Exception):
    """What stands for the end of the process."""


def network(path, **given):
    return MLPRegressor((16,), max_iter=30, n_iter_no_change=30, checkpoint=path, **given)


@pytest.fixture
def eager(monkeypatch):
    """Every epoch is written, however short, and one on the way read."""
    monkeypatch.setattr(module, "EVERY", 0.0)
    monkeypatch.setattr(monitors, "LOOK", 0.0)
    monkeypatch.setattr(monitors, "BETWEEN", 200)


def killed_in(monkeypatch, epoch):
    """A training that ends in the middle of that epoch, its file that of the epoch before."""
    whole = stochastic.Engine.epoch

    def dying(self, number, taken, rng):
        if number == epoch:
            rng.random(3)
            raise KilledError
        return whole(self, number, taken, rng)

    monkeypatch.setattr(stochastic.Engine, "epoch", dying)


@pytest.mark.parametrize("holding", [True, False])
@pytest.mark.parametrize("epochs", [(1,), (17,), (2, 9, 29)])
def test_a_killed_training_goes_on_to_the_same_bits(tmp_path, monkeypatch, eager, epochs, holding):
    path = tmp_path / "training.checkpoint"
    expected = network(None, early_stopping=holding).fit(X, Y)
    for epoch in epochs:
        with monkeypatch.context() as patch, pytest.raises(KilledError):
            killed_in(patch, epoch)
            network(path, early_stopping=holding).fit(X, Y)
        assert path.exists()
    resumed = network(path, early_stopping=holding).fit(X, Y)
    assert np.array_equal(resumed.params_, expected.params_)
    assert resumed.trace_.readings == expected.trace_.readings and len(expected.trace_.readings) == 4
    assert resumed.trace_ == expected.trace_ and resumed.loss_curve_ == expected.loss_curve_
    assert list(tmp_path.iterdir()) == []


def test_going_on_does_not_begin_again(tmp_path, monkeypatch, eager):
    path, seen = tmp_path / "training.checkpoint", []
    with monkeypatch.context() as patch, pytest.raises(KilledError):
        killed_in(patch, 20)
        network(path).fit(X, Y)
    whole = stochastic.Engine.epoch
    monkeypatch.setattr(
        stochastic.Engine, "epoch", lambda self, number, *rest: (seen.append(number), whole(self, number, *rest))[1]
    )
    network(path).fit(X, Y)
    assert seen == list(range(20, 30))


OTHERS = {
    "rows": lambda path: network(path).fit(X[1:], Y[1:]),
    "a target": lambda path: network(path).fit(X, -Y),
    "weights": lambda path: network(path).fit(X, Y, np.arange(400.0)),
    "a rate": lambda path: network(path, learning_rate_init=0.02).fit(X, Y),
    "a decay": lambda path: network(path, alpha=1.0).fit(X, Y),
    "a seed": lambda path: network(path, random_state=1).fit(X, Y),
    "an activation": lambda path: network(path, activation="tanh").fit(X, Y),
    "a loss": lambda path: MLPClassifier((16,), max_iter=30, n_iter_no_change=30, checkpoint=path).fit(X, Y > 0),
}


@pytest.mark.parametrize("other", OTHERS)
def test_the_file_of_another_training_is_refused_and_kept(tmp_path, monkeypatch, eager, other):
    path = tmp_path / "training.checkpoint"
    with monkeypatch.context() as patch, pytest.raises(KilledError):
        killed_in(patch, 5)
        network(path).fit(X, Y)
    before = path.read_bytes()
    with pytest.raises(ValueError, match="is of another training, by its rows, parameters or random state: delete it"):
        OTHERS[other](path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"notes", bytes(100), b"\x08\0\0\0\0\0\0\0{}      "])
def test_what_is_no_checkpoint_is_refused_and_kept(tmp_path, content):
    path = tmp_path / "notes.txt"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"notes.txt' is not a checkpoint of infimum: give another path"):
        network(path).fit(X, Y)
    assert path.read_bytes() == content


def test_a_folder_that_is_not_there_is_told_before_training(tmp_path):
    with pytest.raises(ValueError, match="there is no folder"):
        network(tmp_path / "none" / "training.checkpoint").fit(X, Y)


PROGRAM = """
import numpy as np, sys
from infimum import MLPRegressor
from infimum.solvers import checkpoint
checkpoint.EVERY = 0.0
rng = np.random.default_rng(0)
X = rng.standard_normal((400, 3))
Y = np.sin(2 * X[:, 0]) + X[:, 1] * X[:, 2] + 0.1 * rng.standard_normal(400)
print("begun", flush=True)
model = MLPRegressor((16,), max_iter=30, n_iter_no_change=30, checkpoint=sys.argv[1]).fit(X, Y)
print(model.params_.tobytes().hex(), flush=True)
"""


@pytest.mark.skipif(os.name != "posix", reason="processes are killed by a signal")
def test_a_process_that_is_killed_leaves_a_whole_file(tmp_path):
    path = tmp_path / "training.checkpoint"
    expected = network(None).fit(X, Y).params_
    process = subprocess.Popen([sys.executable, "-c", PROGRAM, str(path)], stdout=subprocess.PIPE, text=True)
    while not path.exists() and process.poll() is None:
        pass
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert Path(path).exists()
    resumed = subprocess.run([sys.executable, "-c", PROGRAM, str(path)], capture_output=True, text=True, check=True)
    assert resumed.stdout.split()[-1] == expected.tobytes().hex()
