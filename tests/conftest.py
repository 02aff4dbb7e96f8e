"""Property tests draw the same examples on every run and every machine, and no test fails for being slow.

Folds are drawn once, however few the rows: tests/ladder/test_repeats.py alone asks for more.
"""

import pytest
from hypothesis import settings

import infimum.ladder.split as split

settings.register_profile("reproducible", derandomize=True, deadline=None, database=None)
settings.load_profile("reproducible")


@pytest.fixture(scope="session", autouse=True)
def folds_are_drawn_once():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(split, "FEW", 0)
        yield
