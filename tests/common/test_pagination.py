from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from common.pagination import InvalidCursor, Position, decode_cursor, encode_cursor, page


def test_a_cursor_gives_back_what_went_in() -> None:
    values = (datetime(2026, 11, 23, 16, 5, 1, 123456, UTC), uuid4())
    assert decode_cursor(encode_cursor(values), tuple[datetime, UUID]) == values


@pytest.mark.parametrize("cursor", ["", "x", "é", "W10", encode_cursor([1]), encode_cursor(["a", "b"]), "A" * 500])
def test_a_cursor_of_another_list_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidCursor):
        decode_cursor(cursor, tuple[datetime, UUID])


@pytest.mark.parametrize("number", [-1, 2**63, 10**30])
def test_a_position_that_no_list_reaches_is_refused(number: int) -> None:
    assert decode_cursor(encode_cursor([2**63 - 1]), tuple[Position]) == (2**63 - 1,)
    with pytest.raises(InvalidCursor):
        decode_cursor(encode_cursor([number]), tuple[Position])


def test_the_last_page_has_no_next() -> None:
    assert page([1, 2, 3], 3, str, lambda n: [n]).next_cursor is None
    assert page([1, 2, 3, 4], 3, str, lambda n: [n]).next_cursor == encode_cursor([3])
