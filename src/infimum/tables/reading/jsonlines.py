"""JSON Lines → a `Table`: an object a line, a column a name; a name that a line lacks is a missing cell."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from infimum.tables import Table, TableError
from infimum.tables.reading import MISSING, Reading
from infimum.tables.reading.delimited import check_names, table_of_texts
from infimum.tables.reading.encodings import as_utf8
from infimum.tables.reading.unpack import Bytes

NAMES = {bool: "a boolean", str: "a text", list: "a list", dict: "an object", type(None): "null"}


def is_json(data: Bytes) -> bool:
    """Whether the first character that is no white space opens an object or a list.

    >>> is_json(b' {"a": 1}'), is_json(b"a,b")
    (True, False)
    """
    return data[:4096].removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"[")


def read_json_lines(name: str, data: Bytes, reading: Reading) -> Table:
    """Lines of JSON ↦ table; numbers and texts that read as numbers are numbers, as in delimited text.

    Raises TableError, with the line, on what is no JSON, no object, nested, or names a cell twice.

    >>> table = read_json_lines("t.jsonl", b'{"a": 1, "b": "x"}\\n{"a": 2.5}', Reading())
    >>> [(column.name, column.cells()) for column in table.columns]
    [('a', ['1', '2.5']), ('b', ['x', None])]
    """
    import polars

    text, encoding = as_utf8(name, data, reading.encoding)
    cells: dict[str, list[str | None]] = {}
    rows = 0
    for line, pairs in objects(name, text.decode()):
        for key, value in pairs.items():
            column = cells.setdefault(" ".join(key.split()), [])
            if len(column) > rows:
                raise TableError(f"{name}, line {line}: the name {key!r} is there twice: rename one.")
            column.extend([None] * (rows - len(column)))
            column.append(cell(name, line, key, value))
        rows += 1
    if not cells:
        raise TableError(f"{name} holds no cells: at least one object with names and values is needed.")
    check_names(name, tuple(cells))
    full = [column + [None] * (rows - len(column)) for column in cells.values()]
    frame = polars.DataFrame([polars.Series(str(at), texts, dtype=polars.String) for at, texts in enumerate(full)])
    missing = MISSING if reading.missing is None else reading.missing
    told = replace(reading, encoding=encoding, missing=missing)
    told = replace(told, decimal=reading.decimal or ".", thousands=reading.thousands or "")
    return table_of_texts(name, tuple(cells), frame, told)


def objects(name: str, text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """(line number, object) of each line that is not blank; numbers as they are written."""
    decoder = json.JSONDecoder(
        parse_int=str, parse_float=str, parse_constant=str, object_pairs_hook=pairs_of, strict=False
    )
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            value = decoder.decode(line.strip())
        except (ValueError, RecursionError) as error:
            said = "nested too deep" if isinstance(error, RecursionError) else str(error)
            raise TableError(f"{name}, line {number}: no JSON ({said}): write one object a line.") from error
        if type(value) is not dict:
            found = NAMES.get(type(value), "a value")
            raise TableError(f"{name}, line {number}: {found}, where an object was expected: write one object a line.")
        yield number, value


def pairs_of(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The object of these names and values; ValueError if a name is there twice."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name is there twice")
    return found


def cell(name: str, line: int, key: str, value: Any) -> str | None:
    """The text of a cell; TableError on a list or an object."""
    if type(value) in (list, dict):
        raise TableError(
            f"{name}, line {line}: {key!r} holds {NAMES[type(value)]}, where a number or text was expected: write its "
            f"parts as columns of their own."
        )
    if type(value) is bool:
        return "true" if value else "false"
    return value if value is None else str(value)
