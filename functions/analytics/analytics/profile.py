"""What a column looks like: counts, extremes, quantiles, most frequent values, histogram."""

import math
from datetime import date, time
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analytics.columnar import connect, identifier, literal, lock
from analytics.numerals import MAX_DIGITS

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_NUMBERS = ("integer", "decimal", "float")
_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
_BINS = 20
_TOP = 10
_SHOWN = 200
"""Characters of a text that are shown."""


def profile_table(parquet: Path, columns: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One profile a column, in order. DuckDB counts, which it does in bounded memory; pandas describes the numbers."""
    with connect(parquet.parent) as connection:
        lock(connection, [parquet])
        relation = f"read_parquet({literal(str(parquet))})"
        return [_profile(connection, relation, column["name"], column["type"]["name"]) for column in columns]


def _profile(connection: "DuckDBPyConnection", relation: str, name: str, kind: str) -> dict[str, Any]:
    column = identifier(name)
    counted = connection.execute(
        f"SELECT count(*), count({column}), count(DISTINCT {column}), min({column}), max({column})"  # noqa: S608 - quoted
        f" FROM {relation}"
    ).fetchone()
    assert counted is not None
    rows, count, distinct, least, most = counted
    top = connection.execute(
        f"SELECT {column}, count(*) FROM {relation} WHERE {column} IS NOT NULL"  # noqa: S608 - quoted
        f" GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {_TOP}"
    ).fetchall()
    profile = {
        "count": count,
        "nulls": rows - count,
        "distinct": distinct,
        "min": _json(least),
        "max": _json(most),
        "top": [{"value": _json(value), "count": times} for value, times in top],
        "mean": None,
        "quantiles": None,
        "histogram": None,
    }
    if kind in _NUMBERS and count:
        profile |= _numbers(connection, relation, column)
    return profile


def _numbers(connection: "DuckDBPyConnection", relation: str, column: str) -> dict[str, Any]:
    import numpy as np

    select = f"SELECT CAST({column} AS DOUBLE) AS v FROM {relation} WHERE {column} IS NOT NULL"  # noqa: S608 - quoted
    numbers = connection.execute(select).df()["v"]
    quantiles = numbers.quantile(list(_QUANTILES))
    low, high = float(numbers.min()), float(numbers.max())
    described: dict[str, Any] = {
        "mean": _finite(float(numbers.mean())),
        "quantiles": {f"{quantile:g}": float(value) for quantile, value in quantiles.items()},
    }
    if math.isfinite(high - low):
        counts, edges = np.histogram(numbers, bins=_BINS if high > low else 1)
        described["histogram"] = [
            {"start": float(edges[i]), "end": float(edges[i + 1]), "count": int(times)}
            for i, times in enumerate(counts)
        ]
    return described


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _json(value: Any) -> Any:
    """As JSON has it; a decimal beyond 15 digits stays text, because a JSON number is a float to most readers."""
    if isinstance(value, Decimal):
        digits = len(value.normalize().as_tuple().digits)
        return float(value) if digits <= MAX_DIGITS else format(value, "f")
    if isinstance(value, (date, time)):
        return value.isoformat()
    return value[:_SHOWN] if isinstance(value, str) else value
