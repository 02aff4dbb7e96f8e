"""The ladder: the same bytes from the same seed, the right rung on planted truths, and what it says without torch."""

import numpy as np
import pytest

import infimum.ladder.climb as climbing
from infimum.evaluation.folds import EARLIEST, Folds
from infimum.files.canonical import canonical
from infimum.files.model_file import model_bytes, write_model
from infimum.ladder.fitted import Fitted
from infimum.ladder.occam import choose, doubts, noticed
from infimum.ladder.strength import choose_strength, strongest
from infimum.ladder.terms import Terms
from infimum.ladder.words import counting
from infimum.losses.logistic import Logistic
from infimum.losses.squared import Squared
from infimum.tables import Column, Table, TableError, text_column
from infimum.verify import verify_file

PENALISED = ("ridge", "lasso", "elastic net", "additive")  # and products, where there are any


def table_of(X, y, target="number"):
    columns = [Column(f"x{j}", "number", X[:, j].copy()) for j in range(X.shape[1])]
    outcome = Column("y", "number", y) if target == "number" else text_column("y", y.tolist())
    return Table("made.csv", (*columns, outcome))


@pytest.fixture
def no_torch(monkeypatch):
    monkeypatch.setattr(climbing, "find_spec", lambda name: None)


def linear_table(n=200, noise=0.5, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 4))
    return table_of(X, X @ [1.0, -2.0, 0.0, 0.5] + noise * rng.normal(size=n))


def test_the_same_seed_gives_the_same_bytes(no_torch):
    first, second = (climbing.climb(linear_table(), "y", seed=3) for _ in range(2))
    assert canonical(first.report) == canonical(second.report)
    assert model_bytes(first.arrays, first.document) == model_bytes(second.arrays, second.document)
    assert canonical(climbing.climb(linear_table(), "y", seed=4).report) != canonical(first.report)


def test_the_network_rung_gives_the_same_bytes():
    pytest.importorskip("torch")
    first, second = (climbing.climb(linear_table(120), "y") for _ in range(2))
    assert first.report["rungs"][-1]["name"] == "network"
    assert model_bytes(first.arrays, first.document) == model_bytes(second.arrays, second.document)


def test_planted_linear_truth_is_found_and_certified(no_torch):
    report = climbing.climb(linear_table(), "y").report
    assert report["chosen"] == "least squares"
    assert {rung["verdict"] for rung in report["rungs"]} == {"CERTIFIED"}
    assert all(rung["gap_relative"] <= 1e-8 for rung in report["rungs"])


def test_pure_noise_gives_the_constant(no_torch):
    rng = np.random.default_rng(1)
    report = climbing.climb(table_of(rng.normal(size=(150, 5)), rng.normal(size=150)), "y").report
    assert report["chosen"] == "constant"
    assert "No model is shown to predict y better than a constant" in report["answer"][0]


def test_without_torch_the_ladder_ends_before_the_network_and_says_how_to_get_it(no_torch):
    report = climbing.climb(linear_table(), "y").report
    assert [rung["name"] for rung in report["rungs"]] == ["constant", "least squares", *PENALISED]
    assert "pip install 'infimum[networks]'" in report["skipped"][0]["reason"]


def test_a_network_is_chosen_where_only_it_can_predict():
    pytest.importorskip("torch")
    rng = np.random.default_rng(2)
    X = rng.uniform(-2, 2, size=(400, 2))
    report = climbing.climb(table_of(X, np.sin(3 * X[:, 0]) * X[:, 1] + 0.05 * rng.normal(size=400)), "y").report
    assert report["chosen"] == "network"
    assert report["equation"] is None
    assert next(claim for claim in report["claims"] if claim["kind"] == "gap")["verdict"] == "UNAVAILABLE"


def test_predictions_of_the_file_are_those_of_the_fit(no_torch, tmp_path):
    table = linear_table(400)
    climb = climbing.climb(table, "y")
    write_model(tmp_path / "model.safetensors", climb.arrays, climb.document)
    columns = Fitted.load(tmp_path).predict(table)
    assert list(columns) == ["prediction", "lower", "upper"]
    equation = climb.report["equation"]
    by_hand = equation["intercept"] + sum(
        term["coefficient"] * table.column(term["column"]).values for term in equation["terms"]
    )
    np.testing.assert_allclose(columns["prediction"], by_hand, rtol=1e-12)
    inside = (columns["lower"] <= table.column("y").values) & (table.column("y").values <= columns["upper"])
    assert inside.mean() > 0.85


