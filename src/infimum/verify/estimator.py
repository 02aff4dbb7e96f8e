"""verify(model, X, y): every claim of a fitted estimator, derived again from its coefficients and the data."""

from dataclasses import replace
from typing import Any

import numpy as np
from blake3 import blake3
from scipy.sparse import issparse

from infimum.losses import loss_named
from infimum.losses.multinomial import contrasts
from infimum.models.perceptron import Perceptron
from infimum.models.polynomial import Polynomial
from infimum.models.scores import linear_in
from infimum.models.tabular import Recipe, Tabular
from infimum.penalties.elastic_net import ElasticNet
from infimum.verify.answers import Answer, Verification, refuted
from infimum.verify.arithmetic import UNIT
from infimum.verify.attributes import check_attributes, check_together, noise_at
from infimum.verify.checks import CHECKS, check_claim, expected, unsaid
from infimum.verify.chosen import check_left_out
from infimum.verify.claims import screened
from infimum.verify.firth import EXPECTED_FIRTH, check_firth, penalised
from infimum.verify.huber import verify_huber
from infimum.verify.information import check_information
from infimum.verify.left_out import check_strengths
from infimum.verify.parts import check_parts, features_of
from infimum.verify.quantile import verify_quantile
from infimum.verify.restated import Restated
from infimum.verify.scores import check_scores

ELSEWHERE = {"quantile": verify_quantile, "huber": verify_huber}  # objectives that are no sum of a loss over rows alone


def verify(model: Any, X: Any, y: Any, sample_weight: Any = None) -> Verification:
    """{claim ↦ answer} for a fitted estimator and its data: X (n, p), y (n,), sample_weight (n,) or None.

    The problem is read from `model.problem_` (loss, strengths on the mean-loss scale), the parameters from the public
    attributes (`coef_`, `intercept_`, or `coefs_`, `intercepts_`; `params_`). Raises ValueError for an estimator that
    carries no certificate, and for rows that cannot be those of the fit: other columns or classes, NaN.

    >>> from infimum.estimators import Ridge
    >>> X, y = [[0.0], [1.0], [2.0]], [1.0, 2.0, 4.0]
    >>> verify(Ridge().fit(X, y), X, y).refuted
    False
    """
    if vars(model).get("certificate_") is None or "problem_" not in vars(model):
        inside = ": verify its last step, on what the steps before make of X" if "steps" in vars(model) else ""
        cure = inside or ": fit one of infimum's estimators first"
        raise ValueError(f"{type(model).__name__} carries no certificate{cure}")
    if "targets_" in vars(model):
        return _each_target(model, X, np.asarray(y, dtype=float), sample_weight)
    found = _verified(model, X, y, sample_weight)
    if found.refuted:
        return found
    return Verification((*found.answers, *check_strengths(model, _dense(X), np.reshape(y, (-1, 1)), sample_weight)))


def _verified(model: Any, X: Any, y: Any, sample_weight: Any) -> Verification:
    """The answers about one target, but whether its strength was the best to choose."""
    X, y = _dense(X), np.ravel(np.asarray(y))
    stated = model.problem_
    _of_this_shape(model, X, y)
    shape = X.shape
    unknown = [name for name in ("coef_", "intercept_", "params_") if not _finite(vars(model).get(name, 0.0))]
    if unknown:
        note = f"{unknown[0]} holds NaN or infinity: no claim is about that"
        return Verification((refuted("parameters", type(model).__name__, None, None, note),))
    weight = np.ones(len(y)) if sample_weight is None else np.asarray(sample_weight, dtype=float) * np.ones(len(y))
    if stated["classes"] is not None:
        coded = np.searchsorted(stated["classes"], y)
        weight, y = weight * np.asarray(stated["class_weight"])[coded], coded
    if stated.get("total") is not None and not abs(stated["total"] - weight.sum()) <= 1e-12 * weight.sum():
        note = "the weights are not those of the fit: they add up to another number, which strengths are relative to"
        if sample_weight is None:
            note = f"{len(y)} rows of weight 1 are not those of the fit, whose weights add up to {stated['total']:.12g}"
        return Verification((refuted("data", type(model).__name__, stated["total"], float(weight.sum()), note),))
    if stated["form"] in ELSEWHERE:
        return ELSEWHERE[stated["form"]](model, X, y.astype(float), weight)
    seen: list[Answer] = []
    if stated["form"] == "additive":
        X, stated, seen = features_of(model, X)
        if any(answer.verdict == "REFUTED" for answer in seen):
            return Verification(tuple(seen))
    restated = restate(stated, X, np.asarray(y, dtype=float), weight, parameters(model))
    seen += check_parts(model, restated) if stated["form"] == "additive" else []
    answers = _claims(model, restated, float(weight.sum()), shape)
    answers += _left_out(model, restated, 1.0 if sample_weight is None else weight)
    return Verification((_same_data(restated, model), *_public(model), *seen, *answers))


