"""Without torch, the doctests of what needs it are not collected: they could not even be imported."""

from importlib.util import find_spec

NEEDS_TORCH = ["src/infimum/networks/*", "src/infimum/compression/*", "src/infimum/solvers/stochastic.py"]
collect_ignore_glob = [] if find_spec("torch") else NEEDS_TORCH
