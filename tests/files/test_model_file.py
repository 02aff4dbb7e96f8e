"""The model file: what goes in comes out, in the same bytes each time; each unfit file has its sentence."""

import hashlib
import json
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from safetensors.numpy import save

from infimum.files.canonical import canonical
from infimum.files.model_file import FORMAT, ModelFileError, model_bytes, read_model, seal, write_model

ARRAYS = {
    "w": np.array([0.1, -0.0, 5e-324, np.inf, np.nan]),
    "order": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    "strided": np.arange(10)[::3],
    "scalar": np.array(3.0),
    "empty": np.zeros((0, 3)),
    "folds": np.array([0, 1, 2], dtype=np.int8),
    "mask": np.array([True, False]),
    "big": np.array([1.5, 2.5], dtype=">f4"),
}
DOCUMENT = {"target": "é\n", "claims": [{"bound": 1e-300, "value": 0.1 + 0.2}], "none": None, "a": {"b": True}}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "model.safetensors"


def test_round_trip(path):
    write_model(path, ARRAYS, DOCUMENT)
    arrays, document = read_model(path)
    assert document == seal(ARRAYS, DOCUMENT) and document.items() >= DOCUMENT.items() and document["format"] == FORMAT
    assert sorted(arrays) == sorted(ARRAYS)
    for name, array in ARRAYS.items():
        assert arrays[name].dtype == array.dtype.newbyteorder("<") and arrays[name].flags.writeable
        np.testing.assert_array_equal(arrays[name], array, strict=False)
        assert arrays[name].shape == array.shape
    write_model(path, arrays, document)
    assert read_model(path)[1] == document


JSON = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats(allow_nan=False, allow_infinity=False)
    | some.text(some.characters(codec="utf-8")),
    lambda inner: some.lists(inner) | some.dictionaries(some.text(some.characters(codec="utf-8")), inner),
    max_leaves=8,
)  # fmt: skip


@given(some.dictionaries(some.text(some.characters(codec="utf-8")), JSON, max_size=4))
def test_canonical_text_reads_back_and_ignores_order(document):
    text = canonical(document)
    assert canonical(json.loads(text)) == text == canonical(dict(reversed(document.items())))


def test_the_same_input_gives_the_same_bytes_in_any_process():
    program = (
        "import numpy as np, hashlib; from infimum.files.model_file import model_bytes;"
        "arrays = {f'a{i}': np.arange(float(i)) for i in range(30)};"
        "arrays = dict(reversed(arrays.items())) if {flip} else arrays;"
        "print(hashlib.sha256(model_bytes(arrays, {'b': 1, 'a': [0.1]})).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", program.replace("{flip}", flip)], capture_output=True, text=True, check=True
        ).stdout
        for flip in ("True", "False")
    }
    here = model_bytes({f"a{i}": np.arange(float(i)) for i in range(30)}, {"a": [0.1], "b": 1})
    assert digests == {hashlib.sha256(here).hexdigest() + "\n"}


def test_one_metadata_key(path):
    write_model(path, {"w": np.zeros(2)}, {})
    data = path.read_bytes()
    header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
    assert list(header["__metadata__"]) == ["infimum"]


def test_an_edit_is_seen_unless_it_is_sealed(path):
    arrays, sealed = {"w": np.zeros(2)}, seal({"w": np.zeros(2)}, {"n": 1})
    forged = {"w": np.ones(2)}
    for edit_arrays, edit_document in [(forged, sealed), (arrays, sealed | {"n": 2}), ({"v": arrays["w"]}, sealed)]:
        path.write_bytes(save(edit_arrays, {"infimum": canonical(edit_document)}))
        with pytest.raises(ModelFileError, match="edited or damaged"):
            read_model(path)
        write_model(path, edit_arrays, edit_document)
        assert read_model(path)[1] == seal(edit_arrays, edit_document)
    path.write_bytes(save(arrays, {"infimum": canonical({"n": 1, "format": FORMAT})}))
    with pytest.raises(ModelFileError, match="edited or damaged"):
        read_model(path)


def test_every_cut_and_every_flipped_byte_is_an_error_of_ours(path):
    whole = model_bytes({"w": np.arange(3.0)}, {"target": "y"})
    for size in range(len(whole)):
        path.write_bytes(whole[:size])
        with pytest.raises(ModelFileError, match="cut short"):
            read_model(path)
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x15]) + whole[place + 1 :])
        with pytest.raises(ModelFileError):
            read_model(path)
    path.write_bytes(whole + b"more")
    with pytest.raises(ModelFileError, match="edited or damaged"):
        read_model(path)


@pytest.mark.parametrize(
    "data",
    [
        b"a,b\n1,2\n3,4\n",
        b"\x80\x04\x95 a pickle, perhaps",
        save({"w": np.zeros(2)}),
        save({"w": np.zeros(2)}, {"format": "pt"}),
        save({"w": np.zeros(2)}, {"infimum": "[]"}),
        save({"w": np.zeros(2)}, {"infimum": '{"format": "one"}'}),
    ],
)
def test_other_files_are_no_models(path, data):
    path.write_bytes(data)
    with pytest.raises(ModelFileError, match="not a model file of infimum"):
        read_model(path)


def test_not_there_a_folder_and_a_newer_format(path, tmp_path):
    with pytest.raises(ModelFileError, match="no such model file"):
        read_model(path)
    with pytest.raises(ModelFileError, match="is a folder"):
        read_model(tmp_path)
    write_model(path, {}, {"format": FORMAT + 1})
    newer = f"has format {FORMAT + 1}, this infimum reads {FORMAT}: install a newer one"
    with pytest.raises(ModelFileError, match=newer):
        read_model(path)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), np.int64(3), {1, 2}, b"bytes"])
def test_documents_hold_json_values_only(path, value):
    with pytest.raises(ValueError, match="a document must hold only"):
        write_model(path, {}, {"value": value})
    assert not path.exists()


def test_arrays_hold_numbers_only(path):
    with pytest.raises(ModelFileError, match="array 'names' holds <U1, not numbers"):
        write_model(path, {"names": np.array(["a"])}, {})
