"""90% intervals and sets on public tables: how often they cover, how wide they are, and how wide MAPIE's are.

    INFIMUM_DATA=FOLDER python benchmarks/intervals.py [--regressor DOTTED.NAME] [--classifier DOTTED.NAME] [TABLE ...]

20 random splits a table (three quarters to learn and calibrate, one to test; at most 6000 rows each, 3000 for classes),
seeded; in time one split at 40% and 60%, where the adaptive method has to cover 86% (the fixed one promises nothing).
Each line is printed, and kept in its place in benchmarks/results/intervals.txt; exits with 1 if a figure is missed.
Widths are compared with MAPIE's, on the same models and folds, in the first splits, where `mapie` is installed.
"""

import argparse
import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from frames import CLASSES, IN_TIME, NUMBERS, Remembered, encoded, frame, random_parts
from kept import keep, machine

LEVEL, SPLITS = 0.9, 20
COMPARED = {"split": SPLITS, "cv+": 3}  # splits in which MAPIE runs too: its cross-conformal intervals take a while
REQUIRED = {"mean": (0.885, 0.915), "in time": 0.86}
METHODS = {"numbers": ("split", "cv+"), "classes": ("split lac", "split aps", "cv+ lac", "cv+ aps")}
MISSED = "   MISSED"
MAPIE = find_spec("mapie") is not None


def one_split(kind: str, method: str, data: tuple, estimator: str, seed: int) -> dict[str, float]:
    """Share covered, mean width or size, rows that calibrate and test, and the same width by MAPIE, of one split."""
    from infimum import ConformalClassifier, ConformalRegressor

    X, y = data
    learn, test = random_parts(len(y), (0.75, 0.25), 6000 if kind == "numbers" else 3000, seed)
    how, _, score = method.partition(" ")
    settings = {"coverage": LEVEL, "method": how, "random_state": seed}
    found: dict[str, float] = {"test": len(test)}
    if kind == "numbers":
        model = ConformalRegressor(Remembered(encoded(estimator)), **settings).fit(X.iloc[learn], y[learn])
        ends = model.predict_interval(X.iloc[test])
        found |= {
            "covered": np.mean((ends[:, 0] <= y[test]) & (y[test] <= ends[:, 1])),
            "width": np.ptp(ends, axis=1).mean(),
        }
        found["ties"] = ties(model.residual_)
    else:
        inner = Remembered(encoded(estimator))
        model = ConformalClassifier(inner, conformity_score=score, **settings).fit(X.iloc[learn], y[learn])
        sets = model.predict_set(X.iloc[test])
        place = np.searchsorted(model.classes_, y[test])
        known = (
            model.classes_[np.minimum(place, len(model.classes_) - 1)] == y[test]
        )  # a class may be in test rows alone
        found |= {
            "covered": np.mean(sets[np.arange(len(test)), place * known] & known),
            "width": sets.sum(axis=1).mean(),
        }
        found["ties"] = ties(model.own_score_)
    found["calibration"] = model.n_calibration_
    if MAPIE and seed < COMPARED[how]:
        found["theirs"] = theirs(model, (X, y), (learn, test), score)
    return found


def ties(score: np.ndarray) -> float:
    """Other calibration rows with the score of the quantile: where there are any, more than 1 − α is covered."""
    from infimum.evaluation.conformal import split_conformal

    return float(np.sum(score == split_conformal(score, LEVEL)) - 1)


