"""infimum fit TABLE --target COLUMN: climb the ladder; write the report, its numbers and the model file."""

from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated

import typer

from infimum.cli.files import json_text
from infimum.cli.options import (
    AlsoOption,
    BudgetOption,
    CoverageOption,
    DropOption,
    GroupOption,
    MetricOption,
    OrderedOption,
    ReadOption,
    ReferenceOption,
    RepeatsOption,
    RoleOption,
    RuleOption,
    TableArgument,
    TaskOption,
    TimeOption,
    WidthsOption,
    asked,
    reading_of,
    terms_of,
    wishes_of,
    with_names,
)
from infimum.cli.outcome import INTERRUPTED, NOT_CERTIFIED, UsageError, told
from infimum.cli.progress import progress
from infimum.cli.source import table_from
from infimum.ladder.terms import Rule, Terms

if TYPE_CHECKING:
    from infimum.ladder.climb import Climb
    from infimum.ladder.problem import Problem


def fit(
    table: TableArgument,
    target: Annotated[str, typer.Option("--target", "-t", help="The column to predict.")],
    task: TaskOption = "auto",
    drop: DropOption = None,
    role: RoleOption = None,
    ordered: OrderedOption = None,
    keep_leaks: Annotated[bool, typer.Option("--keep-leaks", help="Use columns that give the target away.")] = False,
    time: TimeOption = "",
    group: GroupOption = "",
    read: ReadOption = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Folder to write (default: NAME-infimum).")] = None,
    rule: RuleOption = Rule.ONE_STANDARD_ERROR,
    metric: MetricOption = None,
    repeats: RepeatsOption = None,
    reference: ReferenceOption = True,
    also: AlsoOption = None,
    width_curve: WidthsOption = False,
    coverage: CoverageOption = 0.9,
    budget: BudgetOption = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Draws the folds and the networks' starts.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print report.json and nothing else.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print errors only.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 3 if a convex fit is not certified.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace the folder if it is there.")] = False,
) -> None:
    """Fit a table: a ladder from a constant to a small network; the simplest that is good enough, with evidence."""
    with told():
        folder = out or Path(f"{stem(table)}-infimum")
        others = {"reference": reference, "coverage": coverage, "repeats": repeats, "metric": metric and metric.value}
        terms = terms_of(rule, budget, also or (), {**others, "width_curve": width_curve})
        wishes = asked(wishes_of(role, ordered, drop, keep_leaks, (time, group), read), task)
        check_folder(folder, force)
        from infimum.ladder.problem import problem_of

        rows, begun = table_from(table, reading_of(read, wishes)), perf_counter()
        problem = problem_of(rows, target, with_names(wishes, rows), seed, terms.metric, terms.repeats)
        found = climbed(problem, terms, begun, quiet or as_json)
        folder = spared(folder, found.report)
        write(folder, found)
        say(found, folder, as_json, quiet)
        leave(found.report, strict)


def climbed(problem: "Problem", terms: Terms, begun: float, silent: bool) -> "Climb":
    """The climb, after a table of what it takes the rows for, and with its progress, unless silent."""
    from infimum.cli.confirmation import FIT, confirm, fit_lines
    from infimum.ladder.climb import climb_on

    if not silent:
        confirm(FIT, fit_lines(problem, terms))
    with progress(silent) as tell:
        return climb_on(problem, terms, tell, begun)


def stem(table: str) -> str:
    """bikes for bikes.csv, bikes.csv.gz and bikes.parquet; table for standard input."""
    name = Path(table).name
    return "table" if table == "-" else name.split(".")[0] or name


def leave(report: dict, strict: bool) -> None:
    """Exit with 130 where rungs are missing, and with 3 where --strict asks for more than there is."""
    if was_interrupted(report):
        raise typer.Exit(INTERRUPTED)
    weak = [rung["name"] for rung in report["rungs"] if not proved(rung)]
    if strict and weak:
        typer.echo(f"--strict: not certified: {', '.join(weak)} (the report says why)", err=True)
        raise typer.Exit(NOT_CERTIFIED)


def was_interrupted(report: dict) -> bool:
    """Whether rungs are missing because the fit was interrupted: those that were done are kept."""
    from infimum.ladder.words import INTERRUPTED as reason

    return any(skipped["reason"] == reason for skipped in report["skipped"])


def proved(rung: dict) -> bool:
    """Whether the rung's gap is certified in every fold, or no gap is asked of it: a network has none."""
    return rung["verdict"] == "CERTIFIED" or rung["name"] == "network"


def check_folder(folder: Path, force: bool) -> None:
    """Raise UsageError where the folder cannot be written, before any work is done."""
    from infimum.files.results import FolderError, check_folder

    try:
        check_folder(folder, force, ("choose another --out", "--force"))
    except FolderError as error:
        raise UsageError(str(error)) from error


def spared(folder: Path, report: dict) -> Path:
    """Where the results go: beside the folder where they are partial and it is there, so that whole ones stay."""
    if not (was_interrupted(report) and folder.exists()):
        return folder
    partial = folder.with_name(f"{folder.name}-partial")
    check_folder(partial, force=True)
    return partial


def write(folder: Path, found: "Climb") -> None:
    """All files into a fresh folder that then takes the wanted one's place, in one step: never half of one."""
    from infimum.report.folder import write_folder

    write_folder(folder, found)


def say(found: "Climb", folder: Path, as_json: bool, quiet: bool) -> None:
    """The answer, the ladder, what not to miss, and where the files are; or the report, or nothing."""
    if as_json:
        typer.echo(json_text(found.report), nl=False)
    if as_json or quiet:
        return
    from infimum.cli.ladder_text import console, ladder_table, notes

    out = console()
    out.print()
    for sentence in found.report["answer"]:
        out.print(sentence, markup=False)
    out.print()
    out.print(ladder_table(found.report))
    out.print()
    for note in notes(found.report):
        out.print(f"note: {note}", markup=False)
    out.print(f"{folder}/: report.html, report.json, model.safetensors ({found.timings['total']:.1f} s)", markup=False)
