"""The simplest rung that is good enough: models in order of complexity, the same folds, one standard error.

A rung is a model of the one equation: what it assumes, its loss, its penalty, how its strength is chosen inside a
training fold. Network rungs come last; they are chosen only where every simpler rung is beaten by more than one
standard error.
"""
