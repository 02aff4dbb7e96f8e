"""The README's Python session runs and prints what it shows."""

import doctest
from pathlib import Path


def test_the_python_session_of_the_readme():
    options = doctest.NORMALIZE_WHITESPACE
    result = doctest.testfile(
        str(Path(__file__).parents[1] / "README.md"), module_relative=False, optionflags=options, encoding="utf-8"
    )
    assert result.attempted > 15
    assert result.failed == 0
