"""A model file that was tampered with, all checksums recomputed, is refuted; the honest file is not."""

import copy

import numpy as np
import pytest

import infimum.ladder.climb as climbing
from infimum.files.model_file import read_model, write_model
from infimum.tables import Column, Table
from infimum.tables.fingerprint import fingerprint
from infimum.verify import verify_file


def table_of(X, y, words=None):
    columns = [Column(f"x{j}", "number", X[:, j].copy()) for j in range(X.shape[1])]
    if words is not None:
        columns.append(Column("colour", "category", np.array(words, dtype=object)))
    return Table("made.csv", (*columns, Column("y", "number", y)))


def regression():
    rng = np.random.default_rng(3)
    X = rng.normal(size=(90, 4)) * [1, 10, 0.1, 3] + [0, 5, 2, -1]
    words = [str(w) for w in rng.choice(["red", "green", "blue"], 90)]
    y = X @ [1.0, 0.2, 3.0, 0.0] + (np.array(words) == "red") + rng.normal(size=90)
    return table_of(X, y, words), None


def classification():
    rng = np.random.default_rng(4)
    X = rng.normal(size=(120, 3))
    return table_of(X, (X @ [1.0, -1.0, 0.0] + rng.logistic(size=120) > 0).astype(float)), None


def wide():
    """More columns than rows: the lasso wins, its gap is proved by duality, and the dual point is the witness."""
    rng = np.random.default_rng(5)
    X = rng.normal(size=(50, 70))
    return table_of(X, 3 * X[:, 0] - 2 * X[:, 1] + 0.3 * rng.normal(size=50)), "lasso"


def separated():
    """Quasi-separated classes: the logistic rung's folds carry a separation claim whose direction is the witness."""
    rng = np.random.default_rng(6)
    X = rng.normal(size=(80, 2))
    words = ["rare" if i % 10 == 0 else "usual" for i in range(80)]
    y = np.where(np.array(words) == "rare", 1.0, (X[:, 0] + rng.logistic(size=80) > 0).astype(float))
    return table_of(X, y, words), None


@pytest.fixture(scope="module", params=[regression, classification, wide, separated], ids=lambda make: make.__name__)
def fitted(request, tmp_path_factory):
    table, expected = request.param()
    patch = pytest.MonkeyPatch()
    patch.setattr(climbing, "find_spec", lambda name: None)  # without the network rung: seconds, not minutes
    climb = climbing.climb(table, "y")
    patch.undo()
    assert expected in (None, climb.report["chosen"])
    path = tmp_path_factory.mktemp(request.param.__name__) / "model.safetensors"
    write_model(path, climb.arrays, climb.document)
    return path, table


def verdict_after(fitted, tmp_path, change, table=None):
    """Whether the file is refuted after change(arrays, document), its checksum recomputed by write_model."""
    path, honest = fitted
    arrays, document = read_model(path)
    arrays, document = {name: array.copy() for name, array in arrays.items()}, copy.deepcopy(document)
    change(arrays, document)
    tampered = tmp_path / "tampered.safetensors"
    write_model(tampered, arrays, document)
    return verify_file(tampered, table or honest).refuted


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
    columns[column] = Column(columns[column].name, columns[column].role, values)
    altered = Table(table.name, tuple(columns))

    def change(arrays, document):
        names = (*document["names"], "y")
        document["report"]["table"]["fingerprint"] = fingerprint(altered, names)

    assert verdict_after(fitted, tmp_path, change, altered)


def test_a_target_cell_changed_and_the_fingerprint_recomputed(fitted, tmp_path):
    path, table = fitted
    values = table.column("y").values.copy()
    values[5] = 1 - values[5] if set(values) == {0.0, 1.0} else values[5] * (1 + 1e-6)
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
            report["equation"]["intercept"] += 1e-6
        else:
            document["refit"]["claims"][3]["verdict"] = "REPORTED"

    assert verdict_after(fitted, tmp_path, change)


def chosen_rung(document):
    return next(rung for rung in document["report"]["rungs"] if rung["chosen"])


def flip_class(arrays, document):
    target = document["report"]["target"]
    target["positive"] = target["classes"][0] if target["classes"] else "rain"


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
    "the mean of the target": lambda arrays, document: document["report"]["target"].update(mean=99.0),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_forgeries_of_what_a_reader_sees(fitted, tmp_path, forgery):
    assert verdict_after(fitted, tmp_path, FORGERIES[forgery])


def test_terms_of_the_equation(fitted, tmp_path):
    for key in ("column", "reference", "bound", "coefficient", "effect"):

        def change(arrays, document, key=key):
            term = max(document["report"]["equation"]["terms"], key=lambda term: abs(term["effect"]))
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


@pytest.mark.parametrize(
    "y", [np.full(30, 5.0), np.arange(30.0), 1e13 + np.sin(np.arange(30.0))], ids=["constant", "exact", "far"]
)
def test_perfect_and_far_fits_are_accepted(y, monkeypatch, tmp_path):
    monkeypatch.setattr(climbing, "find_spec", lambda name: None)
    if np.ptp(y) == 0:
        y = y + 1e-9 * np.sin(np.arange(30.0))
    X = np.column_stack([np.arange(30.0) ** 1.5, np.cos(np.arange(30.0)), 2 * y - 1])
    table = table_of(X, y)
    climb = climbing.climb(table, "y")
    write_model(tmp_path / "model.safetensors", climb.arrays, climb.document)
    verification = verify_file(tmp_path / "model.safetensors", table)
    assert not verification.refuted, str(verification)
