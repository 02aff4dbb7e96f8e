"""`infimum lab`: what it refuses, in one sentence, before anything is served, and what it hands over."""

import socket
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
import typer

from tests.cli.bikes import WHOLE, refusal, run

lab = import_module("infimum.cli.lab")  # infimum.cli binds the name to the command


@pytest.fixture
def served(tmp_path, monkeypatch):
    """What would be served, whether or not marimo is installed; a sound table lies beside."""
    given = []
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(lab, "find_spec", lambda name: name)
    monkeypatch.setattr(lab, "serve", lambda *arguments: given.append(arguments))
    header, *rows = WHOLE.decode().splitlines()
    more = [f"{header},day", *(f"{row},{i % 7}" for i, row in enumerate(rows))]
    (tmp_path / "bikes.csv").write_text("\n".join(more) + "\n")
    return given


def test_without_marimo_it_says_how_to_install_it(tmp_path, monkeypatch):
    monkeypatch.setattr(lab, "find_spec", lambda name: None)
    assert "pip install 'infimum[lab]'" in refusal(tmp_path, "lab")


@pytest.mark.parametrize(
    "arguments, words",
    [
        (["nowhere.csv"], "nowhere.csv: no such file"),
        (["-"], "standard input can't be"),
        (["bikes.csv", "--target", "weather"], "the target 'weather' holds texts"),
        (["bikes.csv", "--target", "rental"], "did you mean 'rentals'"),
        (["--target", "rentals"], "penguins.csv has no column 'rentals'"),
        (["--page", "perceptron"], "there is no page 'perceptron': choose least-squares or network"),
    ],
)
def test_what_cannot_be_shown_is_refused(served, tmp_path, arguments, words):
    assert words in refusal(tmp_path, "lab", *arguments) and not served


def test_without_torch_the_page_on_networks_says_how_to_install_it(served, tmp_path, monkeypatch):
    monkeypatch.setattr(lab, "find_spec", lambda name: name if name == "marimo" else None)
    assert "pip install 'infimum[lab,networks]'" in refusal(tmp_path, "lab", "--page", "network") and not served


def test_a_port_that_is_taken_is_refused(served, tmp_path):
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        place.listen()
        assert "is taken: choose another --port" in refusal(tmp_path, "lab", "--port", place.getsockname()[1])


def test_the_table_the_target_and_the_port_are_handed_over(served, tmp_path):
    from infimum.lab.chosen import EXAMPLE

    assert run("lab", "bikes.csv", "--target", "rentals", "--no-browser").exit_code == 0
    assert run("lab").exit_code == run("lab", "--page", "network").exit_code == 0
    assert served == [
        ("least-squares", tmp_path / "bikes.csv", "rentals", None, False),
        ("least-squares", EXAMPLE, "", None, True),
        ("network", EXAMPLE, "", None, True),
    ]


@pytest.mark.parametrize("name, module", [("least-squares", "least_squares.py"), ("network", "network.py")])
def test_the_page_is_run_by_marimo_as_an_app(tmp_path, monkeypatch, name, module):
    asked = []

    class Ended:
        """A process that has ended with a code."""

        def __init__(self, command, env):
            asked.append(command)

        def __enter__(self):
            return self

        def __exit__(self, *_):
            return None

        def wait(self):
            return 3

    monkeypatch.setattr(subprocess, "Popen", Ended)
    with pytest.raises(typer.Exit) as end:
        lab.serve(name, tmp_path / "t.csv", "y", 2800, False)
    assert end.value.exit_code == 1
    page = asked[0][4]
    assert (
        asked[0][:4] == [sys.executable, "-m", "marimo", "run"] and Path(page).is_file() and Path(page).name == module
    )
    assert asked[0][5:] == [
        *("--no-sandbox", "--port", "2800", "--headless", "--"),
        *("--table", str(tmp_path / "t.csv"), "--target", "y"),
    ]
