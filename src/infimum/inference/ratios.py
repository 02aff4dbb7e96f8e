"""exp(β̂), exp(β̂ ± z √Vⱼⱼ): odds ratios of two classes and rate ratios of counts, from a table of coefficients."""

from typing import Any

import numpy as np

RATIOS = {"logistic": "odds ratio", "poisson": "rate ratio"}


def ratio_of(loss: str) -> str:
    """What exp(β̂) is of a loss: by what a unit of the column multiplies the odds, or the expected count; '' of others.

    >>> ratio_of("logistic"), ratio_of("squared")
    ('odds ratio', '')
    """
    return RATIOS.get(loss, "")


def check_ratio(ratio: str, exponentiate: Any, model: str) -> str:
    """The ratio if it is asked for, else ''. Raises ValueError where there is none, and unless asked True or False."""
    if not isinstance(exponentiate, bool | np.bool_):
        raise ValueError(f"exponentiate = {exponentiate!r}; expected True or False")
    if exponentiate and not ratio:
        raise ValueError(
            f"exponentiate = True of {model or 'these coefficients'}: exp(β̂) is a ratio of odds (LogisticRegression of "
            "two classes) or of rates (PoissonRegressor) alone; expected exponentiate = False"
        )
    return ratio if exponentiate else ""


def in_ratios(ratio: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """exp of each row's estimate and ends (Agresti 2013, §5.1); digits, error and test stay those of the logarithm.

    >>> row = {"name": "x", "estimate": 0.0, "digits": 15.0, "standard_error": 1.0, "z": 0.0, "p_value": 1.0,
    ...        "lower": -1.0, "upper": 1.0}
    >>> {key: round(value, 3) for key, value in in_ratios("odds ratio", [row])[0].items() if key != "name"}
    {'odds_ratio': 1.0, 'digits_of_log': 15.0, 'standard_error_of_log': 1.0, 'z': 0.0, 'p_value': 1.0, 'lower': 0.368, \
'upper': 2.718}
    """
    renamed = {
        "estimate": ratio.replace(" ", "_"),
        "digits": "digits_of_log",
        "standard_error": "standard_error_of_log",
    }
    with np.errstate(over="ignore", under="ignore"):
        return [
            {
                renamed.get(key, key): float(np.exp(value)) if key in ("estimate", "lower", "upper") else value
                for key, value in row.items()
            }
            for row in rows
        ]


def note_of(ratio: str, intercept: bool) -> str:
    """What the table of ratios holds, in a sentence."""
    what = "odds" if ratio == "odds ratio" else "expected count"
    free = f"; the intercept's is no ratio but the {what} where every column is 0" if intercept else ""
    return (
        f"{ratio}s: exp of the coefficients and of the ends of their intervals; digits, errors and tests are those of "
        f"the logarithm{free}"
    )
