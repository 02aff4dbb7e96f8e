"""From a table as it is to a ladder: leaks left out and priced, splits in time and by group, dependent features."""

import numpy as np
import pytest

import infimum.ladder.climb as climbing
from infimum.files.model_file import read_model, write_model
from infimum.ladder.fitted import Fitted
from infimum.ladder.independence import independent
from infimum.ladder.strange import strange_cells
from infimum.ladder.words import INTERRUPTED
from infimum.tables import Column, Table, TableError, text_column
from infimum.tables.wishes import Wishes
from infimum.verify import verify_file
from tests.linear_rungs import use_linear_rungs


@pytest.fixture(autouse=True)
def no_torch(monkeypatch):
    use_linear_rungs(monkeypatch)


def number(name, values):
    return Column(name, "number", np.asarray(values, dtype=float))


def sales(n=240):
    """Two parts of the target, a date, a shop, the date's year once more, and an honest column."""
    rng = np.random.default_rng(0)
    web, shop = rng.poisson(20, n), rng.poisson(30, n)
    day = np.datetime64("2020-01-01", "us") + np.arange(n) * np.timedelta64(4, "D")
    price = rng.normal(10, 2, n)
    return Table(
        "sales.csv",
        (
            number("web", web - price),
            number("shop", shop + price),
            Column("day", "time", day),
            number("yr", day.astype("datetime64[Y]").astype(int)),
            text_column("place", [f"p{i % 12}" for i in range(n)]),
            number("price", price),
            number("sold", web + shop),
        ),
    )


def roles(report):
    return {column["name"]: column["role"] for column in report["columns"]}


def test_totals_and_parts_are_left_out_and_their_price_is_told():
    report = climbing.climb(sales(), "sold").report
    assert {name for name, role in roles(report).items() if role == "leak"} == {"web", "shop"}
    assert set(report["leak"]["columns"]) == {"web", "shop"}
    assert report["leak"]["error_with"] < 0.1 * report["leak"]["error_without"]
    kept = climbing.climb(sales(), "sold", Wishes(keep_leaks=True)).report
    assert "leak" not in roles(kept).values() and kept["leak"] is None
    assert min(rung["mean"] for rung in kept["rungs"]) < 0.1 * report["rungs"][0]["mean"]


def test_a_date_splits_in_time_and_the_checker_derives_it_again(tmp_path):
    found = climbing.climb(sales(), "sold")
    assert found.report["folds"]["kind"] == "time" and found.report["folds"]["column"] == "day"
    assert found.report["folds"]["held_out_rows"] == 200 and found.report["out_of_fold"]["of"] == 200
    assert "not exchangeable" in found.report["intervals"]["guarantee"]
    path = tmp_path / "model.safetensors"
    write_model(path, found.arrays, found.document)
    assert not verify_file(path, sales()).refuted
    arrays, document = read_model(path)
    fold = arrays["fold"].copy()
    fold[[0, -1]] = fold[[-1, 0]]  # the last day learned from, the first predicted
    write_model(path, {**arrays, "fold": fold}, document)
    assert "later than the one before" in str(verify_file(path, sales()))


def test_random_folds_on_request_and_groups_kept_together(tmp_path):
    assert climbing.climb(sales(), "sold", Wishes(time="none")).report["folds"]["kind"] == "random"
    found = climbing.climb(sales(), "sold", Wishes(group="place"))
    assert found.report["folds"]["kind"] == "groups" and roles(found.report)["place"] == "identifier"
    path = tmp_path / "model.safetensors"
    write_model(path, found.arrays, found.document)
    assert not verify_file(path, sales()).refuted


@pytest.mark.parametrize(("key", "value"), [("role", "number"), ("reason", "It seemed best.")])
def test_a_changed_role_or_reason_is_refuted(tmp_path, key, value):
    found = climbing.climb(sales(), "sold")
    found.report["columns"][0][key] = value
    write_model(tmp_path / "model.safetensors", found.arrays, found.document)
    verification = verify_file(tmp_path, sales())
    assert any(answer.kind == "roles" and answer.verdict == "REFUTED" for answer in verification.answers)


def test_a_hidden_finding_is_refuted(tmp_path):
    found = climbing.climb(sales(), "sold")
    del found.report["findings"][0]
    write_model(tmp_path / "model.safetensors", found.arrays, found.document)
    assert any(a.kind == "findings" and a.verdict == "REFUTED" for a in verify_file(tmp_path, sales()).answers)


def test_least_squares_leaves_out_what_repeats_other_columns(tmp_path):
    table = sales().without(["web", "shop", "place"])
    found = climbing.climb(table, "sold", Wishes(time="none"))
    fit = found.document["fits"]["least squares"][0]
    assert fit["features"] is not None and found.report["rungs"][1]["verdict"] == "CERTIFIED"
    write_model(tmp_path / "model.safetensors", found.arrays, found.document)
    assert not verify_file(tmp_path, table).refuted
    fit["features"] = fit["features"][:-1]
    found.arrays["fold/0/least squares"] = np.delete(found.arrays["fold/0/least squares"], len(fit["features"]))
    write_model(tmp_path / "model.safetensors", found.arrays, found.document)
    assert verify_file(tmp_path, table).refuted


