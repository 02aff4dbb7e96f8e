"""How long a climb still takes is told with each step, and costs nothing where nothing is known."""

import sys

import infimum.ladder.climb as climbing
import infimum.ladder.time_left as time_left
from infimum.cli.progress import progress
from tests.linear_rungs import use_linear_rungs
from tests.verify.made import regression


def test_every_step_but_the_first_tells_it_and_the_steps_are_counted(monkeypatch):
    use_linear_rungs(monkeypatch)
    monkeypatch.setattr(time_left, "SILENT", 0.0)
    monkeypatch.setattr(time_left, "SHORT", 0.0)
    monkeypatch.setattr(time_left, "KNOWN", 0.0)
    told = []
    climbing.climb(regression()[0], "y", progress=lambda *each: told.append(each))
    texts, done, totals = zip(*told, strict=True)
    assert set(totals) == {len(told) + 4} and done == (*range(20), 25, 26)  # boosting is left out
    assert all(text.endswith(" left") for text in texts[1:-1])
    assert "left" not in texts[0] and texts[-1].partition(",")[0] == "done"


def test_a_log_has_a_line_a_rung_with_the_time_left(capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: False, raising=False)
    with progress(quiet=False) as tell:
        tell("reading", 0, 9)
        tell("ridge, fold 1 of 2, about 3 min left", 1, 9)
        tell("ridge, fold 2 of 2, about 2 min left", 2, 9)
        tell("lasso, fold 1 of 2", 3, 9)
        tell("done", 9, 9)
    assert capsys.readouterr().err.splitlines() == ["[0/9] reading", "[1/9] ridge, about 3 min left", "[3/9] lasso"]
