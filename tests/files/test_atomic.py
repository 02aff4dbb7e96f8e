"""write_atomically: all or nothing, and nothing left behind."""

import os

import pytest

from infimum.files.atomic import write_atomically


def test_replaces_the_old_file(tmp_path):
    path = tmp_path / "a.bin"
    for data in (b"one", b"", b"three"):
        write_atomically(path, data)
        assert path.read_bytes() == data and os.listdir(tmp_path) == ["a.bin"]


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "a.bin"
    write_atomically(path, b"old")

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old" and os.listdir(tmp_path) == ["a.bin"]


def test_a_folder_in_the_way_and_no_folder(tmp_path):
    (tmp_path / "taken").mkdir()
    with pytest.raises(OSError):
        write_atomically(tmp_path / "taken", b"x")
    with pytest.raises(FileNotFoundError):
        write_atomically(tmp_path / "absent" / "a", b"x")
    assert os.listdir(tmp_path) == ["taken"]
