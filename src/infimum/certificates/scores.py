"""{gap, parameters, stationarity, identification} of the scores of K classes, all K of them, under an elastic net.

The loss knows the contrasts of a row's scores alone; the penalty knows the scores. With B = V Cᵀ + c 1ᵀ, C the
contrasts, F is f(V) + min over c of Ω(V Cᵀ + c 1ᵀ), convex in V. So the local-norm bound holds in V, where f has a
Hessian ≻ 0, for every subgradient (g + σ + l2 B) C with σ ∈ ∂ l1 |B| whose entries in each column of the data add up to
0: that says that no common shift helps. With l2 > 0 what is left of such a sum, e, costs at most e² / (2 K l2).
"""

import math
from dataclasses import dataclass, replace

import numpy as np

from infimum.certificates.claim import Claim, Verdict
from infimum.certificates.decrement import Decrement, decrement_at
from infimum.certificates.gap import gap_claim
from infimum.certificates.identification import identification_claim
from infimum.certificates.point import Point
from infimum.certificates.rounding import UNIT, ceiling, gamma, norm
from infimum.certificates.stationarity import stationarity_claim
from infimum.losses.multinomial import Multinomial, contrasts
from infimum.models import Params
from infimum.models.scores import LinearScores
from infimum.objective import weighted
from infimum.penalties.elastic_net import ElasticNet


@dataclass(frozen=True)
class Contrasted:
    """The point in contrasts, (P, K − 1), what shifts of columns may still gain, and how far they are off, (P,)."""

    point: Point
    gain: float
    shift: Params


def scores_claims(point: Point, columns: tuple[str, ...]) -> tuple[Claim, ...]:
    """The claims about `Softmax` scores w = (B, b₀) at a point; `columns` name those of the data."""
    seen = contrasted(point)
    decrement = decrement_at(seen.point)
    whole = replace(decrement, gap=decrement.gap + seen.gain, estimate=decrement.estimate + seen.gain)
    return (
        gap_claim(point, whole),
        parameters_claim(point, seen, decrement, columns),
        stationarity_claim(point),
        _identification(seen.point, columns, decrement),
    )


def contrasted(point: Point) -> Contrasted:
    """z C, the slopes (g + σ + l2 B) C and d = s̃ Cᵀ ℓ″ C, of which the local norm is; where no σ serves they are ∞."""
    objective, K, P = point.objective, point.outputs, point.A.shape[1]
    assert isinstance(objective.model, LinearScores)
    C, loss = contrasts(K), Multinomial(K, getattr(objective.loss, "labels", ()))
    l1, l2 = (np.broadcast_to(part, point.w.shape).reshape(P, K) for part in (point.penalty.l1, point.penalty.l2))
    W, g = point.w.reshape(P, K), point.g.reshape(P, K)
    sigma, doubt, e = level_subgradient(W, g, (l1, l2))
    S = g + sigma + l2 * W
    none = np.where(np.isinf(doubt), math.inf, 0.0)[:, None]
    off = point.g_error.reshape(P, K) + 4 * UNIT * (np.abs(g) + np.abs(sigma) + l2 * np.abs(W))
    off += np.where(np.isinf(doubt), 0.0, doubt)[:, None]
    slope, error = S @ C, off @ np.abs(C) + gamma(K + 8) * (np.abs(S) @ np.abs(C)) + none
    shift = np.divide(e, K * l2[:, 0], where=e > 0, out=np.zeros(P)) * (1 + 8 * UNIT)
    gain = float(np.sum(0.5 * e * shift)) * (1 + gamma(P + 4))
    ridge = ElasticNet(np.zeros(P * (K - 1)), np.repeat(l2[:, 0], K - 1), *(np.full(P * (K - 1), x) for x in _OPEN))
    model = replace(objective.model, outputs=K - 1)
    inner = replace(objective, model=model, loss=loss, penalty=ridge)
    d = weighted(objective.weight, loss.bend_at(objective.loss.mean(point.z)))
    w = (W @ C).ravel()
    s, s_error = slope.ravel(), error.ravel()
    return Contrasted(replace(point, objective=inner, w=w, z=point.z @ C, d=d, s=s, s_error=s_error), gain, shift)


_OPEN = (-math.inf, math.inf)


