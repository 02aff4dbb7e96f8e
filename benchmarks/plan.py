"""`infimum plan` against what happened: time and peak memory of each rung, for every pair of table and rung.

    INFIMUM_DATA=FOLDER python benchmarks/plan.py [TABLE ...]

The plan and the fit each run in a process of their own, on a table of FOLDER. Prints a page and writes it to
benchmarks/results/plan.txt; exits with 1 unless nine of ten pairs are within a factor of 2 in time and of 1.5 in
memory.
"""

import json
import os
import platform
import subprocess
import sys
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

from public_tables import TARGETS
from public_tables import folder as folder_of_tables

TABLES = (
    "california_housing",
    "bike_sharing",
    "concrete",
    "ames_housing",
    "german_credit",
    "titanic",
    "banknote",
    "wine_quality",
)
FIT = """
import json, resource, sys
from infimum.ladder.climb import climb
from infimum.tables.reading.read import read_table
peaks, running = {}, [None]
def tell(text, done, total):
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    if running[0] is not None:
        peaks[running[0]] = peak  # of the rung that has just ended, or is under way
    running[0] = text.split(",")[0].split(" (")[0] if ", fold" in text else None
found = climb(read_table(sys.argv[1]), sys.argv[2], progress=tell)
print(json.dumps({"seconds": found.timings["rungs"], "megabytes": peaks}))
"""


def run(*command: str) -> dict:
    """What a command of this Python prints, as JSON."""
    done = subprocess.run([sys.executable, *command], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def page(name: str, path: Path) -> tuple[list[str], list[tuple[bool, bool]]]:
    """(lines, [(time within 2, memory within 1.5) of each rung])."""
    target = TARGETS[name]
    planned = run("-m", "infimum", "plan", str(path), "--target", target, "--json")
    actual = run("-c", FIT, str(path), target)
    lines = [f"{name}: {planned['rows']} rows, {planned['features']} features, {planned['pilot']:.1f} s of trials"]
    good = []
    for rung in planned["rungs"]:
        each, (low, middle, high), megabytes = rung["rung"], rung["seconds"], rung["megabytes"][1]
        took, held = actual["seconds"][each], actual["megabytes"][each]
        good.append((0.5 <= took / middle <= 2, 1 / 1.5 <= held / megabytes <= 1.5))
        marks = f"{'' if good[-1][0] else ' TIME'}{'' if good[-1][1] else ' MEMORY'}"
        interval = "inside" if low <= took <= high else "outside"
        lines.append(
            f"   {each:<14} planned {middle:7.2f} s ({low:.2f} to {high:.2f}), took {took:7.2f} s, {interval}; "
            f"planned {megabytes:5.0f} MB, held {held:5.0f} MB{marks}"
        )
    return lines, good


def main() -> int:
    """Print and write the pages of the tables named on the command line (all without a name)."""
    folder = folder_of_tables()
    lines = [f"machine: {os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}; one thread"]
    print(lines[0])
    pairs: list[tuple[bool, bool]] = []
    for name in sys.argv[1:] or TABLES:
        found, good = page(name, folder / name / f"{name}.csv.gz")
        print("\n".join(found), flush=True)
        lines += found
        pairs += good
    on_time, in_memory = (sum(pair[at] for pair in pairs) for at in (0, 1))
    lines.append(f"{len(pairs)} pairs: time within 2 in {on_time}, memory within 1.5 in {in_memory}; required 9 of 10")
    print(lines[-1])
    if not sys.argv[1:]:
        (Path(__file__).parent / "results" / "plan.txt").write_text("\n".join(lines) + "\n")
    return 0 if min(on_time, in_memory) >= 0.9 * len(pairs) else 1


if __name__ == "__main__":
    sys.exit(main())
