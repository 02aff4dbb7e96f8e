"""Reports made by hand, one a kind of target and of model: the contract between the ladder and the page."""

from typing import Any


def rung(name: str, mean: float, chosen: bool = False, verdict: str = "CERTIFIED") -> dict[str, Any]:
    return {
        "name": name,
        "title": name.capitalize(),
        "assumes": f"What {name} assumes.",
        "parameters": 4,
        "active": 3,
        "degrees_of_freedom": 2.6,
        "errors": [mean - 2.0, mean - 1.0, mean, mean + 1.0, mean + 2.0],
        "mean": mean,
        "standard_error": 0.7071,
        "rival": "lasso",
        "difference": mean - 9.8,
        "difference_error": 0.3,
        "noticed": 0.14,
        "strength": None,
        "verdict": verdict,
        "gap": None if verdict == "UNAVAILABLE" else 1e-17,
        "gap_relative": None if verdict == "UNAVAILABLE" else 3e-16,
        "unattained": "the data are separated along hour" if verdict == "INSUFFICIENT" else None,
        "reason": f"Why {name} won or lost.",
        "chosen": chosen,
        "candidate": True,
    }


def claim(kind: str, statement: str, verdict: str) -> dict[str, Any]:
    numbers = {"value": 1e-17, "bound": 2e-17, "scale": 1.0}
    return {"kind": kind, "statement": statement, "verdict": verdict, "method": "local norm", "witness": [], **numbers}


def column(name: str, role: str, levels: int = 24) -> dict[str, Any]:
    facts = {"missing": 2, "levels": levels, "values": f"values of {name}"}
    return {"name": name, "role": role, "reason": f"Reason for {name}.", **facts}


def finding(code: str, severity: str, *columns: str) -> dict[str, Any]:
    said = {"statement": f"{' and '.join(columns)}: what was found.", "remedy": "What to do.", "source": "a theorem"}
    return {"code": code, "severity": severity, "columns": list(columns), **said}


def worst_row(row: int, observed: Any, predicted: Any, probability: float | None) -> dict[str, Any]:
    told = {"row": row, "observed": observed, "predicted": predicted, "probability": probability}
    return {**told, "loss": 40.0 / row, "cells": ["7", None]}


def term(name: str, coefficient: float, level: str | None = None, reference: str | None = None) -> dict[str, Any]:
    facts = {"column": name.split(" = ")[0], "level": level, "reference": reference, "bound": 1e-12}
    return {"name": name, "coefficient": coefficient, "effect": 2 * coefficient, **facts}


def sets_of(classes: list[str], sizes: list[int]) -> dict[str, Any]:
    facts = {"rows": 20, "covered": 0.9, "bound": 0.625}
    return {
        "level": 0.9,
        "method": "CV+",
        "calibration_rows": 60,
        "rows_needed": 9,
        "guarantee": "Of the new rows of each class, at least 62.5% have it in their set.",
        "folds": [0, 1, 2, 3, 4],
        "bound": 0.625,
        "covered": 0.9,
        "covered_folds": [0.9] * 5,
        "sizes": sizes,
        "classes": [{"class": name, **facts, "rows": 20 if at else 8} for at, name in enumerate(classes)],
    }


