"""argmin_b ‖y − Xb‖² / 2n, as a page: projection, surface, gradient descent, conditioning, digits; on one's table."""

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Least squares")

with app.setup:
    import warnings

    import marimo as mo
    import numpy as np
    import polars
    from sklearn.metrics import r2_score
    from sklearn.preprocessing import StandardScaler

    from infimum.estimators import LinearRegression
    from infimum.estimators.shell import CertificateWarning
    from infimum.lab import chosen, pictures, words
    from infimum.losses import Squared
    from infimum.models.linear import Linear
    from infimum.models.polynomial import power_names
    from infimum.objective import LikelihoodObjective
    from infimum.penalties.elastic_net import ElasticNet
    from infimum.solvers import GradientDescent, minimise
    from infimum.solvers.gradient import proximal_step
    from infimum.solvers.rational import digits_right, exact_polynomial
    from infimum.tables.reading.read import read_table

    FEW, MANY, DRAWN = 100, 5000, 300  # most steps of part 3, of part 4, and those of it that are drawn


@app.cell
def _():
    path = mo.cli_args().get("table") or str(chosen.EXAMPLE)
    wanted = mo.cli_args().get("target")
    return path, wanted


@app.cell
def _(path, wanted):
    table = read_table(path)
    numeric = chosen.number_columns(table, wanted)
    _last = [name for name in table.names if name in numeric][-1]
    target = mo.ui.dropdown(numeric, value=wanted or _last, label="target y")
    return numeric, table, target


@app.cell
def _(numeric, target):
    others = [name for name in numeric if name != target.value]
    first = mo.ui.dropdown(others, value=others[0], label="column x₁")
    return first, others


@app.cell
def _(first, others):
    _left = [name for name in others if name != first.value]
    second = mo.ui.dropdown(_left, value=_left[0], label="column x₂")
    return (second,)


@app.cell
def _(first, second, table, target):
    _asked = mo.hstack([target, first, second], justify="start", wrap=True, gap=1.5)
    mo.vstack([mo.md(words.TITLE.format(table=words.plain(table.name), rows=table.rows)), _asked])
    return


@app.cell
def _(first, second, table, target):
    names = (first.value, second.value)
    X, y = chosen.arrays_of(table, names, target.value)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CertificateWarning)  # what it says is shown below
        model = LinearRegression().fit(polars.DataFrame(X, schema=names), y)
    return X, model, names, y


@app.cell
def _(X, model, names, y):
    fitted = model.predict(polars.DataFrame(X, schema=names))
    r = y - fitted
    _columns = np.column_stack([X, np.ones(len(y))])
    _products = _columns.T @ r
    _cosines = _products / (np.linalg.norm(_columns, axis=0) * np.linalg.norm(r))
    _values = zip((*names, "1"), (*model.coef_, model.intercept_), _products, _cosines, strict=True)
    _rows = [(name, f"{b:.6g}", f"{dot:.2g}", f"{cosine:.1g}") for name, b, dot, cosine in _values]
    _head = ("column x", "coefficient b̂", "xᵀ(y − ŷ)", "cosine")
    mo.vstack([mo.md(words.PROJECTION), mo.Html(pictures.table(_head, _rows))])
    return fitted, r


@app.cell
def _(fitted, model, names, r, y):
    _lengths = [float(np.linalg.norm(v)) for v in (fitted - np.mean(y), r, y - np.mean(y))]
    _figures = [
        pictures.triangle(*_lengths),
        pictures.scatter(fitted, r, ("fitted ŷ", "residual y − ŷ"), "residuals: no straight line is left"),
    ]
    _told = words.PYTHAGORAS.format(*_lengths, share=r2_score(y, fitted), digits=words.claimed(model, "digits"))
    _doubt = [mo.callout(mo.md(words.dependent(model, names)), kind="warn")] if words.dependent(model, names) else []
    mo.vstack([mo.Html(pictures.beside(_figures)), mo.md(_told), *_doubt])
    return


@app.cell
def _(X, y):
    Z, t = StandardScaler().fit_transform(X), y - np.mean(y)
    bowl = LikelihoodObjective.of(Linear(Z, intercept=False), Squared(), ElasticNet(), t)
    lowest = minimise(Squared(), ElasticNet(), bowl.model, t)
    return Z, bowl, lowest, t


@app.cell
def _(bowl, lowest, names):
    _picture = pictures.surface(bowl, lowest.params, names, None, "lines of equal loss")
    _told = words.LOWEST.format(*lowest.params, loss=bowl.value(lowest.params), gap=words.claimed(lowest, "gap"))
    mo.vstack([mo.md(words.BOWL), mo.Html(pictures.beside([_picture], mo.md(_told).text))])
    return


