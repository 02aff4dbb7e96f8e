"""--read, --role, --ordered, --drop ↦ Reading and Wishes: what every command that reads a table understands."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from infimum.cli.outcome import UsageError
from infimum.ladder.terms import MetricName, Rule, Terms

if TYPE_CHECKING:
    from infimum.tables import Table
    from infimum.tables.reading import Reading
    from infimum.tables.wishes import Wishes

READ_HELP = (
    "How the file is written, where it is not found out: delimiter=tab, encoding=cp1252, decimal=',', thousands='.', "
    "quote, missing=NA,unknown, missing+=unknown beside the usual words, date:COLUMN=%d/%m/%Y; may be repeated."
)
ROLE_HELP = "Take a column as number, category, ordered, date, text or identifier; may be repeated."
WORDS = {"tab": "\t", "comma": ",", "semicolon": ";", "bar": "|", "space": " ", "none": "", "dot": "."}
SPOKEN = ("tab", "comma", "semicolon", "bar", "space", "dot")
PAIRS = {
    "--role": "COLUMN=ROLE, such as zip=category",
    "--ordered": "COLUMN=LOW,MID,HIGH, such as size=small,big",
}
UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}
FIELDS = ("delimiter", "encoding", "decimal", "thousands", "quote")

TableArgument = Annotated[
    str,
    typer.Argument(
        help="A table: delimited text, JSON Lines, Parquet or Arrow, compressed or not; - for standard input."
    ),
]
ReadOption = Annotated[list[str] | None, typer.Option("--read", metavar="KEY=VALUE", help=READ_HELP)]
DropOption = Annotated[
    list[str] | None, typer.Option("--drop", metavar="COLUMN", help="A column to leave out, or several with commas.")
]
RoleOption = Annotated[
    list[str] | None,
    typer.Option("--role", metavar="COLUMN=ROLE", help=ROLE_HELP),
]
TimeOption = Annotated[
    str, typer.Option("--time", metavar="COLUMN", help="Split in the order of this column; none: at random.")
]
GroupOption = Annotated[str, typer.Option("--group", metavar="COLUMN", help="Keep the rows of one value in one fold.")]
RuleOption = Annotated[
    Rule,
    typer.Option("--rule", help="1se: the simplest that none beats by a gain that counts; best: the lowest error."),
]
MetricOption = Annotated[
    MetricName | None,
    typer.Option("--metric", help="The error that decides; r2, d2, accuracy, auc by what they lack of 1."),
]
RepeatsOption = Annotated[
    int | None,
    typer.Option("--repeats", metavar="N", help="Draw the folds N times; default: 3 times below 200 rows, else once."),
]
ReferenceOption = Annotated[
    bool, typer.Option("--reference/--no-reference", help="Compare with scikit-learn's gradient boosting too.")
]
WidthsOption = Annotated[
    bool,
    typer.Option("--width-curve", help="Measure the network at other widths too: takes four times as long."),
]
AlsoOption = Annotated[
    list[str] | None,
    typer.Option(
        "--also", metavar="MODULE:CLASS", help="Compare with a scikit-learn estimator, or a plug-in, too; repeatable."
    ),
]
CoverageOption = Annotated[
    float, typer.Option("--coverage", metavar="SHARE", help="Of prediction intervals and sets; from 0.5 to below 1.")
]
BudgetOption = Annotated[
    str | None, typer.Option("--budget", metavar="TIME", help="Start no further rung after this time: 60s, 5m, 1h.")
]
TaskOption = Annotated[
    str,
    typer.Option(
        "--task",
        metavar="auto|regression|classification|counts",
        help="What the target is; auto: text or two values are classes, other numbers a quantity.",
    ),
]
OrderedOption = Annotated[
    list[str] | None,
    typer.Option("--ordered", metavar="COLUMN=LOW,MID,HIGH", help="Levels from lowest to highest; may be repeated."),
]


def reading_of(told: Sequence[str] | None, wishes: "Wishes") -> "Reading":
    """The conventions that are told, and the kinds that roles ask for.

    >>> reading_of(["delimiter=tab", "missing=NA,unknown"], wishes_of(None, None)).missing
    ('', 'NA', 'unknown')
    """
    from infimum.tables.reading import Reading

    return with_told(Reading(kinds=wishes.kinds), told)


def with_told(reading: "Reading", told: Sequence[str] | None) -> "Reading":
    """The conventions with those of KEY=VALUE texts in their place; UsageError on an unknown key or value.

    A decimal mark that is told makes the thousands mark of an earlier file void; date:COLUMN=FORMAT sets a format.
    """
    for each in told or ():
        reading = with_one(reading, each)
    check_reading(reading)
    return reading


def with_one(reading: "Reading", told: str) -> "Reading":
    """The conventions with one KEY=VALUE in its place."""
    from infimum.tables import listing
    from infimum.tables.reading import MISSING

    key, equals, value = told.partition("=")
    words = tuple(token for token in value.split(",") if token)
    if equals and key == "missing":
        return replace(reading, missing=("", *words))
    if equals and key == "missing+":
        return replace(reading, missing=tuple(dict.fromkeys((*(reading.missing or MISSING), *words))))
    if equals and value and key.startswith("date:"):
        name = key.removeprefix("date:")
        return replace(reading, kinds={**reading.kinds, name: "time"}, dates={**reading.dates, name: value})
    if not equals or key not in FIELDS:
        keys = listing((*FIELDS, "missing", "missing+", "date:COLUMN"), "or")
        raise UsageError(f"--read {told}: expected KEY=VALUE, KEY one of {keys}")
    void = {"thousands": None} if key == "decimal" and reading.thousands == WORDS.get(value, value) else {}
    return replace(reading, **{key: WORDS.get(value, value), **void})


def check_reading(reading: "Reading") -> None:
    """Raise UsageError where a convention can't be one."""
    import codecs

    from infimum.tables import listing

    for name in ("delimiter", "decimal", "quote"):
        value = getattr(reading, name)
        if value is not None and len(value) != 1:
            words = listing(SPOKEN, "or")
            raise UsageError(f"--read {name}={value}: expected one character, or one of the words {words}")
    if reading.decimal not in (None, ".", ","):
        raise UsageError(f"--read decimal={reading.decimal}: expected . or ,")
    if reading.decimal is not None and reading.decimal == reading.thousands:
        raise UsageError(f"--read: {reading.decimal} can't be both the decimal and the thousands mark")
    try:
        codecs.lookup(reading.encoding or "utf-8")
    except LookupError:
        raise UsageError(
            f"--read encoding={reading.encoding}: no such encoding; utf-8 or cp1252, for example"
        ) from None


