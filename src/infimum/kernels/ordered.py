"""zᵢₒ = bₒ + Σⱼ hᵢⱼ Wⱼₒ, j from the first to the last: a product whose rows do not depend on how many there are."""

import numpy as np
from numba import njit


@njit(cache=True, nogil=True, error_model="numpy")
def ordered_product(h, W, b):  # pragma: no cover - compiled
    """z = h W + b, (n, out), of h (n, in), W (in, out), b (out,): sums in the order of j, rounded after every term."""
    z = np.empty((len(h), W.shape[1]))
    for i in range(len(h)):
        for o in range(W.shape[1]):
            z[i, o] = b[o]
        for j in range(W.shape[0]):
            x = h[i, j]
            for o in range(W.shape[1]):
                z[i, o] += x * W[j, o]
    return z
