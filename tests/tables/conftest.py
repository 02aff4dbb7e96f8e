"""A file to be read, with what a test says is in it."""

import pytest


@pytest.fixture
def written(tmp_path):
    """write(content, name) ↦ the path of a new file."""

    def write(content: str | bytes, name: str = "t.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write
