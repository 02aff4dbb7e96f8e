"""float32 to bfloat16 and back: the upper half of a number's bits, rounded to even; arrays of bits are uint16."""

import numpy as np
from numba import njit

HALF, ROUND, ODD = np.uint32(16), np.uint32(0x7FFF), np.uint32(1)
SIZE, INFINITE, QUIET = np.uint32(0x7FFFFFFF), np.uint32(0x7F800000), np.uint32(0x400000)


@njit(cache=True, nogil=True, error_model="numpy")
def halve(a, out):  # pragma: no cover - compiled
    """out ← a in bfloat16; what is no number stays none."""
    bits, into = a.reshape(-1).view(np.uint32), out.reshape(-1)
    for i in range(len(bits)):
        rounded = bits[i] + ROUND + ((bits[i] >> HALF) & ODD)
        into[i] = np.uint16((rounded if (bits[i] & SIZE) <= INFINITE else bits[i] | QUIET) >> HALF)


@njit(cache=True, nogil=True, error_model="numpy")
def widen(a, out):  # pragma: no cover - compiled
    """out ← a, of bfloat16, in float32: exact."""
    bits, into = a.reshape(-1), out.reshape(-1).view(np.uint32)
    for i in range(len(bits)):
        into[i] = np.uint32(bits[i]) << HALF


@njit(cache=True, nogil=True, error_model="numpy")
def product(a, b, out):  # pragma: no cover - compiled
    """out ← A B, in float32."""
    np.dot(a, b, out)
