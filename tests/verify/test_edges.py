"""Honest files at the edges of what a metric measures are never refuted: nothing varies or is wrong, far offsets."""

import numpy as np
import pytest

import infimum.ladder.climb as climbing
from infimum.evaluation.metrics import METRICS
from infimum.files.model_file import write_model
from infimum.ladder.rungs import rungs_for
from infimum.ladder.terms import Terms
from infimum.report.build import build
from infimum.tables import Column, Table, TableError, text_column
from infimum.tables.wishes import Wishes
from infimum.verify import verify_file
from tests.linear_rungs import use_linear_rungs
from tests.verify.made import classification, verdict_after


@pytest.fixture(autouse=True)
def linear(monkeypatch):
    use_linear_rungs(monkeypatch)


def honest(tmp_path, table, metric, task="auto", **terms):
    """The report of a fit that its checker derives again."""
    climb = climbing.climb(table, "y", Wishes(task=task), Terms(reference=False, metric=metric, **terms))
    write_model(tmp_path / "model.safetensors", climb.arrays, climb.document)
    verification = verify_file(tmp_path / "model.safetensors", table)
    assert not verification.refuted, str(verification)
    return climb.report


def in_time(target):
    """60 days of two columns, and this target."""
    rng = np.random.default_rng(6)
    day = Column("day", "time", np.arange(60).astype("datetime64[D]"))
    return Table("made.csv", (day, *(Column(f"x{j}", "number", rng.normal(size=60)) for j in range(2)), target))


@pytest.mark.parametrize("metric", METRICS["classification"])
def test_classes_that_are_known_for_sure(tmp_path, metric):
    x = np.r_[np.linspace(-3, -2, 45), np.linspace(2, 3, 45)]
    table = Table("made.csv", (Column("x", "number", x), text_column("y", np.where(x > 0, "b", "a").tolist())))
    report = honest(tmp_path, table, metric)
    assert report["rungs"][1]["mean"] < 1e-9 and report["chosen"] != "constant"


@pytest.mark.parametrize("metric", METRICS["classification"])
def test_one_class_alone_after_the_first_span_of_time(tmp_path, metric):
    labels = np.where((np.arange(60) < 8) & (np.arange(60) % 2 == 0), "a", "b")
    honest(tmp_path, in_time(text_column("y", labels.tolist())), metric)


@pytest.mark.parametrize("metric", METRICS["regression"])
def test_a_number_that_stays_the_same_after_the_first_span(tmp_path, metric):
    y = np.where(np.arange(60) < 8, np.random.default_rng(0).normal(size=60), 0.1)
    report = honest(tmp_path, in_time(Column("y", "number", y)), metric)
    assert report["statistics"]["r2"] == 0 and (metric != "r2" or report["rungs"][0]["mean"] == 1)


@pytest.mark.parametrize("metric", ["deviance", "d2"])
@pytest.mark.parametrize("value", [0.0, 3.0])
def test_counts_that_stay_the_same_after_the_first_span(tmp_path, metric, value):
    y = np.where(np.arange(60) < 8, np.random.default_rng(0).poisson(3, 60) + 1.0, value)
    report = honest(tmp_path, in_time(Column("y", "number", y)), metric, task="counts")
    assert report["statistics"]["d2"] == 0


@pytest.mark.parametrize("metric", ["rmse", "r2"])
@pytest.mark.parametrize(("scale", "offset"), [(1e-3, 1e9), (1e12, 0.0), (1e-12, 0.0), (1e70, 0.0)])
def test_any_unit_and_far_offsets(tmp_path, metric, scale, offset):
    rng = np.random.default_rng(1)
    x = rng.normal(size=80)
    y = scale * (x + 0.3 * rng.normal(size=80)) + offset
    report = honest(tmp_path, Table("made.csv", (Column("x", "number", x), Column("y", "number", y))), metric)
    assert report["chosen"] == "least squares"


def test_beyond_what_squares_of_squares_hold_is_one_message():
    x = np.arange(30.0)
    table = Table("made.csv", (Column("x", "number", x), Column("y", "number", 1e140 * x)))
    with pytest.raises(TableError, match="use units nearer to 1"):
        climbing.climb(table, "y")


@pytest.mark.parametrize(("key", "told"), [("kind", "groups"), ("kind", "x"), ("kind", "time"), ("column", "x0")])
def test_folds_of_another_kind_are_refuted(tmp_path, key, told):
    table = classification()[0]
    climb = climbing.climb(table, "y", Wishes(task="classification"), Terms(reference=False))
    path = tmp_path / "model.safetensors"
    write_model(path, climb.arrays, climb.document)
    assert verdict_after(
        (path, table), tmp_path, lambda arrays, document: document["report"]["folds"].update({key: told})
    )


def test_an_additive_model_without_a_curve(tmp_path, monkeypatch):
    """Numbers of three values bend nowhere: its equation is then that of a linear model."""
    kept = [rung for rung in rungs_for("regression") if rung.name in ("constant", "additive")]
    monkeypatch.setattr(climbing, "rungs_for", lambda *told: tuple(kept))
    rng = np.random.default_rng(0)
    x = np.arange(60) % 3 + 0.0
    columns = (Column("x", "number", x), Column("y", "number", x + 0.3 * rng.normal(size=60)))
    report = honest(tmp_path, Table("made.csv", columns), "rmse")
    assert report["chosen"] == "additive" and not report["equation"].get("curves")
    assert "Additive model" in build(report)
