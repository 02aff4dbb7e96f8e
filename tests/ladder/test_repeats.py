"""Few rows: the folds are drawn several times, every rung has the errors of all, and each is derived again."""

import copy
import json
from pathlib import Path

import numpy as np
import pytest

import infimum.ladder.climb as climbing
import infimum.ladder.rows as rows_of
import infimum.ladder.split as split
from infimum.evaluation.folds import Folds
from infimum.files.model_file import write_model
from infimum.ladder.occam import doubts, noticed
from infimum.ladder.problem import problem_of
from infimum.ladder.terms import Terms
from infimum.report.build import build
from infimum.tables import Column, Table, TableError, text_column
from infimum.tables.wishes import Wishes
from infimum.verify import verify_file
from infimum.verify.model_file import verify_document
from tests.linear_rungs import use_linear_rungs
from tests.verify.made import classification, regression, several, verdict_after

SCHEMA = json.loads(Path(__file__).parents[2].joinpath("docs", "report.schema.json").read_text("utf-8"))


@pytest.fixture
def linear(monkeypatch):
    use_linear_rungs(monkeypatch)


@pytest.fixture(scope="module")
def thrice(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        use_linear_rungs(patch)
        climb = climbing.climb(classification()[0], "y", Wishes(task="classification"), Terms(repeats=3))
    path = tmp_path_factory.mktemp("repeats") / "model.safetensors"
    write_model(path, climb.arrays, climb.document)
    return climb, (path, classification()[0])


def test_few_rows_are_drawn_three_times_and_many_once(monkeypatch):
    monkeypatch.setattr(split, "FEW", 100)
    assert problem_of(regression()[0], "y").folds.repeats == 3
    assert problem_of(classification()[0], "y").folds.repeats == 1
    assert problem_of(regression()[0], "y", repeats=1).folds.repeats == 1
    first, thrice = (problem_of(regression()[0], "y", repeats=each).folds for each in (1, 3))
    np.testing.assert_array_equal(first.fold, thrice.fold)  # more repeats leave the first as it is


def test_each_partition_holds_every_row_once():
    folds = problem_of(several()[0], "y", repeats=3).folds
    for part in range(3):
        held = np.array([folds.held(j) for j in range(part * 5, part * 5 + 5)])
        assert (held.sum(axis=0) == 1).all()
        assert all((folds.train(j) == ~folds.held(j)).all() for j in range(15))
    assert len({folds.held(j).tobytes() for j in range(15)}) == 15 and folds.models == 15
    assert folds.overlap == pytest.approx(1 / 4)


def test_every_rung_has_the_errors_of_all_and_each_is_derived_again(thrice):
    climb, (path, table) = thrice
    report = climb.report
    assert {len(rung["errors"]) for rung in report["rungs"]} == {15} and report["folds"]["repeats"] == 3
    assert report["folds"]["reason"].endswith("errors compared are means of all, the rest is of the first.")
    assert climb.arrays["fold_again"].shape == (2, table.rows) and "--repeats 3" in report["command"]
    verification = verify_file(path, table)
    assert not verification.refuted, str(verification)
    pytest.importorskip("jsonschema").validate(report, SCHEMA)
    assert "drawn 3 times" in build(report)


def test_a_fold_drawn_once_has_the_errors_of_the_first_partition(thrice, linear):
    once = climbing.climb(classification()[0], "y", Wishes(task="classification"), Terms(repeats=1)).report
    for rung, again in zip(once["rungs"], thrice[0].report["rungs"], strict=True):
        assert rung["errors"] == again["errors"][:5]
        assert rung["name"] == "constant" or rung["errors"] != again["errors"][5:10]  # it sees the shares alone
    assert once["statistics"].keys() == thrice[0].report["statistics"].keys()


@pytest.mark.parametrize("what", ["error", "fold", "parameters", "repeats", "missing", "unread"])
def test_a_changed_repeat_is_refuted(thrice, tmp_path, what):
    def change(arrays, document):
        if what == "error":
            document["report"]["rungs"][1]["errors"][12] *= 1.001
        if what == "fold":
            arrays["fold_again"][1, :2] = (
                arrays["fold_again"][1, :2][::-1] if len(set(arrays["fold_again"][1, :2])) > 1 else 4
            )
        if what == "parameters":
            arrays["fold/13/ridge"] = arrays["fold/13/ridge"] * 1.001
        if what == "repeats":
            document["report"]["folds"]["repeats"] = 2
        if what == "unread":  # the errors of the repeats invented, and their models taken out of the checker's sight
            document["fold_encoders"] = document["fold_encoders"][:5]
            for rung in document["report"]["rungs"]:
                rung["errors"] = rung["errors"][:5] + [0.3 * each for each in rung["errors"][5:]]
        if what == "missing":
            del arrays["fold_again"]

    assert verdict_after(thrice[1], tmp_path, change)


def test_each_model_has_an_encoder_a_fit_and_an_error(thrice):
    climb, (_, table) = thrice
    for shorten in (
        lambda document: document["fold_encoders"].pop(),
        lambda document: document["fits"]["ridge"].pop(),
        lambda document: document["report"]["rungs"][1]["errors"].pop(),
    ):
        document = copy.deepcopy(climb.document)
        shorten(document)
        notes = [answer.note for answer in verify_document((climb.arrays, document), table, "model").answers]
        assert "not one encoder, fit and error for each fold" in notes


def test_the_standard_error_is_that_of_all_errors_and_of_rows_once():
    rng = np.random.default_rng(0)
    errors, losses = rng.exponential(size=(2, 15)), rng.exponential(size=(2, 300))
    apart = np.std(losses[0] - losses[1], ddof=1) * np.sqrt((1 + 5 * 0.25) / 300)
    of_folds = np.std(errors[0] - errors[1], ddof=1) * np.sqrt(1 / 15 + 0.25)
    assert doubts(errors, 0.25, losses, repeats=3)[0, 1] == pytest.approx(max(apart, of_folds), rel=1e-12)
    same = errors[0] + np.zeros((2, 15))
    assert doubts(same, 0.25, losses, repeats=3)[0, 1] == pytest.approx(apart, rel=1e-12)
    least = 0.2 * np.std(losses[0], ddof=1) * np.sqrt((1 + 5 * 0.25) / 300)
    assert noticed(errors, 0.25, losses, False, 3)[0] == pytest.approx(least, rel=1e-12)


def test_repeats_steady_the_error():
    """The mean error of the same rows differs from seed to seed by the folds alone: less so the more are averaged."""
    rng = np.random.default_rng(1)
    X = rng.normal(size=(60, 8))
    y = X[:, 0] + rng.normal(size=60)
    spread = {}
    for repeats in (1, 4):
        means = []
        for seed in range(30):
            rng = np.random.default_rng(seed)
            folds = split.drawn(lambda: rng.permutation(60) % 5, "random", repeats)  # noqa: B023
            errors = []
            for j in range(folds.models):
                b = np.linalg.lstsq(X[folds.train(j)], y[folds.train(j)], rcond=None)[0]
                errors.append(np.mean((y - X @ b)[folds.held(j)] ** 2))
            means.append(np.mean(errors))
        spread[repeats] = np.std(means)
    assert spread[4] < 0.7 * spread[1]


def test_what_there_was_no_time_for_is_said_and_left_out(linear, tmp_path, monkeypatch):
    fitted, begun = [], rows_of.fit_rung

    def slow(rung, sample, seed, below=None):
        fitted.append(seed)
        if len(fitted) == 23:  # in the first repeat of four rungs
            raise KeyboardInterrupt
        return begun(rung, sample, seed, below)

    monkeypatch.setattr(rows_of, "fit_rung", slow)
    table = regression()[0]
    climb = climbing.climb(table, "y", terms=Terms(repeats=3))
    left = [(each["name"], each["reason"]) for each in climb.report["skipped"] if each["name"].startswith("repeat")]
    assert [name for name, _ in left] == ["repeat 2", "repeat 3"] and "interrupted" in left[0][1]
    assert climb.report["folds"]["repeats"] == 1 and {len(rung["errors"]) for rung in climb.report["rungs"]} == {5}
    write_model(tmp_path / "model.safetensors", climb.arrays, climb.document)
    assert not verify_file(tmp_path / "model.safetensors", table).refuted


def test_a_budget_keeps_repeats_from_starting(linear):
    report = climbing.climb(regression()[0], "y", terms=Terms(repeats=2, budget=1e-9)).report
    assert report["folds"]["repeats"] == 1
    assert next(each["reason"] for each in report["skipped"] if each["name"] == "repeat 2").startswith("the budget")
    assert "repeat 2" in report["answer"][1]


def test_groups_stay_whole_in_every_repeat(linear, tmp_path):
    rng = np.random.default_rng(0)
    x = rng.normal(size=90)
    herd = [f"h{i % 18}" for i in range(90)]
    columns = (Column("x", "number", x), text_column("herd", herd), Column("y", "number", x + rng.normal(size=90)))
    table = Table("made.csv", columns)
    climb = climbing.climb(table, "y", Wishes(group="herd"), Terms(repeats=2))
    again = climb.arrays["fold_again"][0]
    assert all(len(set(again[np.array(herd) == each])) == 1 for each in set(herd))
    write_model(tmp_path / "model.safetensors", climb.arrays, climb.document)
    assert not verify_file(tmp_path / "model.safetensors", table).refuted


def test_where_rows_cannot_be_drawn_again():
    day = np.arange(90).astype("datetime64[D]")
    table = Table("made.csv", (Column("day", "time", day), *regression()[0].columns))
    assert problem_of(table, "y").folds.repeats == 1
    with pytest.raises(TableError, match="in the order of time can't be drawn into folds more than once: draw random"):
        problem_of(table, "y", repeats=2)
    for wrong in (0, 51, 2.5):
        with pytest.raises(ValueError, match="give a whole number from 1 to 50"):
            Terms(repeats=wrong)


def test_repeats_that_nobody_asked_for_do_not_stop_the_ladder(monkeypatch):
    """One positive count among 20 rows can fall where a fold learns from zeros alone: then the folds are drawn once."""
    folds = Folds(np.arange(10) % 5, 5, again=np.array([[0] * 10]))

    class Counts:
        kind, classes, y = "counts", None, np.r_[1.0, 1.0, np.zeros(8)]

    assert split.learnable(Counts, folds, None).repeats == 1
    with pytest.raises(ValueError, match="every count that fold 1 of 5, repeat 2 learns from is 0"):
        split.learnable(Counts, folds, 2)
