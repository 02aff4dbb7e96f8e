"""What a reader sees is what the parameters and the table give: forged reports are refuted, perfect fits are not."""

import numpy as np
import pytest

import infimum.ladder.climb as climbing
from infimum.files.model_file import read_model, write_model
from infimum.verify import verify_file
from tests.linear_rungs import use_linear_rungs
from tests.verify.made import table_of, verdict_after


def chosen_rung(document):
    return next(rung for rung in document["report"]["rungs"] if rung["chosen"])


def flip_class(arrays, document):
    target = document["report"]["target"]
    target["positive"] = target["classes"][0] if target["classes"] else "rain"


def move_share(arrays, document):
    target = document["report"]["target"]
    target["shares"] = [1.0, *target["shares"][1:]] if target["shares"] else [1.0]


def take_for_another(arrays, document):
    counts = document["report"]["confusion"]
    document["report"]["confusion"] = [[1]] if counts is None else [counts[0], counts[0], *counts[2:]]


def rename_chosen(arrays, document):
    old = document["report"]["chosen"]
    chosen_rung(document)["name"] = document["report"]["chosen"] = "transformer"
    document["fits"]["transformer"] = document["fits"].pop(old)
    for name in [name for name in arrays if name.endswith(f"/{old}") or f"/{old}/" in name]:
        arrays[name.replace(f"/{old}", "/transformer")] = arrays.pop(name)


def cut_points(arrays, document):
    shown = document["report"]["out_of_fold"]
    shown["observed"], shown["predicted"] = shown["observed"][:10], shown["predicted"][:10]


def claim_of_nothing(arrays, document):
    for claims in (document["refit"]["claims"], document["report"]["claims"]):
        claims[0].update(verdict="UNAVAILABLE", bound=1e-30, value=1e-31)


def other_task(arrays, document):
    target = document["report"]["target"]
    target["task"] = "counts" if target["task"] == "regression" else "regression"


def halve_errors(document):
    for rung in document["report"]["rungs"]:
        rung["errors"] = [each / 2 for each in rung["errors"]]
        rung["mean"], rung["standard_error"] = rung["mean"] / 2, rung["standard_error"] / 2
        for key in ("difference", "difference_error", "noticed"):
            rung[key] /= 2


