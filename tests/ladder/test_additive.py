"""Curves and products on the ladder: chosen where they are, written down, drawn, derived again, and tampered with."""

import numpy as np
import pytest

import infimum.ladder.climb as climbing
from infimum.files.model_file import write_model
from infimum.ladder.fitted import Fitted
from infimum.report.build import build
from infimum.tables import Column, Table, text_column
from infimum.verify import verify_file
from tests.verify.made import verdict_after


def table_of(kind, n=800, seed=0):
    """A wave in a, and b that counts where on = yes; classes drawn from it, two or three."""
    rng = np.random.default_rng(seed)
    a, b, on = rng.normal(5, 2, n), rng.normal(size=n), rng.random(n) < 0.5
    z = 2 * np.sin(a) + 2 * b * on
    columns = [Column("a", "number", a), Column("b", "number", b)]
    columns.append(text_column("on", ["yes" if each else "no" for each in on]))
    if kind == "numbers":
        return Table("made.csv", (*columns, Column("y", "number", 10 + z + 0.5 * rng.normal(size=n))))
    cuts = [0.0] if kind == "two classes" else [-1.0, 1.0]
    names = np.array(["low", "mid", "top"])[np.digitize(z + 0.5 * rng.normal(size=n), cuts)]
    return Table("made.csv", (*columns, text_column("y", names.tolist())))


@pytest.fixture(scope="module", params=["numbers", "two classes", "three classes"])
def fitted(request, tmp_path_factory):
    table = table_of(request.param)
    patch = pytest.MonkeyPatch()
    patch.setattr(climbing, "find_spec", lambda name: None)
    patch.setattr(climbing, "reference_of", lambda *told: None)
    climb = climbing.climb(table, "y")
    patch.undo()
    path = tmp_path_factory.mktemp("additive") / "model.safetensors"
    write_model(path, climb.arrays, climb.document)
    return path, table


def test_the_rung_with_products_is_chosen_and_every_number_is_derived_again(fitted):
    verification = verify_file(*fitted)
    assert not verification.refuted, str(verification)
    report = Fitted.load(fitted[0]).report
    assert report["chosen"] == "products"
    rungs = {rung["name"]: rung for rung in report["rungs"]}
    assert rungs["products"]["mean"] < rungs["additive"]["mean"] < rungs["ridge"]["mean"]
    assert {rungs[name]["verdict"] for name in ("additive", "products")} == {"CERTIFIED"}


def test_the_curves_and_products_are_those_planted(fitted):
    report = Fitted.load(fitted[0]).report
    for one in report["equation"].get("scores", [report["equation"]]):
        assert {curve["column"] for curve in one["curves"]} == {"a", "b"}
        assert any(set(pair["of"]) in ({"b", "on = yes"}, {"b", "on = no"}) for pair in one["products"])
        assert {term["column"] for term in one["terms"]} == {"on"}
    if report["target"]["task"] == "regression":
        curve = next(curve for curve in report["equation"]["curves"] if curve["column"] == "a")
        at = np.array(curve["at"])
        error = np.array(curve["effect"]) - 2 * np.sin(at)
        assert np.std(error) < 0.15
        usual = np.abs(at - 5) < 2.5
        assert np.mean(np.abs(error - error[usual].mean())[usual] < 2 * np.array(curve["error"])[usual]) > 0.9


def test_rows_predicted_alone_have_the_bits_they_have_among_others(fitted):
    path, table = fitted
    model = Fitted.load(path)
    whole = model.predict(table)
    alone = model.predict(table.take(np.array([7])))
    assert {name: values[0] for name, values in alone.items()} == {name: values[7] for name, values in whole.items()}


def test_the_columns_of_the_worst_rows_are_those_that_count_most(fitted):
    """A curve counts by its size: the two planted come before the level, whose weight alone is small."""
    report = Fitted.load(fitted[0]).report
    assert set(report["worst"]["columns"][:2]) == {"a", "b"}


def test_the_page_shows_the_curves_and_their_numbers(fitted):
    page = build(Fitted.load(fitted[0]).report)
    assert "What each column adds" in page and "effect-0-title" in page and "b × on = " in page


@pytest.mark.parametrize(
    "path", [("curves", 0, "effect"), ("curves", 0, "at"), ("curves", 1, "error"), ("curves", 0, "size")]
)
def test_a_curve_changed_is_refuted(fitted, tmp_path, path):
    def change(arrays, document):
        equation = document["report"]["equation"]
        at = equation.get("scores", [equation])[0]
        for key in path[:-1]:
            at = at[key]
        value = at[path[-1]]
        at[path[-1]] = [*value[:-1], value[-1] * 1.01 + 0.01] if isinstance(value, list) else value * 1.01

    assert verdict_after(fitted, tmp_path, change)


def knots(document):
    spline = document["refit"]["basis"]["splines"][0]
    spline["knots"][1] += 1e-9


def lines(document):
    document["fits"]["additive"][0]["basis"]["splines"][0]["lines"][0][1] += 1e-9


def pairs(document):
    document["refit"]["basis"]["pairs"] = [[0, 1]]


def roughness(document):
    document["refit"]["roughness"] *= 1.1


def product_strength(document):
    document["fits"]["products"][1]["products"] *= 1.1


def shown_strength(document):
    rung = next(rung for rung in document["report"]["rungs"] if rung["name"] == "additive")
    rung["strength"]["roughness"] *= 1.1


def product_size(document):
    equation = document["report"]["equation"]
    equation.get("scores", [equation])[0]["products"][0]["size"] *= 1.01


@pytest.mark.parametrize("forge", [knots, lines, pairs, roughness, product_strength, shown_strength, product_size])
def test_a_forged_part_is_refuted(fitted, tmp_path, forge):
    assert verdict_after(fitted, tmp_path, lambda arrays, document: forge(document))


def test_without_numbers_there_are_no_curves_but_there_may_be_products(monkeypatch):
    monkeypatch.setattr(climbing, "find_spec", lambda name: None)
    monkeypatch.setattr(climbing, "reference_of", lambda *told: None)
    rng = np.random.default_rng(0)
    first, second = rng.random(600) < 0.5, rng.random(600) < 0.5
    y = Column("y", "number", 3.0 * (first & second) + 0.3 * rng.normal(size=600))
    words = [text_column(name, ["yes" if each else "no" for each in on]) for name, on in (("p", first), ("q", second))]
    report = climbing.climb(Table("made.csv", (*words, y)), "y").report
    assert report["chosen"] == "products"
    assert [skipped["name"] for skipped in report["skipped"]][:1] == ["additive"]
    assert [pair["of"] for pair in report["equation"]["products"]]
