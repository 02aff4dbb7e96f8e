"""What searching makes of an error: known where all are equal, the same by the checker, refuted where changed."""

import numpy as np
import pytest

import infimum.ladder.climb as climbing
import infimum.ladder.optimism as optimism
from infimum.evaluation.metrics import Metric
from infimum.files.model_file import write_model
from infimum.ladder.occam import choose, doubts, noticed
from infimum.ladder.optimism import Seen, learned_error, picks_of, row_error, search_of
from infimum.losses.logistic import Logistic
from infimum.losses.squared import Squared
from infimum.verify.search import Picker
from tests.linear_rungs import use_linear_rungs
from tests.verify.made import regression, verdict_after


def seen(losses, rule="1se", rooted=False, seed=0):
    fold = np.random.default_rng(seed).permutation(np.arange(losses.shape[1]) % 5)
    metric = Metric("rmse", Squared()) if rooted else Metric("log_loss", Logistic())
    return Seen(losses, fold, 0.25, np.ones(len(losses), dtype=bool), rule, metric)


def test_the_lowest_of_equal_errors_is_too_low_by_what_is_said():
    """Ten rungs of one true error: the lowest mean is below it, and the correction makes good most of that."""
    stated, corrected = [], []
    for seed in range(60):
        losses = np.random.default_rng(seed).exponential(size=(10, 200))
        given = seen(losses, "best", seed=seed)
        best = int(losses.mean(axis=1).argmin())
        found = search_of(given, best, float(losses[best].mean()), 0.0, np.random.default_rng(seed))
        stated.append(losses[best].mean() - 1)
        corrected.append(found.corrected - 1)
    assert np.mean(stated) < -0.08
    assert abs(np.mean(corrected)) < 0.2 * abs(np.mean(stated))


def test_without_a_choice_there_is_nothing_to_correct():
    losses = np.random.default_rng(0).exponential(size=(1, 400))
    given = seen(np.vstack([losses, losses + 50]))
    found = search_of(given, 0, float(losses.mean()), row_error(given, 0), np.random.default_rng(0))
    assert abs(found.optimism) < 0.2 * losses.std() / 20
    assert found.picked == (1.0, 0.0) and found.low < losses.mean() < found.high


def test_the_interval_covers_as_often_as_it_says(monkeypatch):
    monkeypatch.setattr(optimism, "DRAWS", 40)  # the other rung is never picked: there is no optimism to measure
    inside = 0
    for seed in range(200):
        losses = np.random.default_rng(seed).exponential(size=(2, 150)) * [[1.0], [9.0]]
        given = seen(losses, rooted=True, seed=seed)
        stated = float(np.sqrt(losses[0].mean()))
        found = search_of(given, 0, stated, row_error(given, 0), np.random.default_rng(seed))
        inside += found.low <= 1.0 <= found.high
    assert 0.84 <= inside / 200 <= 0.95


def test_what_rows_teach_the_fits_is_the_doubt_that_their_spread_leaves_out():
    """Least squares on 20 columns: the error on rows held out, less the true one of the fit to all, √(1 + ‖b̂ − b‖²)."""
    n, p, off, of_rows, of_both = 200, 20, [], [], []
    for seed in range(600):
        rng = np.random.default_rng(seed)
        X, noise = rng.normal(size=(n, p)), rng.normal(size=n)
        given = seen(np.zeros((1, n)), rooted=True, seed=seed)
        for j in range(5):
            held = given.fold == j
            b = np.linalg.lstsq(X[~held], noise[~held], rcond=None)[0]  # the error of b̂, by which predictions are off
            given.losses[0, held] = (noise[held] - X[held] @ b) ** 2
        whole = np.linalg.lstsq(X, noise, rcond=None)[0]
        off.append(float(np.sqrt(given.losses.mean()) - np.sqrt(1 + whole @ whole)))
        of_rows.append(row_error(given, 0))
        of_both.append(np.hypot(of_rows[-1], learned_error(given, 0, p)))
    assert np.mean(of_rows) < 0.92 * np.std(off)
    assert abs(np.mean(of_both) / np.std(off) - 1) < 0.08


def test_the_doubt_is_that_of_the_checker():
    losses = np.random.default_rng(0).exponential(size=(3, 90))
    for rooted in (False, True):
        given = seen(losses, rooted=rooted)
        picker = Picker(losses, given.fold, rooted, "1se", 0.25, (0, 1, 2))
        assert picker.of_rows(1) == pytest.approx(row_error(given, 1), rel=1e-12)
        assert picker.of_fits(7.5, given.metric.taught(losses[1]), 1) == pytest.approx(
            learned_error(given, 1, 7.5), rel=1e-12
        )


@pytest.mark.parametrize("rule", ["1se", "best"])
@pytest.mark.parametrize("rooted", [False, True])
def test_picks_are_those_of_the_rule_and_of_the_checker(rule, rooted):
    rng = np.random.default_rng(1)
    losses = rng.exponential(size=(5, 90)) * rng.uniform(0.9, 1.1, size=(5, 1))
    given = seen(losses, rule, rooted)
    W = np.array([np.bincount(rng.integers(90, size=90), minlength=90) for _ in range(40)], dtype=float)
    picker = Picker(losses, given.fold, rooted, rule, 0.25, tuple(range(5)))
    assert picks_of(given, W).tolist() == [picker.pick(times) for times in W]
    for times, pick in zip(W, picks_of(given, W), strict=True):  # by hand: the rows written out as often as they count
        rows = np.repeat(np.arange(90), times.astype(int))
        errors = np.array([losses[:, rows[given.fold[rows] == j]].mean(axis=1) for j in range(5)]).T
        errors = np.sqrt(errors) if rooted else errors
        doubt = doubts(errors, 0.25, losses[:, rows], rooted)
        least = noticed(errors, 0.25, losses[:, rows], rooted)
        if choose(errors, doubt, least, rule=rule).chosen != pick:  # s with n − 1 there, with n here: a hair apart
            assert choose(errors, doubt * (1 - 1e-2), least * (1 - 1e-2), rule=rule).chosen == pick


@pytest.fixture(scope="module")
def fitted(tmp_path_factory):
    table = regression()[0]
    with pytest.MonkeyPatch.context() as patch:
        use_linear_rungs(patch)
        climb = climbing.climb(table, "y")
    path = tmp_path_factory.mktemp("search") / "model.safetensors"
    write_model(path, climb.arrays, climb.document)
    return path, table


@pytest.mark.parametrize("key", ["optimism", "corrected", "low", "high", "draws", "level", "method", "picked"])
def test_a_changed_search_is_refuted(fitted, tmp_path, key):
    def change(arrays, document):
        search = document["report"]["search"]
        half = search["high"] - search["corrected"]
        if key == "method":
            search[key] = "guessed"
        elif key == "picked":
            name = max(search[key], key=search[key].get)
            search[key][name] -= 0.1
        else:
            search[key] += 0.1 * half

    assert verdict_after(fitted, tmp_path, change)


def test_changed_degrees_of_freedom_are_refuted(fitted, tmp_path):
    def change(arrays, document):
        document["report"]["rungs"][2]["degrees_of_freedom"] *= 1.01

    assert verdict_after(fitted, tmp_path, change)
