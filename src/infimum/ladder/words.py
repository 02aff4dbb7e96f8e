"""report → two sentences, and the equation of the chosen rung in LaTeX."""

import math
from typing import Any

import numpy as np

from infimum.ladder.occam import Choice

BUDGET = "the budget"
INTERRUPTED = "the fit was interrupted before it was done"
METRICS = {  # what it is called in a sentence, and in the head of a column
    "rmse": ("typical error (RMSE)", "RMSE"),
    "mae": ("mean absolute error", "mean absolute error"),
    "r2": ("share of the variance left unexplained (1 − R²)", "1 − R²"),
    "log_loss": ("log-loss", "log-loss"),
    "brier": ("Brier score", "Brier score"),
    "accuracy": ("share of wrong classes", "share wrong"),
    "auc": ("share of pairs ranked wrongly (1 − AUC)", "1 − AUC"),
    "deviance": ("mean Poisson deviance", "mean deviance"),
    "d2": ("share of the deviance left unexplained (1 − D²)", "1 − D²"),
}


def plain(x: float, digits: int = 4) -> str:
    """x to so many significant digits, with thousands marked and no power of ten where that can be read.

    >>> plain(115432.0), plain(560.4, 2), plain(0.02456), plain(2.5e-17, 2)
    ('115,400', '560', '0.02456', '2.5e-17')
    """
    if not 1e-4 <= abs(x) < 1e7:
        return f"{x:.{digits}g}"
    place = digits - 1 - math.floor(math.log10(abs(x)))
    return f"{round(x, place):,.{max(place, 0)}f}"


def around(mean: float, error: float) -> str:
    """mean ± error; an error that is rounding alone is 0.

    >>> around(0.61086, 3.7e-17), around(141.7266, 2.8603)
    ('0.6109 ± 0', '141.7 ± 2.9')
    """
    return f"{plain(mean)} ± {plain(error, 2) if error >= 1e-12 * abs(mean) else '0'}"


def reason(choice: Choice, i: int, titles: tuple[str, ...], errors: np.ndarray) -> str:
    """Why rung i was chosen or lost, in one sentence."""
    mean = errors.mean(axis=1)
    best, chosen, rival = (lower(titles[j]) for j in (choice.best, choice.chosen, choice.rivals[i]))
    apart = f"{plain(abs(choice.differences[i]), 3)} ± {plain(choice.standard_errors[i], 2)}"
    if choice.candidates and i not in choice.candidates:
        return "No candidate: in some fold its lowest loss is not reached, or there is none (see its distance)."
    if i == choice.chosen and i == choice.best:
        asked = "which is what was asked for" if choice.rule == "best" else "and every simpler rung is beaten"
        return f"Chosen: the lowest error, {asked}." if i else "Chosen: nothing does better than a constant."
    if i == choice.chosen:
        return f"Chosen: the simplest that no other beats by a gain that counts ({best} has the lowest error)."
    if choice.rule == "best":
        return f"Its error is {plain(mean[i] - mean[choice.best], 3)} above the lowest, which was asked for."
    if i < choice.chosen and not choice.counts[i]:
        simpler = min((j for j in choice.candidates if j < i), key=lambda j: mean[j], default=i)
        both = f"{plain(mean[i])} against {plain(mean[simpler])}"
        return f"More complex than {lower(titles[simpler])}, and its error is no lower ({both})."
    if i < choice.chosen:
        return f"Too simple: {rival} is better by {apart}."
    if mean[i] < mean[choice.chosen]:
        gain = f"Its error is lower than that of {chosen} by {plain(mean[choice.chosen] - mean[i], 2)}"
        least = "" if choice.bars is None else f" (from {plain(choice.bars[i], 2)} on it would)"
        return f"{gain}, too little to count{least}: not worth the complexity."
    both = f"{plain(mean[i])} against {plain(mean[choice.chosen])}"
    return f"More complex than {chosen}, and its error is no lower ({both})."


