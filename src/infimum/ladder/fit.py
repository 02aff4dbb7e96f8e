"""rung, X, y → ŵ with its claims: one fit of one rung, its strength chosen on the same rows."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from infimum.certificates.certify import claims_at
from infimum.certificates.claim import Claim, Verdict
from infimum.ladder.independence import independent
from infimum.ladder.rungs import HIDDEN, Rung
from infimum.ladder.strength import choose_strength
from infimum.losses import Loss
from infimum.models import Model
from infimum.objective import LikelihoodObjective
from infimum.penalties.elastic_net import ElasticNet
from infimum.solvers.choose import solve

TOLERANCE = 1e-10


@dataclass(frozen=True)
class Fit:
    """ŵ (p,) of a rung with strengths l1, l2 on the mean-loss scale, and the claims about it.

    `features` are those of X that it reads, None for all: without a penalty, sums of others are left out. A prediction
    is `outputs` numbers.
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

    def predict(self, X: np.ndarray) -> np.ndarray:
        """z = f(ŵ) on rows X (n, P), (n,) or (n, m)."""
        return np.asarray(self.model(X)(self.params))

    def model(self, X: np.ndarray) -> Model:
        """z = f(w) on rows X (n, P), of the features that it reads."""
        X = X if self.features is None else np.ascontiguousarray(X[:, self.features])
        return self.rung.model(X, outputs=self.outputs)

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
            "hidden": list(HIDDEN) if self.rung.form == "network" else [],
            "features": None if self.features is None else list(self.features),
            "l1": self.l1,
            "l2": self.l2,
            "solver": self.solver,
            "stopped": self.stopped,
            "claims": [claim.to_dict() for claim in self.claims],
        }


def fit_rung(rung: Rung, loss: Loss, X: np.ndarray, y: np.ndarray, seed: list[int], names: tuple[str, ...]) -> Fit:
    """Fit on X (n, P), y (n,): the strength by folds inside these rows, then the minimum with its claims."""
    if rung.form == "network":
        return _network(rung, loss, X, y, seed)
    strength = choose_strength(loss, rung.penalised, X, y, np.random.default_rng(seed)) if rung.penalised else 0.0
    l1, l2 = (strength, 0.0) if rung.penalised == "l1" else (0.0, strength)
    features = independent(X) if rung.form == "linear" and not rung.penalised else None
    if features is not None:
        X, names = np.ascontiguousarray(X[:, features]), tuple(names[j] for j in features)
    objective = LikelihoodObjective.of(rung.model(X, names, loss.outputs), loss, ElasticNet(l1, l2), y)
    solution = solve(objective, tolerance=TOLERANCE)
    certificate = solution.certificate
    claims, solver, stopped = certificate.claims, certificate.solver, solution.trace.stopped
    return Fit(rung, solution.params, features, l1, l2, claims, solver, stopped, loss.outputs)


def network_estimator(loss: Loss) -> Any:
    """The class of estimator that trains a network with this loss; it needs torch only when it is fitted."""
    from infimum.estimators.mlp import MLPClassifier, MLPRegressor
    from infimum.estimators.mlp_poisson import MLPPoissonRegressor

    return {"regression": MLPRegressor, "classification": MLPClassifier, "counts": MLPPoissonRegressor}[loss.task]


def _network(rung: Rung, loss: Loss, X: np.ndarray, y: np.ndarray, seed: list[int]) -> Fit:
    """The network by its estimator; its claims are those of the unpenalised mean loss at the weights that predict."""
    estimator = network_estimator(loss)
    state = int(np.random.default_rng(seed).integers(2**31))
    network = estimator(hidden_layer_sizes=HIDDEN, solver="adamw", random_state=state).fit(X, y)
    blocks = [block for W, b in zip(network.coefs_, network.intercepts_, strict=True) for block in (W.T.ravel(), b)]
    params = np.concatenate(blocks)
    objective = LikelihoodObjective.of(rung.model(X, outputs=loss.outputs), loss, ElasticNet(), y)
    solver, stopped = network.certificate_.solver, network.trace_.stopped
    return Fit(rung, params, None, 0.0, 0.0, claims_at(objective, params), solver, stopped, loss.outputs)
