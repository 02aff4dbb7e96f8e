"""Where the files of a fit go: folders above are made, and what cannot be written is said before any work."""

import os

import pytest
from typer.testing import CliRunner

from infimum.cli import app
from infimum.cli.fit import check_folder, write
from infimum.cli.outcome import UsageError
from infimum.ladder.climb import Climb
from tests.report.example import REGRESSION


def climb() -> Climb:
    return Climb(REGRESSION, {}, {"report": REGRESSION}, {"rungs": {}, "total": 1.0})


def test_folders_above_are_made(tmp_path):
    folder = tmp_path / "build" / "deep" / "bikes-infimum"
    check_folder(folder, force=False)
    write(folder, climb())
    names = sorted(path.name for path in folder.iterdir())
    assert names == ["model.safetensors", "report.html", "report.json", "timings.json"]
    assert [path.name for path in folder.parent.iterdir()] == ["bikes-infimum"]


def test_a_file_in_the_way_is_said(tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(UsageError, match="file is not a folder"):
        check_folder(tmp_path / "file" / "deep" / "bikes-infimum", force=False)


def test_a_folder_that_cannot_be_written_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # the superuser may write everywhere
    with pytest.raises(UsageError, match="can't be written"):
        check_folder(tmp_path / "bikes-infimum", force=False)


def test_predict_does_not_replace_what_it_reads(tmp_path):
    table = tmp_path / "bikes.csv"
    table.write_text("hour\n7\n")
    done = CliRunner().invoke(app, ["predict", str(tmp_path), str(table), "--out", str(tmp_path / "." / "bikes.csv")])
    assert done.exit_code == 2 and "is what is read" in done.stderr
    assert table.read_text() == "hour\n7\n"
