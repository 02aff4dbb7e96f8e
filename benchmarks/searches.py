"""The error of the chosen rung, corrected for having searched, against its error on fresh rows: is it honest?

    python benchmarks/searches.py [SEARCHES [METRIC METRIC]]

SEARCHES tables (200) of 500 rows, drawn in turn from noise, least squares, ridge, lasso, curves and products (see
benchmarks/planted.py), half of numbers and half of classes, are each searched by the ladder's convex rungs. The error
of the chosen rung on 20,000 fresh rows is compared with the stated one, corrected (`search` in the report), and with
its 90% interval. Prints a page and writes it to benchmarks/results/searches.txt; exits with 1 where the mean bias
exceeds 2% or the intervals cover less than 86% or more than 94%.
"""

import os
import platform
import sys
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from planted import TRUTHS, drawn, on_fresh_rows

ROWS, BIAS, COVERED = 500, 0.02, (0.86, 0.94)


def main() -> int:
    """Search, compare, print a line for each kind of table and one for all."""
    import infimum.ladder.climb as climbing
    from infimum.ladder.terms import Terms

    climbing.find_spec = lambda name: None  # the convex rungs
    searches, metrics = int(sys.argv[1]) if sys.argv[1:] else 200, sys.argv[2:4]
    found: dict[tuple[str, str], list[tuple[float, float, bool]]] = {}
    for seed in range(searches):
        truth, classes = TRUTHS[seed % len(TRUTHS)], seed // len(TRUTHS) % 2 == 1
        learn, fresh = drawn(truth, classes, ROWS, np.random.default_rng([seed, 77]))
        terms = Terms(reference=False, metric=metrics[classes] if metrics else None)
        climb = climbing.climb(learn, "y", terms=terms, seed=seed)
        true, search = on_fresh_rows(climb, fresh), climb.report["search"]
        stated = next(rung["mean"] for rung in climb.report["rungs"] if rung["chosen"])
        each = (stated / true - 1, search["corrected"] / true - 1, search["low"] <= true <= search["high"])
        found.setdefault(("classes" if classes else "numbers", truth), []).append(each)
    lines = [f"machine: {os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"]
    every = [each for rows in found.values() for each in rows]
    for name, rows in (*((", ".join(key), rows) for key, rows in found.items()), ("all", every)):
        stated, corrected, covered = np.mean(np.array(rows, dtype=float), axis=0)
        lines.append(
            f"{name}: {len(rows)} searches, stated {stated:+.2%}, corrected {corrected:+.2%}, covered {covered:.1%}"
        )
    honest = abs(corrected) <= BIAS and COVERED[0] <= covered <= COVERED[1]
    lines.append(
        f"bias within {BIAS:.0%} and coverage {COVERED[0]:.0%} to {COVERED[1]:.0%}: {'yes' if honest else 'NO'}"
    )
    print("\n".join(lines))
    if searches >= 200:
        page = Path(__file__).parent / "results" / f"{'_'.join(['searches', *metrics])}.txt"
        page.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return 0 if honest else 1


if __name__ == "__main__":
    sys.exit(main())
