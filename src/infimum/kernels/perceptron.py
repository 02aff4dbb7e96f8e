"""w ← w − η (m̂ / (√v̂ + ε) + λ ∘ w), batch after batch: an epoch of AdamW on a perceptron of relu units, in float32.

The same steps as `solvers/engine.py` takes with tensors. A small network's products take less time than asking for
them one by one, so here nothing is asked for: all is written out between the products.
"""

import numpy as np
from numba import njit

from infimum.kernels.steps import ritz

SQUARED, LOGISTIC, POISSON, MULTINOMIAL = range(4)
ONE, NONE = np.float32(1), np.float32(0)
LEAST = np.float32(1e-30)


@njit(cache=True, nogil=True, error_model="numpy")
def epoch(rows, order, tensors, widths, rule, steps):  # pragma: no cover - compiled
    """Σ over batches of Σ s ℓ; w, m, v and g = ∇ change in place, and before is w before the last step.

    rows = (x (n, p), y (n, q), s (n,)), in the order of `order`; tensors = (w, m, v, λ, g, before), (P,) each; widths
    = (p, …, m). rule = (which loss, its contrasts C (K, m), share of dropout, where its random numbers begin), steps =
    (η of each, how many were before, β₁, β₂, ε). The batches are of n // k rows or one more, k = len(η).
    """
    y, (w, _m, _v, _decay, g, before) = rows[1], tensors
    (which, C, share, state), (lengths, taken, b1, b2, room) = rule, steps
    n, count = len(order), len(lengths)
    most, total, start = n // count + 1, 0.0, 0
    held, place, reach = room_for(most, widths)
    target, weight = np.empty((most, y.shape[1]), np.float32), np.empty(most, np.float32)
    for k in range(count):
        size = n // count + (1 if k < n % count else 0)
        h = held[: size * widths[0]].reshape(size, widths[0])
        taken_of(rows, order[start : start + size], (h, target, weight))
        told = (held, place, reach), (target[:size], weight[:size]), (w, g), widths, (which, C, share, state)
        value, state = there_and_back(*told)
        total += value
        if k == count - 1:
            before[:] = w
        adam(tensors, np.float32(lengths[k]), taken + k + 1, (b1, b2, room))
        start += size
    return total


@njit(cache=True, nogil=True, error_model="numpy")
def taken_of(rows, index, into):  # pragma: no cover - compiled
    """(h, y, s) ← the rows of that index."""
    (x, y, s), (h, target, weight) = rows, into
    for i in range(len(index)):
        at = index[i]
        weight[i] = s[at]
        for j in range(x.shape[1]):
            h[i, j] = x[at, j]
        for j in range(y.shape[1]):
            target[i, j] = y[at, j]


@njit(cache=True, nogil=True, error_model="numpy")
def slope(rows, arrays, widths, which, C):  # pragma: no cover - compiled
    """Σ s ℓ of all rows (x, y, s), without dropout, and g = ∇ of it: arrays = (w, g)."""
    x, y, s = rows
    held, place, reach = room_for(len(x), widths)
    held[: x.size] = x.ravel()
    value, _ = there_and_back((held, place, reach), (y, s), arrays, widths, (which, C, 0.0, np.uint64(0)))
    return value


@njit(cache=True, nogil=True, error_model="numpy")
def curvature(rows, arrays, widths, rule, rounds):  # pragma: no cover - compiled
    """(λ, u) of `steps.ritz` in the Krylov space of D^-½ H D^-½ and `first`, of so many products.

    H v is the difference of two slopes along v, `apart` of ‖w‖ away; arrays = (w, g, diagonal of D^-½, first), rule =
    (which loss, C, apart). A shorter space where what is left is 0 or not finite; (0, 0) where first is.
    """
    (w, g, root, first), (which, C, apart) = arrays, rule
    basis, images = np.empty((rounds, len(w)), np.float32), np.empty((rounds, len(w)), np.float32)
    kept, u, found = w.copy(), first.copy(), 0
    for k in range(rounds):
        for _ in range(2):  # twice is enough
            for j in range(k):
                u -= np.dot(basis[j], u) * basis[j]
        size = np.sqrt(np.dot(u, u))
        if not 0 < size < np.inf:
            break
        basis[k] = u / size
        v = root * basis[k]
        length = np.float32(apart * np.sqrt(np.dot(kept, kept) / np.dot(v, v)))
        w += length * v
        slope(rows, (w, g), widths, which, C)
        ahead = g.copy()
        w[:] = kept - length * v
        slope(rows, (w, g), widths, which, C)
        w[:] = kept
        images[k] = root * (ahead - g) / (np.float32(2) * length)
        u, found = images[k].copy(), k + 1
    return ritz(basis[:found], images[:found])


