"""The page, its cells run as a script on small tables: the numbers it shows."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from infimum.lab import chosen, pictures, words
from infimum.tables import TableError
from infimum.tables.reading.read import read_table

EXAMPLES = Path(__file__).parents[2] / "examples"


def run(path, target=None, **moved):
    """(what is shown, as HTML, and every value) of the page on a table, with sliders moved by name."""
    pytest.importorskip("marimo", reason="the page needs marimo: make lab")
    from infimum.lab.least_squares import app

    sliders = {name: SimpleNamespace(value=value) for name, value in moved.items()}
    shown, values = app.run(defs={"path": str(path), "wanted": target, **sliders})
    return "\n".join(each.text for each in shown if each is not None), values


def written(tmp_path, names, rows):
    path = tmp_path / "small.csv"
    lines = [",".join(f'"{name}"' for name in names), *(",".join(map(repr, row)) for row in rows.tolist())]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


@pytest.fixture(scope="module")
def page():
    return run(chosen.EXAMPLE)


def test_the_table_of_the_page_is_the_example():
    assert chosen.EXAMPLE.read_bytes() == (EXAMPLES / "penguins.csv").read_bytes()


def test_the_residual_is_at_right_angles_to_every_column(page):
    html, values = page
    X, y, r = values["X"], values["y"], values["r"]
    A = np.column_stack([X, np.ones(len(y))])
    np.testing.assert_allclose(values["fitted"], A @ np.linalg.solve(A.T @ A, A.T @ y), rtol=1e-9)
    assert np.abs(A.T @ r).max() <= 1e-12 * np.linalg.norm(A) * np.linalg.norm(r)
    assert values["target"].value == "body_mass_g" and values["names"] == ("bill_length_mm", "bill_depth_mm")
    for each in ("Least squares is a projection", "CERTIFIED", "coefficient of bill&#95;", "R^2"):
        assert each.replace("&#95;", "_") in html
    assert html.count("<svg role=") == 8


def test_each_figure_names_its_axes_and_itself(page):
    html, _ = page
    for text in (
        "fitted ŷ",
        "residual y − ŷ",
        "step k",
        "loss above the minimum",
        "distance from the minimum",
        "digits",
    ):
        assert f">{text}<" in html, text
    assert html.count('aria-label=""') == 0


def test_the_path_that_is_drawn_is_the_one_that_the_library_walked(page):
    _, values = page
    drawn = [values["bowl"].value(b) for b in values["steps"]]
    np.testing.assert_array_equal(drawn[1:], [step.objective for step in values["walk"].steps])
    H = values["Z"].T @ values["Z"] / len(values["t"])
    np.testing.assert_allclose(values["rate"], 1 / np.linalg.eigvalsh(H)[-1], rtol=1e-12)
    np.testing.assert_allclose(values["steps"][-1], values["lowest"].params, rtol=1e-6)


@pytest.mark.parametrize("share, diverges", [(0.99, False), (1.01, True), (1.3, True)])
def test_gradient_descent_converges_below_the_limit_and_not_above(share, diverges):
    html, values = run(chosen.EXAMPLE, share=share)
    losses = [values["bowl"].value(b) for b in values["steps"]]
    assert (losses[-1] > losses[len(losses) // 2] > values["bowl"].value(values["lowest"].params)) == diverges
    assert ("diverged" in html) == (share == 1.3) and "no rate" in html


@pytest.mark.parametrize("units, alike", [(1, 0), (5, 0.4), (30, 0.95)])
def test_the_proved_rate_bounds_every_step_and_the_condition_number_says_how_many(units, alike):
    html, values = run(chosen.EXAMPLE, units=units, alike=alike)
    spectrum = np.linalg.svd(values["bent"].model.X)[1] ** 2
    kappa, facts = spectrum[0] / spectrum[-1], values["plain"].facts
    np.testing.assert_allclose(facts["rate"], 1 - 1 / kappa, rtol=1e-12)
    assert f"κ = {kappa:.4g}" in html and ("more than 5,000" in html) == (units == 30)
    w, away = np.zeros(2), []
    for _ in range(300):
        away.append(np.linalg.norm(w - values["exact"].params))
        w = w - facts["learning_rate"] * values["bent"].gradient(w)
    assert np.all(np.array(away) <= away[0] * facts["rate"] ** np.arange(300) * (1 + 1e-9) + 1e-9 * away[0])


@pytest.mark.parametrize("degree", [1, 8, 12])
def test_digits_are_lost_by_lstsq_and_kept_where_they_are_promised(degree):
    html, values = run(chosen.EXAMPLE, degree=degree)
    right, found = values["right"], values["found"]
    off = [abs(float((each - exact) / exact)) for each, exact in zip(map(float, found["infimum"]), right, strict=True)]
    claim = values["curve"].certificate_.claim("digits")
    assert max(off) <= claim.bound and words.plain(claim.statement[:30], 400) in html
    theirs = [
        float(abs(b - exact) / abs(exact))
        for b, exact in zip(found["numpy.linalg.lstsq"], map(float, right), strict=True)
    ]
    assert (max(theirs) > 1e-3) == (degree > 1)
    assert f"{float(right[0]):.15e}".replace("-", "−") in html


def test_any_table_of_numbers_will_do(tmp_path):
    html, values = run(EXAMPLES / "bikes.csv", "temperature")
    assert values["target"].value == "temperature" and values["X"].shape == (1000, 2)
    rng = np.random.default_rng(0)
    html, values = run(written(tmp_path, ["a|b", "$x$ <i>", "_y*"], rng.normal(size=(9, 3))))
    assert "<i>" not in html and "&lt;i&gt;" in html and values["target"].value == "_y*"


def test_columns_that_depend_on_each_other_are_told(tmp_path):
    x = np.random.default_rng(0).normal(size=30)
    html, _ = run(written(tmp_path, ["x", "twice", "y"], np.column_stack([x, 2 * x, x**2])))
    assert "x and twice depend on each other" in html


def test_a_column_of_two_values_has_a_line_and_says_so(tmp_path):
    rows = np.column_stack([np.tile([0.0, 1.0], 10), np.repeat([0.0, 1.0], 10), np.tile([1.0, 2.0], 10)])
    rows[0, 2] = 7.0
    html, values = run(written(tmp_path, ["one", "two", "y"], rows))
    assert values["curve"].degree == 1 and "(no more: one has 2 different values)" in html


def test_a_table_that_will_not_do_is_refused_in_one_sentence(tmp_path):
    table = read_table(chosen.EXAMPLE)
    assert chosen.number_columns(table, "flipper_length_mm")[0] == "flipper_length_mm"
    with pytest.raises(TableError, match="the target 'species' holds texts: choose a column of numbers, such as"):
        chosen.number_columns(table, "species")
    with pytest.raises(TableError, match="has no column 'bill_length': did you mean 'bill_length_mm'"):
        chosen.number_columns(table, "bill_length")
    rows = np.column_stack([np.arange(5.0), np.arange(5.0) ** 2, np.ones(5), np.arange(5.0) ** 3])
    few = read_table(written(tmp_path, ["a", "b", "one", "c"], rows))
    with pytest.raises(TableError, match="the target 'one' does not vary"):
        chosen.number_columns(few, "one")
    with pytest.raises(TableError, match="5 rows hold values of all of 'a', 'b' and 'c': at least 8"):
        chosen.arrays_of(few, ("a", "b"), "c")
    with pytest.raises(TableError, match="three columns of numbers that vary.*has 2: 'a' and 'b'"):
        chosen.number_columns(few.without(["c"]))


def test_tables_in_html_escape_what_they_hold():
    html = pictures.table(("<b>", "x"), [("a & b", "-1.5e-07"), ("c", "a sentence that is long enough to be broken")])
    assert "&lt;b&gt;" in html and "a &amp; b" in html and "−1.5e−07" in html
