"""infimum verify MODEL TABLE: every recorded number, derived again; exit code 1 where one is refuted."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from infimum.cli.files import as_written
from infimum.cli.options import ReadOption, with_told
from infimum.cli.outcome import FAILED, told
from infimum.cli.source import table_from

NOT_DERIVED = {"sentences": "the wording of the answer, reasons, claims and roles: not re-derived"}

if TYPE_CHECKING:
    from infimum.tables import Table
    from infimum.verify.answers import Answer, Verification


def verify(
    model: Annotated[Path, typer.Argument(help="The folder that `infimum fit` wrote, or its model.safetensors.")],
    table: Annotated[str, typer.Argument(help="The table it was fitted on; - for standard input.")],
    read: ReadOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the answers as JSON.")] = False,
) -> None:
    """Check a model file against its table: each claim, fold and statistic is derived again by an independent path."""
    with told():
        import numpy as np

        from infimum.ladder.fitted import Fitted
        from infimum.verify import verify_file

        fitted = Fitted.load(model)
        with as_written(model):
            reading, names = fitted.reading_of_fit, [column["name"] for column in fitted.report["columns"]]
        rows = table_from(table, with_told(reading, read))
        with np.errstate(all="ignore"):  # a file sealed with numbers that are none is refuted, not warned of
            found = other_columns(names, rows) or verify_file(model, rows)
        if model.is_dir() and not found.refuted:
            found = with_pages(found, model)
        if as_json:
            from infimum.cli.files import json_text

            typer.echo(json_text(found.to_dict()), nl=False)
        else:
            say(found)
        if found.refuted:
            raise typer.Exit(FAILED)


def other_columns(names: list[str], table: "Table") -> "Verification | None":
    """REFUTED where the table has columns that the fit did not have, or has them in another order; else None."""
    from infimum.tables import listing
    from infimum.verify.answers import Verification, refuted

    extra = [name for name in table.names if name not in names]
    if not set(names) <= set(table.names) or list(table.names) == names:
        return None
    what = f"it also holds {listing(extra)}" if extra else "it holds the columns in another order"
    return Verification((refuted("data", table.name, None, None, f"the table is not the one of the fit: {what}"),))


def with_pages(found: "Verification", folder: Path) -> "Verification":
    """The answers, and whether the pages beside the model file are what this version makes of it."""
    from infimum.cli.files import strangers
    from infimum.verify.answers import Answer, Verification, refuted

    wrong = strangers(folder)
    note = "not what the model file makes of it: edited, or written by another version"
    pages = [refuted("page", name, None, None, note) for name in wrong]
    fine = [] if wrong else [Answer("page", "report.html, report.json", "REPORTED", note="made again, the same")]
    return Verification((*found.answers, *pages, *fine))


def say(found: "Verification") -> None:
    """The claims of the model one by one, the rest counted by kind, what is refuted last."""
    from collections import Counter

    from rich.markup import escape
    from rich.table import Table

    from infimum.cli.ladder_text import coloured, console

    out = console()
    refuted = [answer for answer in found.answers if answer.verdict == "REFUTED"]
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("verdict", "claim", "of", "checked"):
        table.add_column(name, overflow="fold")
    shown = [answer for answer in found.answers if answer.subject.endswith("all rows") and answer not in refuted]
    rest = Counter((a.kind, a.verdict) for a in found.answers if a not in shown and a not in refuted)
    for answer in shown:
        table.add_row(coloured(answer.verdict), answer.kind, escape(answer.subject), escape(answer.note))
    for (kind, verdict), count in sorted(rest.items()):
        checked = {"UNAVAILABLE": "nothing is claimed"}.get(verdict, NOT_DERIVED.get(kind, "re-derived"))
        table.add_row(coloured(verdict), kind, f"{count} in folds and report", checked)
    for answer in refuted[:20]:
        table.add_row(coloured(answer.verdict), answer.kind, escape(answer.subject), escape(answer.note))
    out.print(table)
    out.print()
    out.print(verdict_on(found.answers), markup=False)


def verdict_on(answers: Sequence["Answer"]) -> str:
    """The last line: how many numbers were derived again, how many are refuted, or that this is another table."""
    refuted = [each for each in answers if each.verdict == "REFUTED"]
    if any(each.kind == "data" for each in refuted):
        return "REFUTED: this is not the table that the file was fitted to, and nothing else was checked."
    if refuted:
        share = f"{len(refuted)} of {len(answers)}"
        return f"REFUTED: {share} recorded numbers do not follow from this file and this table."
    derived = [each for each in answers if each.verdict != "UNAVAILABLE" and each.kind not in NOT_DERIVED]
    return f"All {len(derived)} recorded numbers and claims were derived again from the file and the table."
