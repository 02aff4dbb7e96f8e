"""source ↦ table, for a command: what a library writes to the terminal while it fails is not shown."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from infimum.tables import Table
    from infimum.tables.reading import Reading


def table_from(source: str, reading: "Reading") -> "Table":
    """The table of a file, or of standard input for "-"; raises TableError."""
    from infimum.tables.reading.read import read_table

    with silent():
        return read_table(source, reading)


@contextmanager
def silent() -> Iterator[None]:
    """File descriptor 2 leads nowhere for as long as the block runs.

    Rust code tells its own failures there, with a backtrace, before polars turns them into exceptions.
    """
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
