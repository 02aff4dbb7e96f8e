"""What every test of a command stands on."""

import pytest

from tests.linear_rungs import use_linear_rungs


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """No network rung: seconds, not minutes."""
    use_linear_rungs(monkeypatch)