def theirs(model: object, data: tuple, parts: tuple, score: str) -> float:
    """Mean width or size of MAPIE's intervals or sets, on the same models and folds; NaN without such a method."""
    from mapie.classification import SplitConformalClassifier
    from mapie.regression import CrossConformalRegressor, SplitConformalRegressor
    from sklearn.base import clone
    from sklearn.model_selection import PredefinedSplit

    (X, y), (learn, test) = data, parts
    if score and (model.method == "cv+" or (score == "aps" and len(model.classes_) == 2)):
        return np.nan  # its cross-conformal sets are another method; its APS takes more than two classes
    if score:
        order = np.random.default_rng(model.seed_).permutation(len(learn))
        held = learn[np.isin(np.arange(len(learn)), order[np.arange(len(learn)) % model.cv == 0])]
        peer = SplitConformalClassifier(model.estimator_, LEVEL, score, prefit=True, random_state=model.random_state)
        how = {"include_last_label": "randomized"} if score == "aps" else {}
        return peer.conformalize(X.iloc[held], y[held]).predict_set(X.iloc[test], how)[1].sum(axis=1).mean()
    if model.method == "split":
        from sklearn.utils import check_random_state

        seed = check_random_state(model.random_state).randint(2**31)
        order = np.random.default_rng(seed).permutation(len(learn))
        held = learn[order[np.arange(len(learn)) % model.cv == 0]]
        peer = SplitConformalRegressor(model.estimator_, LEVEL, prefit=True).conformalize(X.iloc[held], y[held])
    else:
        peer = CrossConformalRegressor(clone(model.estimator), LEVEL, method="plus", cv=PredefinedSplit(model.fold_))
        peer.fit_conformalize(X.iloc[learn], y[learn])
    return np.ptp(peer.predict_interval(X.iloc[test])[1][:, :, 0], axis=1).mean()