def priced(reference: dict[str, Any], title: str, mean: float) -> str:
    """What the chosen rung costs against gradient boosting, or another model, on the same folds, or what it saves."""
    difference, doubt, name = reference["difference"], reference["difference_error"], reference["title"]
    name = name[0].lower() + name[1:] if " " in name else name  # the name of a class stays as it is
    boosting = f"{name} ({reference['library']}, not a rung) reaches {plain(reference['mean'])} on the same folds"
    apart = f"{plain(abs(difference), 2)} ± {plain(doubt, 2)}"
    what = "the choice" if title.startswith("Neural") else "simplicity"  # a network is not simple
    if difference > doubt:
        share = f" ({difference / reference['mean']:.1%})" if reference["mean"] > 0 else ""
        return f"What {what} costs: {boosting}, and {lower(title)} is {apart}{share} above it, at {plain(mean)}."
    free = f"{what.capitalize()} costs nothing"
    if difference < -doubt:
        return f"{free}: {boosting}, and {lower(title)} is {apart} below it, at {plain(mean)}."
    return f"{free} that shows: {boosting}, within one standard error of {lower(title)} ({apart} apart)."


def spoken(title: str) -> str:
    """The title of a rung as the subject of a sentence.

    >>> spoken("Neural network"), spoken("Lasso"), spoken("Additive model"), spoken("Ridge regression")
    ('A neural network', 'The lasso', 'An additive model', 'Ridge regression')
    """
    if title.startswith(("Additive", "Neural")):
        return f"{'An' if title[0] == 'A' else 'A'} {title[0].lower()}{title[1:]}"
    return f"The {title[0].lower()}{title[1:]}" if title in ("Lasso", "Elastic net", "Mean") else title


def lower(title: str) -> str:
    """The same inside a sentence.

    >>> lower("Neural network"), lower("Poisson regression")
    ('a neural network', 'Poisson regression')
    """
    said = spoken(title)
    return said if said.startswith("Poisson") else said[0].lower() + said[1:]


def answer(report: dict[str, Any]) -> list[str]:
    """[which model and how good, why not another], from the report's rungs."""
    rungs = [rung for rung in report["rungs"] if rung["candidate"]]
    chosen = next(rung for rung in rungs if rung["chosen"])
    first, second = _argued(report, rungs, chosen)
    missing = [skipped["name"] for skipped in report["skipped"] if skipped["reason"] == INTERRUPTED]
    if missing:
        second += f" The fit was interrupted: {', '.join(missing)} not compared."
    late = [skipped["name"] for skipped in report["skipped"] if skipped["reason"].startswith(BUDGET)]
    if late:
        second += f" Left out for lack of time: {', '.join(late)}."
    return [first, second]


def _argued(report: dict[str, Any], rungs: list[dict[str, Any]], chosen: dict[str, Any]) -> tuple[str, str]:
    """The two sentences, about the rungs that are candidates."""
    target, metric = report["target"]["name"], METRICS[report["metric"]][0]
    scale = rungs[0]["mean"]
    error = around(chosen["mean"], chosen["standard_error"])
    if chosen is rungs[0]:
        first = f"No model is shown to predict {target} better than a constant, whose {metric} on new rows is {error}."
        others = min(rungs[1:], key=lambda rung: rung["mean"], default=None)
        if others is None:
            return first, "None of the others reached its lowest loss."
        reached = f"The best of the others, {lower(others['title'])}, reaches {plain(others['mean'])}"
        return first, f"{reached}: {within_or_worse(others, chosen)}."
    always = "class shares" if report["target"]["classes"] else "mean"
    gain = f", against {plain(scale)} for always predicting the {always}"
    use = f"{spoken(chosen['title'])} is the model to use for {target}"
    first = f"{use}: its {metric} on rows it has not seen is {error}{gain}."
    best = min(rungs, key=lambda rung: rung["mean"])
    simpler = min(rungs[: rungs.index(chosen)], key=lambda rung: rung["mean"])
    if best is chosen:
        nearest = f"the nearest, {lower(simpler['title'])}, is at {plain(simpler['mean'])}"
        if simpler["rival"] == chosen["name"]:
            nearest += f", {plain(simpler['difference'], 2)} ± {plain(simpler['difference_error'], 2)} above"
        nearest += _no_candidates(report, chosen)
        if report["rule"] == "best":
            return first, f"It has the lowest error, which was asked for; of the simpler models, {nearest}."
        wild = any(rung["difference"] <= counting(rung) for rung in rungs[: rungs.index(chosen)])
        worse = ", or worse than one simpler still" if wild else ""
        return first, f"Every simpler model is beaten by more than one standard error{worse}; {nearest}."
    gain = (
        f"{spoken(best['title'])} is lower by only {plain(chosen['mean'] - best['mean'], 2)} (at {plain(best['mean'])})"
    )
    still = f"simpler still, {lower(simpler['title'])} is at {plain(simpler['mean'])}"
    return first, f"{gain}, {too_little(chosen, best)}, so the simpler model is preferred; {still}."


