"""The claims about the K scores of K classes under an elastic net, derived again: in contrasts, or by a circulation."""

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from infimum.losses.multinomial import Multinomial, contrasts
from infimum.models.scores import LinearScores
from infimum.penalties.elastic_net import ElasticNet
from infimum.verify.answers import Answer, refuted, within
from infimum.verify.arithmetic import TINY, UNIT, column_sums, size_of, weighted
from infimum.verify.checks import (
    DIFFER,
    Witness,
    answer_on_gap,
    bound_within,
    check_claim,
    check_identification,
    value_doubt,
)
from infimum.verify.claims import nothing_claimed, readable, rounded_up
from infimum.verify.restated import Restated

TOGETHER = 1024  # rows whose distances from a centre are taken at once


def check_scores(problem: Restated, claim: dict[str, Any], witness: Witness, subject: str) -> Answer:
    """The answer to one claim about the scores of K classes; what is not of them alone is answered as of any fit."""
    kind = claim["kind"]
    nothing = nothing_claimed(claim, subject)
    if nothing is not None or kind not in ("gap", "parameters", "identification"):
        return nothing or check_claim(problem, claim, witness, subject)
    if kind == "identification":
        if "contrasts of classes" not in claim["statement"]:
            return refuted(kind, subject, claim["value"], None, "the sentence does not say of what parameters it is")
        plain = claim | {"statement": claim["statement"].replace("contrasts of classes", "parameters", 1)}
        return readable(lambda: check_identification(in_contrasts(problem), plain, witness, subject), kind, subject)
    check = _check_gap if kind == "gap" else _check_parameters
    return readable(lambda: check(problem, claim, witness, subject), kind, subject)


def in_contrasts(problem: Restated) -> Restated:
    """The problem of the contrasts of the scores, which has the ridge alone as a penalty."""
    assert isinstance(problem.model, LinearScores)
    K = problem.loss.outputs
    l2 = np.repeat(problem.parts[1].reshape(-1, K)[:, 0], K - 1)
    w = (problem.w.reshape(-1, K) @ contrasts(K)).ravel()
    model = replace(problem.model, outputs=K - 1)
    return replace(problem, model=model, loss=Multinomial(K), penalty=ElasticNet(0.0, l2), w=w)


def _check_gap(problem: Restated, claim: dict[str, Any], witness: Witness, subject: str) -> Answer:
    if claim["method"] == "local norm":
        norm = scores_norm(problem)
        derived, doubt = bound_within(norm.length, norm.rho) + norm.gain, 6 * norm.a
        least = (bound_within(norm.least, norm.rho) + norm.gain) * (1 - doubt)
        return answer_on_gap(problem, claim, subject, (derived * (1 - doubt), derived * (1 + doubt)), least)
    if claim["method"] != "duality":
        derived = problem.value + value_doubt(problem)
        return answer_on_gap(problem, claim, subject, (derived, derived), 0.99 * (claim["bound"] or 0.0))
    u = witness["dual"]
    note = _own_flows(problem, u)
    if note:
        return refuted("gap", subject, claim["bound"], None, note)
    derived, rounding = scores_dual_gap(problem, u)
    doubt = DIFFER * rounding if math.isfinite(derived) else 0.0
    return answer_on_gap(problem, claim, subject, (derived - doubt, derived + doubt), 0.99 * claim["bound"])


@dataclass(frozen=True)
class ScoresNorm:
    """(λ, ρ, a, what shifts may gain, W (q, P, K − 1), how far shifts are off (P,), λ less its allowance)."""

    length: float
    rho: float
    a: float
    gain: float
    blocks: np.ndarray
    shift: np.ndarray
    least: float


