"""z = mean over members m of f_m(x), f_m(x) = head_m(φ(… φ((s_m ∘ (u, waves of u)) W₀ + b₀) …)), u = clip((x − μ) / σ).

A network for tables: numbers come as a few learned waves of themselves (Gorishniy, Rubachev & Babenko 2022), far values
drawn in smoothly (Holzmüller, Grinsztajn & Steinwart 2024), and k members share all products but look through signs of
their own and have heads of their own (Gorishniy, Kotelnikov & Babenko 2025). The loss of a mean of members is at most
the mean of their losses, by convexity in z: they are trained apart and predict together.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Self

import numpy as np
from jaxtyping import Float

from infimum.models import Params
from infimum.models.chain_rule import Beside, Chain, layout_of
from infimum.models.chained import Layered
from infimum.models.embeddings import Waves
from infimum.models.layers import Affine, Curve, Members
from infimum.models.layout import Layout
from infimum.models.members import Heads, Mean
from infimum.models.perceptron import check_architecture

Matrix = Float[np.ndarray, "n k"]
WAVES = 4  # weighted sums of the waves of a column
SPREAD = 0.5  # of the frequencies at the start, in waves a deviation
REACH = 3.0  # the largest size of a number, in deviations, after the smooth clip
FARTHEST = 1e150  # deviations: beyond them a number is there, so that its square is finite


@dataclass(frozen=True)
class Recipe:
    """(μ, σ, which columns are numbers, widths, φ, k, waves a column): all of a tabular network but its parameters.

    hidden holds at least one width; numbers are places among the columns, in order.
    Raises ValueError for a width or count below 1, an unknown activation, or places that are none.
    """

    centre: tuple[float, ...]
    scale: tuple[float, ...]
    numbers: tuple[int, ...]
    hidden: tuple[int, ...] = (128, 128)
    activation: str = "silu"
    members: int = 8
    frequencies: int = 32

    def __post_init__(self) -> None:
        check_architecture(self.hidden, self.activation)
        if not self.hidden:
            raise ValueError("hidden = (); a tabular network has at least one hidden layer")
        for name in ("members", "frequencies"):
            count = getattr(self, name)
            if not (isinstance(count, int | np.integer) and count >= 1):
                raise ValueError(f"{name} = {count!r}; expected a whole number ≥ 1")
        if list(self.numbers) != sorted(set(self.numbers) & set(range(len(self.centre)))):
            raise ValueError(f"numbers = {self.numbers!r}; expected places among {len(self.centre)} columns, in order")

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in vars(self).items()}

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> Self:
        """The recipe that `to_json` told."""
        return cls(**{name: tuple(value) if isinstance(value, list) else value for name, value in told.items()})

    @property
    def order(self) -> tuple[int, ...]:
        """The columns, numbers first."""
        return (*self.numbers, *(j for j in range(len(self.centre)) if j not in set(self.numbers)))

    def inputs(self, X: Matrix) -> Matrix:
        """u (n, p): columns in order, standardised, numbers drawn in to u / √(1 + (u / 3)²)."""
        order, q = list(self.order), len(self.numbers)
        with np.errstate(over="ignore"):
            u = (X[:, order] - np.array(self.centre)[order]) / np.array(self.scale)[order]
        u = np.clip(u, -FARTHEST, FARTHEST)
        u[:, :q] /= np.sqrt(1 + (u[:, :q] / REACH) ** 2)
        return np.ascontiguousarray(u)

    def chain(self, outputs: int) -> Chain:
        """The layers, from u to z."""
        p, q = len(self.centre), len(self.numbers)
        numbers, others = (slice(0, q), (Waves(q, self.frequencies, WAVES),)), (slice(q, p), ())
        first = Beside(tuple(part for part in (numbers, others) if part[0].stop > part[0].start))
        widths = (p + WAVES * q, *self.hidden)
        pairs = zip(widths[:-1], widths[1:], strict=True)
        hidden = [layer for into, out in pairs for layer in (Affine(into, out), Curve(self.activation))]
        return (first, Members(self.members, widths[0]), *hidden, Heads(self.members, widths[-1], outputs), Mean())


@dataclass(frozen=True)
class Tabular(Layered):
    """z = f(w), (n,) or (n, m), of rows X (n, p) by a recipe: numbers as waves, members that share their products.

    >>> import numpy as np
    >>> X = np.array([[0.0, 1.0], [2.0, 0.0]])
    >>> model = Tabular(X, Recipe((1.0, 0.5), (1.0, 0.5), (0,), hidden=(3,), members=2, frequencies=2))
    >>> model(model.start(np.random.default_rng(0))).shape
    (2,)
    """

    X: Matrix
    recipe: Recipe
    outputs: int = 1

    @cached_property
    def inputs(self) -> Matrix:
        """u (n, p), what the first layer sees."""
        return self.recipe.inputs(self.X)

    @cached_property
    def chain(self) -> Chain:
        """The layers, one after another."""
        return self.recipe.chain(self.outputs)

    @cached_property
    def layout(self) -> Layout:
        return layout_of(self.chain)

    @property
    def affine(self) -> bool:
        return False

    def start(self, rng: np.random.Generator, spread: float = SPREAD) -> Params:
        """w to begin from, (p,): signs ±1, W ~ N(0, 2 / in), heads half as large, b = 0, and of the waves

        frequencies ~ N(0, spread²), phases ~ U(−½, ½), their weights and biases ~ U(−1, 1) / √frequencies.
        """
        recipe, normal = self.recipe, rng.standard_normal
        q, f, k = len(recipe.numbers), recipe.frequencies, recipe.members
        widths = (len(recipe.centre) + WAVES * q, *recipe.hidden)
        blocks = [spread * normal((q, f)), rng.uniform(-0.5, 0.5, (q, f))]
        blocks += [rng.uniform(-1, 1, shape) / np.sqrt(f) for shape in ((q, f, WAVES), (q, WAVES))]
        blocks.append(rng.choice([-1.0, 1.0], (k, widths[0])))
        for into, out in zip(widths[:-1], widths[1:], strict=True):
            blocks += [np.sqrt(2 / into) * normal((into, out)), np.zeros(out)]
        blocks += [np.sqrt(0.25 / widths[-1]) * normal((k, widths[-1], self.outputs)), np.zeros((k, self.outputs))]
        return np.concatenate([block.ravel() for block in blocks])

    def rescaled(self, w: Params, by: float, shift: float = 0.0) -> Params:
        """The parameters whose predictions are z · by + shift where those of w are z: the heads, so changed."""
        last, w = self.recipe.members * self.outputs, w.copy()
        w[-last * (1 + self.recipe.hidden[-1]) :] *= by
        w[-last:] += shift
        return w

    def jacobian(self, w: Params) -> Matrix:
        raise ValueError(f"a jacobian of {self.recipe.members} members is not formed: use push and pull")

    def rows(self, index: Any) -> "Tabular":
        return replace(self, X=self.X[index])
