"""(problem, terms) → the command that does this again, and the versions of what computed the numbers."""

import platform
import shlex
from importlib.metadata import version
from importlib.util import find_spec

from infimum.ladder.problem import Problem
from infimum.ladder.terms import Terms


def versions() -> dict[str, str]:
    """{package: version} of what computed the numbers."""
    packages = (
        ("infimum", "numpy", "scipy", "numba", "torch")
        if find_spec("torch")
        else ("infimum", "numpy", "scipy", "numba")
    )
    return {"python": platform.python_version(), **{name: version(name) for name in packages}}


def command_line(problem: Problem, terms: Terms) -> str:
    """The command that does this again."""
    wishes = problem.wishes
    words = ["infimum", "fit", problem.table.name, "--target", problem.target]
    words += [word for told in wishes.read for word in ("--read", told)]
    words += [word for name in wishes.drop for word in ("--drop", name)]
    words += [word for name, role in wishes.roles.items() for word in ("--role", f"{name}={role}")]
    words += [word for name, levels in wishes.ordered.items() for word in ("--ordered", f"{name}={','.join(levels)}")]
    words += ["--keep-leaks"] * wishes.keep_leaks + ["--rule", terms.rule] * (terms.rule != "1se")
    words += ["--metric", terms.metric] if terms.metric else []
    words += ["--no-reference"] * (not terms.reference) + ["--width-curve"] * terms.width_curve
    words += [word for each in terms.also if isinstance(each, str) for word in ("--also", each)]
    words += ["--coverage", f"{terms.coverage!r}"] * (terms.coverage != 0.9)
    words += ["--task", wishes.task] * (wishes.task != "auto")
    words += ["--repeats", str(terms.repeats)] if terms.repeats else []
    words += ["--budget", f"{terms.budget:g}s"] if terms.budget is not None else []
    words += ["--time", wishes.time] * bool(wishes.time) + ["--group", wishes.group] * bool(wishes.group)
    return shlex.join(words + ["--seed", str(problem.seed)] * bool(problem.seed))
