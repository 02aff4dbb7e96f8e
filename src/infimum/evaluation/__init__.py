"""E[ℓ(f(x), y)] on new rows: folds, scores, conformal intervals. What a fit is worth, not how well it was solved."""
