"""β̂ ± t √Vⱼⱼ: coefficients with their errors, tests and intervals, as a table and as numbers."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from infimum.inference.information import Information
from infimum.inference.ratios import check_ratio, in_ratios, ratio_of


@dataclass(frozen=True)
class SignificanceTest:
    """statistic ~ F(restrictions, freedom), or χ²(restrictions) where freedom is ∞; p_value = P(as large or larger)."""

    statistic: float
    restrictions: int
    freedom: float
    p_value: float

    def __str__(self) -> str:
        p = told_p(self.p_value)
        told = f"{self.statistic:.5g}, p {p if p.startswith('<') else f'= {p}'}"
        if math.isinf(self.freedom):
            return f"χ²({self.restrictions}) = {told}"
        return f"F({self.restrictions}, {self.freedom:g}) = {told}"


@dataclass(frozen=True, eq=False)
class Inference:
    """(β̂, V, degrees of freedom): estimate (q,), covariance (q, q), each coefficient's name, and notes on validity.

    Of K > 2 classes names are "class: column". freedom is that of Student's t, ∞ for the normal distribution.
    statistics are those of the whole fit, by name; digits (q,) are proved of each coefficient.

    >>> from infimum import LinearRegression, infer
    >>> X, y = [[0.0], [1.0], [2.0], [3.0]], [1.0, 3.0, 4.0, 8.0]
    >>> found = infer(LinearRegression().fit(X, y), X, y)
    >>> found.standard_errors.round(4).tolist(), found.interval()[0].round(3).tolist()
    ([0.4243, 0.7937], [0.375, 4.025])
    """

    names: tuple[str, ...]
    estimate: np.ndarray
    covariance: Float[np.ndarray, "q q"]
    freedom: float
    kind: str
    digits: np.ndarray
    statistics: Mapping[str, float]
    notes: tuple[str, ...]
    model: str = ""
    ratio: str = ""  # what exp(β̂) is, where it is one: "odds ratio" or "rate ratio"

    @property
    def standard_errors(self) -> np.ndarray:
        """√Vⱼⱼ, (q,)."""
        return np.sqrt(np.diag(self.covariance))

    @property
    def t(self) -> np.ndarray:
        """β̂ⱼ / √Vⱼⱼ, (q,)."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(self.estimate / self.standard_errors)

    @property
    def p_values(self) -> np.ndarray:
        """P(|T| ≥ |t|) of Student's t, or the normal, (q,), if the coefficient were 0."""
        return np.asarray(2 * distribution(self.freedom).sf(np.abs(self.t)))

    def interval(self, level: float = 0.95) -> Float[np.ndarray, "q 2"]:
        """β̂ ± t √Vⱼⱼ, (q, 2): holds the coefficient in `level` of samples. Raises ValueError unless 0 < level < 1."""
        return ends(self.estimate, self.standard_errors, self.freedom, level)

    def wald(self, hypothesis: Sequence[str] | str | Any, value: Any = 0.0) -> SignificanceTest:
        """(Rβ̂ − r)ᵀ (R V Rᵀ)⁻¹ (Rβ̂ − r) / rows of R: all at once (Wald 1943).

        hypothesis: names of coefficients, each of which is `value`; or R (k, q), with value r, a number or (k,).
        F(k, freedom), or χ²(k), not divided by k, where freedom is ∞. Raises ValueError for names that are not there, R
        of another shape, and rows of R that depend on each other.

        >>> from infimum import LinearRegression, infer
        >>> X, y = [[0.0], [1.0], [2.0], [3.0]], [1.0, 3.0, 4.0, 8.0]
        >>> print(infer(LinearRegression().fit(X, y), X, y).wald("x0"))
        F(1, 2) = 26.889, p = 0.0352
        """
        R = self._restrictions(hypothesis)
        off = R @ self.estimate - np.broadcast_to(np.asarray(value, dtype=float), (len(R),))
        spread = R @ self.covariance @ R.T
        size = np.sqrt(np.diag(spread))
        scaled = spread / np.outer(size, size) if np.all(size > 0) else np.zeros_like(spread)
        if np.linalg.matrix_rank(scaled, tol=1e-10, hermitian=True) < len(R):
            raise ValueError("the restrictions depend on each other, or on what is not known: ask for fewer of them")
        square = float((off / size) @ np.linalg.solve(scaled, off / size))
        return told(square, len(R), self.freedom)

    def _restrictions(self, hypothesis: Any) -> Float[np.ndarray, "k q"]:
        asked = [hypothesis] if isinstance(hypothesis, str) else hypothesis
        if all(isinstance(each, str) for each in asked):
            missing = [name for name in asked if name not in self.names]
            if missing or not len(asked):
                raise ValueError(f"there is no coefficient {missing or asked!r}; there are: {', '.join(self.names)}")
            return np.eye(len(self.names))[[self.names.index(name) for name in asked]]
        R = np.atleast_2d(np.asarray(asked, dtype=float))
        if R.ndim != 2 or R.shape[1] != len(self.names) or not np.isfinite(R).all():
            raise ValueError(f"R has shape {R.shape}; expected (k, {len(self.names)}), finite numbers")
        return R

    def rows(self, level: float = 0.95, *, exponentiate: bool = False) -> list[dict[str, Any]]:
        """[{name, estimate, digits, standard_error, t, p_value, lower, upper}, …], one for each coefficient.

        exponentiate: exp of estimate, lower and upper, {name, odds_ratio, digits_of_log, standard_error_of_log, …}.
        Here and below ValueError where exp(β̂) is no ratio: of other than two classes and counts.
        """
        ratio = check_ratio(self.ratio, exponentiate, self.model)
        columns = (self.names, self.estimate, self.digits, self.standard_errors, self.t, self.p_values)
        keys = ("name", "estimate", "digits", "standard_error", "t" if math.isfinite(self.freedom) else "z", "p_value")
        ends_of = self.interval(level)
        found = [
            {**dict(zip(keys, values, strict=True)), "lower": low, "upper": high}
            for *values, (low, high) in zip(*columns, ends_of, strict=True)
        ]
        return in_ratios(ratio, found) if ratio else found

    def to_frame(self, level: float = 0.95, *, exponentiate: bool = False) -> Any:
        """`rows` as a pandas data frame by name. Raises ImportError without pandas."""
        import pandas

        return pandas.DataFrame(self.rows(level, exponentiate=exponentiate)).set_index("name")

    def to_text(self, level: float = 0.95, *, exponentiate: bool = False) -> str:
        """The table for a terminal."""
        from infimum.inference.table import as_text

        return as_text(self, level, exponentiate)

    def to_html(self, level: float = 0.95, *, exponentiate: bool = False) -> str:
        """The table as an HTML fragment."""
        from infimum.inference.table import as_html

        return as_html(self, level, exponentiate)

    def to_latex(self, level: float = 0.95, *, exponentiate: bool = False) -> str:
        """The table as a LaTeX tabular."""
        from infimum.inference.table import as_latex

        return as_latex(self, level, exponentiate)

    def __str__(self) -> str:
        return self.to_text()

    def _repr_html_(self) -> str:
        return self.to_html()


