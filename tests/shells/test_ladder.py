"""Ladder: what `infimum fit` finds, as a scikit-learn estimator; frames, folders, pictures, and what is refused."""

import json
import pickle

import matplotlib
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.utils.estimator_checks import check_estimator

import infimum.ladder.climb as climbing
from infimum import Ladder, LadderDisplay
from infimum.ladder.climb import climb
from infimum.ladder.fitted import Fitted
from infimum.ladder.rungs import rungs_for
from infimum.tables.reading.memory import table_of

pandas = pytest.importorskip("pandas")
polars = pytest.importorskip("polars")
matplotlib.use("agg")
FEW = "it holds a class on fewer than five rows, and each of five folds needs one to predict"
EXPECTED = {
    "classification": dict.fromkeys(
        (
            "check_dict_unchanged",
            "check_dont_overwrite_parameters",
            "check_f_contiguous_array_estimator",
            "check_fit2d_1feature",
            "check_fit2d_predict1d",
            "check_methods_sample_order_invariance",
            "check_methods_subset_invariance",
        ),
        FEW,
    )
    | {"check_classifiers_train": "its classes are separated, so that of the two rungs left here the constant is taken"}
}


SLOW = ("lasso", "elastic net", "products")


@pytest.fixture(autouse=True, scope="module")
def few_rungs():
    """No network, and none of the rungs whose strengths take longest: what is tested is the shell."""
    patch = pytest.MonkeyPatch()
    patch.setattr(climbing, "find_spec", lambda name: None)
    patch.setattr(
        climbing, "rungs_for", lambda *told: tuple(each for each in rungs_for(*told) if each.name not in SLOW)
    )
    yield
    patch.undo()


def frame(n=240, seed=0):
    """(X, z): a line in hour, more where it rains, nothing in wind; dates that say nothing."""
    rng = np.random.default_rng(seed)
    X = pandas.DataFrame(
        {
            "hour": rng.uniform(0, 24, n),
            "sky": rng.choice(["clear", "rain"], n),
            "wind": pandas.Categorical(rng.choice(list("nsw"), n)),
            "open": rng.random(n) < 0.4,
        }
    )
    return X, X["hour"] / 6 + (X["sky"] == "rain") - 2.5 + 0.4 * rng.normal(size=n)


TARGETS = {
    "quantity": lambda z: z,
    "two classes": lambda z: z > 0,
    "words": lambda z: pandas.Series(np.array(["low", "mid", "top"])[np.digitize(z, [-0.7, 0.7])], name="grade"),
    "counts": lambda z: np.random.default_rng(1).poisson(np.exp(z)),
}
TASKS = {"counts": "counts"}


@pytest.fixture(scope="module", params=TARGETS)
def fitted(request):
    X, z = frame()
    y = TARGETS[request.param](z)
    return Ladder(TASKS.get(request.param, "auto"), reference=request.param == "quantity").fit(X, y), X, y


def test_it_is_what_the_command_finds(fitted):
    ladder, X, y = fitted
    target = ladder.report_["target"]["name"]
    assert target == ("grade" if isinstance(y, pandas.Series) and y.name else "y")
    told = dict(zip(X, (X[name] for name in X), strict=True)) | {target: y}
    table = table_of(pandas.DataFrame(told))
    wishes, terms = climbing.Wishes(task=ladder.task), climbing.Terms(reference=ladder.reference)
    found = climb(table, target, wishes, terms)
    assert {**found.report, "command": ""} == {**ladder.report_, "command": ""}
    assert found.arrays.keys() == ladder.climb_.arrays.keys()
    assert all(np.array_equal(found.arrays[name], array) for name, array in ladder.climb_.arrays.items())


def test_every_number_is_derived_again_and_other_data_is_refuted(fitted):
    ladder, X, y = fitted
    verification = ladder.verify(X, y)
    assert not verification.refuted, str(verification)
    other = X.copy()
    other.loc[3, "hour"] += 1e-9
    assert ladder.verify(other, y).refuted


def test_the_leaderboard_and_the_reasons(fitted):
    ladder, _, _ = fitted
    board = ladder.leaderboard_
    assert list(board[board["chosen"]]["rung"]) == [ladder.chosen_]
    assert list(board["error"]) == [rung["mean"] for rung in ladder.report_["rungs"]]
    assert list(board["rung"])[0] == "constant" and set(board["verdict"]) == {"CERTIFIED"}
    assert ladder.reasons_[ladder.chosen_].startswith("Chosen") and "PyTorch" in ladder.reasons_["network"]
    assert all(ladder.reasons_[name] == why for name, why in zip(board["rung"], board["reason"], strict=True))


