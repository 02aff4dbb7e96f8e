"""exception ↦ (one message, exit code): what a user sees when something is wrong; never a traceback."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import typer

FAILED, BAD_INPUT, NOT_CERTIFIED, INTERRUPTED = 1, 2, 3, 130


class UsageError(ValueError):
    """A usage error: the message says what was given, what was expected, what to do; exit code 2."""


@contextmanager
def told() -> Iterator[None]:
    """Turn every exception of a command into a message on stderr and an exit code; INFIMUM_DEBUG=1 lets it through."""
    try:
        yield
    except (typer.Exit, typer.Abort):
        raise
    except BrokenPipeError:
        sys.stdout = None  # type: ignore[assignment]  # the reader has gone; nothing more can be said to it
        raise typer.Exit(0) from None
    except KeyboardInterrupt:
        stop("interrupted; no file is half-written", INTERRUPTED)
    except Exception as error:
        if os.environ.get("INFIMUM_DEBUG") == "1":
            raise
        from infimum.files.model_file import ModelFileError
        from infimum.tables import TableError

        if isinstance(error, UsageError | TableError | ModelFileError | OSError):
            stop(in_words(error), BAD_INPUT)
        told_why = f"{type(error).__name__}: {error}"
        stop(f"{told_why}\nThis is a fault of infimum, not of your table: INFIMUM_DEBUG=1 shows where.", FAILED)


def in_words(error: Exception) -> str:
    """The message of an error; of an operating system's, with the file it is about."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror.lower()}" if error.filename else error.strerror
    return str(error)


def stop(message: str, code: int) -> NoReturn:
    """Say `error: message` on stderr and end with the code."""
    typer.echo(f"error: {message}", err=True)
    raise typer.Exit(code)
