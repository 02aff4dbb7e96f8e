"""Broken files: 60 rows of the example tables, written in five formats and packed, then spoiled in one or more ways."""

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars

from infimum.files.model_file import model_bytes, read_model
from tests.cli.bikes import listing, run
from tests.tables.broken import BREAKS, PACKINGS, binary

ROWS = 60
EXAMPLES = Path(__file__).parents[2] / "examples"
TABLES = {
    "bikes": ("rentals", ["temperature", "weekday", "weather"]),
    "penguins": ("sex", ["species", "bill_length_mm", "body_mass_g"]),
    "banknote": ("class", ["variance", "skewness", "curtosis"]),
}
WRITERS: dict[str, Callable[[polars.DataFrame], bytes]] = {
    "csv": lambda frame: frame.write_csv().encode(),
    "tsv": lambda frame: frame.write_csv(separator="\t").encode(),
    "jsonl": lambda frame: "\n".join(json.dumps(row, default=str) for row in frame.iter_rows(named=True)).encode(),
    "parquet": binary("write_parquet"),
    "arrow": binary("write_ipc"),
}
STRANGE = (
    "inf", "-Infinity", "nan", "1e999", "1e-320", "9" * 400, "x" * 3000, "many", "2020-13-45", "2020-01-31", "1,5",
    "1_000", "0x1F", "007", "TRUE", "-", " ", "[1, 2]", '{"a": 1}', "é", "\u202e", "٣", "a\0b", 'say "so"', "a\nb",
    "=1+1",
)  # fmt: skip
MAGIC = (b"PK\x03\x04", b"PAR1", b"ARROW1", b"\xff\xff\xff\xff", *(pack(b"a")[:4] for pack in PACKINGS.values()))
TYPES = (
    polars.List(polars.Int64), polars.Struct({"a": polars.Int64}), polars.Binary, polars.Duration, polars.Time,
    polars.Datetime("ns", "UTC"), polars.Categorical, polars.Boolean, polars.Null, polars.Float32, polars.UInt8,
)  # fmt: skip


@dataclass(frozen=True)
class Broken:
    """A file that something is wrong with: how it was made, its name, its bytes, and the column to predict."""

    what: str
    name: str
    data: bytes
    target: str


def sound(name: str, rng: np.random.Generator) -> polars.DataFrame:
    """ROWS rows and 4 columns of an example."""
    target, others = TABLES[name]
    frame = polars.read_csv(EXAMPLES / f"{name}.csv", infer_schema_length=None, null_values=["NA", ""])
    frame = frame.select([*others, target]).drop_nulls(target)
    return frame[rng.choice(frame.height, ROWS, replace=False)]


def strange_cells(frame: polars.DataFrame, rng: np.random.Generator) -> polars.DataFrame:
    """A few or many cells of a column replaced by what does not belong there."""
    name = frame.columns[rng.integers(frame.width)]
    cells = frame[name].cast(polars.String).to_list()
    for at in rng.choice(len(cells), int(rng.choice([1, 2, 10, len(cells)])), replace=False):
        cells[at] = str(rng.choice(STRANGE)) if rng.random() < 0.8 else None
    return frame.with_columns(polars.Series(name, cells, dtype=polars.String))


def another_type(frame: polars.DataFrame, rng: np.random.Generator) -> polars.DataFrame:
    """A column of another type: lists, structures, bytes, times, nothing."""
    name, kind = frame.columns[rng.integers(frame.width)], TYPES[rng.integers(len(TYPES))]
    whole = polars.Series(name, rng.integers(0, 5, frame.height))
    if kind == polars.Struct:
        return frame.with_columns(polars.struct(whole.alias("a")).alias(name))
    if kind in (polars.Categorical, polars.Binary):
        whole = whole.cast(polars.String)
    if kind == polars.List:
        return frame.with_columns(whole.reshape((-1, 1)).arr.to_list())
    return frame.with_columns(whole.cast(kind, strict=False))


def infinite(frame: polars.DataFrame, rng: np.random.Generator) -> polars.DataFrame:
    """A column with a few numbers that are infinite, huge, tiny or no numbers."""
    name = frame.columns[rng.integers(frame.width)]
    values = rng.normal(size=frame.height)
    values[rng.integers(frame.height, size=3)] = rng.choice([np.inf, -np.inf, np.nan, 1e300, 1e-300, 5e-324])
    return frame.with_columns(polars.Series(name, values))


def renamed(frame: polars.DataFrame, rng: np.random.Generator) -> polars.DataFrame:
    """A column under no name, a name of white space, or a strange one."""
    old = frame.columns[rng.integers(frame.width)]
    new = ["", " ", "a,b", "a\nb", '"', "é" * 300, "\u202e", f" {frame.columns[0]}"]
    return frame.rename({old: new[rng.integers(len(new))]})


