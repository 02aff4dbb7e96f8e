"""β̂ ~ N(β, V): what a fit without a penalty says about the population its rows were drawn from.

V is the inverse information at the fit (Fisher 1925), or a sandwich that does not believe the model's own spread (White
1980). `infer` is the door: from a fitted model and its rows to an `Inference`, a table that is also a set of tests.
"""
