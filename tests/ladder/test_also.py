"""Other estimators beside the ladder: on its folds and columns, verified like the reference, and never in its way."""

from importlib.metadata import EntryPoint

import numpy as np
import pytest
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.linear_model import LinearRegression, LogisticRegression, RidgeClassifier
from sklearn.neighbors import KNeighborsRegressor
from sklearn.tree import ExtraTreeRegressor

import infimum.ladder.climb as climbing
from infimum.files.model_file import write_model
from infimum.ladder.also import estimator_of, library_of
from infimum.ladder.terms import Terms
from infimum.report.build import build
from infimum.shells.ladder import Ladder
from infimum.tables import TableError
from infimum.tables.wishes import Wishes
from infimum.verify import verify_file
from tests.linear_rungs import use_linear_rungs
from tests.verify.made import classification, counts, regression, several, verdict_after


class Stops(RegressorMixin, BaseEstimator):
    """An estimator that can't be fitted."""

    def fit(self, X, y):
        raise RuntimeError("no licence\nfor this machine")

    def predict(self, X):
        return np.zeros(len(X))


class Interrupts(Stops):
    """One during whose fit the user presses Ctrl-C."""

    def fit(self, X, y):
        raise KeyboardInterrupt


@pytest.fixture(autouse=True)
def linear(monkeypatch):
    use_linear_rungs(monkeypatch)


def climbed(make, *also, task="auto", **terms):
    return climbing.climb(make()[0], "y", Wishes(task=task), Terms(reference=False, also=also, **terms))


def test_least_squares_of_scikit_learn_has_the_errors_of_the_rung():
    report = climbed(regression, LinearRegression(), "sklearn.neighbors:KNeighborsRegressor").report
    ours = next(rung for rung in report["rungs"] if rung["name"] == "least squares")
    first, second = report["also"]
    assert first["title"] == "LinearRegression" and first["library"].startswith("scikit-learn ")
    np.testing.assert_allclose(first["errors"], ours["errors"], rtol=1e-9)
    assert second["title"] == "KNeighborsRegressor" and second["difference"] < 0
    assert second["statement"].startswith("Simplicity costs nothing: KNeighborsRegressor (scikit-learn ")
    assert "--also sklearn.neighbors:KNeighborsRegressor" in report["command"]
    assert build(report, {}).count("For comparison, not a rung.") == 2


@pytest.mark.parametrize("make", [classification, several])
def test_probabilities_of_scikit_learn_have_the_loss_of_the_rung(make):
    report = climbed(make, LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000)).report
    ours = next((rung for rung in report["rungs"] if rung["name"] in ("logistic", "multinomial")), None)
    ours = ours or next(rung for rung in report["rungs"] if rung["name"] == "ridge")
    np.testing.assert_allclose(report["also"][0]["errors"], ours["errors"], rtol=0.05)


def test_a_seed_is_kept_and_one_that_is_not_set_is_that_of_the_ladder():
    own = [climbed(regression, ExtraTreeRegressor(random_state=seed)).report["also"][0]["errors"] for seed in (0, 1)]
    unset = climbed(regression, ExtraTreeRegressor()).report["also"][0]["errors"]
    assert own[0] != own[1] and unset == own[0]  # the ladder's seed is 0


def test_counts_are_compared_by_their_deviance():
    report = climbed(counts, "sklearn.linear_model:PoissonRegressor", KNeighborsRegressor(), task="counts").report
    assert all(0 < line["mean"] < 10 for line in report["also"])


def test_what_stops_is_said_and_stops_nothing_else():
    report = climbed(regression, Stops(), LinearRegression()).report
    assert [line["title"] for line in report["also"]] == ["LinearRegression"]
    assert {"name": "Stops", "reason": "it stopped: no licence"} in report["skipped"]


