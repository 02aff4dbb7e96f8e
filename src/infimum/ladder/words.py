"""report → two sentences, and the equation of the chosen rung in LaTeX."""

from typing import Any

METRICS = {"rmse": "typical error (RMSE)", "log_loss": "log-loss"}


def spoken(title: str) -> str:
    """The title of a rung as the subject of a sentence.

    >>> spoken("Neural network"), spoken("Lasso")
    ('A neural network', 'The lasso')
    """
    return {"Neural network": "A neural network", "Lasso": "The lasso", "Mean": "The mean"}.get(title, title)


def lower(title: str) -> str:
    """The same inside a sentence.

    >>> lower("Neural network")
    'a neural network'
    """
    said = spoken(title)
    return said[0].lower() + said[1:]


def answer(report: dict[str, Any]) -> list[str]:
    """[which model and how good, why not another], from the report's rungs."""
    rungs = report["rungs"]
    chosen = next(rung for rung in rungs if rung["chosen"])
    target, metric = report["target"]["name"], METRICS[report["metric"]]
    scale = rungs[0]["mean"]
    error = f"{chosen['mean']:.4g} ± {chosen['standard_error']:.2g}"
    if chosen is rungs[0]:
        first = f"No model predicts {target} better than a constant: its {metric} on rows it has not seen is {error}."
        others = min(rungs[1:], key=lambda rung: rung["mean"])
        return [
            first,
            f"The best of the others, {lower(others['title'])}, reaches {others['mean']:.4g}: "
            "within one standard error of it, or worse.",
        ]
    gain = f", against {scale:.4g} for always predicting the {'mean' if report['metric'] == 'rmse' else 'class shares'}"
    use = f"{spoken(chosen['title'])} is the model to use for {target}"
    first = f"{use}: its {metric} on rows it has not seen is {error}{gain}."
    best = min(rungs, key=lambda rung: rung["mean"])
    simpler = min(rungs[: rungs.index(chosen)], key=lambda rung: rung["mean"])
    if best is chosen:
        return [
            first,
            "No simpler model comes within one standard error of it; "
            f"the nearest, {lower(simpler['title'])}, is at {simpler['mean']:.4g}.",
        ]
    gain = f"{spoken(best['title'])} is lower by only {chosen['mean'] - best['mean']:.2g} (at {best['mean']:.4g})"
    return [
        first,
        f"{gain}, within one standard error, so the simpler model is preferred; "
        f"simpler still, {lower(simpler['title'])} is at {simpler['mean']:.4g}.",
    ]


def latex(loss: str, form: str, l1: float, l2: float) -> str:
    r"""\hat\theta = argmin of mean loss + penalty, with this model's loss and strengths filled in.

    >>> "0.5" in latex("squared", "linear", 0.5, 0.0)
    True
    """
    terms = {
        "squared": r"\tfrac{1}{2}\left(z_i - y_i\right)^2",
        "logistic": r"\left[\log\left(1 + e^{z_i}\right) - y_i z_i\right]",
    }
    models = {"constant": "z_i = b_0", "linear": r"z_i = b_0 + x_i^{\top} b", "network": r"z_i = f_{\theta}(x_i)"}
    penalty = (rf" + {_number(l1)}\,\lVert b \rVert_1" if l1 else "") + (
        rf" + \tfrac{{1}}{{2}} \cdot {_number(l2)}\,\lVert b \rVert_2^2" if l2 else ""
    )
    mean = rf"\frac{{1}}{{n}} \sum_{{i=1}}^{{n}} {terms[loss]}"
    return rf"\hat{{\theta}} = \operatorname*{{argmin}}_{{\theta}} \; {mean}{penalty}, \qquad {models[form]}"


def _number(x: float) -> str:
    mantissa, _, exponent = f"{x:.3g}".partition("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if exponent else mantissa
