"""Broken files: tables in every format that is read, then cut, flipped, doubled, or mixed with what does not fit."""

import bz2
import gzip
import io
import lzma
from collections.abc import Callable

import numpy as np
import polars
import zstandard

ROWS = 60
JUNK = (
    b"\0", b"\xff\xfe", b"\xe9", "é".encode(), b'"', b"'", b"\n", b"\r",
    b",", b";", b"\t", b"|", b"{", b"[", b"inf", b"1e999",
)  # fmt: skip


def frame(rng: np.random.Generator) -> polars.DataFrame:
    """ROWS rows of numbers, texts, dates, booleans, categories, with missing cells."""
    gaps = rng.random(ROWS) < 0.1
    return polars.DataFrame(
        {
            "number": np.where(gaps, np.nan, np.round(rng.normal(size=ROWS), 3)),
            "whole": rng.integers(-5, 2000, ROWS),
            "sky": np.where(gaps, "", rng.choice(["clear", "rain, heavy", 'so "so"', "bewölkt"], ROWS)),
            "code": [f"{n:05d}" for n in rng.integers(0, 9999, ROWS)],
            "day": polars.Series(rng.integers(0, 9999, ROWS)).cast(polars.Date),
            "open": rng.random(ROWS) < 0.5,
            "size": polars.Series(rng.choice(["low", "high"], ROWS), dtype=polars.Enum(["low", "high"])),
        }
    )


def binary(write: str) -> Callable[[polars.DataFrame], bytes]:
    """frame ↦ its bytes, by one of polars' writers."""

    def written(table: polars.DataFrame) -> bytes:
        buffer = io.BytesIO()
        getattr(table, write)(buffer)
        return buffer.getvalue()

    return written


def json_lines(table: polars.DataFrame) -> bytes:
    return table.with_columns(polars.col("number").fill_nan(None)).write_ndjson().encode()


FORMATS: dict[str, Callable[[polars.DataFrame], bytes]] = {
    "comma": lambda table: table.write_csv().encode(),
    "semicolon": lambda table: table.write_csv(separator=";", decimal_comma=True).encode(),
    "tab, Windows": lambda table: table.write_csv(separator="\t", line_terminator="\r\n").encode("cp1252"),
    "UTF-16": lambda table: table.write_csv().encode("utf-16"),
    "JSON Lines": json_lines,
    "Parquet": binary("write_parquet"),
    "Arrow file": binary("write_ipc"),
    "Arrow stream": binary("write_ipc_stream"),
}
PACKINGS: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstandard": lambda data: zstandard.ZstdCompressor().compress(data),
}


def cut(data: bytes, rng: np.random.Generator) -> bytes:
    """The bytes up to somewhere, or from there, or without a part of the middle."""
    one, two = sorted(rng.integers(0, len(data) + 1, 2).tolist())
    return (data[:one], data[one:], data[:one] + data[two:])[rng.integers(3)]


def flipped(data: bytes, rng: np.random.Generator) -> bytes:
    """Some bytes replaced by others."""
    array = np.frombuffer(data, dtype=np.uint8).copy()
    places = rng.integers(0, len(array), rng.integers(1, 9))
    array[places] = rng.integers(0, 256, len(places))
    return array.tobytes()


def mixed(data: bytes, rng: np.random.Generator) -> bytes:
    """Some bytes put in that mean something."""
    for _ in range(rng.integers(1, 9)):
        at = int(rng.integers(0, len(data) + 1))
        data = data[:at] + JUNK[rng.integers(len(JUNK))] + data[at:]
    return data


def doubled(data: bytes, rng: np.random.Generator) -> bytes:
    """A part of the bytes once more, somewhere else."""
    one, two, at = rng.integers(0, len(data) + 1, 3).tolist()
    return data[:at] + data[min(one, two) : max(one, two)] + data[at:]


BREAKS = (cut, flipped, mixed, doubled)


def broken_file(seed: int) -> tuple[str, bytes]:
    """(what it is, its bytes): broken before or after it is packed, or both; most formats are as likely as others."""
    rng = np.random.default_rng(seed)
    kind, packing = rng.choice(list(FORMATS)), rng.choice(list(PACKINGS), p=[0.6, 0.1, 0.1, 0.1, 0.1])
    data, said = FORMATS[kind](frame(rng)), []
    when = rng.integers(3)
    if when != 1 or not packing:
        said.append(BREAKS[rng.integers(len(BREAKS))])
        data = said[-1](data, rng)
    data = PACKINGS[packing](data)
    if when and packing:
        said.append(BREAKS[rng.integers(len(BREAKS))])
        data = said[-1](data, rng)
    return f"{kind} {packing} {' '.join(each.__name__ for each in said)}", data
