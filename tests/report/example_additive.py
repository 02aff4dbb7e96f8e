"""Reports of additive models made by hand: of counts, with errors of the curves, and of three classes, without."""

from typing import Any

from tests.report.example import COUNTS, REGRESSION, SEVERAL, term


def curve(name: str, sign: float, error: list[float] | None) -> dict[str, Any]:
    return {
        "column": name,
        "at": [float(k) for k in range(5)],
        "effect": [sign * each for each in (-2.0, -0.5, 0.75, 1.0, 0.75)],
        "error": error,
        "size": 1.125 * abs(sign),
    }


def added(sign: float, error: list[float] | None) -> dict[str, Any]:
    """Curves and a product, as an additive model has them beside the terms of its categories."""
    pair = {"of": ["hour", "weather = rain"], "size": 0.25 * abs(sign)}
    return {"curves": [curve("hour", sign, error), curve("wind", sign / 2, error)], "products": [pair]}


SMOOTH: dict[str, Any] = {"l1": 0.0, "l2": 0.001, "roughness": 0.0002, "products": 10.0}
RAIN = term("weather = rain", -7.25, "rain", "clear")

ADDITIVE: dict[str, Any] = {
    **COUNTS,
    "rungs": [
        *REGRESSION["rungs"][:1],
        {**REGRESSION["rungs"][1], "name": "products", "title": "Additive model with products", "strength": SMOOTH},
        *REGRESSION["rungs"][2:],
    ],
    "chosen": "products",
    "search": {**REGRESSION["search"], "picked": {"constant": 0.1, "products": 0.9}},
    "objective": {**COUNTS["objective"], "penalty": SMOOTH},
    "equation": {"terms": [RAIN], "intercept": 4.0, "left_out": [], **added(1.0, [0.25, 0.125, 0.0625, 0.125, 0.25])},
}

SEVERAL_ADDITIVE: dict[str, Any] = {
    **SEVERAL,
    "objective": {**SEVERAL["objective"], "loss": "multinomial", "penalty": SMOOTH},
    "equation": {
        "scores": [
            {"class": name, "terms": [RAIN], "intercept": 4.0 * sign, **added(sign, None)}
            for name, sign in (("Adelie", 1.0), ("Chinstrap", -1.5), ("Gentoo & co", 0.5))
        ],
        "left_out": [],
    },
}
