"""What a report tells of a network's training is what its estimator kept: small, described, the same each time."""

import copy
from dataclasses import replace

import numpy as np
import pytest

import infimum.ladder.climb as climbing
from infimum import MLPClassifier, MLPRegressor
from infimum.diagnoses import Finding
from infimum.files.canonical import canonical
from infimum.ladder.rungs import rungs_for
from infimum.ladder.trained import MOST, TrainingRecord
from infimum.solvers import Reading, Step, Trace
from infimum.verify.trained import check_trained
from tests.ladder.test_ladder import table_of
from tests.report.test_schema import errors

LAYERS = {"slopes": (0.1, 0.2), "moves": (0.01, 0.02), "idle": (0.5,), "signal": 0.1, "curvature": 1.0, "strain": 0.3}


def trace_of(losses, held, best, readings=()):
    steps = tuple(Step(k, a, b, 0.01) for k, (a, b) in enumerate(zip(losses, held, strict=True)))
    return Trace(steps, "it ended", {"held_out_rows": 20, "best_epoch": best}, readings)


@pytest.fixture(scope="module")
def report():
    """That of three rungs of a table that only the network tells."""
    pytest.importorskip("torch")
    rng = np.random.default_rng(2)
    X = rng.uniform(-2, 2, size=(300, 2))
    y = np.sin(3 * X[:, 0]) * X[:, 1] + 0.05 * rng.normal(size=300)
    with pytest.MonkeyPatch.context() as patch:
        few = tuple(rung for rung in rungs_for("regression") if rung.name in ("constant", "ridge", "network"))
        patch.setattr(climbing, "rungs_for", lambda *told: few)
        patch.setattr(climbing, "reference_of", lambda *told: None)
        first, second = (climbing.climb(table_of(X, y), "y").report for _ in range(2))
    assert canonical(first) == canonical(second)
    return first


def test_every_fit_of_the_network_is_told_and_the_report_is_described(report):
    training = report["training"]
    assert report["chosen"] == training["rung"] == "network"
    assert len(training["folds"]) == len(report["rungs"][-1]["errors"]) and training["refit"]
    assert errors(report) == [] and check_trained(report) == []
    for one in [*training["folds"], training["refit"]]:
        assert one["held_out"][one["epochs"].index(one["kept"])] == min(one["held_out"])
        assert 0 < one["losses"][-1] < 0.5 * one["losses"][0] and len(one["inside"]["slopes"]) == 5


@pytest.mark.parametrize("kind", ["regression", "classification"])
def test_losses_are_shares_of_that_of_the_best_constant(kind):
    """In whatever units y is: of squares 1 − R² of the rows, of classes what is left of the entropy."""
    pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    X = rng.normal(size=(240, 2))
    y = 1000 + 50 * X[:, 0] if kind == "regression" else (X[:, 0] + 0.3 * rng.normal(size=240) > 0.5).astype(float)
    estimator = (MLPRegressor if kind == "regression" else MLPClassifier)((8,), solver="adamw", max_iter=12)
    p = y.mean()
    constant = 0.5 * y.var() if kind == "regression" else -p * np.log(p) - (1 - p) * np.log(1 - p)
    network = estimator.fit(X, y)
    told = TrainingRecord.of(network, constant).to_json()
    np.testing.assert_allclose(told["losses"], np.array(network.loss_curve_) / constant, rtol=1e-3)
    assert told["epochs"] == list(range(1, 13)) and told["held_out_rows"] == 24
    assert told["kept"] == network.trace_.facts["best_epoch"] + 1


def test_long_curves_are_thinned_and_keep_the_epoch_that_is_kept():
    falling = np.linspace(1, 0.1, 3001)
    told = TrainingRecord(trace_of(falling, falling + 0.1, 1777), (), 1.0).to_json()
    assert len(told["epochs"]) <= MOST and told["epochs"][0] == 1 and told["epochs"][-1] == 3001
    assert told["kept"] == 1778 and 1778 in told["epochs"]
    assert len(TrainingRecord(trace_of(falling[:100], falling[:100], 5), (), 1.0).to_json()["epochs"]) == 100


def test_what_is_not_finite_is_null_and_readings_are_those_of_the_rules():
    readings = tuple(Reading(k, **{**LAYERS, "strain": s}) for k, s in ((0, 1.0), (2, 3.0), (4, 2.0), (9, 0.0)))
    finding = Finding("INF201", "warning", (), "It blew up.", "Do less.", "a theorem")
    record = TrainingRecord(trace_of([1.0] * 9 + [np.inf], [np.nan] * 10, 0, readings), (finding,), 0.5)
    told = record.to_json()
    assert told["losses"] == [2.0] * 9 + [None] and told["held_out"] == [None] * 10
    assert told["inside"] == {"slopes": [0.1, 0.2], "idle": [0.5], "moves": [0.01, 0.02], "strain": 2.0}
    assert told["findings"] == [finding.to_json()]
    none = replace(record, trace=replace(record.trace, facts={}, readings=()), constant=0.0).to_json()
    assert none["held_out"] is None and none["inside"] is None and none["kept"] == 10 and none["losses"] == [None] * 10


def test_forged_records_are_refuted(report):
    def forged(change):
        other = copy.deepcopy(report)
        change(other["training"])
        return check_trained(other)

    def better(training):
        training["folds"][1]["held_out"][training["folds"][1]["kept"] - 2] = 1e-9

    assert forged(lambda training: training["folds"].pop())[0].verdict == "REFUTED"
    assert forged(lambda training: training.update(refit=None)) and forged(lambda training: training.update(rung="b"))
    assert forged(better) and forged(lambda training: training["refit"]["losses"].pop())
    assert "missing" in check_trained({**report, "training": None})[0].note
    older = {key: value for key, value in report.items() if key != "training"}
    assert check_trained(older) == []  # written before there were records
