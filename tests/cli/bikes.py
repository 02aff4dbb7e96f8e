"""A folder with a table and a fit of it, the same table spoiled in many ways, and one command run in process."""

import bz2
import gzip
import io
import lzma
from pathlib import Path
from typing import Any

import numpy as np
import polars
import zstandard
from typer.testing import CliRunner

from infimum.cli import app

ROWS = 60


def run(*arguments: object) -> Any:
    """`infimum ARGUMENTS`."""
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def listing(folder: Path) -> dict[str, bytes | None]:
    """{name: content} of all that lies in the folder."""
    paths = sorted(folder.rglob("*"))
    return {path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else None for path in paths}


def refusal(folder: Path, *arguments: object) -> str:
    """The one message of a command that is refused: exit code 2, nothing printed, no traceback, no file touched."""
    before = listing(folder)
    done = run(*arguments)
    assert done.exit_code == 2, (done.exit_code, done.output)
    assert done.stdout == "" and "Traceback" not in done.stderr and "fault of infimum" not in done.stderr
    assert listing(folder) == before
    lines = done.stderr.splitlines()
    assert len(lines) == 1 and lines[0].startswith("error: "), lines
    return lines[0]


def grid() -> list[list[str]]:
    """The header and ROWS rows: hour, weather, rentals, busy."""
    rng = np.random.default_rng(0)
    hour, weather = rng.integers(0, 24, ROWS), rng.choice(["clear", "rain"], ROWS)
    rentals = np.round(3.0 * hour - 20.0 * (weather == "rain") + rng.normal(size=ROWS), 3)
    rows = zip(hour.tolist(), weather.tolist(), rentals.tolist(), strict=True)
    return [["hour", "weather", "rentals", "busy"], *([f"{h}", w, f"{r}", "ny"[r > 30]] for h, w, r in rows)]


def text(rows: list[list[str]], delimiter: str = ",") -> bytes:
    """The rows as delimited text."""
    return "".join(delimiter.join(row) + "\n" for row in rows).encode()


def with_cells(cells: dict[tuple[int, int], str]) -> bytes:
    """The table with other cells at (row, column), the header being row 0."""
    rows = grid()
    for (row, column), cell in cells.items():
        rows[row][column] = cell
    return text(rows)


def two_columns(y: list[object]) -> bytes:
    """A column x of numbers and a column y as given."""
    return text([["x", "y"], *([f"{i * i % 7}", f"{value}"] for i, value in enumerate(y))])


def binary(write: str) -> bytes:
    """The table as one of polars' writers writes it."""
    buffer = io.BytesIO()
    getattr(polars.read_csv(text(grid())), write)(buffer)
    return buffer.getvalue()


def half(data: bytes) -> bytes:
    """The first half."""
    return data[: len(data) // 2]


WHOLE = text(grid())
SPOILED = {
    "empty.csv": b"",
    "header.csv": text(grid()[:1]),
    "one.csv": text(grid()[:2]),
    "junk.csv": np.random.default_rng(0).bytes(3000),
    "sheet.xlsx": b"PK\x03\x04" + bytes(200),
    "cut.parquet": half(binary("write_parquet")),
    "cut.arrow": half(binary("write_ipc")),
    "cut-stream.arrow": half(binary("write_ipc_stream")),
    "cut.csv.gz": half(gzip.compress(WHOLE)),
    "cut.csv.bz2": half(bz2.compress(WHOLE)),
    "cut.csv.xz": half(lzma.compress(WHOLE)),
    "cut.csv.zst": half(zstandard.ZstdCompressor().compress(WHOLE)),
    "twice.csv": with_cells({(0, 1): "hour"}),
    "nameless.csv": with_cells({(0, 1): " "}),
    "infinite.csv": with_cells({(3, 0): "inf", (9, 0): "-inf"}),
    "strays.csv": with_cells({(5, 2): "many", (9, 2): "few"}),
    "ragged.csv": text([*grid()[:4], ["1", "rain"], *grid()[4:]]),
    "unclosed.csv": with_cells({(4, 1): '"rain'}),
    "encodings.csv": WHOLE + "1,bewölkt,2,n\n".encode() + "1,bewölkt,2,n\n".encode("cp1252"),
    "constant.csv": two_columns([7] * ROWS),
    "nothing.csv": two_columns([""] * ROWS),
    "rare.csv": two_columns(["lost" if i < 3 else "won" for i in range(ROWS)]),
    "lost.csv": two_columns(["lost" if i < 3 else "abc"[i % 3] for i in range(ROWS)]),
    "endless.csv": two_columns(["x" * 3000 if i < 3 else "abc"[i % 3] for i in range(ROWS)]),
    "classes.csv": two_columns([f"note {i % 20}" for i in range(ROWS)]),
    "codes.csv": two_columns([f"0{i}" for i in range(ROWS)]),
    "long.csv": two_columns(["xyz"[i % 3] * (900 + i) for i in range(ROWS)]),
    "dates.csv": two_columns([f"2020-{1 + i // 28:02d}-{1 + i % 28:02d}" for i in range(ROWS)]),
    "alone.csv": text([["y"], *([f"{i}"] for i in range(ROWS))]),
    "still.csv": text([["x", "y"], *(["7", f"{i}"] for i in range(ROWS))]),
}
