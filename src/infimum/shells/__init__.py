"""θ̂ with scikit-learn's contract, of a rung of the ladder or of the whole: one step below `report`, which they write.

`estimators` holds what the ladder itself is made of; the classes here are made of the ladder.
"""