def _claims(model: Any, restated: Restated, total: float, shape: tuple[int, ...]) -> list[Answer]:
    """The answers to the certificate's claims, and to what else the model tells of the fit; total = Σ s."""
    name, claims = type(model).__name__, [claim.to_dict() for claim in model.certificate_.claims]
    witness = {key: array for claim in model.certificate_.claims for key, array in claim.witness.items()}
    firth = model.problem_.get("penalty") == "firth"
    wrong = screened(model.certificate_.claims, EXPECTED_FIRTH if firth else expected(restated), CHECKS, name)
    if wrong:
        return wrong
    if firth:
        found = penalised(restated, total)
        answers, value = [check_firth(found, claim, witness, name) for claim in claims], found.value
        noise = noise_at(restated)
        answers += check_attributes(model, value, noise + found.value_doubt, shape)
        return answers + check_information(model, restated, total, noise)
    check = check_scores if restated.loss.name == "softmax" else check_claim
    answers = [check(restated, claim, witness, name) for claim in claims] + unsaid(restated, claims, name)
    noise = noise_at(restated)
    return (
        answers
        + check_attributes(model, restated.value, noise, shape)
        + check_information(model, restated, total, noise)
    )


def _of_this_shape(model: Any, X: np.ndarray, y: np.ndarray) -> None:
    """X (n, p), y (n,) of the classes and columns of the fit. Raises ValueError for others."""
    stated, name = model.problem_, type(model).__name__
    if X.ndim != 2 or len(X) != len(y):
        raise ValueError(f"X has shape {X.shape} and y {y.shape}; expected (rows, columns) and one target a row")
    if not _finite(X):
        row, column = (int(at[0]) for at in np.nonzero(~np.isfinite(X)))
        raise ValueError(f"X is {X[row, column]:g} in row {row}, column {column}; expected the rows of the fit, finite")
    if stated["classes"] is None and not _finite(y.astype(float)):
        row = int(np.argmin(np.isfinite(y.astype(float))))
        raise ValueError(f"y is {y[row]:g} in row {row}; expected the target of the fit, which is finite")
    if stated["form"] in ("linear", *ELSEWHERE):
        columns = np.shape(model.coef_)[-1] if stated.get("degree", 1) == 1 else 1
        if X.shape[1] != columns:
            raise ValueError(f"X has {X.shape[1]} columns, and coef_ of {name} is of {columns}: give those of the fit")
    if stated["classes"] is not None and not np.isin(y, stated["classes"]).all():
        other = y[~np.isin(y, stated["classes"])][0]
        raise ValueError(f"y holds {other!r}, which is no class of the fit: give the target of the fit")


def _dense(X: Any) -> np.ndarray:
    return np.ascontiguousarray(X.toarray() if issparse(X) else X, dtype=float)


def _finite(array: Any) -> bool:
    return bool(np.all(np.isfinite(np.asarray(array, dtype=float))))


def _each_target(model: Any, X: Any, Y: np.ndarray, sample_weight: Any) -> Verification:
    """The answers about the model of every target, and whether coef_ and intercept_ are theirs."""
    answers: list[Answer] = []
    for k, part in enumerate(model.targets_):
        found = _verified(part, X, Y[:, k], sample_weight)
        answers += [replace(answer, subject=f"{answer.subject}, target {k}") for answer in found.answers]
    own = [np.append(np.ravel(part.coef_), part.intercept_) for part in model.targets_]
    if not np.array_equal(np.column_stack([model.coef_, model.intercept_]), np.array(own)):
        answers.append(refuted("parameters", type(model).__name__, None, None, "coef_ is not that of the targets"))
    answers += check_together(model)
    answers += check_strengths(model, _dense(X), Y, sample_weight)
    return Verification(tuple(answers))


def _left_out(model: Any, restated: Restated, weight: np.ndarray | float) -> list[Answer]:
    """Whether the score of rows left out, of a ridge that was chosen by it, is what residuals and leverages give."""
    if "best_score_" not in vars(model) or restated.metric is None:
        return []
    W, a = restated.metric
    leverage = restated.weight * np.sum((restated.A @ W.T) ** 2, axis=1)
    size = np.abs(restated.y) + np.abs(restated.A) @ np.abs(restated.w)  # of which r may have few digits
    off = (len(restated.w) + 4) * UNIT * size
    return check_left_out(model, (restated.y - restated.z, off, leverage, a), weight)


