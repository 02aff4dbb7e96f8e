"""z = module(x; w): anybody's torch module as a model, its parameters one flat vector, its derivatives by machine.

A module is a chain of one layer here, so that training, readings and claims are those of every network. Parameters that
ask for no gradient, and buffers, are constants of it. Layers that keep running statistics of the rows they saw have no
f(x; w) to prove anything about, and are refused.
"""

import copy
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby
from typing import Any

import numpy as np
import torch

from infimum.losses.multinomial import contrasts
from infimum.models import Params
from infimum.models.chain_rule import Chain
from infimum.models.layers import Array, Block, Blocks, Draw, Layer
from infimum.models.layout import Layout
from infimum.networks.by_machine import ByMachine, Tensor, blocks_of, tensor

CURVES = (
    *("CELU", "ELU", "GELU", "Hardshrink", "Hardsigmoid", "Hardswish", "Hardtanh", "LeakyReLU", "LogSigmoid", "Mish"),
    *("ReLU", "ReLU6", "RReLU", "SELU", "SiLU", "Sigmoid", "Softplus", "Softshrink", "Softsign", "Tanh", "Tanhshrink"),
)
SEEDS = 2**53


@dataclass(frozen=True, eq=False)
class Copies:
    """f, in float64, in float32, and as it is trained: f(x; w) by copies of the module, the one given stays as it is.

    Raises ValueError for a module without a parameter to train, and for one that keeps running statistics.
    """

    given: Any
    exact: Any
    single: Any
    trained: Any

    @classmethod
    def of(cls, module: Any) -> "Copies":
        """Of that module."""
        check_module(module)
        keeping = [name for name, each in module.named_modules() if getattr(each, "running_mean", None) is not None]
        if keeping:
            raise ValueError(
                f"{keeping[0]!r} keeps running statistics, which no parameter tells: take LayerNorm or GroupNorm"
            )
        if not any(each.requires_grad for each in module.parameters()):
            raise ValueError("module has no parameter that asks for a gradient: there is nothing to train")
        exact, single, trained = (copy.deepcopy(module) for _ in range(3))
        exact, single, trained = exact.cpu().double().eval(), single.cpu().float().eval(), trained.cpu().float().train()
        return cls(module, exact, single, trained)


@dataclass(frozen=True, eq=False)
class Module(ByMachine):
    """z = module(x; w) for rows X (n, …): numbers (n,) or (n, 1), or for K classes (n, K) scores.

    Scores come as contrasts, of two classes as their difference, which may be what the module makes. classes is 0 where
    the target is none. Raises ValueError where the module gives another number a row, or another one beside other rows,
    and for a module that `Copies` refuses.

    >>> import numpy as np
    >>> halved = Module.of(torch.nn.Linear(2, 1, bias=False), np.array([[1.0, 2.0], [0.0, 4.0]]))
    >>> halved(np.array([0.5, 0.5])).tolist()
    [1.5, 2.0]
    """

    X: Array
    copies: Copies
    classes: int = 0

    @classmethod
    def of(cls, module: Any, X: Array, classes: int = 0) -> "Module":
        """Of that module, on those rows."""
        model = cls(X, Copies.of(module), classes)
        try:
            together, alone = (model.rows(slice(0, count))(model.start()) for count in (3, 2))
        except (RuntimeError, TypeError, IndexError) as refused:
            why = str(refused).partition("\n")[0]
            raise ValueError(f"module does not take rows of the shape {X.shape[1:]}: {why}") from refused
        if not np.allclose(
            together[: len(alone)], alone, rtol=1e-9, atol=1e-9 * np.abs(together).max(), equal_nan=True
        ):
            raise ValueError(
                "what module makes of a row, in evaluation mode, changes with the rows beside it, or from call to call "
                "(batch normalisation, or noise): its loss would be no function of its parameters"
            )
        return model

    @property
    def outputs(self) -> int:  # type: ignore[override]
        return max(self.classes - 1, 1)

    @cached_property
    def named(self) -> dict[str, Any]:
        """{name: parameter} of those to train, as they are given."""
        return trainable(self.copies.given)

    @cached_property
    def layout(self) -> Layout:
        shapes = tuple(tuple(each.shape) for each in self.named.values())
        return Layout(tuple(self.named), shapes, tuple(len(shape) < 2 for shape in shapes))

    @property
    def chain(self) -> Chain:
        """The module as one layer."""
        return (Whole(self, str(self.copies.given)),)

    @property
    def parts(self) -> tuple[int, ...]:
        owners = (name.rpartition(".")[0] for name in self.named)
        return tuple(len(list(own)) for _, own in groupby(owners))

    @property
    def widest(self) -> int:
        return max((shape[0] for shape in self.layout.shapes if len(shape) > 1), default=1)

    @property
    def affine(self) -> bool:
        return False  # nobody says so

    def start(self) -> Params:
        """w as the module has it, (p,)."""
        return flat_of(self.copies.given)

    def rows(self, index: Any) -> "Module":
        return replace(self, X=self.X[index])

    def network(self, w: Tensor, x: Tensor) -> Tensor:
        inside = self.copies.exact if w.dtype == torch.float64 else self.copies.single
        z = self.at(inside, blocks_of(w, self.layout), x)
        return z[:, 0] if self.outputs == 1 else z

    def at(self, inside: Any, blocks: Blocks, x: Tensor) -> Tensor:
        """z (b, m) of that copy with those parameters."""
        if next(inside.parameters()).device != x.device:  # its constants are to be where the rows are
            inside.to(x.device)
        z = torch.func.functional_call(inside, dict(zip(self.named, blocks, strict=True)), (x,))
        if not isinstance(z, torch.Tensor):
            raise ValueError(f"module makes a {type(z).__name__}; expected a tensor, (n,) or (n, K)")
        z = z[:, None] if z.ndim == 1 else z
        if z.ndim == 2 and len(z) == len(x):
            if z.shape[1] == self.outputs == 1:
                return z
            if z.shape[1] == self.classes:
                return (
                    z[:, 1:] - z[:, :1]
                    if self.classes == 2
                    else z @ tensor(contrasts(self.classes), z.dtype).to(z.device)
                )
        wanted = f"(n, {self.classes}) scores of the classes" if self.classes else "a number a row, (n,) or (n, 1)"
        raise ValueError(f"module makes {tuple(z.shape)} of {len(x)} rows; expected {wanted}")

    def changed(self, w: Params) -> Any:
        """A copy of the module with the parameters w, in evaluation mode, in the precision that it came in."""
        module = copy.deepcopy(self.copies.given).eval()
        with torch.no_grad():
            for name, block in zip(self.named, blocks_of(tensor(w), self.layout), strict=True):
                module.get_parameter(name).copy_(block)  # by its one name, where it has several
        return module