def test_what_cannot_predict_such_a_target_is_refused_before_any_work(monkeypatch):
    monkeypatch.setattr(climbing, "ascend", None)
    with pytest.raises(TableError, match=r"RidgeClassifier gives no probabilities \(predict_proba\)"):
        climbed(classification, RidgeClassifier())
    with pytest.raises(TableError, match="KNeighborsClassifier is of the kind classifier, and 'y' is no class"):
        climbed(regression, "sklearn.neighbors:KNeighborsClassifier")
    with pytest.raises(TableError, match="IsolationForest is of the kind outlier detector, and 'y' is no class"):
        climbed(regression, "sklearn.ensemble:IsolationForest")
    with pytest.raises(TableError, match="GaussianMixture is of the kind density estimator, and 'y' is a class"):
        climbed(classification, "sklearn.mixture:GaussianMixture")


def test_an_interruption_keeps_what_is_done():
    report = climbed(regression, LinearRegression(), Interrupts(), Stops()).report
    assert [line["title"] for line in report["also"]] == ["LinearRegression"] and report["chosen"]
    assert sum("interrupted" in each["reason"] for each in report["skipped"]) == 2


def test_after_the_budget_none_starts():
    report = climbed(regression, LinearRegression(), budget=1e-9).report
    assert report["also"] == [] and "was used up" in report["skipped"][-1]["reason"]
    assert report["skipped"][-1]["name"] == "LinearRegression"


@pytest.mark.parametrize("key", ["mean", "standard_error", "difference", "difference_error"])
def test_changed_lines_are_refuted(tmp_path, key):
    climb, path = climbed(regression, LinearRegression()), tmp_path / "model.safetensors"
    write_model(path, climb.arrays, climb.document)
    assert not verify_file(path, regression()[0]).refuted

    def change(arrays, document):
        document["report"]["also"][0][key] += 1e-6

    assert verdict_after((path, regression()[0]), tmp_path, change)


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ("KNeighborsRegressor", "not of the form module:Class"),
        ("sklearn.nowhere:Class", "can't be had: No module named"),
        ("sklearn.svm:Nope", "can't be had: module 'sklearn.svm' has no attribute 'Nope'"),
        ("sklearn.pipeline:Pipeline", "can't be made without arguments"),
        ("sys:exit", "'sys:exit' is no class"),
        ("collections:OrderedDict", "no estimator of scikit-learn's kind"),
        (LinearRegression, "is no estimator: give one"),
        (3, "3 is no estimator"),
    ],
)
def test_what_is_no_estimator_is_refused_before_any_work(wanted, message):
    with pytest.raises(ValueError, match=message):
        Ladder(also=[wanted]).fit(np.zeros((0, 2)), [])


def test_the_ladder_takes_estimators_and_a_library_has_its_version():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 2))
    ladder = Ladder(reference=False, also=(KNeighborsRegressor(3),)).fit(X, X[:, 0] + rng.normal(size=60))
    assert ladder.report_["also"][0]["title"] == "KNeighborsRegressor"
    assert estimator_of(KNeighborsRegressor(3)).n_neighbors == 3
    assert library_of(Stops()) == "your own code"


def test_a_plug_in_is_asked_for_by_its_name(monkeypatch):
    import infimum.ladder.also as also

    there = [EntryPoint("near", "sklearn.neighbors:KNeighborsRegressor", "infimum.rungs")]
    monkeypatch.setattr(also, "entry_points", lambda group: there if group == "infimum.rungs" else [])
    report = climbed(regression, "near").report
    assert report["also"][0]["title"] == "near" and report["also"][0]["library"].startswith("scikit-learn ")
    assert report["also"][0]["errors"] == climbed(regression, KNeighborsRegressor()).report["also"][0]["errors"]
    with pytest.raises(ValueError, match="'far' is not of the form module:Class, .*, or one of the plug-ins 'near'"):
        estimator_of("far")
    monkeypatch.undo()
    with pytest.raises(ValueError, match="and no plug-in is installed"):
        estimator_of("near")
