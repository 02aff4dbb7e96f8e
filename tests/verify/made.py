"""Tables whose fits have every kind of claim and witness, and what the checker says of a changed model file."""

import copy

import numpy as np

from infimum.files.model_file import read_model, write_model
from infimum.tables import Column, Table, text_column
from infimum.verify import verify_file


def table_of(X, y, words=None):
    columns = [Column(f"x{j}", "number", X[:, j].copy()) for j in range(X.shape[1])]
    if words is not None:
        columns.append(text_column("colour", words))
    return Table("made.csv", (*columns, Column("y", "number", y)))


def regression():
    rng = np.random.default_rng(3)
    X = rng.normal(size=(90, 4)) * [1, 10, 0.1, 3] + [0, 5, 2, -1]
    words = [str(w) for w in rng.choice(["red", "green", "blue"], 90)]
    y = X @ [1.0, 0.2, 3.0, 0.0] + (np.array(words) == "red") + rng.normal(size=90)
    return table_of(X, y, words), None


def classification():
    rng = np.random.default_rng(4)
    X = rng.normal(size=(120, 3))
    return table_of(X, (X @ [1.0, -1.0, 0.0] + rng.logistic(size=120) > 0).astype(float)), None


def wide():
    """More columns than rows: the lasso wins, its gap is proved by duality, and the dual point is the witness."""
    rng = np.random.default_rng(5)
    X = rng.normal(size=(50, 70))
    return table_of(X, 3 * X[:, 0] - 2 * X[:, 1] + 0.3 * rng.normal(size=50)), "lasso"


def separated():
    """Quasi-separated classes: the logistic rung's folds carry a separation claim whose direction is the witness."""
    rng = np.random.default_rng(6)
    X = rng.normal(size=(80, 2))
    words = ["rare" if i % 10 == 0 else "usual" for i in range(80)]
    y = np.where(np.array(words) == "rare", 1.0, (X[:, 0] + rng.logistic(size=80) > 0).astype(float))
    return table_of(X, y, words), None


def several():
    """Three classes: the ridge of their scores wins."""
    rng = np.random.default_rng(7)
    X = rng.normal(size=(150, 3)) * [1, 10, 0.1]
    scores = X / [1, 10, 0.1] @ np.array([[2.0, -1.0, -1.0], [0.0, 1.5, -1.5], [0.0, 0.0, 0.0]])
    y = np.array(["ash", "birch", "cedar"])[(scores + rng.gumbel(size=(150, 3))).argmax(axis=1)]
    columns = [Column(f"x{j}", "number", X[:, j].copy()) for j in range(3)]
    return Table("made.csv", (*columns, text_column("y", [str(label) for label in y]))), None


def counts():
    """Poisson counts of two columns."""
    rng = np.random.default_rng(8)
    X = rng.normal(size=(120, 3)) * [1, 10, 0.1]
    return table_of(X, rng.poisson(np.exp(1 + X @ [0.5, -0.05, 0.0])).astype(float)), None


def zeros():
    """A level whose counts are all 0: the Poisson rung's folds carry a separation claim with its witness."""
    rng = np.random.default_rng(9)
    X = rng.normal(size=(80, 2))
    words = ["rare" if i % 8 == 0 else "usual" for i in range(80)]
    y = np.where(np.array(words) == "rare", 0.0, rng.poisson(np.exp(1 + 0.5 * X[:, 0])))
    return table_of(X, y, words), None


def verdict_after(fitted, tmp_path, change, table=None):
    """Whether the file is refuted after change(arrays, document), its checksum recomputed by write_model."""
    path, honest = fitted
    arrays, document = read_model(path)
    arrays, document = {name: array.copy() for name, array in arrays.items()}, copy.deepcopy(document)
    change(arrays, document)
    tampered = tmp_path / "tampered.safetensors"
    write_model(tampered, arrays, document)
    return verify_file(tampered, table or honest).refuted
