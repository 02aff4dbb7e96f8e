"""predict, verify and show on files that are no models of theirs, and on tables that are not those of the fit."""

import csv
import io
import os
import shutil
import subprocess
import sys

import pytest

from infimum.files.model_file import FORMAT, model_bytes, read_model
from tests.cli.bikes import SPOILED, WHOLE, grid, listing, refusal, run, text, with_cells
from tests.linear_rungs import use_linear_rungs

MODEL = "bikes-infimum"


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    """A folder with a table and a fit of it."""
    folder = tmp_path_factory.mktemp("models")
    (folder / "bikes.csv").write_bytes(WHOLE)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        use_linear_rungs(patch)
        done = run("fit", "bikes.csv", "--target", "rentals", "--drop", "busy", "--quiet")
    assert (done.exit_code, done.output) == (0, "")
    return folder


@pytest.fixture
def scene(original, tmp_path, monkeypatch):
    """A copy of it, to stand in and to spoil."""
    folder = tmp_path / "scene"
    shutil.copytree(original, folder)
    monkeypatch.chdir(folder)
    return folder


def without(key):
    def spoiled(arrays, document):
        return {name: array for name, array in arrays.items() if name != key}, {
            name: value for name, value in document.items() if name != key
        }

    return spoiled


def cut(keep):
    return lambda data: data[: keep(len(data))]


def flipped(data):
    return data[:-3] + bytes([data[-3] ^ 64]) + data[-2:]


def of_format(version):
    return lambda arrays, document: (arrays, {**document, "format": version})


