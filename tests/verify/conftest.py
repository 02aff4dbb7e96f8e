"""fitted: (model file, table) of a ladder without the network rung, for each kind of table."""

import pytest

import infimum.ladder.climb as climbing
from infimum.files.model_file import write_model
from infimum.tables.wishes import Wishes
from tests.linear_rungs import use_linear_rungs
from tests.verify.made import classification, counts, regression, separated, several, wide, zeros

KINDS = [regression, classification, wide, separated, several, counts, zeros]


@pytest.fixture(scope="module", params=KINDS, ids=lambda make: make.__name__)
def fitted(request, tmp_path_factory):
    table, expected = request.param()
    patch = pytest.MonkeyPatch()
    use_linear_rungs(patch)
    asked = "counts" if request.param in (counts, zeros) else "auto"
    climb = climbing.climb(table, "y", Wishes(task=asked))
    patch.undo()
    assert expected in (None, climb.report["chosen"])
    path = tmp_path_factory.mktemp(request.param.__name__) / "model.safetensors"
    write_model(path, climb.arrays, climb.document)
    return path, table
