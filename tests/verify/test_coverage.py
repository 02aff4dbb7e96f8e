"""Intervals, sets and what they covered: each number changed in the file is refuted, for every kind of folds."""

import numpy as np
import pytest

import infimum.ladder.climb as climbing
from infimum.files.model_file import read_model, write_model
from infimum.ladder.terms import Terms
from infimum.tables import Column, Table, text_column
from infimum.tables.wishes import Wishes
from infimum.verify import verify_file
from infimum.verify.adaptive import followed
from tests.linear_rungs import use_linear_rungs
from tests.verify.made import regression, several, verdict_after


def covering(document):
    report = document["report"]
    return report["intervals"] or report["sets"]


def drop(arrays, document):
    document["report"]["intervals"] = document["report"]["sets"] = None


def all_levels(arrays, document):
    document["report"]["coverage"] = covering(document)["level"] = 0.91
    covering(document)["guarantee"] = covering(document)["guarantee"].replace("90%", "91%")


def one_class(key):
    def change(arrays, document):
        for each in (document["report"]["sets"] or {"classes": []})["classes"]:
            each[key] = 0.5 * each[key] if each[key] is not None else 0.7
        if not document["report"]["sets"]:
            document["report"]["intervals"]["half_width"] *= 1 + 1e-6

    return change


def size(arrays, document):
    facts = document["report"]["sets"]
    if facts:
        most = int(np.argmax(facts["sizes"]))
        facts["sizes"][most] -= 1
        facts["sizes"][0 if most else 1] += 1
    else:
        document["report"]["intervals"]["half_width"] *= 1 - 1e-6


def score(arrays, document):
    arrays["calibration"][5] *= 1 + 1e-6


def sentence(arrays, document):
    facts = covering(document)
    number = next(word for word in facts["guarantee"].split() if word[0].isdigit())
    facts["guarantee"] = facts["guarantee"].replace(number, "99%", 1)


def set_to(key, value):
    def change(arrays, document):
        covering(document)[key] = value

    return change


def one_part(of, at, key, value):
    """Another value in one band or one fold's difficulty."""

    def change(arrays, document):
        part = covering(document)[of][at]
        part[key] = value(part[key])

    return change


def classes_swapped(arrays, document):
    if "calibration_class" in arrays:
        arrays["calibration_class"][:2] = 1 - arrays["calibration_class"][:2]
    else:
        arrays["calibration"] = np.sort(arrays["calibration"])


CHANGES = {
    "level": set_to("level", 0.95),
    "all levels": all_levels,
    "coverage asked for": lambda arrays, document: document["report"].update(coverage=0.8),
    "method": set_to("method", "magic"),
    "folds": set_to("folds", [0]),
    "calibration rows": set_to("calibration_rows", 7),
    "bound": set_to("bound", 0.97),
    "covered": set_to("covered", 0.97),
    "covered of a fold": lambda arrays, document: covering(document)["covered_folds"].__setitem__(1, 0.123),
    "folds left out": set_to("covered_folds", [0.9]),
    "score": score,
    "one score fewer": lambda arrays, document: arrays.update(calibration=arrays["calibration"][1:]),
    "sentence": sentence,
    "size": size,
    "classes": classes_swapped,
    "share of a class": one_class("covered"),
    "bound of a class": one_class("bound"),
    "rows of a class": one_class("rows"),
    "gone": drop,
}


OF_INTERVALS = {
    "covered of a band": one_part("covered_bands", -1, "covered", lambda share: share - 0.02),
    "width of a band": one_part("covered_bands", 0, "half_width", lambda width: width * 1.001),
    "end of a band": one_part("covered_bands", 0, "last", lambda end: end + 1e-3),
    "rows of a band": one_part("covered_bands", 0, "rows", lambda rows: rows - 1),
    "band left out": lambda arrays, document: covering(document)["covered_bands"].pop(),
    "size": one_part("difficulty", -1, "size", lambda sizes: [sizes[0] * (1 + 1e-6), *sizes[1:]]),
    "place": one_part("difficulty", 0, "at", lambda at: [at[0] - 1e-3, *at[1:]]),
    "knot left out": one_part("difficulty", 0, "size", lambda sizes: sizes[1:]),
    "fold left out": lambda arrays, document: covering(document)["difficulty"].pop(),
}


def written(table, folder, wishes=None, coverage=0.9):
    """(model file, table) of a ladder without the network rung."""
    patch = pytest.MonkeyPatch()
    use_linear_rungs(patch, reference=True)
    climb = climbing.climb(table, "y", wishes, Terms(reference=False, coverage=coverage))
    patch.undo()
    write_model(folder / "model.safetensors", climb.arrays, climb.document)
    return folder / "model.safetensors", table


@pytest.fixture(scope="module", params=[regression, several], ids=lambda make: make.__name__)
def alike(request, tmp_path_factory):
    """(model file, table) of rows drawn alike."""
    return written(request.param()[0], tmp_path_factory.mktemp("alike"))


@pytest.mark.parametrize("what", CHANGES)
def test_a_number_about_coverage_changed(alike, tmp_path, what):
    assert verdict_after(alike, tmp_path, CHANGES[what])