def few(frame: polars.DataFrame, rng: np.random.Generator) -> polars.DataFrame:
    """Some rows only, or one row again and again."""
    if rng.random() < 0.3:
        return frame[[int(rng.integers(frame.height))] * int(rng.integers(1, 30))]
    return frame[: int(rng.integers(0, 30))]


def lines_spoiled(data: bytes, rng: np.random.Generator) -> bytes:
    """Lines shuffled, repeated, without their ends, with other delimiters, quotation marks or encodings."""
    lines = data.split(b"\n")
    at = int(rng.integers(len(lines)))
    way = int(rng.integers(8))
    if way == 0:
        rng.shuffle(lines)
    elif way == 1:
        lines = [*lines[at:], *lines[:at]]
    elif way == 2:
        lines[at:at] = [lines[0]] * int(rng.integers(1, 4))
    elif way == 3:
        lines[at] = lines[at][: len(lines[at]) // 2]
    elif way == 4:
        lines[at] = lines[at].translate(bytes.maketrans(b",\t", b";;"))
    elif way == 5:
        lines[at] = b'"' + lines[at]
    elif way == 6:
        lines[at:] = [line + " é".encode(str(rng.choice(["cp1252", "utf-16", "utf-8"]))) for line in lines[at:]]
    else:
        lines[at:at] = [b"", b"# made by hand", b"", b","]
    return b"\n".join(lines)


def nested(data: bytes, rng: np.random.Generator) -> bytes:
    """Lines of JSON with lists and objects in them, other keys, or as one list."""
    rows = [json.loads(line) for line in data.splitlines()]
    key = list(rows[0])[rng.integers(len(rows[0]))] if rows else "a"
    way, at = int(rng.integers(5)), int(rng.integers(max(len(rows), 1)))
    if way == 0:
        return json.dumps(rows, indent=1).encode()
    if way == 1:
        return json.dumps({"rows": rows}).encode()
    for row in rows[at:]:
        row[key] = ([row[key]], {"value": row[key]}, [[[]]])[way - 2]
    return "\n".join(json.dumps(row) for row in rows).encode()


def magic(data: bytes, rng: np.random.Generator) -> bytes:
    """The first bytes of another format before, or in place of, its own."""
    start = MAGIC[rng.integers(len(MAGIC))]
    return start + data[int(rng.integers(2)) * len(start) :]


FRAME_BREAKS = (strange_cells, another_type, infinite, renamed, few)
BYTE_BREAKS = (*BREAKS, magic)


def broken_table(seed: int) -> Broken:
    """One or two things wrong with a table: its cells, its lines, its bytes before or after packing, its ending."""
    rng = np.random.default_rng([seed, 1])
    name = str(rng.choice(list(TABLES), p=[0.6, 0.2, 0.2]))
    frame, target, said = sound(name, rng), TABLES[name][0], []
    kind, packing = str(rng.choice(list(WRITERS))), str(rng.choice(list(PACKINGS), p=[0.6, 0.1, 0.1, 0.1, 0.1]))
    wrong = str(rng.choice(["cells", "cells", "lines", "bytes", "packed", "cells and bytes"]))
    if "cells" in wrong:
        said.append(FRAME_BREAKS[rng.integers(len(FRAME_BREAKS))])
        frame = said[-1](frame, rng)
    try:
        data = WRITERS[kind](frame)
    except polars.exceptions.PolarsError:  # CSV has no lists and the like
        kind, data = "parquet", WRITERS["parquet"](frame)
    if wrong == "lines":
        said.append(nested if kind == "jsonl" and rng.random() < 0.5 else lines_spoiled)
        data = said[-1](data, rng)
    if "bytes" in wrong:
        said.append(BYTE_BREAKS[rng.integers(len(BYTE_BREAKS))])
        data = said[-1](data, rng)
    data = PACKINGS[packing](data)
    if wrong == "packed":
        said.append(BYTE_BREAKS[rng.integers(len(BYTE_BREAKS))])
        data = said[-1](data, rng)
    ending = kind if rng.random() < 0.9 else str(rng.choice(["txt", "csv", "parquet", "gz"]))
    return Broken(f"{kind} {packing} {' '.join(each.__name__ for each in said)}", f"t.{ending}", data, target)


def broken_model(seed: int, path: Path) -> tuple[str, bytes]:
    """(what is wrong, the bytes): bytes of a model file spoiled, or a part of its document changed and sealed again."""
    rng = np.random.default_rng([seed, 2])
    if rng.random() < 0.4:
        spoil = BYTE_BREAKS[rng.integers(len(BYTE_BREAKS))]
        return spoil.__name__, spoil(path.read_bytes(), rng)
    arrays, document = read_model(path)
    if rng.random() < 0.2:
        name = sorted(arrays)[rng.integers(len(arrays))]
        others = [arrays[name][:1], arrays[name] * np.nan, arrays[name].astype("int8")]
        return f"array {name}", model_bytes({**arrays, name: others[rng.integers(3)]}, document)
    where, here = "", document
    while isinstance(here, dict | list) and here:
        keys = sorted(here) if isinstance(here, dict) else range(len(here))
        key = keys[int(rng.integers(len(keys)))]
        where += f"/{key}"
        below = here[key]
        if not isinstance(below, dict | list) or not below or rng.random() < 0.3:
            here[key] = other_value(below, rng)
            break
        here = below
    return f"document{where}", model_bytes(arrays, document)


def other_value(value: Any, rng: np.random.Generator) -> Any:
    """A value of another type or size."""
    return (None, -1, 10**6, 0.5, "", "other", [], {}, [None], True, str(value))[rng.integers(11)]


def models(folder: Path) -> None:
    """A sound fit of each example in the folder, under the name of its target."""
    for name, (target, _) in TABLES.items():
        sound(name, np.random.default_rng(0)).write_csv(folder / f"{target}.csv")
        done = run("fit", folder / f"{target}.csv", "--target", target, "--out", folder / target, "--quiet")
        assert done.exit_code == 0, done.output


def tried_table(folder: Path, seed: int) -> tuple[str, str, str]:
    """(what was tried, the outcome, what must not be or ""): a broken table through a command."""
    broken, way = broken_table(seed), seed % 20
    command = {0: "columns", 1: "predict", 2: "predict", 3: "verify"}.get(way, "fit")
    path = folder / broken.name
    path.write_bytes(broken.data)
    arguments = {
        "fit": ["fit", path, "--target", broken.target, "--out", folder / "out", "--quiet"],
        "columns": ["columns", path, "--target", broken.target],
        "predict": ["predict", folder / broken.target, path],
        "verify": ["verify", folder / broken.target, path],
    }[command]
    outcome, wrong = violation(folder, arguments)
    path.unlink()
    shutil.rmtree(folder / "out", ignore_errors=True)
    return f"{command}: {broken.what} (table {seed})", f"{command} {outcome}", wrong


def tried_model(folder: Path, seed: int) -> tuple[str, str, str]:
    """The same of a broken model file."""
    target, command = ("rentals", "sex", "class")[seed % 3], ("show", "predict", "verify")[seed // 3 % 3]
    what, data = broken_model(seed, folder / target / "model.safetensors")
    path = folder / "broken.safetensors"
    path.write_bytes(data)
    outcome, wrong = violation(folder, [command, path, *([folder / f"{target}.csv"] if command != "show" else [])])
    path.unlink()
    return f"{command}: {what} (model {seed})", f"{command} of a broken model {outcome}", wrong


@contextmanager
def told_by_others() -> Iterator[list[str]]:
    """What is written to the process's stderr past Python, by compiled code: filled when the block ends."""
    said: list[str] = []
    with tempfile.TemporaryFile() as file:
        kept = os.dup(2)
        os.dup2(file.fileno(), 2)
        try:
            yield said
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            file.seek(0)
            said += file.read().decode(errors="replace").splitlines()


def violation(folder: Path, arguments: list[Any]) -> tuple[str, str]:
    """(the outcome in words, what must not be or ""): 0, or 2 and nothing left; 1 where `verify` refutes."""
    before = listing(folder)
    with told_by_others() as others:
        done = run(*arguments)
    after = listing(folder)
    said = done.stderr.splitlines()
    made = {name: data for name, data in after.items() if name.split("/")[0] != "out"} if done.exit_code == 0 else after
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        return "exception", repr(done.exception)
    if others:
        return f"{done.exit_code}, noise", f"written to stderr by a library: {others[1 % len(others)]}"
    if made != before:
        return f"{done.exit_code}, files", f"files changed: {sorted(set(made) ^ set(before))}"
    if done.exit_code == 0:
        return "0: done", ""
    if done.exit_code == 1 and arguments[0] == "verify" and "REFUTED" in done.stdout and not said:
        return "1: refuted", ""
    if done.exit_code != 2:
        return f"{done.exit_code}", " ".join(said)[-300:]
    whole = len(said) == 1 and said[0].startswith("error: ") and len(said[0]) < 600
    return "2: refused", "" if whole and not done.stdout else f"not one message: {said[-3:]}"
