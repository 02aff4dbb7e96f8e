"""Without torch or marimo, the doctests of what needs them are not collected: it could not even be imported."""

from importlib.util import find_spec

NEEDS = {
    "torch": ["src/infimum/networks/*", "src/infimum/compression/*", "src/infimum/solvers/stochastic.py"],
    "marimo": ["src/infimum/lab/least_squares.py", "src/infimum/lab/network.py"],
}
collect_ignore_glob = [path for package, paths in NEEDS.items() if not find_spec(package) for path in paths]
