"""A model file that was tampered with, all checksums recomputed, is refuted; the honest file is not."""

from itertools import product

import numpy as np
import pytest

from infimum.files.model_file import read_model
from infimum.tables import Column, Table
from infimum.tables.fingerprint import fingerprint
from infimum.verify import verify_file
from tests.verify.made import verdict_after


def test_the_honest_file_is_accepted(fitted):
    verification = verify_file(*fitted)
    assert not verification.refuted, str(verification)
    assert {answer.kind for answer in verification.answers} >= {"gap", "stationarity", "encoder", "held-out", "data"}


def test_rewriting_without_a_change_is_accepted(fitted, tmp_path):
    assert not verdict_after(fitted, tmp_path, lambda arrays, document: None)


def test_largest_coefficient_changed_by_a_millionth(fitted, tmp_path):
    def change(arrays, document):
        arrays["params"][np.argmax(np.abs(arrays["params"][:-1]))] *= 1 + 1e-6

    assert verdict_after(fitted, tmp_path, change)


def test_intercept_changed_by_a_millionth(fitted, tmp_path):
    def change(arrays, document):
        arrays["params"][-1] += 1e-6 * max(1.0, abs(arrays["params"][-1]))

    assert verdict_after(fitted, tmp_path, change)


def test_every_witness_entry_counts(fitted, tmp_path):
    arrays, _ = read_model(fitted[0])
    witnesses = [name for name in arrays if name.startswith("witness/")]
    for name in witnesses:
        entries = np.flatnonzero(arrays[name])
        for j in entries[:: max(1, len(entries) // 3)]:

            def change(arrays, document, name=name, j=j):
                arrays[name].flat[j] *= 1 + 1e-6

            assert verdict_after(fitted, tmp_path, change), f"{name}[{j}]"


def test_some_files_have_witnesses(fitted):
    arrays, document = read_model(fitted[0])
    kinds = {name.split("/")[-2] for name in arrays if name.startswith("witness/")}
    if document["report"]["chosen"] == "lasso" and document["report"]["table"]["rows"] == 50:
        assert "gap" in kinds
    if any(
        claim["kind"] == "separation" for fits in document["fits"].values() for fit in fits for claim in fit["claims"]
    ):
        assert "separation" in kinds


@pytest.mark.parametrize("column", [0, 1])
@pytest.mark.parametrize("row", [0, 17])
def test_a_data_cell_changed_and_the_fingerprint_recomputed(fitted, tmp_path, row, column):
    path, table = fitted
    columns = list(table.columns)
    values = columns[column].values.copy()
    values[row] += 1e-6 * abs(values[row])
    columns[column] = Column(columns[column].name, columns[column].kind, values)
    altered = Table(table.name, tuple(columns))

    def change(arrays, document):
        names = (*document["names"], "y")
        document["report"]["table"]["fingerprint"] = fingerprint(altered, names)

    assert verdict_after(fitted, tmp_path, change, altered)


def test_a_target_cell_changed_and_the_fingerprint_recomputed(fitted, tmp_path):
    path, table = fitted
    values = table.column("y").values.copy()
    whole = np.array_equal(values, np.floor(values))
    values[5] = 1 - values[5] if set(values) == {0.0, 1.0} else values[5] + 1 if whole else values[5] * (1 + 1e-6)
    altered = Table(table.name, (*table.columns[:-1], Column("y", "number", values)))

    def change(arrays, document):
        document["report"]["table"]["fingerprint"] = fingerprint(altered, (*document["names"], "y"))

    assert verdict_after(fitted, tmp_path, change, altered)


@pytest.mark.parametrize("factor", [0.96, 0.9, 0.5, 1e-3])
@pytest.mark.parametrize("kind", ["gap", "parameters", "stationarity"])
def test_a_claimed_bound_made_smaller(fitted, tmp_path, kind, factor):
    def change(arrays, document):
        for claims in (document["refit"]["claims"], document["report"]["claims"]):
            claim = next(claim for claim in claims if claim["kind"] == kind)
            old = f"{claim['bound']:.3g}" if claim["bound"] is not None else ""
            claim["bound"] = factor * claim["bound"] if claim["bound"] is not None else 1e-9
            claim["verdict"] = "CERTIFIED" if claim["verdict"] == "UNAVAILABLE" else claim["verdict"]
            claim["statement"] = claim["statement"].replace(old, f"{claim['bound']:.3g}") if old else claim["statement"]

    assert verdict_after(fitted, tmp_path, change)


def test_a_bound_of_a_fold_made_smaller(fitted, tmp_path):
    def change(arrays, document):
        document["fits"]["ridge"][2]["claims"][0]["bound"] *= 0.5

    assert verdict_after(fitted, tmp_path, change)


def test_an_encoder_mean_changed(fitted, tmp_path):
    def change(arrays, document):
        code = next(code for code in document["encoder"]["codes"] if code.get("mean") is not None)
        code["mean"] = code["mean"] * (1 + 1e-9) + 1e-12

    assert verdict_after(fitted, tmp_path, change)


def test_two_columns_swapped_in_the_file(fitted, tmp_path):
    def change(arrays, document):
        codes = document["encoder"]["codes"]
        codes[0]["name"], codes[1]["name"] = codes[1]["name"], codes[0]["name"]

    assert verdict_after(fitted, tmp_path, change)


def test_two_coefficients_swapped(fitted, tmp_path):
    def change(arrays, document):
        arrays["params"][[0, 1]] = arrays["params"][[1, 0]]

    assert verdict_after(fitted, tmp_path, change)


def test_two_data_columns_swapped_and_the_fingerprint_recomputed(fitted, tmp_path):
    path, table = fitted
    columns = list(table.columns)
    columns[0], columns[1] = Column("x0", "number", columns[1].values), Column("x1", "number", columns[0].values)
    altered = Table(table.name, tuple(columns))

    def change(arrays, document):
        document["report"]["table"]["fingerprint"] = fingerprint(altered, (*document["names"], "y"))

    assert verdict_after(fitted, tmp_path, change, altered)


def test_a_coefficient_of_any_fold_of_any_rung(fitted, tmp_path):
    arrays, _ = read_model(fitted[0])
    for name in [name for name in arrays if name.startswith("fold/")][::3]:

        def change(arrays, document, name=name):
            arrays[name][np.argmax(np.abs(arrays[name]))] *= 1 + 1e-6

        assert verdict_after(fitted, tmp_path, change), name


def test_errors_too_large_to_compare_are_refuted_and_no_traceback(fitted, tmp_path):
    def change(arrays, document):
        for rung in document["report"]["rungs"]:
            rung["errors"] = [1e308] * len(rung["errors"])

    assert verdict_after(fitted, tmp_path, change)


def test_the_comparison(fitted, tmp_path):
    """Each number of the paired comparison, of each rung, and the rule by which the rung was chosen."""
    rungs = read_model(fitted[0])[1]["report"]["rungs"]
    for i, key in product(range(len(rungs)), ["standard_error", "difference", "difference_error", "noticed"]):

        def change(arrays, document, i=i, key=key):
            document["report"]["rungs"][i][key] += 1e-6 * rungs[0]["mean"]

        assert verdict_after(fitted, tmp_path, change), (rungs[i]["name"], key)
    for i, rung in enumerate(rungs):

        def other_rival(arrays, document, i=i, rung=rung):
            others = (each["name"] for each in rungs if each["name"] not in (rung["name"], rung["rival"]))
            document["report"]["rungs"][i]["rival"] = next(others)

        assert verdict_after(fitted, tmp_path, other_rival), rung["name"]
    best = min((rung for rung in rungs if rung["candidate"]), key=lambda rung: rung["mean"])
    for rule in ("2se", *(["best"] if not best["chosen"] else [])):
        assert verdict_after(fitted, tmp_path, lambda arrays, document, rule=rule: document["report"].update(rule=rule))

    def other_overlap(arrays, document):
        document["report"]["folds"]["overlap"] /= 2

    assert verdict_after(fitted, tmp_path, other_overlap)


@pytest.mark.parametrize(
    "what", ["errors", "mean", "strength", "choice", "claim", "fold", "statistics", "intercept", "verdict"]
)
def test_other_numbers_of_the_record(fitted, tmp_path, what):
    def change(arrays, document):
        report = document["report"]
        rung = next(rung for rung in report["rungs"] if rung["chosen"])
        if what == "errors":
            rung["errors"][0] *= 1 - 1e-6
        elif what == "mean":
            rung["mean"] *= 1 - 1e-6
        elif what == "strength":
            document["refit"]["l2"] += 1e-9
        elif what == "choice":
            report["chosen"] = next(rung["name"] for rung in report["rungs"] if not rung["chosen"])
        elif what == "claim":
            document["refit"]["claims"].pop(0)
        elif what == "fold":
            arrays["fold"][[0, 1, 2, 3, 4]] = arrays["fold"][[4, 3, 0, 1, 2]]
        elif what == "statistics":
            name = sorted(report["statistics"])[0]
            report["statistics"][name] += 1e-6
        elif what == "intercept":
            equation = report["equation"]
            (equation["scores"][0] if "scores" in equation else equation)["intercept"] += 1e-6
        else:
            document["refit"]["claims"][3]["verdict"] = "REPORTED"

    assert verdict_after(fitted, tmp_path, change)
