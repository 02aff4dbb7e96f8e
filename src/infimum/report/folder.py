"""climb ↦ folder: the model file, its report as numbers and as a page, and how long it took."""

from pathlib import Path

from infimum.files.atomic import fresh_folder
from infimum.files.model_file import write_model
from infimum.files.results import json_text
from infimum.ladder.climb import Climb
from infimum.report.build import build


def write_folder(folder: Path, found: Climb) -> None:
    """All files into a fresh folder that then takes the wanted one's place, in one step: never half of one."""
    with fresh_folder(folder) as fresh:
        write_model(fresh / "model.safetensors", found.arrays, found.document)
        (fresh / "report.json").write_text(json_text(found.report), encoding="utf-8")
        (fresh / "timings.json").write_text(json_text(found.timings), encoding="utf-8")
        (fresh / "report.html").write_text(build(found.report, found.timings), encoding="utf-8")
