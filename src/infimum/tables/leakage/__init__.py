"""What the columns of a table say about the target and about one another: leaks, relations, suspicions.

`leaks` y = σ(x) and y = Σ ± xⱼ, certain; `relations` among the other columns: copies (`recodings`), dependences
(`dependence`) and sums (`circuits`); `suspicions` and `exchangeability` report what may be wrong. `examine` puts them
to work on the roles. All of it is found in the values: no name counts.
"""
