"""A fit that is killed, interrupted, or finds no room leaves the old folder or the new one, and nothing beside it.

The 200 kills of a real fit are a benchmark (benchmarks/interruption.py); here are a few, aimed at the writing.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest

from infimum.cli.files import FILES, strangers

START = """
import sys
import infimum.ladder.climb as climbing
from infimum.cli import main
fitting = sys.modules["infimum.cli.fit"]
every = climbing.rungs_for
climbing.rungs_for = lambda *told: every(*told)[:4]  # the linear rungs: seconds, not minutes
climbing.reference_of = lambda *told: None
write = fitting.write
"""
REWRITE = "fitting.write = lambda folder, found: [write(folder, found) for again in range(10**6)]\n"
NO_ROOM = """
import resource
def cramped(folder, found):
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, resource.RLIM_INFINITY))
    write(folder, found)
fitting.write = cramped
"""
NOBODY = """
import os
import infimum.files.model_file
check = fitting.check_folder
def as_nobody(*arguments):
    os.setuid(65534)  # the superuser may write everywhere
    check(*arguments)
fitting.check_folder = as_nobody
"""
UNIX = pytest.mark.skipif(os.name != "posix", reason="signals, limits and users as POSIX has them")


def started(folder, *arguments, patch=""):
    """`infimum ARGUMENTS` in that folder, as a process of its own."""
    command = [sys.executable, "-c", f"{START}{patch}main()", *map(str, arguments)]
    return subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def ended(process):
    """(exit code, the lines of stderr that are neither progress nor the table of what is taken, which comes first)."""
    lines = process.communicate(timeout=120)[1].splitlines()
    if lines and "taken as" in lines[0]:
        lines = lines[next(at for at, line in enumerate(lines) if line.startswith("[")) :]
    return process.returncode, [line for line in lines if not line.startswith("[")]


def fit(folder, *more, patch=""):
    return started(folder, "fit", "bikes.csv", "--target", "rentals", *more, patch=patch)


def drafts(folder):
    return [each for each in folder.iterdir() if each.name.startswith(".bikes-infimum.")]


def contents(folder):
    return {each.name: each.read_bytes() for each in folder.iterdir()}


def names(folder):
    return sorted(each.name for each in folder.iterdir())


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    """A folder with a table and a fit of it."""
    folder = tmp_path_factory.mktemp("interruption")
    rng = np.random.default_rng(0)
    hour = rng.integers(0, 24, 60)
    rentals = 3.0 * hour + rng.normal(size=60)
    rows = [f"{h},{r!r}" for h, r in zip(hour, rentals.tolist(), strict=True)]
    (folder / "bikes.csv").write_text("hour,rentals\n" + "\n".join(rows) + "\n")
    assert ended(fit(folder)) == (0, [])
    return folder


@pytest.fixture
def scene(original, tmp_path):
    """A copy of it, to spoil."""
    return Path(shutil.copytree(original, tmp_path / "scene"))


@UNIX
def test_kill_9_while_it_writes_leaves_one_whole_result(scene):
    if sys.platform == "darwin" or not exchanges(scene):
        pytest.skip("this file system cannot exchange two names")
    folder = scene / "bikes-infimum"
    process = fit(scene, "--force", "--quiet", "--seed", 1, patch=REWRITE)
    while not drafts(scene):
        assert process.poll() is None, process.communicate()
        time.sleep(0.001)
    time.sleep(0.07)  # in the middle of one of many writings
    process.kill()
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert names(folder) == sorted(FILES) and strangers(folder) == []
    assert ended(fit(scene, "--force")) == (0, [])
    assert names(scene) == ["bikes-infimum", "bikes.csv"]  # the draft of the killed is gone


def exchanges(folder):
    from infimum.files.atomic import _exchange

    with tempfile.TemporaryDirectory(dir=folder) as one, tempfile.TemporaryDirectory(dir=folder) as two:
        return _exchange(Path(one), Path(two))


@UNIX
@pytest.mark.parametrize("force", [True, False])
def test_ctrl_c_stops_with_130_one_line_and_nothing_half_written(scene, force):
    if not force:
        shutil.rmtree(scene / "bikes-infimum")
    before, there = names(scene), contents(scene / "bikes-infimum") if force else None
    process = fit(scene, *(["--force"] if force else []))
    while not process.stderr.readline().startswith("["):  # the first rung has begun
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    code, said = ended(process)
    assert code == 130 and len(said) == 1 and said[0].startswith("error: interrupted")
    assert names(scene) == before
    assert there is None or contents(scene / "bikes-infimum") == there


@UNIX
def test_a_disk_without_room_is_said_and_nothing_is_left(scene):
    there = contents(scene / "bikes-infimum")
    code, said = ended(fit(scene, "--force", "--seed", 1, patch=NO_ROOM))
    assert code == 2 and len(said) == 1
    assert said[0].startswith("error: ") and said[0].endswith("bikes-infimum: file too large")
    assert contents(scene / "bikes-infimum") == there
    code, said = ended(fit(scene, "--out", "build/deep/other", patch=NO_ROOM))
    assert code == 2 and said[0].endswith("build/deep/other: file too large")
    assert names(scene) == ["bikes-infimum", "bikes.csv"]


def test_a_folder_that_is_there_is_kept_without_force(scene):
    there = contents(scene / "bikes-infimum")
    code, said = ended(fit(scene))
    assert code == 2 and said == [
        "error: bikes-infimum is already there: choose another --out, or replace it with --force"
    ]
    assert contents(scene / "bikes-infimum") == there and names(scene) == ["bikes-infimum", "bikes.csv"]


@UNIX
def test_a_folder_above_that_cannot_be_written_is_said_before_any_work():
    with tempfile.TemporaryDirectory() as above:
        (Path(above) / "bikes.csv").write_text("hour,rentals\n1,2\n")
        os.chmod(above, 0o555)
        done = fit(above, "--out", f"{above}/bikes-infimum", patch=NOBODY if os.geteuid() == 0 else "")
        assert ended(done) == (2, [f"error: {above} can't be written: choose another --out"])
        assert os.listdir(above) == ["bikes.csv"]


def test_what_is_written_is_the_report_that_was_told(original):
    folder = original / "bikes-infimum"
    assert names(original) == ["bikes-infimum", "bikes.csv"] and names(folder) == sorted(FILES)
    assert json.loads((folder / "report.json").read_text(encoding="utf-8")) and strangers(folder) == []
