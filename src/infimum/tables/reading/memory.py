"""Data in memory → a `Table`: frames of pandas and polars, Arrow tables, arrays of NumPy and SciPy, lists by name."""

import datetime
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from infimum.tables import Table, TableError, number_text
from infimum.tables.reading import Reading
from infimum.tables.reading.delimited import check_names
from infimum.tables.reading.frames import table_of_frame, table_of_series

if TYPE_CHECKING:
    import narwhals
    import polars

DENSE = 2_000_000_000  # bytes up to which a sparse matrix is made dense
EXPECTED = "a frame of pandas or polars, an Arrow table, an array, a sparse matrix, or a dict of lists"


def table_of(data: Any, name: str = "data", columns: Sequence[str] | None = None) -> Table:
    """data ↦ table; `columns` names those of an array that has no names (by default x0, x1, …).

    Raises TableError on other data, on nested or infinite values, empty or repeated names, no rows, and on a sparse
    matrix too big to be made dense.

    >>> table = table_of({"hour": [7, None], "weather": ["rain", "clear"]})
    >>> [(column.name, column.kind, column.cells()) for column in table.columns]
    [('hour', 'number', ['7', None]), ('weather', 'text', ['rain', 'clear'])]
    >>> table_of(np.eye(2)).names
    ('x0', 'x1')
    """
    import narwhals
    import scipy.sparse

    if isinstance(data, Table):
        return data
    if scipy.sparse.issparse(data):
        return table_of_array(name, dense(name, data), columns)
    if isinstance(data, np.ndarray) and data.dtype.names is None:
        return table_of_array(name, data, columns)
    if columns is not None:
        raise TableError(f"{name}: columns name those of an array, but this data has names of its own: leave them out.")
    if isinstance(data, np.ndarray):
        data = {field: data[field] for field in data.dtype.names or ()}
    if isinstance(data, Mapping):
        return table_of_lists(name, data)
    try:
        frame = narwhals.from_native(data, eager_only=True)
    except narwhals.exceptions.DuplicateError as error:
        raise TableError(f"{name}: column names must differ, but one is repeated: rename it.") from error
    except (TypeError, ValueError) as error:
        given = type(data).__name__
        raise TableError(f"{name}: expected {EXPECTED}, got {given}: convert it to one of them.") from error
    return table_of_native(name, frame)


def dense(name: str, matrix: Any) -> np.ndarray:
    """The sparse matrix with its zeros; TableError if they would take more than 2 GB."""
    size = 8 * float(np.prod([float(each) for each in matrix.shape]))
    if size > DENSE:
        raise TableError(
            f"{name}: a sparse matrix of shape {matrix.shape} takes {size / 1e9:.1f} GB with its zeros, more than "
            f"{DENSE / 1e9:.0f} GB: select columns or rows."
        )
    return np.asarray(matrix.toarray())


def table_of_array(name: str, array: np.ndarray, columns: Sequence[str] | None) -> Table:
    """An (n, k) or (n,) array ↦ table of k columns or one."""
    if array.ndim not in (1, 2):
        raise TableError(f"{name}: expected an array of one or two dimensions, got shape {array.shape}: reshape it.")
    array = array.reshape(len(array), -1) if array.size else array.reshape(0, 0)
    names = [f"x{at}" for at in range(array.shape[1])] if columns is None else [str(each) for each in columns]
    if array.size and len(names) != array.shape[1]:
        raise TableError(f"{name}: {len(names)} names for {array.shape[1]} columns: give one a column.")
    return table_of_lists(name, {each: array[:, at] for at, each in enumerate(names)} if array.size else {})


def table_of_lists(name: str, data: Mapping[Any, Any]) -> Table:
    """names ↦ lists or arrays of one dimension, as a table."""
    check_names(name, [" ".join(str(key).split()) for key in data])
    series = [series_of(name, str(key), values) for key, values in data.items()]
    if not series or not any(len(each) for each in series):
        raise TableError(f"{name} holds no rows: at least one row of values is needed.")
    return table_of_series(name, series, Reading())


