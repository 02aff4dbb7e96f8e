"""argmin Σᵢ sᵢ ℓ(module(xᵢ; w), yᵢ) / Σ s + Ω(w): your own torch module, trained, read and measured as ours are."""

from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.utils import check_random_state
from sklearn.utils.validation import column_or_1d

from infimum.certificates.certify import certify
from infimum.certificates.claim import Certificate
from infimum.diagnoses import Finding
from infimum.diagnoses.training import findings_of
from infimum.estimators.memory import check_room
from infimum.estimators.mlp_solvers import training_of
from infimum.estimators.mlp_summary import ended, in_columns
from infimum.estimators.parameters import number_of
from infimum.estimators.rows import ENCODE, TEXT, checked_weight
from infimum.files.model_file import MODULE, ModelFileError, read_model, write_model
from infimum.losses import Loss, loss_named
from infimum.networks import torch_module
from infimum.objective import LikelihoodObjective
from infimum.penalties.elastic_net import ElasticNet
from infimum.solvers import Trace

OF_OURS = "(Remedies have the names of MLPRegressor's parameters: activation and widths are your module's.)"
LOSSES = ("squared", "logistic", "multinomial", "poisson")


@dataclass(frozen=True)
class NetworkOptions:
    """(epochs, |B|, η, what is held out, sᵢ, seed): how `fit_network` trains, by the names that MLPRegressor has.

    checkpoint is a file that is kept up to date meanwhile: the same fit, after it was killed, goes on to the same bits.
    device is where torch takes the steps ("cpu", "cuda", …); the module comes back to where it was.
    """

    max_iter: int = 100
    batch_size: int | str = "auto"
    learning_rate: str = "cosine"
    learning_rate_init: float | str = "auto"
    early_stopping: bool = True
    validation_fraction: float = 0.1
    n_iter_no_change: int = 20
    tol: float = 1e-4
    label_smoothing: float = 0.0
    sample_weight: Any = field(default=None, repr=False)
    checkpoint: Any = None
    device: str = "cpu"
    random_state: Any = 0

    @property
    def dropout(self) -> float:
        """0: a module has its own."""
        return 0.0

    @property
    def precision(self) -> str:
        """That of a module's parameters while they are trained."""
        return "float32"


@dataclass(frozen=True, eq=False)
class NetworkFit:
    """(module with ŵ, ŵ, ℓ, F(ŵ), claims, trace, findings): what `fit_network` came to.

    module is a copy, in evaluation mode; params (p,) its parameters that were trained, flat; classes (K,) the labels,
    None where the target is none; products the multiply-adds of a row; columns the names of those of X, if it had any.
    """

    module: Any
    params: np.ndarray
    loss: Loss
    value: float
    certificate: Certificate
    trace: Trace
    findings: tuple[Finding, ...]
    classes: np.ndarray | None
    products: int
    columns: tuple[str, ...] = ()

    def decision_function(self, X: Any) -> np.ndarray:
        """z of each row of X (n, …), in float64: (n,), or the contrasts (n, K − 1) of K > 2 classes.

        Raises ValueError for bad input, and for a frame with other columns than the one of the fit, or in other order.
        """
        from infimum.networks.module import Module

        check_columns(X, self.columns)
        return Module.of(self.module, rows_of(X), 0 if self.classes is None else len(self.classes))(self.params)

    def predict(self, X: Any) -> np.ndarray:
        """The mean of the target, or the likeliest class, of each row of X (n, …): (n,)."""
        if self.classes is None:
            return np.asarray(self.loss.mean(self.decision_function(X)))
        return self.classes[self.predict_proba(X).argmax(axis=1)]

    def predict_proba(self, X: Any) -> np.ndarray:
        """p of each class, (n, K). Raises ValueError where the target is no class."""
        if self.classes is None:
            raise ValueError(f"the {self.loss.name} loss has no classes: use predict")
        p = np.asarray(self.loss.mean(self.decision_function(X)))
        return np.column_stack([1 - p, p]) if p.ndim == 1 else p

    def summary(self) -> str:
        """Layers with shapes and parameters, multiply-adds a row, F, how the training ended, findings, claims: text."""
        from infimum.networks.module import owners

        cells = [("layer", "kind", "shapes", "parameters"), *owners(self.module)]
        cells.append(("trained", "", "", f"{len(self.params):,}"))
        head = f"{type(self.module).__name__}: {self.products:,} multiply-adds a row, F = {self.value:.10g}"
        said = [*ended(self.trace, self.findings), *([OF_OURS] if self.findings else [])]
        return "\n  ".join([head, *in_columns(cells), *said]) + f"\n{self.certificate}"

    def save(self, path: str | PathLike[str]) -> None:
        """Write the parameters to a file of safetensors; the module's code is not in it: see `load_network`.

        Raises ValueError where there is no such folder.
        """
        if not Path(path).parent.is_dir():
            raise ValueError(f"{path}: there is no folder {str(Path(path).parent)!r}; make it first")
        document = {
            "form": MODULE,
            "module": str(self.module),
            "loss": self.loss.name,
            "value": self.value,
            "classes": None if self.classes is None else self.classes.tolist(),
            "stopped": self.trace.stopped,
            "products": self.products,
            "columns": list(self.columns),
            "certificate": self.certificate.to_dict(),
        }
        state = {name: each.detach().cpu().numpy() for name, each in self.module.state_dict().items()}
        write_model(path, state, document)


