"""Tables that can't be read or learned from, and options that make no sense: one sentence that helps, exit code 2,
nothing left behind.
"""

import io
import os
from types import SimpleNamespace

import pytest

from tests.cli.bikes import SPOILED, WHOLE, refusal, run

SAYS_HOW = ("a header line and rows of values are needed", "copy it again")
UNREADABLE = {
    "nowhere.csv": ("nowhere.csv: no such file", "check the name and the folder"),
    "folder": ("folder is a folder", "give the file inside it"),
    "empty.csv": ("empty.csv is empty", SAYS_HOW[0]),
    "header.csv": ("header.csv holds a header and no rows", "at least one row of values is needed"),
    "junk.csv": (
        "junk.csv holds binary data, where text was expected",
        "give a CSV, JSON Lines, Parquet or Arrow file",
    ),
    "sheet.xlsx": ("sheet.xlsx is a spreadsheet", "save the table in it as CSV"),
    "cut.parquet": ("cut.parquet is a Parquet file that is cut short or damaged", SAYS_HOW[1]),
    "cut.arrow": ("cut.arrow is an Arrow file that is cut short or damaged", SAYS_HOW[1]),
    "cut-stream.arrow": ("cut-stream.arrow is an Arrow file that is cut short or damaged", SAYS_HOW[1]),
    "cut.csv.gz": ("cut.csv.gz is a gzip file that is cut short or damaged", SAYS_HOW[1]),
    "cut.csv.bz2": ("cut.csv.bz2 is a bzip2 file that is cut short or damaged", SAYS_HOW[1]),
    "cut.csv.xz": ("xz file that is cut short or damaged", SAYS_HOW[1]),
    "cut.csv.zst": ("cut.csv.zst is a zstandard file that is cut short or damaged", SAYS_HOW[1]),
    "twice.csv": ("column names must differ, but 'hour' is repeated", "rename it"),
    "nameless.csv": ("column 2 has an empty name", "name every column"),
    "infinite.csv": ("column 'hour' is infinite", "in row 3", "2 such row(s)", "correct the cell or leave it empty"),
    "strays.csv": ("column 'rentals' holds numbers, but 2 cell(s) that are none", "'many' in row 5", "correct them"),
    "ragged.csv": ("ragged.csv, line 5: 2 field(s), where the header has 4", "complete the line"),
    "unclosed.csv": ("unclosed.csv, line 5: can't be read", "look for a quotation mark that is not closed"),
    "encodings.csv": ("mixes encodings, UTF-8 in line 62 and another in line 63", "save all of it in UTF-8"),
}
UNLEARNABLE = {
    "one.csv": ("rentals", ("one.csv holds 1 row(s), and 5 folds need 10", "add rows")),
    "constant.csv": ("y", ("the target 'y' is 7 in every row", "choose a column that varies")),
    "nothing.csv": ("y", ("the target 'y' holds no value in 60 row(s)", "choose another column")),
    "rare.csv": ("y", ("the class 'lost' of the target has 3 row(s)", "5 folds", "choose another target, or add rows")),
    "lost.csv": ("y", ("the class 'lost' of the target has 3 row(s)", "5 folds", "choose another target, or add rows")),
    "endless.csv": ("y", ("the class 'xxx", "x…' of the target has 3 row(s)", "add rows")),
    "classes.csv": (
        "y",
        ("y holds 20 different texts (note 0, note 1", "20 of them on fewer than 5 rows", "join the rare"),
    ),
    "codes.csv": ("y", ("y holds 60 different texts (00, 01, 010", "take them as numbers (--role y=number)")),
    "long.csv": ("y", ("y holds 60 different texts (xxx", "…", "classes are at most 100")),
    "dates.csv": ("y", ("the target 'y' holds dates", "choose a column of numbers, or of classes")),
    "alone.csv": ("y", ("No column is left to learn 'y' from", "there is only the target", "keep at least one")),
    "still.csv": ("y", ("No column is left to learn 'y' from", "x: constant", "keep at least one")),
}
LEARNED_FROM = ["fit", "plan"]


