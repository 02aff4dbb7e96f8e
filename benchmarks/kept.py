"""A page of results whose lines have names: lines run again take their old places, and the others stay."""

import os
import platform
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path


def keep(page: Path, said: Iterable[str], order: Sequence[str], name_of: Callable[[str], str]) -> list[str]:
    """Write the page with these lines in it, each known by name_of(line), in this order; and return its lines."""
    there = page.read_text(encoding="utf-8").splitlines() if page.exists() else []
    known = {name_of(each): each for each in [*there, *said]}
    lines = [known[name] for name in order if name in known]
    page.write_text("".join(f"{each}\n" for each in lines), encoding="utf-8")
    return lines


def machine() -> str:
    """What ran it, as the first line of a page."""
    return f"machine: {os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