REGRESSION: dict[str, Any] = {
    "infimum": "0.1.0",
    "command": "infimum fit bikes.csv --target rentals",
    "seed": 0,
    "table": {"name": "bikes.csv", "rows": 45, "used_rows": 40, "fingerprint": "sha256:0123abcd"},
    "target": {
        "name": "rentals",
        "task": "regression",
        "classes": None,
        "positive": None,
        "mean": 20.0,
        "shares": None,
    },
    "columns": [column("hour", "number"), column("weather", "category", 2), column("rentals", "target")],
    "metric": "rmse",
    "folds": {
        "k": 5,
        "seed": 0,
        "kind": "random",
        "column": "",
        "held_out_rows": 40,
        "overlap": 0.25,
        "repeats": 1,
        "reason": "5 folds, drawn at random.",
    },
    "also": [],
    "findings": [finding("INF123", "note", "a", "b"), finding("INF101", "excluded", "casual")],
    "leak": {"columns": ["casual"], "title": "Ridge regression", "error_with": 0.5, "error_without": 10.1},
    "reading": {
        "delimiter": ";",
        "encoding": "utf-8",
        "decimal": ",",
        "thousands": "",
        "quote": '"',
        "missing": ["", "NA"],
        "kinds": {"day": "time", "hour": "number", "weather": "text"},
        "dates": {"day": "%d.%m.%Y"},
    },
    "wishes": {
        "drop": [],
        "roles": {},
        "ordered": {},
        "keep_leaks": False,
        "time": "",
        "group": "",
        "task": "auto",
        "read": [],
    },
    "rungs": [
        rung("constant", 20.0),
        rung("least squares", 10.0, chosen=True),
        rung("lasso", 9.8, verdict="INSUFFICIENT"),
        rung("network", 9.9, verdict="UNAVAILABLE"),
    ],
    "reference": {
        "title": "Gradient boosting",
        "library": "scikit-learn 1.9",
        "errors": [7.0, 8.0, 9.0, 10.0, 11.0],
        "mean": 9.0,
        "standard_error": 1.06,
        "difference": 1.0,
        "difference_error": 0.2,
        "statement": "What simplicity costs: one of ten.",
    },
    "skipped": [{"name": "network", "reason": "PyTorch is not installed: pip install 'infimum[networks]'"}],
    "chosen": "least squares",
    "rule": "1se",
    "search": {
        "method": "bootstrap bias corrected cross-validation",
        "draws": 400,
        "optimism": 0.01,
        "corrected": 2.01,
        "low": 1.8,
        "high": 2.22,
        "picked": {"constant": 0.1, "least squares": 0.9},
        "level": 0.9,
    },
    "answer": ["Least squares is the model to use.", "Lasso is lower by only 0.2."],
    "objective": {
        "loss": "squared",
        "latex": r"\hat{\theta} = \operatorname*{argmin}_{\theta} \frac{1}{n} \sum_{i=1}^{n} \tfrac{1}{2}(z_i - y_i)^2",
        "value": 50.0,
        "null_value": 200.0,
        "penalty": {"l1": 0.0, "l2": 0.0},
    },
    "equation": {
        "terms": [term("hour", 2.5), term("weather = rain", -7.25, "rain", "clear"), term("wind", 0.0)],
        "intercept": 4.0,
        "left_out": [],
    },
    "claims": [
        claim("gap", "the mean loss is at its infimum", "CERTIFIED"),
        claim("stationarity", "no entry of the gradient is large", "REPORTED"),
        claim("something new", "a kind of claim that the page does not know", "INSUFFICIENT"),
    ],
    "coverage": 0.9,
    "intervals": {
        "level": 0.9,
        "half_width": 8.125,
        "method": "CV+",
        "calibration_rows": 40,
        "guarantee": "At least 76.2% of new rows fall inside.",
        "folds": [0, 1, 2, 3, 4],
        "bound": 0.7625,
        "covered": 0.9,
        "covered_folds": [0.875, 0.875, 1.0, 0.875, 0.875],
        "covered_bands": [{"first": 0.5, "last": 71.5, "rows": 40, "half_width": 8.125, "covered": 0.9}],
        "difficulty": [{"at": [10.0, 60.0], "size": [0.5, 1.5]}] * 5,
        "adaptive": None,
    },
    "sets": None,
    "out_of_fold": {
        "observed": [float(i) for i in range(40)],
        "predicted": [i + (-1.0) ** i for i in range(40)],
        "sampled": 40,
        "of": 40,
    },
    "statistics": {"rmse": 1.0, "mae": 1.0, "r2": 0.99},
    "confusion": None,
    "worst": {"columns": ["hour", "weather"], "rows": [worst_row(3, 4.0, 12.5, None), worst_row(17, 9.0, 2.0, None)]},
    "residuals": [
        {"first": 0.0, "last": 18.0, "rows": 20, "quantiles": [-2.0, -1.0, 0.5, 1.0, 2.0]},
        {"first": 18.5, "last": 40.0, "rows": 20, "quantiles": [-1.0, 0.5, 1.0, 1.5, 3.0]},
    ],
    "neighbours": None,
    "reliability": None,
    "training": None,
}

