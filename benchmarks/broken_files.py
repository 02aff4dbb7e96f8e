"""5,000 broken tables and 500 broken model files through the commands: a result, or one message and exit code 2.

    python benchmarks/broken_files.py [TABLES]

Each table is 60 rows of an example (CSV, TSV, JSON Lines, Parquet or Arrow; packed or not) with something wrong: cells
of another kind, infinities, nested values, other names, few rows, lines shuffled or spoiled, bytes cut, flipped, put in
or doubled, the first bytes of another format. 80% go through `fit`, with the convex rungs; the others through
`columns`, `predict` and `verify`. Warnings are errors. A model file has bytes spoiled, or is sealed again after a part
was changed, and goes through `show`, `predict` or `verify`. Counts what came of them and writes it to
benchmarks/results/broken_files.txt; exits with 1 if anything but this happened: exit code 0, or 2 with one line on
stderr and every file as it was, or 1 where `verify` says REFUTED.
"""

import os
import platform
import sys
import tempfile
import warnings
from collections import Counter
from pathlib import Path

for variable in ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS", "POLARS_MAX_THREADS"):
    os.environ.setdefault(variable, "1")

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))


def main() -> int:
    """Try them all; print and write the counts, and each violation."""
    import infimum.ladder.climb as climbing
    from tests.cli.broken import models, tried_model, tried_table

    warnings.simplefilter("error")
    climbing.find_spec = lambda name: None  # no network rung: the files are what is looked at
    count, outcomes, wrong = int(sys.argv[1]) if sys.argv[1:] else 5000, Counter(), []
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        models(folder)
        for tried, seeds in ((tried_table, range(count)), (tried_model, range(count // 10))):
            for seed in seeds:
                what, outcome, fault = tried(folder, seed)
                outcomes[outcome] += 1
                if fault:
                    wrong.append(f"WRONG {what}: {fault}")
                    print(wrong[-1], flush=True)
    lines = [f"machine: {os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"]
    lines += [f"{count} broken tables, {count // 10} broken model files", ""]
    lines += [f"{outcomes[outcome]:>6}  {outcome}" for outcome in sorted(outcomes)]
    lines += ["", *wrong, f"{len(wrong)} violation(s): other exit codes, more than one message, files left behind"]
    print("\n".join(lines))
    if not sys.argv[1:]:
        (HERE / "results" / "broken_files.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
