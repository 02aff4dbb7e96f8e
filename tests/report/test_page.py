"""The page is one file that fetches nothing, says all that the report holds, and reads in order and in any light."""

import copy
import re
from html.parser import HTMLParser
from importlib.resources import files

import pytest

from infimum.report import build
from infimum.report.digits import number, share
from infimum.report.worries import worries
from tests.report.example import CLASSIFICATION, COUNTS, REGRESSION, SEVERAL
from tests.report.example_additive import ADDITIVE, SEVERAL_ADDITIVE
from tests.report.example_training import BEATEN, CHOSEN

VOID = {"meta", "link", "br", "img", "hr"}
HOSTILE = '<script>alert("1")</script> & {{ 7 * 7 }} [b]'


class Page(HTMLParser):
    """Tags in order, their attributes, and the text a reader sees."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(html)
        assert not self.open, f"never closed: {self.open}"

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, f"</{tag}> closes something else"

    def handle_data(self, data):
        if "style" not in self.open:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).replace("\u00a0", " ").split())

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def changed(report, path, value):
    report = copy.deepcopy(report)
    *way, last = path
    place = report
    for step in way:
        place = place[step]
    place[last] = value
    return report


SEVEN = [{**SEVERAL_ADDITIVE["equation"]["scores"][k % 3], "class": f"class {k}"} for k in range(7)]
NONE_CHOSEN_BUT_CONSTANT = changed(REGRESSION, ("equation",), {"terms": [], "intercept": 5.0, "left_out": []})
EVERY = {
    "regression": REGRESSION,
    "classification": CLASSIFICATION,
    "several classes": SEVERAL,
    "counts": COUNTS,
    "additive": ADDITIVE,
    "additive, several classes": SEVERAL_ADDITIVE,
    "additive, more classes than colours": changed(SEVERAL_ADDITIVE, ("equation", "scores"), SEVEN),
    "counts, all predictions equal": changed(COUNTS, ("out_of_fold", "predicted"), [5.0] * 40),
    "several classes, a network": changed(SEVERAL, ("equation",), None),
    "without intervals": changed(REGRESSION, ("intervals",), None),
    "without equation": changed(REGRESSION, ("equation",), None),
    "a network, chosen": CHOSEN,
    "a network, beaten": BEATEN,
    "constant": NONE_CHOSEN_BUT_CONSTANT,
    "without points": changed(REGRESSION, ("out_of_fold",), {"observed": [], "predicted": [], "sampled": 0, "of": 0}),
    "bent": changed(REGRESSION, ("residuals", 1, "quantiles"), [1.0, 2.0, 2.5, 3.0, 4.0]),
    "one value held out": changed(
        REGRESSION, ("residuals",), [{"first": 1.0, "last": 1.0, "rows": 3, "quantiles": [0.0] * 5}]
    ),
    "crowded": changed(REGRESSION, ("out_of_fold", "of"), 4000),
    "one rung": changed(REGRESSION, ("rungs",), [{**REGRESSION["rungs"][1], "chosen": True}]),
    "all predictions equal": changed(REGRESSION, ("out_of_fold", "predicted"), [5.0] * 40),
    "an error off the scale": changed(REGRESSION, ("rungs", 2, "mean"), 1e9),
}


@pytest.fixture(params=EVERY, scope="module")
def report(request):
    return EVERY[request.param]


@pytest.fixture(scope="module")
def page(report):
    return Page(build(report))


def test_nothing_is_fetched_and_no_script_runs(report, page):
    html = build(report)
    assert len(html) < 2_000_000
    assert "http:" not in html and "https:" not in html and "@import" not in html
    assert not re.search(r"url\((?!data:)", html)
    assert not {"script", "img", "iframe", "object", "embed"} & {tag for tag, _ in page.tags}
    for _, attributes in page.tags:
        assert all(not key.startswith("on") for key in attributes)
        assert attributes.get("src") is None
        assert (attributes.get("href") or "data:,").startswith(("data:", "#"))


def test_headings_are_in_order(page):
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:], strict=False))


def test_language_title_and_width_are_declared(page):
    assert page.all("html") == [{"lang": "en"}]
    assert any(each.get("name") == "viewport" for each in page.all("meta"))
    assert len(page.all("title")) >= 1


def test_every_picture_has_words_and_no_name_is_used_twice(page):
    names = [attributes["id"] for _, attributes in page.tags if attributes.get("id")]
    assert len(names) == len(set(names))
    for picture in page.all("svg"):
        if picture.get("aria-hidden") != "true":
            assert picture["role"] == "img"
            assert set(picture["aria-labelledby"].split()) <= set(names)
    for section in page.all("section"):
        assert section["aria-labelledby"] in names
    for link in page.all("a"):
        assert link["href"][1:] in names


def test_every_number_of_a_picture_is_a_number(page):
    for tag, attributes in page.tags:
        if tag in ("line", "circle", "rect", "text"):
            numbers = [v for k, v in attributes.items() if k in {"x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r"}]
            numbers += [v for k, v in attributes.items() if k in {"width", "height"}]
            assert all(re.fullmatch(r"-?\d+(\.\d+)?(e-?\d+)?%?", value) for value in numbers), (tag, attributes)


def test_answer_rungs_claims_and_columns_are_on_the_page(report, page):
    for sentence in report["answer"]:
        assert sentence in page.text
    for rung in report["rungs"]:
        assert rung["title"] in page.text and rung["assumes"] in page.text and rung["reason"] in page.text
    for claim in report["claims"]:
        assert claim["statement"][1:] in page.text
    for verdict in ("CERTIFIED", "INSUFFICIENT", "UNAVAILABLE", "REPORTED"):
        assert verdict in page.text
    for column in report["columns"]:
        assert column["name"] in page.text and column["reason"] in page.text
    for skipped in report["skipped"]:
        assert skipped["reason"] in page.text
    assert report["command"] in page.text and report["table"]["fingerprint"] in page.text
    assert page.all("math")


def test_every_picture_has_its_numbers_in_a_table(report, page):
    for band in report["residuals"] or ():
        assert all(number(each, 3) in page.text for each in band["quantiles"])
    for each in (report["reliability"] or {"bins": ()})["bins"]:
        assert f"{share(each['low'])} to {share(each['high'])}" in page.text


def test_the_worst_rows_are_shown_as_they_are(report, page):
    rows = [attributes for attributes in page.all("table") if "worst" in (attributes.get("class") or "").split()]
    assert len(rows) == 1
    table = page.text[page.text.index("The worst errors") : page.text.index("Rows are counted from 1")]
    for row in report["worst"]["rows"]:
        assert str(row["row"]) in table
        for cell in row["cells"]:
            assert ("–" if cell is None else cell) in table


def test_the_first_screen_answers_four_questions(report, page):
    """Which model, how good, why, and what to worry about stand before the first section."""
    first = page.text[: page.text.index("Every error on this page")]
    for sentence in report["answer"]:
        assert sentence in first
    assert "Why this one" in first and "What to worry about" in first
    for worry in worries(report):
        assert worry.sentence in first


def test_timings_and_versions_are_shown_where_they_are_known():
    timings = {"rungs": {"ridge": 0.1234}, "total": 7.5, "versions": {"numpy": "2.4.6"}}
    text = Page(build(REGRESSION, timings)).text
    assert "ridge 0.12" in text and "7.50 in all" in text and "numpy 2.4.6" in text
    assert "Seconds" not in Page(build(REGRESSION)).text


@pytest.mark.parametrize("report", [REGRESSION, CLASSIFICATION], ids=["regression", "classification"])
def test_hostile_names_are_only_text(report):
    def poisoned(value):
        if isinstance(value, dict):
            return {key: poisoned(each) for key, each in value.items()}
        return [poisoned(each) for each in value] if isinstance(value, list) else HOSTILE if value in names else value

    names = {"hour", "weather = rain", "rain", "clear", "MALE", "FEMALE", "rentals", "sex", "bikes.csv"}
    page = Page(build(poisoned(report)))
    assert "script" not in {tag for tag, _ in page.tags}
    assert HOSTILE in page.text and "49" not in page.text


def test_the_same_report_gives_the_same_page():
    assert build(REGRESSION) == build(copy.deepcopy(REGRESSION))


def test_many_coefficients_are_folded_away():
    term = REGRESSION["equation"]["terms"][0]
    terms = [{**term, "name": f"x{i}", "column": f"x{i}", "effect": float(i + 1)} for i in range(60)]
    page = Page(build(changed(REGRESSION, ("equation", "terms"), terms)))
    assert page.all("details") and "40 more coefficients" in page.text and "48 more, in the table" in page.text
    assert page.text.index("x59") < page.text.index("x58")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_paper(scheme):
    """At least 4.5 to 1 (WCAG 2.2, 1.4.3), in both colour schemes."""
    css = files("infimum.report").joinpath("style.css").read_text("utf-8")
    light, dark = re.findall(r":root \{(.*?)\}", css, re.S)
    colour = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", light if scheme == "light" else dark))
    pairs = [(ink, paper) for ink in ("ink", "soft", "accent", "against") for paper in ("paper", "card")]
    pairs += [(each, f"{each}-paper") for each in ("good", "weak", "none", "told")] + [("ink", "code")]
    for ink, paper in pairs:
        one, other = sorted((luminance(colour[ink]), luminance(colour[paper])))
        assert (other + 0.05) / (one + 0.05) >= 4.5, (ink, paper)


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_counts_speak_of_factors_and_logarithms():
    text = Page(build(COUNTS)).text
    assert (
        "log of expected rentals = 4" in text and "Mean Poisson deviance" in text and "Deviance explained (D²)" in text
    )
    assert "× 12.18" in text and "change of the logarithm" in text and "log-odds" not in text
    assert "Mean observed against mean predicted count" in text
    assert "Factor" not in Page(build(REGRESSION)).text
