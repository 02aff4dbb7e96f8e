"""What the page of networks says: each part opens with its formula, for marimo's markdown."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from infimum.diagnoses import Finding
from infimum.estimators.explain import Explanation
from infimum.lab.words import Told, plain
from infimum.models.layout import Layout
from infimum.solvers import Solution

WIDEST = 8  # numbers of a vector that are written out

TITLE = """
# A neural network

Your table is **{table}**, {rows:,} rows. Choose a target and two columns of numbers; both columns, and a target of more
than two values, are then centred and divided by their standard deviation. A network with two hidden layers is trained
on all rows. Each number below is computed by infimum, and again whenever you move something.
"""

FORWARD = r"""
## 1. Forward: weighted sums, bent

$$\begin{gathered} h_0 = x, \quad a_k = h_k W_k + b_k, \quad h_{k+1} = \varphi(a_k) \\
z = h_2 W_2 + b_2 \end{gathered}$$

One row goes through. Each unit adds up what comes in, by its own weights, and bends the sum by $\varphi$; without
$\varphi$ all of it would be one weighted sum of $x_1$ and $x_2$. In the drawing blue weights are positive, orange ones
negative, the wider the larger.
"""

ROW = """
Row {row}: {given}. Out comes $z$ = {z}, {told}, observed is {observed:.5g}.
"""

BACKWARD = r"""
## 2. Backward: the chain rule

$$\begin{gathered} \frac{\partial L}{\partial w} = \underbrace{\frac{\partial L}{\partial a}}_{\text{reaches its unit}}
\cdot \underbrace{\frac{\partial a}{\partial w}}_{\text{it multiplies}} \\
\frac{\partial L}{\partial h} = \frac{\partial L}{\partial a} W^\top, \quad
\frac{\partial L}{\partial a} = \varphi'(a) \frac{\partial L}{\partial h} \end{gathered}$$

How does the loss $L$ of the row change with one weight? From the loss back, layer by layer, each passes on what reached
it. `layer1.weight[1, 0]` goes from unit 1 of layer0 to unit 0 of layer1, all counted from 0. The check beside it needs
no chain rule: the weight is moved a little both ways, and the loss computed anew.
"""

PRODUCT = """
{what} at {value}.

What it multiplies · what reaches its unit:

**{product} = {gradient}**

Central difference: **{difference}**

They differ by {error} of it.
"""

STEP = r"""
## 3. How long a step may be

$$\begin{gathered} w_{k+1} = w_k - \eta\, \nabla F(w_k) \\ 0 < \eta < 2/\lambda_{\max} \end{gathered}$$

From a random start, on all rows at once. $\lambda_{\max}$ is the largest curvature, that of $J^\top D J$: the curvature
$D$ of the loss by the output, the slopes $J$ of the output by the weights. On a bowl steps beyond $2/\lambda_{\max}$
climb. A network bends otherwise wherever it gets to: what holds at the start need not hold on the way, and training
tends to where the curvature just lets its steps be (Cohen et al. 2021).
"""

TRAINING = r"""
## 4. Training, and what may go wrong in it

$$\begin{gathered} w \leftarrow w - \eta \left( \frac{\hat m}{\sqrt{\hat v} + \varepsilon} + \lambda w \right) \\
\eta\, \lambda_{\max}\!\left(D^{-1/2} H D^{-1/2}\right) < 38, \quad D = \sqrt{\hat v} + \varepsilon \end{gathered}$$

