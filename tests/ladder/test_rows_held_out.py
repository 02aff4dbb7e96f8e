"""Worst rows, residuals and reliability: as plain loops have them, and as the checker does where predictions tie."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import infimum.ladder.climb as climbing
from infimum.ladder.rows_held_out import QUANTILES, neighbours, reliability, residuals
from infimum.losses import Logistic, Multinomial, Poisson, Squared
from infimum.tables import Column, Table, text_column
from infimum.verify.reliability import check_pictures
from infimum.verify.worst import Lines, check_worst
from tests.linear_rungs import use_linear_rungs

ROUNDING = 1e-14


@pytest.fixture
def quick(monkeypatch):
    use_linear_rungs(monkeypatch)


def accepted(told, loss, z, y):
    """What the checker says of the numbers when z comes out of another order of summation."""
    classes = None if loss.task != "classification" else ["a", "b", "c"][: loss.outputs + 1]
    report = {"target": {"classes": classes}, "residuals": None, "reliability": None}
    report |= {"folds": {"kind": "groups"}, "neighbours": None}
    report["residuals" if classes is None else "reliability"] = told
    wrong = [each for each in check_pictures(report, loss, z, y, 1e-13) if each.verdict == "REFUTED"]
    return not wrong


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 200), st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_the_checker_finds_the_same_where_predictions_tie(n, values, seed):
    rng = np.random.default_rng(seed)
    z = rng.choice(rng.normal(size=values), n)
    nudged = z * (1 + ROUNDING * rng.choice([-1, 0, 1], n))
    y = rng.normal(size=n)
    assert accepted(residuals(y, z), Squared(), nudged, y)
    counts = rng.poisson(np.exp(z)).astype(float)
    assert accepted(residuals(counts, Poisson().mean(z)), Poisson(), nudged, counts)
    y = (rng.random(n) < Logistic().mean(z)).astype(float)
    assert accepted(reliability(Logistic(), z, y), Logistic(), nudged, y)
    scores, k = np.column_stack([z, -z]), rng.integers(0, 3, n)
    nudged = np.column_stack([nudged, -z])
    loss = Multinomial(3)
    assert accepted(reliability(loss, scores, k), loss, nudged, k)


def test_bands_of_residuals_are_quantiles_of_their_rows():
    rng = np.random.default_rng(0)
    predicted, y = rng.normal(size=1000), rng.normal(size=1000)
    bands = residuals(y, predicted)
    assert [band["rows"] for band in bands] == [50] * 20
    order = np.argsort(predicted)
    for band, rows in zip(bands, order.reshape(20, 50), strict=True):
        assert (band["first"], band["last"]) == (predicted[rows[0]], predicted[rows[-1]])
        assert band["quantiles"] == np.quantile(y[rows] - predicted[rows], QUANTILES).tolist()


def test_a_constant_prediction_is_one_band():
    assert len(residuals(np.arange(90.0), np.zeros(90))) == 1


def test_the_steps_of_the_reliability_rise_and_hold_every_row():
    rng = np.random.default_rng(1)
    z = rng.normal(size=500)
    y = (rng.random(500) < Logistic().mean(2 * z)).astype(float)
    told = reliability(Logistic(), z, y)
    shares = [step["share"] for step in told["steps"]]
    assert shares == sorted(set(shares))
    for part in ("steps", "bins"):
        assert sum(each["rows"] for each in told[part]) == 500
        assert sum(each["rows"] * each["share"] for each in told[part]) == pytest.approx(y.sum())
    brier = told["brier"]
    total = brier["miscalibration"] - brier["discrimination"] + brier["uncertainty"]
    assert total == pytest.approx(brier["score"], abs=1e-12)
    assert brier["score"] == pytest.approx(np.mean((Logistic().mean(z) - y) ** 2), abs=1e-8)


@pytest.mark.parametrize("worst", [True, False], ids=["the worst", "another"])
def test_the_worst_rows_of_counts_are_known_where_predictions_are_rounded_otherwise(worst):
    """ℓ of a count moves by |eᶻ − y| times what z does: more than that of a number, and no more than the slack."""
    rng = np.random.default_rng(5)
    z = rng.normal(9.0, 3.0, 400)
    y = rng.poisson(np.exp(z)).astype(float)
    table = Table("made.csv", (Column("x", "number", z), Column("y", "number", y)))
    told = {"columns": ["x"], "rows": []}
    losses = Poisson().value(z, y)
    for i in np.argsort(-losses)[:8] if worst else np.argsort(-losses)[1:9]:
        row = {"row": int(i) + 1, "observed": y[i], "predicted": float(np.exp(z[i])), "probability": None}
        told["rows"].append(
            {**row, "loss": float(losses[i]), "cells": [table.column("x").take(np.array([i])).cells()[0]]}
        )
    report = {"worst": told, "equation": None, "target": {"classes": None}}
    at = np.arange(400)
    lines = Lines(table, at, at + 1, z * (1 + 2e-16 * rng.choice([-1, 0, 1], 400)), y, 1e-13 * float(y.max()))
    refused = [answer for answer in check_worst(report, ["x"], Poisson(), lines) if answer.verdict == "REFUTED"]
    assert bool(refused) != worst


@pytest.mark.parametrize("classes", [False, True], ids=["numbers", "classes"])
def test_the_worst_rows_are_those_of_the_file(classes, quick):
    """A planted mistake comes first, at its row of the file: rows without a target are counted too."""
    rng = np.random.default_rng(2)
    x, colour = rng.normal(size=200), [str(each) for each in rng.choice(["red", "blue"], 200)]
    y = np.where(x + 0.3 * rng.logistic(size=200) > 0, 1.0, 0.0) if classes else 3 * x + 0.1 * rng.normal(size=200)
    x[61], y[61] = (3.0, 0.0) if classes else (0.0, 30.0)
    y[[5, 9]] = np.nan
    table = Table("made.csv", (text_column("colour", colour), Column("x", "number", x), Column("y", "number", y)))
    worst = climbing.climb(table, "y").report["worst"]
    first = worst["rows"][0]
    assert first["row"] == 62 and worst["columns"] == ["x", "colour"]
    assert first["cells"] == ["3" if classes else "0", colour[61]]
    assert first["observed"] == ("0" if classes else 30.0)
    assert (first["probability"] is None) != classes
    losses = [row["loss"] for row in worst["rows"]]
    assert losses == sorted(losses, reverse=True) and len({row["row"] for row in worst["rows"]}) == 8


def test_errors_in_time_are_alike_and_shuffled_ones_are_not():
    rng = np.random.default_rng(0)
    noise = rng.standard_normal(2000)
    e = np.zeros(2000)
    for i in range(1, 2000):  # a first-order autoregression, of correlation 0.8
        e[i] = 0.8 * e[i - 1] + noise[i]
    y = 5 + rng.standard_normal(2000)
    assert abs(neighbours(y, y - e) - 0.8) < 0.05
    assert abs(neighbours(y, y - rng.permutation(e))) < 0.1
    assert neighbours(np.sort(y), np.sort(y) - e) is None and neighbours(y, y) is None
