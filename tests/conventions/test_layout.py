"""Folders import upwards, torch stays where it may be, the checker stands alone, and every name says something."""

import ast
import re

from tests.conventions.source import PACKAGE, ROOT, Source, classes, folder, imports, ours, report, sources

LAYOUT = [
    "kernels", "losses", "penalties", "information", "models", "networks", "objective", "certificates", "solvers",
    "inference", "probability", "geometry", "evaluation", "diagnoses", "compression", "tables", "estimators", "files",
    "verify", "ladder", "report", "shells", "lab", "cli", "__main__",
]  # fmt: skip
TORCH = ("networks/", "compression/", "solvers/stochastic.py")
CHECKER = {"verify", "losses", "penalties", "models", "tables", "files"}
UNDER_TEST = {"kernels", "solvers", "certificates", "estimators", "networks", "ladder"}
SAYS_NOTHING = {"util", "utils", "helper", "helpers", "base", "common", "core", "manager", "misc", "process"}


def words(name: str) -> set[str]:
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])", name)}


def beyond(source: Source, allowed: set[str]) -> list[str]:
    return [f"{source.at(node)} imports {name}" for node, name in ours(source) if folder(name) not in allowed]


def test_every_folder_is_in_the_layout():
    known = [*LAYOUT, ""]
    found = [source.file for source in sources() if source.folder not in known]
    assert not found, f"the layout is {', '.join(LAYOUT)}; it lacks {report(found)}"


def test_a_folder_imports_only_itself_and_folders_above_it():
    found = []
    for source in sources():
        if source.folder in LAYOUT:
            allowed = set(LAYOUT[: LAYOUT.index(source.folder) + 1])
            found += [line for line in beyond(source, allowed) if not line.endswith(" infimum.__version__")]
    assert not found, report(found)


def test_torch_is_imported_only_where_it_may_be():
    found = []
    for source in sources():
        if not source.file.startswith(TORCH):
            hits = [node for node, name in imports(source) if re.match(r"(torch|functorch)(\.|$)", name)]
            found += [f"{source.at(node)} imports torch" for node in hits]
    assert not found, report(found)


def test_the_checker_imports_only_what_it_may():
    found = [line for source in sources() if source.folder == "verify" for line in beyond(source, CHECKER)]
    assert not found, report(found)


def test_the_checker_does_not_reach_what_it_checks():
    """Through any chain of imports at the top of files: a borrowed formula would be borrowed with its mistake."""
    by_name = {source.name: source for source in sources()}
    waiting = [(source.name, source.name) for source in sources() if source.folder == "verify"]
    seen: dict[str, str] = {}
    while waiting:
        name, chain = waiting.pop()
        source = by_name.get(name)
        if source is None or name in seen:
            continue
        seen[name] = chain
        top = {id(node) for node in source.tree.body}
        for node, target in ours(source):
            if id(node) in top:
                waiting += [(part, f"{chain} → {part}") for part in {target, target.rpartition(".")[0]} - {"infimum"}]
    found = [chain for name, chain in seen.items() if folder(name) in UNDER_TEST]
    assert not found, report(found)


def test_no_name_that_says_nothing():
    places = [PACKAGE, ROOT / "tests", ROOT / "benchmarks", ROOT / "examples"]
    paths = {path.relative_to(ROOT) for place in places for path in place.rglob("*.py")}
    parts = {parent for path in paths for parent in [path, *path.parents][:-1]}
    found = [str(part) for part in sorted(parts) if words(part.stem) & SAYS_NOTHING]
    named = [(source, node) for source in sources() for node in classes(source)]
    found += [f"{source.at(node)} class {node.name}" for source, node in named if words(node.name) & SAYS_NOTHING]
    assert not found, report(found)


def test_every_folder_opens_with_its_theory():
    inits = [source for source in sources() if source.path.name == "__init__.py"]
    folders = {source.path.parent for source in sources()}
    found = [f"{path.relative_to(ROOT)}/__init__.py is missing" for path in folders - {s.path.parent for s in inits}]
    found += [f"{source.file} has no docstring" for source in inits if not ast.get_docstring(source.tree)]
    assert not found, report(found)
