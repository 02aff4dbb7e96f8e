"""Minima to 40 digits, stored with the script that made them: the library's params are right to 14 of them.

The 15th is that of rounding ℓ′ to float64, which processors do differently (2.6e-15 off with AVX-512, 0 with AVX2).
"""

import json
from pathlib import Path

import mpmath as mp
import numpy as np
import pytest

from infimum import Logistic, Squared, minimise
from infimum.penalties import ElasticNet

STORED = json.loads(Path(__file__).with_name("minima.json").read_text("utf-8"))


@pytest.mark.parametrize("name", STORED)
def test_stored_minimum(name):
    problem = STORED[name]
    loss = Squared() if problem["loss"] == "squared" else Logistic()
    X, y = np.array(problem["X"]), np.array(problem["y"], dtype=float)
    solution = minimise(loss, ElasticNet(l2=problem["l2"]), X, y, weight=problem["weight"])
    with mp.workdps(50):
        for computed, exact in zip(solution.params.tolist(), problem["params"], strict=True):
            assert abs(mp.mpf(computed) - mp.mpf(exact)) <= 1e-14 * abs(mp.mpf(exact))
    bound = solution.certificate.claim("parameters").bound
    worst = max(abs(mp.mpf(a) - mp.mpf(b)) for a, b in zip(solution.params.tolist(), problem["params"], strict=True))
    assert worst <= bound <= 1e-14
