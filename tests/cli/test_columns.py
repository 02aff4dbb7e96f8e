"""infimum columns, and the options that say how a table is taken: what a user of a messy file does before the fit."""

import gzip
import json
import os

import numpy as np
import pytest
from typer.testing import CliRunner

import infimum.ladder.rows as rows
from infimum.cli import app
from infimum.cli.source import silent
from tests.linear_rungs import use_linear_rungs

ROWS = 120


def run(*arguments, **given):
    return CliRunner().invoke(app, [str(argument) for argument in arguments], **given)


def messy():
    """Semicolons, decimal commas, days first, codes with zeros, n/a, and the target in other words; Windows-1252."""
    rng = np.random.default_rng(0)
    lines = ["Nr;Größe;PLZ;Tag;Umsatz;bezahlt;Mahnung"]
    for at in range(ROWS):
        paid = rng.random() < 0.4
        day = f"{1 + at % 28:02d}.{1 + at // 28:02d}.2020"
        sum_ = f"1.{rng.integers(100, 999)},{rng.integers(10, 99)}" if at % 9 else "n/a"
        code = ["01067", "02345", "80331"][int(rng.integers(3))]
        said = ("ja", "keine") if paid else ("nein", "offen")
        lines.append(f"{at + 1};{['klein', 'mittel', 'groß'][at % 3]};{code};{day};{sum_};{';'.join(said)}")
    return ("\r\n".join(lines) + "\r\n").encode("cp1252")


@pytest.fixture
def table(tmp_path, monkeypatch):
    use_linear_rungs(monkeypatch)
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "messy.csv"
    path.write_bytes(messy())
    return path


def roles(done):
    assert done.exit_code == 0, done.output
    return {column["name"]: column["role"] for column in json.loads(done.stdout)["columns"]}


NATURAL = {
    "Nr": "identifier",
    "Größe": "category",
    "PLZ": "category",
    "Tag": "date",
    "Umsatz": "number",
    "bezahlt": "category",
    "Mahnung": "duplicate",
}


def test_each_column_and_how_the_file_was_read(table):
    done = run("columns", table)
    assert "delimiter ';', encoding cp1252, decimal mark ',', thousands mark '.'" in " ".join(done.stdout.split())
    assert "Dates from 2020-01-01 to 2020-05-08" in " ".join(done.stdout.split())
    assert roles(run("columns", table, "--json")) == NATURAL


def test_with_a_target_leaks_are_named(table):
    done = run("columns", table, "--target", "bezahlt", "--json")
    assert roles(done)["Mahnung"] == "leak" and roles(done)["bezahlt"] == "target"
    assert [finding["code"] for finding in json.loads(done.stdout)["findings"]] == ["INF101"]
    said = " ".join(run("columns", table, "-t", "bezahlt").stdout.split())
    assert "INF101" in said and "Left out; --keep-leaks uses it." in said


def test_roles_orders_and_drops_come_before_the_rules(table):
    options = ("--role", "Nr=number", "--ordered", "Größe=klein,mittel,groß", "--drop", "Mahnung,Tag")
    found = roles(run("columns", table, *options, "--json"))
    assert found == NATURAL | {"Nr": "number", "Größe": "ordered", "Mahnung": "dropped", "Tag": "dropped"}


def test_conventions_can_be_told(table):
    told = json.loads(run("columns", table, "--read", "missing=n/a,offen", "--read", "thousands=.", "--json").stdout)
    assert told["reading"]["missing"] == ["", "n/a", "offen"]
    missing = {column["name"]: column["missing"] for column in told["columns"]}
    assert missing["Mahnung"] > 40 and missing["Umsatz"] == len(range(0, ROWS, 9))


def test_words_for_missing_instead_of_the_usual_ones_or_beside_them(table):
    def missing(*options):
        told = json.loads(run("columns", table, *options, "--json").stdout)
        return {column["name"]: (column["missing"], column["role"]) for column in told["columns"]}

    assert missing("--read", "missing+=offen")["Mahnung"][0] > 40
    assert missing("--read", "missing+=offen")["Umsatz"] == (len(range(0, ROWS, 9)), "number")
    assert missing("--read", "missing=offen")["Umsatz"] == (0, "identifier")  # n/a is then a text among texts
    told = json.loads(run("columns", table, "--read", "date:Tag=%d.%m.%Y", "--json").stdout)
    assert told["reading"]["dates"] == {"Tag": "%d.%m.%Y"}


def test_an_interruption_keeps_an_earlier_result_and_writes_beside_it(table, tmp_path, monkeypatch):
    options = ("fit", table, "--target", "bezahlt", "--out", "model", "--quiet")
    assert run(*options).exit_code == 0
    whole = (tmp_path / "model" / "report.json").read_bytes()
    fit_rung = rows.fit_rung

    def interrupted(rung, *others):
        if rung.name == "ridge":
            raise KeyboardInterrupt
        return fit_rung(rung, *others)

    monkeypatch.setattr(rows, "fit_rung", interrupted)
    assert run(*options, "--force").exit_code == 130
    assert (tmp_path / "model" / "report.json").read_bytes() == whole
    partial = json.loads((tmp_path / "model-partial" / "report.json").read_text())
    assert [rung["name"] for rung in partial["rungs"]] == ["constant", "logistic"]
    assert "The fit was interrupted: ridge, lasso, reference not compared." in partial["answer"][1]


def test_standard_input_packed_or_not(table):
    packed = gzip.compress(messy())
    assert roles(run("columns", "-", "--json", input=packed)) == NATURAL
    assert roles(run("columns", "-", "--json", input=messy())) == NATURAL


def test_a_fit_of_the_same_file_and_its_predictions(table, tmp_path):
    order = "Größe=klein,mittel,groß"
    done = run("fit", table, "--target", "bezahlt", "--ordered", order, "--time", "none", "--out", "model")
    assert done.exit_code == 0, done.output
    said = " ".join(done.stdout.split())
    assert "'Mahnung' says the same as the target 'bezahlt'" in said and "--keep-leaks uses it" in said
    assert run("verify", "model", table).exit_code == 0
    assert f"--ordered '{order}' --time none" in (tmp_path / "model" / "report.html").read_text().replace("&#39;", "'")
    everything = run("predict", "model", table).stdout.splitlines()
    lines = messy().decode("cp1252").splitlines()
    for row in (0, 9, 57):  # one line at a time, in another encoding, columns turned round
        alone = [";".join(reversed(lines[at].split(";"))) for at in (0, row + 1)]
        (tmp_path / "one.csv").write_text("\n".join(alone), encoding="utf-8")
        assert run("predict", "model", "one.csv").stdout.splitlines()[1] == everything[row + 1]


@pytest.mark.skipif(os.name != "posix", reason="file descriptors of a POSIX system")
def test_what_a_library_writes_to_the_terminal_is_not_shown(capfd):
    with silent():
        os.write(2, b"thread 'main' panicked\n")
    os.write(2, b"seen\n")
    assert capfd.readouterr().err == "seen\n"
