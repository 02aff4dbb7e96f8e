"""A training killed at random moments, by SIGKILL: are the bits those of one that was let be?

    python benchmarks/killed.py [KILLS]

A network on 3,000 rows is trained for 1,000 epochs with a checkpoint, by a process that is killed after a random part
of the time that this takes, and begun again: 50 times, or as often as asked for. Prints how many of them have other
parameters at the end than the training that was never killed, and exits with 1 where one has. Writes
benchmarks/results/killed.txt.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from kept import machine

PAGE = Path(__file__).parent / "results" / "killed.txt"
PROGRAM = """
import sys
import numpy as np
from infimum import MLPRegressor
from infimum.solvers import checkpoint
checkpoint.EVERY = 0.05
rng = np.random.default_rng(0)
X = rng.standard_normal((3000, 5))
y = np.sin(2 * X[:, 0]) + X[:, 1] * X[:, 2] + 0.1 * rng.standard_normal(3000)
print("begun", flush=True)
path = sys.argv[1] if len(sys.argv) > 1 else None
model = MLPRegressor((64, 64), max_iter=1000, n_iter_no_change=1000, checkpoint=path).fit(X, y)
print(model.params_.tobytes().hex(), flush=True)
"""


def main(kills: int) -> int:
    """How many trainings have other bits."""
    rng = np.random.default_rng(0)
    process = _begun([sys.executable, "-c", PROGRAM])
    start = time.perf_counter()
    plain = process.communicate()[0].split()
    whole = time.perf_counter() - start
    killed, other, went_on = 0, 0, 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "training.checkpoint"
        train = [sys.executable, "-c", PROGRAM, str(path)]
        while killed < kills:
            process = _begun(train)
            try:
                process.communicate(timeout=rng.uniform() * whole)
                continue  # it was faster than that: nothing was killed
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
            killed, went_on = killed + 1, went_on + path.exists()
            out = subprocess.run(train, capture_output=True, text=True, check=True).stdout.split()
            other += out[-1] != plain[-1]
    lines = [
        machine(),
        f"{killed} trainings killed and begun again, of which {went_on} had a checkpoint to go on from",
        f"with other bits at the end than the training that was never killed: {other}",
    ]
    print("\n".join(lines))
    PAGE.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return other


def _begun(train: list[str]) -> subprocess.Popen[str]:
    """A process that has imported all and is about to train."""
    process = subprocess.Popen(train, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    process.stdout.readline()
    return process


if __name__ == "__main__":
    sys.exit(1 if main(int(sys.argv[1]) if len(sys.argv) > 1 else 50) else 0)
