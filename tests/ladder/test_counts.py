"""Counts on the ladder: the rungs, the deviance, what is shown and predicted, odd tables, and what is refused."""

import numpy as np
import pytest

import infimum.ladder.climb as climbing
from infimum.files.model_file import write_model
from infimum.ladder.fitted import Fitted
from infimum.ladder.problem import problem_of
from infimum.ladder.reference import reference_of
from infimum.ladder.strength import choose_strength
from infimum.losses import Poisson
from infimum.report.build import build
from infimum.tables import Column, Table, TableError, text_column
from infimum.tables.task import task
from infimum.tables.wishes import Wishes
from infimum.verify import verify_file
from tests.linear_rungs import use_linear_rungs

COUNTS = Wishes(task="counts")
PENALISED = ("ridge", "lasso", "elastic net", "additive")  # and products, where there are any


def table_of(n=240, seed=0, scale=1.0, words=None, y=None):
    """A log-linear count of two columns of three, and of a word."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 3)) * [1, 10, 0.1]
    words = rng.choice(["car", "foot", "ship"], n).tolist() if words is None else words
    z = 0.8 + 0.5 * X[:, 0] - 0.04 * X[:, 1] + 0.5 * (np.array(words) == "ship")
    y = rng.poisson(scale * np.exp(z)).astype(float) if y is None else y
    columns = [Column(f"x{j}", "number", X[:, j].copy()) for j in range(3)]
    return Table("made.csv", (*columns, text_column("by", words), Column("visits", "number", y)))


def with_target(y, X=None):
    y = np.asarray(y, dtype=float)
    X = np.random.default_rng(1).normal(size=(len(y), 2)) if X is None else X
    return Table("t.csv", (*(Column(f"x{j}", "number", c.copy()) for j, c in enumerate(X.T)), Column("y", "number", y)))


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(climbing, "find_spec", lambda name: None)
    monkeypatch.setattr(climbing, "reference_of", lambda *told: None)


@pytest.fixture
def linear(monkeypatch):
    use_linear_rungs(monkeypatch)


def accepted(climb, table, tmp_path):
    write_model(tmp_path / "model.safetensors", climb.arrays, climb.document)
    verification = verify_file(tmp_path / "model.safetensors", table)
    assert not verification.refuted, str(verification)


def test_the_rungs_of_counts_win_over_the_mean_and_every_number_is_derived_again(quick, tmp_path):
    metrics = pytest.importorskip("sklearn.metrics")
    table = table_of()
    climb = climbing.climb(table, "visits", COUNTS)
    report = climb.report
    assert [rung["name"] for rung in report["rungs"]] == ["constant", "poisson", *PENALISED]
    assert {rung["verdict"] for rung in report["rungs"]} == {"CERTIFIED"}
    assert report["chosen"] in ("poisson", "ridge", "lasso") and report["metric"] == "deviance"
    assert report["target"]["task"] == "counts" and report["intervals"] is None and report["confusion"] is None
    assert "mean Poisson deviance" in report["answer"][0] and "always predicting the mean" in report["answer"][0]
    assert "--task counts" in report["command"] and report["wishes"]["task"] == "counts"
    y, p = np.array(report["out_of_fold"]["observed"]), np.array(report["out_of_fold"]["predicted"])
    told = report["statistics"]
    assert told["deviance"] == pytest.approx(metrics.mean_poisson_deviance(y, p), rel=1e-10)
    assert told["d2"] == pytest.approx(metrics.d2_tweedie_score(y, p, power=1), rel=1e-10)
    assert told["mae"] == pytest.approx(metrics.mean_absolute_error(y, p), rel=1e-12)
    assert told["rmse"] == pytest.approx(metrics.root_mean_squared_error(y, p), rel=1e-12)
    accepted(climb, table, tmp_path)


def test_the_equation_gives_the_logarithm_of_the_prediction(linear):
    table = table_of()
    climb = climbing.climb(table, "visits", COUNTS)
    predicted = Fitted(climb.arrays, climb.document).predict(table)
    equation = climb.report["equation"]
    words = np.array(table.column("by").cells())
    z = np.full(table.rows, equation["intercept"])
    for term in equation["terms"]:
        x = words == term["level"] if term["level"] else table.column(term["column"]).values
        z += term["coefficient"] * x
    assert list(predicted) == ["prediction"] and predicted["prediction"].min() > 0
    np.testing.assert_allclose(predicted["prediction"], np.exp(z), rtol=1e-10)


def test_the_mean_of_the_predictions_is_the_mean_of_the_counts(linear):
    """With an intercept and no penalty on it the score equation says so: Σ (eᶻ − y) = 0."""
    table = table_of()
    climb = climbing.climb(table, "visits", COUNTS)
    predicted = Fitted(climb.arrays, climb.document).predict(table)["prediction"]
    assert predicted.mean() == pytest.approx(table.column("visits").values.mean(), rel=1e-9)


def test_noise_gives_the_mean(linear):
    y = np.random.default_rng(5).poisson(3.0, 300)
    report = climbing.climb(with_target(y), "y", COUNTS).report
    assert report["chosen"] == "constant" and report["answer"][0].startswith("No model is shown to predict y better")


def test_a_level_whose_counts_are_all_zero_is_no_candidate(quick, tmp_path):
    words = ["never" if i % 6 == 0 else "foot" for i in range(180)]
    y = np.where(np.array(words) == "never", 0, np.random.default_rng(2).poisson(3.0, 180)).astype(float)
    table = table_of(180, words=words, y=y)
    climb = climbing.climb(table, "visits", COUNTS)
    poisson = climb.report["rungs"][1]
    assert not poisson["candidate"] and "by = never → −∞" in poisson["unattained"]
    assert climb.report["chosen"] in ("ridge", "lasso")
    accepted(climb, table, tmp_path)


@pytest.mark.parametrize("scale", [1e6, 1e-2])
def test_large_and_rare_counts(scale, quick, tmp_path):
    table = table_of(400, scale=scale)
    climb = climbing.climb(table, "visits", COUNTS)
    assert np.isfinite(climb.report["rungs"][1]["mean"])
    assert climb.report["chosen"] != "constant" or scale < 1
    accepted(climb, table, tmp_path)


ODD = {
    "two above 0": np.where(np.isin(np.arange(24), (7, 20)), 1, 0),
    "one outlier": np.where(np.arange(24) == 7, 1e9, np.arange(24) % 3),
    "powers of two": 2.0 ** np.minimum(np.arange(24), 50),
    "zeros and ones": np.arange(24) % 2,
}


@pytest.mark.parametrize("odd", ODD)
def test_odd_counts(odd, quick, tmp_path):
    table = with_target(ODD[odd], np.column_stack([np.arange(24.0), np.cos(np.arange(24.0))]))
    climb = climbing.climb(table, "y", COUNTS)
    assert all(np.isfinite(rung["errors"]).all() for rung in climb.report["rungs"])
    assert Fitted(climb.arrays, climb.document).predict(table)["prediction"].min() >= 0
    assert "Deviance explained (D²)" in build(climb.report)
    accepted(climb, table, tmp_path)


def test_counts_that_hardly_vary_for_their_size_are_refused(linear):
    with pytest.raises(TableError, match="'y' varies too little for its size"):
        climbing.climb(with_target(1e12 + np.arange(24) % 5), "y", COUNTS)


@pytest.mark.parametrize("seed", range(3))
def test_small_tables_of_many_kinds(seed, quick, tmp_path):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(12, 40))
    X = rng.normal(size=(n, int(rng.integers(1, 6)))) * 10.0 ** rng.uniform(-3, 3)
    y = np.where(rng.random(n) < 0.6, 0, rng.integers(0, 10 ** rng.integers(1, 7), n)).astype(float)
    y[[0, n // 2, n - 1]] = 1, 2, 3
    table = with_target(y, X)
    climb = climbing.climb(table, "y", COUNTS)
    assert climb.report["claims"] and Fitted(climb.arrays, climb.document).predict(table)["prediction"].min() >= 0
    accepted(climb, table, tmp_path)


def test_predictions_that_leave_the_range_of_numbers_are_left_out_with_the_reason(quick, tmp_path):
    x = np.concatenate([np.linspace(0.0, 1.0, 59), [1e4]])  # alone in its fold, far from all that the others show
    y = np.concatenate([np.floor(np.exp(3 * x[:59])), [1.0]])
    table = with_target(y, x[:, None])
    climb = climbing.climb(table, "y", COUNTS)
    skipped = {each["name"]: each["reason"] for each in climb.report["skipped"]}
    assert "predicts counts beyond 1e+99 on rows held out" in skipped["poisson"]
    assert all(np.isfinite(rung["errors"]).all() for rung in climb.report["rungs"])
    accepted(climb, table, tmp_path)


def test_the_strength_of_a_ridge_is_relative_to_the_mean_count():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(120, 4))
    y = rng.poisson(5 * np.exp(0.1 * X[:, 0])).astype(float)
    chosen = [choose_strength(Poisson(), "l2", X, scale * y, np.random.default_rng(0))[1] for scale in (1, 1000)]
    assert chosen[1] == pytest.approx(1000 * chosen[0], rel=1e-12)


def test_strengths_are_chosen_where_an_inner_fold_learns_from_zeros_alone():
    y = np.zeros(20)
    y[3] = 4.0
    X = np.random.default_rng(0).normal(size=(20, 2))
    for penalised in ("l1", "l2"):
        assert np.all(np.isfinite(choose_strength(Poisson(), penalised, X, y, np.random.default_rng(0))))


def test_the_reference_minimises_the_poisson_loss():
    problem = problem_of(table_of(), "visits", COUNTS)
    splits = [problem.encoded(j) for j in range(problem.folds.k)]
    found = reference_of(problem, splits, lambda text, done: None).errors
    held = [problem.y[problem.folds.held(j)] for j in range(5)]
    means = [np.log(problem.y[problem.folds.train(j)].mean()) for j in range(5)]
    constant = [problem.metric.error(np.full(len(y), z), y) for y, z in zip(held, means, strict=True)]
    assert np.mean(found) < np.mean(constant)


def test_a_network_of_counts(tmp_path):
    pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    X = rng.uniform(-2, 2, size=(400, 2))
    y = rng.poisson(np.exp(6 + 1.5 * np.sin(3 * X[:, 0]) * X[:, 1])).astype(float)
    table = with_target(y, X)
    climb = climbing.climb(table, "y", COUNTS)
    errors = {rung["name"]: rung["mean"] for rung in climb.report["rungs"]}
    assert errors["network"] < 0.5 * errors["poisson"]
    assert climb.report["reference"]["mean"] < errors["poisson"]
    assert Fitted(climb.arrays, climb.document).predict(table)["prediction"].min() > 0
    accepted(climb, table, tmp_path)


def test_numbers_on_request():
    two = with_target(np.repeat([3.0, 8.0], 10))
    assert task(two, "y").kind == "classification" and task(two, "y", "regression").kind == "regression"
    ten = with_target(np.tile(np.arange(10.0), 6))
    assert task(ten, "y").kind == "regression"
    asked = task(ten, "y", "classification")
    assert asked.classes == tuple("0123456789") and asked.y.tolist() == ten.column("y").values.tolist()
    assert task(with_target(np.tile([2.0, 10.0, 9.0], 5)), "y", "classification").classes == ("2", "9", "10")


def test_a_number_column_of_classes_climbs_in_the_order_of_its_numbers(quick, tmp_path):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(90, 2))
    y = np.array([2.0, 9.0, 10.0])[np.digitize(X[:, 0] + 0.5 * rng.normal(size=90), [-0.5, 0.5])]
    table = with_target(y, X)
    climb = climbing.climb(table, "y", Wishes(task="classification"))
    assert climb.report["target"]["classes"] == ["2", "9", "10"] and climb.report["metric"] == "log_loss"
    assert set(Fitted(climb.arrays, climb.document).predict(table)["prediction"]) <= {"2", "9", "10"}
    accepted(climb, table, tmp_path)


def test_two_numbers_as_a_quantity(quick, tmp_path):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 2))
    table = with_target(np.where(X[:, 0] + rng.normal(size=60) > 0, 8.0, 3.0), X)
    climb = climbing.climb(table, "y", Wishes(task="regression"))
    assert climb.report["metric"] == "rmse" and climb.report["target"]["classes"] is None
    accepted(climb, table, tmp_path)


REFUSED = {
    "negative": ("counts", [-1.0, 0, 1, 2, 3] * 4, r"y holds 4 value\(s\) that are no counts, first -1 in row 1"),
    "fractions": ("counts", [0, 0.5, 1, 2, 3] * 4, r"first 0.5 in row 2: counts are whole numbers from 0"),
    "beyond 2⁵³": ("counts", [0, 1e17, 1, 2, 3] * 4, r"first 1e\+17 in row 2"),
    "all 0": ("counts", [0.0] * 20, "'y' is 0 in every row"),
    "one above 0": ("counts", [5.0] + [0.0] * 19, r"every count that fold \d of 5 learns from is 0"),
    "too many classes": ("classification", np.arange(200.0), "y holds 200 different numbers .* --task regression"),
    "rare classes": ("classification", [1.0] * 10 + [2.0] * 9 + [3.0], "1 of them on fewer than 5 rows"),
    "no task": ("ranking", np.arange(20.0), "a task is one of 'auto', 'regression', 'classification' or 'counts'"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_targets_that_are_not_what_was_asked_for(case):
    asked, y, message = REFUSED[case]
    with pytest.raises(TableError, match=message):
        problem_of(with_target(y), "y", Wishes(task=asked))


def test_text_is_no_count():
    table = Table("t.csv", (*with_target(np.arange(20.0)).columns, text_column("mark", ["a", "b"] * 10)))
    for asked in ("counts", "regression"):
        with pytest.raises(TableError, match="mark holds text such as 'a', no numbers"):
            problem_of(table, "mark", Wishes(task=asked))


def test_folds_in_time_that_learn_from_zeros_alone_are_refused():
    y = np.concatenate([np.zeros(60), np.arange(60.0)])
    columns = (Column("day", "number", np.arange(120.0)), *with_target(y).columns)
    with pytest.raises(TableError, match="every count that fold 1 of 5 learns from is 0.*--time none"):
        problem_of(Table("t.csv", columns), "y", Wishes(task="counts", time="day"))


def noted(y, asked="auto"):
    findings = problem_of(with_target(y), "y", Wishes(task=asked)).findings
    return [finding for finding in findings if finding.code == "INF131"]


def test_a_target_that_looks_like_a_count_is_noted():
    rng = np.random.default_rng(0)
    counts = rng.poisson(np.exp(rng.normal(size=200)))
    (note,) = noted(counts)
    assert (
        "--task counts" in note.remedy and note.severity == "note" and f"{np.sum(counts == 0)} of 200" in note.statement
    )
    assert not noted(counts, "regression") and not noted(counts, "counts")
    for quantity in (counts + 0.5, counts - 1.0, counts + 20.0, rng.integers(1, 6, 200), 100 - counts):
        assert not noted(quantity)
