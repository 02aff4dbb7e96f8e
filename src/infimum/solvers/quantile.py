"""argmin Σᵢ s̃ᵢ ρ_q(yᵢ − aᵢᵀw) + Σⱼ l1ⱼ |wⱼ|: quantile regression, to the vertex and with its proof."""

import time

import numpy as np

from infimum.certificates.claim import Certificate
from infimum.certificates.fingerprint import fingerprint_of
from infimum.certificates.identification import dropped_columns
from infimum.certificates.quantile import Corner, QuantileObjective, quantile_claims, relations_of
from infimum.solvers import Solution, Step, Trace
from infimum.solvers.simplex import independent, vertex_minimum


def quantile_regression(objective: QuantileObjective) -> Solution:
    """argmin F at a vertex, which interpolates as many rows as it has parameters that are not 0.

    The dual linear program is solved by HiGHS (Huangfu & Hall 2018); pivots finish what its tolerances leave; the
    vertex is then solved for in twice the precision. Columns that depend on others get the coefficient 0.
    """
    begun = time.perf_counter()
    problem, p = objective.polyhedral(), objective.model.layout.size
    intercept = bool(objective.model.layout.free.any())
    relations, exact, kept = np.zeros((0, p)), False, np.ones(p, dtype=bool)
    if not independent(problem, intercept):
        relations, exact = relations_of(objective.columns())
        kept[dropped_columns(relations)] = False
        problem = problem.without(~kept)
    found = vertex_minimum(problem, bool(intercept and kept[-1]))
    corner = Corner(problem, kept, found.w, found.vertex, found.evidence, relations, exact)
    claims, w = quantile_claims(objective, corner), corner.params()
    certificate = Certificate(
        claims,
        len(objective.y),
        p,
        "simplex",
        found.iterations,
        0.0,
        time.perf_counter() - begun,
        fingerprint_of(objective),
    )
    step = Step(found.iterations, objective.value(w), claims[0].bound, 0.0)
    return Solution(w, certificate, Trace((step,), found.stopped))
