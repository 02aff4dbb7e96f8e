"""hₖ = argmax over candidates of |⟨r, h⟩| / ‖h‖, h less its part in h₁, …, hₖ₋₁: a start that has seen the target.

The orthogonal greedy algorithm (Pati, Rezaiifar & Krishnaprasad 1993), here with the gain of least squares (Chen,
Billings & Luo 1989). On ridge functions of relu it attains the best rate of a network of one hidden layer (Siegel & Xu,
"Optimal convergence rates for the orthogonal greedy algorithm", 2022); units chosen so have still to be moved together.
"""

from dataclasses import replace

import numpy as np

from infimum.models import Params
from infimum.models.activations import ACTIVATIONS
from infimum.models.perceptron import Matrix, Perceptron
from infimum.models.spread import spread
from infimum.objective import LikelihoodObjective
from infimum.penalties.elastic_net import ElasticNet
from infimum.solvers.gauss_newton import ENTRIES, levenberg_marquardt

CANDIDATES = 1024  # and four for each unit
MOST = 4000  # rows among which units are chosen
LAST = 50  # iterations for the last layer
NEW = 1e-9  # of ‖h‖²: a candidate of which less is new says what others have said


def greedy(objective: LikelihoodObjective, rng: np.random.Generator) -> Params:
    """w₀ (p,) for a Perceptron: the last hidden layer is chosen greedily, unit by unit, then F minimised in the last.

    Candidates bend at quantiles of the rows (`models.spread`), as do the units of the hidden layers before; r is −ℓ′ at
    0 less its mean, for every loss. In the parameters of the last layer F is convex; with several outputs, or rows and
    units too many for a Jacobian, that layer begins at 0. Raises ValueError for a model without hidden layers.

    >>> from infimum.losses import Squared
    >>> X = np.linspace(-1, 1, 101)[:, None]
    >>> F = LikelihoodObjective.of(Perceptron(X, (1,)), Squared(), ElasticNet(), np.maximum(X[:, 0], 0.0))
    >>> bool(F.value(greedy(F, np.random.default_rng(0))) < 1e-5)
    True
    """
    model, weight = objective.model, objective.weight
    if not isinstance(model, Perceptron) or not model.hidden:
        raise ValueError(f"{type(model).__name__} has no hidden layer to choose the units of")
    h, curve = model.X, ACTIVATIONS[model.activation].value
    parts: list[np.ndarray] = []
    for width in model.hidden[:-1]:
        V, b = spread(h, weight, width, rng)
        h, parts = curve(h @ V + b), [*parts, V.ravel(), b]
    width = model.hidden[-1]
    V, b = spread(h, weight, max(CANDIDATES, 4 * width), rng)
    seen = np.arange(len(h)) if len(h) <= MOST else np.sort(rng.choice(len(h), MOST, replace=False))
    r = -np.asarray(objective.loss.gradient(objective.origin[seen], objective.y[seen])).reshape(len(seen), -1)
    root = np.sqrt(weight[seen])[:, None]
    chosen = orthogonal_greedy(root * curve(h[seen] @ V + b), root * r, root[:, 0], width)
    h, parts = curve(h @ V[:, chosen] + b[chosen]), [*parts, V[:, chosen].ravel(), b[chosen]]
    outer = replace(objective, model=Perceptron(h, (), outputs=model.outputs))
    p = outer.model.layout.size
    last = np.zeros(p)
    if model.outputs == 1 and len(h) * p <= ENTRIES:
        strengths = np.broadcast_to(objective.penalty.l2, model.layout.size)[-p:]
        last = levenberg_marquardt(replace(outer, penalty=ElasticNet(l2=strengths)), last, 1e-6, LAST)[0]
    return np.concatenate([*parts, last])


def orthogonal_greedy(H: Matrix, r: Matrix, first: np.ndarray, count: int) -> np.ndarray:
    """(j₁, …, j_count): columns of H (n, C), each the one that, beside `first` and those before, explains most of r.

    r is (n, k), and what counts the sum of its squares.

    >>> orthogonal_greedy(np.eye(3), np.array([[1.0], [3.0], [2.0]]), np.zeros(3), 2).tolist()
    [1, 2]
    """
    size = np.einsum("ij,ij->j", H, H)
    gone, chosen, H = np.zeros(len(size), dtype=bool), [], H.copy()
    q = first / max(float(np.linalg.norm(first)), 1e-300)
    for _ in range(count):
        H -= np.outer(q, q @ H)
        r = r - np.outer(q, q @ r)
        new = np.einsum("ij,ij->j", H, H)
        fresh = ~gone & (new > NEW * size)
        gain = np.where(fresh, ((r.T @ H) ** 2).sum(axis=0) / np.where(fresh, new, 1.0), -1.0 - gone)
        chosen.append(int(gain.argmax()))
        gone[chosen[-1]] = True
        q = H[:, chosen[-1]] / np.sqrt(new[chosen[-1]]) if fresh[chosen[-1]] else np.zeros(len(q))
    return np.array(chosen)