@njit(cache=True, nogil=True, error_model="numpy")
def room_for(rows, widths):  # pragma: no cover - compiled
    """(h of all layers, where each begins, r of two layers): memory for a pass over so many rows."""
    place = np.zeros(len(widths), np.int64)
    place[1:] = rows * np.cumsum(widths)[:-1]
    return np.empty(rows * widths.sum(), np.float32), place, np.empty((2, rows * widths.max()), np.float32)


@njit(cache=True, nogil=True, error_model="numpy")
def there_and_back(memory, rows, arrays, widths, rule):  # pragma: no cover - compiled
    """(Σ s ℓ, the random state after it) of rows whose x is in memory already, and g = ∇; arrays = (w, g)."""
    (held, place, reach), (y, s), (w, g), (which, C, share, state) = memory, rows, arrays, rule
    size, layers = len(s), len(widths) - 1
    m = widths[layers]
    state = forward(held, place, w, widths, (size, share, state))
    z, r = held[place[layers] :][: size * m].reshape(size, m), reach[layers % 2, : size * m].reshape(size, m)
    value = loss(z, y, s, which, C, r)
    backward(held, place, w, widths, (size, share), (reach, g))
    return value, state


@njit(cache=True, nogil=True, error_model="numpy")
def forward(held, place, w, widths, batch):  # pragma: no cover - compiled
    """h_{k+1} = relu(h_k W_k + b_k), none after the last, into `held`; the random state after it.

    batch = (rows, share of dropout, state): of the entries of each h that share is 0, the others are larger by as much.
    """
    (size, share, state), at, layers = batch, 0, len(widths) - 1
    for k in range(layers):
        a, b = widths[k], widths[k + 1]
        h, z = held[place[k] :][: size * a].reshape(size, a), held[place[k + 1] :][: size * b].reshape(size, b)
        np.dot(h, w[at : at + a * b].reshape(a, b), z)
        state = lift(z, w[at + a * b : at + a * b + b], k < layers - 1, share, state)
        at += a * b + b
    return state


@njit(cache=True, nogil=True, error_model="numpy")
def lift(z, level, bent, share, state):  # pragma: no cover - compiled
    """z ← relu(z + b), less the share that is dropped, in place: z + b alone where not bent; the random state after."""
    size, b = z.shape
    for i in range(size):
        for j in range(b):
            z[i, j] += level[j]
    if not bent:
        return state
    for i in range(size):
        for j in range(b):
            z[i, j] = NONE if z[i, j] <= NONE else z[i, j]  # and what is no number stays none
    if share > 0:
        larger, bar = np.float32(1 / (1 - share)), np.uint64(share * 2.0**64)
        for i in range(size):
            for j in range(b):
                state, drawn = _next(state)
                z[i, j] = z[i, j] * larger if drawn >= bar else NONE
    return state


@njit(cache=True, nogil=True, error_model="numpy")
def backward(held, place, w, widths, batch, into):  # pragma: no cover - compiled
    """∇ of each W_k, b_k into g: r, which reaches the output, goes back through the layers; batch = (rows, dropout)."""
    (size, share), (reach, g), at, layers = batch, into, len(w), len(widths) - 1
    for k in range(layers - 1, -1, -1):
        a, b = widths[k], widths[k + 1]
        h, r = held[place[k] :][: size * a].reshape(size, a), reach[(k + 1) % 2, : size * b].reshape(size, b)
        at -= a * b + b
        np.dot(h.T, r, g[at : at + a * b].reshape(a, b))
        level_of(r, g[at + a * b : at + a * b + b])
        if k == 0:
            break
        back = reach[k % 2, : size * a].reshape(size, a)
        np.dot(r, w[at : at + a * b].reshape(a, b).T, back)
        lower(back, h, share)


@njit(cache=True, nogil=True, error_model="numpy")
def level_of(r, level):  # pragma: no cover - compiled
    """The slope of b: Σ r over the rows."""
    level[:] = NONE
    for i in range(r.shape[0]):
        for j in range(r.shape[1]):
            level[j] += r[i, j]