def fit_network(
    module: Any, loss: str | Loss, penalty: Any, X: Any, y: Any, options: NetworkOptions | None = None
) -> NetworkFit:
    """argmin Σᵢ sᵢ ℓ(module(xᵢ; w), yᵢ) / Σ s + Ω(w) by AdamW, from the parameters that a torch module has.

    module makes (n,) or (n, 1) of rows (n, …) in float32, for K classes scores (n, K); it stays as it is, a copy is
    trained. loss is "squared", "logistic" (two classes), "multinomial", "poisson", or a Loss; penalty λ of ½ λ ‖W‖² on
    parameters of two dimensions or more, or an ElasticNet without l1; X (n, …) numbers, y (n,) numbers or labels.
    Nothing is standardised. The best epoch on rows held out is returned; the claims are of F on all rows, in float64.
    Raises ValueError for bad input, a module of another shape or with running statistics (batch normalisation);
    TorchMissingError without torch.

    >>> import torch
    >>> _ = torch.manual_seed(0)
    >>> module = torch.nn.Sequential(torch.nn.Linear(1, 16), torch.nn.Tanh(), torch.nn.Linear(16, 1))
    >>> X = np.linspace(-1, 1, 300)[:, None]
    >>> fit = fit_network(module, "squared", 1e-4, X, X.ravel() ** 2, NetworkOptions(max_iter=200))
    >>> bool(np.mean((fit.predict(X) - X.ravel() ** 2) ** 2) < 1e-3)
    True
    """
    torch_module()
    from infimum.networks.module import Module, products
    from infimum.solvers.stochastic import trained_by_adamw

    how = NetworkOptions() if options is None else options
    if not isinstance(how, NetworkOptions):
        raise ValueError(f"options is a {type(how).__name__}; expected NetworkOptions(max_iter=…, …)")
    columns, X = columns_of(X), rows_of(X)
    weight = checked_weight(how.sample_weight, len(X))
    loss, target, classes = posed(loss, y, len(X))
    model = Module.of(module, X, 0 if classes is None else len(classes))
    check_room(model.layout.size, f"module of {type(module).__name__}")
    omega = penalty if isinstance(penalty, ElasticNet) else ElasticNet(l2=number_of("alpha", penalty or 0.0))
    objective = LikelihoodObjective.of(model, loss, omega, target, weight)
    rng = np.random.default_rng(check_random_state(how.random_state).randint(2**31))
    training = training_of(how, number_of("tol", how.tol), how.label_smoothing)
    w, trace = trained_by_adamw(objective, model.start(), rng, training, how.checkpoint)
    slope = objective.slope(w)
    certificate = certify(objective, w, "AdamW", len(trace.steps), 0.0, slope)
    found = findings_of(objective, slope.z, trace)
    value = slope.mean_loss + objective.penalty.value(w)
    fitted = model.changed(w)
    return NetworkFit(fitted, w, loss, value, certificate, trace, found, classes, products(fitted, X), columns)


