"""docs/report.schema.json describes the reports that are written, and no others: a key more or less is refused."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from jsonschema import Draft202012Validator

import infimum.ladder.climb as climbing
from infimum.ladder.climb import climb
from infimum.ladder.terms import Terms
from infimum.tables import Column, Table, text_column
from infimum.tables.wishes import Wishes
from tests.conventions.source import ROOT
from tests.ladder.test_additive import table_of
from tests.report.example import CLASSIFICATION, COUNTS, REGRESSION, SEVERAL
from tests.report.example_additive import ADDITIVE, SEVERAL_ADDITIVE
from tests.report.example_training import BEATEN, CHOSEN
from tests.verify.made import classification, counts, regression, separated, several, wide

SCHEMA = json.loads((ROOT / "docs" / "report.schema.json").read_text("utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)


def in_time():
    rng = np.random.default_rng(8)
    x, day = rng.normal(size=120), np.datetime64("2020-01-01", "us") + np.arange(120) * np.timedelta64(1, "D")
    y = x + rng.normal(size=120)
    return Table("made.csv", (Column("x", "number", x), Column("day", "time", day), Column("y", "number", y)))


def in_groups():
    table = regression()[0]
    people = [f"person {i % 12}" for i in range(table.rows)]
    return Table("made.csv", (*table.columns, text_column("person", people)))


def leaking():
    table = regression()[0]
    y = table.column("y").values
    return Table("made.csv", (*table.columns, Column("twice", "number", 2.0 * y)))


MADE = {
    "regression": lambda: climb(regression()[0], "y"),
    "two classes": lambda: climb(classification()[0], "y"),
    "several classes": lambda: climb(several()[0], "y"),
    "separated": lambda: climb(separated()[0], "y"),
    "wide, the lowest error": lambda: climb(wide()[0], "y", None, Terms(rule="best")),
    "in time": lambda: climb(in_time(), "y"),
    "in groups": lambda: climb(in_groups(), "y", Wishes(group="person"), seed=1),
    "with a leak": lambda: climb(leaking(), "y"),
    "counts": lambda: climb(counts()[0], "y", Wishes(task="counts")),
    "additive": lambda: climb(table_of("numbers", 240), "y"),
    "additive, several classes": lambda: climb(table_of("three classes", 300), "y"),
}
WITH_REFERENCE = ("two classes", "regression")


@pytest.fixture(scope="module", params=MADE)
def report(request):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(climbing, "find_spec", lambda name: None)  # without the network rung: seconds, not minutes
        if request.param not in WITH_REFERENCE:
            patch.setattr(climbing, "reference_of", lambda *told: None)
        return json.loads(json.dumps(MADE[request.param]().report, allow_nan=False))


def errors(report: dict[str, Any]) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in VALIDATOR.iter_errors(report)]


def objects(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], dict[str, Any]]]:
    """Each object of a report with the way to it; of a list, its first and last entry."""
    if isinstance(value, dict):
        yield way, value
        for key, each in value.items():
            yield from objects(each, (*way, key))
    elif isinstance(value, list):
        for at in sorted({0, len(value) - 1}) if value else ():
            yield from objects(value[at], (*way, at))


def at(report: dict[str, Any], way: tuple[Any, ...]) -> dict[str, Any]:
    for step in way:
        report = report[step]
    return report


def test_the_schema_is_one():
    Draft202012Validator.check_schema(SCHEMA)


def test_reports_that_are_written_are_described(report):
    assert errors(report) == []


def test_the_kinds_of_model_that_are_meant_are_there(report, request):
    """Curves and products where additive models win, sets of classes, spans in time: what the next test looks at."""
    name = request.node.callspec.params["report"]
    each = (report["equation"] or {}).get("scores", [report["equation"]])
    assert name.startswith("additive") == all(one.get("curves") and one["products"] is not None for one in each)
    assert (report["metric"] == "deviance") == (name == "counts")
    if report["intervals"]:
        assert (report["intervals"]["adaptive"] is not None) == (name == "in time")


EXAMPLES = [REGRESSION, CLASSIFICATION, SEVERAL, COUNTS, ADDITIVE, SEVERAL_ADDITIVE, CHOSEN, BEATEN]


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_examples_of_the_page_are_described(example):
    """But for the claim of a kind that the page does not know."""
    assert [claim["kind"] for claim in example["claims"]][2:] == ["something new"]
    assert errors({**example, "claims": example["claims"][:2]}) == []


@pytest.mark.parametrize(
    "report",
    [
        "regression",
        "several classes",
        "in time",
        "with a leak",
        "counts",
        "additive",
        "additive, several classes",
    ],
    indirect=True,
)
def test_every_key_is_needed_and_no_other_is_taken(report):
    refused(report)


@pytest.mark.parametrize("example", [CHOSEN, BEATEN], ids=["chosen", "beaten"])
def test_every_key_of_a_training_is_needed_and_no_other_is_taken(example):
    refused({**example, "claims": example["claims"][:2]})


def refused(report):
    report, free = copy.deepcopy(report), {"kinds", "dates", "roles", "ordered", "picked"}  # column or rung ↦ something
    for way, found in objects(report):
        if way and way[-1] in free:
            continue
        for key in list(found):
            kept = found.pop(key)
            assert not VALIDATOR.is_valid(report), f"nothing is said without {'.'.join(map(str, (*way, key)))}"
            found[key] = kept
        found["another"] = 1
        assert not VALIDATOR.is_valid(report), f"nothing is said of another key in {'.'.join(map(str, way))}"
        del found["another"]
    assert VALIDATOR.is_valid(report)


@pytest.mark.parametrize("report", ["regression"], indirect=True)
@pytest.mark.parametrize(
    ("way", "value"),
    [
        (("metric",), "mape"),
        (("coverage",), 90),
        (("intervals", "half_width"), None),
        (("objective", "penalty", "roughness"), 1.0),
        (("target", "task"), "count"),
        (("wishes", "task"), ""),
        (("rungs", 0, "mean"), "0.5"),
        (("rungs", 0, "verdict"), "PROVED"),
        (("table", "fingerprint"), "0123"),
        (("answer",), ["one sentence"]),
        (("worst", "rows"), []),
        (("statistics",), {}),
    ],
)
def test_other_values_are_refused(report, way, value):
    other = copy.deepcopy(report)
    at(other, way[:-1])[way[-1]] = value
    assert errors(other)


def test_every_object_is_closed():
    """Each object lists all its properties as needed, and takes no other."""
    for way, found in objects(SCHEMA):
        if found.get("type") == "object" and "properties" in found:
            assert found["additionalProperties"] is False, way
            assert sorted(found["required"]) == sorted(found["properties"]), way