def trainable(module: Any) -> dict[str, Any]:
    """{name: parameter} of those that ask for a gradient."""
    return {name: each for name, each in module.named_parameters() if each.requires_grad}


def flat_of(module: Any) -> Params:
    """w = (w₁, …, w_p): the parameters to train, one after another."""
    return np.concatenate([each.detach().cpu().double().numpy().ravel() for each in trainable(module).values()])


def check_module(module: Any) -> None:
    """f: x ↦ f(x; w) has to be a torch.nn.Module: ValueError for anything else."""
    if not isinstance(module, torch.nn.Module):
        raise ValueError(f"module is a {type(module).__name__}; expected a torch.nn.Module")


def filled(module: Any, state: dict[str, Tensor]) -> Any:
    """f(·; w): a copy of the module with these parameters and buffers, in evaluation mode."""
    copied = copy.deepcopy(module).eval()
    copied.load_state_dict(state)
    return copied


def owners(module: Any) -> list[tuple[str, str, str, str]]:
    """f ↦ (name, kind, shapes, parameters), …: each module inside that has parameters of its own, or bends."""
    found = []
    for name, each in module.named_modules():
        own = [block for block in each.parameters(recurse=False)]
        if own or type(each).__name__ in CURVES:
            shapes = ", ".join(" × ".join(map(str, block.shape)) for block in own)
            found.append((name, type(each).__name__, shapes, f"{sum(block.numel() for block in own):,}" if own else ""))
    return found


def products(module: Any, X: Array) -> int:
    """x ↦ Σ multiply-adds of f(x), x a row like those of X, as torch counts them."""
    from torch.utils.flop_counter import FlopCounterMode

    with FlopCounterMode(display=False) as counter, torch.no_grad():
        copy.deepcopy(module).cpu().eval()(torch.tensor(X[:1], dtype=next(module.parameters()).dtype))
    return int(counter.get_total_flops()) // 2


@dataclass(frozen=True, eq=False)
class Whole(Layer):
    """z = module(x; w), and (∂z/∂w)ᵀ r from the tape that torch kept: the first layer of a chain, and its only one."""

    model: Module
    told: str

    def __repr__(self) -> str:
        return self.told

    @property
    def blocks(self) -> tuple[Block, ...]:
        layout = self.model.layout
        found = zip(layout.names, layout.shapes, layout.intercepts, strict=True)
        return tuple(Block(name.replace(".", " "), shape, free) for name, shape, free in found)

    @property
    def random(self) -> bool:
        return True

    def forward(self, w: Blocks, h: Array, draw: Draw | None = None) -> tuple[Array, Any]:
        leaves = tuple(block.detach().requires_grad_(torch.is_grad_enabled()) for block in w)
        if draw is None:
            z = self.model.at(self.model.copies.single, leaves, h)
        else:
            with torch.random.fork_rng([] if h.device.type == "cpu" else [h.device], device_type=h.device.type):
                torch.manual_seed(int(SEEDS * float(draw((1,)))))
                z = self.model.at(self.model.copies.trained, leaves, h)
        return z.detach(), (z, leaves, h)

    def push(self, w: Blocks, kept: Any, dw: Blocks, dh: Array) -> Array:
        return torch.func.jvp(lambda *blocks: self.model.at(self.model.copies.single, blocks, kept[2]), w, dw)[1]

    def pull(self, w: Blocks, kept: Any, r: Array, onward: bool = True) -> tuple[Array, Blocks]:
        z, leaves, _ = kept
        found = torch.autograd.grad(z, leaves, r, allow_unused=True, materialize_grads=True)
        return r, tuple(found)

    def steep(self, kept: Any, least: float) -> tuple[Array, ...]:
        return tuple(self._slopes(kept, least))

    def _slopes(self, kept: Any, least: float) -> Iterator[Array]:
        """|φ′| ≥ least of each activation that is a module of its own, by what reaches it on the way forward."""
        z, leaves, x = kept
        reached: list[tuple[Any, Array]] = []
        inside = self.model.copies.single
        curves = [each for each in inside.modules() if type(each).__name__ in CURVES]
        hooks = [
            each.register_forward_pre_hook(lambda curve, given: reached.append((curve, given[0].detach().clone())))
            for each in curves
        ]
        try:
            self.model.at(inside, leaves, x)
        finally:
            for hook in hooks:
                hook.remove()
        for curve, h in reached:
            with torch.enable_grad():
                entering = h.requires_grad_()
                (slope,) = torch.autograd.grad(curve(entering.clone()).sum(), entering)
            yield (slope.abs() >= least).reshape(len(h), -1)