DECIDED = "; the penalty decides among them"
FORGERIES = {
    "the class that is modelled": flip_class,
    "a name for the chosen rung": rename_chosen,
    "the metric": lambda arrays, document: document["report"].update(metric="accuracy"),
    "an equation taken away": lambda arrays, document: document["report"].update(equation=None),
    "a statistic added": lambda arrays, document: document["report"]["statistics"].update(f1=0.99),
    "points left out": cut_points,
    "a bound beside UNAVAILABLE": claim_of_nothing,
    "a rung left out": lambda arrays, document: document["report"]["rungs"].pop(0),
    "the rows of the table": lambda arrays, document: document["report"]["table"].update(used_rows=10**6),
    "parameters counted": lambda arrays, document: chosen_rung(document).update(active=0),
    "F at the constant": lambda arrays, document: document["report"]["objective"].update(null_value=99.0),
    "no report at all": lambda arrays, document: document["report"].pop("rungs"),
    "an array missing": lambda arrays, document: arrays.pop("params"),
    "a bound that is text": lambda arrays, document: document["refit"]["claims"][0].update(bound="small"),
    "the shares of the classes": move_share,
    "classes taken for others": take_for_another,
    "another task": other_task,
    "half of the error": lambda arrays, document: halve_errors(document),
    "the mean of the target": lambda arrays, document: document["report"]["target"].update(mean=99.0),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_forgeries_of_what_a_reader_sees(fitted, tmp_path, forgery):
    assert verdict_after(fitted, tmp_path, FORGERIES[forgery])


def test_terms_of_the_equation(fitted, tmp_path):
    for key in ("column", "reference", "bound", "coefficient", "effect"):

        def change(arrays, document, key=key):
            equation = document["report"]["equation"]
            one = equation["scores"][1] if "scores" in equation else equation
            term = max(one["terms"], key=lambda term: abs(term["effect"]))
            term[key] = f"not {term[key]}" if key in ("column", "reference") else (term[key] or 1.0) * 0.5

        assert verdict_after(fitted, tmp_path, change), key


def test_a_trivial_relation_proves_no_rank(fitted, tmp_path):
    arrays, document = read_model(fitted[0])
    claim = next(claim for claim in document["refit"]["claims"] if claim["kind"] == "identification")
    if claim["value"] != claim["bound"]:
        return

    def change(arrays, document):
        p = len(arrays["params"])
        for claims in (document["refit"]["claims"], document["report"]["claims"]):
            claim = next(claim for claim in claims if claim["kind"] == "identification")
            statement = f"the data do not determine 1 of {p} parameters: exactly, x0 = 0"
            claim.update(value=p - 1.0, method="relations", witness=["relations"], statement=statement)
        arrays["witness/refit/identification/relations"] = 1e-11 * np.eye(p)[:1]

    assert verdict_after(fitted, tmp_path, change)


def test_the_optimum_of_a_network_is_not_proved():
    from infimum.losses.squared import Squared
    from infimum.models.perceptron import Perceptron
    from infimum.penalties.elastic_net import ElasticNet
    from infimum.verify.checks import check_claim
    from infimum.verify.restated import Restated

    model = Perceptron(np.linspace(-1, 1, 20)[:, None], (2,))
    w = np.zeros(model.layout.size)
    problem = Restated(
        model, Squared(), ElasticNet(l2=1e-3).sparing(model.layout.free), np.zeros(20), np.full(20, 0.05), w
    )
    claim = {"kind": "gap", "verdict": "CERTIFIED", "method": "local norm", "statement": "at most 1e-30"}
    for kind in ("gap", "parameters", "identification"):
        forged = {**claim, "kind": kind, "bound": 1e-30, "value": 1e-31, "scale": 1.0}
        assert check_claim(problem, forged, {}, "network").verdict == "REFUTED"


def test_a_penalty_that_there_is_not_decides_nothing():
    from infimum.certificates.certify import claims_at
    from infimum.losses.squared import Squared
    from infimum.models.linear import Linear
    from infimum.objective import LikelihoodObjective
    from infimum.penalties.elastic_net import ElasticNet
    from infimum.verify.checks import check_claim
    from infimum.verify.restated import Restated

    x = np.arange(20.0)
    model, y, w, weight = Linear(np.column_stack([x, 2 * x, x**2])), np.sin(x), np.zeros(4), np.full(20, 0.05)
    on_two, on_another = np.array([0.1, 0.1, 0.0, 0.0]), np.array([0.0, 0.0, 0.1, 0.0])  # of x and 2 x, or of x² alone
    for l2, verdict in ((0.1, "CERTIFIED"), (on_two, "CERTIFIED"), (on_another, "REFUTED"), (0.0, "REFUTED")):
        penalty = ElasticNet(l2=l2)
        objective = LikelihoodObjective.of(model, Squared(), penalty, y)
        claim = next(claim for claim in claims_at(objective, w) if claim.kind == "identification")
        told = {**claim.to_dict(), "statement": claim.statement.removesuffix(DECIDED) + DECIDED}
        restated = Restated(model, Squared(), objective.penalty, y, weight, w)
        assert check_claim(restated, told, claim.witness, "fit").verdict == verdict


@pytest.mark.parametrize(
    "y", [np.full(30, 5.0), np.arange(30.0), 1e13 + np.sin(np.arange(30.0))], ids=["constant", "exact", "far"]
)
def test_perfect_and_far_fits_are_accepted(y, monkeypatch, tmp_path):
    use_linear_rungs(monkeypatch)
    if np.ptp(y) == 0:
        y = y + 1e-9 * np.sin(np.arange(30.0))
    X = np.column_stack([np.arange(30.0) ** 1.5, np.cos(np.arange(30.0)), 2 * y - 1])
    table = table_of(X, y)
    climb = climbing.climb(table, "y")
    write_model(tmp_path / "model.safetensors", climb.arrays, climb.document)
    verification = verify_file(tmp_path / "model.safetensors", table)
    assert not verification.refuted, str(verification)
