"""infimum columns | plan | fit | verify | predict | show | lab: the commands, one a file. Nothing heavy is
imported before a command runs.

Exit codes: 0 done; 1 failed, or `verify` refuted something; 2 bad usage or input; 3 with --strict where a convex fit
has no certified gap; 130 interrupted.
"""

import sys
from io import TextIOWrapper
from typing import Annotated

import typer

from infimum.cli.columns import columns
from infimum.cli.fit import fit
from infimum.cli.lab import lab
from infimum.cli.plan import plan
from infimum.cli.predict import predict
from infimum.cli.show import show
from infimum.cli.verify import verify

app = typer.Typer(
    help="Machine learning that tells you how low the loss can go, and how close you are.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (columns, plan, fit, verify, predict, show, lab):
    app.command()(command)


@app.callback(invoke_without_command=True)
def options(version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False) -> None:
    """Machine learning that tells you how low the loss can go, and how close you are."""
    if version:
        from infimum import __version__

        typer.echo(f"infimum {__version__}")
        raise typer.Exit


def main() -> None:
    """Run the command line: the entry point `infimum`."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # where ± and ≤ have no code, as in ASCII, they are spelled
    app(prog_name="infimum")
