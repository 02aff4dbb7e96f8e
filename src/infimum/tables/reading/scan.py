"""bytes of a delimited text ↦ the numbers in it, and whether its records are regular: the kernel, on every core."""

import mmap
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise
from operator import or_

import numpy as np

from infimum.kernels.records import NO_NUMBERS, byte_classes, count_bytes, scan_records
from infimum.tables.reading import Reading, numerals
from infimum.tables.reading.cells import cells_of
from infimum.tables.reading.unpack import Bytes

PIECE = 1 << 24  # bytes a task
ODD = 64  # in so many bytes there may be one number written in a way that the kernel does not know


@dataclass(frozen=True, eq=False)
class Scan:
    """How many records, the numbers of the blank ones, the kernel's flags, and the numbers, float64 (columns, n)."""

    records: int
    blanks: np.ndarray
    flags: int
    values: np.ndarray


def scan(data: Bytes, start: int, reading: Reading, numbers: Sequence[int], width: int) -> Scan:
    """What is in data[start:], records of `width` fields, of which those at the places `numbers` are to be numbers.

    Where NO_NUMBERS is among the flags, one of them is none, or may be a code (02134). Where a text is in quotation
    marks, a line feed may be in it, and one core does all.
    """
    import polars

    if data[-1:] != b"\n":
        start, data = 0, data[start:] + b"\n"
    array, quote = np.frombuffer(data, dtype=np.uint8), reading.quote or '"'
    classes, tokens = byte_classes(ord(reading.delimiter or ","), ord(quote)), tokens_of(reading)
    places = np.full(width, -1)
    places[list(numbers)] = np.arange(len(numbers))
    with ThreadPoolExecutor(polars.thread_pool_size()) as pool:
        cuts = sorted({start, len(data), *(data.find(b"\n", at) + 1 for at in range(start, len(data), PIECE))})
        counts = np.array([*pool.map(lambda piece: counts_of(data, *piece, ord(quote)), pairwise(cuts))])
        lines = counts[:, 0]
        if counts[:, 1].any():
            cuts, lines = [start, len(data)], lines.sum(keepdims=True)
        values = new_memory(len(numbers), lines.sum())

        def part(piece: tuple[int, int], first: int, most: int) -> tuple[int, np.ndarray, np.ndarray, int]:
            odd, blanks = np.empty(((piece[1] - piece[0]) // ODD + ODD, 4), np.int64), np.empty(most, np.int64)
            bounds, found = (*piece, int(first)), (values, odd, blanks)
            records, odds, blank, flags = scan_records(array, bounds, classes, places, tokens, found)
            return records, odd[:odds], blanks[:blank], flags | NO_NUMBERS * (odds > len(odd))

        records, odd, blanks, flags = zip(*pool.map(part, pairwise(cuts), np.cumsum(lines) - lines, lines), strict=True)
    flag = reduce(or_, flags)
    if not flag & NO_NUMBERS and not fill(values, np.concatenate(odd), data, reading):
        flag |= NO_NUMBERS
    return Scan(sum(records), np.concatenate(blanks), flag, values[:, : sum(records)])


def counts_of(data: Bytes, start: int, stop: int, quote: int) -> tuple[int, int]:
    """(line feeds, quotation marks) in data[start:stop]."""
    rest = data[stop - (stop - start) % 8 : stop]
    words = np.frombuffer(data, np.uint64, (stop - start) // 8, start) if stop - start > 7 else np.empty(0, np.uint64)
    lines, quotes = count_bytes(words, 10, quote)
    return lines + rest.count(10), quotes + rest.count(quote)


def new_memory(rows: int, columns: int) -> np.ndarray:
    """float64 (rows, columns) in pages of the ordinary size: where memory is fragmented, to make room for huge ones,
    which NumPy asks for, can take longer than to read the file.
    """
    return np.frombuffer(mmap.mmap(-1, max(8 * rows * columns, 1)), count=rows * columns).reshape(rows, columns)


def tokens_of(reading: Reading) -> np.ndarray:
    """The texts that stand for a missing cell, in UTF-8, a row each, filled up with 0; uint8."""
    texts = [text.encode() for text in reading.missing or () if text]
    tokens = np.zeros((len(texts), max(map(len, texts), default=1)), dtype=np.uint8)
    for row, text in zip(tokens, texts, strict=True):
        row[: len(text)] = list(text)
    return tokens


def fill(values: np.ndarray, odd: np.ndarray, data: Bytes, reading: Reading) -> bool:
    """Write the numbers of the odd fields, (place, record, first byte, the one behind); False where one is none."""
    import polars

    if not len(odd):
        return True
    quote = reading.quote or '"'
    texts = [data[first:end].decode("utf-8", "replace") for first, end in odd[:, 2:].tolist()]
    texts = [t.strip()[1:-1].replace(2 * quote, quote) if t.startswith(quote) else t for t in texts]
    cells = cells_of("", polars.Series(texts, dtype=polars.String), reading.missing or ())
    numbers = numerals.parse(cells.levels, ".", "")
    if numbers.has_nulls() or numbers.is_infinite().any() or cells.levels.str.contains("^0[0-9]").any():
        return False
    values[odd[:, 0], odd[:, 1]] = np.append(numbers.to_numpy(), np.nan)[cells.codes]
    return True
