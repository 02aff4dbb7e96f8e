"""f(x) = W₂ φ(W₁ φ(W₀ x)), as a page: forward pass, chain rule, the length of a step, training; on one's own table."""

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="A neural network")

with app.setup:
    import marimo as mo
    import numpy as np
    from sklearn.preprocessing import LabelEncoder, StandardScaler

    from infimum.estimators import MLPClassifier, MLPRegressor
    from infimum.estimators.explain import explain_gradient
    from infimum.lab import chosen, network_pictures, network_words, pictures, words
    from infimum.losses import loss_named
    from infimum.models import chain_rule
    from infimum.models.perceptron import Perceptron, initial
    from infimum.objective import LikelihoodObjective
    from infimum.penalties.elastic_net import ElasticNet
    from infimum.solvers.gradient import gradient_descent, proximal_step
    from infimum.tables.reading.read import read_table

    LAYERS, FEW, TRIED = 2, 200, 41  # hidden layers; steps of part 3; lengths of a step that are tried


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
    units = mo.ui.slider(2, 8, value=4, label="units of each layer", show_value=True)
    activation = mo.ui.dropdown(["tanh", "relu", "silu"], value="tanh", label="φ")
    _told = network_words.TITLE.format(table=words.plain(table.name), rows=table.rows)
    _asked = mo.hstack([target, first, second, units, activation], justify="start", wrap=True, gap=1.5)
    mo.vstack([mo.md(_told), _asked])
    return activation, units


@app.cell
def _(first, second, table, target):
    names = (first.value, second.value)
    X, y = chosen.arrays_of(table, names, target.value)
    Z, two = StandardScaler().fit_transform(X), len(np.unique(y)) == 2
    scale = LabelEncoder().fit(y) if two else StandardScaler().fit(y[:, None])
    t = scale.transform(y).astype(float) if two else scale.transform(y[:, None])[:, 0]
    return X, Z, names, scale, t, two, y


@app.cell
def _(Z, activation, t, two, units):
    _kind, hidden = MLPClassifier if two else MLPRegressor, (units.value,) * LAYERS
    model = _kind(hidden, activation.value, solver="adamw").fit(Z, t)
    return hidden, model


@app.cell
def _(t):
    row = mo.ui.slider(1, len(t), value=1, label="row", show_value=True)
    mo.vstack([mo.md(network_words.FORWARD), row])
    return (row,)


@app.cell
def _(X, Z, activation, hidden, model, names, row, scale, target, two, y):
    at = row.value - 1
    network = Perceptron(Z[at : at + 1], hidden, activation.value)
    blocks = network.layout.split(model.params_)
    z, kept = chain_rule.forward(network.chain, chain_rule.grouped(network.chain, tuple(blocks.values())), network.X)
    _rows = network_words.passed(blocks, kept, float(z[0, 0]))
    _means = model.predict_proba(network.X)[0, 1] if two else scale.inverse_transform(z)[0, 0]
    _stands = network_words.stands_for(target.value, _means, scale.classes_[1] if two else None)
    _told = network_words.row_told(row.value, (X[at], Z[at]), names, (float(z[0, 0]), _stands, y[at]))
    _figures = [
        network_pictures.units(blocks, kept, float(z[0, 0]), names),
        network_pictures.heights(model, Z, at, names, two),
    ]
    mo.vstack([mo.Html(pictures.beside(_figures)), mo.md(_told), mo.Html(pictures.table(*_rows))])
    return at, blocks, kept, network, z


@app.cell
def _(network):
    _every = network_words.parameters(network.layout)
    parameter = mo.ui.dropdown(_every, value="layer1.weight[1, 0]", label="parameter w")
    together = mo.ui.switch(label="all rows together")
    _asked = mo.hstack([parameter, together], justify="start", wrap=True, gap=1.5)
    mo.vstack([mo.md(network_words.BACKWARD), _asked])
    return parameter, together


@app.cell
def _(Z, at, blocks, kept, model, names, parameter, t, together, z):
    _rows = slice(None) if together.value else slice(at, at + 1)
    explained = explain_gradient(model, Z[_rows], t[_rows], parameter.value)
    _picture = network_pictures.units(blocks, kept, float(z[0, 0]), names, parameter.value)
    _table = pictures.table(*network_words.swept(explained))
    mo.vstack([mo.Html(pictures.beside([_picture], mo.md(network_words.product(explained)).text)), mo.Html(_table)])
    return (explained,)


@app.cell
def _(Z, activation, hidden, model, t):
    objective = LikelihoodObjective.of(
        Perceptron(Z, hidden, activation.value), loss_named(model.problem_["loss"]), ElasticNet(), t
    )
    start = initial(objective.model.layout, np.random.default_rng(0), activation.value)
    return objective, start


@app.cell
def _():
    share = mo.ui.slider(
        steps=[0.02, 0.05, 0.1, 0.2, 0.5, 0.8, 1, 1.5, 2, 3, 5, 10],
        value=0.5,
        label="η, in units of 2/λ_max at the start",
        show_value=True,
    )
    mo.vstack([mo.md(network_words.STEP), share])
    return (share,)


@app.cell
def _(objective, share, start):
    begun = gradient_descent(objective, start, accelerated=False, epochs=1).trace.facts
    limit = begun["limit"]
    lengths = np.linspace(0, max(2.0, share.value), TRIED)
    reached = np.array([objective.value(proximal_step(objective, start, limit * each)[0]) for each in lengths])
    walk = gradient_descent(objective, start, learning_rate=limit * share.value, accelerated=False, epochs=FEW)
    ended = gradient_descent(objective, walk.params, accelerated=False, epochs=1).trace.facts
    return begun, ended, lengths, limit, reached, walk


@app.cell
def _(begun, ended, lengths, limit, objective, reached, share, start, walk):
    _falls = np.array([objective.value(start), *(step.objective for step in walk.trace.steps)])
    _figures = [
        network_pictures.along(lengths, reached, share.value),
        network_pictures.walk(_falls),
    ]
    _rows = network_words.walked(walk, limit, (begun, ended), FEW)
    mo.vstack([mo.Html(pictures.beside(_figures)), mo.Html(pictures.table(*_rows))])
    return


@app.cell
def _():
    times = mo.ui.slider(
        steps=[0.001, 0.01, 0.1, 1, 3, 10, 30, 100], value=1, label="step, times what 'auto' takes", show_value=True
    )
    mo.vstack([mo.md(network_words.TRAINING), times])
    return (times,)


@app.cell
def _(Z, activation, hidden, model, t, times, two):
    rate = times.value * model.trace_.facts["learning_rate"]
    _kind = MLPClassifier if two else MLPRegressor
    trained = _kind(hidden, activation.value, solver="adamw", learning_rate_init=rate).fit(Z, t)
    return rate, trained


@app.cell
def _(objective, rate, trained):
    _constant = objective.loss.null(objective.y, objective.weight)
    _figures = [network_pictures.epochs(trained.trace_, _constant), network_pictures.strains(trained.trace_)]
    _told = [mo.callout(mo.md(each), kind="warn") for each in network_words.found(trained.findings_)]
    _well = [mo.callout(mo.md(network_words.NOTHING), kind="success")] if not _told else []
    mo.vstack([mo.Html(pictures.beside(_figures)), mo.md(network_words.ended(trained, rate)), *_told, *_well])
    return


if __name__ == "__main__":
    app.run()
