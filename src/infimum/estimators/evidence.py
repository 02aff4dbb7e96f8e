"""{claims} in a notebook and callbacks around fit: what every estimator that carries a certificate shares."""

from abc import ABC
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from sklearn.utils._repr_html.estimator import estimator_html_repr

try:
    from sklearn.callback import CallbackSupportMixin, with_callbacks
except ImportError:  # before scikit-learn 1.9 there are none
    CallbackSupportMixin, with_callbacks = object, None


class EvidenceMixin(ABC, CallbackSupportMixin):
    """estimator ↦ scikit-learn's diagram, and below it the claims of its certificate once it is fitted."""

    def _html_repr(self) -> str:
        """HTML: the diagram, then a table of claims with their verdicts."""
        certificate = vars(self).get("certificate_")
        if certificate is None:
            return str(estimator_html_repr(self))
        return f"{estimator_html_repr(self)}{certificate._repr_html_()}"


Attributes = Callable[[], Mapping[str, Any]]  # of the estimator, had its fit ended now


def announced(fit: Callable[..., Any]) -> Callable[..., Any]:
    """fit(X, y, sample_weight), its beginning and end told to scikit-learn's callbacks (since 1.9).

    A fit is one task: its steps are few, and are in `trace_`.
    """
    if with_callbacks is None:
        return fit

    @with_callbacks
    @wraps(fit)
    def told(self: Any, X: Any, y: Any, sample_weight: Any = None) -> Any:
        context, told = self._init_callback_context(), {"sample_weight": sample_weight}
        context.call_on_fit_task_begin(estimator=self, X=X, y=y, metadata=told)
        found = fit(self, X, y, sample_weight)
        context.call_on_fit_task_end(estimator=self, X=X, y=y, metadata=told, reconstruction_attributes={})
        return found

    return told


def announced_by_epochs(fit: Callable[..., Any]) -> Callable[..., Any]:
    """The same of a network: each epoch is a task inside, told when it is over; a callback that says True ends it."""
    if with_callbacks is None:
        return fit

    @with_callbacks
    @wraps(fit)
    def told(self: Any, X: Any, y: Any, sample_weight: Any = None) -> Any:
        context = self._init_callback_context(max_subtasks=None)
        rows = {"estimator": self, "X": X, "y": y, "metadata": {"sample_weight": sample_weight}}

        def tell(attributes: Attributes) -> bool:
            epoch = context.subcontext("epoch")
            epoch.call_on_fit_task_begin(**rows)
            return bool(epoch.call_on_fit_task_end(**rows, reconstruction_attributes=attributes))

        context.call_on_fit_task_begin(**rows)
        self._tell_epoch = tell if vars(self).get("_skl_callbacks") else None
        try:
            found = fit(self, X, y, sample_weight)
        finally:
            del self._tell_epoch
        context.call_on_fit_task_end(**rows, reconstruction_attributes={})
        return found

    return told


def attributes_of(estimator: Any) -> dict[str, Any]:
    """{name_: value} of what a fit has left."""
    return {name: value for name, value in vars(estimator).items() if name.endswith("_") and not name.startswith("_")}