DAMAGED = {
    "cut to 5 bytes": (cut(lambda size: 5), "is cut short (5 bytes): copy it again"),
    "cut in half": (cut(lambda size: size // 2), "is cut short"),
    "without its last byte": (cut(lambda size: size - 1), "is cut short"),
    "empty": (cut(lambda size: 0), "is cut short (0 bytes)"),
    "one bit of a number": (flipped, "has been edited or damaged (checksum): use the file that infimum fit wrote"),
    "one digit of a sentence": (
        lambda data: data.replace(b"CERTIFIED", b"CERTIFIEd", 1),
        "has been edited or damaged",
    ),
    "something else": (lambda data: WHOLE, "is not a model file of infimum: give the file that infimum fit wrote"),
}
RESEALED = {
    "newer": (of_format(FORMAT + 1), f"has format {FORMAT + 1}, this infimum reads {FORMAT}: install a newer one"),
    "older": (of_format(1), f"has format 1, of an earlier infimum; this one reads {FORMAT}: fit it again"),
    "of no version": (of_format(None), "is not a model file of infimum"),
    "without a report": (without("report"), "does not hold what a model file holds (KeyError: 'report'): fit it again"),
}
COMMANDS = [("show", ()), ("predict", ("bikes.csv",)), ("verify", ("bikes.csv",))]


@pytest.mark.parametrize(("command", "table"), COMMANDS)
@pytest.mark.parametrize("what", [*DAMAGED, *RESEALED])
def test_a_model_file_that_is_damaged_or_of_another_version(scene, what, command, table):
    path = scene / MODEL / "model.safetensors"
    if what in DAMAGED:
        spoil, part = DAMAGED[what]
        path.write_bytes(spoil(path.read_bytes()))
    else:
        spoil, part = RESEALED[what]
        path.write_bytes(model_bytes(*spoil(*read_model(path))))
    said = refusal(scene, command, MODEL, *table)
    assert MODEL in said and part in said, said


@pytest.mark.parametrize("key", ["params", "encoder", "refit"])
def test_a_model_file_that_was_sealed_without_a_part(scene, key):
    path = scene / MODEL / "model.safetensors"
    path.write_bytes(model_bytes(*without(key)(*read_model(path))))
    said = refusal(scene, "predict", MODEL, "bikes.csv")
    assert "does not hold what a model file holds" in said and key in said
    done = run("verify", MODEL, "bikes.csv")
    assert done.exit_code in (1, 2) and key in done.output


@pytest.mark.parametrize(("command", "table"), COMMANDS)
@pytest.mark.parametrize(
    ("model", "part"),
    [
        ("nowhere", "nowhere: no such model file: check the name, or run infimum fit first"),
        (".", "model.safetensors: no such model file"),
        ("bikes.csv", "bikes.csv is not a model file of infimum"),
    ],
)
def test_what_is_no_model(scene, model, part, command, table):
    assert part in refusal(scene, command, model, *table)


def predicted(scene, data, *options):
    (scene / "new.csv").write_bytes(data)
    done = run("predict", MODEL, "new.csv", *options)
    assert done.exit_code == 0, done.output
    return done.stdout, done.stderr


def test_columns_in_another_order_and_columns_too_many_change_nothing(scene):
    expected, said = predicted(scene, WHOLE)
    assert said == ""
    assert predicted(scene, text([row[::-1] for row in grid()])) == (expected, "")
    more = text([[*row, "north" if at else "side"] for at, row in enumerate(grid())])
    assert predicted(scene, more) == (expected, "note: not used, the fit had no such column: 'side'\n")
    assert predicted(scene, text([row[:2] for row in grid()])) == (expected, "")


def test_what_the_model_does_not_read_may_hold_anything(scene):
    expected = predicted(scene, WHOLE)[0]
    assert predicted(scene, with_cells({(5, 2): "unknown?", (9, 2): "inf", (7, 3): "maybe"})) == (expected, "")


@pytest.mark.parametrize(
    ("data", "parts"),
    [
        (text([row[1:] for row in grid()]), ["new.csv lacks 'hour', which the model was fitted with", "add it"]),
        (text([["a"], ["1"]]), ["new.csv lacks 'hour' and 'weather', which the model was fitted with"]),
        (with_cells({(2, 0): "noon", (4, 0): "ten"}), ["'hour' was to hold numbers", "'noon' in row 2", "2 such cell"]),
        (with_cells({(3, 0): "inf"}), ["column 'hour' is infinite", "in row 3", "correct the cell"]),
        (with_cells({(3, 0): "1e200"}), ["column 'hour' holds numbers beyond 1e+150"]),
    ],
)
def test_columns_that_are_missing_or_of_another_kind(scene, data, parts):
    (scene / "new.csv").write_bytes(data)
    said = refusal(scene, "predict", MODEL, "new.csv")
    assert all(part in said for part in parts), said


def test_numbers_in_place_of_a_category_are_levels_that_the_fit_never_saw(scene):
    rows = [[row[0], str(at) if at else row[1]] for at, row in enumerate(grid())]
    said = predicted(scene, text(rows))[1]
    assert said.startswith("note: weather holds a level that the fit never saw in 60 row(s)")


def test_a_cell_that_is_missing_for_the_first_time_is_said(scene):
    said = predicted(scene, with_cells({(2, 0): ""}))[1]
    assert said.startswith("note: hour is missing in 1 row(s), and in none of the fit")
    assert "is missing" not in predicted(scene, text(grid()))[1]


UNREADABLE = [name for name in SPOILED if name.startswith(("empty", "header", "junk", "cut", "twice", "name", "enc"))]


@pytest.mark.parametrize("command", ["predict", "verify"])
@pytest.mark.parametrize("name", ["nowhere.csv", ".", *UNREADABLE])
def test_a_table_that_cannot_be_read(scene, name, command):
    if name in SPOILED:
        (scene / name).write_bytes(SPOILED[name])
    said = refusal(scene, command, MODEL, name)
    assert name in said and ": " in said.removeprefix("error: ")


@pytest.mark.parametrize("command", ["predict", "verify"])
@pytest.mark.parametrize(
    ("option", "part"),
    [("colour=red", "expected KEY=VALUE"), ("delimiter=;", "state ',', under which there are 4 columns")],
)
def test_options_of_reading(scene, command, option, part):
    assert part in refusal(scene, command, MODEL, "bikes.csv", "--read", option)


def test_another_delimiter_is_found_or_told(scene):
    expected = predicted(scene, WHOLE)[0]
    bars = text(grid(), delimiter="|")
    assert predicted(scene, bars)[0] == predicted(scene, bars, "--read", "delimiter=bar")[0] == expected


@pytest.mark.parametrize(
    ("out", "part"),
    [
        ("bikes.csv", "bikes.csv is what is read, or belongs to the model: it is not replaced"),
        (f"{MODEL}/report.html", "it is not replaced"),
        ("nowhere/new.csv", "nowhere is not a folder: make it first, or choose another --out"),
        ("bikes.csv/new.csv", "bikes.csv is not a folder"),
        (".", ". is a folder: name the file to write, such as predictions.csv"),
    ],
)
def test_predictions_that_cannot_be_written(scene, out, part):
    assert part in refusal(scene, "predict", MODEL, "bikes.csv", "--out", out)


@pytest.mark.parametrize(
    ("data", "part"),
    [
        (with_cells({(3, 0): "5"}), "the table is not the one of the fit"),
        (text(grid()[:40]), "the table is not the one of the fit"),
        (text([row[::-1] for row in grid()]), "it holds the columns in another order"),
        (text([[*row, "9"] if at else [*row, "side"] for at, row in enumerate(grid())]), "it also holds 'side'"),
    ],
)
def test_verify_refutes_another_table(scene, data, part):
    (scene / "new.csv").write_bytes(data)
    before = listing(scene)
    done = run("verify", MODEL, "new.csv")
    assert done.exit_code == 1 and done.stderr == "" and listing(scene) == before
    assert "REFUTED" in done.stdout and part in done.stdout


@pytest.mark.parametrize(
    ("data", "parts"),
    [
        (text([row[:2] for row in grid()]), ["new.csv has no column 'rentals'", "it has 'hour' and 'weather'"]),
        (text([row[1:] for row in grid()]), ["no column 'hour'"]),
        (with_cells({(2, 2): "few"}), ["'rentals' was to hold numbers", "'few' in row 2"]),
    ],
)
def test_verify_needs_the_columns_of_the_fit(scene, data, parts):
    (scene / "new.csv").write_bytes(data)
    said = refusal(scene, "verify", MODEL, "new.csv")
    assert all(part in said for part in parts), said


def test_a_row_of_the_predictions_is_a_row_of_the_table(scene):
    rows = list(csv.DictReader(io.StringIO(predicted(scene, WHOLE)[0])))
    assert len(rows) == len(grid()) - 1 and list(rows[0]) == ["prediction", "lower", "upper"]


def test_a_terminal_that_lacks_a_character_gets_its_code(scene):
    command = [sys.executable, "-m", "infimum", "show", MODEL]
    ascii_only = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    done = subprocess.run(command, capture_output=True, env=ascii_only, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert rb"\xb1" in done.stdout and done.stdout.isascii()
