"""infimum columns TABLE: how each column is taken, and why, before anything is fitted."""

from typing import Annotated, Any

import typer

from infimum.cli.options import DropOption, OrderedOption, ReadOption, RoleOption, TableArgument, TaskOption
from infimum.cli.outcome import told
from infimum.cli.source import table_from


def columns(
    table: TableArgument,
    target: Annotated[
        str, typer.Option("--target", "-t", help="The column to predict: then leaks are looked for.")
    ] = "",
    task: TaskOption = "auto",
    role: RoleOption = None,
    ordered: OrderedOption = None,
    drop: DropOption = None,
    read: ReadOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print roles and findings as JSON.")] = False,
) -> None:
    """Show how each column of a table is taken: its role, the reason, its values; and what was found about them."""
    with told():
        from infimum.cli.options import asked, reading_of, wishes_of, with_names

        wishes = asked(wishes_of(role, ordered, drop), task)
        rows = table_from(table, reading_of(read, wishes))
        document = looked_at(rows, target, with_names(wishes, rows))
        if as_json:
            from infimum.cli.files import json_text

            typer.echo(json_text(document), nl=False)
        else:
            say(document)


def looked_at(table: Any, target: str, wishes: Any) -> dict[str, Any]:
    """{"table", "reading", "columns", "findings"} of a table, with leaks where there is a target."""
    from dataclasses import asdict

    from infimum.tables.leakage.examine import examined, related, suspicions
    from infimum.tables.roles import assign_roles, prepared
    from infimum.tables.task import task

    roles = assign_roles(table, target, wishes)
    ready = prepared(table, roles, wishes)
    if target:
        kind = task(table, target, wishes.task)
        known = ready.take(kind.rows)
        roles, findings = examined(known, target, roles, wishes)
        findings += suspicions(known, target, roles, wishes, kind)
    else:
        roles, findings = related(ready, roles, wishes)
    return {
        "table": {"name": table.name, "rows": table.rows},
        "reading": table.reading.to_json(),
        "columns": [asdict(each) for each in roles],
        "findings": [finding.to_json() for finding in findings],
    }


def say(document: dict[str, Any]) -> None:
    """The table of roles, how the file was read, and the findings."""
    from rich.markup import escape
    from rich.table import Table

    from infimum.cli.ladder_text import console
    from infimum.report.table_words import by_severity, read_as
    from infimum.tables.natural import USED

    out = console()
    out.print(
        f"{document['table']['name']}: {document['table']['rows']} rows. {read_as(document['reading'])}", markup=False
    )
    out.print()
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("column", "role", "values", "why"):
        table.add_column(name, overflow="fold")
    for column in document["columns"]:
        role = column["role"] if column["role"] in USED else f"[dim]{column['role']}[/]"
        table.add_row(escape(column["name"]), role, escape(column["values"]), escape(column["reason"]))
    out.print(table)
    out.print()
    out.print("Values: of a number the least, the median and the largest; of a text the most frequent.")
    if document["findings"]:
        out.print()
    for finding in by_severity({**document, "wishes": {"keep_leaks": False}}):  # as a fit would deal with them
        out.print(f"{finding['code']} {finding['statement']} {finding['remedy']}", markup=False)
