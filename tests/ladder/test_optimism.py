"""What searching makes of an error: known where all are equal, the same by the checker, refuted where changed."""

import numpy as np
import pytest

import infimum.ladder.climb as climbing
from infimum.files.model_file import write_model
from infimum.ladder.occam import choose, doubts
from infimum.ladder.optimism import Seen, picks_of, search_of
from infimum.verify.search import Picker
from tests.linear_rungs import use_linear_rungs
from tests.verify.made import regression, verdict_after


def seen(losses, rule="1se", rooted=False, seed=0):
    fold = np.random.default_rng(seed).permutation(np.arange(losses.shape[1]) % 5)
    return Seen(losses, fold, 0.25, np.ones(len(losses), dtype=bool), rule, rooted)


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
    found = search_of(seen(np.vstack([losses, losses + 50])), 0, float(losses.mean()), 0.0, np.random.default_rng(0))
    assert abs(found.optimism) < 0.2 * losses.std() / 20
    assert found.picked == (1.0, 0.0) and found.low < losses.mean() < found.high


def test_the_interval_covers_as_often_as_it_says():
    inside = 0
    for seed in range(200):
        losses = np.random.default_rng(seed).exponential(size=(2, 150)) * [[1.0], [9.0]]
        given = seen(losses, rooted=True, seed=seed)
        stated = float(np.sqrt(losses[0].mean()))
        found = search_of(given, 0, stated, 0.0, np.random.default_rng(seed))
        inside += found.low <= 1.0 <= found.high
    assert 0.84 <= inside / 200 <= 0.95


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
        if choose(errors, doubt, None, rule).chosen != pick:  # s with n − 1 there, with n here: a hair apart
            assert choose(errors, doubt * (1 - 1e-2), None, rule).chosen == pick


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
