"""The page on networks, its cells run as a script on small tables: the numbers it shows."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from infimum.lab import chosen, network_words
from tests.conventions.source import ROOT

EXAMPLES = ROOT / "examples"


def run(path, target=None, **moved):
    """(what is shown, as HTML, and every value) of the page on a table, with what can be moved set by name."""
    pytest.importorskip("marimo", reason="the page needs marimo: make lab")
    pytest.importorskip("torch", reason="the page needs torch: the extra networks")
    from infimum.lab.network import app

    sliders = {name: SimpleNamespace(value=value) for name, value in moved.items()}
    shown, values = app.run(defs={"path": str(path), "wanted": target, **sliders})
    return "\n".join(each.text for each in shown if each is not None), values


@pytest.fixture(scope="module")
def page():
    return run(chosen.EXAMPLE, row=7)


def two_values(tmp_path, rows=60):
    x = np.random.default_rng(0).normal(size=(rows, 2))
    y = 4.0 + (x[:, 0] * x[:, 1] > 0)
    path = tmp_path / "two.csv"
    path.write_text("a|b,$x$ <i>,y\n" + "".join(f"{a!r},{b!r},{c}\n" for (a, b), c in zip(x.tolist(), y, strict=True)))
    return path


def test_what_passes_through_is_what_the_weights_make_of_the_row(page):
    """By the formula, from coefs_ and intercepts_; what is predicted is in the units of the table."""
    html, values = page
    model, h = values["model"], values["Z"][6]
    for k, (W, b) in enumerate(zip(model.coefs_, model.intercepts_, strict=True)):
        a = h @ W + b
        h = a if k == 2 else np.tanh(a)
        for number in (*a, *h):
            assert network_words.minus(number, 4) in html
    np.testing.assert_allclose(values["z"], h[:, None], rtol=1e-12)
    y = values["y"]
    assert f"body&#95;mass&#95;g = {y.mean() + y.std() * float(h[0]):.5g}" in html and f"observed is {y[6]:.5g}" in html
    assert html.count("<svg role=") == 7 and html.count('aria-label=""') == 0


def test_the_gradient_is_beside_its_central_difference(page):
    html, values = page
    told = values["explained"]
    assert told.parameter == "layer1.weight[1, 0]" and len(told.reaching) == 1 and told.error < 1e-6
    for number in (told.gradient, told.difference):
        assert network_words.minus(number, 9) in html


@pytest.mark.parametrize("parameter", ["layer0.weight[1, 0]", "layer2.bias[0]"])
def test_all_rows_together_have_the_mean_of_their_gradients(page, parameter):
    html, values = run(chosen.EXAMPLE, parameter=parameter, together=True)
    told = values["explained"]
    assert len(told.reaching) == len(values["t"]) and "of 342 rows" in html and "+ …" in html
    np.testing.assert_allclose(told.gradient, told.entering @ told.reaching, rtol=1e-9)
    assert told.error < 1e-5


def test_the_limit_of_a_step_is_that_of_the_curvature_at_the_start(page):
    _, values = page
    objective, start = values["objective"], values["start"]
    J = objective.model.jacobian(start)
    np.testing.assert_allclose(values["limit"], 2 / np.linalg.eigvalsh(J.T @ J / len(J))[-1], rtol=1e-3)
    rate, g = values["walk"].trace.steps[0].length, objective.gradient(start)
    np.testing.assert_allclose(rate, 0.5 * values["limit"], rtol=1e-12)
    assert values["walk"].trace.steps[0].objective == pytest.approx(objective.value(start - rate * g), rel=1e-12)
    reached = np.interp(0.5, values["lengths"], values["reached"])
    assert reached == pytest.approx(values["walk"].trace.steps[0].objective, rel=1e-9)


def test_steps_that_are_far_too_long_do_not_come_down():
    (short, one), (far, other) = (run(chosen.EXAMPLE, share=share) for share in (0.2, 10))
    lowest = [min(step.objective for step in values["walk"].trace.steps) for values in (one, other)]
    assert one["walk"].trace.steps[-1].objective == lowest[0] and "200 steps, all shown" in short
    assert other["walk"].trace.steps[-1].objective > 2 * lowest[0]


@pytest.mark.parametrize("times, codes", [(1, set()), (0.001, {"INF209"}), (100, {"INF207"})])
def test_findings_are_those_of_the_training(times, codes):
    html, values = run(chosen.EXAMPLE, times=times)
    found = {each.code for each in values["trained"].findings_}
    assert codes <= found and bool(found) == bool(codes)
    assert all(f"({code})" in html for code in found) and (network_words.NOTHING in html) == (not found)
    assert values["trained"].trace_.facts["learning_rate"] == pytest.approx(0.01 * times)


def test_a_target_of_two_values_is_two_classes_and_names_are_only_text(tmp_path):
    html, values = run(two_values(tmp_path), "y", row=3, units=5, activation="silu")
    model, Z = values["model"], values["Z"]
    assert values["two"] and set(values["t"]) == {0.0, 1.0} and values["hidden"] == (5, 5)
    assert f"log-odds of y = 5, whose probability is {model.predict_proba(Z[2:3])[0, 1]:.4g}" in html
    assert "<i>" not in html and "&#60;i&#62;" in html


def test_few_rows_will_do(tmp_path):
    html, values = run(two_values(tmp_path, 12), "y")
    assert len(values["t"]) == 12 and "epochs; epoch" in html


def test_the_example_with_most_rows_is_thinned():
    _, values = run(EXAMPLES / "bikes.csv", "temperature")
    assert len(values["t"]) == 1000 and values["row"].stop == 1000 and Path(values["path"]).name == "bikes.csv"
