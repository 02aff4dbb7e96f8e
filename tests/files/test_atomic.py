"""write_atomically, fresh_folder, replace_folder: all or nothing, nothing left behind, also when killed."""

import os
import signal
import subprocess
import sys
import time

import pytest

import infimum.files.atomic as atomic
from infimum.files.atomic import fresh_folder, replace_folder, write_atomically

REWRITE = """
import sys
from pathlib import Path
from infimum.files.atomic import fresh_folder
for version in range(10**9):
    with fresh_folder(sys.argv[1]) as fresh:
        for name in "abcd":
            Path(fresh, name).write_text(str(version) * 100)
"""


def names(folder):
    return sorted(os.listdir(folder))


def write(folder, text):
    with fresh_folder(folder) as fresh:
        for name in "ab":
            (fresh / name).write_text(text)


def abandoned(folder, tail="0123456789abcdef.part"):
    """What a killed run leaves: a draft that nobody holds."""
    left = folder.with_name(f".{folder.name}.{tail}")
    left.mkdir()
    (left / "a").write_text("half")
    return left


@pytest.fixture(params=["exchanged", "renamed twice"])
def swap(request, monkeypatch):
    if request.param == "renamed twice":  # a file system that cannot exchange two names
        monkeypatch.setattr(atomic, "_exchange", lambda one, other: False)


def test_replaces_the_old_file(tmp_path):
    path = tmp_path / "a.bin"
    for data in (b"one", b"", b"three"):
        write_atomically(path, data)
        assert path.read_bytes() == data and names(tmp_path) == ["a.bin"]


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "a.bin"
    write_atomically(path, b"old")

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old" and names(tmp_path) == ["a.bin"]


def test_a_folder_in_the_way_and_no_folder(tmp_path):
    (tmp_path / "taken").mkdir()
    with pytest.raises(OSError):
        write_atomically(tmp_path / "taken", b"x")
    with pytest.raises(FileNotFoundError):
        write_atomically(tmp_path / "absent" / "a", b"x")
    assert names(tmp_path) == ["taken"]


def test_a_folder_is_replaced_whole(tmp_path, swap):
    folder = tmp_path / "deep" / "answer"
    for text in ("one", "two"):
        write(folder, text)
        assert names(folder) == ["a", "b"] and (folder / "b").read_text() == text
        assert names(folder.parent) == ["answer"]
    umask = os.umask(0)
    os.umask(umask)
    assert folder.stat().st_mode & 0o777 == 0o777 & ~umask


def test_a_block_that_raises_leaves_the_old_folder_and_nothing_else(tmp_path, swap):
    write(tmp_path / "answer", "old")
    for error in (ValueError("no"), KeyboardInterrupt()):
        with pytest.raises(type(error)), fresh_folder(tmp_path / "answer") as fresh:
            (fresh / "a").write_text("new")
            raise error
        with pytest.raises(type(error)), fresh_folder(tmp_path / "build" / "deep" / "answer") as fresh:
            raise error
    assert names(tmp_path) == ["answer"] and (tmp_path / "answer" / "a").read_text() == "old"


def test_a_full_disk_is_said_with_the_folder_s_name(tmp_path, monkeypatch):
    write(tmp_path / "answer", "old")

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left on device: .*answer"):
        write(tmp_path / "answer", "new")
    assert names(tmp_path) == ["answer"] and (tmp_path / "answer" / "a").read_text() == "old"


@pytest.mark.parametrize("failing", [1, 2])
def test_a_rename_that_fails_puts_the_old_folder_back(tmp_path, monkeypatch, failing):
    write(tmp_path / "answer", "old")
    rename, calls = os.replace, []

    def fails(source, target):
        calls.append(target)
        if len(calls) == failing:
            raise PermissionError(13, "Permission denied", str(target))
        rename(source, target)

    monkeypatch.setattr(atomic, "_exchange", lambda one, other: False)
    monkeypatch.setattr(os, "replace", fails)
    with pytest.raises(PermissionError):
        write(tmp_path / "answer", "new")
    assert names(tmp_path) == ["answer"] and (tmp_path / "answer" / "a").read_text() == "old"


def test_a_link_is_followed(tmp_path, swap):
    write(tmp_path / "disk" / "answer", "old")
    (tmp_path / "link").symlink_to(tmp_path / "disk" / "answer", target_is_directory=True)
    write(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink() and (tmp_path / "link" / "a").read_text() == "new"
    assert names(tmp_path) == ["disk", "link"] and names(tmp_path / "disk") == ["answer"]


@pytest.fixture
def exchanged(tmp_path):
    """Two folders after an exchange; skips where the file system has none."""
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).write_text(name)
    if not atomic._exchange(tmp_path / "one", tmp_path / "two"):
        pytest.skip("this file system cannot exchange two names")


def test_an_exchange_is_of_two_folders_that_are_there(tmp_path, exchanged):
    assert names(tmp_path / "one") == ["two"] and names(tmp_path / "two") == ["one"]
    assert not atomic._exchange(tmp_path / "one", tmp_path / "absent")
    assert names(tmp_path) == ["one", "two"]


def test_the_next_run_sweeps_what_a_killed_one_left_and_nothing_else(tmp_path):
    folder = tmp_path / "an[s]wer"
    left = abandoned(folder)
    mine = [abandoned(folder, "notes"), abandoned(folder, "0123.part"), abandoned(tmp_path / "other")]
    (tmp_path / ".an[s]wer.00000000000000ff.part").write_text("a file, not a folder")
    with fresh_folder(folder) as busy:
        (busy / "a").write_text("first")
        write(folder, "second")  # another run, which ends while this one still writes
        assert busy.exists() and not left.exists()
    assert (folder / "a").read_text() == "first"
    assert names(tmp_path) == sorted(["an[s]wer", ".an[s]wer.00000000000000ff.part", *(each.name for each in mine)])


def test_replace_folder_removes_what_was_there(tmp_path, swap):
    for name in ("fresh", "answer"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).write_text(name)
    replace_folder(tmp_path / "fresh", tmp_path / "answer")
    assert names(tmp_path) == ["answer"] and names(tmp_path / "answer") == ["fresh"]


def seen(folder):
    """The text of the folder's first file; None in the moment between finding the folder and opening its file."""
    try:
        return (folder / "a").read_text()
    except FileNotFoundError:
        return None


def test_killed_at_any_moment_one_whole_folder_has_the_name(tmp_path, exchanged):
    folder = tmp_path / "killed" / "answer"
    write(folder, "old")
    for attempt in range(12):
        before = seen(folder)
        child = subprocess.Popen([sys.executable, "-c", REWRITE, str(folder)])
        while seen(folder) in (before, None):
            assert child.poll() is None
            time.sleep(0.001)
        time.sleep(0.0007 * attempt)
        child.send_signal(signal.SIGKILL)
        child.wait()
        assert names(folder) == ["a", "b", "c", "d"]
        assert len({(folder / name).read_text() for name in "abcd"}) == 1
    write(folder, "last")
    assert names(folder.parent) == ["answer"]
