"""TableEncoder: scikit-learn's contract, the same matrix as the ladder's, names and units, frames of any library."""

import numpy as np
import pandas
import polars
import pytest
import scipy.sparse
from sklearn.linear_model import Ridge as TheirRidge
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import check_estimator

from infimum import Ridge, TableEncoder, read_table
from infimum.tables import TableError
from infimum.tables.encode import fit_encoder

DAYS = ["2020-01-01", "2020-02-01", "2020-03-02", "2020-03-05", "2021-01-01", "2021-06-01"]
ROWS = {
    "hour": [7.0, 9.0, None, 11.0, 9.0, 8.0] * 5,
    "sky": ["clear", "rain", "clear", None, "rain", "clear"] * 5,
    "day": np.array(DAYS * 5, "datetime64[us]"),
    "size": ["small", "big", "medium", "small", "big", "medium"] * 5,
}


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
def test_every_check_of_scikit_learn_passes():
    results = check_estimator(TableEncoder(), on_fail=None)
    assert len(results) > 30
    assert not [result["check_name"] for result in results if result["status"] not in ("passed", "skipped")]


def test_frames_of_any_library_give_the_same_matrix():
    encoders = [TableEncoder().fit(frame) for frame in (pandas.DataFrame(ROWS), polars.DataFrame(ROWS), ROWS)]
    first = encoders[0].transform(pandas.DataFrame(ROWS))
    for encoder, frame in zip(encoders[1:], (polars.DataFrame(ROWS), ROWS), strict=True):
        assert encoder.transform(frame).tobytes() == first.tobytes()
    names = encoders[0].get_feature_names_out().tolist()
    assert names[:3] == ["hour", "hour is missing", "sky = rain"] and "size ≥ medium" in names
    assert [role.role for role in encoders[0].roles_] == ["number", "category", "date", "ordered"]


def test_set_output_names_the_columns_and_keeps_the_index():
    frame = pandas.DataFrame(ROWS, index=[f"row{at}" for at in range(30)])
    shown = TableEncoder(drop=["day", "size"]).set_output(transform="pandas").fit_transform(frame)
    assert list(shown.columns) == ["hour", "hour is missing", "sky = rain", "sky = (missing)"]
    assert list(shown.index) == list(frame.index)


def test_roles_orders_and_drops_come_before_the_rules():
    encoder = TableEncoder({"hour": "category"}, {"sky": ["rain", "clear"]}, ["day", "size"]).fit(ROWS)
    assert encoder.get_feature_names_out().tolist()[-2:] == ["sky ≥ clear", "sky is missing"]
    assert [role.role for role in encoder.roles_] == ["category", "ordered", "dropped", "dropped"]


def test_sparse_and_plain_arrays():
    X = np.random.default_rng(0).normal(size=(30, 3)) * (np.arange(90).reshape(30, 3) % 2)
    assert (
        TableEncoder().fit_transform(scipy.sparse.csr_array(X)).tobytes() == TableEncoder().fit_transform(X).tobytes()
    )


def test_in_a_pipeline_it_learns_from_the_training_rows_of_each_fold():
    frame = pandas.read_csv("examples/bikes.csv")
    y = frame.pop("rentals").to_numpy(float)
    ours = cross_val_score(make_pipeline(TableEncoder(), Ridge(1.0)), frame, y, cv=3)
    theirs = cross_val_score(make_pipeline(TableEncoder(), TheirRidge(1.0)), frame, y, cv=3)
    np.testing.assert_allclose(ours, theirs, rtol=1e-9)


def test_the_matrix_is_the_one_of_the_ladder():
    table = read_table("examples/penguins.csv")
    encoder = TableEncoder().fit(table)
    assert encoder.transform(table).tobytes() == fit_encoder(table, table.names).encode(table).tobytes()


def test_unreadable_columns_are_said():
    with pytest.raises(TableError, match="row 2 holds 'rain'"):
        TableEncoder({"sky": "number"}).fit(pandas.DataFrame({"sky": ["7", "rain", "8"], "x": [1.0, 2.0, 2.0]}))
    encoder = TableEncoder().fit(pandas.DataFrame({"x": [1.0, 2.0, 2.0]}))
    with pytest.raises(TableError, match="column 'x' must hold numbers"):
        encoder.transform(pandas.DataFrame({"x": ["one"]}))
