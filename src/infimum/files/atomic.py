"""Bytes → file, files → folder, all or nothing: what had the name before, or the whole of what is new.

A draft beside its target is named .NAME.<16 hex digits>.part. A folder's draft is locked while its process lives, so
the next run tells what a killed one left from what another is writing.
"""

import contextlib
import os
import re
import secrets
import shutil
import sys
from collections.abc import Iterator
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
    draft = _draft(path)
    try:
        with open(draft, "xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    _settle(path.parent)


@contextlib.contextmanager
def fresh_folder(folder: str | PathLike[str]) -> Iterator[Path]:
    """folder ← what the block writes into the empty folder it is given, in one step when the block ends.

    A link is followed; folders above are made. If the block raises, nothing is left behind and the old folder stays.
    If the process is killed, the old or the new folder has the name, and the next fresh_folder of that name removes
    the draft. Raises OSError, with the name of the folder, where it can't be written.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as above:
    ...     with fresh_folder(Path(above, "answer")) as fresh:
    ...         written = Path(fresh, "a.txt").write_text("42")
    ...     os.listdir(above), os.listdir(Path(above, "answer"))
    (['answer'], ['a.txt'])
    """
    folder = Path(os.path.realpath(folder))
    made = [each for each in folder.parents if not each.exists()]
    fresh, lock = _draft(folder), None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        fresh.mkdir()
        lock = _lock(fresh)
        yield fresh
        replace_folder(fresh, folder)
    except BaseException as error:
        shutil.rmtree(fresh, ignore_errors=True)
        for each in made:
            with contextlib.suppress(OSError):  # never made, or another process uses it
                each.rmdir()
        match error:
            case OSError(errno=int(number), strerror=str(why), filename=at) if str(at or fresh).startswith(str(fresh)):
                raise OSError(number, why, str(folder)) from error  # whoever reads it knows no draft
        raise
    finally:
        if lock is not None:
            os.close(lock)
    _sweep(folder)


def replace_folder(fresh: Path, folder: Path) -> None:
    """folder ← fresh, both in one parent; then what folder was is removed. The files are on the disk before the swap.

    On Linux and macOS the two names are exchanged in one step (renameat2, renamex_np), so that at every moment the
    name has the old or the new folder. Where the file system cannot do that, the old folder is renamed away first: a
    process killed between the two leaves both, whole, as drafts, until the next run ends. Raises OSError, the old one
    in place.
    """
    aside = fresh
    for each in (fresh, *fresh.rglob("*")):
        _settle(each)
    if not folder.exists():
        os.replace(fresh, folder)
    elif not _exchange(fresh, folder):
        aside = _draft(folder)
        try:
            os.replace(folder, aside)
            os.replace(fresh, folder)
        except BaseException:
            if aside.exists() and not folder.exists():
                os.replace(aside, folder)
            raise
    _settle(folder.parent)
    shutil.rmtree(aside, ignore_errors=True)


def _exchange(one: Path, other: Path) -> bool:
    """Swap two names in one step; False, with nothing done, where the system or the file system cannot."""
    import ctypes

    names, swap, here = (os.fsencode(one), os.fsencode(other)), 2, -100  # RENAME_EXCHANGE = RENAME_SWAP; AT_FDCWD
    try:
        library = ctypes.CDLL(None)
        if sys.platform == "darwin":
            return library.renamex_np(*names, ctypes.c_uint(swap)) == 0
        return library.renameat2(here, names[0], here, names[1], ctypes.c_uint(swap)) == 0
    except (AttributeError, OSError, TypeError):  # no such function, or no C library to ask, as on Windows
        return False


def _draft(path: Path) -> Path:
    return path.with_name(f".{path.name}.{secrets.token_hex(8)}.part")


def _sweep(folder: Path) -> None:
    """Remove the drafts of this folder that no living process holds; where folders can't be locked, none."""
    ours = re.compile(rf"\.{re.escape(folder.name)}\.[0-9a-f]{{16}}\.part")
    for each in folder.parent.iterdir():
        if not ours.fullmatch(each.name) or each.is_symlink() or not each.is_dir():
            continue
        lock = _lock(each)
        if lock is not None:
            shutil.rmtree(each, ignore_errors=True)
            os.close(lock)


def _lock(folder: Path) -> int | None:
    """A descriptor that holds the lock of a folder until it is closed; None if another has it or there are no locks."""
    try:
        import fcntl

        descriptor = os.open(folder, os.O_RDONLY)
    except (ImportError, OSError):
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


def _settle(path: Path) -> None:
    """Have the system put a file, or the names in a folder, on the disk. Raises OSError where a file does not fit."""
    with contextlib.suppress(OSError) if path.is_dir() else contextlib.nullcontext():  # not all let a folder be opened
        descriptor = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
