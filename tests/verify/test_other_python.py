"""The checker accepts honest files made by another version of Python, and refutes them for another table."""

from pathlib import Path

import pytest

from infimum.tables import Column, Table
from infimum.tables.reading.read import read_table
from infimum.verify import verify_file

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "tests" / "golden").glob("penguins-*.safetensors"))


def test_there_are_files_of_two_versions():
    assert len(FILES) == 2


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_made_elsewhere_is_accepted_here(path):
    table = read_table(ROOT / "examples" / "penguins.csv")
    verification = verify_file(path, table)
    assert not verification.refuted, str(verification)
    assert sum(answer.verdict == "CERTIFIED" for answer in verification.answers) >= 60
    mass = table.column("body_mass_g")
    heavier = Column(mass.name, mass.kind, mass.values * (1 + 1e-9))
    others = tuple(heavier if column.name == mass.name else column for column in table.columns)
    assert verify_file(path, Table(table.name, others)).refuted