def test_independent_features_span_the_same():
    rng = np.random.default_rng(1)
    B = rng.normal(size=(40, 5)) * [1, 1e6, 1e-6, 1, 1] + [0, 0, 1e-3, 1e4, 0]
    X = np.column_stack([B[:, 0], B[:, 0] + B[:, 1], B[:, 1], np.ones(40), B[:, 2:], B @ rng.normal(size=5)])
    kept = independent(X)
    assert kept == (0, 1, 4, 5, 6)
    one = np.ones((40, 1))
    assert np.linalg.matrix_rank(np.hstack([one, X[:, kept] / X[:, kept].std(axis=0)])) == 6
    assert independent(B) is None
    assert len(independent(rng.normal(size=(10, 30)))) == 9


def test_one_row_at_a_time_gives_the_same_bits():
    table = sales()
    for wishes in (Wishes(), Wishes(time="none", keep_leaks=True)):
        found = climbing.climb(table, "sold", wishes)
        fitted = Fitted(found.arrays, found.document)
        together = fitted.predict(table)
        alone = [fitted.predict(table.take(np.array([row]))) for row in range(0, table.rows, 7)]
        for name, values in together.items():
            assert [row[name][0] for row in alone] == list(values[::7])


def test_an_interruption_keeps_the_rungs_that_are_done():
    def interrupt(text, done, total):
        if text.startswith("ridge, fold 3"):
            raise KeyboardInterrupt

    report = climbing.climb(sales(), "sold", progress=interrupt).report
    assert [rung["name"] for rung in report["rungs"]] == ["constant", "least squares"]
    assert ("lasso", INTERRUPTED) in [(each["name"], each["reason"]) for each in report["skipped"]]

    def at_once(text, done, total):
        if text.startswith("least squares"):
            raise KeyboardInterrupt  # a constant alone is no choice

    with pytest.raises(KeyboardInterrupt):
        climbing.climb(sales(), "sold", progress=at_once)


def test_a_time_that_starts_with_one_class_is_said():
    busy = text_column("busy", ["no"] * 80 + ["yes", "no"] * 80)
    table = Table("t.csv", (*sales().columns[2:-1], busy))
    with pytest.raises(TableError, match=r"first rows are all of one class .* \(--time none\)"):
        climbing.climb(table, "busy")


def test_an_order_needs_numbers_or_dates_without_gaps():
    with pytest.raises(TableError, match="'place' holds text, which has no order in time"):
        climbing.climb(sales(), "sold", Wishes(time="place"))
    gaps = number("when", [np.nan, *range(239)])
    with pytest.raises(TableError, match=r"'when' is missing in 1 row\(s\)"):
        climbing.climb(Table("t.csv", (*sales().columns, gaps)), "sold", Wishes(time="when"))


def test_of_two_columns_that_say_the_same_the_one_with_a_wish_stays():
    place = [f"p{i % 12}" for i in range(240)]
    twin = text_column("shop", [f"shop number {each[1:]}" for each in place])
    table = Table("t.csv", (*sales().columns[2:], twin))
    assert roles(climbing.climb(table, "sold").report)["shop"] == "duplicate"
    found = roles(climbing.climb(table, "sold", Wishes(roles={"shop": "category"})).report)
    assert (found["shop"], found["place"]) == ("category", "duplicate")
    both = Wishes(roles={"shop": "category", "place": "category"})
    found = roles(climbing.climb(table, "sold", both).report)
    assert (found["shop"], found["place"]) == ("category", "category")


def separated():
    """Classes that a level separates in every fold, and hardly anything else to learn."""
    rng = np.random.default_rng(6)
    words = ["rare" if i % 10 == 0 else "usual" for i in range(200)]
    y = np.where(np.array(words) == "rare", 1.0, (rng.random(200) < 0.5).astype(float))
    return Table("s.csv", (number("x", rng.normal(size=200)), text_column("c", words), number("y", y)))


def test_a_rung_without_a_minimum_is_no_candidate(tmp_path):
    found = climbing.climb(separated(), "y")
    rungs = {rung["name"]: rung for rung in found.report["rungs"]}
    assert rungs["logistic"]["verdict"] == "INSUFFICIENT" and not rungs["logistic"]["candidate"]
    assert found.report["chosen"] != "logistic" and "No candidate" in rungs["logistic"]["reason"]
    write_model(tmp_path / "model.safetensors", found.arrays, found.document)
    assert not verify_file(tmp_path, separated()).refuted
    found.report["chosen"] = "logistic"
    write_model(tmp_path / "model.safetensors", found.arrays, found.document)
    assert verify_file(tmp_path, separated()).refuted


def test_values_unlike_all_of_the_fit_are_counted():
    table = sales()
    found = climbing.climb(table, "sold")
    fitted = Fitted(found.arrays, found.document)
    assert fitted.unseen(table) == {}
    odd = [
        number("price", [10.0, 1e6]),
        Column("day", "time", np.array(["2021-01-01", "2099-01-01"], "datetime64[us]")),
    ]
    others = [table.column(name).take(np.array([0, 1])) for name in ("web", "shop", "yr")]
    new = Table("n.csv", (*odd, *others, text_column("place", ["p1", "moon"])))
    assert fitted.unseen(new) == {"price": ("number", 1), "day": ("date", 1), "place": ("category", 1)}
    assert [said.split()[0] for said in strange_cells(fitted, new)] == ["day", "place", "price"]
    gone = Table("n.csv", (number("price", [np.nan, 12.0]), *new.columns[1:-1], text_column("place", ["p1", "p1"])))
    assert any(
        said.startswith("price is missing in 1 row(s), and in none of the fit") for said in strange_cells(fitted, gone)
    )