CLASSIFICATION: dict[str, Any] = {
    **REGRESSION,
    "target": {
        "name": "sex",
        "task": "classification",
        "classes": ["FEMALE", "MALE"],
        "positive": "MALE",
        "mean": 0.5,
        "shares": [0.5, 0.5],
    },
    "metric": "log_loss",
    "intervals": None,
    "sets": sets_of(["FEMALE", "MALE"], [4, 50, 6]),
    "reference": None,
    "out_of_fold": {
        "observed": [float(i % 3 > 0) for i in range(40)],
        "predicted": [min(1.0, i / 39) for i in range(40)],
        "sampled": 40,
        "of": 60,
    },
    "statistics": {"log_loss": 0.2, "brier": 0.07, "accuracy": 0.9, "auc": 0.97},
    "confusion": [[28, 2], [4, 26]],
    "worst": {"columns": ["hour", "weather"], "rows": [worst_row(3, "MALE", "FEMALE", 0.04)]},
    "residuals": None,
    "neighbours": None,
    "reliability": {
        "level": 0.95,
        "bins": [
            {"first": 0.0, "last": 0.4, "rows": 30, "forecast": 0.2, "share": 0.1, "low": 0.02, "high": 0.27},
            {"first": 0.5, "last": 1.0, "rows": 30, "forecast": 0.8, "share": 0.9, "low": 0.73, "high": 0.98},
        ],
        "steps": [
            {"first": 0.0, "last": 0.3, "rows": 25, "share": 0.04},
            {"first": 0.35, "last": 1.0, "rows": 35, "share": 0.83},
        ],
        "brier": {"score": 0.07, "miscalibration": 0.01, "discrimination": 0.19, "uncertainty": 0.25},
    },
}

SEVERAL: dict[str, Any] = {
    **CLASSIFICATION,
    "target": {
        "name": "species",
        "task": "classification",
        "classes": ["Adelie", "Chinstrap", "Gentoo & co"],
        "positive": None,
        "mean": None,
        "shares": [0.5, 0.25, 0.25],
    },
    "equation": {
        "scores": [
            {
                "class": name,
                "terms": [term("hour", sign * 2.5), term("weather = rain", sign, "rain", "clear"), term("wind", 0.0)],
                "intercept": 4.0 * sign,
            }
            for name, sign in (("Adelie", 1.0), ("Chinstrap", -1.5), ("Gentoo & co", 0.5))
        ],
        "left_out": ["wind"],
    },
    "sets": sets_of(["Adelie", "Chinstrap", "Gentoo & co"], [2, 50, 8, 0]),
    "confusion": [[28, 2, 0], [4, 10, 1], [0, 0, 15]],
    "worst": {"columns": ["hour", "weather"], "rows": [worst_row(3, "Adelie", "Gentoo & co", 0.04)]},
}

COUNTS: dict[str, Any] = {
    **REGRESSION,
    "target": {**REGRESSION["target"], "task": "counts"},
    "wishes": {**REGRESSION["wishes"], "task": "counts"},
    "metric": "deviance",
    "objective": {**REGRESSION["objective"], "loss": "poisson"},
    "intervals": None,
    "statistics": {"deviance": 1.2, "d2": 0.4, "mae": 0.9, "rmse": 1.25},
}
