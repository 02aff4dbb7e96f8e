"""Separated or not, along which columns, and what it costs to know: five public tables, one-hot encoded, no penalty.

    INFIMUM_DATA=... python benchmarks/separation.py

Each table's numbers are taken as they are (the median for what is missing), its texts as indicators of all levels but
the first. A fit is timed without the look for separation, that look by itself; it must take no longer than the fit, so
that the whole is within twice the time. What is named is held against a search that is none of the library's: each
indicator that leaves a single class where it is 1, counted from the table, must be among
the columns named where classes are separated in part; and the direction is derived again by `infimum.verify`. Prints a
line a table, writes benchmarks/results/separation.txt and exits with 1 where a look takes longer or is not confirmed.
"""

import os
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas
from kept import machine

import infimum
from infimum import LogisticRegression
from infimum.certificates import certify

TABLES = {"adult": "income", "bank_marketing": "y", "mushroom": "class", "ionosphere": "class", "banknote": "class"}
PAGE = Path(__file__).parent / "results" / "separation.txt"


def one_hot(name: str) -> tuple[pandas.DataFrame, np.ndarray]:
    """(X, y) of a table."""
    table = pandas.read_csv(Path(os.environ["INFIMUM_DATA"]) / name / f"{name}.csv.gz")
    y = table.pop(TABLES[name]).to_numpy()
    numbers = table.select_dtypes("number")
    texts = table.drop(columns=numbers.columns)
    parts = [numbers.fillna(numbers.median()).astype(float)]
    if len(texts.columns):
        parts.append(pandas.get_dummies(texts.fillna("missing"), drop_first=True).astype(float))
    return pandas.concat(parts, axis=1), y


def alone(X: pandas.DataFrame, y: np.ndarray) -> list[str]:
    """The indicators that leave a single class where they are 1: each separates by itself."""
    binary = [name for name in X if set(np.unique(X[name])) <= {0.0, 1.0} and X[name].any()]
    return [name for name in binary if len(np.unique(y[X[name].to_numpy() == 1.0])) == 1]


def timed(X: pandas.DataFrame, y: np.ndarray) -> tuple[Any, float, float]:
    """(model, seconds of the fit without the look for separation, seconds of that)."""
    spent, look = [0.0], certify.SEPARATIONS["logistic"]

    def watched(*arguments: Any) -> Any:
        begun = time.perf_counter()
        found = look(*arguments)
        spent[0] += time.perf_counter() - begun
        return found

    certify.SEPARATIONS["logistic"] = watched
    begun = time.perf_counter()
    model = LogisticRegression(C=np.inf).fit(X, y)
    whole = time.perf_counter() - begun
    certify.SEPARATIONS["logistic"] = look
    return model, whole - spent[0], spent[0]


def line(name: str) -> tuple[str, bool]:
    """(what is to be said of a table, whether it is as it should be)."""
    X, y = one_hot(name)
    runs = [timed(X, y) for _ in range(3)]
    model = runs[0][0]
    fit, look = (min(run[k] for run in runs) for k in (1, 2))
    claim = model.certificate_.claim("separation")
    direction = None if claim is None else np.atleast_2d(claim.witness["direction"])[0]
    moved = set() if direction is None else {model.names_[j] for j in np.flatnonzero(direction)}
    own, refuted = alone(X, y), infimum.verify(model, X, y).refuted
    complete = claim is not None and "completely" in claim.statement
    named = complete or (bool(moved) or not own) and all(_covered(X, each, moved) for each in own)
    good = named and not refuted and look <= fit
    told = "not separated" if claim is None else ("completely" if complete else "partly") + f", {len(moved)} columns"
    first = "" if claim is None else claim.statement.split("along ")[1].split(";")[0]
    seconds = f"fit {fit:6.2f} s, look {look:5.2f} s, whole {1 + look / fit:4.2f} times the fit"
    verdict = "as it should be" if good else "NOT as it should be"
    return f"{name:<15} {len(X):>6} × {X.shape[1]:<4} {seconds}; {told:<24} {verdict}; {first}", good


def _covered(X: pandas.DataFrame, column: str, moved: set[str]) -> bool:
    """Whether the column is named, or the rows where it is 1 are moved by others that are: the same indicator twice."""
    rows = X[column].to_numpy() == 1.0
    return column in moved or any(X[name].to_numpy()[rows].all() for name in moved if name in X)


def main() -> int:
    """Print and write the lines; 0 if all is as it should be."""
    warnings.simplefilter("ignore")
    found = [line(name) for name in TABLES]
    lines = [machine(), *(each for each, _ in found)]
    print("\n".join(lines))
    PAGE.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return 0 if all(good for _, good in found) else 1


if __name__ == "__main__":
    sys.exit(main())
