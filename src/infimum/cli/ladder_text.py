"""report ↦ text: the answer, the ladder as a table, the claims, for a terminal or a pipe."""

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

NOT_USED = ("identifier", "text", "constant", "duplicate")
SAID = ("INF131",)  # notes that a reader of the terminal is told too: about the target
COLOURS = {"CERTIFIED": "green", "INSUFFICIENT": "yellow", "REFUTED": "bold red"}


def console(stderr: bool = False) -> "Console":
    """Where text goes: stdout or stderr, 110 columns wide in a pipe; colour on a terminal without NO_COLOR."""
    from rich.console import Console

    terminal = (sys.stderr if stderr else sys.stdout).isatty()
    return Console(stderr=stderr, width=None if terminal else 110, highlight=False, emoji=False)


def ladder_table(report: dict[str, Any]) -> "Table":
    """rung, error ± standard error, gap relative to F(null) − inf F, verdict; the choice marked."""
    from rich.table import Table

    from infimum.ladder.words import METRICS, around

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("")
    table.add_column("rung")
    table.add_column(f"{METRICS[report['metric']][1]} on new rows", justify="right")
    table.add_column("gap, of F(null) − inf F", justify="right")
    table.add_column("verdict")
    for rung in report["rungs"]:
        relative = "" if rung["gap_relative"] is None else f"≤ {rung['gap_relative']:.1e}"
        error = around(rung["mean"], rung["standard_error"])
        mark, style = ("→", "bold") if rung["chosen"] else ("", "")
        table.add_row(mark, rung["name"], error, relative, coloured(rung["verdict"]), style=style)
    if report["reference"]:
        error = around(report["reference"]["mean"], report["reference"]["standard_error"])
        table.add_row("", "(boosting)", error, "", "for reference", style="dim")
    for line in report["also"]:
        error = around(line["mean"], line["standard_error"])
        table.add_row("", f"({line['title']})", error, "", "for comparison", style="dim")
    return table


def coloured(verdict: str) -> str:
    """The verdict in its colour, as rich markup."""
    return f"[{COLOURS[verdict]}]{verdict}[/]" if verdict in COLOURS else verdict


def notes(report: dict[str, Any]) -> list[str]:
    """What a reader must not miss: leaks, the split, rungs left out, minima not attained, columns not used."""
    from infimum.report.coverage_words import coverage_note
    from infimum.report.table_words import by_severity, leak_text, search_text
    from infimum.report.width_words import width_words

    findings = by_severity(report)
    told = [each for each in findings if each["severity"] != "note" or each["code"] in SAID]
    said = [f"{each['statement']} {each['remedy']} ({each['code']})" for each in told]
    said += [leak_text(report)] if report["leak"] else []
    said += [search_text(report)]
    said += [line["statement"] for line in (report["reference"], *report["also"]) if line]
    said += [each for each in (coverage_note(report),) if each]
    curve = width_words(report, "error")
    said += [f"width curve: {curve['sentence']} {curve['own']}"] if curve else []
    unknown = report["table"]["rows"] - report["table"]["used_rows"]
    said += (
        [f"{unknown} of {report['table']['rows']} rows have no {report['target']['name']}: left out."]
        if unknown
        else []
    )
    said += [report["folds"]["reason"]] if report["folds"]["kind"] != "random" else []
    said += [f"{skipped['name']} left out: {skipped['reason']}." for skipped in report["skipped"]]
    said += [f"{rung['name']}: in some fold, {rung['unattained']}." for rung in report["rungs"] if rung["unattained"]]
    aside = [f"{each['name']} ({each['role']})" for each in report["columns"] if each["role"] in NOT_USED]
    shown = ", ".join(aside[:8]) + (f" and {len(aside) - 8} more" if len(aside) > 8 else "")
    said += [f"columns not used: {shown}; the report says why."] if aside else []
    quiet = len(findings) - len(told)
    return said + ([f"{quiet} more finding(s) about the columns are in the report."] if quiet else [])