def scores_norm(problem: Restated) -> ScoresNorm:
    """The local norm in contrasts; λ = ρ = ∞ where no subgradient is level or H was not shown ≻ 0."""
    K, P = problem.loss.outputs, problem.A.shape[1]
    l1, l2 = (part.reshape(P, K) for part in problem.parts[:2])
    W = problem.w.reshape(P, K)
    g, doubt = (part.reshape(P, K) for part in problem.gradient)
    sigma, unsure, tilt = np.zeros((P, K)), np.zeros(P), np.zeros(P)
    for j in range(P):
        sigma[j] = np.where(W[j] == 0, np.clip(-g[j], -l1[j], l1[j]), l1[j] * np.sign(W[j]))
        sigma[j], left, level = _level(sigma[j], np.flatnonzero(W[j] == 0), float(l1[j, 0]), l2[j] * W[j])
        unsure[j], tilt[j] = (left, 0.0) if level else (0.0, left) if l2[j, 0] > 0 else (math.inf, 0.0)
    found = problem.inverse_root(
        weighted(problem.weight, Multinomial(K).bend_at(problem.loss.mean(problem.z))), in_contrasts(problem).parts[1]
    )
    shift = np.divide(tilt, K * l2[:, 0], where=tilt > 0, out=np.zeros(P))
    gain = 0.5 * math.fsum(tilt * shift)
    if found is None or not np.all(np.isfinite(unsure)):
        return ScoresNorm(math.inf, math.inf, 0.0, gain, np.zeros((0, P, K - 1)), shift, 0.0)
    root, a = found
    S, C = g + sigma + l2 * W, contrasts(K)
    doubt = doubt + 4 * UNIT * (np.abs(g) + np.abs(sigma) + l2 * np.abs(W)) + unsure[:, None]
    off = doubt @ np.abs(C) + (K + 8) * UNIT * (np.abs(S) @ np.abs(C))
    plain, allowed = float(size_of(root @ (S @ C).ravel())), float(off.ravel() @ size_of(root, 0))
    blocks, rho, rows = root.reshape(len(root), P, K - 1), 0.0, problem.A[problem.weight > 0]
    for k in range(K):
        for other in range(k):
            V = blocks @ (C[k] - C[other])
            V = np.linalg.qr(V, mode="r") if len(V) > P else V
            rho = max(rho, float(np.linalg.norm(rows @ V.T, axis=1).max()) / math.sqrt(1 - a))
    least = max(plain - 2 * allowed, 0.0)
    return ScoresNorm((plain + allowed) / math.sqrt(1 - a), rho, a, gain, blocks, shift, least)


def _level(sigma: np.ndarray, free: np.ndarray, l1: float, tilt: np.ndarray) -> tuple[np.ndarray, float, bool]:
    """Entries `free` moved within ±l1, all by as much as their room allows, till Σ σ + tilt is 0.

    Also what is left, and whether the room of one entry is enough for that.
    """
    sigma = sigma.copy()
    for _ in range(len(sigma) + 1):
        excess = float(sigma.sum() + tilt.sum())
        room = np.where(excess > 0, sigma[free] + l1, l1 - sigma[free])
        open_ = free[room > 0]
        if excess and len(open_):
            taken = np.minimum(room[room > 0], abs(excess) / len(open_))
            sigma[open_] = np.clip(sigma[open_] - math.copysign(1.0, excess) * taken, -l1, l1)
    left = abs(math.fsum([*sigma, *tilt])) + 2 * UNIT * float(np.abs(tilt).sum())
    spare = max((l1 - abs(float(sigma[k])) for k in free), default=0.0)
    return sigma, left, left == 0 or left < spare


def _check_parameters(problem: Restated, claim: dict[str, Any], witness: Witness, subject: str) -> Answer:
    """maxⱼₖ of rⱼₖ + max over l of rⱼₗ + what the shift of column j is off by."""
    norm = scores_norm(problem)
    length, rho, a = norm.length, norm.rho, norm.a
    if not rho * length < 1:
        return refuted("parameters", subject, claim["bound"], None, "no bound follows from the file and the data")
    radius = (-math.log1p(-rho * length) / rho if rho else length) + TINY
    r = size_of(norm.blocks @ contrasts(problem.loss.outputs).T, 0) / math.sqrt(1 - a) * radius
    derived = float((r + r.max(axis=1, keepdims=True) + norm.shift[:, None]).max())
    size = float(np.abs(problem.w).max(initial=0.0)) or 1.0
    if claim["scale"] != size or not rounded_up(claim["value"], claim["bound"]):
        return refuted("parameters", subject, claim["scale"], size, "the recorded value or scale is not reproduced")
    verdict = "CERTIFIED" if claim["bound"] <= 1e-6 * size else "INSUFFICIENT"
    return within(claim, subject, (derived * (1 - 6 * a), derived * (1 + 6 * a)), verdict)


