"""The table of contents says the same in each of its forms, and every name in it can be imported."""

import ast
from importlib import import_module

import pytest

import infimum
from tests.conventions.source import PACKAGE


def test_the_names_for_type_checkers_are_those_for_python():
    tree = ast.parse((PACKAGE / "__init__.py").read_text("utf-8"))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    typed = {(node.module, alias.name) for node in block.body for alias in node.names}
    assert typed == {(folder, name) for folder, names in infimum._CONTENTS.items() for name in names}
    assert sorted(infimum.__all__) == sorted(name for _, name in typed)


@pytest.mark.parametrize("name", infimum.__all__)
def test_every_public_name_is_where_the_table_says(name):
    assert getattr(infimum, name) is getattr(import_module(infimum._FOLDER[name]), name)
    assert name in dir(infimum)


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = infimum.nothing
