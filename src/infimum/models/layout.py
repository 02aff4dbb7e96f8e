"""w = (block₁, block₂, …): what the entries of the one flat parameter vector mean."""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float


@dataclass(frozen=True)
class Layout:
    """w = (block₁, block₂, …), each block with a name, a shape, and whether it is an intercept (a bias).

    One flat vector plus this record: solvers, penalties and the checker see the vector, people see the blocks.

    >>> layout = Layout(("coefficients", "intercept"), ((2,), (1,)), (False, True))
    >>> layout.size, layout.free.tolist()
    (3, [False, False, True])
    """

    names: tuple[str, ...]
    shapes: tuple[tuple[int, ...], ...]
    intercepts: tuple[bool, ...]
    columns: tuple[str, ...] = ()  # names of the rows of the first block, where there are any

    @property
    def entries(self) -> tuple[str, ...]:
        """(name₁, …, name_p): x0, x1, … or the columns of a linear model and its intercept; block[j] of any other.

        Of a linear model with several outputs, each name with the number of its output.
        """
        if self.matrix:
            outputs = range(1, self.shapes[0][1] + 1)
            return tuple(f"{name}, contrast {a}" for name in self.inputs for a in outputs)
        return self.inputs

    @property
    def matrix(self) -> bool:
        """Whether this is a linear model of several outputs, whose coefficients are a matrix (p, m)."""
        return len(self.names) <= 2 and len(self.shapes[0]) == 2 and self.shapes[0][1] > 1

    @property
    def inputs(self) -> tuple[str, ...]:
        """The names of the columns of the jacobian: those of the entries, where a prediction is one number."""
        linear = len(self.names) <= 2
        out: list[str] = []
        for block, shape, size, free in zip(self.names, self.shapes, self.sizes, self.intercepts, strict=True):
            size = shape[0] if self.matrix else size
            plain = [f"x{j}" if linear else f"{block}[{j}]" for j in range(size)]
            out += [block] if free and (size == 1 or self.matrix) else plain
        return (*self.columns, *out[len(self.columns) :])

    @property
    def sizes(self) -> tuple[int, ...]:
        """(p₁, p₂, …) = the number of entries of each block."""
        return tuple(math.prod(shape) for shape in self.shapes)

    @property
    def size(self) -> int:
        """p = Σ pₖ, the length of w."""
        return sum(self.sizes)

    @property
    def free(self) -> Bool[np.ndarray, " p"]:
        """freeⱼ = whether entry j is an intercept, which no penalty touches, (p,)."""
        return np.repeat(np.array(self.intercepts, dtype=bool), self.sizes)

    def split(self, w: Float[np.ndarray, " p"]) -> dict[str, np.ndarray]:
        """{name: block of w in its shape}."""
        parts = np.split(w, np.cumsum(self.sizes)[:-1])
        return {name: part.reshape(shape) for name, part, shape in zip(self.names, parts, self.shapes, strict=True)}
