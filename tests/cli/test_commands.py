"""infimum fit, verify, predict, show, as a user runs them: outputs, exit codes, messages."""

import csv
import io
import json
import re
import subprocess
import sys

import numpy as np
import pytest
from typer.testing import CliRunner

import infimum.ladder.climb as climbing
from infimum.cli import app

LINES = 80


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def table(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    hour, words = rng.integers(0, 24, LINES), rng.choice(["clear", "rain"], LINES)
    rentals = 3.0 * hour - 20.0 * (words == "rain") + rng.normal(size=LINES)
    rows = [f"{h},{w},{r!r},{'yes' if r > 30 else 'no'}" for h, w, r in zip(hour, words, rentals.tolist(), strict=True)]
    path = tmp_path / "bikes.csv"
    path.write_text("hour,weather,rentals,busy\n" + "\n".join(rows) + "\n")
    return path


@pytest.fixture
def fitted(table):
    done = run("fit", table, "--target", "rentals", "--drop", "busy", "--quiet")
    assert done.exit_code == 0, done.output
    return table.parent / "bikes-infimum"


def test_fit_writes_the_folder_and_tells_the_answer(table):
    done = run("fit", table, "--target", "rentals", "--drop", "busy")
    assert done.exit_code == 0
    assert "is the model to use for rentals" in done.stdout
    assert "network left out" in done.stdout and "pip install 'infimum[networks]'" in done.stdout
    assert "[0/26] constant" in done.stderr
    folder = table.parent / "bikes-infimum"
    assert sorted(path.name for path in folder.iterdir()) == [
        "model.safetensors",
        "report.html",
        "report.json",
        "timings.json",
    ]
    assert sorted(path.name for path in table.parent.iterdir()) == ["bikes-infimum", "bikes.csv"]


def test_json_is_the_report_and_nothing_else(table):
    done = run("fit", table, "--target", "rentals", "--drop", "busy", "--json")
    assert json.loads(done.stdout)["target"]["name"] == "rentals"
    assert done.stdout == (table.parent / "bikes-infimum" / "report.json").read_text()
    assert done.stderr == ""


def test_quiet_says_nothing(table):
    done = run("fit", table, "--target", "rentals", "--quiet")
    assert (done.exit_code, done.stdout, done.stderr) == (0, "", "")


def test_runs_repeat_bit_for_bit(table, fitted):
    before = {path.name: path.read_bytes() for path in fitted.iterdir()}
    assert run("fit", table, "--target", "rentals", "--drop", "busy", "--quiet", "--force").exit_code == 0
    for name in ("model.safetensors", "report.json"):
        assert (fitted / name).read_bytes() == before[name], name


def test_a_folder_that_is_there_is_not_replaced_without_force(table, fitted):
    done = run("fit", table, "--target", "rentals")
    assert done.exit_code == 2
    assert "already there" in done.stderr and "--force" in done.stderr


def test_a_folder_of_somebody_else_is_never_replaced(table):
    other = table.parent / "photos"
    other.mkdir()
    (other / "cat.jpg").write_text("cat")
    done = run("fit", table, "--target", "rentals", "--out", other, "--force")
    assert done.exit_code == 2 and "not a folder that infimum wrote" in done.stderr
    assert (other / "cat.jpg").read_text() == "cat"


def test_force_deletes_no_file_of_the_user(table, fitted):
    (fitted / "predictions.csv").write_text("mine")
    done = run("fit", table, "--target", "rentals", "--force")
    assert done.exit_code == 2 and "predictions.csv" in done.stderr
    assert (fitted / "predictions.csv").read_text() == "mine"


def test_verify_accepts_and_refutes(table, fitted):
    done = run("verify", fitted, table)
    assert done.exit_code == 0 and "derived again" in done.stdout
    assert json.loads(run("verify", fitted, table, "--json").stdout)["refuted"] is False
    changed = table.parent / "changed.csv"
    lines = table.read_text().splitlines()
    lines[3] = lines[3].replace(lines[3].split(",")[2], "1.25")
    changed.write_text("\n".join(lines) + "\n")
    done = run("verify", fitted, changed)
    assert done.exit_code == 1 and "REFUTED: this is not the table that the file was fitted to" in done.stdout


def test_predict_gives_intervals_or_probabilities(table, fitted):
    done = run("predict", fitted, table)
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert len(rows) == LINES and list(rows[0]) == ["prediction", "lower", "upper"]
    out = table.parent / "predictions.csv"
    assert run("predict", fitted, table, "--out", out).exit_code == 0
    assert out.read_text() == done.stdout
    assert run("fit", table, "--target", "busy", "--drop", "rentals", "--out", "busy", "--quiet").exit_code == 0
    header = run("predict", "busy", table).stdout.splitlines()[0]
    assert header == "prediction,p(no),p(yes),set"


def test_show_prints_equation_ladder_and_claims(fitted):
    done = run("show", fitted)
    assert done.exit_code == 0
    for part in ("rentals = ", "[hour]", "[weather = ", "CERTIFIED", "least squares"):
        assert part in done.stdout, part
    assert json.loads(run("show", fitted, "--json").stdout)["chosen"] == "least squares"


def test_strict_is_3_where_no_minimum_is_attained(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(1)
    x = rng.normal(size=60)
    lines = [f"{a!r},{'up' if a > 0 else 'down'}" for a in x.tolist()]
    (tmp_path / "split.csv").write_text("x,side\n" + "\n".join(lines) + "\n")
    wide = run("fit", "split.csv", "--target", "side", "--out", "a", "--quiet")
    assert wide.exit_code == 0
    report = json.loads((tmp_path / "a" / "report.json").read_text())
    plain = next(rung for rung in report["rungs"] if rung["name"] == "logistic")
    assert "no minimum is attained" in plain["unattained"]
    strict = run("fit", "split.csv", "--target", "side", "--out", "b", "--quiet", "--strict")
    assert strict.exit_code == (0 if all(rung["verdict"] == "CERTIFIED" for rung in report["rungs"]) else 3)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["fit", "nowhere.csv", "--target", "y"], ["nowhere.csv"]),
        (["fit", "bikes.csv", "--target", "rental"], ["rental", "rentals"]),
        (["fit", "bikes.csv", "--target", "rentals", "--drop", "hours"], ["hours", "hour"]),
        (["fit", "bikes.csv", "--target", "rentals", "--out", "bikes.csv/folder"], ["not a folder"]),
        (["fit", "bikes.csv"], ["--target"]),
        (["predict", "nowhere", "bikes.csv"], ["nowhere"]),
        (["verify", "bikes.csv", "bikes.csv"], ["bikes.csv"]),
        (["show", "nowhere"], ["nowhere"]),
    ],
)
def test_bad_input_is_one_message_and_exit_code_2(table, arguments, words):
    done = run(*arguments)
    assert done.exit_code == 2
    assert all(word in done.stderr for word in words), done.stderr
    assert "Traceback" not in done.output
    assert sorted(path.name for path in table.parent.iterdir()) == ["bikes.csv"]


