"""Folds by group and in time: no group is cut, no row is predicted from later ones, ties stay together."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from infimum.evaluation.folds import EARLIEST, Folds, assign_group_folds, assign_time_folds


@given(some.lists(some.integers(0, 30), min_size=5, max_size=200), some.integers(0, 99))
def test_groups_are_whole_and_folds_even(groups, seed):
    codes = np.unique(groups, return_inverse=True)[1]
    sizes = np.bincount(codes)
    if len(sizes) < 5:
        with pytest.raises(ValueError, match="5 folds need at least 5"):
            assign_group_folds(codes, 5, np.random.default_rng(seed))
        return
    fold = assign_group_folds(codes, 5, np.random.default_rng(seed))
    assert all(len(set(fold[codes == group])) == 1 for group in range(len(sizes)))
    rows = np.bincount(fold, minlength=5)
    assert rows.min() > 0 and rows.max() - rows.min() <= sizes.max()


@given(some.lists(some.integers(0, 60), min_size=12, max_size=300))
def test_every_row_is_predicted_from_earlier_ones_alone(times):
    x = np.array(times)
    try:
        folds = Folds(assign_time_folds(x, 5), 5, "time")
    except ValueError as error:
        assert "times" in str(error) or "spans" in str(error)
        return
    for j in range(5):
        train, held = folds.train(j), folds.held(j)
        assert train.any() and held.any() and x[train].max() < x[held].min()
    assert (folds.ever_held == (folds.fold != EARLIEST)).all() and folds.calibrating == (4,)
    assert (np.sum([folds.held(j) for j in range(5)], axis=0) == folds.ever_held).all()
    assert (folds.elsewhere(3) == folds.held(2)).all() and not folds.elsewhere(0).any()


def test_spans_hold_about_as_many_rows():
    fold = assign_time_folds(np.arange(6000), 5)
    assert [int((fold == j).sum()) for j in (EARLIEST, 0, 1, 2, 3, 4)] == [1000] * 6


def test_random_folds_learn_from_all_others():
    folds = Folds(np.array([0, 1, 2, 0], dtype=np.uint8), 3)
    assert folds.train(0).tolist() == [False, True, True, False] and folds.calibrating == (0, 1, 2)
    assert folds.elsewhere(0).tolist() == [False, True, True, False]
