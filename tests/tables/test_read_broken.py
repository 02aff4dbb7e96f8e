"""Broken files of every format: a table or a TableError of one sentence, and nothing else."""

import numpy as np
import pytest

from infimum.tables import TableError
from infimum.tables.reading.read import read_table
from tests.tables.broken import FORMATS, PACKINGS, broken_file, frame


@pytest.mark.parametrize("part", range(10))
def test_nothing_but_a_table_error_escapes(tmp_path, part):
    refused = 0
    for seed in range(50 * part, 50 * part + 50):
        what, data = broken_file(seed)
        (tmp_path / "t").write_bytes(data)
        try:
            table = read_table(tmp_path / "t")
        except TableError as error:
            refused += 1
            said = str(error)
            assert "\n" not in said and said[-1] in ".?" and len(said) < 500, (seed, what, said)
        except BaseException as error:
            raise AssertionError(f"{what}, seed {seed}: {error!r}") from error
        else:
            assert table.rows and table.columns
    assert refused > 10


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("packing", PACKINGS)
def test_the_files_that_are_broken_were_sound(tmp_path, kind, packing):
    whole = frame(np.random.default_rng(0))
    (tmp_path / "t").write_bytes(PACKINGS[packing](FORMATS[kind](whole)))
    table = read_table(tmp_path / "t")
    assert [column.kind for column in table.columns] == ["number", "number", "text", "text", "time", "text", "text"]
    assert table.column("code").cells() == whole["code"].to_list()
    assert table.column("number").values.tolist() == pytest.approx(whole["number"].to_list(), nan_ok=True)