def test_interval_covers_new_rows_at_its_level(no_torch, tmp_path):
    inside = []
    for seed in range(20):
        climb = climbing.climb(linear_table(100, seed=seed), "y")
        fresh = linear_table(300, seed=1000 + seed)
        columns = Fitted(climb.arrays, climb.document).predict(fresh)
        y = fresh.column("y").values
        inside.append(np.mean((columns["lower"] <= y) & (y <= columns["upper"])))
    assert 0.86 <= np.mean(inside) <= 0.95  # proved: 0.76; usual: 1 − α; 20 tables of 300 rows


def test_probabilities_of_classes_add_to_one(no_torch):
    rng = np.random.default_rng(3)
    X = rng.normal(size=(200, 3))
    words = np.where(X[:, 0] + rng.logistic(size=200) > 0, "yes", "no").astype(object)
    table = table_of(X, words, "text")
    climb = climbing.climb(table, "y")
    columns = Fitted(climb.arrays, climb.document).predict(table)
    assert list(columns) == ["prediction", "p(no)", "p(yes)", "set"]
    np.testing.assert_allclose(columns["p(no)"] + columns["p(yes)"], 1, rtol=1e-15)
    assert all((p > 0.5) == (label == "yes") for p, label in zip(columns["p(yes)"], columns["prediction"], strict=True))


@pytest.mark.parametrize("rows", [3, 8])
def test_too_few_rows_is_said(no_torch, rows):
    with pytest.raises(TableError, match="5 folds need 10"):
        climbing.climb(linear_table(rows), "y")


def test_no_column_left_is_said(no_torch):
    constant = Table("t", (Column("a", "number", np.ones(50)), Column("y", "number", np.arange(50.0) ** 2)))
    with pytest.raises(TableError, match="No column is left"):
        climbing.climb(constant, "y")


def test_one_standard_error_takes_the_simplest_good_enough():
    errors = np.array([[2.0, 2.2, 2.1], [1.05, 1.0, 1.1], [1.0, 1.1, 1.0]])
    choice = choose(errors, doubts(errors, 0.5))
    assert (choice.chosen, choice.best, choice.rivals) == (1, 2, (2, 2, 1))
    assert choose(errors[::-1], doubts(errors[::-1], 0.5)).chosen == 0
    assert choose(errors, doubts(errors, 0.5), rule="best").chosen == 2
    assert choose(errors, doubts(errors, 0.5), attained=np.array([True, True, False])).best == 1


@pytest.mark.parametrize("rule", ["1se", "best"])
def test_the_rule_decides_and_is_verified(no_torch, tmp_path, rule):
    """One weak column among noise: the lowest error is not the simplest that is good enough."""
    rng = np.random.default_rng(8)
    X = rng.normal(size=(200, 12))
    table = table_of(X, X[:, 0] + rng.normal(size=200))
    climb = climbing.climb(table, "y", terms=Terms(rule))
    lowest = min(climb.report["rungs"], key=lambda rung: rung["mean"])
    simplest = next(rung for rung in climb.report["rungs"] if rung["difference"] <= counting(rung))
    assert lowest is not simplest
    assert climb.report["chosen"] == (simplest if rule == "1se" else lowest)["name"]
    assert ("--rule best" in climb.report["command"]) == (rule == "best")
    write_model(tmp_path / "model.safetensors", climb.arrays, climb.document)
    assert not verify_file(tmp_path / "model.safetensors", table).refuted


def test_an_unknown_rule_is_refused():
    with pytest.raises(ValueError, match="'1se' or 'best', but is '2se'"):
        Terms("2se")


def test_differences_are_paired():
    """Folds that are hard for every rung say nothing about the difference of two: half a unit in each is certain."""
    hard = np.array([10.0, 20.0, 30.0, 40.0, 50.0])
    errors = np.array([hard + 0.5, hard + 0.01 * np.array([1, -1, 1, -1, 0])])
    choice = choose(errors, doubts(errors, 0.25))
    assert choice.chosen == 1
    assert choice.differences[0] == pytest.approx(0.5) and choice.standard_errors[0] < 0.01


def test_a_best_that_is_unsure_does_not_hide_what_is_sure():
    """The last rung has the lowest mean, by luck in one fold; the middle one is better than the first in every fold."""
    first = np.array([10.0, 10.2, 9.8, 10.1, 9.9])
    errors = np.array([first, first - 1, first + np.array([-30, 7, 7, 7, 1])])
    choice = choose(errors, doubts(errors, 0.25))
    assert (choice.best, choice.chosen, choice.rivals[0]) == (2, 1, 1)


def test_rounding_beats_nobody():
    errors = np.array([[1.0, 1.1, 1.2], [1e-16, 2e-16, 1e-16], [0.0, 1e-16, 0.0]])
    assert choose(errors, doubts(errors, 0.5)).chosen == 1


