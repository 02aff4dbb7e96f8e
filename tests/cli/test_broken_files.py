"""200 broken tables and 40 broken model files: one message and exit code 2, or a result; nothing else. The benchmark
broken_files.py tries 5,000.
"""

import pytest

import infimum.ladder.climb as climbing
from infimum.ladder.rungs import rungs_for
from tests.cli.broken import models, tried_model, tried_table


def two_rungs(kind, classes):
    """The constant and the plain linear model: what is broken here is read, and fitting takes seconds, not minutes."""
    return rungs_for(kind, classes)[:2]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Sound fits to predict with, to verify and to break."""
    path = tmp_path_factory.mktemp("broken")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(climbing, "rungs_for", two_rungs)
        models(path)
    return path


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(climbing, "rungs_for", two_rungs)


@pytest.mark.parametrize("part", range(10))
def test_broken_tables(folder, part):
    tried = [tried_table(folder, seed) for seed in range(20 * part, 20 * part + 20)]
    assert [(what, wrong) for what, _, wrong in tried if wrong] == []


def test_broken_models(folder):
    tried = [tried_model(folder, seed) for seed in range(40)]
    assert [(what, wrong) for what, _, wrong in tried if wrong] == []
    assert len({outcome for _, outcome, _ in tried}) > 4
