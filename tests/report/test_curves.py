"""The curves of an additive model on the page: written down, drawn, told apart; and the groups of counts."""

import re
from importlib.resources import files

import numpy as np

from infimum.report import build
from infimum.report.effect_chart import HIGH, LINES
from infimum.report.grouped import grouped
from infimum.report.svg import BOTTOM, TOP
from tests.report.example_additive import ADDITIVE, SEVERAL_ADDITIVE
from tests.report.test_page import EVERY, Page, changed


def test_an_additive_model_is_written_with_its_curves_and_drawn():
    page = Page(build(ADDITIVE))
    text = page.text
    assert "− 7.250 × [weather = rain] + f(hour) + f(wind) + f(hour, weather = rain)" in text
    assert "add to the logarithm of the expected rentals" in text and "Adds to logarithm" in text
    bands = [each for each in page.all("path") if each.get("class") == "band"]
    assert len(bands) == 2 and len(curves_of(page)) == 2
    assert "of counts that scatter as Poisson's do" in text
    without = changed(ADDITIVE, ("equation", "curves", 0, "error"), None)
    assert len([each for each in Page(build(without)).all("path") if each.get("class") == "band"]) == 1


def test_one_wide_band_flattens_no_curve_and_is_cut_off_at_the_edge_of_its_picture():
    before = [each["d"] for each in curves_of(Page(build(ADDITIVE)))]
    errors = ADDITIVE["equation"]["curves"][0]["error"]
    page = Page(build(changed(ADDITIVE, ("equation", "curves", 0, "error"), [1e6 * each for each in errors])))
    band = next(each["d"] for each in page.all("path") if each.get("class") == "band")
    assert TOP <= min(heights(band)) < max(heights(band)) <= HIGH - BOTTOM
    after = [each["d"] for each in curves_of(page)]
    tallest = [max(np.ptp(heights(path)) for path in paths) for paths in (before, after)]
    assert tallest[1] >= 0.6 * tallest[0] and "where it is wider than the picture, it is cut off" in page.text


def heights(path):
    return [float(point.split()[1]) for point in re.findall(r"[\d.]+ [\d.]+", path)]


def curves_of(page):
    return [each for each in page.all("path") if (each.get("class") or "").startswith("effect")]


def test_curves_of_classes_are_told_apart_without_colour_and_their_names_do_not_overlap():
    html = build(SEVERAL_ADDITIVE)
    page = Page(html)
    assert {each["class"] for each in curves_of(page)} == {f"effect shade{k}" for k in range(3)}
    style = files("infimum").joinpath("report", "style.css").read_text("utf-8")
    dashes = re.findall(r"path\.shade\d \{ stroke: [^;]+; stroke-dasharray: ([^;]+);", style)
    assert len(set(dashes)) == len(dashes) == LINES - 1
    for picture in re.findall(r"<svg[^>]*aria-labelledby=.effect.*?</svg>", html, re.S):
        found = re.findall(r'<text x="([^"]+)" y="([^"]+)" class="shade\d" [^>]*>([^<]*)</text>', picture)
        heights = sorted(float(y) for _, y, _ in found)
        assert len(heights) == 3 and all(b - a >= 14.9 for a, b in zip(heights, heights[1:], strict=False))
        assert {name for *_, name in found} == {"Adelie", "Chinstrap", "Gentoo &amp; co"}
    text = page.text
    assert "a weight where it is in this table" in text


def test_more_classes_than_can_be_told_apart_are_in_tables_alone():
    page = Page(build(EVERY["additive, more classes than colours"]))
    assert not curves_of(page)
    assert "cannot be told apart in a picture" in page.text and "class 6" in page.text


def test_rows_of_one_predicted_count_are_one_group():
    """Sorted by what was observed they would be ten groups, each of them off."""
    observed = [float(k % 4) for k in range(200)]
    (group,) = grouped(observed, [1.5] * 200)
    assert (group.rows, group.observed, group.missed) == (200, 1.5, False)


def test_a_long_title_leaves_its_standard_error_to_the_table_on_a_phone():
    """Title and numbers share a line of the ladder: where both are long, one of them is hidden on a narrow screen."""
    usual = build(ADDITIVE)
    assert "doubt" not in usual.split("<svg", 2)[1]
    long = build(changed(changed(ADDITIVE, ("rungs", 1, "mean"), 1.09313), ("rungs", 1, "standard_error"), 0.00039))
    assert 'class="doubt">\u00a0±\u00a00.00039</tspan>' in long
    style = files("infimum").joinpath("report", "style.css").read_text("utf-8")
    assert ".ladder .doubt { display: none; }" in style[style.index("max-width: 34rem") :]