def scores_dual_gap(problem: Restated, u: np.ndarray) -> tuple[float, float]:
    """(F(w) − D, what of it rounding may be), D = [Σ s̃ H(p) (1 − 2 (K − 1) δ) − Σ Ω*] / κ, as the flows u prove it.

    δ is by how much flows have to change to circulate, κ ≥ 1 by how much slopes are too steep for l1 without l2.
    """
    K, y, s = problem.loss.outputs, problem.y.astype(int), problem.weight
    own, free = np.arange(K) == y[:, None], problem.model.layout.free
    out = np.where(own, 0.0, u)
    l1, l2 = problem.parts[0][~free], problem.parts[1][~free]
    if np.any(out < 0) or np.any(out.sum(axis=1) * (1 + (K + 5) * UNIT) > s) or np.any((l1 == 0) & (l2 == 0)):
        return math.inf, 0.0
    delta = _not_circulating(out, y) if free.any() else 0.0
    if not delta < 0.5 / K:
        return math.inf, 0.0
    rows = s > 0
    p = out[rows] / s[rows, None]
    stays = np.maximum(1 - p.sum(axis=1), 0.0)
    entries = np.where(own[rows], stays[:, None], p)
    surprise = -entries * np.log(np.where(entries > 0, entries, 1.0))
    off = (K + 6) * UNIT
    doubt = off * (2 - np.log(np.maximum(stays, 4 * off))) + 12 * UNIT * (surprise + p).sum(axis=1)
    entropy, lost = math.fsum(s[rows] * surprise.sum(axis=1)), math.fsum(s[rows] * doubt)
    steep = _slopes(problem, u, delta)[~free]
    capped = l2 == 0
    kappa = float(np.max(steep[capped] / l1[capped], initial=1.0)) * (1 + 4 * UNIT)
    excess = np.maximum(steep[~capped] - l1[~capped], 0.0)
    whole = entropy - lost
    below = (whole - 2 * (K - 1) * delta * whole - math.fsum(excess**2 / (2 * l2[~capped]))) / kappa
    rounding = lost + (K + 16) * UNIT * entropy + value_doubt(problem)
    gap = problem.value - max(below, 0.0) + (K + 16) * UNIT * entropy + value_doubt(problem)
    return max(gap, 0.0) + TINY, rounding + 2 * (K - 1) * delta * whole


def _slopes(problem: Restated, u: np.ndarray, delta: float) -> np.ndarray:
    """|Aᵀu| from the mean of each column, and what flows that circulate exactly may add to it, flat."""
    A, K = problem.A, u.shape[1]
    t = column_sums(A, u).reshape(-1, K)
    centre = np.zeros(A.shape[1])
    if problem.model.layout.free.any():
        centre = problem.weight @ A
        t = t - centre[:, None] * np.array([math.fsum(column) for column in u.T])
    size = np.zeros(t.shape)
    for start in range(0, len(A), TOGETHER):
        size += np.abs(A[start : start + TOGETHER] - centre).T @ np.abs(u[start : start + TOGETHER])
    return np.asarray((np.abs(t) * (1 + 4 * UNIT) + (2 * delta + (K + 4) * UNIT) * size + TINY).ravel())


def _not_circulating(out: np.ndarray, y: np.ndarray) -> float:
    """δ: the largest share of a tree's flows that has to change; the tree grows by the strongest tie to a class in it.

    What an edge has to carry is what flows over the cut between its two sides.
    """
    K = out.shape[1]
    T = np.array([[math.fsum(out[y == a, b]) if a != b else 0.0 for b in range(K)] for a in range(K)])
    tie, tree = T + T.T, [0]
    edges: list[tuple[int, int]] = []
    while len(tree) < K:
        left = [k for k in range(K) if k not in tree]
        _, k, near = max((float(tie[a, b]), -b, -tree.index(a)) for a in tree for b in left)
        edges.append((tree[-near], -k))
        tree.append(-k)
    worst = 0.0
    for at, (near, k) in enumerate(edges):
        side = {k}
        for a, b in edges[at + 1 :]:
            side |= {b} if a in side else set()
        flow = [float(T[a, b]) for a in range(K) for b in side if a not in side]
        flow += [-float(T[b, a]) for a in range(K) for b in side if a not in side]
        net = abs(math.fsum(flow)) + 4 * UNIT * math.fsum(map(abs, flow))
        if net > 0:
            worst = max(worst, net / float(tie[near, k]) if tie[near, k] > 0 else math.inf)
    return worst


def _own_flows(problem: Restated, u: np.ndarray) -> str:
    """'' if u is s̃ ℓ′(z), what flows from one class to another times one factor ≤ 1, and each row adds up to 0."""
    K, y = problem.loss.outputs, problem.y.astype(int)
    if u.shape != problem.u.shape:
        return "the witness is not of the shape of the scores"
    own = np.arange(K) == y[:, None]
    out = np.where(own, 0.0, u)
    if np.any(np.abs(u.sum(axis=1)) > 4 * K * UNIT * out.sum(axis=1)):
        return "a row of the witness does not add up to 0"
    if np.any(u[problem.weight == 0] != 0):
        return "the witness is not 0 on a row of weight 0"
    for a in range(K):
        for b in range(K):
            rows = (y == a) & (problem.u[:, b] > TINY)
            ratio = u[rows, b] / problem.u[rows, b]
            if a != b and len(ratio) and not (np.ptp(ratio) <= 1e-9 and ratio.min() >= 0 and ratio.max() <= 1):
                return "the witness is not the residual of the recorded parameters, scaled from class to class"
    return ""