def test_without_pandas_the_leaderboard_is_a_list(monkeypatch):
    import infimum.shells.ladder as shell

    X, z = frame(60)
    monkeypatch.setattr(shell, "find_spec", lambda name: None)
    board = Ladder(reference=False).fit(X, z).leaderboard_
    assert isinstance(board, list) and board[0]["rung"] == "constant" and sum(row["chosen"] for row in board) == 1


def test_predictions_and_what_covers_them(fitted):
    ladder, X, y = fitted
    assert ladder.score(X, y) > (0.3 if ladder.task == "counts" else 0.6)
    assert ladder.predict(X.iloc[7:8])[0] == ladder.predict(X)[7]
    if ladder.report_["target"]["classes"]:
        np.testing.assert_array_equal(ladder.classes_, np.unique(y))
        p, inside = ladder.predict_proba(X), ladder.predict_set(X)
        np.testing.assert_array_equal(ladder.predict(X), ladder.classes_[p.argmax(axis=1)])
        own = inside[np.arange(len(X)), np.searchsorted(ladder.classes_, y)]
        assert inside.shape == p.shape and own.mean() > 0.85 and not hasattr(ladder, "predict_interval")
        return
    assert not hasattr(ladder, "predict_proba") and not hasattr(ladder, "predict_set")
    if ladder.task == "counts":
        assert not hasattr(ladder, "predict_interval") and ladder.predict(X).min() > 0
        return
    lower, upper = ladder.predict_interval(X).T
    assert np.mean((lower <= y) & (y <= upper)) > 0.85 and np.median(upper - lower) < 2


def test_a_saved_folder_is_what_the_commands_read(fitted, tmp_path):
    ladder, X, _ = fitted
    folder = ladder.save(tmp_path / "deep" / "out")
    assert json.loads((folder / "report.json").read_text("utf-8")) == json.loads(json.dumps(ladder.report_))
    told = Fitted.load(folder).predict(table_of(X))["prediction"]
    own = ladder.predict(X)
    assert list(told) == [str(each).lower() if own.dtype == bool else each for each in own.tolist()]
    with pytest.raises(ValueError, match="already there: choose another folder, or replace it with replace=True"):
        ladder.save(folder)
    ladder.save(folder, replace=True)
    (folder / "mine.txt").write_text("kept")
    with pytest.raises(ValueError, match=r"'mine.txt', which replace=True would delete"):
        ladder.save(folder, replace=True)
    page = ladder.report(tmp_path / "page.html").read_text("utf-8")
    assert page == (folder / "report.html").read_text("utf-8") and "Ladder(" in page
    with pytest.raises(ValueError, match=r"is a folder: name the file to write"):
        ladder.report(tmp_path)


def test_the_picture_shows_every_rung_the_choice_and_the_reference(fitted):
    ladder, _, _ = fitted
    display = LadderDisplay.from_estimator(ladder)
    ax = display.plot()
    assert [label.get_text() for label in ax.get_yticklabels()] == list(ladder.leaderboard_["title"])
    texts = [text.get_text() for text in ax.get_legend().get_texts()]
    title = next(rung["title"] for rung in ladder.report_["rungs"] if rung["chosen"])
    assert f"chosen: {title}" in texts
    assert ("Gradient boosting, for reference" in texts) == bool(ladder.reference)
    mark = next(line for line in ax.get_lines() if line.get_label() == f"chosen: {title}")
    assert mark.get_xdata()[0] == ladder.leaderboard_["error"][display.chosen]
    assert display.plot(ax) is ax
    matplotlib.pyplot.close("all")


def test_frames_of_polars_and_pandas_dicts_and_copies_say_the_same():
    X, z = frame(80)
    ladder = Ladder(reference=False).fit(X, z)
    told = {name: X[name].tolist() for name in X}
    other = polars.DataFrame({name: polars.Series(values) for name, values in told.items()})
    expected = ladder.predict(X)
    for data in (other, told):
        again = clone(ladder).fit(data, z.to_numpy())
        np.testing.assert_array_equal(again.predict(data), expected)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(ladder)).predict(X), expected)
    with pytest.raises(ValueError, match="[Ff]eature names"):
        ladder.predict(X[["sky", "hour", "wind", "open"]])


