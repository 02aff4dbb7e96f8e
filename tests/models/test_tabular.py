"""The tabular network: its derivatives, its start, its recipe; by its layers, and row by row as forecasts need it."""

import numpy as np
import pytest

from infimum.kernels.ordered import ordered_product
from infimum.ladder.forecast import forecast
from infimum.models.chained import TOGETHER
from infimum.models.tabular import REACH, WAVES, Recipe, Tabular

rng = np.random.default_rng(0)
X = rng.standard_normal((40, 5)) * [1, 5, 1, 0.1, 1] + [0, 3, 0, 1, 0]
X[:, 2] = X[:, 2] > 0
CENTRE, SCALE = tuple(X.mean(axis=0).tolist()), tuple(X.std(axis=0).tolist())
RECIPES = {
    "mixed": Recipe(CENTRE, SCALE, (0, 1, 3), (6, 4), "silu", 3, 2),
    "numbers alone": Recipe(CENTRE, SCALE, (0, 1, 2, 3, 4), (6,), "mish", 2, 3),
    "codes alone": Recipe(CENTRE, SCALE, (), (6,), "tanh", 1, 3),
}
every_recipe = pytest.mark.parametrize("name", RECIPES)


def made(name, outputs=1, rows=X):
    model = Tabular(rows, RECIPES[name], outputs)
    return model, model.start(np.random.default_rng(1)) + 0.1 * np.random.default_rng(2).standard_normal(
        model.layout.size
    )


@every_recipe
@pytest.mark.parametrize("outputs", [1, 2])
def test_push_is_the_derivative_and_pull_its_transpose(name, outputs):
    model, w = made(name, outputs)
    v, u = rng.standard_normal(len(w)), rng.standard_normal((len(X), outputs)).reshape(model(w).shape)
    step = 1e-6
    moved = (model(w + step * v) - model(w - step * v)) / (2 * step)
    assert np.allclose(model.push(w, v), moved, rtol=1e-6, atol=1e-7)
    assert np.isclose(np.sum(model.push(w, v) * u), v @ model.pull(w, u), rtol=1e-10)


def test_rows_together_are_rows_alone():
    many = np.tile(X, (TOGETHER // len(X) + 1, 1))
    model, w = made("mixed", rows=many)
    assert len(many) > TOGETHER
    assert np.allclose(model(w)[: len(X)], made("mixed")[0](w), rtol=1e-13)
    u = np.zeros(len(many))
    u[-1] = 1.0
    assert np.allclose(model.pull(w, u), made("mixed", rows=many[-1:])[0].pull(w, np.ones(1)), rtol=1e-10, atol=1e-14)


@every_recipe
def test_the_mean_of_the_members_costs_no_more_than_they_do(name):
    model, w = made(name)
    k = RECIPES[name].members
    alone = []
    for m in range(k):
        only = w.copy()
        parts = model.layout.split(only)
        head, level = list(parts.values())[-2:]
        keep = np.arange(k) == m
        head *= k * keep[:, None, None]
        level *= k * keep[:, None]
        alone.append(model(np.concatenate([part.ravel() for part in parts.values()])))
    y = rng.standard_normal(len(X))
    assert np.allclose(np.mean(alone, axis=0), model(w))
    assert np.sum((model(w) - y) ** 2) <= np.mean([np.sum((z - y) ** 2) for z in alone]) * (1 + 1e-12)


def test_inputs_are_standardised_and_far_numbers_drawn_in():
    recipe = RECIPES["mixed"]
    far = X.copy()
    far[0, 0] = 1e9
    u = recipe.inputs(far)
    assert u[0, 0] == pytest.approx(REACH)
    far[0] = [1e308, -1e308, 1e308, 1e308, -1e308]
    assert np.all(np.isfinite(recipe.inputs(far)))
    plain = (X - X.mean(axis=0)) / X.std(axis=0)
    assert np.allclose(recipe.inputs(X)[:, 3:], plain[:, [2, 4]])
    assert np.allclose(recipe.inputs(X)[:, 0], plain[:, 0] / np.sqrt(1 + plain[:, 0] ** 2 / 9))


def test_the_start_has_the_sizes_that_it_says():
    recipe = Recipe((0.0,) * 50, (1.0,) * 50, tuple(range(50)), (256,), "silu", 8, 32)
    model = Tabular(np.zeros((1, 50)), recipe)
    parts = list(model.layout.split(model.start(np.random.default_rng(0), 0.7)).values())
    frequency, phase, weight, bias, signs, W, b, head, level = parts
    assert frequency.std() == pytest.approx(0.7, rel=0.05)
    assert np.abs(phase).max() <= 0.5 and np.abs(weight).max() <= 32**-0.5 and np.abs(bias).max() <= 32**-0.5
    assert set(np.unique(signs)) == {-1.0, 1.0}
    assert W.shape == (50 * (1 + WAVES), 256)
    assert W.std() == pytest.approx((2 / W.shape[0]) ** 0.5, rel=0.05)
    assert head.std() == pytest.approx(0.5 / 16, rel=0.05)
    assert not b.any() and not level.any()


def test_rescaled_parameters_predict_rescaled():
    model, w = made("mixed", 2)
    assert np.allclose(model(model.rescaled(w, 3.0, 2.0)), 3 * model(w) + 2)


@every_recipe
@pytest.mark.parametrize("outputs", [1, 3])
def test_a_forecast_is_the_model_and_a_row_alone_has_the_same_bits(name, outputs):
    model, w = made(name, outputs)
    fit = {"form": "network", "recipe": RECIPES[name].to_json(), "features": None, "basis": None}
    z = forecast(fit, w, X, outputs)
    assert np.allclose(z, model(w), rtol=1e-12, atol=1e-13)
    for rows in (slice(0, 1), slice(7, 8), slice(3, 20)):
        assert np.array_equal(forecast(fit, w, X[rows], outputs), z[rows])


def test_the_ordered_product_is_the_loop():
    h, W, b = rng.standard_normal((7, 11)), rng.standard_normal((11, 5)), rng.standard_normal(5)
    z = np.repeat(b[None], 7, axis=0)
    for j in range(11):
        z += h[:, j, None] * W[j]
    assert np.array_equal(ordered_product(h, W, b), z)


def test_a_recipe_comes_back_from_json():
    for recipe in RECIPES.values():
        assert Recipe.from_json(recipe.to_json()) == recipe


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"hidden": ()}, "at least one hidden layer"),
        ({"hidden": (0,)}, "expected whole numbers ≥ 1"),
        ({"members": 0}, "members = 0"),
        ({"frequencies": 1.5}, "frequencies = 1.5"),
        ({"numbers": (7,)}, "places among 5 columns"),
        ({"numbers": (3, 1)}, "in order"),
        ({"activation": "soft"}, "there are"),
    ],
)
def test_recipes_that_are_none_are_refused(changed, message):
    with pytest.raises(ValueError, match=message):
        Recipe(**{**vars(RECIPES["mixed"]), **changed})
