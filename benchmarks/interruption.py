"""`kill -9` at 200 moments of `infimum fit --force` over an old result: the folder is the old or the new one, whole.

    python benchmarks/interruption.py [KILLS]

Two fits of one small table, with two seeds, are the two results; each run replaces one by the other and is killed. Of
ten kills, three come at a random moment of the whole run; three at one of the writing, counted from the first sign of
the draft; two at one of the last milliseconds, when all files are there; two at the instant at which the name is seen
to have another folder, or none: a moment without the folder counts as such even if the kill comes too late. A run
that ends before its kill is not counted. Prints where the kills fell and what was found, and writes it to
benchmarks/results/interruption.txt; exits with 1 if the folder was ever missing or mixed, or a draft outlives the next
fit.
"""

import os
import platform
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

for variable in ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS", "POLARS_MAX_THREADS"):
    os.environ.setdefault(variable, "1")

START = """
import infimum.ladder.climb as climbing
from infimum.cli import main
climbing.find_spec = lambda name: None  # no network rung: the writing is what is looked at
climbing.reference_of = lambda *told: None
main()
"""
NAME, WHOLE, WRITING, LAST, SWAP = "bikes-infimum", "whole run", "writing", "last milliseconds", "instant of the swap"
TURN = (WHOLE, WRITING, LAST, SWAP, WHOLE, WRITING, LAST, SWAP, WHOLE, WRITING)


def start(folder: Path, seed: int) -> subprocess.Popen:
    """`infimum fit bikes.csv --target rentals --force` as a process of its own."""
    arguments = ["fit", "bikes.csv", "--target", "rentals", "--force", "--quiet", "--seed", str(seed)]
    return subprocess.Popen([sys.executable, "-c", START, *arguments], cwd=folder)


def drafts(folder: Path) -> list[Path]:
    """The hidden folders beside the result."""
    return [each for each in folder.iterdir() if each.name.startswith(f".{NAME}.")]


def pages(folder: Path) -> tuple[bytes, bytes]:
    """What tells one result from the other: the model file and the report's numbers."""
    return (folder / "model.safetensors").read_bytes(), (folder / "report.json").read_bytes()


def state(folder: Path, results: list[tuple[bytes, bytes]]) -> str:
    """0 or 1 for a whole result of that seed; else what is wrong."""
    from infimum.cli.files import FILES, strangers

    if not folder.exists():
        return "neither"
    if sorted(each.name for each in folder.iterdir()) != sorted(FILES):
        return "not all files"
    if pages(folder) not in results:
        return "mixed"
    return "mixed" if strangers(folder) else str(results.index(pages(folder)))


def timed(folder: Path, seed: int) -> tuple[float, float, float]:
    """Seconds of a whole run, of its writing, and of its end from the last file's first byte."""
    began, seen, complete = time.perf_counter(), 0.0, 0.0
    process = start(folder, seed)
    while process.poll() is None:
        found, now = drafts(folder), time.perf_counter()
        seen = seen or (now if found else 0.0)
        complete = complete or (now if any((each / "report.html").exists() for each in found) else 0.0)
        if seen and not found:
            break
    gone = time.perf_counter()
    assert process.wait() == 0 and seen and complete
    return time.perf_counter() - began, gone - seen, gone - complete


def inode(folder: Path) -> int:
    """The number of the folder that has the name; 0 if none has."""
    try:
        return os.stat(folder).st_ino
    except FileNotFoundError:
        return 0


def kill(folder: Path, seed: int, moment: str, delay: float) -> str:
    """Start a fit and kill it at that moment + delay: "killed", "ended" if it was too late, "gone" without the name."""
    left, there = {each.name for each in drafts(folder)}, inode(folder / NAME)
    process, now = start(folder, seed), there
    while moment != WHOLE and process.poll() is None:
        fresh = [each for each in drafts(folder) if each.name not in left]
        if fresh and (moment == WRITING or (fresh[0] / "report.html").exists()):
            break
        time.sleep(0.0003)
    limit = time.perf_counter() + 10.0
    while moment == SWAP and now == there and time.perf_counter() < limit:
        now = inode(folder / NAME)
    until = time.perf_counter() + delay
    while time.perf_counter() < until:
        time.sleep(0.01 if until - time.perf_counter() > 0.02 else 0)
    process.send_signal(signal.SIGKILL)
    killed = process.wait() == -signal.SIGKILL
    if not killed and process.returncode:
        raise SystemExit("a fit failed by itself: its message is above")
    return "gone" if now == 0 else "killed" if killed else "ended"


def trial(folder: Path, kills: int) -> tuple[list[str], bool]:
    """(lines, sound) after so many kills, and one fit that is let be."""
    results, seconds = [], []
    for seed in (0, 1):
        seconds.append(timed(folder, seed))
        results.append(pages(folder / NAME))
    whole, writing, last = (min(each) for each in zip(*seconds, strict=True))
    longest = {WHOLE: whole, WRITING: 1.5 * writing, LAST: 1.5 * last, SWAP: 0.0}
    draw, counts, left, ended, now = random.Random(0), Counter(), 0, 0, 1
    while counts.total() < kills:
        moment = TURN[counts.total() % len(TURN)]
        before = len(drafts(folder))
        done = kill(folder, 1 - now, moment, draw.uniform(0, longest[moment]))
        if done == "ended":
            ended, now = ended + 1, int(state(folder / NAME, results))
            continue
        found = state(folder / NAME, results)
        word = {str(now): "old", str(1 - now): "new"}.get(found, found)
        counts[moment, "gone for a moment" if done == "gone" else word] += 1
        left += len(drafts(folder)) > before
        if found not in "01":
            break
        now = int(found)
    swept = start(folder, 1 - now).wait() == 0 and not drafts(folder)
    lines = [f"a fit takes {whole:.2f} s, its writing {1e3 * writing:.0f} ms, its end {1e3 * last:.1f} ms"]
    for moment in (WHOLE, WRITING, LAST, SWAP):
        outcomes = ", ".join(f"{count} {what}" for (when, what), count in sorted(counts.items()) if when == moment)
        lines.append(f"{moment}: {outcomes}")
    sound = all(what in ("old", "new") for _, what in counts) and swept
    lines.append(f"{counts.total()} kills; {left} left a draft, {'all' if swept else 'NOT all'} swept by the next fit")
    lines.append(f"{ended} run(s) ended before their kill, not counted; {'sound' if sound else 'NOT SOUND'}")
    return lines, sound


def main() -> int:
    """Print and write what was found; the number of kills can be given."""
    draw = random.Random(0)
    rows = [(hour := draw.randrange(24), 3.0 * hour + draw.gauss(0, 1)) for _ in range(60)]
    with tempfile.TemporaryDirectory() as scratch:
        table = "\n".join(f"{hour},{rentals!r}" for hour, rentals in rows)
        (Path(scratch) / "bikes.csv").write_text(f"hour,rentals\n{table}\n")
        lines, sound = trial(Path(scratch), int(sys.argv[1]) if sys.argv[1:] else 200)
    lines.insert(0, f"machine: {os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}")
    print("\n".join(lines))
    if not sys.argv[1:]:
        (Path(__file__).parent / "results" / "interruption.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return 0 if sound else 1


if __name__ == "__main__":
    sys.exit(main())
