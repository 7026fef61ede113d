"""A body is read into memory: there is a limit to it, said or not said beforehand."""

from collections.abc import AsyncIterator

import pytest
from httpx import AsyncClient

from server.body_limit import MAX_BYTES
from tests.people import Person

_JSON = {"Content-Type": "application/json"}


async def _pieces(size: int) -> AsyncIterator[bytes]:
    """Without a Content-Length: nobody knows how long it will be."""
    for _ in range(0, size, 65_536):
        yield b" " * 65_536


@pytest.mark.parametrize("path", ["/v1/auth/login", "/v1/auth/refresh", "/v1/money/transfers", "/v1/posts"])
@pytest.mark.parametrize("announced", [True, False], ids=["announced", "in pieces"])
async def test_too_much_is_refused(client: AsyncClient, path: str, announced: bool) -> None:
    content = b" " * (MAX_BYTES + 1) if announced else _pieces(2 * MAX_BYTES)
    answer = await client.post(path, content=content, headers=_JSON)
    assert (answer.status_code, answer.json()["code"]) == (413, "ContentTooLarge")
    assert answer.headers["content-type"] == "application/problem+json"


async def test_no_more_is_taken_than_is_allowed(client: AsyncClient) -> None:
    """The test's transport hands over a piece when it is asked for one, as a server does."""
    taken = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal taken
        while taken < 100 * MAX_BYTES:
            taken += 65_536
            yield b" " * 65_536

    assert (await client.post("/v1/auth/login", content=endless(), headers=_JSON)).status_code == 413
    assert taken <= MAX_BYTES + 2 * 65_536


async def test_as_much_as_is_allowed_is_read(client: AsyncClient) -> None:
    order = b'{"email": "ada@example.org", "password": "' + b"x" * 300 + b'"}'
    for content in (order + b" " * (MAX_BYTES - len(order)), order):
        answer = await client.post("/v1/auth/login", content=content, headers=_JSON)
        assert (answer.status_code, answer.json()["code"]) == (422, "MalformedRequest")


async def test_the_longest_post_of_escaped_characters_fits(ada: Person) -> None:
    answer = await ada.post("/v1/posts", {"title": "Long", "body": "\U0001f600" * 100_000, "tags": []})
    assert answer.status_code == 201, answer.text[:300]
