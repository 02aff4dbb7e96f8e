"""Bytes → file, all or nothing."""

import contextlib
import os
import secrets
from os import PathLike
from pathlib import Path


def write_atomically(path: str | PathLike[str], data: bytes) -> None:
    """path ← data, through a new file in the same folder: whoever looks sees the old file or the whole new one.

    The bytes are on the disk before they get their name. On failure nothing is left behind and the old file stays.
    Raises OSError where the folder is absent or can't be written.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_atomically(Path(folder, "a.bin"), b"abc")
    ...     Path(folder, "a.bin").read_bytes(), len(os.listdir(folder))
    (b'abc', 1)
    """
    path = Path(path)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}.part")
    try:
        with open(draft, "xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    with contextlib.suppress(OSError):  # not every system lets a folder be opened
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
