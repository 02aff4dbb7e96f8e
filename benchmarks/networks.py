"""Training at equal epochs, batch and architecture: infimum, scikit-learn's MLP, a plain PyTorch loop, in turn.

    python benchmarks/networks.py [--quick]

The plain loop has its rows resident in one tensor, drawn anew each epoch and cut into slices, nn.Sequential,
CrossEntropyLoss and torch's own AdamW. All run on one thread, on 20,000 rows of 50 columns and 10 classes, batches of
256, 30 epochs at a constant rate, no early stopping, after a run that is not counted; the time is that of the whole
fit and of the predictions. infimum's products of wide layers are in bfloat16 where the processor multiplies it, in
tiles (AMX) or vectors (AVX-512 BF16): the page says which. The others' are in float32. Prints the least and the median
time a step, how they compare with infimum's, and the mean loss on the rows in evaluation mode at the end; writes
benchmarks/results/networks.txt.
"""

import os
import sys
import time
import warnings
from pathlib import Path
from statistics import median

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from kept import machine

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("KMP_BLOCKTIME", "0")
import torch
from sklearn.metrics import log_loss
from sklearn.neural_network import MLPClassifier as Theirs

from infimum import MLPClassifier
from infimum.networks.trained import multiplied

ROWS, COLUMNS, CLASSES, BATCH, RATE = 20_000, 50, 10, 256, 2e-3
HIDDEN = {"64": (64,), "128, 128": (128, 128), "256, 256": (256, 256), "512, 512": (512, 512)}
WIDE = 512  # from here on without scikit-learn, whose steps take ten times as long
PAGE = Path(__file__).parent / "results" / "networks.txt"


def drawn() -> tuple[np.ndarray, np.ndarray]:
    """(X, y): standard normal columns, classes by a random network and noise."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((ROWS, COLUMNS))
    scores = np.tanh(X @ rng.standard_normal((COLUMNS, 30)) / 4) @ rng.standard_normal((30, CLASSES))
    return X, np.argmax(scores + rng.gumbel(size=scores.shape), axis=1)


def ours(X: np.ndarray, y: np.ndarray, hidden: tuple[int, ...], epochs: int) -> np.ndarray:
    how = {"batch_size": BATCH, "max_iter": epochs, "learning_rate_init": RATE, "learning_rate": "constant"}
    return MLPClassifier(hidden, solver="adamw", alpha=0.0, early_stopping=False, **how).fit(X, y).predict_proba(X)


def theirs(X: np.ndarray, y: np.ndarray, hidden: tuple[int, ...], epochs: int) -> np.ndarray:
    how = {"batch_size": BATCH, "max_iter": epochs, "learning_rate_init": RATE, "tol": 0.0, "n_iter_no_change": epochs}
    return Theirs(hidden, alpha=0.0, random_state=0, **how).fit(X, y).predict_proba(X)


def plain(X: np.ndarray, y: np.ndarray, hidden: tuple[int, ...], epochs: int) -> np.ndarray:
    torch.manual_seed(0)
    x, target = torch.tensor(X, dtype=torch.float32), torch.tensor(y)
    widths, layers = (COLUMNS, *hidden, CLASSES), []
    for into, out in zip(widths[:-1], widths[1:], strict=True):
        layers += [torch.nn.Linear(into, out), torch.nn.ReLU()]
    model = torch.nn.Sequential(*layers[:-1])
    optimiser, loss = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0.0), torch.nn.CrossEntropyLoss()
    for _ in range(epochs):
        order = torch.randperm(len(x))
        rows, classes = x[order], target[order]
        for start in range(0, len(x), BATCH):
            optimiser.zero_grad()
            loss(model(rows[start : start + BATCH]), classes[start : start + BATCH]).backward()
            optimiser.step()
    with torch.no_grad():
        return torch.softmax(model(x), dim=1).double().numpy()


def main(epochs: int, repeats: int) -> None:
    """A table, and its page."""
    torch.set_num_threads(1)
    (X, y), steps = drawn(), epochs * -(-ROWS // BATCH)
    lines = [
        f"{machine()}; products of bfloat16: {multiplied()}",
        f"{ROWS} × {COLUMNS}, {CLASSES} classes, batches of {BATCH}, {epochs} epochs, one thread",
        "",
    ]
    lines.append(f"{'hidden':12}{'':14}{'least ms/step':>14}{'median':>9}{'ratio':>8}{'ratio':>8}{'log-loss':>10}")
    for name, hidden in HIDDEN.items():
        solvers = {"infimum": ours, "plain PyTorch": plain}
        solvers |= {"scikit-learn": theirs} if max(hidden) < WIDE else {}
        took: dict[str, list[float]] = {each: [] for each in solvers}
        losses = {}
        for round_ in range(repeats + 1):
            for each, train in solvers.items():
                start = time.perf_counter()
                losses[each] = log_loss(y, train(X, y, hidden, epochs))
                took[each] += [1e3 * (time.perf_counter() - start) / steps] if round_ else []
        for each, times in took.items():
            ratios = [f(times) / f(took["infimum"]) for f in (min, median)]
            told = f"{min(times):14.3f}{median(times):9.3f}{ratios[0]:8.2f}{ratios[1]:8.2f}{losses[each]:10.4f}"
            lines.append(f"{name:12}{each:14}{told}")
    print("\n".join(lines))
    PAGE.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main(*((2, 2) if "--quick" in sys.argv else (30, 5)))