def terms_of(rule: Rule, budget: str | None, also: Sequence[str], others: Mapping[str, Any]) -> Terms:
    """How rungs are compared and predictions covered; UsageError on what can't be so. `others` are fields of Terms."""
    limit = None if budget is None else seconds_of(budget)
    for each in also:
        check_also(each)
    try:
        return Terms(rule.value, budget=limit, also=tuple(also), **others)
    except ValueError as error:
        raise UsageError(str(error)) from error


def check_also(told: str) -> None:
    """Raise UsageError where --also names no estimator, before any work is done."""
    from infimum.ladder.also import estimator_of

    try:
        estimator_of(told)
    except ValueError as error:
        raise UsageError(f"--also {error}") from error


def seconds_of(told: str) -> float:
    """A time in seconds; UsageError on anything else.

    >>> seconds_of("60s"), seconds_of("1.5m"), seconds_of("2h"), seconds_of("90")
    (60.0, 90.0, 7200.0, 90.0)
    """
    number, unit = (told[:-1], told[-1]) if told[-1:] in UNITS else (told, "s")
    try:
        seconds = float(number) * UNITS[unit]
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise UsageError(f"--budget {told}: expected a time such as 60s, 5m or 1h")
    return seconds


def pairs(option: str, told: Sequence[str] | None) -> dict[str, str]:
    """{column: value} of COLUMN=VALUE texts; UsageError where there is no equals sign."""
    found = {}
    for each in told or ():
        name, equals, value = each.rpartition("=") if option == "--role" else each.partition("=")
        if not equals or not value or not name:
            raise UsageError(f"{option} {each}: expected {PAIRS[option]}")
        found[name] = value
    return found


def wishes_of(
    role: Sequence[str] | None,
    ordered: Sequence[str] | None,
    drop: Sequence[str] | None = None,
    keep_leaks: bool = False,
    ties: tuple[str, str] = ("", ""),
    read: Sequence[str] | None = None,
) -> "Wishes":
    """The wishes that the options spell out; `ties` are --time and --group.

    >>> wishes_of(["zip=category"], ["size=small,big"]).kinds
    {'zip': 'text', 'size': 'text'}
    """
    from infimum.tables import listing
    from infimum.tables.wishes import ASKED, Wishes

    levels = {
        name: tuple(each.strip() for each in value.split(",")) for name, value in pairs("--ordered", ordered).items()
    }
    roles = pairs("--role", role)
    for name, value in roles.items():
        if value not in ASKED:
            raise UsageError(f"--role {name}={value}: a role is one of {listing(ASKED, 'or')}")
    both = sorted(set(roles) & set(levels))
    if both:
        raise UsageError(f"{listing(both)} is in both --role and --ordered: give one of the two")
    return Wishes(tuple(drop or ()), roles, levels, keep_leaks, *ties, read=tuple(read or ()))


def asked(wishes: "Wishes", task: str) -> "Wishes":
    """The wishes with the --task; UsageError on one that is unknown."""
    from infimum.tables import listing
    from infimum.tables.wishes import TASKS

    if task not in TASKS:
        raise UsageError(f"--task {task}: a task is one of {listing(TASKS, 'or')}")
    return replace(wishes, task=task)


def with_names(wishes: "Wishes", table: "Table") -> "Wishes":
    """The wishes, `--drop a,b` taken apart where 'a,b' is no column and its parts are; TableError on other names."""
    from infimum.tables import no_such_column

    names: list[str] = []
    for told in wishes.drop:
        parts = [told] if told in table.names else [part.strip() for part in told.split(",")]
        for part in parts:
            if part not in table.names:
                raise no_such_column(part, table)
            names.append(part)
    return replace(wishes, drop=tuple(dict.fromkeys(names)))
