"""How the network was trained: every training drawn and told, what went wrong counted, nothing where there is none."""

import copy
import inspect
import re

import pytest

from infimum.diagnoses.training import OF_ANY
from infimum.report import build
from infimum.report.training_chart import shares
from infimum.report.training_words import SOUGHT, WRONG, badly_trained, inside, training_words
from tests.conventions.source import ROOT
from tests.report.example import REGRESSION, finding
from tests.report.example_training import BEATEN, CHOSEN, record
from tests.report.test_page import Page


def of(report, **changes):
    """The report with other values in every training."""
    report = copy.deepcopy(report)
    for one in [*report["training"]["folds"], *([report["training"]["refit"]] if report["training"]["refit"] else [])]:
        one |= changes
    return report


def section(report):
    text = Page(build(report).replace("</td>", " </td>").replace("</th>", " </th>")).text
    return text[text.index("How the network was trained", text.index("The evidence")) : text.index("How each column")]


def test_of_a_ladder_without_a_network_and_of_an_older_file_nothing_is_said():
    older = {key: value for key, value in REGRESSION.items() if key != "training"}
    assert build(REGRESSION) == build(older) and "How the network was trained" not in build(older)


def test_each_training_has_two_lines_and_a_dot_where_it_is_kept():
    """Of the chosen network the fit on all rows stands out; of another there is none."""
    html = build(CHOSEN)
    assert html.count('class="learned single"') == html.count('class="apart single"') == 5
    assert html.count('class="learned again"') == html.count('class="kept again"') == 1
    assert html.count('class="kept single"') == 5 and 'class="learned again"' not in build(BEATEN)
    assert "Fold 1: epoch 10 of 12, 0.15 and 0.25" in html and "All rows: epoch 10 of 12, 0.14 and 0.23" in html


def test_a_line_goes_where_the_losses_go():
    """Higher losses are drawn higher, by their logarithm; as many points as epochs."""
    paths = re.findall(r'<path d="M([^"]*)" class="learned single"', build(CHOSEN))
    places = [[tuple(map(float, each.split())) for each in path.split("L")] for path in paths]
    assert all(len(path) == 12 for path in places)
    first, double, half = ([y for _, y in places[k]] for k in (0, 2, 3))
    assert (
        max(b - a for a, b in zip(first, double, strict=True))
        < 0
        < min(b - a for a, b in zip(first, half, strict=True))
    )
    steps = [a - b for a, b in zip(first, double, strict=True)]
    assert max(steps) - min(steps) <= 0.03  # the same factor, the same distance


def test_what_went_wrong_is_told_once_and_counted():
    text = section(CHOSEN)
    assert "In 4 of 6 trainings something went wrong." in text
    assert "The steps are too long. In 4 of 6. Fold 2: " in text and "The loss swings up and down. In 1 of 6." in text
    assert text.index("INF207") < text.index("INF208") and "TabularRegressor" in text
    assert "Nothing went wrong in any of the 5 trainings" in section(BEATEN) and "TabularClassifier" not in section(
        BEATEN
    )
    assert "The network was not chosen" in section(BEATEN) and "The network was not chosen" not in text
    assert "something went wrong in all 5" in section(of(BEATEN, findings=[finding("INF210", "warning")])).lower()


def test_the_numbers_of_the_picture_are_in_a_table():
    text = section(CHOSEN)
    assert "Fold 3 12 10 0.22 0.38 INF207, INF208" in text and "All rows 12 10 0.14 0.23 INF207" in text
    assert "10, of 12" in text and "0.075 to 0.22" in text and "4 are set apart" in text


def test_what_was_read_inside_is_shown_layer_by_layer():
    text = section(CHOSEN)
    assert "Hidden 1 0.12 1% 0% Hidden 2 0.25 2% 12.5% Output 0.38 1.50%" in text
    assert "a step was 6% as long as the curvature" in text and "Inside the network" not in section(
        of(CHOSEN, inside=None)
    )


def test_a_chosen_network_that_most_trainings_went_wrong_of_is_a_worry():
    worry = badly_trained(CHOSEN)
    assert worry.sentence == "In 4 of 6 trainings of the network the steps are too long (INF207)."
    assert f"{worry.sentence} The training" in Page(build(CHOSEN)).text
    mixed = copy.deepcopy(CHOSEN)
    mixed["training"]["folds"][0] = record("INF210")
    assert "In 5 of 6 trainings of the network something went wrong, most often: the" in badly_trained(mixed).sentence
    mixed["training"]["folds"] = [record() for _ in range(5)]
    assert badly_trained(mixed) is None and badly_trained(of(BEATEN, findings=[finding("INF207", "warning")])) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"held_out": None, "held_out_rows": 0, "kept": 12},
        {"losses": [None] * 12, "held_out": [None] * 12},
        {"losses": [None, *[1e9] * 11], "held_out": [0.0] * 12},
        {"epochs": [1], "losses": [0.5], "held_out": [0.4], "kept": 1},
        {"inside": {"slopes": [None], "idle": [], "moves": [None], "strain": None}},
    ],
    ids=["nothing set apart", "never finite", "off any scale", "one epoch", "one layer, not finite"],
)
def test_whatever_a_training_was_like_there_is_a_page(changes):
    for report in (CHOSEN, BEATEN):
        page = Page(build(of(report, **changes)))
        assert "nan" not in page.text.lower().split() and "None" not in page.text
        assert not re.search(r'(d|x1|cx)="[^"]*(nan|inf)', build(of(report, **changes)))


def test_every_code_of_a_training_has_words():
    codes = set(re.findall(r"^\| (INF2\d\d) \|", (ROOT / "docs" / "findings.md").read_text("utf-8"), re.M))
    assert set(WRONG) == codes and training_words(CHOSEN)["rules"] == len(OF_ANY) < len(codes)


def test_what_the_rules_look_for_is_said_of_each_in_its_order():
    assert all(code in inspect.getsource(rule) for code, rule in zip(SOUGHT, OF_ANY, strict=True))


def test_layers_are_called_by_what_they_are():
    five = {"slopes": [0.1] * 5, "idle": [0.0, 0.5], "moves": [0.01] * 5, "strain": None}
    names = [name for name, *_ in inside([five])["layers"]]
    assert names == ["Waves", "Members", "Hidden 1", "Hidden 2", "Output"]
    assert [row[-1] for row in inside([five])["layers"]] == ["", "", "0%", "50%", ""]
    four = {key: value[1:] if key in ("slopes", "moves") else value for key, value in five.items()}
    assert [name for name, *_ in inside([four])["layers"]][0] == "Members"


def test_marks_of_a_logarithm_are_few_and_round():
    for low in (-1.0, -1.5, -2.4, -4.0, -9.0):
        marks = shares(low, 0.1)
        assert 2 <= len(marks) <= 10 and marks[0] == "1"
