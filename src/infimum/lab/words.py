"""What the page of least squares says: each part opens with its formula, for marimo's markdown."""

import math
import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from infimum.solvers import Solution, Trace
from infimum.tables.natural import short

Told = tuple[Sequence[str], list[Sequence[str]]]  # head and rows of a table
FULL = 16.0  # digits of a float, and a little more

TITLE = """
# Least squares

Your table is **{table}**, {rows:,} rows. Choose a target and two columns of numbers. Each number below is then computed
from them by infimum, and again whenever you move a slider.
"""

PROJECTION = r"""
## 1. Least squares is a projection

$$\hat b = \arg\min_b \tfrac{1}{2n} \lVert y - Xb \rVert^2 \;\Leftrightarrow\; X^\top (y - X \hat b) = 0$$

The points $Xb$ fill the plane of the columns of $X$: $x_1$, $x_2$ and a column of ones. Of them $\hat y = X \hat b$ is
the nearest to $y$, so that the residual $y - \hat y$ is at right angles to every column: the cosines are 0, but for
what 16 digits lose.
"""

PYTHAGORAS = """
The mean of $y$ is taken off. Pythagoras: {:.5g}² + {:.5g}² = {:.5g}². The share of the square that lies in the plane is
$R^2$ = {share:.4f}.

Claim of `LinearRegression`: {digits}
"""

BOWL = r"""
## 2. The loss is a bowl

$$\begin{gathered} F(b) = \tfrac{1}{2n} \lVert y - Xb \rVert^2 \\
\nabla F(b) = \tfrac1n X^\top (Xb - y) \end{gathered}$$

From here on $x_1$ and $x_2$ have mean 0 and standard deviation 1, and the mean of $y$ is taken off: two coefficients,
no intercept. Each line joins coefficients of one loss.
"""

LOWEST = """
The minimum is at $b_1 = {:.6g}$, $b_2 = {:.6g}$, where $F$ is {loss:.6g}.

Claim of `minimise`: {gap}
"""

DESCENT = r"""
## 3. Gradient descent

$$\begin{gathered} b_{k+1} = b_k - \eta\, \nabla F(b_k) \\
b_k \to \hat b \text{ from every } b_0 \;\Leftrightarrow\; 0 < \eta < 2/\lambda_{\max} \end{gathered}$$

$\lambda_{\max}$ is the largest curvature of the bowl, that of $\tfrac1n X^\top X$. Above the limit each step along the
steepest direction lands further away than it began. Move the slider across 1.
"""

CONDITIONING = r"""
## 4. What conditioning does

$$\begin{gathered} \kappa = \lambda_{\max} / \lambda_{\min} \\
\lVert b_k - \hat b \rVert \le (1 - 1/\kappa)^k\, \lVert b_0 - \hat b \rVert \\
\text{for } \eta = 1/\lambda_{\max} \end{gathered}$$

Change the units of $x_2$, or mix $x_1$ into it. The same predictions can be made as before, and a direct solver does
not care. Gradient descent needs steps in proportion to $\kappa$, with momentum (accelerated) to about $\sqrt\kappa$.
Standardising undoes the units. It can't undo columns that are alike.
"""

DIGITS = r"""
## 5. Digits lost, and regained

$$\begin{gathered} y \approx b_0 + b_1 x + \dots + b_k x^k, \quad V_{ij} = x_i^{\,j} \\
\text{digits right} \approx 16 - \log_{10} \kappa(V) \end{gathered}$$

"""

POWERS = """
The powers of {} tell nearly the same, so that a polynomial for {} loses digits as its degree grows.
`numpy.linalg.lstsq` does not say so. `LinearRegression(degree=k)` forms the powers in twice the precision and promises
digits, with a proof. The exact coefficients of these very floats are computed in rational arithmetic.
"""

REGAINED = """
Degree {degree}{limit}. κ(V) = {:.3g}. Residual ‖y − ŷ‖: {:.15g} of numpy, {:.15g} of infimum.

Claim of `LinearRegression`: {claim}
"""


