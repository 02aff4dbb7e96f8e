"""report ↦ [] or one refutation: whether what is told of a network's training is of one kind with the rest.

Losses, readings, findings and errors at other widths themselves could be derived again by training alone.
"""

from typing import Any

from infimum.verify.answers import Answer, refuted


def check_trained(report: dict[str, Any]) -> list[Answer]:
    """Whether each fit of a network has a record, which keeps the epoch of the lowest loss on the rows set apart."""
    wrong = _wrong(report) if "training" in report else ""
    return [refuted("training", "report", None, None, wrong)] if wrong else []


def _wrong(report: dict[str, Any]) -> str:
    told = report["training"]
    errors = {rung["name"]: rung["errors"] for rung in report["rungs"]}
    if told is None:
        return "the record of the network's training is missing" if "network" in errors else ""
    if told["rung"] not in errors:
        return "it is of a rung that was not fitted"
    if len(told["folds"]) != len(errors[told["rung"]]) or (told["refit"] is None) == (told["rung"] == report["chosen"]):
        return "it is not of the fits that there are"
    each = [*told["folds"], *([told["refit"]] if told["refit"] else [])]
    if not all(map(_sound, each)):
        return "the epoch kept is not that of the lowest loss on rows set apart"
    own = errors[told["rung"]][: report["folds"]["k"]]
    return "" if _whole(told.get("widths"), own) else "the errors by width are not those of the network and others"


def _whole(curve: dict[str, Any] | None, own: list[float]) -> bool:
    """Widths in their order, with as many errors as there are folds, the rung's own at its own width."""
    if curve is None:
        return True
    widths, errors, counts = curve["widths"], curve["errors"], curve["parameters"]
    ordered = all(a < b for each in (widths, counts) for a, b in zip(each, each[1:], strict=False))
    alike = len(widths) == len(errors) == len(counts) and all(len(each) == len(own) for each in errors)
    return ordered and alike and curve["own"] in widths and errors[widths.index(curve["own"])] == own


def _sound(one: dict[str, Any]) -> bool:
    """As many losses as epochs, in their order, and at the kept one the lowest on rows set apart, if there are any."""
    epochs, held = one["epochs"], one["held_out"]
    losses = [one["losses"], *([held] if held else [])]
    if epochs != sorted(set(epochs)) or one["kept"] not in epochs or any(len(each) != len(epochs) for each in losses):
        return False
    finite = [loss for loss in held or () if loss is not None]
    return not finite or held[epochs.index(one["kept"])] == min(finite)
