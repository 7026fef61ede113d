"""A stretch of a column as the text that the columnar file is written from: at once where its cells are of one kind."""

import math
from collections.abc import Callable, Sequence
from datetime import date, datetime
from types import NoneType
from typing import Any

from analytics.cells import EXACT_FLOAT, Value
from analytics.column_types import ColumnType, TypeName
from analytics.conversion import Misfit, converter

type Misfits = list[tuple[int, str]]
"""Positions in the stretch, and why the cell is left blank."""


def column_texts(column: ColumnType) -> Callable[[Sequence[Value]], tuple[list[str | None], Misfits]]:
    """None stands for a blank, and for a misfit."""
    convert, quick = converter(column), _QUICK.get(column.name)

    def texts(values: Sequence[Value]) -> tuple[list[str | None], Misfits]:
        kinds = set(map(type, values)) - {NoneType}
        if not kinds:
            return [None] * len(values), []
        if quick is not None and kinds <= quick[0] and (done := quick[1](values)) is not None:
            return done, []
        return _one_by_one(values, convert)

    return texts


def _one_by_one(values: Sequence[Value], convert: Callable[[Value], str | None]) -> tuple[list[str | None], Misfits]:
    texts: list[str | None] = []
    misfits: Misfits = []
    for position, value in enumerate(values):
        try:
            texts.append(convert(value))
        except Misfit as misfit:
            texts.append(None)
            misfits.append((position, str(misfit)))
    return texts, misfits


def _text(values: Sequence[Any]) -> list[str | None] | None:
    return None if any(value and "\0" in value for value in values) else list(values)


def _whole(values: Sequence[Any]) -> list[str | None] | None:
    given = [value for value in values if value is not None]
    if not all(map(float.is_integer, given)) or max(map(abs, given)) >= EXACT_FLOAT:
        return None
    return [None if value is None else str(int(value)) for value in values]


def _number(values: Sequence[Any]) -> list[str | None] | None:
    """The shortest digits that stand for the same float; those that need an exponent are not for here."""
    if not all(value is None or math.isfinite(value) for value in values):
        return None
    texts = [None if value is None else repr(value).removesuffix(".0") for value in values]
    return None if any(text and "e" in text for text in texts) else texts


def _date(values: Sequence[Any]) -> list[str | None] | None:
    return [None if value is None else value.isoformat()[:10] for value in values]


def _boolean(values: Sequence[Any]) -> list[str | None] | None:
    return [_BOOLEANS[value] for value in values]


_BOOLEANS = {None: None, True: "true", False: "false"}
_QUICK: dict[TypeName, tuple[set[type], Callable[[Sequence[Any]], list[str | None] | None]]] = {
    "text": ({str}, _text),
    "integer": ({float}, _whole),
    "decimal": ({float}, _number),
    "float": ({float}, _number),
    "date": ({date, datetime}, _date),
    "boolean": ({bool}, _boolean),
}
"""By type: the kinds of cells it takes, and what makes texts of them, or None if one of them is not as usual."""