AdamW goes through the rows in batches, its steps divided by the running size $\sqrt{\hat v}$ of each slope; in that
metric the limit is $38/\eta$ (Cohen et al. 2022). A tenth of the rows is set apart, and the epoch of the lowest loss on
it is kept. Take steps a hundred times as long, or a thousandth, and see what is found.
"""

NOTHING = "Nothing went wrong in this training, as far as twelve rules can tell."


def row_told(
    row: int, given: tuple[np.ndarray, np.ndarray], names: Sequence[str], ends: tuple[float, str, float]
) -> str:
    """The row as it is in the table and as it goes in; ends = (z, what that stands for, what is observed)."""
    z, predicted, observed = ends
    told = ", ".join(
        f"{plain(name)} = {value:.5g} ({minus(unit, 3)} deviations from the mean)"
        for name, value, unit in zip(names, *given, strict=False)
    )
    return ROW.format(row=row, given=told, z=minus(z, 4), told=predicted, observed=observed)


def stands_for(name: str, predicted: float, larger: float | None) -> str:
    """What z stands for: a number of the target, or the probability of the larger of its two values.

    >>> stands_for("rentals", 12.345678, None), stands_for("class", 0.25, 1.0)
    ('which stands for rentals = 12.346', 'the log-odds of class = 1, whose probability is 0.25')
    """
    if larger is None:
        return f"which stands for {plain(name)} = {predicted:.5g}"
    return f"the log-odds of {plain(name)} = {larger:.5g}, whose probability is {predicted:.4g}"


def minus(x: float, digits: int) -> str:
    """x to so many digits, with a minus.

    >>> minus(-0.51234, 3), minus(1e-9, 3)
    ('−0.512', '1e−09')
    """
    return f"{x:.{digits}g}".replace("-", "−")


def passed(blocks: Mapping[str, np.ndarray], kept: Sequence[Any], z: float) -> Told:
    """A row a unit: its sum written out, a, and φ(a); kept is what the layers of the chain kept of one row."""
    rows: list[Sequence[str]] = []
    count = len(blocks) // 2
    for k in range(count):
        W, b, h = blocks[f"layer{k}.weight"], blocks[f"layer{k}.bias"], kept[2 * k][0]
        last = k == count - 1
        for j in range(W.shape[1]):
            products = " + ".join(f"{short(x)}·{short(w)}" for x, w in zip(h, W[:, j], strict=True))
            a = z if last else float(kept[2 * k + 1][0][0, j])
            bent = "" if last else f"{float(kept[2 * k + 1][1][0, j]):.4g}"
            name = "output z" if last else f"layer{k}, unit {j}"
            rows.append((name, f"{products} + {short(b[j])}", f"{a:.4g}", bent))
    return ("unit", "what comes in · its weights + bias", "a", "φ(a)"), rows


def short(x: float) -> str:
    """x to three digits, a negative one in brackets.

    >>> short(-0.51234), short(2.0)
    ('(−0.512)', '2')
    """
    return f"{x:.3g}" if x >= 0 else f"(−{-x:.3g})"


def parameters(layout: Layout) -> list[str]:
    """layer0.weight[0, 0], …: the name of every entry of every block.

    >>> parameters(Layout(("layer0.weight", "layer0.bias"), ((1, 2), (2,)), (False, True)))
    ['layer0.weight[0, 0]', 'layer0.weight[0, 1]', 'layer0.bias[0]', 'layer0.bias[1]']
    """
    return [
        f"{name}[{', '.join(map(str, index))}]"
        for name, shape in zip(layout.names, layout.shapes, strict=True)
        for index in np.ndindex(*shape)
    ]


def swept(explained: Explanation) -> Told:
    """A row a layer, from the loss back: what it is, how it passes on what reaches it, and the numbers."""
    rows = [(what, how, numbers(reaching)) for what, how, reaching in explained.steps]
    return ("from the loss back", "by", "what is passed on"), rows


def numbers(reaching: np.ndarray) -> str:
    """The numbers of one row; of several how many there are, and how long they are together."""
    if reaching.size <= WIDEST:
        return "  ".join(minus(x, 4) for x in reaching.ravel())
    return f"{' × '.join(map(str, reaching.shape))} numbers, of length {np.linalg.norm(reaching):.4g}"


def product(explained: Explanation) -> str:
    """∂L/∂w as a product, beside its central difference."""
    pairs = list(zip(explained.entering, explained.reaching, strict=True))
    written = " + ".join(f"{short(a)} · {short(b)}" for a, b in pairs[:2]) + " + …" * (len(pairs) > 2)
    whole = "the row" if len(pairs) == 1 else f"{len(pairs):,} rows"
    return PRODUCT.format(
        what=f"∂L/∂{plain(explained.parameter)}, L the mean loss of {whole}, the weight",
        value=minus(explained.value, 4),
        product=written,
        gradient=minus(explained.gradient, 9),
        difference=minus(explained.difference, 9),
        error=minus(explained.error, 1),
    )


def walked(walk: Solution, limit: float, facts: tuple[Mapping[str, Any], Mapping[str, Any]], most: int) -> Told:
    """A table of the walk: η, the limit, curvature at both ends, and why it stopped."""
    begun, ended = (each["largest_curvature"] for each in facts)
    steps = walk.trace.steps
    rate = steps[-1].length
    stopped = f"{most} steps, all shown" if len(steps) == most else walk.trace.stopped
    lowest = min((step.objective for step in steps if math.isfinite(step.objective)), default=math.nan)
    return ("", ""), [
        ("step η", f"{rate:.4g}"),
        ("2/λ_max at the start", f"{limit:.4g}"),
        ("λ_max at the start", f"{begun:.4g}"),
        ("λ_max at the lowest loss", f"{ended:.4g}"),
        ("η, in units of 2/λ_max there", f"{rate * ended / 2:.3g}"),
        ("lowest loss", f"{lowest:.6g}"),
        ("it stopped", stopped),
    ]


def found(findings: Sequence[Finding]) -> list[str]:
    """Each finding with its remedy and code."""
    return [f"{plain(each.statement, 400)} {plain(each.remedy, 400)} ({each.code})" for each in findings]


def ended(trained: Any, rate: float) -> str:
    """How long the training was, which epoch is kept, and why it ended."""
    facts = trained.trace_.facts
    held, best = facts["held_out_rows"], facts["best_epoch"] + 1
    kept = f"epoch {best} is kept, of the lowest loss on {held} rows set apart"
    many = f"η = {rate:.3g} at most. {len(trained.trace_.steps)} epochs"
    return f"{many}; {kept}. Why it ended: {plain(trained.trace_.stopped, 200)}."
