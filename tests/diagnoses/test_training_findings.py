"""Each rule on either side of its limit, on trainings told by hand; and on two that are really trained."""

import math
from dataclasses import replace

import numpy as np
import pytest

from infimum import MLPClassifier, MLPRegressor
from infimum.diagnoses.training import RULES, Trained, findings_of
from infimum.losses.logistic import Logistic
from infimum.losses.multinomial import Multinomial
from infimum.losses.squared import Squared
from infimum.models.perceptron import Perceptron
from infimum.objective import LikelihoodObjective
from infimum.penalties.elastic_net import ElasticNet
from infimum.solvers import Reading, Step, Trace

N, EPOCHS = 400, 40
RNG = np.random.default_rng(0)
READING = Reading(0, (0.5, 0.6, 0.7), (1e-3, 2e-3, 1e-3), (0.1, 0.2), 0.05, 100.0, 0.03)
FALLING = 0.5 * np.exp(-np.arange(EPOCHS) / 6) + 0.1


def problem(loss=None, X=None, y=None):
    loss, X = loss or Squared(), RNG.standard_normal((N, 3)) if X is None else X
    y = RNG.standard_normal(N) if y is None else y
    return LikelihoodObjective.of(Perceptron(X, (4, 4), "relu", loss.outputs), loss, ElasticNet(), y)


def trace_of(losses=FALLING, measures=None, stopped="40 epochs, the whole schedule", reading=READING, held=50):
    measures = losses if measures is None else measures
    steps = tuple(Step(k, float(a), float(b), 0.01) for k, (a, b) in enumerate(zip(losses, measures, strict=True)))
    readings = tuple(replace(reading, epoch=k) for k in range(0, len(steps), 3))
    return Trace(steps, stopped, {"held_out_rows": held}, readings)


def codes(objective, trace, z=None):
    return [found.code for found in findings_of(objective, np.zeros(N) if z is None else z, trace)]


def test_a_training_with_nothing_wrong_has_no_findings():
    assert codes(problem(), trace_of()) == []
    assert codes(problem(), Trace((), "nothing was done")) == []


def helmert():
    """Contrasts of three classes by hand: the scores of each add up to 0."""
    return np.array([[-1, -1 / np.sqrt(3)], [1, -1 / np.sqrt(3)], [0, 2 / np.sqrt(3)]]) / np.sqrt(2)


def with_reading(**given):
    return trace_of(reading=replace(READING, **given))


PATIENT = "no better on the held-out rows for 20 epochs"
LATE = np.concatenate([FALLING[:20], np.full(20, FALLING[19])])
SWINGS = FALLING + 0.05 * (np.arange(EPOCHS) % 2)
TURNED = np.concatenate([FALLING[:10], np.linspace(FALLING[9], 2 * FALLING[9], 30)])
CLOSE = 0.3 + 0.7 * FALLING
EDGES = {
    "INF201": (trace_of(np.append(1e3, FALLING[1:])), trace_of(np.append(10.0, FALLING[1:]))),
    "INF205": (with_reading(slopes=(5e-4, 0.1, 1.0)), with_reading(slopes=(2e-3, 0.1, 1.0))),
    "INF206": (with_reading(idle=(0.0, 0.5)), with_reading(idle=(0.4, 0.4))),
    "INF207": (with_reading(strain=1.1), with_reading(strain=0.9)),
    "INF208": (trace_of(SWINGS, LATE), trace_of(FALLING + 0.0005 * (np.arange(EPOCHS) % 2), LATE)),
    "INF209": (with_reading(moves=(1e-5, 9e-5, 1e-5)), with_reading(moves=(1e-5, 2e-4, 1e-5))),
    "INF210": (
        trace_of(FALLING[:15], stopped="15 epochs, the whole schedule"),
        trace_of(FALLING[:15], stopped=PATIENT),
    ),
    "INF211": (trace_of(0.1 * FALLING, TURNED), trace_of(0.1 * FALLING, TURNED, PATIENT)),
    "INF204": (trace_of(np.full(EPOCHS, 0.6)), trace_of(CLOSE)),
}


@pytest.mark.parametrize("code", EDGES)
def test_each_rule_speaks_beyond_its_limit_and_not_before(code):
    sick, well = EDGES[code]
    assert code in codes(problem(), sick) and code not in codes(problem(), well)


