"""Random tables made hard in several ways at once × every estimator: what is claimed, against exact answers.

    python benchmarks/adversarial.py [SEEDS]

Each seed draws a table of up to 20 rows and 6 columns, with condition numbers to 1e16, doubled, constant and zero
columns, offsets to 1e12, scales from 1e-150 to 1e149 and weights over twelve orders, together as it falls. The judge is
that of `tests/estimators/exact`: rational arithmetic, or Newton's method at 150 digits. Prints a line an estimator:
fits whose gap (with Firth's penalty, parameters) is CERTIFIED, fits that are not and say so, refusals, fits on which
the judge found no exact answer, and claims that do not hold; then each of those. Writes
benchmarks/results/adversarial.txt and exits with 1 where one does not hold.
"""

import sys
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from kept import machine
from sklearn.base import clone

sys.path.insert(0, str(Path(__file__).parent.parent))
from infimum import verify
from tests.estimators.exact.judge import NO_ANSWER, complaints, fitted
from tests.estimators.test_adversarial import ESTIMATORS

PAGE = Path(__file__).parent / "results" / "adversarial.txt"
KEYS = ("certified", "told", "refused", "not judged", "wrong")


def table(seed: int) -> tuple[np.ndarray, np.ndarray | None]:
    """(X (n, p), weights or None)."""
    rng = np.random.default_rng([seed, 99])
    n, p = int(rng.choice([1, 2, 3, 5, 8, 12, 20])), int(rng.integers(1, 5))
    X = rng.standard_normal((n, p))
    if rng.random() < 0.3 and n >= p:
        U, V = np.linalg.qr(X)[0], np.linalg.qr(rng.standard_normal((p, p)))[0]
        X = (U * np.logspace(0, -rng.uniform(0, 16), p)) @ V.T
    if rng.random() < 0.25:
        X = np.round(X * 8) / 8
    if rng.random() < 0.2:
        X = np.column_stack([X, X[:, 0] * rng.choice([1, 2, -1, 0.5])])
    if rng.random() < 0.1:
        X = np.column_stack([X, np.zeros(n)])
    if rng.random() < 0.1:
        X = np.column_stack([X, np.full(n, rng.choice([1, -1, 0.3, 1e8]))])
    if rng.random() < 0.2:
        X = X + 10 ** rng.uniform(0, 12) * (rng.random(X.shape[1]) < 0.5)
    if rng.random() < 0.25:
        spread = (-150, 149) if rng.random() < 0.5 else (-8, 8)
        X = np.clip(X * 10.0 ** rng.uniform(*spread, X.shape[1]), -1e150, 1e150)
    return X, weights(rng, n)


def weights(rng: np.random.Generator, n: int) -> np.ndarray | None:
    """Over twelve orders, or small counts with zeros, or none."""
    if rng.random() < 0.35:
        return 10 ** rng.uniform(-6, 6, n)
    if rng.random() < 0.2:
        counts = rng.integers(0, 4, n).astype(float)
        counts[0] = 1
        return counts
    return None


def target(X: np.ndarray, kind: str, seed: int) -> np.ndarray:
    """y of a linear predictor of the columns over their sizes, with noise or none; rounded, constant or far off 0."""
    rng = np.random.default_rng([seed, 5])
    centred = X - X.mean(axis=0)
    size = np.abs(centred).max(axis=0)
    eta = (centred / np.where(size > 0, size, 1)) @ rng.choice([-1, 1, 0, 0.5], X.shape[1])
    if kind == "counts":
        return rng.poisson(np.exp(eta + rng.choice([-1, 0, 1, 3]))).astype(float)
    if kind == "numbers":
        y = eta + rng.choice([0, 0.01, 0.3, 3]) * rng.standard_normal(len(X))
        y = np.round(y) if rng.random() < 0.15 else y
        y = np.full(len(X), rng.choice([0, 1, 0.1, -7])) if rng.random() < 0.1 else y
        return y + 1e8 * (rng.random() < 0.1)
    latent = eta + rng.choice([0, 0.3, 1]) * rng.logistic(size=len(X))
    return np.digitize(latent, [0] if kind == "two" else [-0.4, 0.4]).astype(float)


def outcome(name: str, seed: int) -> tuple[str, str]:
    """(one of KEYS, what is wrong)."""
    (X, weight), (estimator, kind) = table(seed), ESTIMATORS[name]
    X = X[:, :1] if name == "a cubic" else X
    y = target(X, kind, seed)
    model: Any
    model, _, warned = fitted(clone(estimator), X, y, weight)
    if model is None:
        return "refused", ""
    found = [f"{a.kind}: {a.note}" for a in verify(model, X, y, weight).answers if a.verdict == "REFUTED"]
    try:
        found += complaints(model, X, y, weight, warned)
    except (ValueError, AssertionError, ZeroDivisionError):
        found += [NO_ANSWER]
    wrong = [part for part in found if part != NO_ANSWER]
    if wrong:
        return "wrong", "; ".join(wrong)
    if found:
        return "not judged", ""
    kind = "parameters" if name == "Firth" else "gap"
    return ("certified" if model.certificate_.verdict(kind) == "CERTIFIED" else "told"), ""


def main(seeds: int) -> int:
    """The table, its page, and how many claims do not hold."""
    lines = [machine(), f"{seeds} random tables each; {', '.join(KEYS)}", ""]
    notes = []
    for name in ESTIMATORS:
        counts: Counter[str] = Counter()
        for seed in range(seeds):
            key, note = outcome(name, seed)
            counts[key] += 1
            notes += [f"{name}, seed {seed}: {note}"] if note else []
        lines.append(f"{name:36}" + "".join(f"{counts[key]:12}" for key in KEYS))
        print(lines[-1], flush=True)
    lines += ["", f"claims that do not hold: {len(notes)}", *notes]
    print("\n".join(lines[-1 - len(notes) :]))
    PAGE.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return len(notes)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    sys.exit(1 if main(int(sys.argv[1]) if len(sys.argv) > 1 else 100) else 0)
