"""What a notebook shows of a certificate, a trace, an answer and a path: short tables, escaped, in one style."""

import math
import re
from html.parser import HTMLParser

import numpy as np
import pytest

from infimum import (
    HuberRegressor,
    Lasso,
    LogisticRegression,
    PathDisplay,
    QuantileRegressor,
    regularisation_path,
    verify,
)
from infimum.certificates.claim import Certificate, Claim, Verdict
from infimum.solvers import Step, Trace
from infimum.verify.answers import Answer, Verification

X = np.random.default_rng(0).standard_normal((40, 3))
Y = X @ [1.0, -2.0, 0.0] + np.random.default_rng(1).standard_normal(40)


def balanced(page):
    """Whether every tag that is opened is closed, in order."""
    open_tags = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag, attrs):
            if tag != "br":
                open_tags.append(tag)

        def handle_endtag(self, tag):
            assert open_tags.pop() == tag

    Reader().feed(page)
    return not open_tags


@pytest.mark.parametrize("model", [Lasso(0.1), LogisticRegression(), QuantileRegressor(), HuberRegressor()])
def test_a_certificate_is_a_table_of_its_claims(model):
    model.fit(X, Y > 0 if isinstance(model, LogisticRegression) else Y)
    page = model.certificate_._repr_html_()
    assert balanced(page) and page.startswith("<table class='infimum-claims'><caption>n = 40, p = ")
    assert page.count("<tr>") == 1 + len(model.certificate_.claims) and "<th>verdict</th>" in page
    for claim in model.certificate_.claims:
        assert f"<td>{claim.verdict}</td><td>{claim.kind}</td>" in page


def test_an_estimator_shows_the_same_table():
    model = Lasso(0.1).fit(X, Y)
    assert model.certificate_._repr_html_() in model._repr_html_()


def test_a_trace_is_a_table_of_the_steps_it_prints():
    trace = Trace(tuple(Step(k, 1 / (k + 1), 0.5, 1.0) for k in range(300)), "tol < 1", {"rate & more": 0.5})
    page, printed = trace._repr_html_(), str(trace)
    shown = [int(each) for each in re.findall(r"<tr><td>(\d+)</td>", page)]
    assert shown == [int(line.split()[0]) for line in printed.splitlines()[1:-2]] and 299 in shown and len(shown) < 30
    assert balanced(page) and "tol &lt; 1<br>rate &amp; more: 0.5" in page
    assert balanced(Trace((), "solved")._repr_html_())


def test_answers_are_a_table_that_says_whether_any_is_refuted():
    model = Lasso(0.1).fit(X, Y)
    page = verify(model, X, Y)._repr_html_()
    assert balanced(page) and "<caption>nothing refuted</caption>" in page and "<td>REFUTED</td>" not in page
    model.coef_ = model.coef_ + 1
    found = verify(model, X, Y)
    page = found._repr_html_()
    assert "<caption>refuted</caption>" in page and page.count("<tr>") == 1 + len(found.answers)
    assert page.count("<td>REFUTED</td>") == sum(answer.verdict == "REFUTED" for answer in found.answers) > 0


def test_words_of_the_data_are_escaped():
    claim = Claim("gap", "<script>x</script> & y", 0.0, 0.0, Verdict.CERTIFIED)
    for page in (
        Certificate((claim,), 1, 1, "<b>", 1, 1e-9)._repr_html_(),
        Verification((Answer("gap", "<script>", "CERTIFIED", note="a < b"),))._repr_html_(),
    ):
        assert balanced(page) and "<script" not in page and "<b>" not in page and "&lt;" in page


def test_a_path_is_told_in_one_line():
    path = regularisation_path(X, Y, alphas=[4.0, 1.0, 0.5])
    assert repr(PathDisplay(path, 0.5)) == "PathDisplay(3 columns, 3 alphas from 4 to 0.5, alpha = 0.5)"
    assert repr(PathDisplay(path, math.nan)) == "PathDisplay(3 columns, 3 alphas from 4 to 0.5)"
