"""The model file = one safetensors file; its metadata hold the document, canonical JSON, under the one key "infimum".

`checksum` is a courtesy: it finds the damaged copy, not the forger, who can recompute it (`seal`). What proves a model
is the independent check of its claims.
"""

import hashlib
import json
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from infimum.files.atomic import write_atomically
from infimum.files.canonical import canonical

# 2: roles with their wishes, how the file was read, folds in time and by group; 3: paired differences; 4: many classes;
# 5: additive rungs, intervals and sets; 6: weights of networks (in, out), other estimators beside the ladder;
# 7: the gain that is noticed
FORMAT = 9
KEY = "infimum"
MODULE = "module"  # the form of a document that `shells.network` wrote
LONGEST_HEADER = 100_000_000  # bytes: the limit of the safetensors format


class ModelFileError(ValueError):
    """Why a file can't be used as a model, and what to do: one sentence."""


def write_model(path: str | PathLike[str], arrays: Mapping[str, np.ndarray], document: Mapping[str, Any]) -> None:
    """path ← (arrays, seal(arrays, document)), atomically; the same input gives the same bytes.

    Raises ValueError on values JSON does not have, ModelFileError on arrays that are not numbers or booleans.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_model(Path(folder, "m.safetensors"), {"w": np.array([1.0, 2.0])}, {"target": "y"})
    ...     arrays, document = read_model(Path(folder, "m.safetensors"))
    >>> arrays["w"].tolist(), document["target"], document["format"]
    ([1.0, 2.0], 'y', 9)
    """
    write_atomically(path, model_bytes(arrays, document))


def read_model(path: str | PathLike[str]) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """path ↦ (arrays, document), as sealed.

    Raises ModelFileError on a file that is absent, cut short, no model, of another format, or edited and not resealed.
    """
    path = Path(path)
    data = contents(path)
    document = stored_document(path, data)
    arrays = stored_arrays(path, data)
    if seal(arrays, document) != document:
        raise ModelFileError(f"{path} has been edited or damaged (checksum): use the file that infimum fit wrote.")
    return arrays, document


def read_ladder(path: str | PathLike[str]) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """(arrays, document) of the model of a ladder, from its file or from the folder that holds model.safetensors.

    Raises ModelFileError as `read_model`, and for a file that holds the parameters of somebody's torch module.
    """
    path = Path(path)
    arrays, document = read_model(path / "model.safetensors" if path.is_dir() else path)
    if document.get("form") == MODULE:
        raise ModelFileError(
            f"{path} holds the parameters of a torch module: infimum.load_network reads it, in Python."
        )
    return arrays, document


def seal(arrays: Mapping[str, np.ndarray], document: Mapping[str, Any]) -> dict[str, Any]:
    """document ∪ {"format": FORMAT, "checksum": SHA-256(document without checksum, arrays by name)}."""
    arrays = plain(arrays)
    sealed = {"format": FORMAT} | {key: value for key, value in document.items() if key != "checksum"}
    digest = hashlib.sha256(canonical(sealed).encode())
    for name, array in arrays.items():
        digest.update(f"\n{json.dumps(name)} {array.dtype.str} {array.shape}\n".encode())
        digest.update(array.tobytes())
    return sealed | {"checksum": f"sha256:{digest.hexdigest()}"}


def model_bytes(arrays: Mapping[str, np.ndarray], document: Mapping[str, Any]) -> bytes:
    """The bytes of the model file of (arrays, seal(arrays, document))."""
    from safetensors.numpy import save

    return save(plain(arrays), {KEY: canonical(seal(arrays, document))})


def plain(arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The arrays by sorted name, little-endian, row by row: safetensors writes memory as it lies, in any order."""
    for name, array in arrays.items():
        if array.dtype.kind not in "biuf":
            raise ModelFileError(f"array {name!r} holds {array.dtype}, not numbers or booleans: convert it.")
    return {name: np.array(a, dtype=a.dtype.newbyteorder("<"), order="C") for name, a in sorted(arrays.items())}


def contents(path: Path) -> bytes:
    """The bytes of the file; ModelFileError if there is none."""
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise ModelFileError(f"{path}: no such model file: check the name, or run infimum fit first.") from error
    except IsADirectoryError as error:
        raise ModelFileError(f"{path} is a folder: give the model file inside it.") from error
    except OSError as error:
        raise ModelFileError(f"{path} can't be read: {error.strerror}.") from error


def stored_document(path: Path, data: bytes) -> dict[str, Any]:
    """The document in the header; ModelFileError if the file is cut short, is no model, or is of a newer format."""
    foreign = ModelFileError(f"{path} is not a model file of infimum: give the file that infimum fit wrote.")
    size = int.from_bytes(data[:8], "little")
    if len(data) > 8 and (size > LONGEST_HEADER or data[8:9] != b"{"):
        raise foreign
    if len(data) < 8 + size or not size:
        raise ModelFileError(f"{path} is cut short ({len(data)} bytes): copy it again.")
    try:
        header = json.loads(data[8 : 8 + size])
        document = json.loads(header.pop("__metadata__")[KEY], parse_constant=float)
        end = max((entry["data_offsets"][1] for entry in header.values()), default=0)
        version = document["format"]
        newer, older = version > FORMAT, version < FORMAT
        short = len(data) < 8 + size + end
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        raise foreign from error
    if newer:
        raise ModelFileError(f"{path} has format {version}, this infimum reads {FORMAT}: install a newer one.")
    if older:
        raise ModelFileError(
            f"{path} has format {version}, of an earlier infimum; this one reads {FORMAT}: fit it again."
        )
    if short:
        raise ModelFileError(f"{path} is cut short ({len(data)} bytes of {8 + size + end}): copy it again.")
    return document


def stored_arrays(path: Path, data: bytes) -> dict[str, np.ndarray]:
    """The arrays, by name, each with its own memory."""
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        return {name: array.copy() for name, array in sorted(load(data).items())}
    except (SafetensorError, KeyError, TypeError, ValueError) as error:
        raise ModelFileError(f"{path} has been edited or damaged ({error}): use the file infimum fit wrote.") from error
