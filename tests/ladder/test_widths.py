"""The width curve of the network rung: on its folds, its own width among the others; asked for, kept, checked."""

import copy
from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("torch")

import infimum.ladder.climb as climbing
from infimum.ladder import widths
from infimum.ladder.again import command_line
from infimum.ladder.fit import Sample, network_of
from infimum.ladder.problem import problem_of
from infimum.ladder.rungs import rungs_for
from infimum.ladder.terms import Terms
from infimum.ladder.words import BUDGET, INTERRUPTED
from infimum.models.tabular import Tabular
from infimum.verify.trained import check_trained
from tests.ladder.test_ladder import table_of
from tests.report.test_schema import errors

rng = np.random.default_rng(2)
X = rng.uniform(-2, 2, size=(90, 2))
TABLE = table_of(X, np.sin(3 * X[:, 0]) * X[:, 1])
ASKED = Terms(width_curve=True, reference=False, repeats=1)


@pytest.fixture(autouse=True)
def small(monkeypatch):
    few = tuple(rung for rung in rungs_for("regression") if rung.name in ("constant", "network"))
    monkeypatch.setattr(climbing, "rungs_for", lambda *told: few)
    monkeypatch.setattr(widths, "WIDTHS", (4, 8))


@pytest.fixture(scope="module")
def found():
    """A climb that measured widths 4, 8 and its own 128."""
    with pytest.MonkeyPatch.context() as patch:
        few = tuple(rung for rung in rungs_for("regression") if rung.name in ("constant", "network"))
        patch.setattr(climbing, "rungs_for", lambda *told: few)
        patch.setattr(widths, "WIDTHS", (4, 8))
        return climbing.climb(TABLE, "y", terms=ASKED).report


def test_it_is_of_the_folds_of_the_rung_with_its_own_width_among_the_others(found):
    curve, rung = found["training"]["widths"], found["rungs"][-1]
    assert curve["widths"] == [4, 8, 128] and curve["own"] == 128 and curve["depth"] == 2
    assert curve["errors"][-1] == rung["errors"] and curve["parameters"][-1] == rung["parameters"]
    assert errors(found) == [] and check_trained(found) == []
    problem = problem_of(TABLE, "y", repeats=1)
    encoder, X = problem.encoded(3)
    train, held = problem.folds.train(3), problem.folds.held(3)
    network = network_of(Sample(problem.loss, X[train], problem.y[train], encoder), [0, 1, 3], (8, 8))
    z = Tabular(X[held], network.recipe_, 1)(network.params_)
    assert curve["errors"][1][3] == pytest.approx(np.sqrt(np.mean((z - problem.y[held]) ** 2)), rel=1e-12)
    assert len(network.params_) == curve["parameters"][1]


def test_it_changes_nothing_else(found):
    plain = climbing.climb(TABLE, "y", terms=replace(ASKED, width_curve=False)).report
    assert plain["training"].pop("widths") is None
    other = copy.deepcopy(found)
    other["training"].pop("widths")
    assert {key: each for key, each in other.items() if key != "command"} == {
        key: each for key, each in plain.items() if key != "command"
    }
    assert "--width-curve" in found["command"] and "--width-curve" not in plain["command"]
    assert "--width-curve" in command_line(problem_of(TABLE, "y"), ASKED)


@pytest.mark.parametrize(
    "change",
    [
        lambda curve: curve["errors"][-1].__setitem__(0, 0.1),
        lambda curve: curve["widths"].reverse(),
        lambda curve: curve["parameters"].__setitem__(0, 10**6),
        lambda curve: curve["errors"].pop(),
        lambda curve: curve["errors"][0].pop(),
        lambda curve: curve.__setitem__("own", 4),
        lambda curve: curve.__setitem__("own", 5),
    ],
)
def test_a_curve_that_was_changed_is_refuted(found, change):
    other = copy.deepcopy(found)
    change(other["training"]["widths"])
    assert "by width" in check_trained(other)[0].note


def test_an_interruption_and_the_end_of_the_time_keep_what_is_there(monkeypatch):
    whole, asked = widths.network_of, []

    def interrupted(sample, seed, hidden):
        asked.append(hidden)
        if len(asked) > 7:
            raise KeyboardInterrupt
        return whole(sample, seed, hidden)

    with monkeypatch.context() as patch:
        patch.setattr(widths, "network_of", interrupted)
        report = climbing.climb(TABLE, "y", terms=ASKED).report
    assert report["training"]["widths"]["widths"] == [4, 128]
    assert {"name": "width curve at 8 units", "reason": INTERRUPTED} in report["skipped"]
    clock = widths.Clock(-1e9, 1.0)
    monkeypatch.setattr(climbing, "Clock", lambda *told: replace(clock, budget=None))
    monkeypatch.setattr(widths.Clock, "stopped", property(lambda self: f"{BUDGET} of 1 s was used up" * bool(asked)))
    asked.clear()
    monkeypatch.setattr(widths, "_at_width", lambda *told: asked.append(1) or (5, (1.0,) * 5))
    report = climbing.climb(TABLE, "y", terms=ASKED).report
    assert (
        report["training"]["widths"]["widths"] == [4, 128] and report["skipped"][-1]["name"] == "width curve at 8 units"
    )


def test_its_fits_are_steps_whose_time_is_foretold(monkeypatch):
    told, whole = [], climbing.Steps
    monkeypatch.setattr(climbing, "Steps", lambda costs, *rest: told.append(list(costs)) or whole(costs, *rest))
    steps = []
    climbing.climb(TABLE, "y", terms=ASKED, progress=lambda *each: steps.append(each))
    assert [text.partition(",")[0] for text, _, _ in steps[-11:-1]] == ["network of 4 units"] * 5 + [
        "network of 8 units"
    ] * 5
    assert [done for _, done, _ in steps[-11:]] == list(range(steps[-1][2] - 10, steps[-1][2] + 1))
    assert len(told[0]) == steps[-1][2] and told[0][-1] == pytest.approx(90 * (0.4 + 0.6 * (8 / 128) ** 2))


def test_without_a_network_it_says_why(monkeypatch):
    few = tuple(rung for rung in rungs_for("regression") if rung.name in ("constant", "ridge"))
    monkeypatch.setattr(climbing, "rungs_for", lambda *told: few)
    report = climbing.climb(TABLE, "y", terms=ASKED).report
    assert report["training"] is None
    assert {"name": widths.CURVE, "reason": "no network was fitted"} in report["skipped"]
