"""folder = {model.safetensors, report.html, report.json, timings.json}: what a fit of the ladder writes, and where."""

import json
import os
from pathlib import Path
from typing import Any

FILES = ("model.safetensors", "report.html", "report.json", "timings.json")


class FolderError(ValueError):
    """A folder that results can't be written to: what is in the way, and what to do."""


def json_text(document: dict[str, Any]) -> str:
    """Indented JSON with sorted keys: the bytes of report.json."""
    return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"


def check_folder(folder: Path, replace: bool, remedies: tuple[str, str]) -> None:
    """Raise FolderError where the folder can't be written, before any work is done.

    remedies: how to choose another folder, and how to replace this one, in the words of who asks.
    """
    other, again = remedies
    ours = folder.is_dir() and (not any(folder.iterdir()) or (folder / "model.safetensors").exists())
    if folder.exists() and not ours:
        raise FolderError(f"{folder} is not a folder that infimum wrote: it is not replaced; {other}")
    if folder.exists() and not replace:
        raise FolderError(f"{folder} is already there: {other}, or replace it with {again}")
    others = sorted(each.name for each in folder.iterdir() if each.name not in FILES) if folder.exists() else []
    if others:
        raise FolderError(f"{folder} holds {others[0]!r}, which {again} would delete: move it, or {other}")
    above = next(each for each in folder.absolute().parents if each.exists())
    if not above.is_dir():
        raise FolderError(f"{above} is not a folder: {folder} can't be made inside it; {other}")
    if not os.access(above, os.W_OK | os.X_OK):
        raise FolderError(f"{above} can't be written: {other}")
