"""E[ℓ(f(x), y)] on new rows: folds, scores and conformal intervals. What a fit is worth, as opposed to how well it was solved."""
