"""Successive halving: who goes on, who is chosen, and what a search seems to gain where there is nothing to gain."""

import numpy as np
import pytest

from infimum.evaluation.halving import PARTS, race


def test_the_best_third_goes_on_and_the_first_comes_to_the_end():
    asked = []

    def losses(c, part, j):
        asked.append((c, part, j))
        return np.full(5, 9.0 if c == 0 else float(c != 7)) + 0.1 * c

    found = race([1] * 18, losses, 3)
    rounds = [sorted(each.candidate for each in found.trials if each.part == part) for part in PARTS]
    assert list(map(len, rounds)) == [18, 6, 3] and 0 in rounds[-1] and found.chosen == 7
    assert rounds[1] == [1, 2, 3, 4, 5, 7] and rounds[2] == [0, 1, 7]
    assert len(asked) == len(set(asked)) == 3 * (18 + 6 + 3)  # nothing is trained twice, whatever splits choose


def test_the_simplest_within_a_standard_error_is_chosen():
    noise = np.random.default_rng(0).standard_normal((9, 3, 100))

    def chosen(sizes, first):
        level = np.array([first, 0.0, 0.3, *[5.0] * 6])
        return race(sizes, lambda c, part, j: level[c] + noise[c, j], 3).chosen

    assert chosen(range(1, 10), 0.05) == 0 and chosen(range(9, 0, -1), 0.05) == 1
    assert chosen(range(1, 10), 0.5) == 1  # simpler, but worse by more than the standard error, 0.08


def test_of_candidates_that_differ_by_luck_the_optimism_is_what_the_lowest_seems_to_gain():
    gains, optimism = [], []
    for seed in range(200):
        noise = np.random.default_rng(seed).standard_normal((9, 3, 40)) + 5
        found = race(range(9, 0, -1), lambda c, part, j, noise=noise: noise[c, j], 3)
        gains.append(5 - found.loss)
        optimism.append(found.optimism)
        assert found.corrected == pytest.approx(found.loss + found.optimism)
    assert np.mean(gains) > 0.03  # the loss stated is too low
    assert np.mean(optimism) == pytest.approx(np.mean(gains), rel=0.5)
    assert abs(np.mean(gains) - np.mean(optimism)) < 0.6 * np.mean(gains)


def test_a_search_takes_two_splits():
    with pytest.raises(ValueError, match="splits = 1"):
        race([1, 2], lambda c, part, j: np.zeros(3), 1)
