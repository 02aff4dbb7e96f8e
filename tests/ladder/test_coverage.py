"""What predict writes as lower, upper and set: the formulas, the level asked for, how often new rows are covered."""

import numpy as np
import pytest

import infimum.ladder.climb as climbing
from infimum.ladder.fitted import Fitted
from infimum.ladder.sets import set_text
from infimum.ladder.terms import Terms
from infimum.tables import Column, Table, text_column
from infimum.tables.wishes import Wishes
from tests.linear_rungs import use_linear_rungs

LABELS = np.array(["ash", "birch|silver", "cedar"])


def numbers(n, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 3)) * [1, 10, 0.1]
    columns = [Column(f"x{j}", "number", X[:, j].copy()) for j in range(3)]
    return Table("made.csv", (*columns, Column("y", "number", X @ [1.0, 0.2, 3.0] + rng.standard_t(3, size=n))))


def classes(n, seed=0):
    """Three classes, the last with about one row in twelve."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 2))
    scores = 2 * X @ np.array([[1.0, -1.0, 0.0], [0.0, 1.0, -1.0]]) + np.array([1.0, 1.0, -1.0])
    y = LABELS[(scores + rng.gumbel(size=(n, 3))).argmax(axis=1)]
    columns = [Column(f"x{j}", "number", X[:, j].copy()) for j in range(2)]
    return Table("made.csv", (*columns, text_column("y", y.tolist())))


@pytest.fixture
def quick(monkeypatch):
    use_linear_rungs(monkeypatch, reference=True)


def fitted(table, coverage=0.9, wishes=None):
    climb = climbing.climb(table, "y", wishes, Terms(reference=False, coverage=coverage))
    return Fitted(climb.arrays, climb.document)


def test_lower_and_upper_are_those_of_the_formula(quick):
    table, level = numbers(60), 0.8
    model = fitted(table, level)
    new = numbers(7, seed=1)
    z, chosen = np.empty((5, 60)), model.report["chosen"]
    forecasts = np.column_stack(model._of_folds(new, [0, 1, 2, 3, 4]))
    for j, each in enumerate(model._of_folds(table, [0, 1, 2, 3, 4])):
        z[j] = each
    fold = model.arrays["fold"]
    residual = np.abs(table.column("y").values - z[fold, np.arange(60)])
    columns, place = model.predict(new), int(np.ceil(level * 61 - 1e-9))
    for row, lower, upper in zip(forecasts, columns["lower"], columns["upper"], strict=True):
        highest, lowest = np.sort(row[fold] + residual)[place - 1], np.sort(row[fold] - residual)[60 - place]
        assert highest < upper == pytest.approx(highest, rel=1e-14)  # rounded outward
        assert lowest > lower == pytest.approx(lowest, rel=1e-14)
    assert chosen in model.document["fits"] and model.report["intervals"]["folds"] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(("table", "wishes"), [(numbers, None), (classes, None), (numbers, Wishes(time="x0"))])
def test_a_row_alone_is_covered_like_among_others(quick, table, wishes):
    model, new = fitted(table(200), wishes=wishes), table(50, seed=1)
    whole = model.predict(new)
    assert {"lower", "upper"} <= set(whole) or "set" in whole
    for i in (0, 13, 49):
        alone = model.predict(new.take(np.array([i])))
        assert all(alone[name][0] == whole[name][i] for name in whole)


@pytest.mark.parametrize("coverage", [0.5, 0.8, 0.95])
def test_new_rows_are_covered_at_the_level_asked_for(quick, coverage):
    inside = []
    for seed in range(6):
        model, new = fitted(numbers(150, seed), coverage), numbers(400, seed=100 + seed)
        columns, y = model.predict(new), new.column("y").values
        inside.append(np.mean((columns["lower"] <= y) & (y <= columns["upper"])))
        assert np.mean(inside[-1]) >= (model.report["intervals"]["bound"] or 0) - 0.1
    # the share covered by one fit has a standard deviation of √(level (1 − level)/150), the mean of six 2.4 times less
    assert abs(np.mean(inside) - coverage) <= 4 * np.sqrt(coverage * (1 - coverage) / 150 / 6) + 0.01


def test_every_class_is_covered_the_rare_one_too(quick):
    hits, rows = np.zeros(3), np.zeros(3)
    for seed in range(4):
        model, new = fitted(classes(300, seed)), classes(1000, seed=100 + seed)
        columns, y = model.predict(new), new.column("y")
        labels = np.array(y.levels)[y.values] if y.kind == "text" else y.values
        for k, label in enumerate(LABELS):
            mine = labels == label
            quoted = set_text([label])
            hits[k] += sum(quoted in columns["set"][i] for i in np.flatnonzero(mine))
            rows[k] += mine.sum()
    assert rows[2] < 0.2 * rows.sum()
    assert np.all(np.abs(hits / rows - 0.9) <= 0.05), hits / rows
    assert any('"birch|silver"' in each for each in columns["set"])


def test_the_command_line_says_the_coverage(quick):
    report = fitted(numbers(60), 0.8).report
    assert report["command"].endswith("--coverage 0.8") and report["coverage"] == report["intervals"]["level"] == 0.8
    assert "80%" in report["intervals"]["guarantee"]


def test_too_few_rows_for_the_coverage_give_no_interval_and_say_so(quick):
    from infimum.report.coverage_words import coverage_note

    model = fitted(numbers(60), 0.99)
    assert model.report["intervals"] is None and list(model.predict(numbers(3))) == ["prediction"]
    assert "99 held-out rows" in coverage_note(model.report)


def test_a_class_with_too_few_rows_is_in_every_set(quick):
    model = fitted(classes(120), 0.95)
    facts = model.report["sets"]
    rare = facts["classes"][2]
    assert rare["rows"] < facts["rows_needed"] == 19 and rare["bound"] == rare["covered"] == 1.0
    assert all("cedar" in each for each in model.predict(classes(30, seed=1))["set"])


@pytest.mark.parametrize("coverage", [0.49, 1.0, -1, float("nan")])
def test_a_coverage_that_is_none_is_refused(coverage):
    with pytest.raises(ValueError, match=r"from 0\.5 to below 1"):
        Terms(coverage=coverage)
