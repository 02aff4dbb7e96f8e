"""Abstract or final: a class is an interface without state, or a value nobody subclasses. None is asked what it is."""

import ast
from collections.abc import Iterator

from tests.conventions.source import FUNCTION, Source, classes, functions, names, ours, report, sources

INTERFACE = {"ABC", "Protocol"}
ENUMERATION = {"Enum", "IntEnum", "StrEnum", "Flag"}
# scikit-learn's contract asks for constructors that assign; Python asks for a module type that guards one name.
SKLEARN = {"BaseEstimator", "ClassifierMixin", "RegressorMixin", "TransformerMixin"}
EXEMPT = {"__init__.py: _Contents"}


def is_interface(node: ast.ClassDef) -> bool:
    return bool(names(node.bases) & INTERFACE)


def is_exception(node: ast.ClassDef) -> bool:
    return any(base.endswith(("Error", "Exception", "Warning")) for base in names(node.bases))


def is_frozen_dataclass(node: ast.ClassDef) -> bool:
    return any(
        isinstance(each, ast.Call)
        and names([each]) == {"dataclass"}
        and any(k.arg == "frozen" and getattr(k.value, "value", None) is True for k in each.keywords)
        for each in node.decorator_list
    )


def is_estimator(source: Source, node: ast.ClassDef) -> bool:
    """Of estimators/ or shells/, and built on scikit-learn's classes, if through an interface of ours."""
    above = {base for _, parent in parents(source, node) for base in names(parent.bases)}
    return source.folder in ("estimators", "shells") and bool((names(node.bases) | above) & SKLEARN)


def parents(source: Source, node: ast.ClassDef) -> Iterator[tuple[Source, ast.ClassDef]]:
    """Those of its bases that are classes of ours, found in its own file or through its imports."""
    imported = {name.rpartition(".")[2]: name.rpartition(".")[0] for _, name in ours(source)}
    for base in names(node.bases):
        if base in imported:
            home = imported[base]
            where = [s for s in sources() if s.name == home or s.name.startswith(f"{home}.")]
        else:
            where = [source]
        yield from ((s, other) for s in where for other in classes(s) if other.name == base and other is not node)


def every_class() -> Iterator[tuple[Source, ast.ClassDef]]:
    found = ((source, node) for source in sources() for node in classes(source))
    return ((source, node) for source, node in found if f"{source.file}: {node.name}" not in EXEMPT)


def test_a_class_is_abstract_or_a_frozen_dataclass():
    found = [
        f"{source.at(node)} {node.name}"
        for source, node in every_class()
        if not is_interface(node)
        and not is_frozen_dataclass(node)
        and not is_exception(node)
        and not names(node.bases) & ENUMERATION
        and not is_estimator(source, node)
    ]
    assert not found, report(found)


def test_an_interface_has_no_state():
    found = []
    for source, node in every_class():
        inside = ast.walk(node) if is_interface(node) and not is_estimator(source, node) else ()
        for item in inside:
            targets = item.targets if isinstance(item, ast.Assign) else [getattr(item, "target", None)]
            if any(isinstance(t, ast.Attribute) and ast.unparse(t.value) == "self" for t in targets):
                found.append(f"{source.at(item)} {node.name} assigns to itself")
    assert not found, report(found)


def test_nobody_subclasses_a_concrete_class_of_ours():
    found = [
        f"{source.at(node)} {node.name} inherits from {parent.name}, which is concrete"
        for source, node in every_class()
        for _, parent in parents(source, node)
        if not is_interface(parent) and not is_exception(parent)
    ]
    assert not found, report(found)


def test_no_hasattr():
    found = [
        source.at(node)
        for source in sources()
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "hasattr"
    ]
    assert not found, report(found)


def test_no_ladder_of_isinstance():
    """Two tests in a row of one if … elif … are a ladder; the table in solvers/choose.py is the one place for it."""
    found = []
    for source in sources():
        for node in ast.walk(source.tree):
            if isinstance(node, ast.If) and len(node.orelse) == 1 and isinstance(node.orelse[0], ast.If):
                tests = [ast.unparse(node.test), ast.unparse(node.orelse[0].test)]
                if all("isinstance(" in test for test in tests) and source.file != "solvers/choose.py":
                    found.append(source.at(node))
    assert not found, report(found)


def test_no_open_ended_keywords_in_public_functions():
    found = []
    for source in sources():
        for owner, function in functions(source):
            hidden = function.name.startswith("_") and function.name != "__init__"
            if function.args.kwarg and not hidden and not (owner and owner.name.startswith("_")):
                found.append(f"{source.at(function)} {function.name}(**{function.args.kwarg.arg})")
    assert not found, report(found)


def test_the_rules_see_what_they_are_meant_to_see():
    tree = ast.parse(
        "@dataclass(frozen=True)\nclass A: ...\n@dataclass\nclass B: ...\n"
        "class C(abc.ABC): ...\nclass D(Protocol[T]): ...\nclass E(ValueError): ..."
    )
    a, b, c, d, e = (node for node in tree.body if not isinstance(node, FUNCTION))
    assert is_frozen_dataclass(a) and not is_frozen_dataclass(b)
    assert is_interface(c) and is_interface(d) and not is_interface(a)
    assert is_exception(e) and not is_exception(c)
