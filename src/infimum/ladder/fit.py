"""rung, X, y → ŵ with its claims: one fit of one rung, its strengths chosen on the same rows."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from infimum.certificates.certify import claims_at
from infimum.certificates.claim import Claim, Verdict
from infimum.ladder.independence import independent
from infimum.ladder.rungs import Rung
from infimum.ladder.smooth import Strengths, choose_strengths, minimum, strongest_pairs
from infimum.ladder.strength import choose_strength
from infimum.ladder.trained import TrainingRecord
from infimum.losses import Loss
from infimum.models import Model
from infimum.models.splines import Basis, fit_basis
from infimum.models.tabular import Recipe, Tabular
from infimum.objective import LikelihoodObjective
from infimum.penalties.elastic_net import ElasticNet
from infimum.solvers.choose import solve
from infimum.tables.encode import Encoder

TOLERANCE = 1e-10


@dataclass(frozen=True, eq=False)
class Sample:
    """Rows to learn from: features X (n, P) by the encoder's columns, target y (n,), and ℓ."""

    loss: Loss
    X: np.ndarray
    y: np.ndarray
    encoder: Encoder

    @property
    def names(self) -> tuple[str, ...]:
        """The features as claims name them: a number is centred and scaled there, and says so."""
        named: list[str] = []
        for code in self.encoder.codes:
            scaled = [each for each in code.features if each == code.name or each.startswith(("days of", "year of"))]
            number = code.kind != "category"
            named += [f"standardised {each}" if number and each in scaled else each for each in code.features]
        return tuple(named)


@dataclass(frozen=True)
class Fit:
    """ŵ (p,) of a rung with strengths l1, l2 on the mean-loss scale, and the claims about it.

    `features` are those of X that it reads, None for all: without a penalty, sums of others are left out. A prediction
    is `outputs` numbers. An additive model reads what its `basis` makes of X, under `smooth`; a network has a `recipe`,
    and tells how its training went.
    """

    rung: Rung
    params: np.ndarray
    features: tuple[int, ...] | None
    l1: float
    l2: float
    claims: tuple[Claim, ...]
    solver: str
    stopped: str
    outputs: int = 1
    basis: Basis | None = None
    smooth: Strengths | None = None
    iterations: int = 0
    recipe: Recipe | None = None
    training: TrainingRecord | None = None

    def predict(self, X: np.ndarray) -> np.ndarray:
        """z = f(ŵ) on rows X (n, P), (n,) or (n, m)."""
        return np.asarray(self.model(X)(self.params))

    def model(self, X: np.ndarray) -> Model:
        """z = f(w) on rows X (n, P), of the features that it reads."""
        if self.recipe:
            return Tabular(X, self.recipe, self.outputs)
        X = X if self.features is None else np.ascontiguousarray(X[:, self.features])
        return self.rung.model(X if self.basis is None else self.basis(X), outputs=self.outputs)

    @property
    def strengths(self) -> dict[str, float]:
        """{"l1", "l2"}, of an additive model "roughness" and "products" too."""
        told = {"l1": self.l1, "l2": self.l2}
        return told | ({"roughness": self.smooth.roughness, "products": self.smooth.products} if self.smooth else {})

    @property
    def penalty(self) -> ElasticNet:
        """Ω, which spares intercepts."""
        return (
            ElasticNet(self.l1, self.l2)
            if not (self.smooth and self.basis)
            else self.smooth.penalty(self.basis, self.outputs)
        )

    def objective(self, sample: Sample) -> LikelihoodObjective:
        """F of these rows."""
        return LikelihoodObjective.of(self.model(sample.X), sample.loss, self.penalty, sample.y)

    def spread(self, per_feature: np.ndarray, features: int) -> np.ndarray:
        """A value (or m) a feature read → a value (or m) a feature of X, 0 for those left out, (P,) or (P, m)."""
        if self.features is None:
            return per_feature
        whole = np.zeros((features, *per_feature.shape[1:]))
        whole[list(self.features)] = per_feature
        return whole

    def claim(self, kind: str) -> Claim:
        """The claim of that kind; every fit has a gap and a stationarity."""
        return next(claim for claim in self.claims if claim.kind == kind)

    @property
    def separated(self) -> bool:
        """Whether there is no minimum: some coefficients go to infinity."""
        return any(claim.kind == "separation" for claim in self.claims)

    @property
    def verdict(self) -> Verdict:
        """The verdict of the gap claim."""
        return self.claim("gap").verdict

    def to_dict(self) -> dict[str, Any]:
        """What a checker needs beside the parameters, as JSON values."""
        return {
            "form": self.rung.form,
            "recipe": self.recipe.to_json() if self.recipe else None,
            "features": None if self.features is None else list(self.features),
            **self.strengths,
            "basis": None if self.basis is None else self.basis.to_json(),
            "solver": self.solver,
            "stopped": self.stopped,
            "claims": [claim.to_dict() for claim in self.claims],
        }


