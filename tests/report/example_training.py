"""Reports with a network made by hand: chosen, though most trainings went wrong; beaten, trained without a fault."""

from typing import Any

from tests.report.example import CLASSIFICATION, REGRESSION, finding, rung

TWELVE = list(range(1, 13))


def record(*codes: str, by: float = 1.0) -> dict[str, Any]:
    """A training of twelve epochs that keeps the tenth; its losses are multiplied."""
    return {
        "epochs": TWELVE,
        "losses": [by * each for each in (1.25, 0.75, 0.5, 0.4, 0.3, 0.25, 0.2, 0.18, 0.16, 0.15, 0.14, 0.13)],
        "held_out": [by * each for each in (0.9, 0.7, 0.5, 0.45, 0.4, 0.35, 0.3, 0.3, 0.28, 0.25, 0.26, 0.27)],
        "held_out_rows": 4,
        "kept": 10,
        "stopped": "no better on the held-out rows for 2 epochs",
        "inside": {"slopes": [0.125, 0.25, 0.375], "idle": [0.0, 0.125], "moves": [0.01, 0.02, 0.015], "strain": 0.06},
        "findings": [finding(code, "warning") for code in codes],
    }


def sick() -> list[dict[str, Any]]:
    """Five folds: in three steps are too long, in one of them the loss swings too."""
    return [record(), record("INF207"), record("INF207", "INF208", by=1.5), record("INF207", by=0.5), record(by=0.75)]


WIDTHS: dict[str, Any] = {
    "depth": 2,
    "own": 128,
    "widths": [8, 32, 128, 256],
    "parameters": [1_000, 6_000, 40_000, 120_000],
    "errors": [[k / 10 + error for k in range(5)] for error in (14.0, 9.9, 9.6, 9.5)],
}
CHOSEN: dict[str, Any] = {
    **REGRESSION,
    "rungs": [rung("constant", 20.0), rung("network", 9.8, chosen=True, verdict="UNAVAILABLE")],
    "chosen": "network",
    "skipped": [],
    "equation": None,
    "search": {**REGRESSION["search"], "picked": {"constant": 0.1, "network": 0.9}},
    "training": {"rung": "network", "folds": sick(), "refit": record("INF207", by=0.9), "widths": WIDTHS},
}
BEATEN: dict[str, Any] = {
    **CLASSIFICATION,
    "skipped": [],
    "training": {"rung": "network", "folds": [record(by=1 + k / 10) for k in range(5)], "refit": None, "widths": None},
}
