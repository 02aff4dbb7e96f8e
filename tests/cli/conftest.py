"""What every test of a command stands on."""

import pytest

import infimum.ladder.climb as climbing


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """No network rung: seconds, not minutes."""
    monkeypatch.setattr(climbing, "find_spec", lambda name: None)
    monkeypatch.setattr(climbing, "reference_of", lambda *told: None)
