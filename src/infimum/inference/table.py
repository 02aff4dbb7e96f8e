"""β̂ₖ  digits  √Vₖₖ  t  p  [lower, upper]: an inference as text, HTML and LaTeX."""

import math
import re
from html import escape
from typing import TYPE_CHECKING

from infimum.inference.estimate import told_p
from infimum.inference.ratios import note_of

if TYPE_CHECKING:
    from infimum.inference.estimate import Inference

LABELS = {
    "rows": "rows", "parameters": "parameters", "residual_error": "residual standard error", "r2": "R²",
    "adjusted_r2": "adjusted R²", "f": "F", "f_p_value": "p of F", "deviance_explained": "deviance explained",
    "pseudo_r2": "pseudo R²", "lr": "likelihood ratio", "lr_p_value": "p of likelihood ratio",
    "log_likelihood": "log-likelihood", "aic": "AIC", "bic": "BIC",
    "sparsity": "sparsity", "bandwidth": "bandwidth", "scale": "scale", "outliers": "rows beyond epsilon scales",
}  # fmt: skip


def cells(inference: "Inference", level: float, exponentiate: bool = False) -> tuple[list[str], list[list[str]]]:
    """(head, rows) of the table, as text: estimates and ends to the digit that the standard error reaches."""
    letter = "t" if math.isfinite(inference.freedom) else "z"
    share = f"{100 * level:g}%"
    names = ["estimate", "digits", "std. error"]
    if exponentiate:
        names = [inference.ratio, "digits (log)", "std. error (log)"]
    head = ["", *names, letter, "p", f"{share} from", "to"]
    rows = []
    for row in inference.rows(level, exponentiate=exponentiate):
        name, estimate, digits, error, statistic, p, *ends = row.values()
        width = error * estimate if exponentiate else error  # that of exp(β̂), to first order
        shown = [rounded(value, width) for value in (estimate, *ends)]
        size = [str(math.floor(digits)) if digits >= 1 else "none", f"{error:.4g}", f"{statistic:.2f}"]
        rows.append([name, shown[0], *size, told_p(p), *shown[1:]])
    return head, rows


def rounded(value: float, error: float) -> str:
    """value to two digits beyond the first of its error.

    >>> rounded(1234.5678, 0.345), rounded(0.000123456, 3e-7), rounded(2.0, 0.0)
    ('1234.568', '0.000123456', '2')
    """
    if not (math.isfinite(value) and math.isfinite(error)) or error <= 0:
        return f"{value:.6g}"
    decimals = 2 - math.floor(math.log10(error))
    significant = decimals + 1 + (math.floor(math.log10(abs(value))) if value else 0)
    if 0 <= decimals <= 9 and abs(value) < 1e9:
        return f"{value:.{decimals}f}"
    return f"{value:.{min(max(significant, 3), 15)}g}"


def facts(inference: "Inference") -> list[tuple[str, str]]:
    """[(what, number), …] of the fit as a whole."""
    told: list[tuple[str, str]] = []
    for key, label in LABELS.items():
        if key in inference.statistics:
            value = inference.statistics[key]
            told.append((label, told_p(value) if key.endswith("p_value") else f"{value:.6g}"))
    return told


def as_text(inference: "Inference", level: float, exponentiate: bool = False) -> str:
    """The table for a terminal, statistics and notes below it."""
    head, rows = cells(inference, level, exponentiate)
    widths = [max(len(row[k]) for row in [head, *rows]) for k in range(len(head))]
    lines = [f"{row[0]:<{widths[0]}}  {row_of(row[1:], widths[1:])}" for row in [head, *rows]]
    lines.insert(1, "─" * len(lines[0]))
    name = f"{inference.model}, " if inference.model else ""
    freedom = "" if math.isinf(inference.freedom) else f", {inference.freedom:g} degrees of freedom"
    told = [f"{label} {value}" for label, value in facts(inference)]
    notes = notes_of(inference, exponentiate)
    return "\n".join([f"{name}{inference.kind} standard errors{freedom}", *lines, "", *wrapped(told), *notes])