def test_a_loss_that_is_not_finite_and_long_moves_are_told():
    stopped = "the loss was not finite in epoch 3: set learning_rate below 1"
    assert codes(problem(), trace_of(np.array([1.0, 2.0, math.nan]), stopped=stopped))[0] == "INF201"
    assert codes(problem(), with_reading(moves=(0.06, 0.0, 0.0))) == ["INF207"]
    assert codes(problem(), with_reading(moves=(0.04, 0.0, 0.0))) == []


def test_columns_on_unlike_scales_are_told_constants_apart():
    X = RNG.standard_normal((N, 3)) * [1.0, 200.0, 1.0]
    assert codes(problem(X=X), trace_of()) == ["INF202"]
    assert codes(problem(X=RNG.standard_normal((N, 3)) + [0.0, 0.0, 300.0]), trace_of()) == ["INF202"]
    assert codes(problem(X=np.column_stack([X[:, 0], np.full(N, 1e9), X[:, 2]])), trace_of()) == []
    assert codes(problem(X=np.full((N, 2), 3.0)), trace_of()) == []


def test_two_values_under_squared_loss_are_classes():
    two = (RNG.random(N) < 0.4) * 3.0
    assert codes(problem(y=two), trace_of()) == ["INF203"]
    assert codes(problem(y=np.digitize(RNG.standard_normal(N), [-1.0, 1.0]) * 1.0), trace_of(0.5 * FALLING)) == []
    assert codes(problem(Logistic(), y=(two > 0) * 1.0), trace_of(), 8 * (two > 0) - 4.0) == []


@pytest.mark.parametrize("classes", [2, 3])
def test_labels_that_contradict_the_surest_predictions_are_told(classes):
    loss = Logistic() if classes == 2 else Multinomial(3)
    y = RNG.integers(0, classes, N) * 1.0
    z = 8 * (y - 0.5) if classes == 2 else 9 * helmert()[y.astype(int)]
    assert codes(problem(loss, y=y), trace_of(), z) == []
    wrong = np.where(np.arange(N) % 5 == 0, (y + 1) % classes, y)
    assert codes(problem(loss, y=wrong), trace_of(), z) == ["INF212"]


def test_every_rule_has_its_code_and_says_what_to_change():
    two = (RNG.random(N) < 0.4) * 1.0
    z, y = 8 * (two - 0.5), np.where(np.arange(N) % 5 == 0, 1 - two, two)
    cases = [(problem(), sick, np.zeros(N)) for sick, _ in EDGES.values()]
    cases += [(problem(X=RNG.standard_normal((N, 3)) * [1.0, 200.0, 1.0]), trace_of(), np.zeros(N))]
    cases += [(problem(y=two), trace_of(), np.zeros(N)), (problem(Logistic(), y=y), trace_of(), z)]
    told = {found.code: found for case in cases for found in findings_of(case[0], case[2], case[1])}
    assert sorted(told) == [f"INF{201 + k}" for k in range(len(RULES))]
    for found in told.values():
        assert found.severity == "warning" and found.statement.endswith(".") and found.remedy.endswith(".")
        assert found.source and any(sign.isdigit() for sign in found.statement + "0" * (found.code == "INF203"))
    assert all(rule(Trained(problem(), np.zeros(N), trace_of())) is None for rule in RULES)


def test_a_network_that_dies_says_so_and_one_that_lives_does_not():
    pytest.importorskip("torch")
    X = np.random.default_rng(1).standard_normal((1500, 6))
    y = np.sin(2 * X[:, 0]) + X[:, 1] + 0.1 * X[:, 2]
    well = MLPRegressor((32, 32)).fit(X, y)
    assert well.findings_ == () and "INF2" not in well.summary()
    dead = MLPRegressor((32, 32), learning_rate_init=2.0).fit(X, y)
    assert "INF206" in [found.code for found in dead.findings_]
    assert "INF206: 100% of the units of hidden layer" in dead.summary()


def test_what_full_batch_solvers_do_has_no_such_findings():
    X = np.random.default_rng(1).standard_normal((60, 2))
    model = MLPClassifier((4,), solver="full-batch", alpha=0.1).fit(X, X[:, 0] > 0)
    assert model.findings_ == () and "10 → 4" not in model.summary() and "2 → 4 → 1" in model.summary()
