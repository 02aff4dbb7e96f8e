"""5,000 broken tables and 500 broken model files through the commands: a result, or one message and exit code 2.

    python benchmarks/broken_files.py [TABLES]

Each table is 60 rows of an example (CSV, TSV, JSON Lines, Parquet or Arrow; packed or not) with something wrong: cells
of another kind, infinities, nested values, other names, few rows, lines shuffled or spoiled, bytes cut, flipped, put in
or doubled, the first bytes of another format. 80% go through `fit`, with the convex rungs; the others through
`columns`, `predict` and `verify`. Warnings are errors. A model file has bytes spoiled, or is sealed again after a part
was changed, and goes through `show`, `predict` or `verify`. All run in processes of their own, so that a library that
ends its process is seen. Counts what came of them and writes it to benchmarks/results/broken_files.txt; exits with 1 if
anything but this happened: exit code 0, or 2 with one line on stderr and every file as it was, or 1 where `verify` says
REFUTED.
"""

import json
import os
import platform
import subprocess
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

for variable in ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS", "POLARS_MAX_THREADS"):
    os.environ.setdefault(variable, "1")

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))
WORKERS, CHUNK = 2, 250
Tried = tuple[str, str, str]  # what, the outcome, what must not be or ""


def work(kind: str, start: int, stop: int) -> None:
    """Print one line of JSON a file of this kind, "table" or "model": what was tried, the outcome, the fault."""
    import infimum.ladder.climb as climbing
    from tests.cli.broken import models, tried_model, tried_table

    warnings.simplefilter("error")
    climbing.find_spec = lambda name: None  # no network rung: the files are what is looked at
    tried = {"table": tried_table, "model": tried_model}[kind]
    with tempfile.TemporaryDirectory() as scratch:
        models(Path(scratch))
        for seed in range(start, stop):
            print(json.dumps(tried(Path(scratch), seed)), flush=True)


def worked(job: tuple[str, int, int]) -> Iterator[Tried]:
    """What processes say of the files of a job; where one ends before its last file, the next goes on after it."""
    kind, start, stop = job
    while start < stop:
        command = [sys.executable, __file__, kind, str(start), str(stop)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        found = [tuple(json.loads(line)) for line in done.stdout.splitlines()]
        yield from found
        start += len(found)
        if start < stop:
            why = (done.stderr.splitlines() or ["without a word"])[-1]
            yield f"{kind} {start}", "the process ended", f"exit code {done.returncode}: {why}"
            start += 1


def main() -> int:
    """Try them all; print and write the counts, and each violation."""
    count, outcomes, wrong = int(sys.argv[1]) if sys.argv[1:] else 5000, Counter(), []
    jobs = [
        (kind, start, min(start + CHUNK, total))
        for kind, total in (("table", count), ("model", count // 10))
        for start in range(0, total, CHUNK)
    ]
    with ThreadPoolExecutor(WORKERS) as pool:
        for found in pool.map(lambda job: list(worked(job)), jobs):
            for what, outcome, fault in found:
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
    if len(sys.argv) == 4:
        work(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
    else:
        sys.exit(main())
