"""Standard errors of quantile and Huber regression by statsmodels and mpmath: prints robust.json.

python tests/references/make_robust.py > tests/references/robust.json

In an environment with statsmodels (0.15.0) and mpmath. Quantiles: QuantReg(y, A).fit(q, kernel="epa",
bandwidth="hsheather", p_tol=1e-12) with vcov "robust" and "iid", on 10⁶ y, and divided by 10⁶ again: its iterations
stop 10⁻⁶ short of interpolated rows, whatever the units. Which rows it takes to be above the plane, the interpolated
ones among them, is stored as `above`: its "robust" depends on it. Huber: the equations of coefficients and scale solved
by Newton's method with 40 digits; there the sandwich at that scale and the joint one, formed with the same digits, and
H1, H2, H3 of statsmodels' RLMResults.
"""

import json
import warnings
from importlib.metadata import version

import numpy as np

UNITS = 1e6
QUANTILES = (0.5, 0.3, 0.75)
EPSILON = 1.35


def table():
    """(X (45, 2), y (45,)) of numbers with few digits, from a linear congruence: noise with tails."""
    state, numbers = 12345, []
    for _ in range(45 * 8):
        state = (1103515245 * state + 12345) % 2**31
        numbers.append(state / 2**31)
    u = np.array(numbers).reshape(45, 8)
    X = np.round(np.column_stack([6 * u[:, 0] - 3, u[:, 1] + u[:, 2] + u[:, 3] - 1.5]), 3)
    noise = (u[:, 4] + u[:, 5] - 1) / (0.15 + u[:, 6]) * (1 + 0.3 * np.abs(X[:, 0]))
    return X, np.round(1.0 + X @ [1.5, -2.0] + noise, 4)


def of_quantile(X, y, q):
    import statsmodels.api as sm

    A = np.column_stack([X, np.ones(len(y))])
    found = {"quantile": q}
    for kind, name in (("robust", "robust"), ("iid", "classical")):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that the iterations do not come to rest to 1e-12, in these units
            fit = sm.QuantReg(y * UNITS, A).fit(q, vcov=kind, kernel="epa", bandwidth="hsheather", p_tol=1e-12)
        found[name] = (fit.bse / UNITS).tolist()
        found[f"{name} p"] = fit.pvalues.tolist()
    above = (y * UNITS - A @ fit.params > 0).tolist()
    return found | {
        "coefficients": (fit.params / UNITS).tolist(), "above": above, "sparsity": float(fit.sparsity) / UNITS,
        "bandwidth": float(fit.bandwidth) / UNITS,
    }  # fmt: skip


def of_huber(X, y):
    import mpmath as mp

    mp.mp.dps = 40
    n, p = len(y), X.shape[1] + 1
    A = mp.matrix([[*map(mp.mpf, row), mp.mpf(1)] for row in X.tolist()])
    y, epsilon = mp.matrix(list(map(mp.mpf, y.tolist()))), mp.mpf(EPSILON)
    start = np.linalg.lstsq(np.column_stack([X, np.ones(n)]), np.array(y.tolist(), float).ravel(), rcond=None)[0]
    w, sigma = mp.matrix(start.tolist()), mp.mpf(1)
    for _ in range(200):
        x = (y - A * w) / sigma
        psi = [max(-epsilon, min(epsilon, each)) for each in x]
        inside = [int(abs(each) <= epsilon) for each in x]
        weight = [each / own if own else mp.mpf(1) for each, own in zip(psi, x, strict=True)]
        AW = mp.matrix([[A[i, j] * weight[i] for j in range(p)] for i in range(n)])
        w = mp.lu_solve(AW.T * A, AW.T * y)  # reweighted least squares, and the scale that then solves its equation
        r = y - A * w
        kept = [abs(each) <= epsilon * sigma for each in r]
        left = n - epsilon**2 * sum(not each for each in kept)
        sigma = mp.sqrt(sum(each**2 for each, own in zip(r, kept, strict=True) if own) / left)
    for _ in range(12):  # Newton's method on both together, which squares what is left
        x = (y - A * w) / sigma
        psi = [max(-epsilon, min(epsilon, each)) for each in x]
        inside = [int(abs(each) <= epsilon) for each in x]
        g = mp.matrix([sum(psi[i] * A[i, j] for i in range(n)) for j in range(p)] + [sum(u**2 - 1 for u in psi)])
        step = mp.lu_solve(slope(A, x, psi, inside), g) * sigma
        w, sigma = w + step[:p], sigma + step[p]
    assert max(abs(each) for each in step) < mp.mpf(10) ** -35
    W, M = mp.zeros(p), mp.zeros(p)
    for i in range(n):
        a = A[i, :].T
        W, M = W + inside[i] * a * a.T, M + psi[i] ** 2 * a * a.T
    B, C = slope(A, x, psi, inside), mp.zeros(p + 1)
    for i in range(n):
        both = mp.matrix([psi[i] * A[i, j] for j in range(p)] + [psi[i] ** 2 - 1])
        C = C + both * both.T
    fixed, joint = W**-1 * M * W**-1, B**-1 * C * (B**-1).T
    found = {"coefficients": [float(each) for each in w], "scale": float(sigma)}
    for name, V in (("robust", fixed), ("joint", joint)):
        found[name] = [float(sigma * mp.sqrt(V[j, j])) for j in range(p)]
    return found


def slope(A, x, psi, inside):
    """Σ (ψ′ a; 2 ψ ψ′) (a, x)ᵀ."""
    import mpmath as mp

    n, p = A.rows, A.cols
    B = mp.zeros(p + 1)
    for i in range(n):
        if inside[i]:
            left = mp.matrix([*A[i, :], 2 * psi[i]])
            B = B + left * mp.matrix([*A[i, :], x[i]]).T
    return B


def of_rlm(X, y, fitted):
    import statsmodels.api as sm
    from statsmodels.robust.robust_linear_model import RLMResults

    A = np.column_stack([X, np.ones(len(y))])
    model = sm.RLM(y, A, M=sm.robust.norms.HuberT(t=EPSILON))
    model.weights = np.ones(len(y))
    params = np.array(fitted["coefficients"])
    return {
        kind: RLMResults(model, params, model.normalized_cov_params, fitted["scale"], cov=kind).bse.tolist()
        for kind in ("H1", "H2", "H3")
    }


if __name__ == "__main__":
    X, y = table()
    huber = of_huber(X, y)
    print(
        json.dumps(
            {
                "statsmodels": version("statsmodels"),
                "X": X.tolist(),
                "y": y.tolist(),
                "quantiles": [of_quantile(X, y, q) for q in QUANTILES],
                "huber": {"epsilon": EPSILON} | huber | of_rlm(X, y, huber),
            },
            indent=1,
        )
    )
