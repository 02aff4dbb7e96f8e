"""Σ over the rows in four parts, in as many threads as there are processors: the same sum however many that are."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from typing import Any

import numpy as np
from joblib import cpu_count
from threadpoolctl import ThreadpoolController

PARTS = 4
WORTH = 500_000  # numbers: with fewer, handing them to threads takes longer than the sum
NARROW = 200  # columns: with more, BLAS itself has enough to share out


def over_rows(part: Callable[[int, int], Any], rows: int, columns: int) -> list[Any]:
    """[part(from, to), …] over ranges that cover the rows, in their order: one range where rows × columns is little.

    >>> over_rows(lambda start, stop: stop - start, 1_000_001, 3)
    [250000, 250000, 250000, 250001]
    """
    if rows * columns < WORTH or rows < PARTS:
        return [part(0, rows)]
    edges = [rows // PARTS * k for k in range(PARTS)] + [rows]
    ranges = list(zip(edges[:-1], edges[1:], strict=True))
    waiting = [beside(part, *each) for each in ranges]
    here = {k: part(*ranges[k]) for k in reversed(range(PARTS)) if waiting[k].cancel()}
    return [here[k] if k in here else waiting[k].result() for k in range(PARTS)]


def push(A: np.ndarray, w: np.ndarray) -> np.ndarray:
    """z = A w, (n,) or (n, m).

    >>> push(np.eye(2), np.array([1.0, 2.0])).tolist()
    [1.0, 2.0]
    """
    found = over_rows(lambda a, b: A[a:b] @ w, *A.shape)
    return np.concatenate(found) if len(found) > 1 else np.asarray(found[0])


def pull(A: np.ndarray, u: np.ndarray) -> np.ndarray:
    """Aᵀ u, (p,) or (p, m).

    >>> pull(np.eye(2), np.array([1.0, 2.0])).tolist()
    [1.0, 2.0]
    """
    return np.asarray(sum(over_rows(lambda a, b: A[a:b].T @ u[a:b], *A.shape)))


def beside(work: Callable[..., Any], *arguments: Any) -> Future[Any]:
    """work(*arguments), in another thread; here and now where there is one processor, or OMP_NUM_THREADS says so.

    >>> beside(max, 1, 2).result()
    2
    """
    if threads() > 1:
        return _pool(os.getpid()).submit(work, *arguments)
    done: Future[Any] = Future()
    done.set_result(work(*arguments))
    return done


@contextmanager
def sharing(rows: int, columns: int) -> Iterator[None]:
    """1 thread for BLAS meanwhile, where n × p is better shared out by `over_rows`.

    Its threads wait for work in a loop, which takes a processor from everyone else.
    """
    if rows * columns < WORTH or columns > NARROW:
        yield
        return
    with one_thread():
        yield


@contextmanager
def one_thread() -> Iterator[None]:
    """threads = 1 for BLAS meanwhile: the same bits however many processors there are."""
    with _blas().limit(limits=1):
        yield


@cache
def threads() -> int:
    """min(processors, OMP_NUM_THREADS, PARTS): how many threads this process is to use."""
    asked = os.environ.get("OMP_NUM_THREADS", "")
    return max(1, min(PARTS, cpu_count(), int(asked) if asked.isdigit() else PARTS))


@cache
def _pool(process: int) -> ThreadPoolExecutor:
    """The threads of this process: one that was forked has none of its parent's."""
    return ThreadPoolExecutor(threads() - 1, "infimum")


@cache
def _blas() -> Any:
    return ThreadpoolController().select(user_api="blas")
