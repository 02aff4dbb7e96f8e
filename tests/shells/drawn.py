"""Rows, fits of them, and the marks of a picture read back as numbers."""

import numpy as np

from infimum import LinearRegression

RNG = np.random.default_rng(0)
X = RNG.normal(size=(200, 4)) * [1.0, 2.0, 0.5, 1.0]
Y = X @ [1.0, -2.0, 0.3, 0.0] + 3.0 + RNG.normal(size=200)
COUNTS = RNG.poisson(np.exp(0.3 * X[:, 0] + 1.0)).astype(float)
KINDS = np.array(["ant", "bee", "cow"])[(np.argmax(X[:, :3] + RNG.gumbel(size=(200, 3)), axis=1))]
TWO = np.where(X[:, 0] + RNG.logistic(size=200) > 0, "yes", "no")
WEIGHT = RNG.integers(0, 4, 200).astype(float)
LINEAR = LinearRegression().fit(X, Y)


def bars(ax, container=0):
    """(dots (p, 2), ends (p, 2)) of a drawn set of intervals."""
    dots, _, lines = ax.containers[container]
    ends = np.array([each[:, 0] for each in lines[0].get_segments()]) if lines else None
    return np.column_stack(dots.get_data()), ends


def words(ax):
    return [text.get_text() for text in ax.texts]


def dots(ax, collection=0):
    return np.asarray(ax.collections[collection].get_offsets())
