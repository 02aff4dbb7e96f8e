"""What the checker says of forged fits of several classes under l1, proved in the local norm or the dual."""

from dataclasses import replace

import numpy as np
import pytest

from infimum import verify
from tests.estimators.test_multinomial_lasso import drawn


def with_claim(model, kind, **changes):
    """The model with one claim changed, its sentence telling the new bound."""
    claims = []
    for claim in model.certificate_.claims:
        if claim.kind == kind:
            told = {**changes}
            if "bound" in changes:
                told["statement"] = claim.statement.replace(f"{claim.bound:.3g}", f"{changes['bound']:.3g}")
            claim = replace(claim, **told)
        claims.append(claim)
    vars(model).update(certificate_=replace(model.certificate_, claims=tuple(claims)))
    return model


def forged(name, model):
    """The model with something changed."""
    gap, dual = model.certificate_.claim("gap"), model.certificate_.claim("gap").witness.get("dual")
    other = None if dual is None else dual.copy()
    if name == "a smaller gap":
        return with_claim(model, "gap", bound=gap.bound / 2, value=gap.value / 2)
    if name == "a larger gap":
        return with_claim(model, "gap", bound=gap.bound * 2)
    if name == "F ≥ 0 instead":
        return with_claim(model, "gap", method="F ≥ 0")
    if name == "a smaller distance":
        bound = model.certificate_.claim("parameters").bound
        return with_claim(model, "parameters", bound=bound / 2, verdict="CERTIFIED")
    if name == "a coefficient":
        model.params_, model.coef_ = model.params_.copy(), model.coef_.copy()
        j, k = np.argwhere(model.coef_.T != 0)[0]
        model.coef_[k, j] *= 1 + 1e-5
        model.params_.reshape(-1, len(model.coef_))[j, k] = model.coef_[k, j]
    elif name == "coef_ alone":
        model.coef_ = model.coef_ * (1 + 1e-9)
    elif name == "the rank":
        return with_claim(model, "identification", value=model.certificate_.claim("identification").value - 1)
    elif name == "weaker l1":
        model.problem_ = {**model.problem_, "l1": model.problem_["l1"] * 0.9}
    elif name == "a dual of zeros":
        return with_claim(model, "gap", witness={"dual": 0 * dual})
    elif name == "another dual":
        other[0] = -other[0]
        return with_claim(model, "gap", witness={"dual": other})
    elif name == "a dual that does not circulate":
        k = int(np.argmax(other[0]))
        other[0, k] += 1e-6
        return with_claim(model, "gap", witness={"dual": other})
    elif name == "a dual with a row moved":
        own = int(np.argmin(other[0]))
        k = int(np.argmax(other[0]))
        other[0, k], other[0, own] = 0.5 * other[0, k], other[0, own] + 0.5 * other[0, k]
        return with_claim(model, "gap", witness={"dual": other})
    return model


@pytest.mark.parametrize(
    "name",
    [
        "a smaller gap",
        "a larger gap",
        "F ≥ 0 instead",
        "a smaller distance",
        "a coefficient",
        "coef_ alone",
        "the rank",
        "weaker l1",
    ],
)
def test_forgeries_are_refuted_in_the_local_norm(name):
    X, y, weight, model = drawn("elastic net")
    model.fit(X, y, weight)
    assert model.certificate_.claim("gap").method == "local norm" and not verify(model, X, y, weight).refuted
    assert verify(forged(name, model), X, y, weight).refuted


@pytest.mark.parametrize(
    "name",
    [
        "a smaller gap",
        "a larger gap",
        "a coefficient",
        "weaker l1",
        "a dual of zeros",
        "another dual",
        "a dual that does not circulate",
        "a dual with a row moved",
    ],
)
def test_forgeries_are_refuted_in_the_dual(name):
    X, y, weight, model = drawn("more columns than rows")
    model.fit(X, y, weight)
    assert model.certificate_.claim("gap").method == "duality" and not verify(model, X, y, weight).refuted
    assert verify(forged(name, model), X, y, weight).refuted