def line(kind: str, name: str, method: str, estimator: str) -> str:
    """What a table and a method have over the splits."""
    from infimum.evaluation.conformal.coverage import coverage_band

    data = frame(name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a class that one fold alone has, and of peers
        splits = [one_split(kind, method, data, estimator, seed) for seed in range(SPLITS)]
    covered, width = (float(np.mean([each[key] for each in splits])) for key in ("covered", "width"))
    calibration, test = int(splits[0]["calibration"]), int(splits[0]["test"])
    # given the table, splits are independent, and the counts of split conformal exactly beta-binomial; CV+ has no such
    # law, and shares its rows among the splits: it is held against the band of one split
    low, high = coverage_band(calibration, test, LEVEL, 0.99, SPLITS if method.startswith("split") else 1)
    tied = max(each["ties"] for each in splits)
    missed = covered < low or (covered > high and not tied)
    ratios = [each["width"] / each["theirs"] for each in splits if not np.isnan(each.get("theirs", np.nan))]
    told = ""
    if ratios:
        ratio, doubt = np.mean(ratios), np.std(ratios, ddof=1) / np.sqrt(len(ratios))
        told = f"; {ratio:.4f} ± {doubt:.4f} of MAPIE's"
        missed |= ratio - 2 * doubt > 1 + 1e-9  # APS is random in both; else the doubt is 0 if the widths are the same
    told += f"; up to {tied:g} ties at the quantile" if tied and method.startswith("split") else ""
    what = "width" if kind == "numbers" else "classes a set"
    text = f"{name:<19}{method:<10}{covered:>8.2%}  band {low:.2%} to {high:.2%}, {calibration} calibrate, {test} test"
    return f"{text}; {what} {width:.4g}{told}{MISSED if missed else ''}"


def in_time(name: str, estimator: str) -> list[str]:
    """The last 40% of the hours: one quantile of the 20% before them, and the adaptive one, both of the same model."""
    from infimum.evaluation.conformal import split_conformal
    from infimum.evaluation.conformal.adaptive import RATES, adaptive_conformal

    X, y = frame(name)
    first, second = int(0.4 * len(y)), int(0.6 * len(y))
    model = encoded(estimator).fit(X.iloc[:first], y[:first])
    residual = np.abs(y[first:] - model.predict(X.iloc[first:]))
    past, score = residual[: second - first], residual[second - first :]
    q = split_conformal(past, LEVEL)
    path = adaptive_conformal(past, score, LEVEL)
    lines = []
    wider = adaptive_conformal(past, score, LEVEL, (*RATES, 0.064, 0.128))  # as far as the paper goes
    shown = (
        ("fixed", score <= q, np.full(len(score), q)),
        ("adaptive", path.covered, path.quantile),
        ("to 0.128", wider.covered, wider.quantile),
    )
    for label, covered, half in shown:
        tenths = [part.mean() for part in np.array_split(covered, 10)]
        lines.append(
            f"{name:<19}{label:<10}{covered.mean():>8.2%}  of {len(score)} hours, worst tenth {min(tenths):.1%}; "
            f"median width {2 * np.median(np.maximum(half, 0)):.4g}, infinite in {np.isinf(half).mean():.1%}"
        )
        lines[-1] += MISSED if label == "adaptive" and covered.mean() < REQUIRED["in time"] else ""
    return lines


def means(lines: list[str]) -> Iterator[str]:
    """The mean share covered of each method over the tables whose lines these are."""
    low, high = REQUIRED["mean"]
    for kind, names in (("numbers", NUMBERS), ("classes", CLASSES)):
        for method in METHODS[kind]:
            *wanted, _ = places(names, method)
            shares = [float(each[29:37].rstrip("%")) / 100 for each in lines if name_of(each) in wanted]
            if shares:
                mean = float(np.mean(shares))
                text = f"{'mean':<19}{method:<10}{mean:>8.2%}  over {len(shares)} tables of {kind}; "
                yield f"{text}required {low:.1%} to {high:.1%}{'' if low <= mean <= high else MISSED}"


def places(names: Sequence[str], method: str) -> list[str]:
    """The names of these tables' lines, and that of their mean's."""
    return [f"{name:<19}{method}" for name in (*names, "mean")]


ORDER = [
    "machine",
    *(place for method in METHODS["numbers"] for place in places(NUMBERS, method)),
    *(place for method in METHODS["classes"] for place in places(CLASSES, method)),
    *(f"{name:<19}{method}" for name in IN_TIME for method in ("fixed", "adaptive", "to 0.128")),
]


def name_of(text: str) -> str:
    """A line is known by its table and method, that of the machine by its first word."""
    return text[:29].rstrip() if not text.startswith("machine") else "machine"


def main() -> int:
    """Print the lines of each table asked for, keep them in their places, and count what is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--regressor", default="infimum.AdditiveRegressor")
    parser.add_argument("--classifier", default="infimum.AdditiveClassifier")
    parser.add_argument("tables", nargs="*", help="only these")
    given = parser.parse_args()
    if unknown := set(given.tables) - {*NUMBERS, *CLASSES, *IN_TIME}:
        parser.error(f"there is no {', '.join(unknown)}; there are {', '.join((*NUMBERS, *CLASSES, *IN_TIME))}")
    standard = MAPIE and all(getattr(given, each) == parser.get_default(each) for each in ("regressor", "classifier"))
    page = Path(__file__).parent / "results" / "intervals.txt" if standard else Path(os.devnull)
    head = f"{machine()}; one thread; {LEVEL:.0%}, {SPLITS} splits; {given.regressor}, {given.classifier}"
    lines = [head if MAPIE else f"{head}; mapie is not installed: widths are not compared"]
    for made in lines_of(given):
        print("\n".join(made), flush=True)
        lines = keep(page, [*lines, *made], ORDER, name_of)
    lines = keep(page, [*lines, *means(lines)], ORDER, name_of)
    print("\n".join(each for each in lines if each.startswith("mean")))
    missed = [each for each in lines if MISSED in each]
    print("\n".join(["missed:", *missed]) if missed else "nothing is missed")
    return 1 if missed else 0


def lines_of(given: argparse.Namespace) -> Iterator[list[str]]:
    """The lines of each table that is asked for, a table at a time."""
    for kind, names, estimator in (("numbers", NUMBERS, given.regressor), ("classes", CLASSES, given.classifier)):
        for name in [name for name in names if name in (given.tables or names)]:
            Remembered.fits.clear()
            yield [line(kind, name, method, estimator) for method in METHODS[kind]]
    for name in [name for name in IN_TIME if name in (given.tables or IN_TIME)]:
        yield in_time(name, given.regressor)


if __name__ == "__main__":
    sys.exit(main())
