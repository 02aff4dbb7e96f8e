"""Covariances, tests, intervals and influence by statsmodels: prints statistics.json.

python tests/references/make_statistics.py > tests/references/statistics.json

In an environment with statsmodels (0.15.0), fits converged to 1e-14. Longley's table is NIST's, its columns less round
numbers and over powers of ten; the others are written below. Least squares: HC0 to HC3, clusters with statsmodels' own
correction for few of them, Wald and F tests, intervals of the mean and of new rows, influence. Counts and classes: Wald
and likelihood-ratio tests, sandwiches, intervals of the mean, influence of GLMs (Pregibon's one step).
"""

import json
from importlib.metadata import version
from pathlib import Path

import numpy as np

NIST = Path(__file__).with_name("nist")
SITES = [
    [0.5, 1.0], [1.5, -2.0], [-1.0, 0.25], [2.0, 3.0], [0.0, -1.0], [-2.5, 0.5], [1.0, 1.5], [3.0, -0.5],
    [0.25, 0.75], [1.0, -1.0], [-0.5, 2.0], [2.5, 0.0], [0.75, -1.5], [-1.5, 1.25],
]  # fmt: skip
GROUPS = [0, 0, 1, 1, 1, 2, 2, 3, 3, 3, 4, 4, 5, 5]
COUNTS = [2, 5, 0, 3, 1, 0, 4, 9, 1, 3, 2, 4, 2, 1]
CLASSES = [1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0]
REAL = [1.25, 0.5, -0.75, 3.0, 0.125, -2.0, 1.0, 2.5, 0.75, 1.5, -0.25, 2.25, 1.0, -1.25]
NEW = [[0.0, 0.0], [1.0, 1.0], [-3.0, 2.0]]


def longley():
    """(X (16, 6), y (16,)), about its means and over powers of ten: as it is statsmodels has eight digits of it."""
    lines = (NIST / "Longley.dat").read_text("utf-8").splitlines()[60:]
    table = np.array([[float(cell) for cell in line.split()] for line in lines if line.strip()])
    table -= np.array([65_000, 100, 390_000, 3200, 2600, 117_000, 1954])
    scale = 10.0 ** np.array([3, 1, 5, 3, 3, 4, 1])
    return table[:, 1:] / scale[1:], table[:, 0] / scale[0]


def lists(array):
    return np.asarray(array, dtype=float).tolist()


def tests_of(fit, k):
    """Each coefficient's statistic, p and 90% interval; all of the first k at once."""
    joint = fit.wald_test(np.eye(len(fit.params))[:k], scalar=True)
    return {
        "errors": lists(fit.bse), "statistics": lists(fit.tvalues), "p_values": lists(fit.pvalues),
        "interval": lists(fit.conf_int(0.1)), "wald": float(joint.statistic), "wald_p": float(joint.pvalue),
    }  # fmt: skip


def of_least_squares(X, y, groups, new):
    import statsmodels.api as sm
    from statsmodels.stats.outliers_influence import variance_inflation_factor

    A = np.column_stack([X, np.ones(len(y))])
    k, fit = A.shape[1] - 1, sm.OLS(y, A).fit(method="qr")
    found = {"coefficients": lists(fit.params), "classical": tests_of(fit, k)}
    for kind in ("HC0", "HC1", "HC2", "HC3"):
        found[kind] = tests_of(sm.OLS(y, A).fit(method="qr", cov_type=kind, use_t=True), k)
    if groups is not None:
        how = {"groups": np.array(groups), "df_correction": True}
        found["clustered"] = tests_of(sm.OLS(y, A).fit(method="qr", cov_type="cluster", cov_kwds=how, use_t=True), k)
    frame = fit.get_prediction(np.column_stack([new, np.ones(len(new))])).summary_frame(0.1)
    found["confidence"] = lists(frame[["mean", "mean_ci_lower", "mean_ci_upper"]])
    found["prediction"] = lists(frame[["mean", "obs_ci_lower", "obs_ci_upper"]])
    told = fit.get_influence()
    found["influence"] = {
        "leverage": lists(told.hat_matrix_diag), "studentised": lists(told.resid_studentized_internal),
        "externally_studentised": lists(told.resid_studentized_external),
        "cooks_distance": lists(told.cooks_distance[0]), "dffits": lists(told.dffits[0]),
        "dfbetas": lists(told.dfbetas),
    }  # fmt: skip
    found["vif"] = [float(variance_inflation_factor(A, j)) for j in range(k)]
    found["statistics"] = {
        "r2": fit.rsquared, "adjusted_r2": fit.rsquared_adj, "f": fit.fvalue, "f_p_value": fit.f_pvalue,
        "log_likelihood": fit.llf, "aic": fit.aic, "bic": fit.bic, "residual_error": float(np.sqrt(fit.scale)),
    }  # fmt: skip
    smaller = sm.OLS(y, A[:, 1:]).fit(method="qr")
    found["without_first"] = [float(each) for each in fit.compare_f_test(smaller)[:2]]
    return found


