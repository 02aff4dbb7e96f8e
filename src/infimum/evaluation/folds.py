"""fold(i) ∈ {0, …, k − 1}: a random partition of the rows, in equal parts, with the classes spread evenly."""

import numpy as np


def assign_folds(y: np.ndarray, k: int, rng: np.random.Generator, stratify: bool) -> np.ndarray:
    """fold(i) ∈ {0, …, k − 1} for each row, (n,) uint8: sizes differ by at most one, class by class where `stratify`.

    Raises ValueError where there are fewer rows than folds, or a class with fewer rows than folds.

    >>> import numpy as np
    >>> np.bincount(assign_folds(np.zeros(10), 5, np.random.default_rng(0), stratify=False)).tolist()
    [2, 2, 2, 2, 2]
    """
    if len(y) < 2 * k:
        raise ValueError(f"the table has {len(y)} usable rows; {k} folds need at least {2 * k}")
    fold = np.empty(len(y), dtype=np.uint8)
    start = 0
    for group in np.unique(y) if stratify else [None]:
        rows = np.flatnonzero(y == group) if stratify else np.arange(len(y))
        if len(rows) < k:
            raise ValueError(f"the rarer class has {len(rows)} rows; {k} folds need at least {k} of each class")
        fold[rng.permutation(rows)] = (start + np.arange(len(rows))) % k
        start += len(rows)
    return fold
