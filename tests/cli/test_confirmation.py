"""The tables that say what a fit takes a table for, and what was predicted: true to the table, on stderr, in words."""

import csv
import io

import numpy as np
import pytest

from infimum.cli.confirmation import fit_lines, prediction_lines
from infimum.ladder.fitted import Fitted
from infimum.ladder.problem import problem_of
from infimum.ladder.terms import Terms
from infimum.tables.reading.read import read_table
from infimum.tables.wishes import Wishes
from tests.cli.bikes import ROWS, grid, run, text


@pytest.fixture
def bikes(tmp_path, monkeypatch):
    """bikes.csv with an identifier, a constant, recodings of two columns, and two rows without rentals."""
    monkeypatch.chdir(tmp_path)
    head, *rows = grid()
    more = [["id", "land", "said", "crowd", *head]]
    more += [[f"k{9 * i:05d}", "CH", f"r{row[2]}", {"y": "big", "n": "no"}[row[3]], *row] for i, row in enumerate(rows)]
    for row in more[1:3]:
        row[more[0].index("rentals")] = ""
    path = tmp_path / "bikes.csv"
    path.write_bytes(text(more))
    return path


def lines_of(path, target, terms=None, **wishes):
    terms = terms or Terms()
    problem = problem_of(read_table(path), target, Wishes(**wishes), 0, terms.metric, terms.repeats)
    return {name: (taken, option) for name, taken, option in fit_lines(problem, terms)}


def test_each_line_says_what_is_taken_and_which_option_changes_it(bikes):
    lines = lines_of(bikes, "rentals", Terms(coverage=0.95, metric="mae"), drop=("busy", "crowd"))
    y = np.array([float(row[2]) for row in grid()[3:]])
    assert lines["table"] == (f"bikes.csv: {ROWS} rows, 2 of them without rentals: left out", "--read")
    said = f"rentals: a quantity, from {y.min():.4g} to {y.max():.4g}, mean {y.mean():.4g}"
    assert lines["target"] == (said, "--task")
    assert lines["columns"][0] == "2 of 7 read: 1 as number, 1 as category"
    assert "land (constant)" in lines["left out"][0] and "busy (dropped)" in lines["left out"][0]
    assert lines["left out"][1] == "--drop, --role"
    assert lines["choice"][0].startswith("by mean absolute error on rows held out: the simplest rung")
    assert lines["intervals"] == ("to hold 95% of new rows", "--coverage") and "time" not in lines


def test_classes_come_with_their_shares_and_a_leak_with_its_option(bikes):
    lines = lines_of(bikes, "busy", Terms(reference=False, budget=90.0, rule="best"))
    yes = sum(row[3] == "y" for row in grid()[1:])
    shares = {"y": yes / ROWS, "n": 1 - yes / ROWS}
    first, second = sorted(shares, key=lambda name: -shares[name])
    assert lines["target"][0] == (
        f"busy: 2 classes, {first} {round(100 * shares[first], 1):g}%, {second} {round(100 * shares[second], 1):g}%"
    )
    assert "crowd (leak)" in lines["left out"][0] and "--keep-leaks" in lines["left out"][1]
    assert lines["choice"][0].endswith("the rung of the lowest")
    assert lines["beside"][0] == "no other model is compared with"
    assert lines["sets"][1] == "--coverage" and lines["time"] == ("no rung starts after 90 s", "--budget")


def test_counts_have_no_intervals_to_speak_of(bikes):
    lines = lines_of(bikes, "hour", drop=("id", "said", "crowd"), task="counts")
    assert lines["target"][0].startswith("hour: counts, from 0 to 23, mean")
    assert not {"intervals", "sets"} & set(lines)


def test_the_table_comes_before_the_work_and_not_into_the_answer(bikes):
    done = run("fit", bikes, "--target", "rentals", "--drop", "busy,crowd")
    assert done.exit_code == 0, done.output
    assert done.stderr.index("taken as") < done.stderr.index("[0/") and "taken as" not in done.stdout
    for silent in ("--quiet", "--json"):
        assert run("fit", bikes, "--target", "rentals", "--drop", "busy,crowd", "--force", silent).stderr == ""


@pytest.mark.parametrize("target", ["rentals", "busy"])
def test_predictions_stand_beside_the_rows_of_the_fit(bikes, target):
    other = {"rentals": "busy", "busy": "rentals"}[target]
    assert run("fit", bikes, "--target", target, "--drop", f"{other},said,crowd", "--quiet").exit_code == 0
    few = bikes.parent / "few.csv"
    few.write_text("".join(bikes.read_text().splitlines(keepends=True)[:21]))
    done = run("predict", "bikes-infimum", few, "--out", "few-predictions.csv")
    assert done.exit_code == 0 and done.stdout == "" and "in the fit" in done.stderr
    written = list(csv.DictReader(io.StringIO((bikes.parent / "few-predictions.csv").read_text())))
    fitted = Fitted.load("bikes-infimum")
    rows = read_table(few, fitted.reading)
    lines = dict(
        (name, (here, there)) for name, here, there in prediction_lines(fitted.report, rows, fitted.predict(rows))
    )
    assert lines["rows"] == ("20 of few.csv", f"{ROWS - 2 * (target == 'rentals')} of bikes.csv")
    if target == "rentals":
        p = np.array([float(row["prediction"]) for row in written])
        half = np.array([float(row["upper"]) - float(row["lower"]) for row in written]) / 2
        assert lines["rentals"][0] == f"from {p.min():.4g} to {p.max():.4g}, mean {p.mean():.4g}"
        assert lines["intervals, 90%"][0] == f"± {np.median(half):.4g} in the median"
        return
    share = sum(row["prediction"] == "y" for row in written) / 20
    assert f"y {round(100 * share, 1):g}%" in lines["busy, class named"][0]
    expected = sum(float(row["p(y)"]) for row in written) / 20
    assert f"y {round(100 * expected, 1):g}%" in lines["busy, mean probability"][0]
    alone = sum(row["set"] in ("y", "n") for row in written) / 20
    assert lines["sets, 90%"][0] == f"a single class in {round(100 * alone, 1):g}% of the rows"