def fit_rung(rung: Rung, sample: Sample, seed: list[int], below: Fit | None = None) -> Fit:
    """Fit to a sample: the strengths by folds or leaving out inside these rows, then the minimum with its claims.

    `below` is the fit without products to the same rows, where products are to be added and it is at hand.
    """
    if rung.form == "network":
        return _network(rung, sample, seed)
    if rung.form == "additive":
        return _additive(rung, sample, seed, below)
    loss, X, y, names = sample.loss, sample.X, sample.y, sample.names
    l1, l2 = (0.0, 0.0)
    if rung.penalised:
        l1, l2 = choose_strength(loss, rung.penalised, X, y, np.random.default_rng(seed))
    features = independent(X) if rung.form == "linear" and not rung.penalised else None
    if features is not None:
        X, names = np.ascontiguousarray(X[:, features]), tuple(names[j] for j in features)
    objective = LikelihoodObjective.of(rung.model(X, names, loss.outputs), loss, ElasticNet(l1, l2), y)
    params, found, steps = _solved(objective)
    return Fit(rung, params, features, l1, l2, *found, loss.outputs, iterations=steps)


def _additive(rung: Rung, sample: Sample, seed: list[int], below: Fit | None) -> Fit:
    """Curves, and for a rung with products those of the pairs that the residuals without them ask for most."""
    loss, X, y = sample.loss, sample.X, sample.y
    rng = np.random.default_rng(seed)
    if below is not None and below.basis and below.smooth:
        basis, smooth, start = below.basis, below.smooth, below.params
    else:
        basis, start = fit_basis(X, sample.encoder.numbers, loss.outputs), None
        smooth = choose_strengths(loss, basis, X, y, rng)
    if rung.products:
        objective, w = minimum(loss, basis, basis(X), y, smooth, start)
        basis = replace(basis, pairs=strongest_pairs(objective, w, basis))
        smooth = choose_strengths(loss, basis, X, y, rng, smooth) if basis.pairs else smooth
    model = rung.model(basis(X), basis.names(sample.names), loss.outputs)
    objective = LikelihoodObjective.of(model, loss, smooth.penalty(basis, loss.outputs), y)
    params, found, steps = _solved(objective)
    return Fit(rung, params, None, 0.0, smooth.l2, *found, loss.outputs, basis, smooth, steps)


def _solved(objective: LikelihoodObjective) -> tuple[np.ndarray, tuple[tuple[Claim, ...], str, str], int]:
    """(ŵ, (claims, solver, why it stopped), iterations)."""
    solution = solve(objective, tolerance=TOLERANCE)
    certificate = solution.certificate
    found = certificate.claims, certificate.solver, solution.trace.stopped
    return solution.params, found, certificate.iterations


def network_estimator(loss: Loss) -> Any:
    """The class of estimator that trains a network with this loss; it needs torch only when it is fitted."""
    from infimum.estimators.tabular import TabularClassifier, TabularPoissonRegressor, TabularRegressor

    return {"regression": TabularRegressor, "classification": TabularClassifier, "counts": TabularPoissonRegressor}[
        loss.task
    ]


def network_of(sample: Sample, seed: list[int], hidden: tuple[int, ...] | None = None) -> Any:
    """The fitted estimator of a network, with those hidden layers or its own."""
    state = int(np.random.default_rng(seed).integers(2**31))
    how = {} if hidden is None else {"hidden_layer_sizes": hidden}
    estimator = network_estimator(sample.loss)(numbers=list(sample.encoder.numbers), random_state=state, **how)
    return estimator.fit(sample.X, sample.y)


def _network(rung: Rung, sample: Sample, seed: list[int]) -> Fit:
    """The network by its estimator, which chooses on rows held out inside how it is trained.

    Its claims are those of the unpenalised mean loss at the weights that predict.
    """
    loss, X, y = sample.loss, sample.X, sample.y
    network = network_of(sample, seed)
    model, params = Tabular(X, network.recipe_, loss.outputs), network.params_
    objective = LikelihoodObjective.of(model, loss, ElasticNet(), y)
    claims, record = claims_at(objective, params), TrainingRecord.of(network, float(objective.null_value()))
    rate, share, spread, epochs = min(network.tried_, key=lambda how: network.tried_[how])
    how = f"learning rate {rate:g}, dropout {share:g}, frequencies {spread:g}, at most {epochs} epochs"
    stopped = f"{network.trace_.stopped}; {how}"
    found = claims, network.certificate_.solver, stopped, loss.outputs
    return Fit(rung, params, None, 0.0, 0.0, *found, recipe=network.recipe_, training=record)
