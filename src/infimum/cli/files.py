"""model file ↦ what commands make of it, and whether the pages beside it are its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infimum.files.results import FILES, json_text

__all__ = ["FILES", "as_written", "json_text", "strangers"]


@contextmanager
def as_written(path: Path) -> Iterator[None]:
    """A block that uses what the model file holds; ModelFileError where the file, though sealed, does not hold it."""
    from infimum.files.model_file import ModelFileError
    from infimum.tables import TableError

    try:
        yield
    except (TableError, ModelFileError, UnicodeError):  # they are ValueErrors, and not the file's fault
        raise
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        found = f"{type(error).__name__}: {error}"
        raise ModelFileError(f"{path} does not hold what a model file holds ({found}): fit it again.") from error


def strangers(folder: Path) -> list[str]:
    """Pages of the folder that are not what its model file makes of them: report.json, report.html."""
    import json

    from infimum.ladder.fitted import Fitted
    from infimum.report import build

    report, found = Fitted.load(folder).report, []
    page, numbers, timings = (folder / name for name in ("report.html", "report.json", "timings.json"))
    if numbers.exists() and numbers.read_text(encoding="utf-8") != json_text(report):
        found.append(numbers.name)
    if page.exists() and timings.exists():
        took = json.loads(timings.read_text(encoding="utf-8"))
        if page.read_text(encoding="utf-8") != build(report, took):
            found.append(page.name)
    return found
