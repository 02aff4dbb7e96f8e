"""Reading 1 GB of CSV: seconds of read_table against those of polars.read_csv, and the peak memory up to the matrix X.

    python benchmarks/reading.py [GIGABYTES] [REPEATS]

Generates a seeded file of whole numbers, decimals with missing cells, and a category in a temporary folder; reads it
in turn by both, each time in a new process; then measures the peak memory of read_table, fit_encoder and encode. Prints
a page and writes it to benchmarks/results/reading.txt; exits with 1 if the median speed is below 70% of polars' own, or
the peak above 4 times the bytes of X.
"""

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

WHOLE, DECIMAL, BATCH = 8, 8, 500_000
SPEED, MEMORY = 0.7, 4.0


def generate(path: Path, size: float) -> None:
    """Write records of 8 whole numbers, 8 decimals (4 with 5% missing) and a category, until there are `size` bytes."""
    import numpy as np
    import polars

    rng = np.random.default_rng(0)
    with path.open("wb") as file:
        while file.tell() < size:
            columns = {f"whole{at}": polars.Series(rng.integers(0, 100_000, BATCH)) for at in range(WHOLE)}
            for at in range(DECIMAL):
                values = polars.Series(np.round(100 * rng.normal(size=BATCH), 4))
                gaps = polars.Series(rng.random(BATCH) < 0.05 * (at % 2))
                columns[f"decimal{at}"] = values.set(gaps, None)
            columns["category"] = polars.Series(rng.integers(0, 12, BATCH)).cast(polars.String).str.pad_start(9, "x")
            polars.DataFrame(columns).write_csv(file, include_header=file.tell() == 0)


def compiled() -> None:
    """The kernel, compiled and in memory: its compilation is a cost of the first run after an installation alone."""
    from infimum.tables.reading import Reading
    from infimum.tables.reading.scan import scan

    scan(b"1,x\n", 0, Reading(), (0,), 2)


def peak() -> int:
    """Highest resident memory of this process so far, bytes."""
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def measured(what: str, path: str) -> dict[str, float]:
    """Seconds of one reading, its import not counted; for "encode" the peak memory and the bytes of X too."""
    import polars

    if what == "polars":
        start = time.perf_counter()
        rows = polars.read_csv(path).height
        return {"seconds": time.perf_counter() - start, "rows": rows, "peak": peak()}
    compiled()
    from infimum.tables.encode import fit_encoder
    from infimum.tables.reading.read import read_table

    start = time.perf_counter()
    table = read_table(path)
    found = {"seconds": time.perf_counter() - start, "rows": table.rows, "peak": peak()}
    if what == "encode":
        X = fit_encoder(table, table.names).encode(table)
        found |= {"bytes": X.nbytes, "features": X.shape[1], "peak": peak()}
    return found


def in_new_process(what: str, path: Path) -> dict[str, float]:
    """`measured` in a process of its own, with every core."""
    threads = ("POLARS_MAX_THREADS", "NUMBA_NUM_THREADS", "OMP_NUM_THREADS")
    environment = {name: value for name, value in os.environ.items() if name not in threads}
    command = [sys.executable, __file__, "--measure", what, str(path)]
    return dict(json.loads(subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout))


def page(size: float, repeats: int) -> tuple[list[str], bool]:
    """(lines, whether both limits are kept)."""
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "generated.csv"
        generate(path, size)
        in_new_process("polars", path)  # the file is in the page cache from here on
        pairs = [(in_new_process("ours", path), in_new_process("polars", path)) for _ in range(repeats)]
        encoded = in_new_process("encode", path)
        bytes_read = path.stat().st_size
    ours, theirs = ([each["seconds"] for each in runs] for runs in zip(*pairs, strict=True))
    speed = statistics.median(theirs) / statistics.median(ours)
    memory = encoded["peak"] / encoded["bytes"]
    each_pair = ", ".join(f"{b / a:.0%}" for a, b in zip(ours, theirs, strict=True))
    lines = [
        f"machine: {os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}; "
        f"load average {load:.1f} before",
        f"{bytes_read / 1e9:.2f} GB of CSV: {encoded['rows']} rows, {WHOLE + DECIMAL + 1} columns",
        f"read_table       {', '.join(f'{each:.2f}' for each in ours)} s",
        f"polars.read_csv  {', '.join(f'{each:.2f}' for each in theirs)} s",
        f"speed: {speed:.0%} of polars' own (medians; at least {SPEED:.0%}); pair by pair {each_pair}",
        f"peak memory: read_table {pairs[0][0]['peak'] / 1e9:.2f}, polars.read_csv {pairs[0][1]['peak'] / 1e9:.2f} GB",
        f"peak memory of read_table, fit_encoder and encode {encoded['peak'] / 1e9:.2f} GB: {memory:.2f} times the "
        f"{encoded['bytes'] / 1e9:.2f} GB of X, {encoded['features']} features (at most {MEMORY:g})",
    ]
    return lines, speed >= SPEED and memory <= MEMORY


def main() -> int:
    """Print the page, and write it where the full size was read."""
    if sys.argv[1:2] == ["--measure"]:
        print(json.dumps(measured(*sys.argv[2:])))
        return 0
    size = float(sys.argv[1]) * 1e9 if sys.argv[1:] else 1e9
    lines, kept = page(size, int(sys.argv[2]) if sys.argv[2:] else 3)
    print("\n".join(lines))
    if size >= 1e9:
        (Path(__file__).parent / "results" / "reading.txt").write_text("\n".join(lines) + "\n")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
