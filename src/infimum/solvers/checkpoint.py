"""(w, m, v, k, random state, best so far): where a training stands, in memory and on disk.

A file holds all of it after an epoch, so a training that was killed goes on from there to the same bits. It is
safetensors with JSON in its metadata, written beside and then moved into place: it is whole, or the one before.
"""

import json
import math
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from blake3 import blake3

from infimum.models import Params
from infimum.solvers import Reading, Step

EVERY = 1.0  # seconds between two writes


@dataclass(frozen=True)
class Course:
    """(w, m, v) in float32 after `epoch` epochs, the random state then, the best w and how good it was."""

    arrays: tuple[np.ndarray, np.ndarray, np.ndarray]
    steepest: np.ndarray  # the direction in which F was found to bend most
    random: Mapping[str, Any]
    best: np.ndarray
    epoch: int = 0
    taken: int = 0  # steps
    batch: int = 0  # rows of one, where memory was too short for as many as were asked for
    lowest: float = math.inf
    found: int = 0  # the epoch of the best
    record: float = math.inf  # the lowest that was lower by the tolerance, and when
    gained: int = 0
    steps: tuple[Step, ...] = ()
    stopped: str = ""
    readings: tuple[Reading, ...] = ()

    @classmethod
    def begin(cls, start: Params, rng: np.random.Generator) -> "Course":
        """Before the first epoch."""
        w = np.array(start, dtype=np.float32)
        still = np.zeros_like(w)
        return cls((w, still, still), still, rng.bit_generator.state, np.array(start, dtype=float))


@dataclass(frozen=True)
class Keeper:
    """path ↦ course: where one is kept, and BLAKE3 of the rows, start, schedule and random state that it is of."""

    path: Path | None
    training: str
    found: Course | None
    written: float = -math.inf

    @classmethod
    def of(cls, path: str | Path | None, about: tuple[Any, Params, Any], rng: np.random.Generator) -> "Keeper":
        """Of that file, read if it is there; about = (objective, start, training).

        Raises ValueError where the file is no checkpoint, or one of another training, and where there is no folder.
        """
        if path is None:
            return cls(None, "", None)
        objective, start, training = about
        digest = blake3(repr((training, objective.loss, objective.model.chain, rng.bit_generator.state)).encode())
        arrays = objective.model.X, objective.y, objective.weight, start, np.asarray(objective.penalty.l2)
        for array in arrays:
            digest.update(np.ascontiguousarray(array, dtype="<f8").tobytes())
        path, name = Path(path), digest.hexdigest()
        if not path.parent.is_dir():
            raise ValueError(f"checkpoint = {str(path)!r}: there is no folder {str(path.parent)!r}; make it first")
        return cls(path, name, _read(path, name) if path.exists() else None)

    def keep(self, course: Course) -> "Keeper":
        """Write it, unless that was done less than a second ago; the keeper that knows when."""
        if self.path is None or time.monotonic() - self.written < EVERY:
            return self
        from safetensors.numpy import save

        told = {name: value for name, value in vars(course).items() if name not in ("arrays", "steepest", "best")}
        told["steps"] = [list(vars(step).values()) for step in course.steps]
        told["readings"] = [list(vars(reading).values()) for reading in course.readings]
        names = dict(zip(("w", "first", "second"), course.arrays, strict=True))
        document = {"infimum.training": json.dumps({"training": self.training, "course": told})}
        beside = self.path.with_name(self.path.name + ".part")
        with beside.open("wb") as file:
            file.write(save({**names, "steepest": course.steepest, "best": course.best}, metadata=document))
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self.path)
        return replace(self, written=time.monotonic())

    def forget(self) -> None:
        """Delete the file: the training is over."""
        if self.path is not None:
            self.path.unlink(missing_ok=True)


def _read(path: Path, training: str) -> Course:
    """The course in that file. Raises ValueError where it is none, or of another training."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "numpy") as file:
            document = json.loads((file.metadata() or {})["infimum.training"])
            arrays = {name: file.get_tensor(name) for name in ("w", "first", "second", "steepest", "best")}
        told = document["course"]
    except (OSError, KeyError, ValueError, SafetensorError):
        raise ValueError(f"checkpoint = {str(path)!r} is not a checkpoint of infimum: give another path") from None
    if document["training"] != training:
        raise ValueError(
            f"checkpoint = {str(path)!r} is of another training, by its rows, parameters or random state: delete it, "
            "or give another path"
        )
    told["steps"] = tuple(Step(*step) for step in told["steps"])
    told["readings"] = tuple(_reading(*row) for row in told["readings"])
    moments = arrays["w"], arrays["first"], arrays["second"]
    return Course(**{**told, "arrays": moments, "steepest": arrays["steepest"], "best": arrays["best"]})


def _reading(epoch: int, slopes: list[float], moves: list[float], idle: list[float], *rest: float) -> Reading:
    return Reading(epoch, tuple(slopes), tuple(moves), tuple(idle), *rest)