def test_groups_and_time_split_the_rows():
    X, z = frame(120)
    homes = np.arange(120) % 12
    ladder = Ladder(reference=False).fit(X, z, groups=homes)
    assert ladder.report_["folds"]["kind"] == "groups" and not ladder.verify(X, z, groups=homes).refuted
    assert "group" not in ladder.climb_.document["names"] and "groups=groups" in ladder.report_["command"]
    by_name = Ladder(reference=False).fit(X.assign(home=homes.astype(str)), z, groups="home")
    np.testing.assert_array_equal(by_name.climb_.arrays["fold"], ladder.climb_.arrays["fold"])
    ladder = Ladder(reference=False).fit(X, z, time=np.arange(120))
    assert ladder.report_["folds"]["kind"] == "time" and not ladder.verify(X, z, time=np.arange(120)).refuted
    assert "time" not in ladder.climb_.document["names"]
    days = X.assign(day=pandas.date_range("2026-01-01", periods=120))
    assert Ladder(reference=False).fit(days, z).report_["folds"]["kind"] == "time"
    assert Ladder(reference=False).fit(days, z, time="none").report_["folds"]["kind"] == "random"


def test_rows_without_a_target_are_left_out_and_numbers_can_be_classes():
    X, z = frame(120)
    y = np.digitize(z, [-0.7, 0.7]).astype(float)
    y[:5] = np.nan
    ladder = Ladder("classification", reference=False).fit(X, y)
    assert ladder.classes_.tolist() == [0.0, 1.0, 2.0] and ladder.report_["table"]["used_rows"] == 115


def test_progress_is_told_where_it_is_asked_for(capsys):
    X, z = frame(40)
    Ladder(reference=False).fit(X, z)
    assert capsys.readouterr().err == ""
    Ladder(reference=False, verbose=True).fit(X, z)
    assert "constant, fold 1 of 5" in capsys.readouterr().err


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
@pytest.mark.parametrize("task", ["auto", "regression", "classification"])
def test_scikit_learns_checks(task, monkeypatch):
    """On the two simplest rungs: the checks are about the shell, and fit it some hundred times."""
    monkeypatch.setattr(climbing, "rungs_for", lambda kind, classes: rungs_for(kind, classes)[:2])
    ladder, expected = Ladder(task, reference=False), EXPECTED.get(task)
    results = check_estimator(ladder, on_fail=None, expected_failed_checks=expected)
    assert len(results) > 40
    assert not [each["check_name"] for each in results if each["status"] not in ("passed", "skipped", "xfail")]
    assert {each["check_name"] for each in results if each["status"] == "xfail"} == set(expected or ())


@pytest.mark.parametrize(
    ("ladder", "change", "message"),
    [
        (Ladder(rule="worst"), {}, "the rule must be '1se' or 'best'"),
        (Ladder(coverage=0.2), {}, "the coverage is 0.2"),
        (Ladder(coverage="much"), {}, "the coverage is 'much'"),
        (Ladder(budget=0), {}, "the budget is 0"),
        (Ladder("ranking"), {}, "the target can't be taken for 'ranking'"),
        (Ladder(random_state=-1), {}, "random_state = -1; expected an integer ≥ 0"),
        (Ladder(drop=["huor"]), {}, "data has no column 'huor': did you mean 'hour'"),
        (Ladder(), {"groups": "huor"}, "data has no column 'huor': did you mean 'hour'"),
        (Ladder(), {"groups": [1, 2]}, "inconsistent numbers of samples"),
        (Ladder(), {"y": None}, "requires y to be passed"),
        (Ladder(), {"y": np.full(40, 3.0)}, "'y' is 3 in every row"),
        (Ladder("classification"), {"y": np.full(40, 3)}, "only one class"),
        (Ladder("classification"), {"y": np.linspace(0, 1, 40)}, "continuous"),
        (Ladder("counts"), {"y": np.linspace(-1, 1, 40)}, "counts are whole numbers from 0"),
        (Ladder(), {"y": pandas.Series(np.arange(40.0), name="hour")}, "X holds a column 'hour', and so is the target"),
    ],
)
def test_what_does_not_fit_is_said(ladder, change, message):
    X, z = frame(40)
    with pytest.raises(ValueError, match=message):
        clone(ladder).fit(X, **{"y": z, **change})


def test_after_the_budget_no_rung_starts():
    X, z = frame(60)
    ladder = Ladder(budget=1e-9).fit(X, z)
    assert list(ladder.leaderboard_["rung"]) == ["constant", "least squares"]
    assert "was used up" in ladder.reasons_["ridge"] and "was used up" in ladder.reasons_["reference"]


def test_too_few_rows_set_no_width():
    X, z = frame(16)
    ladder = Ladder(reference=False, coverage=0.98).fit(X, z)
    with pytest.raises(ValueError, match="no intervals with coverage 0.98"):
        ladder.predict_interval(X)


def test_before_fit_there_is_nothing():
    X, z = frame(12)
    for call in (lambda: Ladder().predict(X), lambda: Ladder().score(X, z), lambda: Ladder().report("page.html")):
        with pytest.raises(NotFittedError):
            call()
    with pytest.raises(NotFittedError):
        LadderDisplay.from_estimator(Ladder())
