"""Memory that is too short: batches are halved and the fit says so; networks that could never fit are refused."""

import numpy as np
import pytest

pytest.importorskip("torch")

from infimum import MLPRegressor, TabularRegressor
from infimum.estimators import memory
from infimum.solvers.engine import Engine

rng = np.random.default_rng(0)
X = rng.uniform(-1, 1, (600, 3))
Y = np.sin(3 * X[:, 0])


def short_of(most, error):
    """An epoch that takes batches of so many rows at the most."""
    whole = Engine.epoch

    def epoch(self, number, taken, rng):
        if self.training.batch_size > most:
            rng.random(5)  # what was drawn before it failed
            raise error
        return whole(self, number, taken, rng)

    return epoch


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        RuntimeError("[enforce fail at alloc_cpu.cpp:127] CPUAllocator: can't allocate memory"),
    ],
)
def test_a_batch_too_large_is_halved_to_the_bits_of_a_smaller_one(monkeypatch, error):
    expected = MLPRegressor((8,), max_iter=8, batch_size=50).fit(X, Y)
    monkeypatch.setattr(Engine, "epoch", short_of(60, error))
    model = MLPRegressor((8,), max_iter=8, batch_size=200).fit(X, Y)
    assert np.array_equal(model.params_, expected.params_)
    assert "in batches of 50 for want of memory" in model.trace_.stopped and model.trace_.facts["batch_size"] == 50
    assert "for want of memory" in model.summary()


def test_a_single_row_too_many_is_the_end(monkeypatch):
    monkeypatch.setattr(Engine, "epoch", short_of(0, MemoryError()))
    with pytest.raises(MemoryError, match="a single row"):
        MLPRegressor((8,), max_iter=3, batch_size=4).fit(X, Y)


def test_other_errors_are_not_taken_for_it(monkeypatch):
    monkeypatch.setattr(Engine, "epoch", short_of(0, RuntimeError("expected scalar type Float")))
    with pytest.raises(RuntimeError, match="scalar type"):
        MLPRegressor((8,), max_iter=3, batch_size=4).fit(X, Y)


@pytest.mark.parametrize("model", [MLPRegressor, TabularRegressor])
def test_more_parameters_than_memory_are_refused_before_any_is_made(model):
    with pytest.raises(ValueError, match=r"makes .* parameters; to train them takes about [\d,]+ GiB"):
        model((3_000_000, 3_000_000)).fit(X, Y)


def test_what_is_there_is_the_least_of_what_is_told(tmp_path, monkeypatch):
    told, limit = tmp_path / "meminfo", tmp_path / "memory.max"
    monkeypatch.setattr(memory, "LIMITS", (told, limit))
    everything = memory.available()
    told.write_text("MemTotal: 1000 kB\nMemAvailable: 500 kB\n")
    assert memory.available() == 512_000 < everything
    limit.write_text("4096\n")
    assert memory.available() == 4096
    limit.write_text("max\n")
    assert memory.available() == 512_000
