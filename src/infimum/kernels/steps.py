"""‖gₗ‖, ‖ΔWₗ‖, ‖Wₗ‖, Σ m̂², Σ v̂: what a step of Adam was, layer by layer, in one pass over its arrays; and its λ_max."""

import numpy as np
from numba import njit


@njit(cache=True, nogil=True, error_model="numpy")
def look(tensors, ends, heads, corrections, room):  # pragma: no cover - compiled
    """(‖g‖², ‖w − before‖² and ‖before‖² of the first block, (3, layers)), Σ m̂² / Σ v̂, D^-½ (P,), D = √v̂ + ε.

    tensors = (w, m, v, g, before), (P,) each; a layer ends at ends[l], its first block at heads[l]; m̂ and v̂ are m and
    v over the corrections; ε = room.
    """
    w, m, v, g, before = tensors
    sums, start, first, second = np.zeros((3, len(ends))), 0, 0.0, 0.0
    root = np.empty_like(w)
    by_m, by_v = np.float32(corrections[0]), np.float32(corrections[1])
    for layer in range(len(ends)):
        for j in range(start, ends[layer]):
            sums[0, layer] += np.float64(g[j]) ** 2
            if j < heads[layer]:
                sums[1, layer] += np.float64(w[j] - before[j]) ** 2
                sums[2, layer] += np.float64(before[j]) ** 2
            mean, square = m[j] / by_m, v[j] / by_v
            first += np.float64(mean) ** 2
            second += np.float64(square)
            root[j] = np.float32(1) / np.sqrt(np.sqrt(square) + np.float32(room))
        start = ends[layer]
    return sums, first / max(second, 1e-30), root


@njit(cache=True, nogil=True, error_model="numpy")
def ritz(basis, images):  # pragma: no cover - compiled
    """(λ, V c): the Ritz value of the largest size and A times its vector, images = A basis, (rounds, P), A symmetric.

    (NaN, 0) where an entry of basis imagesᵀ is not finite.
    """
    rounds = len(basis)
    among, along = np.empty((rounds, rounds)), np.zeros(basis.shape[1], np.float32)
    for i in range(rounds):
        for j in range(rounds):
            among[i, j] = np.dot(basis[i], images[j])
    if not np.all(np.isfinite(among)):
        return np.nan, along
    values, vectors = np.linalg.eigh((among + among.T) / 2)
    best = np.argmax(np.abs(values))
    for i in range(rounds):
        along += np.float32(vectors[i, best]) * images[i]
    return values[best], along