def test_a_rung_that_went_astray_hides_no_gain():
    errors = np.array([[3.3, 3.4, 3.2], [1.0, 1.1, 0.9], [1e13, 1.0, 1.1]])
    assert choose(errors, doubts(errors, 0.25)).chosen == 1


def test_doubt_is_the_larger_of_folds_and_rows():
    """Two rungs whose folds differ by the same by luck, and whose rows do not: the rows say how unsure that is."""
    rng = np.random.default_rng(1)
    losses = rng.exponential(size=(2, 500))
    same = np.array([np.full(5, 1.1), np.full(5, 1.0)])
    apart = np.std(losses[0] - losses[1], ddof=1) * np.sqrt((1 + 5 * 0.25) / 500)
    assert doubts(same, 0.25)[0, 1] == pytest.approx(0, abs=1e-15)
    np.testing.assert_allclose(doubts(same, 0.25, losses), apart * (1 - np.eye(2)), rtol=1e-12)
    np.testing.assert_allclose(doubts(same, 0.25, 2 * losses, rooted=True)[0, 1], 2 * apart / 2.1, rtol=1e-12)
    varied = same + 9 * rng.normal(size=(2, 5))
    assert doubts(varied, 0.25, losses)[0, 1] == doubts(varied, 0.25)[0, 1] > apart


def test_a_sure_gain_that_nobody_would_notice_does_not_count():
    """Losses differ by the same in every row, so that the gain is certain; it counts from a fifth of ± on."""
    losses = np.random.default_rng(2).exponential(size=500)
    spread = 0.2 * np.std(losses, ddof=1) * np.sqrt((1 + 5 * 0.25) / 500)
    for gain, chosen in ((0.9 * spread, 0), (1.1 * spread, 1)):
        rows = np.array([losses + gain, losses])
        errors = rows.reshape(2, 5, 100).mean(axis=2)
        least = noticed(errors, 0.25, rows, False)
        np.testing.assert_allclose(least, spread, rtol=1e-12)
        choice = choose(errors, doubts(errors, 0.25, rows), least)
        assert choice.chosen == chosen and choice.counts[0] == bool(chosen)
        assert choose(errors, doubts(errors, 0.25, rows)).chosen == 1


def test_what_is_noticed_of_a_root_is_that_of_its_square_by_the_delta_method():
    losses = np.random.default_rng(2).exponential(size=(2, 500))
    errors = np.sqrt(losses.reshape(2, 5, 100).mean(axis=2))
    both = 2 * errors.mean(axis=1)
    np.testing.assert_allclose(noticed(errors, 0.25, losses, True), noticed(errors, 0.25, losses, False) / both)
    assert noticed(np.zeros((1, 5)), 0.25, np.zeros((1, 500)), True).tolist() == [0.0]


def test_overlap_of_folds():
    fold = np.arange(60, dtype=np.uint8) % 6
    assert Folds(fold, 6).overlap == pytest.approx(1 / 5)
    spans = np.where(fold == 0, EARLIEST, fold - 1).astype(np.uint8)
    assert Folds(spans, 5, "time").overlap == pytest.approx(50 / (10 + 20 + 30 + 40 + 50))


@pytest.mark.parametrize("loss", [Squared(), Logistic()])
@pytest.mark.parametrize("penalised", ["l1", "l2", "both"])
def test_strength_is_small_for_a_strong_signal_and_large_for_none(loss, penalised):
    rng = np.random.default_rng(5)
    X = rng.normal(size=(300, 6))
    signal = X @ np.array([2.0, -1, 1, 0.5, 1, -2])
    y = signal + 0.1 * rng.normal(size=300)
    noise = rng.normal(size=300)
    if loss.name == "logistic":
        y, noise = (y > rng.logistic(size=300)).astype(float), (noise > 0).astype(float)
    strong = sum(choose_strength(loss, penalised, X, y, np.random.default_rng(0)))
    weak = sum(choose_strength(loss, penalised, X, noise, np.random.default_rng(0)))
    assert strong < 0.05 < weak / max(strongest(X, noise), 0.01)


def test_one_bad_fold_does_not_excuse_a_rung():
    """Its standard error is so wide that nothing beats it; the constant is below it, and something is below that."""
    errors = np.array([[3.0, 3.1, 2.9, 3.0, 3.0], [1.0, 1.1, 95.0, 1.0, 1.0], [1.3, 1.3, 1.4, 1.3, 1.2]])
    assert choose(errors, doubts(errors, 0.25)).chosen == 2
    assert choose(errors[:2], doubts(errors[:2], 0.25)).chosen == 0
