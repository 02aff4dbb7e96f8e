"""Several classes on the ladder: the scores, their probabilities, what is shown of them, and what is refused."""

import numpy as np
import pytest

import infimum.ladder.climb as climbing
from infimum.files.model_file import write_model
from infimum.ladder.fitted import Fitted
from infimum.ladder.problem import problem_of
from infimum.ladder.reference import reference_of
from infimum.report.build import build
from infimum.tables import Column, Table, TableError, text_column
from infimum.tables.wishes import Wishes
from infimum.verify import verify_file

LABELS = np.array(["ash", "birch", "cedar", "dogwood"])


def table_of(n=240, seed=0, labels=LABELS):
    """Scores of the classes that rise and fall with two columns of three, and overlap."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 3)) * [1, 10, 0.1]
    K = len(labels)
    directions = np.column_stack([np.cos(np.arange(K)), np.sin(2 * np.arange(K)) / 10, np.zeros(K)])
    y = labels[(3 * X @ directions.T + rng.gumbel(size=(n, K))).argmax(axis=1)]
    columns = [Column(f"x{j}", "number", X[:, j].copy()) for j in range(3)]
    return Table("made.csv", (*columns, text_column("tree", y.tolist())))


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(climbing, "find_spec", lambda name: None)
    monkeypatch.setattr(climbing, "reference_of", lambda *told: None)


def test_the_scores_win_over_the_prior_and_every_number_is_derived_again(quick, tmp_path):
    table = table_of()
    climb = climbing.climb(table, "tree")
    report = climb.report
    assert [rung["name"] for rung in report["rungs"]] == ["constant", "logistic", "ridge", "additive"]
    assert report["chosen"] in ("logistic", "ridge") and report["target"]["classes"] == sorted(LABELS)
    assert {rung["verdict"] for rung in report["rungs"]} == {"CERTIFIED"}
    counts = np.array(report["confusion"])
    assert counts.shape == (4, 4) and counts.sum() == table.rows
    assert np.trace(counts) / table.rows == pytest.approx(report["statistics"]["accuracy"])
    write_model(tmp_path / "model.safetensors", climb.arrays, climb.document)
    verification = verify_file(tmp_path / "model.safetensors", table)
    assert not verification.refuted, str(verification)


def test_an_equation_a_class_gives_the_predicted_probabilities(quick):
    table = table_of()
    climb = climbing.climb(table, "tree")
    predicted = Fitted(climb.arrays, climb.document).predict(table)
    numbers = {column.name: column.values for column in table.columns[:3]}
    scores = np.column_stack(
        [
            one["intercept"] + sum(term["coefficient"] * numbers[term["name"]] for term in one["terms"])
            for one in climb.report["equation"]["scores"]
        ]
    )
    p = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(scores.sum(axis=1), 0, atol=1e-11)
    for k, label in enumerate(sorted(LABELS)):
        np.testing.assert_allclose(predicted[f"p({label})"], p[:, k], rtol=1e-10)
    assert predicted["prediction"] == [sorted(LABELS)[k] for k in p.argmax(axis=1)]


def test_a_row_alone_is_predicted_like_among_others(quick):
    table = table_of()
    climb = climbing.climb(table, "tree")
    fitted = Fitted(climb.arrays, climb.document)
    whole = fitted.predict(table)
    for i in (0, 17, 239):
        alone = fitted.predict(table.take(np.array([i])))
        assert all(alone[name][0] == whole[name][i] for name in whole)


def test_noise_gives_the_shares_of_the_classes(quick):
    rng = np.random.default_rng(3)
    columns = [Column(f"x{j}", "number", rng.normal(size=300)) for j in range(4)]
    table = Table("noise.csv", (*columns, text_column("tree", rng.choice(LABELS, 300).tolist())))
    report = climbing.climb(table, "tree").report
    assert report["chosen"] == "constant" and report["answer"][0].startswith("No model is shown to predict tree better")


def test_separated_classes_are_no_candidate_and_the_labels_are_named(quick):
    rng = np.random.default_rng(4)
    x = np.sort(rng.normal(size=120))
    y = LABELS[:3][np.digitize(x, [-0.5, 0.5])]
    table = Table("apart.csv", (Column("x", "number", x), text_column("tree", y.tolist())))
    report = climbing.climb(table, "tree").report
    logistic = report["rungs"][1]
    assert not logistic["candidate"] and "x for cedar → +∞" in logistic["unattained"]
    assert report["chosen"] != "logistic"


def test_the_network_and_the_reference_predict_every_class(tmp_path):
    pytest.importorskip("torch")
    table = table_of(160)
    climb = climbing.climb(table, "tree")
    assert climb.report["rungs"][-1]["name"] == "network"
    assert climb.report["reference"]["mean"] < climb.report["rungs"][0]["mean"]
    write_model(tmp_path / "model.safetensors", climb.arrays, climb.document)
    verification = verify_file(tmp_path / "model.safetensors", table)
    assert not verification.refuted, str(verification)
    assert "named dogwood" in build(climb.report)


def test_the_reference_of_a_fold_that_lacks_a_class():
    problem = problem_of(table_of(), "tree")
    problem.y[problem.folds.train(0) & (problem.y == 3)] = 0.0
    splits = [problem.encoded(j) for j in range(problem.folds.k)]
    assert np.isfinite(reference_of(problem, splits, lambda text, done: None).errors).all()


def test_folds_that_lack_a_class_are_refused_with_its_name():
    table = table_of(60)
    late = Column("day", "number", np.array([float(label == "dogwood") for label in table.column("tree").cells()]))
    group = Table("made.csv", (*table.columns, late))
    with pytest.raises(TableError, match="day|dogwood"):
        problem_of(group, "tree", Wishes(time="day"))
    codes, levels = table.column("tree").codes()
    lonely = Column("herd", "number", np.where(codes == levels.index("dogwood"), 0.0, 1.0 + np.arange(60) % 7))
    with pytest.raises(TableError, match="no row of the class 'dogwood' is left to learn from in fold"):
        problem_of(Table("made.csv", (*table.columns, lonely)), "tree", Wishes(group="herd"))
