"""records of a network's trainings → what the page says: the losses kept, what went wrong, what was read inside."""

from collections import Counter
from statistics import median
from typing import Any

from infimum.diagnoses.training import OF_ANY
from infimum.report.digits import number, share
from infimum.report.training_chart import training_chart
from infimum.report.worry import CARE, Report, Worry, chosen_of

MOST_OF = 0.5  # of the trainings: from more than this on findings are something to worry about
RULES = len(OF_ANY)
SOUGHT = ("INF201", "INF203", "INF210", "INF211", "INF204", "INF212")  # by those rules, in their order
BEFORE = ("Waves", "Members")  # of a tabular network: the layers before the hidden ones
WRONG = {
    "INF201": "the loss blew up",
    "INF202": "the columns are on unlike scales",
    "INF203": "the loss does not suit the target",
    "INF204": "nothing was learned",
    "INF205": "the first layers hardly learn",
    "INF206": "many units are idle",
    "INF207": "the steps are too long",
    "INF208": "the loss swings up and down",
    "INF209": "the steps are too short",
    "INF210": "it was stopped too early",
    "INF211": "it learned its rows by heart",
    "INF212": "labels contradict what it is surest of",
}
ESTIMATORS = {
    "regression": "TabularRegressor",
    "classification": "TabularClassifier",
    "counts": "TabularPoissonRegressor",
}
INSIDE = (
    ("Slope at the end", "how steep the loss is in the parameters of the layer at the last step."),
    (
        "Change per step",
        "by how much a step changes the weights of the layer, in the median of the first half of the epochs: where it "
        "is nearly nothing, the layer does not learn.",
    ),
    ("Idle units", "units that pass nothing on at the end, whatever the row: they no longer learn."),
)
LAYERS = (
    "Waves, the first layer, adds to each number a few waves of it, of learned lengths. Members are networks that "
    "share the hidden layers, each with a scale of its own for every column and an output of its own; the prediction "
    "is the mean of theirs."
)
STRAIN = (
    "In that half a step was {} as long as the curvature that it meets lets it be: at 100%, the limit of stability, "
    "steps begin to throw the weights out (Cohen et al. 2022)."
)


def trainings_of(training: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """[(whose, record)]: every fold, and all rows where the network was fitted to them."""
    folds = [(f"fold {k + 1}", one) for k, one in enumerate(training["folds"])]
    return folds + [("all rows", training["refit"])] * bool(training["refit"])


def training_words(report: Report) -> dict[str, Any] | None:
    """What the section on the network's training shows; None without a network, or of a file that holds none."""
    training = report.get("training")
    if not training:
        return None
    each = trainings_of(training)
    apart = [one["held_out_rows"] for _, one in each]
    return {
        "chosen": training["refit"] is not None,
        "apart": spanned([number(rows) for rows in sorted(apart)]) if all(apart) else "",
        "chart": training_chart(training),
        "figures": figures(each),
        "findings": found_in(each),
        "clean": sum(not one["findings"] for _, one in each),
        "of": len(each),
        "rules": RULES,
        "sought": ", ".join(WRONG[code] for code in SOUGHT),
        "estimator": ESTIMATORS[report["target"]["task"]],
        "inside": inside([one["inside"] for _, one in each if one["inside"]]),
        "meanings": INSIDE,
        "layers": LAYERS,
        "rows": [row(whose, one) for whose, one in each],
    }


def spanned(texts: list[str]) -> str:
    """'a', or 'a to b' where the ends differ.

    >>> spanned(["8", "9", "9"]), spanned(["8", "8"])
    ('8 to 9', '8')
    """
    return texts[0] if texts[0] == texts[-1] else f"{texts[0]} to {texts[-1]}"


def kept(one: dict[str, Any], key: str) -> float | None:
    """The loss of that kind in the epoch that is kept."""
    return one[key][one["epochs"].index(one["kept"])] if one[key] else None


def figures(each: list[tuple[str, dict[str, Any]]]) -> list[tuple[str, str]]:
    """[(what, how much)]: the epochs kept, and the losses there."""
    runs = [number(one["epochs"][-1]) for _, one in sorted(each, key=lambda pair: pair[1]["epochs"][-1])]
    best = [number(k) for k in sorted(one["kept"] for _, one in each)]
    found = [("Epoch kept", f"{spanned(best)}, of {spanned(runs)}")]
    for key, name in (("losses", "Loss there, rows learned from"), ("held_out", "Rows set apart")):
        losses = sorted(loss for _, one in each if (loss := kept(one, key)) is not None)
        found += [(name, spanned([number(loss, 2) for loss in losses]))] if losses else []
    return found


def found_in(each: list[tuple[str, dict[str, Any]]]) -> list[dict[str, Any]]:
    """[{title, count, whose, …}]: what went wrong, the most frequent first, as it shows where it came first."""
    often = Counter(finding["code"] for _, one in each for finding in one["findings"])
    first: dict[str, dict[str, Any]] = {}
    for whose, one in reversed(each):
        first |= {finding["code"]: {**finding, "whose": whose} for finding in one["findings"]}
    return [
        {**first[code], "title": WRONG.get(code, "something went wrong"), "count": count}
        for code, count in sorted(often.items(), key=lambda pair: (-pair[1], pair[0]))
    ]


def inside(readings: list[dict[str, Any]]) -> dict[str, Any] | None:
    """{layers: [(name, slope, move, idle)], strain}, medians of the trainings with as many layers as the last has."""
    if not readings:
        return None
    depth = len(readings[-1]["slopes"])
    alike = [one for one in readings if len(one["slopes"]) == depth]
    rows, first = [], depth - 1 - len(alike[-1]["idle"])  # the layer whose units are the first that can be idle
    for at in range(depth):
        name = "Output" if at == depth - 1 else f"Hidden {at - first + 1}" if at >= first else BEFORE[at - first]
        slope, move = (middle([one[key][at : at + 1] for one in alike]) for key in ("slopes", "moves"))
        idle = middle([one["idle"][at - first : at - first + 1] for one in alike]) if at >= first else None
        rows.append((name, number(slope, 2), share(move), share(idle) if idle is not None else ""))
    strain = middle([[one["strain"]] for one in alike])
    return {"layers": rows, "strain": STRAIN.format(share(strain)) if strain is not None else ""}


def middle(values: list[list[float | None]]) -> float | None:
    """The median of those that are there; None of none."""
    there = [x for few in values for x in few if x is not None]
    return median(there) if there else None


def row(whose: str, one: dict[str, Any]) -> tuple[str, ...]:
    """The cells of a training in the table: whose, epochs, kept, both losses there, findings."""
    losses = [number(kept(one, key), 2) for key in ("losses", "held_out")]
    codes = ", ".join(finding["code"] for finding in one["findings"]) or "none"
    return (whose.capitalize(), number(one["epochs"][-1]), number(one["kept"]), *losses, codes)


def badly_trained(report: Report) -> Worry | None:
    """The chosen rung is a network, and in most of its trainings something was found."""
    training = report.get("training")
    if not training or training["refit"] is None or chosen_of(report)["name"] != training["rung"]:
        return None
    each = trainings_of(training)
    sick = sum(bool(one["findings"]) for _, one in each)
    if not sick > MOST_OF * len(each):
        return None
    most = found_in(each)[0]
    said = "" if most["count"] == sick else "something went wrong, most often: "
    said = f"In {sick} of {len(each)} trainings of the network {said}{most['title']} ({most['code']})."
    return Worry(said, CARE, "training")
