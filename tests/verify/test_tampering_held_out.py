"""A model file whose worst rows, residuals or reliability were tampered with, checksums recomputed, is refuted."""

import pytest

from infimum.files.model_file import read_model
from infimum.verify import verify_file
from tests.verify.made import verdict_after


def held_out(fitted):
    return read_model(fitted[0])[1]["report"]


def test_the_honest_file_is_answered(fitted):
    answers = verify_file(*fitted).answers
    kinds = {answer.kind for answer in answers}
    assert "worst rows" in kinds and ("residuals" in kinds) != ("reliability" in kinds)
    assert not [answer for answer in answers if answer.verdict == "REFUTED"]


@pytest.mark.parametrize("key", ["row", "observed", "predicted", "probability", "loss", "cells"])
def test_what_a_worst_row_says(fitted, tmp_path, key):
    classes = held_out(fitted)["target"]["classes"]

    def change(arrays, document):
        row = document["report"]["worst"]["rows"][-1]
        if key in ("observed", "predicted") and classes:
            row[key] = classes[(classes.index(row[key]) + 1) % len(classes)]
        elif key == "probability":
            row[key] = 0.5 if row[key] is None else row[key] * (1 + 1e-6)
        elif key == "row":
            shown = {each["row"] for each in document["report"]["worst"]["rows"]}
            row[key] = next(number for number in range(1, 50) if number not in shown)
        elif key == "cells":
            row[key][0] = "another"
        else:
            row[key] *= 1 + 1e-6

    assert verdict_after(fitted, tmp_path, change)


@pytest.mark.parametrize("what", ["left out", "one for another", "order", "columns", "twice", "no such row"])
def test_which_rows_are_the_worst(fitted, tmp_path, what):
    def change(arrays, document):
        worst = document["report"]["worst"]
        if what == "left out":
            worst["rows"].pop()
        elif what == "one for another":
            worst["rows"] = worst["rows"][1:] + worst["rows"][-1:]
        elif what == "order":
            worst["rows"].reverse()
        elif what == "columns":
            worst["columns"].reverse()
            for row in worst["rows"]:
                row["cells"].reverse()
        elif what == "twice":
            worst["rows"][1] = worst["rows"][0]
        else:
            worst["rows"][-1]["row"] = 10_000

    assert verdict_after(fitted, tmp_path, change)


def test_a_row_of_a_smaller_loss_told_honestly(fitted, tmp_path):
    """Each number of the row is that of the table, but it is not among the worst."""
    path, table = fitted
    report = held_out(fitted)
    if report["target"]["classes"] or report["chosen"] == "constant":
        pytest.skip("rows of numbers are easy to tell apart in the report itself")
    observed, predicted = report["out_of_fold"]["observed"], report["out_of_fold"]["predicted"]
    i = min(range(len(observed)), key=lambda i: abs(observed[i] - predicted[i]))
    cells = [table.column(name).cells()[i] for name in report["worst"]["columns"]]
    row = {"row": i + 1, "observed": observed[i], "predicted": predicted[i], "probability": None, "cells": cells}
    row["loss"] = (observed[i] - predicted[i]) ** 2 / 2
    assert observed[i] == table.column("y").values[i]  # all rows were held out and are shown, so that i is the row

    def change(arrays, document):
        document["report"]["worst"]["rows"][-1] = row

    assert verdict_after(fitted, tmp_path, change)


@pytest.mark.parametrize("key", ["first", "last", "rows", "quantiles"])
def test_a_band_of_residuals(fitted, tmp_path, key):
    if held_out(fitted)["residuals"] is None:
        pytest.skip("classes have no residuals")

    def change(arrays, document):
        band = document["report"]["residuals"][-1]
        if key == "quantiles":
            band[key][2] += 1e-6
        else:
            band[key] += 1 if key == "rows" else 1e-6

    assert verdict_after(fitted, tmp_path, change)


@pytest.mark.parametrize(
    "way",
    [
        *(("bins", key) for key in ("first", "last", "rows", "forecast", "share", "low", "high")),
        *(("steps", key) for key in ("first", "last", "rows", "share")),
        *(("brier", key) for key in ("score", "miscalibration", "discrimination", "uncertainty")),
        ("level",),
    ],
    ids="-".join,
)
def test_a_number_of_the_reliability(fitted, tmp_path, way):
    if held_out(fitted)["reliability"] is None:
        pytest.skip("numbers have no reliability")

    def change(arrays, document):
        place = document["report"]["reliability"]
        if len(way) == 2:
            place = place[way[0]]
            place = place[len(place) // 2] if way[0] != "brier" else place
        place[way[-1]] += 1 if way[-1] == "rows" else -1e-6 if place[way[-1]] else 1e-6

    assert verdict_after(fitted, tmp_path, change)


def test_a_picture_left_out(fitted, tmp_path):
    def change(arrays, document):
        document["report"].update(residuals=None, reliability=None)

    assert verdict_after(fitted, tmp_path, change)


@pytest.mark.parametrize("by", [1e-6, None])
def test_how_alike_neighbours_err(fitted, tmp_path, by):
    def change(arrays, document):
        told = document["report"]["neighbours"]
        document["report"]["neighbours"] = 0.5 if told is None else None if by is None else told + by

    assert verdict_after(fitted, tmp_path, change)
