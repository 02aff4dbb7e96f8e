"""What the page says of a width curve: where wider is no better, what the lowest would bring, a picture, a table."""

import copy

import numpy as np
import pytest

from infimum.evaluation.paired import standard_error
from infimum.report import build
from infimum.report.width_words import sentence, width_words
from tests.report.example_training import BEATEN, CHOSEN


def test_what_is_said_rests_on_paired_errors():
    told = width_words(CHOSEN, "Typical error (RMSE)")
    assert told["sentence"] == sentence([8, 32, 128, 256], np.array([14.2, 10.1, 9.8, 9.7]), 3, 3)
    assert told["own"].startswith("The network of the ladder has 128: 256 would lower its error by 0.1")
    noisy = copy.deepcopy(CHOSEN)
    curve = noisy["training"]["widths"]
    curve["errors"][1] = [10.8, 9.4, 10.6, 9.5, 10.2]
    differences = np.array(curve["errors"][1]) - np.array(curve["errors"][3])
    doubt = standard_error(differences, noisy["folds"]["overlap"])
    assert 0 < differences.mean() < doubt
    told = width_words(noisy, "error")
    assert told["sentence"].startswith(
        "From 32 units a layer on, no width is better by more than a standard error; the"
    )
    assert [row[0] for row in told["rows"]] == ["8", "32", "128", "256"] and told["rows"][3][3] == "the lowest"


@pytest.mark.parametrize(
    ("mean", "best", "flat", "said"),
    [
        ([2.0, 2.1, 1.9], 2, 0, "No width is better than 8 units"),
        (
            [4.0, 2.0, 1.0],
            2,
            2,
            "falls up to the widest that was tried, 32 units a layer: there it is 75% below that of 8.",
        ),
        ([4.0, 2.0, 2.1], 1, 1, "From 16 units a layer on"),
    ],
)
def test_where_it_flattens(mean, best, flat, said):
    assert said in sentence([8, 16, 32], np.array(mean), best, flat)


def test_the_page_has_a_picture_a_mark_for_each_width_and_a_table():
    html = build(CHOSEN)
    assert "Would a wider network do better?" in html and 'id="widths-title"' in html
    picture = html[html.index('aria-labelledby="widths-title') :]
    picture = picture[: picture.index("</svg>")]
    assert picture.count('class="mean"') == 3 and picture.count('class="mean chosen"') == 1
    assert picture.count('class="bar"') == 4 and picture.count('class="way"') == 1 and "NaN" not in picture
    assert "The widths as a table" in html and "40,000" in html
    assert "Would a wider network" not in build(BEATEN)
    older = copy.deepcopy(CHOSEN)
    del older["training"]["widths"]
    assert "Would a wider network" not in build(older)