@pytest.fixture
def scene(tmp_path, monkeypatch):
    """A folder to stand in, with a sound table and a folder in it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bikes.csv").write_bytes(WHOLE)
    (tmp_path / "folder").mkdir()
    return tmp_path


def written(scene, name):
    if name in SPOILED:
        (scene / name).write_bytes(SPOILED[name])
    return name


@pytest.mark.parametrize("command", ["fit", "plan", "columns"])
@pytest.mark.parametrize("name", UNREADABLE)
def test_a_table_that_cannot_be_read(scene, name, command):
    said = refusal(scene, command, written(scene, name), "--target", "rentals")
    assert all(part in said for part in UNREADABLE[name]), said


@pytest.mark.parametrize("command", LEARNED_FROM)
@pytest.mark.parametrize("name", UNLEARNABLE)
def test_a_table_that_cannot_be_learned_from(scene, name, command):
    target, parts = UNLEARNABLE[name]
    said = refusal(scene, command, written(scene, name), "--target", target)
    assert all(part in said for part in parts), said


@pytest.mark.parametrize("name", ["constant.csv", "nothing.csv", "classes.csv", "dates.csv"])
def test_columns_refuses_the_same_targets(scene, name):
    target, parts = UNLEARNABLE[name]
    said = refusal(scene, "columns", written(scene, name), "--target", target)
    assert all(part in said for part in parts), said


@pytest.mark.parametrize("name", [name for name in UNREADABLE if name in SPOILED and name != "sheet.xlsx"])
def test_what_is_read_from_a_file_is_refused_from_standard_input_too(scene, name, monkeypatch):
    piped = SimpleNamespace(isatty=lambda: False, buffer=io.BytesIO(SPOILED[name]))
    monkeypatch.setattr("infimum.tables.reading.unpack.sys", SimpleNamespace(stdin=piped))
    assert "standard input" in refusal(scene, "fit", "-", "--target", "rentals")


@pytest.mark.parametrize("command", ["fit", "plan", "columns"])
def test_a_target_that_is_no_column(scene, command):
    said = refusal(scene, command, "bikes.csv", "--target", "rental")
    assert said == "error: bikes.csv has no column 'rental': did you mean 'rentals'?"
    said = refusal(scene, command, "bikes.csv", "--target", "zzz")
    assert said == "error: bikes.csv has no column 'zzz': it has 'hour', 'weather', 'rentals' and 'busy'."


def test_a_delimiter_that_is_not_that_of_the_file(scene):
    for command in ("fit", "plan", "columns"):
        said = refusal(scene, command, "bikes.csv", "--target", "rentals", "--read", "delimiter=semicolon")
        assert "';' was stated as the delimiter, but the header does not hold it" in said
        assert "state ',', under which there are 4 columns" in said


OPTIONS = [
    (["--role", "hour"], ["--role hour: expected COLUMN=ROLE, such as zip=category"]),
    (["--role", "=number"], ["--role =number: expected COLUMN=ROLE"]),
    (["--role", "hour=colour"], ["--role hour=colour: a role is one of 'number', 'category'", "or 'identifier'"]),
    (["--role", "hours=number"], ["no column 'hours'", "did you mean 'hour'?"]),
    (["--role", "weather=number"], ["column 'weather' was to hold numbers", "in row 1", "60 such cell(s)"]),
    (["--role", "weather=date"], ["column 'weather' was to hold times", "in row 1", "60 such cell(s)"]),
    (["--ordered", "weather"], ["--ordered weather: expected COLUMN=LOW,MID,HIGH, such as size=small,big"]),
    (["--ordered", "weather=clear"], ["'weather' also holds 'rain'", "name every level, from lowest to highest"]),
    (["--ordered", "weather=clear,clear,rain"], ["the levels of 'weather' must be two or more, each once"]),
    (["--ordered", "weathr=clear,rain"], ["no column 'weathr'", "did you mean 'weather'?"]),
    (["--ordered", "weather=clear,rain", "--role", "weather=text"], ["in both --role and --ordered", "give one"]),
    (["--drop", "hours"], ["no column 'hours'", "did you mean 'hour'?"]),
    (["--drop", "hour,busi"], ["no column 'busi'", "did you mean 'busy'?"]),
    (["--read", "colour=red"], ["--read colour=red: expected KEY=VALUE", "'delimiter'", "'missing'"]),
    (["--read", "delimiter"], ["--read delimiter: expected KEY=VALUE"]),
    (["--read", "delimiter=ab"], ["--read delimiter=ab: expected one character", "'tab'"]),
    (["--read", "delimiter=a"], ["the delimiter must be one character that is no letter or digit"]),
    (["--read", "encoding=klingon"], ["--read encoding=klingon: no such encoding", "utf-8"]),
    (["--read", "encoding=hex"], ["'hex' is no encoding of text", "utf-8"]),
    (["--read", "decimal=x"], ["--read decimal=x: expected . or ,"]),
    (["--read", "decimal=,", "--read", "thousands=,"], [", can't be both the decimal and the thousands mark"]),
    (["--read", "thousands=x"], ["the thousands mark must be one of", "'x'"]),
    (["--read", "quote=xx"], ["--read quote=xx: expected one character"]),
]
SPLITS = [
    (["--time", "hours"], ["no column 'hours'", "did you mean 'hour'?"]),
    (["--time", "weather"], ["'weather' holds text, which has no order in time", "dates or numbers"]),
    (["--time", "rentals"], ["'rentals' is the target and can't be dropped or used to split"]),
    (["--group", "hours"], ["no column 'hours'", "did you mean 'hour'?"]),
    (["--group", "weather"], ["2 groups", "5 folds", "name another column than 'weather', or leave --group out"]),
    (["--group", "rentals"], ["'rentals' is the target and can't be dropped or used to split"]),
    (["--group", "hour", "--time", "hour"], ["give one of --group and --time"]),
    (["--drop", "rentals"], ["'rentals' is the target and can't be dropped"]),
    (["--drop", "hour,weather,busy"], ["No column is left to learn 'rentals' from", "hour: dropped", "keep at least"]),
]


@pytest.mark.parametrize("command", ["fit", "plan", "columns"])
@pytest.mark.parametrize(("options", "parts"), OPTIONS, ids=lambda value: " ".join(value))
def test_options_that_make_no_sense(scene, command, options, parts):
    said = refusal(scene, command, "bikes.csv", "--target", "rentals", *options)
    assert all(part in said for part in parts), said


@pytest.mark.parametrize("command", LEARNED_FROM)
@pytest.mark.parametrize(("options", "parts"), SPLITS, ids=lambda value: " ".join(value))
def test_wishes_that_leave_no_folds_or_no_columns(scene, command, options, parts):
    said = refusal(scene, command, "bikes.csv", "--target", "rentals", *options)
    assert all(part in said for part in parts), said


@pytest.mark.parametrize(
    ("options", "part"),
    [
        (["--seed", "-1"], "--seed"),
        (["--seed", "soon"], "--seed"),
        (["--colour"], "--colour"),
        (["more.csv"], "more.csv"),
    ],
)
def test_usage_that_no_command_knows(scene, options, part):
    done = run("fit", "bikes.csv", "--target", "rentals", *options)
    assert done.exit_code == 2 and part in done.stderr and done.stdout == ""
    assert sorted(os.listdir(scene)) == ["bikes.csv", "folder"]


@pytest.mark.parametrize("command", ["fit", "plan"])
def test_a_target_is_asked_for(scene, command):
    done = run(command, "bikes.csv")
    assert done.exit_code == 2 and "--target" in done.stderr


@pytest.mark.parametrize(
    ("options", "parts"),
    [
        (["--out", "bikes.csv"], ["bikes.csv is not a folder that infimum wrote", "choose another --out"]),
        (["--out", "bikes.csv", "--force"], ["bikes.csv is not a folder that infimum wrote"]),
        (["--out", "bikes.csv/deep/new"], ["bikes.csv is not a folder", "can't be made inside it", "another --out"]),
        (["--out", "."], ["is not a folder that infimum wrote"]),
        (["--out", "..", "--force"], ["is not a folder that infimum wrote"]),
        (["--out", "folder"], ["folder is already there", "choose another --out, or replace it with --force"]),
    ],
)
def test_a_folder_that_cannot_be_the_result(scene, options, parts):
    said = refusal(scene, "fit", "bikes.csv", "--target", "rentals", *options)
    assert all(part in said for part in parts), said


def test_a_folder_without_permission(scene, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # the superuser may write everywhere
    said = refusal(scene, "fit", "bikes.csv", "--target", "rentals", "--out", "folder/new")
    assert said.endswith("folder can't be written: choose another --out")
