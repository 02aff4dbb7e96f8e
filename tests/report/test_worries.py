"""Each rule says something of a report that is sick in its way, nothing of a healthy one; the gravest come first."""

import copy

import numpy as np
import pytest

from infimum.report import build
from infimum.report import worries as rules
from infimum.report.worries import NOTHING, RULES, SHOWN, worries
from tests.report.example import CLASSIFICATION, COUNTS, REGRESSION, column, finding
from tests.report.example_additive import ADDITIVE
from tests.report.example_training import CHOSEN


def healthy(report):
    """The same report with nothing to worry about."""
    report = copy.deepcopy(report)
    report["table"]["used_rows"] = 400
    report["findings"] = [finding("INF123", "note", "a", "b")]
    report["reference"] = None
    report["skipped"] = []
    report["folds"]["overlap"] = 0.25
    if report["intervals"]:
        report["out_of_fold"]["observed"][1] = 0.001  # measured finely
    for band in report["residuals"] or ():
        band["quantiles"] = [-2.0, -1.0, 0.1, 1.0, 2.0]
    return report


NUMBERS, CLASSES, COUNTED = healthy(REGRESSION), healthy(CLASSIFICATION), healthy(COUNTS)


def sick(report, **changes):
    """The report with other values, "a__b__0" being the place report["a"]["b"][0]."""
    report = copy.deepcopy(report)
    for way, value in changes.items():
        *steps, last = (int(step) if step.isdigit() else step for step in way.split("__"))
        place = report
        for step in steps:
            place = place[step]
        place[last] = value
    return report


LEAK = [finding("INF101", "excluded", "casual")]
LINE = {**REGRESSION["reference"], "mean": 8.0, "difference": 2.0, "difference_error": 0.3}
BAND = {"rows": 60, "half_width": 8.0}
BANDS = [{"first": 2.0, "last": 12.0, **BAND, "covered": 0.95}, {"first": 12.0, "last": 18.0, **BAND, "covered": 0.7}]
OFF = [{**CLASSIFICATION["reliability"]["bins"][0], "low": 0.3, "high": 0.5}] * 3
SICK = {
    "leaks": (sick(NUMBERS, findings=LEAK), "'casual' gives 'rentals' away and was left out"),
    "leaks, kept": (sick(NUMBERS, findings=LEAK, wishes={"keep_leaks": True}), "the error is no forecast"),
    "warning": (
        sick(NUMBERS, findings=[finding("INF112", "warning", "hour")]),
        "'hour' predicts 'rentals' almost alone",
    ),
    "warning, of another kind": (sick(NUMBERS, findings=[finding("INF999", "warning", "{hour}")]), "what was found"),
    "unproved": (sick(NUMBERS, rungs__1__verdict="INSUFFICIENT"), "not shown to be near its lowest loss"),
    "unproved, no bound": (sick(NUMBERS, rungs__1__verdict="UNAVAILABLE"), "is not known"),
    "unproved, separated": (sick(NUMBERS, rungs__1__unattained="separated"), "run off to infinity"),
    "badly_trained": (
        sick(healthy(CHOSEN), rungs__1__verdict="CERTIFIED"),
        "In 4 of 6 trainings of the network the steps are too long (INF207).",
    ),
    "missed_classes": (sick(CLASSES, confusion=[[30, 0], [30, 0]]), "'MALE' is never named: its 30 rows"),
    "missed_classes, most": (sick(CLASSES, confusion=[[28, 2], [20, 10]]), "'MALE' is missed in 20 of its 30 rows"),
    "little_gain": (sick(NUMBERS, rungs__1__errors=[20.5, 12.0, 25.0, 14.0, 22.0]), "hardly larger than its doubt"),
    "little_gain, none": (
        sick(
            NUMBERS, rungs__0__chosen=True, rungs__1__chosen=False, chosen="constant", search__picked={"constant": 1.0}
        ),
        "These columns say nothing",
    ),
    "cost": (sick(NUMBERS, reference=LINE), "this model misses 16.7%"),
    "cost, most of it": (sick(NUMBERS, reference={**LINE, "difference": 6.0}), "this model misses 50%"),
    "calibration": (sick(CLASSES, reliability__bins=OFF), "where 20% is promised, 10% come true"),
    "bent": (sick(NUMBERS, residuals__0__quantiles=[0.1, 0.5, 1.0, 2.0, 3.0]), "from 0 to 18 are too low"),
    "bent, below": (sick(NUMBERS, residuals__0__quantiles=[-3.0, -2.0, -1.0, -0.5, 0.0]), "are too high"),
    "neighbours": (
        sick(NUMBERS, neighbours=0.84, out_of_fold__of=400),
        "Rows next to each other err alike (correlation 0.84)",
    ),
    "uneven": (
        sick(
            NUMBERS,
            intervals__covered_bands=BANDS,
        ),
        "Of the rows predicted from 12 to 18 only 70% fall inside their interval, not 90%",
    ),
    "off_counts": (
        sick(COUNTED, out_of_fold={"observed": [1.0, 3.0] * 150, "predicted": [5.0] * 300, "sampled": 300, "of": 300}),
        "where 5 is expected, the mean is 2",
    ),
    "scattered": (sick(COUNTED, statistics__deviance=11.07), "(deviance 11.1, not about 1)."),
    "scattered, with curves": (
        sick(healthy(ADDITIVE), statistics__deviance=3.0),
        "(deviance 3, not about 1): the bands of curves are too narrow.",
    ),
    "few, counted": (sick(COUNTED, target__mean=0.05), "'rentals' adds up to 20 only"),
    "few": (sick(NUMBERS, table__used_rows=40), "40 rows only"),
    "few, of a class": (sick(CLASSES, target__shares=[0.95, 0.05]), "20 rows only are 'MALE'"),
    "uncertain": (sick(NUMBERS, rungs__1__standard_error=4.0), "its standard error is 40% of it"),
    "order": (sick(NUMBERS, folds__kind="time", folds__column="day"), "later spans of 'day'"),
    "warning, of repeats": (
        sick(
            NUMBERS, findings=[{**finding("INF113", "warning"), "statement": "1177 of 6497 rows repeat an earlier row"}]
        ),
        "1,177 of 6,497 rows repeat an earlier one",
    ),
    "little_gain, undecided": (
        sick(
            NUMBERS,
            rungs__0__chosen=True,
            rungs__1__chosen=False,
            rungs__1__candidate=False,
            chosen="constant",
            search__picked={"constant": 1.0},
        ),
        "errs less (10), but no lowest loss is reached",
    ),
    "close_call": (
        sick(NUMBERS, search__picked={"constant": 0.59, "least squares": 0.41}),
        "is picked in 59%, this model in 41%",
    ),
    "undercovered": (
        sick(NUMBERS, intervals__covered=0.8, intervals__covered_folds=[0.81, 0.79, 0.8]),
        "that should hold 90% of new rows held 80%",
    ),
    "order, groups": (sick(NUMBERS, folds__kind="groups", folds__column="who"), "rows of a new 'who'"),
    "gaps": (sick(NUMBERS, columns__0={**column("hour", "number"), "missing": 100}), "'hour' is missing in 25%"),
    "not_climbed": (sick(NUMBERS, skipped=REGRESSION["skipped"]), "Not compared: network"),
}


