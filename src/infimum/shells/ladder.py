"""X, y → the simplest model that is good enough, and why: `infimum fit` as a scikit-learn estimator."""

import sys
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.metrics import accuracy_score, d2_tweedie_score, r2_score
from sklearn.utils import check_random_state
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from infimum.estimators.classes import classes_of
from infimum.estimators.parameters import check_switches
from infimum.estimators.table_encoder import checked_table
from infimum.files.atomic import write_atomically
from infimum.files.results import check_folder
from infimum.ladder.also import estimator_of
from infimum.ladder.climb import climb
from infimum.ladder.fitted import Fitted
from infimum.ladder.split import FOLDS
from infimum.ladder.strange import strange_cells
from infimum.ladder.terms import Terms
from infimum.report.build import build
from infimum.report.folder import write_folder
from infimum.shells.joined import Joined, joined
from infimum.tables import Table
from infimum.tables.wishes import Wishes
from infimum.verify.answers import Verification
from infimum.verify.model_file import verify_document

if TYPE_CHECKING:
    from infimum.ladder.climb import Climb

SHOWN = ("standard_error", "gap", "gap_relative", "verdict", "reason", "chosen")
SCORES = {"regression": r2_score, "classification": accuracy_score}


def gives_classes(ladder: "Ladder") -> bool:
    """Whether its target is one of classes; before a fit, whether it may be."""
    fitted = vars(ladder).get("report_")
    asked = fitted["target"]["task"] if fitted else ladder.task
    return asked in ("auto", "classification")


def gives_intervals(ladder: "Ladder") -> bool:
    """Whether its target is a quantity; before a fit, whether it may be."""
    fitted = vars(ladder).get("report_")
    return (fitted["target"]["task"] if fitted else ladder.task) in ("auto", "regression")