def table_of_native(name: str, frame: "narwhals.DataFrame[Any]") -> Table:
    """A frame of any library ↦ table: those of polars and Arrow as they are, others column by column."""
    import polars

    if frame.implementation.is_polars():
        return table_of_frame(name, frame.to_native(), Reading())
    if frame.implementation.is_pyarrow():
        return table_of_frame(name, polars.DataFrame(polars.from_arrow(frame.to_native())), Reading())
    names = [" ".join(str(each).split()) for each in frame.columns]
    check_names(name, names)
    if not len(frame) or not names:
        raise TableError(f"{name} holds no rows: at least one row of values is needed.")
    columns = zip(names, frame.iter_columns(), strict=True)
    return table_of_series(name, [series_of_native(name, title, column) for title, column in columns], Reading())


def series_of_native(table: str, name: str, column: "narwhals.Series[Any]") -> "polars.Series":
    """A column of a frame as a series of polars of the same type; objects as texts."""
    import narwhals
    import polars

    kind = column.dtype
    gaps = column.is_null().to_numpy().astype(bool)
    if kind.is_numeric():
        numbers = column.cast(narwhals.Float64).fill_null(0).to_numpy().astype(float)
        return polars.Series(name, np.where(gaps, np.nan, numbers))
    if kind == narwhals.Datetime and kind.time_zone is not None:  # type: ignore[attr-defined]
        column = column.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
    if kind == narwhals.Datetime:
        return polars.Series(name, column.to_numpy().astype("datetime64[us]"))
    if kind == narwhals.Duration:
        return polars.Series(name, column.to_numpy() / np.timedelta64(1, "s"))
    texts = texts_of(table, name, column.to_list())
    if kind == narwhals.Enum:
        return texts.cast(polars.Enum([text_of(table, name, level) or "" for level in kind.categories]))  # type: ignore[attr-defined]
    return texts.cast(polars.Categorical if kind == narwhals.Categorical else polars.String)


def series_of(table: str, name: str, values: Any) -> "polars.Series":
    """A list or array of one dimension as numbers, times or texts; None, NaN and NaT are missing.

    Raises TableError on values of another kind, and on arrays of more dimensions.
    """
    import polars

    array = values if isinstance(values, np.ndarray) else None
    if array is not None and array.ndim == 1:
        if array.dtype.kind in "iuf":
            return polars.Series(name, array.astype(float))
        if array.dtype.kind == "M":
            return polars.Series(name, array.astype("datetime64[us]"))
        if array.dtype.kind == "m":
            return polars.Series(name, array / np.timedelta64(1, "s"))
    listed = [] if isinstance(values, str) or not isinstance(values, Sequence | np.ndarray) else list(values)
    if np.ndim(values) == 0 or (array is not None and array.ndim != 1):
        raise TableError(f"{table}: column {name!r} must be a list or an array of one dimension: reshape it.")
    listed = listed if array is None else array.tolist()
    if all(type(each) in (int, float, type(None)) for each in listed):
        return polars.Series(name, [np.nan if each is None else float(each) for each in listed], dtype=polars.Float64)
    return texts_of(table, name, listed)


def texts_of(table: str, name: str, values: list[Any]) -> "polars.Series":
    """The values as texts."""
    import polars

    return polars.Series(name, [text_of(table, name, each) for each in values], dtype=polars.String)


def text_of(table: str, name: str, value: Any) -> str | None:
    """One value as the text that it would have in a file, None where it is missing; TableError on nested values."""
    if value is None or value is np.ma.masked or str(value) in ("NaT", "<NA>", "nan"):
        return None
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, int | float | np.number):
        return number_text(float(value))
    if isinstance(value, datetime.date | datetime.time | np.datetime64):
        return str(value)
    kind = type(value).__name__
    raise TableError(f"{table}: column {name!r} holds {kind}, not numbers, texts or times: leave it out.")
