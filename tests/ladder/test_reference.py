"""The reference line: gradient boosting on the same folds as the rungs, with gaps and categories as they are."""

import numpy as np
import pytest

import infimum.ladder.climb as climbing
from infimum.files.model_file import write_model
from infimum.ladder.problem import problem_of
from infimum.ladder.reference import boosted, columns_for_trees, reference_of
from infimum.ladder.terms import Terms
from infimum.ladder.words import INTERRUPTED
from infimum.tables import Column, Table, text_column
from infimum.verify import verify_file


def quiet(text, done):
    """No progress."""


def table_of(n=400, classes=False, seed=0):
    """A step in x where the place is "b", which no weighted sum holds; every tenth x missing."""
    rng = np.random.default_rng(seed)
    x, place = rng.uniform(-2, 2, n), rng.choice(["a", "b", "c"], n)
    signal = 4.0 * ((x > 0) ^ (place == "b"))
    x[::10] = np.nan
    y = signal + 0.3 * rng.normal(size=n)
    outcome = text_column("y", np.where(y > 2, "yes", "no").tolist()) if classes else Column("y", "number", y)
    return Table("made.csv", (Column("x", "number", x), text_column("place", place.tolist()), outcome))


def test_numbers_keep_gaps_and_a_category_is_one_column():
    table = table_of()
    problem = problem_of(table, "y")
    encoder, X = problem.encoded()
    M, is_category = columns_for_trees(problem, encoder, X)
    assert is_category.tolist() == [False, True]
    np.testing.assert_array_equal(M[:, 0], table.column("x").values)
    levels = [
        {level for level, at in zip(table.column("place").cells(), M[:, 1], strict=True) if at == v} for v in range(3)
    ]
    assert all(len(each) == 1 for each in levels) and len(set.union(*levels)) == 3


@pytest.mark.parametrize("classes", [False, True])
def test_its_price_is_told_and_verified(monkeypatch, tmp_path, classes):
    monkeypatch.setattr(climbing, "find_spec", lambda name: None)
    table = table_of(classes=classes)
    climb = climbing.climb(table, "y")
    again = climbing.climb(table, "y")
    reference = climb.report["reference"]
    assert reference == again.report["reference"]
    assert reference["statement"].startswith("What simplicity costs: gradient boosting")
    chosen = next(rung for rung in climb.report["rungs"] if rung["chosen"])
    assert (
        reference["difference"] == pytest.approx(chosen["mean"] - reference["mean"]) and reference["difference"] > 0.05
    )
    write_model(tmp_path / "model.safetensors", climb.arrays, climb.document)
    assert not verify_file(tmp_path / "model.safetensors", table).refuted
    for key in ("mean", "standard_error", "difference", "difference_error"):
        climb.document["report"]["reference"][key] *= 1 + 1e-6
        write_model(tmp_path / "model.safetensors", climb.arrays, climb.document)
        assert verify_file(tmp_path / "model.safetensors", table).refuted, key
        climb.document["report"]["reference"][key] /= 1 + 1e-6


def test_it_is_left_out_where_asked_and_where_it_is_interrupted(monkeypatch):
    monkeypatch.setattr(climbing, "find_spec", lambda name: None)
    climb = climbing.climb(table_of(), "y", terms=Terms(reference=False))
    assert climb.report["reference"] is None and climb.report["command"].endswith("--no-reference")

    def interrupted(*told):
        raise KeyboardInterrupt

    monkeypatch.setattr(climbing, "reference_of", interrupted)
    report = climbing.climb(table_of(), "y", terms=Terms(also=("sklearn.linear_model:Ridge",), repeats=2)).report
    assert report["reference"] is None and len(report["rungs"]) == 7 and report["folds"]["repeats"] == 1
    assert [each["name"] for each in report["skipped"] if each["reason"] == INTERRUPTED] == [
        "reference",
        "Ridge",
        "repeat 2",
    ]
    assert "The fit was interrupted: reference, Ridge, repeat 2 not compared." in report["answer"][1]


def test_a_table_that_scikit_learn_refuses_keeps_its_rungs(monkeypatch):
    monkeypatch.setattr(climbing, "find_spec", lambda name: None)

    def refused(*told):
        raise ValueError("window shape cannot be larger\nthan input array shape")

    monkeypatch.setattr(climbing, "reference_of", refused)
    report = climbing.climb(table_of(), "y").report
    assert report["reference"] is None and len(report["rungs"]) == 7
    why = "scikit-learn stopped: window shape cannot be larger"
    assert {"name": "reference", "reason": why} in report["skipped"]


def test_one_class_to_learn_from_and_huge_numbers():
    table = table_of(classes=True)
    problem = problem_of(table, "y")
    problem.y[problem.folds.train(0)] = 0.0
    splits = [problem.encoded(j) for j in range(problem.folds.k)]
    assert np.isfinite(reference_of(problem, splits, quiet).errors).all()
    huge = Column("y", "number", 1e74 * np.random.default_rng(1).normal(size=400))
    problem = problem_of(Table("made.csv", (*table.columns[:2], huge)), "y")
    assert np.isfinite(reference_of(problem, [problem.encoded(j) for j in range(5)], quiet).errors).all()


@pytest.mark.parametrize("present", [0, 1, 30])
def test_columns_of_few_cells(present):
    """scikit-learn stops at a column without a cell; here the column is left out where no tree could use it."""
    table = table_of()
    sparse = np.full(400, np.nan)
    sparse[:present] = np.arange(present)
    problem = problem_of(Table("made.csv", (Column("z", "number", np.arange(400.0) ** 2), *table.columns[1:])), "y")
    encoder, X = problem.encoded()
    M, is_category = columns_for_trees(problem, encoder, X)
    M[:, 0] = sparse
    for used in (M, M[:, :1]):
        _, kept = boosted(problem, used, is_category[: used.shape[1]], np.arange(400))
        assert kept.shape[1] == used.shape[1] - (present < 20) + (used.shape[1] == 1 and present < 20)