def _no_candidates(report: dict[str, Any], chosen: dict[str, Any]) -> str:
    """Which simpler rungs are not among those compared, as the end of a sentence; "" where all are."""
    at = next(i for i, rung in enumerate(report["rungs"]) if rung["name"] == chosen["name"])
    without = [lower(rung["title"]) for rung in report["rungs"][:at] if not rung["candidate"]]
    return f" ({', '.join(without)}: no candidate, without a lowest loss that is reached)" if without else ""


def within_or_worse(other: dict[str, Any], constant: dict[str, Any]) -> str:
    """How the best of the others stands to the constant, which was chosen."""
    if other["mean"] >= constant["mean"]:
        return "it is no lower"
    return f"lower by {plain(constant['mean'] - other['mean'], 2)}, which is {too_little(constant, other)}"


def counting(rung: dict[str, Any]) -> float:
    """The least gain of its rival that counts against a rung."""
    return max(rung["difference_error"], rung["noticed"])


def too_little(rung: dict[str, Any], other: dict[str, Any]) -> str:
    """Why the lower error of another does not count against a rung."""
    if rung["rival"] != other["name"]:
        return "too little to count"
    if rung["difference"] <= rung["difference_error"]:
        return "within one standard error"
    return f"less than would be noticed in that error ({plain(rung['noticed'], 2)})"


def latex(loss: str, form: str, strengths: dict[str, float]) -> str:
    r"""\hat\theta = argmin of mean loss + penalty, with this model's loss and strengths filled in.

    >>> "0.5" in latex("squared", "linear", {"l1": 0.5, "l2": 0.0})
    True
    """
    terms = {
        "squared": r"\tfrac{1}{2}\left(z_i - y_i\right)^2",
        "logistic": r"\left[\log\left(1 + e^{z_i}\right) - y_i z_i\right]",
        "poisson": r"\left[e^{z_i} - y_i - y_i \left(z_i - \log y_i\right)\right]",
        "multinomial": r"\left[\log \sum_{k} e^{z_{ik}} - z_{i y_i}\right]",
    }
    models = {"constant": "z_i = b_0", "linear": r"z_i = b_0 + x_i^{\top} b", "network": r"z_i = f_{\theta}(x_i)"}
    models["additive"] = r"z_i = b_0 + x_i^{\top} b + \sum_{j} f_j(x_{ij})"
    if loss == "multinomial":
        models = {"constant": "z_{ik} = b_{0k}", "linear": r"z_{ik} = b_{0k} + x_i^{\top} b_k"}
        models["network"] = r"z_{ik} = f_{\theta k}(x_i)"
        models["additive"] = r"z_{ik} = b_{0k} + x_i^{\top} b_k + \sum_{j} f_{jk}(x_{ij})"
    l1, l2, roughness = strengths["l1"], strengths["l2"], strengths.get("roughness")
    penalty = rf" + {_number(l1)}\,\lVert b \rVert_1" if l1 else ""
    penalty += rf" + \tfrac{{1}}{{2}} \cdot {_number(l2)}\,\lVert b \rVert_2^2" if l2 else ""
    if roughness:
        penalty += rf" + \tfrac{{1}}{{2}} \cdot {_number(roughness)} \sum_{{j}} \int f_j^{{″}}(t)^2 \, dt"
    mean = rf"\frac{{1}}{{n}} \sum_{{i=1}}^{{n}} {terms[loss]}"
    return rf"\hat{{\theta}} = \operatorname*{{argmin}}_{{\theta}} \; {mean}{penalty}, \qquad {models[form]}"


def _number(x: float) -> str:
    mantissa, _, exponent = f"{x:.3g}".partition("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if exponent else mantissa
