"""infimum plan TABLE --target COLUMN: time and memory of each rung, from a few seconds of trials."""

from typing import TYPE_CHECKING, Annotated

import typer

from infimum.cli.options import (
    DropOption,
    GroupOption,
    OrderedOption,
    ReadOption,
    RoleOption,
    TableArgument,
    TaskOption,
    TimeOption,
    WidthsOption,
    asked,
    reading_of,
    wishes_of,
    with_names,
)
from infimum.cli.outcome import told
from infimum.cli.source import table_from

if TYPE_CHECKING:
    from infimum.ladder.plan import Plan


def plan(
    table: TableArgument,
    target: Annotated[str, typer.Option("--target", "-t", help="The column to predict.")],
    task: TaskOption = "auto",
    drop: DropOption = None,
    role: RoleOption = None,
    ordered: OrderedOption = None,
    time: TimeOption = "",
    group: GroupOption = "",
    read: ReadOption = None,
    width_curve: WidthsOption = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the plan as JSON.")] = False,
) -> None:
    """Say how long `infimum fit` would take, and how much memory, rung by rung, after a few seconds of trials."""
    with told():
        from infimum.ladder.plan import plan_of
        from infimum.ladder.problem import problem_of

        wishes = asked(wishes_of(role, ordered, drop, ties=(time, group), read=read), task)
        rows = table_from(table, reading_of(read, wishes))
        expected = plan_of(problem_of(rows, target, with_names(wishes, rows)), width_curve)
        if as_json:
            from dataclasses import asdict

            from infimum.cli.files import json_text

            typer.echo(json_text({**asdict(expected), "seconds": list(expected.seconds)}), nl=False)
        else:
            say(expected)


def say(expected: "Plan") -> None:
    """A line a rung, the whole, and what the numbers rest on."""
    from rich.table import Table

    from infimum.cli.ladder_text import console

    out = console()
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("rung", "time", "between", "memory", "between"):
        table.add_column(name, justify="left" if name == "rung" else "right")
    for rung in expected.rungs:
        low, middle, high = rung.seconds
        least, memory, most = rung.megabytes
        table.add_row(
            rung.rung, clock(middle), f"{clock(low)} and {clock(high)}", size(memory), f"{size(least)} and {size(most)}"
        )
    out.print(table)
    out.print()
    low, middle, high = expected.seconds
    out.print(f"The whole ladder: about {clock(middle)}, between {clock(low)} and {clock(high)}.", markup=False)
    for name, reason in expected.skipped:
        out.print(f"note: {name} left out: {reason}.", markup=False)
    rested = (
        f"{expected.rows} rows, {expected.features} features; {clock(expected.pilot)} of trials on some of the rows"
    )
    out.print(f"From {rested}. How many epochs a network takes is known only afterwards.", markup=False)


def clock(seconds: float) -> str:
    """0.5 s, 12 s, 3 min, 2.5 h.

    >>> clock(0.031), clock(12.3), clock(200), clock(9000)
    ('0.03 s', '12 s', '3 min', '2.5 h')
    """
    if seconds < 100:
        return f"{seconds:.2g} s" if seconds >= 0.01 else "under 0.01 s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"


def size(megabytes: float) -> str:
    """340 MB, 2.1 GB.

    >>> size(339.7), size(2100)
    ('340 MB', '2.1 GB')
    """
    return f"{megabytes:.0f} MB" if megabytes < 1000 else f"{megabytes / 1000:.1f} GB"