class Ladder(BaseEstimator):
    """X, y ↦ the simplest rung that no other beats by a gain that counts: constant, linear, …, curves, network.

    Every rung is fitted on the same folds, the chosen one again to all rows, as by `infimum fit`: columns are read,
    given roles, looked through for leaks, encoded inside each fold; each convex fit has a certified gap.

    Parameters: task, "auto" (text or two values are classes, other numbers a quantity), "regression", "classification"
    or "counts"; rule, "1se" or "best"; metric, the error that decides ("rmse", "mae" or "r2" of a quantity, "log_loss",
    "brier", "accuracy" or "auc" of classes, "deviance", "mae", "rmse" or "d2" of counts; None: the first of them);
    repeats, how often folds are drawn (None: 3 times below 200 rows, else once); coverage, of intervals and sets;
    reference, whether gradient boosting is fitted beside; also, other estimators to compare with (or "module:Class", or
    the name of a plug-in), which are no rungs; budget, seconds after which no further rung starts (None: all are
    fitted); roles, {column: "number" | "category" | "ordered" | "date" | "text" | "identifier"}; ordered, {column:
    levels from lowest to highest}; drop, names of columns to leave out; keep_leaks; width_curve, whether the
    network is fitted at other widths too; random_state, of folds and networks; verbose, whether progress is told.
    Attributes: leaderboard_, a row a rung (a frame of pandas, or a list of dicts where pandas is not installed);
    chosen_, its name; reasons_, {rung: why chosen or not}; answer_, two sentences; report_, the content of report.json;
    classes_ (K,) of a target of classes; n_features_in_, feature_names_in_.
    Raises ValueError (TableError) where nothing can be learned, and says why.

    >>> rng = np.random.default_rng(0)
    >>> X = {"hour": rng.uniform(0, 24, 200), "sky": rng.choice(["clear", "rain"], 200)}
    >>> ladder = Ladder(reference=False).fit(X, 3 * X["hour"] + 5 * (X["sky"] == "rain") + rng.normal(size=200))
    >>> ladder.chosen_, ladder.predict_interval({"hour": [12.0], "sky": ["rain"]}).round(-1).tolist()
    ('least squares', [[40.0, 40.0]])
    """

    def __init__(
        self,
        task: str = "auto",
        *,
        rule: str = "1se",
        metric: str | None = None,
        repeats: int | None = None,
        coverage: float = 0.9,
        reference: bool = True,
        also: Sequence[Any] = (),
        budget: float | None = None,
        roles: Mapping[str, str] | None = None,
        ordered: Mapping[str, Sequence[str]] | None = None,
        drop: Sequence[str] | None = None,
        keep_leaks: bool = False,
        width_curve: bool = False,
        random_state: Any = 0,
        verbose: bool = False,
    ) -> None:
        self.task = task
        self.rule = rule
        self.metric = metric
        self.repeats = repeats
        self.coverage = coverage
        self.reference = reference
        self.also = also
        self.budget = budget
        self.roles = roles
        self.ordered = ordered
        self.drop = drop
        self.keep_leaks = keep_leaks
        self.width_curve = width_curve
        self.random_state = random_state
        self.verbose = verbose

    def fit(self, X: Any, y: Any, groups: Any = None, time: Any = None) -> Self:
        """Climb the ladder on X, a frame of pandas or polars, an array or a dict of lists, and y (n,).

        groups: a column of X by name, or labels (n,): rows of one group stay in one fold, and it is no feature. time: a
        column of X by name, or an array (n,) that is no feature: each span is predicted from those before it; "none"
        for random folds in spite of a date.
        """
        check_switches(self)
        terms = Terms(
            *(self.rule, self.reference, self.coverage, self.budget, tuple(self.also), self.metric, self.repeats),
            width_curve=self.width_curve,
        )
        for each in self.also:
            estimator_of(each)
        given = joined(checked_table(self, X, reset=True), y, groups, time)
        check_rows(self, given)
        seed = self.random_state
        if not isinstance(seed, int | np.integer) or isinstance(seed, bool):
            seed = check_random_state(seed).randint(2**31)
        if seed < 0:
            raise ValueError(f"random_state = {seed!r}; expected an integer ≥ 0, a RandomState or None")
        how = {"seed": int(seed), "progress": tell if self.verbose else None}
        found = climb(given.table, given.target, self._wishes(given), terms, **how)
        ties = [
            f", {name}={told!r}" if isinstance(told, str) else f", {name}={name}" * (told is not None)
            for name, told in (("groups", groups), ("time", time))
        ]
        self.climb_ = told_as(found, f"{self!r}.fit(X, y{''.join(ties)})")
        self.report_ = self.climb_.report
        self.chosen_, self.answer_ = self.report_["chosen"], self.report_["answer"]
        rungs = self.report_["rungs"]
        skipped = {each["name"]: f"Not fitted: {each['reason']}." for each in self.report_["skipped"]}
        self.reasons_ = {rung["name"]: rung["reason"] for rung in rungs} | skipped
        self.leaderboard_ = framed([row_of(rung) for rung in rungs])
        if self.report_["target"]["classes"]:
            self.classes_ = given.labels(self.report_["target"]["classes"])
        return self

    def predict(self, X: Any) -> np.ndarray:
        """E[y given x] (n,), or the likeliest class of each row."""
        expected, named = self._fitted().expected(self._rows(X))
        return self.classes_[named] if self.report_["target"]["classes"] else expected

    @available_if(gives_classes)
    def predict_proba(self, X: Any) -> np.ndarray:
        """p of each class, (n, K), in the order of classes_."""
        return self._fitted().expected(self._rows(X))[0]

    @available_if(gives_intervals)
    def predict_interval(self, X: Any) -> np.ndarray:
        """(lower, upper), (n, 2), with the coverage asked for; report_["intervals"]["guarantee"] says what is proved.

        Raises ValueError where the rows were too few to set a width.
        """
        ends = self._fitted().interval(self._rows(X))
        if ends is None:
            raise ValueError(NONE_THERE.format("intervals", self.coverage))
        return ends

    @available_if(gives_classes)
    def predict_set(self, X: Any) -> np.ndarray:
        """Which classes can't be ruled out, booleans (n, K); report_["sets"]["guarantee"] says what is proved.

        Raises ValueError where the rows were too few to rule any out.
        """
        inside = self._fitted().inside(self._rows(X))
        if inside is None:
            raise ValueError(NONE_THERE.format("sets of classes", self.coverage))
        return inside

    def _rows(self, X: Any) -> Table:
        """X as a table with the columns of the fit; warns of cells unlike those of the fit."""
        check_is_fitted(self)
        table = checked_table(self, X, reset=False)
        for said in strange_cells(self._fitted(), table):
            warnings.warn(said, UserWarning, stacklevel=3)
        return table

    def score(self, X: Any, y: Any) -> float:
        """R² of a quantity, the share of the deviance explained (D²) of counts, the share of right classes."""
        check_is_fitted(self)
        task, predicted = self.report_["target"]["task"], self.predict(X)
        if task == "counts":
            return float(d2_tweedie_score(y, predicted, power=1))
        return float(SCORES[task](y, predicted))

    def report(self, path: str | Path) -> Path:
        """Write the page, one HTML file; returns its path."""
        check_is_fitted(self)
        if Path(path).is_dir():
            raise ValueError(f"{path} is a folder: name the file to write, such as {Path(path) / 'report.html'}")
        write_atomically(path, build(self.report_, self.climb_.timings).encode())
        return Path(path)

    def save(self, folder: str | Path, replace: bool = False) -> Path:
        """Write what `infimum fit` writes: report, its numbers, and the model file that `infimum predict` reads.

        Raises ValueError where the folder is there already (unless `replace`), or is none that infimum wrote.
        """
        check_is_fitted(self)
        check_folder(Path(folder), replace, ("choose another folder", "replace=True"))
        write_folder(Path(folder), self.climb_)
        return Path(folder)

    def verify(self, X: Any, y: Any, groups: Any = None, time: Any = None) -> Verification:
        """{recorded number ↦ answer}: every fold, claim and statistic derived again from the data of the fit."""
        check_is_fitted(self)
        table = joined(checked_table(self, X, reset=False), y, groups, time).table
        return verify_document((self.climb_.arrays, self.climb_.document), table, "Ladder")

    def _fitted(self) -> Fitted:
        check_is_fitted(self)
        return Fitted(self.climb_.arrays, self.climb_.document)

    def _wishes(self, given: Joined) -> Wishes:
        levels = {name: tuple(each) for name, each in (self.ordered or {}).items()}
        drop, roles = (*(self.drop or ()), *given.aside), dict(self.roles or {})
        return Wishes(drop, roles, levels, self.keep_leaks, given.time, given.group, self.task)

    def __sklearn_tags__(self) -> Any:
        from sklearn.utils import ClassifierTags, RegressorTags

        tags = super().__sklearn_tags__()
        fitted = vars(self).get("report_")
        task = fitted["target"]["task"] if fitted else self.task
        if task == "classification":
            tags.estimator_type, tags.classifier_tags = "classifier", ClassifierTags()
        if task in ("regression", "counts"):
            tags.estimator_type, tags.regressor_tags = "regressor", RegressorTags()
        tags.target_tags.required, tags.target_tags.positive_only = True, task == "counts"
        tags.input_tags.allow_nan = tags.input_tags.string = tags.input_tags.categorical = True
        tags.input_tags.sparse = True
        return tags


