"""--metric: the error that decides is the one that was asked for, in the choice, the words, the check and the page."""

import numpy as np
import pytest

import infimum.ladder.climb as climbing
from infimum.evaluation.metrics import METRICS, UPWARDS
from infimum.files.model_file import write_model
from infimum.ladder.terms import Terms
from infimum.ladder.words import METRICS as WORDS
from infimum.report.build import build
from infimum.tables import Column, Table, TableError
from infimum.tables.wishes import Wishes
from infimum.verify import verify_file
from tests.verify.made import classification, regression, several, verdict_after

EACH = [(task, name) for task, names in METRICS.items() for name in names]


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(climbing, "find_spec", lambda name: None)
    monkeypatch.setattr(climbing, "reference_of", lambda *told: None)


def table_of(task):
    if task == "counts":
        x = np.linspace(-1, 1, 120)
        y = np.random.default_rng(0).poisson(np.exp(1 + x)).astype(float)
        return Table("made.csv", (Column("x", "number", x), Column("y", "number", y)))
    return (regression if task == "regression" else classification)()[0]


@pytest.mark.parametrize(("task", "name"), EACH)
def test_each_decides_and_is_derived_again(quick, tmp_path, task, name):
    table = table_of(task)
    climb = climbing.climb(table, "y", Wishes(task=task), Terms(reference=False, metric=name))
    report = climb.report
    rungs = {rung["name"]: rung["mean"] for rung in report["rungs"]}
    assert report["metric"] == name and f"--metric {name}" in report["command"]
    assert rungs[report["chosen"]] < rungs["constant"] and WORDS[name][0] in report["answer"][0]
    if name not in ("rmse", "auc"):  # means over rows, and folds are of equal size
        told = report["statistics"][name]
        assert rungs[report["chosen"]] == pytest.approx(1 - told if name in UPWARDS else told, rel=1e-9)
    assert WORDS[name][0].lower() in build(report).lower()
    path = tmp_path / "model.safetensors"
    write_model(path, climb.arrays, climb.document)
    verification = verify_file(path, table)
    assert not verification.refuted, str(verification)
    for other in set(METRICS[task]) - {name}:
        assert verdict_after((path, table), tmp_path, lambda arrays, document: document["report"].update(metric=other))  # noqa: B023


def test_several_classes_by_their_ranks(quick, tmp_path):
    table = several()[0]
    climb = climbing.climb(table, "y", terms=Terms(reference=False, metric="auc"))
    write_model(tmp_path / "model.safetensors", climb.arrays, climb.document)
    assert not verify_file(tmp_path / "model.safetensors", table).refuted
    assert 0 < next(rung["mean"] for rung in climb.report["rungs"] if rung["chosen"]) < 0.4


def test_the_metric_can_change_the_choice(quick):
    """Few gross errors rule the squares, not the absolute values: a curve wins by the MAE alone."""
    rng = np.random.default_rng(3)
    x = rng.uniform(-3, 3, 300)
    y = np.sin(2 * x) + 0.1 * rng.normal(size=300) + 20 * (rng.uniform(size=300) < 0.02) * rng.choice([-1, 1], 300)
    table = Table("made.csv", (Column("x", "number", x), Column("y", "number", y)))
    chosen = {
        name: climbing.climb(table, "y", terms=Terms(reference=False, metric=name)).report["chosen"]
        for name in ("rmse", "mae")
    }
    assert chosen["mae"] == "additive" and chosen["rmse"] != "additive"


def test_another_kind_of_target_is_one_message():
    with pytest.raises(TableError, match="'auc' does not measure regression, which 'y' asks for: the metric is 'rmse"):
        climbing.climb(table_of("regression"), "y", terms=Terms(metric="auc"))
    with pytest.raises(ValueError, match="the metric is 'mape': give one of 'rmse', "):
        Terms(metric="mape")