def _public(model: Any) -> list[Answer]:
    """Whether the attributes that predictions use agree with the problem: classes in order, no hidden intercept."""
    stated, name = model.problem_, type(model).__name__
    wrong = []
    if stated["classes"] is not None and not np.array_equal(model.classes_, stated["classes"]):
        wrong.append(refuted("classes", name, None, None, "classes_ is not in the order of the fit"))
    if _several(stated):
        wrong += _scores_agree(model)
    if stated["form"] == "linear" and not stated["intercept"] and np.any(model.intercept_):
        wrong.append(refuted("intercept", name, float(np.ravel(model.intercept_)[0]), 0.0, "the fit has no intercept"))
    return wrong


def _scores_agree(model: Any) -> list[Answer]:
    """Whether coef_ and intercept_ are the scores whose contrasts the certificate is about."""
    K = len(model.problem_["classes"])
    C = np.eye(K) if model.problem_["loss"] == "softmax" else contrasts(K)
    W = model.params_.reshape(-1, C.shape[1])
    told = np.column_stack([model.coef_, model.intercept_]).T
    own = W @ C.T if model.problem_["intercept"] else np.vstack([W @ C.T, np.zeros(len(C))])
    if told.shape == own.shape and np.all(np.abs(told - own) <= 1e-12 * np.abs(own).max(initial=0.0)):
        return []
    return [refuted("parameters", type(model).__name__, None, None, "coef_ and intercept_ are not what params_ says")]


def _same_data(restated: Restated, model: Any) -> Answer:
    """Whether J, y and s̃ are, byte for byte, those that the certificate names; a network's certificate names none."""
    recorded = model.certificate_.fingerprint
    if model.problem_["form"] == "network":
        return Answer(
            "data",
            type(model).__name__,
            "REPORTED",
            note="a network's rows are a weighted set: no fingerprint of the given ones",
        )
    digest = blake3()
    for array in (restated.A, restated.y, restated.weight):
        digest.update(np.ascontiguousarray(array + 0.0, dtype="<f8").tobytes())
    if recorded != f"blake3:{digest.hexdigest()}":
        return refuted("data", type(model).__name__, None, None, "X, y or the weights are not those of the fit")
    return Answer("data", type(model).__name__, "REPORTED", note="X, y and the weights are those of the fit")


def parameters(model: Any) -> np.ndarray:
    """w, flat, as the public attributes of the estimator hold it, (p,); of several classes `params_`."""
    if _several(model.problem_) or model.problem_["form"] == "additive":
        return np.asarray(model.params_)
    if model.problem_.get("recipe"):
        return np.asarray(model.params_)
    if model.problem_["form"] == "network":
        blocks = [block for W, b in zip(model.coefs_, model.intercepts_, strict=True) for block in (W.ravel(), b)]
        return np.concatenate(blocks)
    intercept = np.ravel(model.intercept_)[:1] if model.problem_["intercept"] else np.zeros(0)
    return np.concatenate([np.ravel(model.coef_), intercept])


def restate(stated: dict[str, Any], X: np.ndarray, y: np.ndarray, weight: np.ndarray, w: np.ndarray) -> Restated:
    """The problem of a record {form, intercept, hidden, activation, loss, classes, l1, …} on these rows, at w."""
    loss = loss_named(stated["loss"], len(stated["classes"]) if stated["classes"] is not None else 2)
    m, model = loss.outputs, None
    if stated["form"] == "network":
        recipe = stated.get("recipe")
        model = (
            Tabular(X, Recipe.from_json(recipe), m)
            if recipe
            else Perceptron(X, tuple(stated["hidden"]), stated["activation"], m)
        )
    else:
        degree = stated.get("degree", 1)
        model = Polynomial(X[:, 0], degree, stated["intercept"]) if degree > 1 else linear_in(X, m, stated["intercept"])
    penalty = ElasticNet(stated["l1"], stated["l2"], stated["lower"], stated.get("upper", np.inf)).sparing(
        model.layout.free
    )
    return Restated(model, loss, penalty, y, weight / weight.sum(), w)


def _several(stated: dict[str, Any]) -> bool:
    """Whether this is a linear model of more than two classes, whose coefficients are recorded as `params_`."""
    return stated["form"] == "linear" and stated["classes"] is not None and len(stated["classes"]) > 2
