"""Laws of every penalty: add one to EVERY_PENALTY and all apply to it."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from infimum.penalties import Penalty
from infimum.penalties.elastic_net import ElasticNet, soft_threshold

# name → (penalty of one entry, (l1, l2, lower, upper): what its subdifferential is made of)
EVERY_PENALTY = {
    name: (ElasticNet(*parts), parts)
    for name, parts in {
        "none": (0.0, 0.0, -math.inf, math.inf),
        "ridge": (0.0, 3.0, -math.inf, math.inf),
        "lasso": (0.5, 0.0, -math.inf, math.inf),
        "elastic net": (0.5, 1.0, -math.inf, math.inf),
        "not negative": (0.0, 0.0, 0.0, math.inf),
        "not negative lasso": (1.0, 0.0, 0.0, math.inf),
        "at most one, ridge": (0.0, 1.0, -math.inf, 1.0),
        "box": (0.25, 0.0, -1.0, 2.0),
        "box beyond zero": (0.5, 1.0, 1.0, 2.0),
        "pinned": (1.0, 1.0, 0.5, 0.5),
    }.items()
}
POINTS = np.array([-4.0, -2.0, -1.0, -0.75, -0.5, -0.25, -0.0, 0.0, 0.25, 0.5, 1.0, 1.5, 2.0, 8.0])
SLOPES = np.array([-3.0, -1.5, -1.0, -0.5, -0.25, 0.0, 0.25, 0.5, 1.0, 2.5])

every_penalty = pytest.mark.parametrize("name", EVERY_PENALTY)
numbers = st.floats(-50, 50)
strengths = st.floats(0, 5)


def feasible(parts, points=POINTS):
    return points[(points >= parts[2]) & (points <= parts[3])]


def entry(penalty, w):
    """Ω at one number."""
    return penalty.value(np.array([float(w)]))


def subdifferential(parts, w):
    """∂Ω(w) = [left, right] at a w within the bounds."""
    l1, l2, lower, upper = parts
    left = l2 * w + (l1 if w > 0 else -l1)
    right = l2 * w + (l1 if w >= 0 else -l1)
    return -math.inf if w == lower else left, math.inf if w == upper else right


def smallest(parts, w, g):
    """The element of g + ∂Ω(w) nearest to 0."""
    left, right = (g + end for end in subdifferential(parts, w))
    return 0.0 if left <= 0 <= right else min((left, right), key=abs)


def moreau(penalty, w, v, step):
    """½ (w − v)² + step Ω(w)."""
    return 0.5 * (w - v) ** 2 + step * entry(penalty, w)


@every_penalty
@given(v=numbers, w=numbers, step=st.floats(1e-3, 10))
def test_prox_is_the_argmin(name, v, w, step):
    penalty, parts = EVERY_PENALTY[name]
    best = penalty.prox(np.array([v]), step)[0]
    w = min(max(w, parts[2]), parts[3])
    for other in (w, 0.5 * (w + best), 0.999 * best + 0.001 * w):
        assert moreau(penalty, best, v, step) <= moreau(penalty, other, v, step) + 1e-9 * (1 + v * v)


@every_penalty
def test_prox_beats_a_fine_grid(name):
    penalty, parts = EVERY_PENALTY[name]
    grid = np.unique(np.clip(np.linspace(-10, 10, 4001), parts[2], parts[3]))
    for v in POINTS:
        best = penalty.prox(np.array([v]), 0.7)[0]
        values = [moreau(penalty, w, v, 0.7) for w in grid]
        assert moreau(penalty, best, v, 0.7) <= min(values) + 1e-12
        assert abs(grid[int(np.argmin(values))] - best) <= 0.01


@every_penalty
def test_moreau_identity(name):
    """q = (v − prox(v)) / t lies in ∂Ω(prox(v)), which is Ω(p) + Ω*(q) = p q."""
    penalty, _ = EVERY_PENALTY[name]
    for step in (0.5, 2.0):
        p = penalty.prox(POINTS, step)
        q = (POINTS - p) / step
        for a, b in zip(p, q, strict=True):
            conjugate = penalty.conjugate(np.array([b * (1 - 1e-14)]))
            assert entry(penalty, a) + conjugate == pytest.approx(a * b, abs=1e-11)


@every_penalty
def test_conjugate_is_the_supremum(name):
    penalty, parts = EVERY_PENALTY[name]
    grid = np.unique(np.clip(np.linspace(-20, 20, 8001), parts[2], parts[3]))
    values = np.array([entry(penalty, w) for w in grid])
    far = np.clip([-1e6, 1e6], parts[2], parts[3])
    for u in SLOPES:
        supremum = np.max(u * grid - values)
        conjugate = penalty.conjugate(np.array([u]))
        if math.isfinite(conjugate):
            assert conjugate == pytest.approx(supremum, abs=1e-5)
        else:
            assert max(u * w - entry(penalty, w) for w in far) > 100 + supremum


@every_penalty
@given(u=numbers, w=numbers)
def test_fenchel_young(name, u, w):
    penalty, parts = EVERY_PENALTY[name]
    w = min(max(w, parts[2]), parts[3])
    assert entry(penalty, w) + penalty.conjugate(np.array([u])) >= u * w - 1e-9 * (1 + abs(u * w))


@every_penalty
def test_residual_is_the_smallest_element(name):
    penalty, parts = EVERY_PENALTY[name]
    for w in feasible(parts, np.append(POINTS, [x for x in parts[2:] if math.isfinite(x)])):
        computed = penalty.residual(np.full(SLOPES.shape, w), SLOPES)
        np.testing.assert_array_equal(computed, [smallest(parts, w, g) for g in SLOPES])


@every_penalty
def test_residual_is_zero_exactly_at_fixed_points_of_prox(name):
    penalty, parts = EVERY_PENALTY[name]
    for w in feasible(parts):
        for g in SLOPES:  # all numbers are small multiples of powers of two: nothing is rounded
            still = penalty.residual(np.array([w]), np.array([g]))[0] == 0
            assert still == (penalty.prox(np.array([w - g]), 1.0)[0] == w), (w, g)


@every_penalty
def test_value_is_infinite_outside_and_never_negative_inside(name):
    penalty, parts = EVERY_PENALTY[name]
    assert all(entry(penalty, w) >= 0 for w in feasible(parts))
    for end, beyond in ((parts[2], -1.0), (parts[3], 1.0)):
        if math.isfinite(end):
            assert math.isfinite(entry(penalty, end)) and entry(penalty, end + beyond) == math.inf


@every_penalty
def test_sparing_frees_some_entries_and_leaves_the_others(name):
    penalty, parts = EVERY_PENALTY[name]
    free = np.array([False, True, False])
    spread = penalty.sparing(free)
    v = np.array([3.0, -7.0, -2.0])
    expected = penalty.prox(v, 0.5)
    np.testing.assert_array_equal(spread.prox(v, 0.5), [expected[0], -7.0, expected[2]])
    assert spread.residual(np.array([0.0, 5.0, 0.0]), v)[1] == v[1]
    w = np.clip(np.array([1.0, 0.0, 1.0]), parts[2], parts[3])
    w[1] = -100.0
    assert spread.value(w) == entry(penalty, w[0]) + entry(penalty, w[2])
    assert isinstance(spread, Penalty) and all(
        len(getattr(spread, part)) == 3 for part in ("l1", "l2", "lower", "upper")
    )


@given(v=numbers, l1=strengths, l2=strengths, step=st.floats(0.01, 10))
def test_strengths_of_entries_act_on_their_entries(v, l1, l2, step):
    vector = np.array([v, v])
    both = ElasticNet(np.array([l1, 0.0]), np.array([l2, 0.0])).prox(vector, step)
    np.testing.assert_array_equal(both, [ElasticNet(l1, l2).prox(vector, step)[0], v])


@given(v=numbers, by=strengths)
def test_soft_threshold_shrinks_by_at_most_its_threshold(v, by):
    shrunk = float(soft_threshold(np.array([v]), by)[0])
    assert abs(v - shrunk) <= by + 1e-15 * (1 + abs(v)) and shrunk * v >= 0


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"l1": -1.0}, "l1 = -1.0: a penalty strength is a finite number ≥ 0"),
        ({"l2": math.nan}, "l2 = nan"),
        ({"l2": math.inf}, "l2 = inf"),
        ({"lower": 1.0, "upper": 0.0}, "lower = 1.0 exceeds upper = 0.0"),
    ],
)
def test_what_cannot_be_is_refused(given, message):
    with pytest.raises(ValueError, match=message):
        ElasticNet(**given)