def test_a_prediction_table_without_a_column_is_said(table, fitted):
    short = table.parent / "short.csv"
    short.write_text("weather\nrain\nclear\n")
    done = run("predict", fitted, short)
    assert done.exit_code == 2 and "hour" in done.stderr


def test_a_failure_leaves_the_old_folder_as_it_was(table, fitted, monkeypatch):
    before = {path.name: path.read_bytes() for path in fitted.iterdir()}

    def broken(report, timings=None):
        raise RuntimeError("the template is broken")

    monkeypatch.setattr("infimum.report.folder.build", broken)
    done = run("fit", table, "--target", "rentals", "--force", "--quiet")
    assert done.exit_code == 1 and "the template is broken" in done.stderr and "Traceback" not in done.output
    assert {path.name: path.read_bytes() for path in fitted.iterdir()} == before
    assert sorted(path.name for path in table.parent.iterdir()) == ["bikes-infimum", "bikes.csv"]


def test_ctrl_c_leaves_nothing_behind(table, monkeypatch):
    def interrupted(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(climbing, "ascend", interrupted)
    done = run("fit", table, "--target", "rentals")
    assert done.exit_code == 130 and "interrupted" in done.stderr
    assert sorted(path.name for path in table.parent.iterdir()) == ["bikes.csv"]


def test_the_entry_point_prints_its_version():
    done = subprocess.run(
        [sys.executable, "-c", "from infimum.cli import main; main()", "--version"], capture_output=True, text=True
    )
    assert done.returncode == 0 and done.stdout.startswith("infimum ")


def test_a_category_is_read_as_text_at_prediction_too(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    codes = ["01234", "02345", "9812A"] * 20
    rows = [
        f"{code},{1 + 4 * i % 12 + 0.01 * k}" for k, (i, code) in enumerate(zip([0, 1, 2] * 20, codes, strict=True))
    ]
    (tmp_path / "zips.csv").write_text("zip,y\n" + "\n".join(rows) + "\n")
    assert run("fit", "zips.csv", "--target", "y", "--quiet").exit_code == 0
    (tmp_path / "new.csv").write_text("zip\n01234\n02345\n77777\n")
    done = run("predict", "zips-infimum", "new.csv")
    values = [float(row["prediction"]) for row in csv.DictReader(io.StringIO(done.stdout))]
    assert values[1] - values[0] == pytest.approx(4, abs=0.1)
    assert "zip holds a level that the fit never saw in 1 row" in done.stderr


@pytest.mark.parametrize("name", ["model.safetensors", "report.json"])
def test_predict_never_overwrites_the_model(table, fitted, name):
    before = (fitted / name).read_bytes()
    done = run("predict", fitted, table, "--out", fitted / name)
    assert done.exit_code == 2 and "not replaced" in done.stderr
    assert (fitted / name).read_bytes() == before


@pytest.mark.parametrize("name", ["report.json", "report.html"])
def test_an_edited_page_is_refuted(table, fitted, name):
    assert run("verify", fitted, table).exit_code == 0
    (fitted / name).write_text((fitted / name).read_text().replace("rentals", "sales", 1))
    done = run("verify", fitted, table)
    assert done.exit_code == 1 and name in done.stdout


def test_categories_too_rare_for_a_network_are_said(tmp_path, monkeypatch):
    monkeypatch.undo()
    pytest.importorskip("torch")
    monkeypatch.chdir(tmp_path)
    rows = [f"{'ba'[i == 0]},{i % 2 + 0.1 * (i * 7 % 5)}" for i in range(10)]
    (tmp_path / "ten.csv").write_text("side,y\n" + "\n".join(rows) + "\n")
    done = run("fit", "ten.csv", "--target", "y")
    assert done.exit_code == 0 and "no column is left" in done.stdout


def test_the_coverage_asked_for_is_the_one_predicted_with(table, fitted):
    told = "--no-reference", "--coverage", "0.6", "--out", "narrow", "--quiet"
    assert run("fit", table, "--target", "rentals", *told).exit_code == 0
    assert json.loads(run("show", "narrow", "--json").stdout)["command"].endswith("--coverage 0.6")
    assert "intervals at 60%" in run("show", "narrow").stdout
    widths = []
    for model in ("narrow", fitted):
        rows = list(csv.DictReader(io.StringIO(run("predict", model, table).stdout)))
        widths.append(sum(float(row["upper"]) - float(row["lower"]) for row in rows))
    assert widths[0] < widths[1]


@pytest.mark.parametrize("coverage", ["1.2", "0.4", "1", "nan"])
def test_a_coverage_that_is_none_is_refused(table, coverage):
    done = run("fit", table, "--target", "rentals", "--coverage", coverage, "--out", "none")
    assert done.exit_code == 2 and f"the coverage is {float(coverage)}: " in done.stderr
    assert "give a number from 0.5 to below 1" in done.stderr


@pytest.fixture
def visits(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    age, smoker = rng.integers(20, 80, 120), rng.choice(["yes", "no"], 120)
    y = rng.poisson(np.exp(0.03 * age - 0.8 + 0.6 * (smoker == "yes")))
    path = tmp_path / "visits.csv"
    path.write_text("age,smoker,visits\n" + "\n".join(f"{a},{s},{v}" for a, s, v in zip(age, smoker, y, strict=True)))
    return path


def test_counts_from_the_first_look_to_the_predictions(visits):
    assert "use --task counts" in " ".join(run("columns", visits, "--target", "visits").stdout.split())
    assert "INF131" not in run("columns", visits, "--target", "visits", "--task", "counts").stdout
    assert "(INF131)" in run("fit", visits, "--target", "visits", "--out", "quantity").stdout
    done = run("fit", visits, "--target", "visits", "--task", "counts")
    assert done.exit_code == 0 and "Poisson regression is the model to use" in done.stdout, done.output
    assert run("verify", "visits-infimum", visits).exit_code == 0
    assert re.search(r"log of expected visits = .*\(× ", run("show", "visits-infimum").stdout, re.DOTALL)
    done = run("predict", "visits-infimum", visits, "--out", "-")
    assert "no interval here: fit with --task regression for one of 90%" in done.stderr
    predicted = list(csv.DictReader(io.StringIO(done.stdout)))
    assert list(predicted[0]) == ["prediction"] and min(float(row["prediction"]) for row in predicted) > 0
    assert "poisson" in run("plan", visits, "--target", "visits", "--task", "counts").stdout


@pytest.mark.parametrize(
    "task, said",
    [
        ("ranking", "--task ranking: a task is one of 'auto', 'regression',"),
        ("counts", "smoker holds text such as 'no'"),
    ],
)
def test_a_task_that_the_target_is_not_for(visits, task, said):
    refused = run("fit", visits, "--target", "smoker", "--task", task)
    assert refused.exit_code == 2 and said in " ".join(refused.output.split())
