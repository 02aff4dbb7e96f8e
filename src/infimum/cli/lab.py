"""infimum lab [TABLE]: the mathematics, live, on one's own table, in the browser."""

import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from infimum.cli.outcome import UsageError, told
from infimum.cli.source import table_from

PAGES = {"least-squares": "least_squares.py", "network": "network.py"}


def lab(
    table: Annotated[
        str,
        typer.Argument(help="A table with three columns of numbers or more (default: penguins).", show_default=False),
    ] = "",
    target: Annotated[str, typer.Option("--target", "-t", help="The column to predict; can be changed there.")] = "",
    page: Annotated[
        str, typer.Option("--page", metavar="|".join(PAGES), help="What the page is about.")
    ] = "least-squares",
    port: Annotated[
        int | None, typer.Option("--port", min=1, max=65535, help="Where the page is served (default: a free one).")
    ] = None,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page in the browser.")] = True,
) -> None:
    """Open a page on a table of yours: least squares (projection, gradient descent, conditioning, lost digits) or a
    neural network (forward and backward pass, the length of a step, training).
    """
    with told():
        if find_spec("marimo") is None:
            raise UsageError("the lab needs marimo, which is not installed: pip install 'infimum[lab]'.")
        check_page(page)
        if table == "-":
            raise UsageError("the lab reads its table more than once, and standard input can't be: save it to a file.")
        from infimum.lab.chosen import EXAMPLE, number_columns
        from infimum.tables.reading import Reading

        check_port(port)
        source = table or str(EXAMPLE)
        number_columns(table_from(source, Reading()), target or None)
        serve(page, Path(source).resolve(), target, port, browser)


def check_page(page: str) -> None:
    """Raise UsageError where there is no such page, or it needs what is not installed."""
    if page not in PAGES:
        raise UsageError(f"there is no page {page!r}: choose {' or '.join(PAGES)}.")
    if page == "network" and find_spec("torch") is None:
        needed = "pip install 'infimum[lab,networks]'"
        raise UsageError(f"the page on networks trains with PyTorch, which is not installed: {needed}.")


def check_port(port: int | None) -> None:
    """Raise UsageError where something else listens on the port."""
    import socket

    with socket.socket() as place:
        if port is not None and place.connect_ex(("127.0.0.1", port)) == 0:
            raise UsageError(f"port {port} is taken: choose another --port, or leave it out for a free one.")


def serve(page: str, path: Path, target: str, port: int | None, browser: bool) -> None:
    """Run that page as an app until it is interrupted, in a process of its own; exit with its code if it fails."""
    import os
    import subprocess

    module = Path(__file__).parents[1] / "lab" / PAGES[page]
    served = ["--port", str(port)] * (port is not None) + ["--headless"] * (not browser)
    given = ["--table", str(path)] + ["--target", target] * bool(target)
    command = [sys.executable, "-m", "marimo", "run", str(module), "--no-sandbox", *served, "--", *given]
    with subprocess.Popen(command, env={**os.environ, "MARIMO_SKIP_UPDATE_CHECK": "1"}) as running:
        try:
            code = running.wait()
        except KeyboardInterrupt:
            running.wait()
            return
    if code:
        raise typer.Exit(1)
