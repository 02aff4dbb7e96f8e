"""infimum show MODEL: the fitted equation in the columns' own units, the ladder, the evidence."""

from pathlib import Path
from typing import Annotated, Any

import typer

from infimum.cli.outcome import told


def show(
    model: Annotated[Path, typer.Argument(help="The folder that `infimum fit` wrote, or its model.safetensors.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Show a fitted model: its equation, the ladder it was chosen on, and each claim with its verdict."""
    with told():
        from infimum.cli.files import as_written, json_text
        from infimum.ladder.fitted import Fitted

        fitted = Fitted.load(model)
        with as_written(model):
            if as_json:
                typer.echo(json_text(fitted.report), nl=False)
            else:
                say(fitted.report)


def say(report: dict[str, Any]) -> None:
    """The answer, the equation, the ladder, the claims and what not to miss; nothing where a part is not there."""
    from infimum.cli.ladder_text import coloured, console, ladder_table, notes

    answer, equation, ladder, claims = report["answer"], equation_text(report), ladder_table(report), report["claims"]
    said = [f"note: {note}" for note in notes(report)]
    out = console()
    for sentence in answer:
        out.print(sentence, markup=False)
    out.print()
    out.print(equation, markup=False)
    out.print()
    out.print(ladder)
    out.print()
    for claim in claims:
        out.print(f"{coloured(claim['verdict'])} {claim['kind']}: ", end="")
        out.print(claim["statement"], markup=False)
    for note in said:
        out.print(note, markup=False)


def equation_text(report: dict[str, Any]) -> str:
    """outcome = intercept + Σ coefficient · column, in the columns' own units, the largest effects first."""
    from infimum.report.build import outcome_of

    outcome, equation = outcome_of(report["target"]), report["equation"]
    if equation is None:
        chosen = next(rung for rung in report["rungs"] if rung["chosen"])
        return f"{outcome} = f(columns): a network of {chosen['parameters']} weights; it has no short equation"
    if "scores" in equation:
        each = [one_equation(f"score of {one['class']}", one, 0) for one in equation["scores"]]
        return "\n".join([*each, *left_out(equation)])
    counts = report["target"]["task"] == "counts"
    return "\n".join([one_equation(outcome, equation, len(equation["left_out"]), counts), *left_out(equation)])


def left_out(equation: dict[str, Any]) -> list[str]:
    """A line for each feature that the equation leaves out."""
    return [f"    left out, a sum of the others: {name}" for name in equation["left_out"]]


def one_equation(outcome: str, equation: dict[str, Any], left_out: int, factors: bool = False) -> str:
    """outcome = intercept + Σ coefficient · column, the largest effects first, each with e^coefficient if asked."""
    from infimum.report.build import factor

    terms = sorted((term for term in equation["terms"] if term["coefficient"]), key=lambda term: -abs(term["effect"]))
    width = max((len(f"{term['coefficient']:.6g}") for term in terms), default=0)
    lines = [f"{outcome} = {equation['intercept']:.6g}"]
    for term in terms:
        reference = f"   (against {term['reference']})" if term["reference"] else ""
        times = f"   (× {factor(term['coefficient'])})" if factors else ""
        lines.append(f"    + {format(term['coefficient'], '.6g'):>{width}} · [{term['name']}]{times}{reference}")
    for curve in equation.get("curves", ()):
        ends = [(curve["effect"][k], curve["at"][k]) for k in range(len(curve["at"]))]
        (low, at_low), (high, at_high) = min(ends), max(ends)
        lines.append(f"    + curve of {curve['column']}: {low:.4g} at {at_low:.4g} … {high:.4g} at {at_high:.4g}")
    for pair in equation.get("products", ()):
        lines.append(f"    + {pair['of'][0]} × {pair['of'][1]}: standard deviation {pair['size']:.4g}")
    left = len(equation["terms"]) - len(terms) - left_out
    lines += [f"    {left} more with coefficient 0"] if left > 0 and terms else []
    return "\n".join(lines)