def load_network(path: str | PathLike[str], module: Any) -> NetworkFit:
    """The NetworkFit that `save` wrote, its parameters put into a copy of `module`, which has the layers that it had.

    What was read on the way is not in the file. Raises ModelFileError where the file is none of `save`, or was edited;
    ValueError where the module has other parameters or prints otherwise than the one that was saved.
    """
    torch = torch_module()
    from infimum.networks.module import check_module, filled, flat_of

    check_module(module)
    if not Path(path).exists():
        raise ModelFileError(f"{path}: there is no such file: check the name; NetworkFit.save writes one")
    arrays, document = read_model(path)
    if document.get("form") != MODULE:
        raise ModelFileError(f"{path} holds no module: it was not written by NetworkFit.save")
    shapes = {name: tuple(each.shape) for name, each in module.state_dict().items()}
    unlike = sorted({*shapes.items()} ^ {(name, array.shape) for name, array in arrays.items()})
    if unlike:
        name, shape = unlike[0]
        raise ValueError(
            f"module and {path} differ at {name!r}, {shape}: give a module with the layers that were saved"
        )
    if str(module) != document["module"]:
        raise ValueError(f"module is {module}, and {path} holds the parameters of {document['module']}: give that one")
    fitted = filled(module, {name: torch.tensor(array) for name, array in arrays.items()})
    classes = None if document["classes"] is None else np.array(document["classes"])
    loss = loss_named(document["loss"], 2 if classes is None else len(classes))
    found = document["value"], Certificate.from_dict(document["certificate"]), Trace((), document["stopped"])
    return NetworkFit(
        fitted, flat_of(fitted), loss, *found, (), classes, document["products"], tuple(document.get("columns", ()))
    )


def posed(loss: str | Loss, y: Any, rows: int) -> tuple[Loss, np.ndarray, np.ndarray | None]:
    """(ℓ, the target as it takes it, (n,), the classes or None). Raises ValueError where they do not go together."""
    y = column_or_1d(y)
    if len(y) != rows:
        raise ValueError(f"X has {rows} rows and y {len(y)}: give one y a row")
    if not isinstance(loss, Loss) and loss not in LOSSES:
        raise ValueError(f"no loss is called {loss!r}; there are: {', '.join(LOSSES)}")
    found = loss if isinstance(loss, Loss) else loss_named(loss)
    if found.task != "classification":
        try:
            return found, np.asarray(y, dtype=float), None
        except ValueError:
            raise ValueError(f"y holds {y.tolist()[0]!r}, and the {found.name} loss takes {found.domain}") from None
    classes, codes = np.unique(y, return_inverse=True)
    right = "logistic" if len(classes) == 2 else "multinomial"
    if len(classes) < 2 or found.name != right:
        other = f"take {right!r}" if len(classes) > 1 else "a network learns from two or more"
        raise ValueError(f"the {found.name} loss and {len(classes)} class(es) in y do not go together: {other}")
    return loss_named(right, len(classes)), codes.astype(float), classes


def columns_of(X: Any) -> tuple[str, ...]:
    """(name, …) of the columns of a frame; () of anything else."""
    return tuple(map(str, getattr(X, "columns", ())))


def check_columns(X: Any, known: tuple[str, ...]) -> None:
    """Raises ValueError where X and the rows of the fit both have names of columns, and others or in other order."""
    names = columns_of(X)
    if names and known and names != known:
        at = next(
            (i for i, (a, b) in enumerate(zip(names, known, strict=False)) if a != b), min(len(names), len(known))
        )
        first, then = (each[at] if at < len(each) else "none" for each in (names, known))
        raise ValueError(f"column {at} of X is {first!r}, and {then!r} in the fit: give those columns, in that order")


def rows_of(X: Any) -> np.ndarray:
    """X (n, …) in float64. Raises ValueError for what is no array of finite numbers with a row or more."""
    try:
        X = np.asarray(X, dtype=float)
    except ValueError as refused:
        advice = f"; a module takes numbers: {ENCODE}" if str(refused).startswith(TEXT) else ""
        raise ValueError(f"{refused}{advice}") from refused
    if X.ndim < 2 or not len(X):
        raise ValueError(f"X has the shape {X.shape}; expected (n, …), a row or more")
    strange = np.argwhere(~np.isfinite(X))
    if len(strange):
        place = ", ".join(map(str, strange[0]))
        raise ValueError(
            f"X holds {len(strange)} numbers that are not finite, the first at [{place}]: fill or drop them"
        )
    return X
