"""The plan names every rung that would be fitted, with its interval; benchmarks/plan.py says how near it comes."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

import infimum.ladder.climb as climbing
from infimum.cli import app
from infimum.ladder.plan import learnable, plan_of
from infimum.ladder.problem import problem_of
from infimum.tables import Column, Table, text_column

RUNGS = ("constant", "least squares", "ridge", "lasso", "elastic net", "additive", "products")


@pytest.fixture
def table():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(700, 3))
    columns = [Column(f"x{j}", "number", x[:, j]) for j in range(3)]
    words = text_column("word", rng.choice(["a", "b", "c"], 700).tolist())
    return Table("t.csv", (*columns, words, Column("y", "number", x[:, 0] + rng.normal(size=700))))


@pytest.fixture
def no_torch(monkeypatch):
    monkeypatch.setattr(climbing, "find_spec", lambda name: None)
    monkeypatch.setattr(climbing, "reference_of", lambda *told: None)


def test_every_rung_has_an_interval_around_its_middle(table, no_torch):
    plan = plan_of(problem_of(table, "y"))
    assert (plan.rows, plan.features) == (700, 5)
    assert [each.rung for each in plan.rungs] == [*RUNGS, "reference"]
    for rung in plan.rungs:
        for low, middle, high in (rung.seconds, rung.megabytes):
            assert 0 < low <= middle <= high < np.inf
    assert plan.seconds[0] <= plan.seconds[1] <= plan.seconds[2]
    assert plan.skipped[0][0] == "network" and "pip install" in plan.skipped[0][1]


def test_a_network_is_planned_where_there_is_torch(table):
    pytest.importorskip("torch")
    low, middle, high = next(r for r in plan_of(problem_of(table, "y")).rungs if r.rung == "network").seconds
    assert 0 < low < middle < high
    plan = plan_of(problem_of(table, "y"), width_curve=True)
    network, curve = (next(r.seconds for r in plan.rungs if r.rung == name) for name in ("network", "width curve"))
    assert 0 < curve[0] < curve[1] < 6 * network[1]
    assert sum(r.seconds[1] for r in plan.rungs) < plan.seconds[1] < 7 / 6 * sum(r.seconds[1] for r in plan.rungs)


def test_trials_start_with_rows_of_both_classes():
    y = np.repeat([0.0, 1.0], [600, 400])
    assert learnable(y, len(y)) == 1000 and learnable(y[::-1], 1000) == 512
    assert learnable(np.tile([0.0, 1.0], 500), 1000) == 256 and learnable(y[:30], 30) == 30


def test_the_command_says_it_in_words_and_in_json(table, no_torch, tmp_path):
    path = tmp_path / "t.csv"
    rows = zip(*(column.cells() for column in table.columns), strict=True)
    path.write_text("\n".join(",".join(row) for row in [table.names, *rows]) + "\n")
    said = CliRunner().invoke(app, ["plan", str(path), "--target", "y"])
    assert said.exit_code == 0 and "The whole ladder: about" in said.stdout and "least squares" in said.stdout
    document = json.loads(CliRunner().invoke(app, ["plan", str(path), "--target", "y", "--json"]).stdout)
    assert len(document["rungs"]) == 8 and len(document["seconds"]) == 3
    assert CliRunner().invoke(app, ["plan", str(path), "--target", "z"]).exit_code == 2