NONE_THERE = "there are no {} with coverage {}: the rows held out were too few; fit to more rows, or ask for less"


def check_rows(ladder: Ladder, given: Joined) -> None:
    """Raise ValueError on too few rows, and where classes are asked for and y holds none, in scikit-learn's words."""
    rows = given.table.rows
    if rows < 2 * FOLDS:
        raise ValueError(f"n_samples = {rows}, and {FOLDS} folds need {2 * FOLDS}: add rows")
    if ladder.task == "classification":
        classes_of(ladder, given.y[~given.table.column(given.target).missing])


def tell(text: str, done: int, total: int) -> None:
    """done / total, on stderr."""
    print(f"{done}/{total} {text}", file=sys.stderr)


def told_as(found: "Climb", command: str) -> "Climb":
    """The climb with the words that do it again."""
    report = {**found.report, "command": command}
    return replace(found, report=report, document={**found.document, "report": report})


def row_of(rung: dict[str, Any]) -> dict[str, Any]:
    """{rung, title, error, …} of one rung of a report."""
    return {"rung": rung["name"], "title": rung["title"], "error": rung["mean"], **{key: rung[key] for key in SHOWN}}


def framed(rows: list[dict[str, Any]]) -> Any:
    """The rows as a frame of pandas; as they are where it is not installed."""
    if find_spec("pandas") is None:
        return rows
    import pandas

    return pandas.DataFrame(rows)