@njit(cache=True, nogil=True, error_model="numpy")
def lower(r, h, share):  # pragma: no cover - compiled
    """r ← r where h = relu(·) > 0 and was not dropped, else 0, in place."""
    larger = np.float32(1 / (1 - share))
    for i in range(r.shape[0]):
        for j in range(r.shape[1]):
            r[i, j] = r[i, j] * larger if h[i, j] > NONE else NONE


@njit(cache=True, nogil=True, error_model="numpy")
def loss(z, y, s, which, C, r):  # pragma: no cover - compiled
    """Σ s ℓ(z, y), and r = s ℓ′, of outputs z (size, m)."""
    if which == MULTINOMIAL:
        return _softmax(z, y, s, C, r)
    total = 0.0
    for i in range(len(z)):
        a, b = z[i, 0], y[i, 0]
        if which == SQUARED:
            value, slope = (a - b) * (a - b) / np.float32(2), a - b
        elif which == LOGISTIC:
            e = np.exp(-abs(a))
            p = ONE / (ONE + e)
            p = p if a >= NONE else e * p
            value, slope = max(a, NONE) + np.log1p(e) - b * a, p - b
        else:
            e = np.exp(a)
            value, slope = e - b * (ONE + a - np.log(max(b, LEAST))), e - b
        total += s[i] * value
        r[i, 0] = s[i] * slope
    return total


@njit(cache=True, nogil=True, error_model="numpy")
def _softmax(z, y, s, C, r):  # pragma: no cover - compiled
    """Σ s [log Σ e^η − Σ yₖ ηₖ], η = z Cᵀ, and r = s (p − y) C."""
    size, classes, total = len(z), len(C), 0.0
    eta, slope = np.empty((size, classes), np.float32), np.empty((size, classes), np.float32)
    np.dot(z, C.T, eta)
    for i in range(size):
        top = eta[i, 0]
        for c in range(1, classes):
            top = max(top, eta[i, c])
        scale, along = NONE, NONE
        for c in range(classes):
            above = eta[i, c] - top
            slope[i, c] = np.exp(above)
            scale += slope[i, c]
            along += y[i, c] * above
        total += s[i] * (np.log(scale) - along)
        for c in range(classes):
            slope[i, c] = s[i] * (slope[i, c] / scale - y[i, c])
    np.dot(slope, C, r)
    return total


@njit(cache=True, nogil=True, error_model="numpy")
def adam(tensors, length, taken, rule):  # pragma: no cover - compiled
    """The step number `taken`, η = length; rule = (β₁, β₂, ε)."""
    (w, m, v, decay, g, _), (b1, b2, room) = tensors, rule
    keep, fade, floor = np.float32(1 - b1), np.float32(1 - b2), np.float32(room)
    fall, size = np.float32(b2), np.float32(length / (1 - b1**taken))
    root = np.float32(np.sqrt(1 - b2**taken))
    for j in range(len(w)):
        w[j] -= length * decay[j] * w[j]
        m[j] += keep * (g[j] - m[j])
        v[j] = fall * v[j] + fade * g[j] * g[j]
        w[j] -= size * m[j] / (np.sqrt(v[j]) / root + floor)


@njit(cache=True, inline="always")
def _next(state):  # pragma: no cover - compiled
    """(state, 64 random bits): splitmix64 (Steele, Lea & Flood 2014)."""
    state = state + np.uint64(0x9E3779B97F4A7C15)
    bits = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return state, bits ^ (bits >> np.uint64(31))


@njit(cache=True, nogil=True, error_model="numpy")
def idle(x, w, widths):  # pragma: no cover - compiled
    """mean [hⱼ = 0 in all rows of x (n, p)] over the units j of each layer, without dropout."""
    held, place, _ = room_for(len(x), widths)
    held[: x.size] = x.ravel()
    forward(held, place, w, widths, (len(x), 0.0, np.uint64(0)))
    found = np.empty(len(widths) - 2)
    for k in range(1, len(widths) - 1):
        h, still = held[place[k] : place[k + 1]].reshape(len(x), widths[k]), 0
        for j in range(widths[k]):
            still += not np.any(h[:, j] > 0)
        found[k - 1] = still / widths[k]
    return found
