"""done / total: a bar on a terminal, plain lines elsewhere, nothing with --quiet; all on stderr."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Tell = Callable[[str, int, int], None]


@contextmanager
def progress(quiet: bool) -> Iterator[Tell]:
    """tell(text, done, total) for as long as the block runs."""
    if quiet:
        yield lambda text, done, total: None
    elif sys.stderr.isatty():
        with _bar() as tell:
            yield tell
    else:
        yield _lines()


@contextmanager
def _bar() -> Iterator[Tell]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description:<44}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading")
        yield lambda text, done, total: bar.update(task, description=text, completed=done, total=total)


def _lines() -> Tell:
    """One line a rung, not one a fold, with the time that is left: what belongs in a log."""
    said: set[str] = set()

    def tell(text: str, done: int, total: int) -> None:
        rung, *_, left = text.split(", ") if "," in text else (text, "")
        if rung not in said and rung != "done":
            said.add(rung)
            print(f"[{done}/{total}] {rung}{f', {left}' if 'left' in left else ''}", file=sys.stderr, flush=True)

    return tell
