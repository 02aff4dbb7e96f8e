"""θ̂ ∈ argmin F, to be turned by hand: pages of marimo on one's own table, one idea each, opened by `infimum lab`.

A page imports the library and defines no mathematics: each number on it is one that the library, or linear algebra on
its arrays, has computed. `penguins.csv` is the table of a page that is given none: `examples/README.md` has its source.
"""