@app.cell
def _():
    share = mo.ui.slider(
        steps=[0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.01, 1.05, 1.1, 1.3],
        value=0.5,
        label="η, in units of 2/λ_max",
        show_value=True,
    )
    mo.vstack([mo.md(words.DESCENT), share])
    return (share,)


@app.cell
def _(bowl, share):
    rate = share.value * GradientDescent(epochs=1)(bowl).trace.facts["limit"]
    walk = GradientDescent(learning_rate=rate, epochs=FEW, method="plain")(bowl).trace
    steps = [np.zeros(2)]
    for _ in walk.steps:
        steps.append(proximal_step(bowl, steps[-1], rate)[0])
    return rate, steps, walk


@app.cell
def _(bowl, lowest, names, steps, walk):
    _above = np.array([bowl.value(b) for b in steps]) - bowl.value(lowest.params)
    _figures = [
        pictures.surface(bowl, lowest.params, names, np.array(steps), "the path on the bowl"),
        pictures.falls([("F(bₖ) − min F", _above)], "loss above the minimum", "the loss, step by step"),
    ]
    mo.vstack([mo.Html(pictures.beside(_figures)), mo.Html(pictures.table(*words.walked(walk, FEW)))])
    return


@app.cell
def _():
    units = mo.ui.slider(steps=[1, 2, 3, 5, 10, 20, 30], value=5, label="x₂ times", show_value=True)
    alike = mo.ui.slider(steps=[0, 0.2, 0.4, 0.6, 0.8, 0.9, 0.95], value=0, label="share of x₁ in x₂", show_value=True)
    _asked = mo.hstack([units, alike], justify="start", wrap=True, gap=1.5)
    mo.vstack([mo.md(words.CONDITIONING), _asked])
    return alike, units


@app.cell
def _(Z, alike, t, units):
    _second = units.value * (alike.value * Z[:, 0] + (1 - alike.value) * Z[:, 1])
    _columns = np.column_stack([Z[:, 0], _second])
    bent = LikelihoodObjective.of(Linear(_columns, intercept=False), Squared(), ElasticNet(), t)
    exact = minimise(Squared(), ElasticNet(), bent.model, t)
    plain, fast = (
        GradientDescent(epochs=MANY, method=method)(bent, tolerance=1e-6).trace for method in ("plain", "accelerated")
    )
    return bent, exact, fast, plain


@app.cell
def _(bent, exact, fast, plain):
    _path = [np.zeros(2)]
    for _ in plain.steps[:DRAWN]:
        _path.append(proximal_step(bent, _path[-1], plain.facts["learning_rate"])[0])
    _away = np.linalg.norm(np.array(_path) - exact.params, axis=1)
    _figures = [
        pictures.surface(bent, exact.params, ("x₁", "x₂"), np.array(_path), "the bowl of these columns"),
        pictures.falls(
            [("gradient descent", _away)], "distance from the minimum", "each step, and the proof", plain.facts
        ),
    ]
    _rows = words.compared(plain, fast, exact, MANY)
    mo.vstack([mo.Html(pictures.beside(_figures)), mo.Html(pictures.table(*_rows))])
    return


@app.cell
def _(first, target):
    degree = mo.ui.slider(1, 12, value=8, label="degree k", show_value=True)
    _told = words.POWERS.format(*(words.plain(each.value) for each in (first, target)))
    mo.vstack([mo.md(words.DIGITS + _told), degree])
    return (degree,)


@app.cell
def _(X, degree, first, y):
    _x, _most = X[:, 0], min(degree.value, len(np.unique(X[:, 0])) - 1)
    _powers = np.column_stack([np.vander(_x, _most + 1, increasing=True)[:, 1:], np.ones(len(_x))])
    _theirs = np.linalg.lstsq(_powers, y, rcond=None)[0]
    _frame = polars.DataFrame(X[:, :1], schema=[first.value])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CertificateWarning)  # the claim is shown below
        curve = LinearRegression(degree=_most).fit(_frame, y)
    right = exact_polynomial(_x, y, _most)
    found = {"numpy.linalg.lstsq": _theirs, "infimum": (*curve.coef_, curve.intercept_)}
    facts = (
        np.linalg.cond(_powers),
        *(float(np.linalg.norm(y - z)) for z in (_powers @ _theirs, curve.predict(_frame))),
    )
    return curve, facts, found, right


@app.cell
def _(curve, degree, facts, first, found, right):
    _right = {
        name: [digits_right(b, exact) for b, exact in zip(each, right, strict=True)] for name, each in found.items()
    }
    _told = words.regained(curve, degree.value, first.value, facts)
    _table = pictures.table(*words.digits((*power_names(first.value, curve.degree), "1"), right, found, _right))
    _picture = pictures.digit_bars(_right, (*power_names("x", curve.degree), "1"))
    mo.vstack([mo.Html(pictures.beside([_picture], mo.md(_told).text)), mo.Html(_table)])
    return


if __name__ == "__main__":
    app.run()