def plain(text: str, letters: int = 60) -> str:
    """The text, shortened, with every sign that markdown or HTML would take for its own as an entity.

    >>> plain("a_b$")
    'a&#95;b&#36;'
    """
    return "".join(c if c.isalnum() or c in " .,;:" else f"&#{ord(c)};" for c in short(text, letters))


def claimed(fitted: Any, kind: str) -> str:
    """VERDICT: statement, of the claim of that kind; of a Solution or an estimator."""
    certificate = fitted.certificate if isinstance(fitted, Solution) else fitted.certificate_
    claim = certificate.claim(kind)
    return f"**{claim.verdict}**, {plain(unbroken(claim.statement), 400)}." if claim else "none of that kind."


def unbroken(text: str) -> str:
    """The text with a minus in numbers such as 1e−9, after which no line ends.

    >>> unbroken("1e-9, well-known")
    '1e−9, well-known'
    """
    return re.sub(r"(?<=\de)-(?=\d)", "−", text)


def dependent(model: Any, names: Sequence[str]) -> str:
    """What to say where the columns do not tell the coefficients apart; "" where they do."""
    claim = model.certificate_.claim("identification")
    if claim is None or claim.value == claim.bound:
        return ""
    return f"{' and '.join(map(plain, names))} depend on each other: {plain(claim.statement, 400)}."


def regained(curve: Any, asked: int, name: str, facts: Sequence[float]) -> str:
    """The degree, κ(V), both residuals and the claim of digits."""
    limit = "" if curve.degree == asked else f" (no more: {plain(name)} has {curve.degree + 1} different values)"
    return REGAINED.format(*facts, degree=curve.degree, limit=limit, claim=claimed(curve, "digits"))


def walked(walk: Trace, most: int) -> Told:
    """A table of one run of gradient descent, and what is proved of its step."""
    facts = walk.facts
    law = "no rate" if facts["law"] == "none" else facts["law"]
    stopped = f"{most} steps are drawn, not more" if len(walk.steps) == most else walk.stopped
    return ("", ""), [
        ("step η", f"{facts['learning_rate']:.6g}"),
        ("limit 2/λ_max", f"{facts['limit']:.6g}"),
        ("steps", f"{len(walk.steps)}"),
        ("it stopped", stopped),
        ("proved of this η (w is b)", law),
        ("because", facts["assumptions"]),
    ]


def compared(plain_steps: Trace, fast_steps: Trace, exact: Solution, most: int) -> Told:
    """κ, what is proved, and how many steps each way took."""
    facts = plain_steps.facts
    small = facts["smallest_curvature"]
    kappa = facts["largest_curvature"] / small if small else math.inf
    taken = [f"{len(t.steps):,}" if len(t.steps) < most else f"more than {most:,}" for t in (plain_steps, fast_steps)]
    return ("way", "steps", "proved"), [
        ("gradient descent, η = 1/λ_max", taken[0], f"distance × {facts['rate']:.6g} a step (κ = {kappa:.4g})"),
        ("accelerated", taken[1], fast_steps.facts["law"]),
        (exact.certificate.solver, "0", f"loss at most {exact.certificate.claim('gap').bound:.2g} above the minimum"),
    ]


def digits(
    terms: Sequence[str],
    exact: Sequence[Fraction],
    found: Mapping[str, Sequence[float]],
    right: Mapping[str, Sequence[float]],
) -> Told:
    """Each exact coefficient, what each way found of it, and how many digits of that are right."""
    rows: list[Sequence[str]] = []
    for at, term in enumerate(terms):
        values = [f"{float(each[at]):.15e}" for each in (exact, *found.values())]
        rows.append((term, *values, *(f"{min(each[at], FULL):.1f}" for each in right.values())))
    return ("term", "exact, rounded", *found, *(f"digits: {name}" for name in right)), rows