def dated(kind, wishes):
    """A table whose rows hang together in time or by group, its target a number or a class."""
    rng = np.random.default_rng(8)
    x, day = rng.normal(size=(180, 2)), np.arange(180.0)
    y = x @ [1.0, -1.0] + 0.5 * np.sin(day / 20) + rng.normal(size=180)
    columns = [Column(f"x{j}", "number", x[:, j].copy()) for j in range(2)]
    columns += [Column("when", "number", day), text_column("who", [f"g{i % 20}" for i in range(180)])]
    last = Column("y", "number", y) if kind == "number" else text_column("y", np.where(y > 0, "up", "down").tolist())
    return Table("dated.csv", (*columns, last)), wishes


KINDS = {
    f"{kind}, {how}": (kind, wishes)
    for kind in ("number", "class")
    for how, wishes in (("time", Wishes(time="when")), ("groups", Wishes(group="who")))
}


@pytest.fixture(scope="module")
def uneven(tmp_path_factory):
    """(model file, table) of a quantity whose noise grows with it."""
    rng = np.random.default_rng(3)
    x = rng.uniform(0, 10, 400)
    columns = (Column("x", "number", x), Column("y", "number", 3 * x + (0.2 + x) * rng.normal(size=400)))
    return written(Table("uneven", columns), tmp_path_factory.mktemp("uneven"))


@pytest.mark.parametrize("what", OF_INTERVALS)
def test_a_number_about_uneven_intervals_changed(uneven, tmp_path, what):
    assert verdict_after(uneven, tmp_path, OF_INTERVALS[what])


@pytest.mark.parametrize("key", ["covered", "covered_folds"])
def test_a_share_beyond_all_rows_is_refuted_where_rounding_decides_every_row(key, tmp_path):
    x = np.linspace(0, 1, 60)
    table = Table("line", (Column("x", "number", x), Column("y", "number", 3 * x + 1)))

    def change(arrays, document):
        document["report"]["intervals"][key] = 1.5 if key == "covered" else [3.0] * 5

    assert verdict_after(written(table, tmp_path), tmp_path, change)


def test_no_other_rung_lends_its_rounding_to_the_intervals(uneven, tmp_path):
    """With a rung a million million times too large, residuals a thousandth too small are still seen as such."""
    arrays, document = read_model(uneven[0])
    for name in [name for name in arrays if name.startswith("fold/") and name.endswith("/constant")]:
        arrays[name] = arrays[name] * 1e16
    arrays["calibration"] = arrays["calibration"] * 0.001
    write_model(tmp_path / "model.safetensors", arrays, document)
    refuted = [
        each.subject
        for each in verify_file(tmp_path / "model.safetensors", uneven[1]).answers
        if each.verdict == "REFUTED"
    ]
    assert "residuals" in refuted


def test_uneven_intervals_follow_the_noise_and_hold_everywhere(uneven):
    facts = read_model(uneven[0])[1]["report"]["intervals"]
    first, *_, last = facts["covered_bands"]
    assert last["half_width"] > 3 * first["half_width"]
    assert all(band["covered"] > 0.78 for band in facts["covered_bands"])
    assert not verify_file(*uneven).refuted, str(verify_file(*uneven))


@pytest.fixture(scope="module", params=KINDS)
def apart(request, tmp_path_factory):
    """(model file, table) of rows that are not exchangeable."""
    table, wishes = dated(*KINDS[request.param])
    return written(table, tmp_path_factory.mktemp("apart"), wishes, 0.8)


def test_without_exchangeable_rows_nothing_is_proved(apart):
    document = read_model(apart[0])[1]
    facts = covering(document)
    assert facts["bound"] is None and facts["guarantee"].startswith("No guarantee") and "80%" in facts["guarantee"]
    assert not verify_file(*apart).refuted, str(verify_file(*apart))


@pytest.mark.parametrize("what", ["level", "bound", "covered", "covered of a fold", "score", "sentence", "size"])
def test_a_number_about_rows_that_hang_together_changed(apart, tmp_path, what):
    assert verdict_after(apart, tmp_path, CHANGES[what])


@pytest.mark.parametrize(("key", "factor"), [("covered", 0.95), ("half_width", 1.01), ("rows", 2), (None, None)])
def test_what_adapting_would_have_covered_changed(apart, tmp_path, key, factor):
    adaptive = (read_model(apart[0])[1]["report"]["intervals"] or {}).get("adaptive")

    def change(arrays, document):
        facts = document["report"]["intervals"]
        if key is None:
            facts["adaptive"] = None
        else:
            facts["adaptive"][key] *= factor

    if adaptive:
        assert verdict_after(apart, tmp_path, change)
    else:
        assert document_has_no_adaptive(apart, tmp_path)


def document_has_no_adaptive(apart, tmp_path):
    """Claimed where the folds are no spans of time, it is refuted."""

    def change(arrays, document):
        facts = {"rows": 5, "covered": 0.8, "half_width": 1.0}
        report = document["report"]
        if report["intervals"]:
            report["intervals"]["adaptive"] = facts
        else:
            report["intervals"] = {"adaptive": facts}

    return verdict_after(apart, tmp_path, change)


def test_the_checkers_adaptive_widths_are_those_of_the_library():
    from infimum.evaluation.conformal.adaptive import adaptive_conformal

    rng = np.random.default_rng(9)
    past, score = np.abs(rng.normal(size=100)), np.abs(rng.normal(size=700)) * np.linspace(1, 3, 700)
    path = adaptive_conformal(past, score, 0.9)
    width, covered = followed(past.tolist(), score.tolist(), 0.1)
    assert np.array_equal(path.covered, covered)
    np.testing.assert_array_equal(path.quantile, width)