@pytest.mark.parametrize("report", [NUMBERS, CLASSES, COUNTED], ids=["numbers", "classes", "counts"])
def test_of_a_healthy_report_nothing_is_said_and_that_is_said(report):
    assert worries(report) == []
    assert NOTHING in build(report)


@pytest.mark.parametrize("name", SICK)
def test_each_rule_finds_what_it_is_for(name):
    report, words = SICK[name]
    found = worries(report)
    assert len(found) == 1 and words in found[0].sentence
    assert getattr(rules, name.partition(",")[0])(report) == found[0]
    assert found[0].sentence in build(report).replace("\u00a0", " ").replace("&#39;", "'")


def test_every_rule_has_a_sick_example():
    assert {name.partition(",")[0] for name in SICK} == {rule.__name__ for rule in RULES}


def test_intervals_of_one_span_have_no_folds_to_tell_from():
    assert rules.undercovered(sick(NUMBERS, intervals__covered=0.5, intervals__covered_folds=None)) is None


def test_three_at_most_and_the_gravest_first():
    report = sick(
        NUMBERS, skipped=REGRESSION["skipped"], reference=LINE, findings=LEAK, table__used_rows=40, folds__kind="time"
    )
    found = worries(report)
    assert len(found) == SHOWN
    assert [worry.weight for worry in found] == sorted((worry.weight for worry in found), reverse=True)
    assert "Not compared" not in " ".join(worry.sentence for worry in found)


def test_small_counts_of_a_right_model_are_nothing_to_worry_about():
    """Nine of ten rows lie below an expected count of 0.1: that is no bend, and groups without a count are no miss."""
    rng = np.random.default_rng(0)
    predicted = np.sort(rng.uniform(0.02, 0.2, 600))
    rows = {"observed": rng.poisson(predicted).astype(float).tolist(), "predicted": predicted.tolist()}
    bands = [{"first": 0.02, "last": 0.2, "rows": 600, "quantiles": [-0.2, -0.15, -0.1, -0.05, 0.9]}]
    report = sick(COUNTED, out_of_fold={**rows, "sampled": 600, "of": 600}, residuals=bands)
    assert worries(report) == []
    assert rules.bent(sick(NUMBERS, residuals=bands)) is not None


def test_what_rounding_the_target_does_is_no_bend():
    whole = {"observed": [float(i % 9) for i in range(40)]}
    rounded, more = (
        [{"first": 3.0, "last": 3.4, "rows": 60, "quantiles": [0.1, by, 0.7, 0.8, 0.9]}] for by in (0.4, 0.6)
    )
    assert rules.bent(sick(NUMBERS, out_of_fold=whole, residuals=rounded)) is None
    assert rules.bent(sick(NUMBERS, out_of_fold=whole, residuals=more)) is not None


def test_a_band_that_chance_explains_is_not_uneven():
    few = [BANDS[0], {**BANDS[1], "rows": 12, "covered": 9 / 12}]
    assert rules.uneven(sick(NUMBERS, intervals__covered_bands=few)) is None
    assert rules.uneven(sick(NUMBERS, intervals=None)) is None
