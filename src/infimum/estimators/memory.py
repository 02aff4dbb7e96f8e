"""bytes ≈ 200 p: whether a network of p parameters can be trained in the memory that is there."""

import os
from contextlib import suppress
from pathlib import Path

BYTES = 200  # a parameter: w, m, v, ∇ and their copies in float32, twelve directions of curvature, evidence in float64
LIMITS = Path("/proc/meminfo"), Path("/sys/fs/cgroup/memory.max")


def check_room(parameters: int, what: str) -> None:
    """Raise ValueError where that many parameters take more memory than is there; `what` asked for them.

    >>> check_room(10**6, "hidden_layer_sizes = (1000, 1000)")
    """
    needed, there = BYTES * float(parameters), available()
    if needed > there:
        raise ValueError(
            f"{what} makes {parameters:,} parameters; to train them takes about {needed / 2**30:,.0f} GiB of memory, "
            f"and {there / 2**30:,.0f} GiB are there: take narrower layers, or fewer"
        )


def available() -> float:
    """Bytes of memory that could be had: what Linux calls available, within the limit of a container, else all."""
    found, (meminfo, limit) = [], LIMITS
    with suppress(AttributeError, ValueError):  # only POSIX systems have it
        found.append(float(os.sysconf("SC_PHYS_PAGES")) * os.sysconf("SC_PAGE_SIZE"))
    if meminfo.exists():
        lines = dict(line.split(":", 1) for line in meminfo.read_text().splitlines() if ":" in line)
        found += [1024.0 * float(lines["MemAvailable"].split()[0])] if "MemAvailable" in lines else []
    if limit.exists():
        found += [float(told)] if (told := limit.read_text().strip()).isdigit() else []
    return min(found, default=float("inf"))
