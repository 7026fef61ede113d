"""Rows as JSON. Written here because Python's encoders give a Decimal either as text or with the digits of a float."""

import json
import math
from collections.abc import Callable, Iterable, Sequence
from json.encoder import encode_basestring
from typing import Any

type Columns = list[tuple[str, str]]
"""Names and types."""


def columns_json(columns: Columns) -> str:
    return json.dumps([{"name": name, "type": kind} for name, kind in columns], ensure_ascii=False)


def rows_json(columns: Columns, rows: Iterable[Sequence[Any]]) -> str:
    """A JSON array of arrays: column by column, because all cells of one are written alike."""
    written = [
        ["null" if value is None else write(value) for value in cells]
        for (_, kind), cells in zip(columns, zip(*rows, strict=True), strict=False)
        for write in [_WRITERS[kind]]
    ]
    return f"[{','.join([f'[{",".join(line)}]' for line in zip(*written, strict=True)])}]"


def _float(value: float) -> str:
    return repr(value) if math.isfinite(value) else "null"


def _moment(value: Any) -> str:
    return f'"{value.isoformat()}"'


_WRITERS: dict[str, Callable[[Any], str]] = {
    "integer": str,
    "decimal": lambda value: format(value, "f"),
    "float": _float,
    "text": encode_basestring,
    "boolean": lambda value: "true" if value else "false",
    "date": _moment,
    "datetime": _moment,
    "time": _moment,
}