def distribution(freedom: float) -> Any:
    """Student's t, or the normal distribution where freedom is ∞.

    >>> round(float(distribution(np.inf).ppf(0.975)), 3)
    1.96
    """
    from scipy.stats import norm, t

    return norm() if math.isinf(freedom) else t(freedom)


def ends(centre: np.ndarray, error: np.ndarray, freedom: float, level: float) -> Float[np.ndarray, "q 2"]:
    """centre ± t error, (q, 2), t the (1 + level)/2 quantile. Raises ValueError unless 0 < level < 1.

    >>> ends(np.array([1.0]), np.array([0.5]), np.inf, 0.95).round(2)
    array([[0.02, 1.98]])
    """
    check_level(level)
    reach = distribution(freedom).isf((1 - level) / 2) * error
    return np.column_stack([centre - reach, centre + reach])


def check_level(level: Any) -> None:
    """0 < level < 1, or ValueError."""
    if isinstance(level, bool) or not isinstance(level, int | float | np.number) or not 0 < level < 1:
        raise ValueError(f"level = {level!r}; expected a number between 0 and 1, such as 0.95")


def told(square: float, restrictions: int, freedom: float) -> SignificanceTest:
    """A quadratic form as a test: χ²(k), or divided by k F(k, freedom).

    >>> told(3.841459, 1, np.inf).p_value.__round__(4), told(8.0, 2, 10.0).statistic
    (0.05, 4.0)
    """
    from scipy.stats import chi2, f

    if math.isinf(freedom):
        return SignificanceTest(square, restrictions, freedom, float(chi2(restrictions).sf(square)))
    return SignificanceTest(
        square / restrictions, restrictions, freedom, float(f(restrictions, freedom).sf(square / restrictions))
    )


def told_p(p: float) -> str:
    """A p-value to three digits; below 1e-4 as a bound on it.

    >>> told_p(0.02957), told_p(3e-9)
    ('0.0296', '< 0.0001')
    """
    return "< 0.0001" if p < 1e-4 else f"{p:.3g}"