def notes_of(inference: "Inference", exponentiate: bool) -> tuple[str, ...]:
    """The notes below the table, {what ratios are} among them."""
    if not exponentiate:
        return inference.notes
    return (*inference.notes, note_of(inference.ratio, "intercept" in inference.names))


def row_of(row: list[str], widths: list[int]) -> str:
    """The cells of a line, to the right of their columns.

    >>> row_of(["1.5", "2"], [4, 3])
    ' 1.5    2'
    """
    return "  ".join(f"{cell:>{width}}" for cell, width in zip(row, widths, strict=True))


def wrapped(parts: list[str], width: int = 100) -> list[str]:
    """The parts in lines, separated by semicolons.

    >>> wrapped(["one", "two", "three"], 12)
    ['one; two;', 'three']
    """
    lines, line = [], ""
    for at, part in enumerate(parts):
        piece = part + (";" if at + 1 < len(parts) else "")
        if line and len(line) + 1 + len(piece) > width:
            lines.append(line)
            line = ""
        line = f"{line} {piece}".strip()
    return [*lines, line] if line else lines


def as_html(inference: "Inference", level: float, exponentiate: bool = False) -> str:
    """The table as HTML: a caption, row and column headers with their scope, numbers to the right."""
    head, rows = cells(inference, level, exponentiate)
    right = ' style="text-align:right"'
    lines = [f"<caption>{escape(inference.model)} ({escape(inference.kind)} standard errors)</caption>", "<thead><tr>"]
    lines += [f'<th scope="col"{right}>{escape(cell)}</th>' for cell in head] + ["</tr></thead>"]
    for row in rows:
        data = "".join(f"<td{right}>{escape(cell)}</td>" for cell in row[1:])
        lines.append(f'<tr><th scope="row" style="text-align:left">{escape(row[0])}</th>{data}</tr>')
    below = "; ".join(f"{label} {value}" for label, value in facts(inference))
    notes = "".join(f"<p>{escape(note)}</p>" for note in [below, *notes_of(inference, exponentiate)])
    return f"<div><table>{''.join(lines)}</table>{notes}</div>"


def as_latex(inference: "Inference", level: float, exponentiate: bool = False) -> str:
    """The table as a LaTeX tabular with rules of booktabs, what describes the fit below it."""
    head, rows = cells(inference, level, exponentiate)
    lines = [f"\\begin{{tabular}}{{l{'r' * (len(head) - 1)}}}", "\\toprule"]
    body = [" & ".join(map(in_latex, row)) + r" \\" for row in [head, *rows]]
    lines += [body[0], "\\midrule", *body[1:], "\\bottomrule"]
    below = "; ".join(f"{label} {value}" for label, value in facts(inference))
    lines.append(f"\\multicolumn{{{len(head)}}}{{l}}{{{in_latex(below)}}}" + r" \\")
    return "\n".join([*lines, "\\end{tabular}"])


def in_latex(text: str) -> str:
    """text with LaTeX's own characters escaped, and minus signs and bounds in mathematics.

    >>> in_latex("a_b & 5%"), in_latex("-1.5"), in_latex("< 0.0001"), in_latex("R² 0.5")
    ('a\\\\_b \\\\& 5\\\\%', '$-1.5$', '$<$ 0.0001', '$R^2$ 0.5')
    """
    if re.fullmatch(r"-[\d.e+-]+", text):
        return f"${text}$"
    for mark in ("\\", "&", "%", "$", "#", "_", "{", "}"):
        text = text.replace(mark, "\\textbackslash " if mark == "\\" else f"\\{mark}")
    text = text.replace("~", r"\textasciitilde{}").replace("^", r"\textasciicircum{}")
    return text.replace("<", "$<$").replace(">", "$>$").replace("R²", "$R^2$")