def level_subgradient(
    W: np.ndarray, g: np.ndarray, strengths: tuple[np.ndarray, np.ndarray]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(σ, doubt, e): σ ∈ l1 ∂|W|, (P, K), near −g where W = 0, with rows such that σ + l2 W add up to 0.

    An exact one is within doubt, (P,). Where none is, e is what the sum of the row is at most off by, (P,); under l1
    alone doubt is ∞ then.
    """
    l1, l2 = strengths
    zero, straight = W == 0, l1[:, 0] > 0
    sigma, tilt = np.where(zero, np.clip(-g, -l1, l1), l1 * np.sign(W)), l2 * W
    for _ in range(W.shape[1] + 1):  # entries that reach ±l1 stay there, and the others share what is left
        excess = np.where(straight, sigma.sum(axis=1) + tilt.sum(axis=1), 0.0)[:, None]
        room = np.where(zero, np.where(excess > 0, sigma + l1, l1 - sigma), 0.0)
        sharing = room > 0
        each = np.abs(excess) / np.maximum(sharing.sum(axis=1), 1)[:, None]
        sigma = np.clip(sigma - np.sign(excess) * np.where(sharing, np.minimum(room, each), 0.0), -l1, l1)
    rounding = 2 * UNIT * np.abs(tilt).sum(axis=1)
    left = np.array([abs(math.fsum([*row, *more])) for row, more in zip(sigma, tilt, strict=True)])
    left = left * (1 + 4 * UNIT) + rounding
    most = np.max(np.where(zero, l1 - np.abs(sigma), 0.0), axis=1)
    level = (left == 0) | (left <= most * (1 - 4 * UNIT))
    none = ~level & (l2[:, 0] == 0)
    return sigma, np.where(none, math.inf, np.where(level, left, 0.0)), np.where(level | none, 0.0, left)


def parameters_claim(point: Point, seen: Contrasted, decrement: Decrement, columns: tuple[str, ...]) -> Claim:
    """|wⱼₖ − wⱼₖ*| ≤ rⱼₖ + max over l of rⱼₗ + shift, rⱼₖ = √(cₖᵀ (H⁻¹)ⱼⱼ cₖ) ‖V − V*‖_H, of a minimiser w*.

    The best shift of a column is a clipped order statistic or an average between them: it moves no more than the
    largest of its contrasts does.
    """
    if decrement.metric is None or not math.isfinite(decrement.radius):
        sentence = "no bound on the distance of the parameters from a minimiser: the curvature is not proved positive"
        return Claim("parameters", sentence, math.inf, math.inf, Verdict.UNAVAILABLE)
    K, metric = point.outputs, decrement.metric
    P, p = point.A.shape[1], len(metric.W)
    rows = (metric.W.reshape(p, P, K - 1) @ contrasts(K).T).reshape(p, P * K)
    doubt = gamma(K + 8) * norm(metric.W.reshape(-1, K - 1)) * np.ones(P * K)
    radii = (norm(rows, 0) * (1 + gamma(p + 8)) + doubt) / math.sqrt(1 - metric.a) * decrement.radius * (1 + 8 * UNIT)
    radii = radii.reshape(P, K)
    bounds = (radii + radii.max(axis=1, keepdims=True) + seen.shift[:, None]) * (1 + 4 * UNIT)
    bound, worst = ceiling(float(bounds.max())), int(np.argmax(bounds))
    size = float(np.abs(point.w).max(initial=0.0)) or 1.0
    verdict = Verdict.CERTIFIED if bound <= 1e-6 * size else Verdict.INSUFFICIENT
    label = (getattr(point.objective.loss, "labels", ()) or [f"class {k + 1}" for k in range(K)])[worst % K]
    loosest = f"{columns[worst // K]} of {label} = {point.w[worst]:.6g}"
    sentence = f"every parameter is within {bound:.3g} of a minimiser's; the loosest is {loosest}"
    return Claim("parameters", sentence, float(bounds.max()), bound, verdict, size)


def _identification(point: Point, columns: tuple[str, ...], decrement: Decrement) -> Claim:
    """Which contrasts the data determine: of the shift common to all classes of a column they say nothing."""
    found = identification_claim(point, columns, decrement.metric)
    sentence = found.statement.replace("parameters", "contrasts of classes", 1)
    told = "a number added to all scores of a row changes no probability"
    return replace(found, statement=f"{sentence}; {told}")
