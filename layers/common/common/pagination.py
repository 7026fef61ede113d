"""Keyset pagination: a cursor carries the sort values of the last item seen, so it outlives that item's deletion."""

import base64
import binascii
import json
from collections.abc import Callable, Hashable, Sequence
from functools import cache
from typing import Annotated, Any

from fastapi import Query
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from common.errors import BadRequest


class InvalidCursor(BadRequest):
    """The cursor is not one that this list gave out."""


class Page[T](BaseModel):
    """`next_cursor` is null on the last page."""

    items: list[T]
    next_cursor: str | None


Position = Annotated[int, Field(ge=0, lt=2**63)]
"""In a cursor: a number as large as PostgreSQL counts."""
Limit = Annotated[int, Query(ge=1, le=100, description="Items on a page.")]
CursorQuery = Annotated[str | None, Query(max_length=512, description="`next_cursor` of the page before.")]


@cache
def _adapter(shape: Hashable) -> TypeAdapter[Any]:
    """Making one takes longer than a page's query."""
    return TypeAdapter(shape)


def encode_cursor(values: Sequence[Any]) -> str:
    text = _adapter(list[Any]).dump_json(list(values))
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def decode_cursor[T](cursor: str, shape: type[T]) -> T:
    """Validate against `shape`, a tuple type such as `tuple[datetime, UUID]`."""
    key: Any = shape  # which mypy does not take for hashable
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        found: T = _adapter(key).validate_json(text)
    except (ValidationError, binascii.Error, json.JSONDecodeError, ValueError):
        raise InvalidCursor from None
    return found


def page[R, T](
    rows: Sequence[R], limit: int, item: Callable[[R], T], position: Callable[[R], Sequence[Any]]
) -> Page[T]:
    """A page from `limit + 1` rows: the extra one tells whether there is more."""
    shown = rows[:limit]
    more = len(rows) > limit
    return Page(items=[item(row) for row in shown], next_cursor=encode_cursor(position(shown[-1])) if more else None)
