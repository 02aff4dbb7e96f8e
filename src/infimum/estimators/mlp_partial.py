"""w ← w − η (m̂ / (√v̂ + ε) + λ ∘ w), an epoch a call: MLPs that learn from rows as they come.

The first rows say how columns and target are standardised, and that stays; m, v and the random state are carried from
call to call. The step is the highest of the schedules, since nobody says when it ends, and no rows are held out. F, its
certificate and what `infimum.verify` checks are those of the rows of the last call.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sklearn.utils import check_random_state, column_or_1d

from infimum.estimators.classes import class_weights, classes_of, loss_of
from infimum.estimators.mlp import Arrays, standardised, told
from infimum.estimators.mlp_solvers import Found, start_of, training_of
from infimum.estimators.parameters import number_of
from infimum.estimators.rows import checked_weight, validated
from infimum.estimators.standardised import Scales, weighted_set
from infimum.losses import Loss
from infimum.solvers import Trace
from infimum.solvers.checkpoint import Course


@dataclass(frozen=True)
class Carried:
    """(scales, where the training stands): what one call leaves to the next."""

    scales: Scales
    course: Course


def partly_fitted(estimator: Any, loss: Loss, arrays: Arrays, scales: Scales) -> Any:
    """The estimator after an epoch more, on these rows.

    Raises ValueError for layers or parameters with which it cannot go on; TorchMissingError without torch.
    """
    from infimum.solvers.stochastic import one_epoch

    if estimator.remedy == "try":
        raise ValueError("remedy = 'try': partial_fit takes steps of AdamW and nothing else; leave it out")
    if estimator.checkpoint is not None:
        raise ValueError("checkpoint: partial_fit keeps no file; pickle the estimator between two calls instead")
    carried = vars(estimator).get("_carried")
    objective = standardised(estimator, loss, arrays, scales if carried is None else carried.scales)
    if carried is None:
        rng = np.random.default_rng(check_random_state(estimator.random_state).randint(2**31))
        carried = Carried(scales, Course.begin(start_of(estimator, None, objective, rng), rng))
    if len(carried.course.best) != objective.model.layout.size:
        raise ValueError("hidden_layer_sizes changed between two calls of partial_fit: call fit, or leave them")
    smoothing, tolerance = getattr(estimator, "label_smoothing", 0.0), number_of("tol", estimator.tol)
    told_to = training_of(estimator, tolerance, smoothing)
    told_to = replace(told_to, epochs=1, schedule="constant", validation_fraction=0.0)
    course = one_epoch(objective, carried.course, told_to)
    count = f"{len(course.steps)} call{'s' if len(course.steps) > 1 else ''} of partial_fit, an epoch each"
    trace = Trace(course.steps, count, {"batch_size": told_to.batch_size} if told_to.batch_size != "auto" else {})
    found = Found(np.array(course.best, dtype=float), trace, "AdamW", len(course.steps), 0.0)
    told(estimator, objective, (arrays, carried.scales), found)
    estimator.findings_ = ()  # their rules are of a whole training
    estimator._carried = Carried(carried.scales, course)
    return estimator


def partly_labelled(
    estimator: Any, X: Any, y: Any, classes: Any, sample_weight: Any
) -> tuple[Loss, Arrays, Scales, np.ndarray]:
    """(the loss of the classes, (X, codes, s) as a weighted set, scales of X, c (K,) that weighs the classes), checked.

    Rows of one class alone are welcome. Raises ValueError for bad input, and for a class that is not among them.
    """
    first = "_carried" not in vars(estimator)
    if estimator.class_weight == "balanced":
        raise ValueError("class_weight = 'balanced' is for rows known at once: give {class: weight} to partial_fit")
    X, y = validated(estimator, X, y, {"reset": first})
    y, stated = column_or_1d(y, warn=True), None if classes is None else np.unique(classes)
    known = classes_of(estimator, y if stated is None else stated) if first else (estimator.classes_, None)
    if stated is not None and not np.array_equal(stated, known[0]):
        raise ValueError(f"classes = {stated.tolist()}, but at the first call {known[0].tolist()}: they stay")
    strange = np.setdiff1d(y, known[0]).tolist()
    if strange:
        raise ValueError(f"y holds {strange[0]!r}, none of {known[0].tolist()}: give all classes at the first call")
    estimator.classes_ = known[0]
    coded, weight = np.searchsorted(known[0], y), checked_weight(sample_weight, len(X))
    balance = class_weights(estimator.class_weight, known[0], y, None if sample_weight is None else weight)
    X, codes, weight = weighted_set(X, coded.astype(float), weight * balance[coded])
    return loss_of(known[0]), (X, codes, weight), Scales.of(X, None, weight), balance
