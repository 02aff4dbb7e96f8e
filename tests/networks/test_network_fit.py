"""A NetworkFit as its user meets it: columns of frames, text, whose remedies, files that are not there."""

import numpy as np
import pytest

pytest.importorskip("torch")

from infimum import MLPRegressor, NetworkOptions, fit_network, load_network
from infimum.files.model_file import ModelFileError
from tests.networks.test_fit_network import X, Y, network


def test_columns_of_a_frame_are_those_of_the_fit_in_their_order(tmp_path):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(X, columns=["a", "b", "c"])
    module = network(3, 4, 1)
    fit = fit_network(module, "squared", 0.0, frame, Y, NetworkOptions(max_iter=2))
    fit.save(tmp_path / "fit")
    for each in (fit, load_network(tmp_path / "fit", module)):
        assert np.array_equal(each.predict(frame), each.predict(X))
        with pytest.raises(ValueError, match="column 0 of X is 'c', and 'a' in the fit"):
            each.predict(frame[["c", "b", "a"]])
        with pytest.raises(ValueError, match="column 2 of X is 'none', and 'c' in the fit"):
            each.predict(frame[["a", "b"]])
    assert fit_network(module, "squared", 0.0, X, Y, NetworkOptions(max_iter=2)).columns == ()


def test_text_in_place_of_numbers_names_the_encoder():
    words = np.array([["clear", 1.0], ["rain", 2.0]], dtype=object)
    for refused in (
        lambda: fit_network(network(2, 1), "squared", 0.0, words, [1.0, 2.0]),
        lambda: MLPRegressor((2,)).fit(words, [1.0, 2.0]),
    ):
        with pytest.raises(
            ValueError, match="could not convert string to float: 'clear'; .* takes numbers: .*TableEncoder"
        ):
            refused()


def test_remedies_of_a_module_say_whose_parameters_they_name():
    summary = fit_network(
        network(3, 8, 1), "squared", 0.0, X, Y, NetworkOptions(learning_rate_init=5.0, max_iter=15)
    ).summary()
    assert "INF2" in summary and "names of MLPRegressor's parameters" in summary


def test_a_file_that_is_not_there_is_said_in_words_of_modules(tmp_path):
    with pytest.raises(ModelFileError, match="there is no such file: check the name; NetworkFit.save writes one"):
        load_network(tmp_path / "nowhere", network(3, 1))