def inference_from(
    information: Information, covariance: Float[np.ndarray, "q q"], freedom: float, kind: str, model: str
) -> Inference:
    """The table of a fit with a covariance of its coefficients; statistics of the fit and notes are made here.

    F and the likelihood ratio believe what classical errors do, and stand beside these alone; `wald` is for the others.
    """
    names, statistics = information.names, statistics_of(information)
    if information.method == "firth":  # these compare maxima of the likelihood, which the fit is not
        statistics = {key: value for key, value in statistics.items() if key not in ("lr", "lr_p_value", "aic", "bic")}
    if kind != "classical":
        statistics = {
            key: value for key, value in statistics.items() if key not in ("f", "f_p_value", "lr", "lr_p_value")
        }
    if information.classes:
        names = tuple(f"{label}: {name}" for label in information.classes for name in names)
    return Inference(
        names,
        information.beta,
        covariance,
        freedom,
        kind,
        information.digits(),
        statistics,
        notes_of(information, covariance, kind),
        model,
        ratio_of(information.loss),
    )


def statistics_of(information: Information) -> dict[str, float]:
    """{rows, log_likelihood, aic, bic, r2, …}: what describes the fit as a whole.

    AIC = −2 log L + 2p (Akaike 1974), BIC = −2 log L + p log N (Schwarz 1978), p without the variance, as statsmodels
    counts. R² = 1 − Σ s (y − z)² / Σ s (y − ȳ)², adjusted by (N − 1)/(N − p); without an intercept ȳ is 0, N − 1 is N.
    Of counts and classes deviance_explained, and pseudo_r2 = 1 − log L / log L₀ (McFadden 1974). f, or lr, tests that
    all coefficients but the intercept are 0.
    """
    N, p = information.total, len(information.params)
    likelihood, null = information.log_likelihood, information.null_log_likelihood
    found: dict[str, float] = {"rows": information.rows, "total_weight": N, "parameters": p}
    free = 1 if information.intercept else 0
    outputs = len(information.classes) - 1 if information.classes else 1
    tested = p - free * outputs
    explained = 1 - information.mean_loss / information.null_loss if information.null_loss > 0 else math.nan
    if information.loss == "squared":
        found |= {"residual_error": math.sqrt(information.dispersion), "r2": explained}
        if information.freedom > 0:
            found["adjusted_r2"] = 1 - (1 - explained) * (N - free) / information.freedom
        if tested and information.freedom > 0 and information.mean_loss > 0:
            gain = (information.null_loss - information.mean_loss) * 2 * N / information.dispersion
            test = told(gain, tested, information.freedom)
            found |= {"f": test.statistic, "f_p_value": test.p_value}
    else:
        found |= {"deviance_explained": explained, "pseudo_r2": 1 - likelihood / null if null else math.nan}
        if tested:
            test = told(2 * (likelihood - null), tested, math.inf)
            found |= {"lr": test.statistic, "lr_p_value": test.p_value}
    return found | {
        "log_likelihood": likelihood,
        "aic": -2 * likelihood + 2 * p,
        "bic": -2 * likelihood + p * math.log(N),
    }


def notes_of(information: Information, covariance: np.ndarray, kind: str) -> tuple[str, ...]:
    """What the errors believe, in sentences; and what is odd about them."""
    believes = {
        "classical": {
            "squared": "errors believe that rows are independent, their spread about the line the same everywhere",
            "poisson": "errors believe that counts vary as Poisson's do, the variance equal to the mean",
        }.get(information.loss, "errors believe that rows are independent and the log-odds linear in the columns"),
        "clustered": "errors believe that clusters are independent; rows within one may be alike",
    }.get(kind, f"errors ({kind}) believe that rows are independent, not how far they spread")
    notes = [believes]
    if information.method == "firth":
        notes.append("Firth's penalty: errors by the inverse information at the fit; profile_intervals has better ends")
    if information.rows != information.total:
        notes.append(f"weights count as repetitions: {information.rows} rows stand for {information.total:g}")
    if np.any(np.diag(covariance) == 0):
        notes.append("a fit without residuals has errors of 0")
    unsure = (information.digits() < 6) & (information.bound > 1e-6 * np.sqrt(np.diag(covariance)))
    weak = [name for name, each in zip(information.names, unsure, strict=False) if each]
    if weak and not information.classes:
        notes.append(f"fewer than six digits of {', '.join(weak[:3])} are proved: columns are nearly dependent")
    return tuple(notes)