def of_likelihood(X, y, groups, new, family):
    A, k = np.column_stack([X, np.ones(len(y))]), np.shape(X)[1]
    import statsmodels.api as sm

    how = {"tol": 1e-14, "maxiter": 200}

    def model(A):
        return sm.GLM(np.array(y, float), A, getattr(sm.families, family)())

    fit = model(A).fit(**how)
    how["start_params"] = fit.params  # errors are those of the weights one step before the last
    fit = model(A).fit(**how)
    found = {"coefficients": lists(fit.params), "classical": tests_of(fit, k)}
    found["HC0"] = tests_of(model(A).fit(**how, cov_type="HC0"), k)
    clustered = {"groups": np.array(groups), "df_correction": True}
    found["clustered"] = tests_of(model(A).fit(**how, cov_type="cluster", cov_kwds=clustered), k)
    frame = fit.get_prediction(np.column_stack([new, np.ones(len(new))])).summary_frame(0.1)
    found["confidence"] = lists(frame[["mean", "mean_ci_lower", "mean_ci_upper"]])
    told = fit.get_influence()
    found["influence"] = {
        "leverage": lists(told.hat_matrix_diag), "studentised": lists(told.resid_studentized),
        "cooks_distance": lists(told.cooks_distance[0]),
    }  # fmt: skip
    how.pop("start_params")
    null = model(A[:, k:]).fit(**how)
    found["statistics"] = {
        "log_likelihood": float(fit.llf), "aic": float(fit.aic), "bic": float(fit.bic_llf),
        "lr": float(2 * (fit.llf - null.llf)), "pseudo_r2": float(1 - fit.llf / null.llf),
        "deviance_explained": float(1 - fit.deviance / fit.null_deviance),
    }  # fmt: skip
    smaller = model(A[:, 1:]).fit(**how)
    found["without_first"] = [float(2 * (fit.llf - smaller.llf))]
    return found


if __name__ == "__main__":
    X, y = longley()
    sites = np.array(SITES)
    print(
        json.dumps(
            {
                "statsmodels": version("statsmodels"),
                "longley": {
                    "X": lists(X),
                    "y": lists(y),
                    "new": lists(X[[0, 7]] * 1.01),
                    "groups": None,
                    "loss": "squared",
                }
                | of_least_squares(X, y, None, X[[0, 7]] * 1.01),
                "sites": {"X": SITES, "y": REAL, "new": NEW, "groups": GROUPS, "loss": "squared"}
                | of_least_squares(sites, np.array(REAL), GROUPS, np.array(NEW)),
                "counts": {"X": SITES, "y": COUNTS, "new": NEW, "groups": GROUPS, "loss": "poisson"}
                | of_likelihood(sites, COUNTS, GROUPS, np.array(NEW), "Poisson"),
                "classes": {"X": SITES, "y": CLASSES, "new": NEW, "groups": GROUPS, "loss": "logistic"}
                | of_likelihood(sites, CLASSES, GROUPS, np.array(NEW), "Binomial"),
            },
            indent=1,
        )
    )
