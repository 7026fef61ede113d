"""What everybody may read, as bytes behind a cache that lives for a second: PostgreSQL is asked once a second for each page."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from common.replica import read
from posts import etags, service
from posts.pages import Reply, pages, reply

_MOST_ADDRESSES = 5000
type Address = tuple[str, bytes]
"""Path and query as they were asked for."""
type _Ask = Callable[[AsyncConnection], Awaitable[bytes]]

_keys: dict[Address, str] = {}
"""Which page an address is. Equal pages have one key, however their addresses are written."""


def known(address: Address) -> Reply | None:
    """The page of an address that was answered before, if it is fresh."""
    key = _keys.get(address)
    return None if key is None else pages().fresh(key)


async def _get(key: str, ask: _Ask, address: Address, *, fresh: bool) -> Reply:
    if fresh:
        return reply(await read("posts", ask, fresh=True))
    found = await pages().get(key, lambda: read("posts", ask, fresh=False))
    if len(_keys) >= _MOST_ADDRESSES:
        _keys.clear()
    _keys[address] = key
    return found


async def newest(
    address: Address, *, fresh: bool, tag: str | None, author: UUID | None, cursor: str | None, limit: int
) -> Reply:
    async def ask(connection: AsyncConnection) -> bytes:
        text = await service.list_posts(connection, tag=tag, author=author, cursor=cursor, limit=limit)
        return _with_tag(text)

    return await _get(f"list\n{tag}\n{author}\n{cursor}\n{limit}", ask, address, fresh=fresh)


async def one(address: Address, id_or_slug: str, *, fresh: bool) -> Reply:
    async def ask(connection: AsyncConnection) -> bytes:
        text, version = await service.read(connection, id_or_slug)
        body = text.encode()
        return etags.of_version(version, body).encode() + b"\n" + body

    return await _get(f"post\n{id_or_slug}", ask, address, fresh=fresh)


async def tags(address: Address, *, fresh: bool) -> Reply:
    async def ask(connection: AsyncConnection) -> bytes:
        return _with_tag((await service.list_tags(connection)).model_dump_json())

    return await _get("tags", ask, address, fresh=fresh)


def _with_tag(text: str) -> bytes:
    body = text.encode()
    return etags.of_bytes(body).encode() + b"\n" + body
