"""What others' programs make of what is served for them: a feed reader, a reader of links, a reader of sitemaps."""

from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4
from xml.etree import ElementTree as ET

import feedparser  # type: ignore[import-untyped]
import metadata_parser
import psycopg
import pytest
from httpx import AsyncClient

from posts import sitemap
from tests.people import People, Person
from tests.posts.test_posts import POSTS, write

SITE = "http://localhost:8000"
FEED = f"{POSTS}/feed.atom"
_SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


async def read_feed(client: AsyncClient, path: str = FEED, **query: Any) -> Any:
    answer = await client.get(path, params=query or None)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    read = feedparser.parse(answer.content, response_headers={"content-type": answer.headers["content-type"]})
    assert (read.version, read.bozo) == ("atom10", False), read.get("bozo_exception")
    return read


async def test_a_feed_reader_understands_the_feed(client: AsyncClient, ada: Person) -> None:
    tag = f"t{uuid4().hex}"
    body = "Some *text* & <b> with ![a picture](/v1/posts/images/x/large.webp)."
    made = await write(ada, 'Fish & "chips" <now>', body, tags=[tag, "еда"])
    (entry,) = (await read_feed(client, tag=tag)).entries
    assert (entry.title, entry.author) == ('Fish & "chips" <now>', "Ada")
    assert entry.link == f"{SITE}/posts/{made['slug']}"
    assert entry.id == f"urn:uuid:{made['id']}"
    assert {each.term for each in entry.tags} == {tag, "еда"}
    assert entry.published_parsed[:3] == entry.updated_parsed[:3]
    assert "<em>text</em>" in entry.content[0].value
    assert f"{SITE}/v1/posts/images/x/large.webp" in entry.content[0].value
    assert entry.summary == made["excerpt"]


async def test_the_feed_is_cached_and_known_by_its_etag(client: AsyncClient, ada: Person) -> None:
    tag = f"t{uuid4().hex}"
    await write(ada, tags=[tag])
    answer = await client.get(FEED, params={"tag": tag})
    again = await client.get(FEED, params={"tag": tag}, headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    await write(ada, tags=[tag])
    assert len((await read_feed(client, tag=tag)).entries) == 2


async def test_older_posts_are_behind_the_next_link(client: AsyncClient, ada: Person) -> None:
    for number in range(23):
        await write(ada, f"Post {number}")
    first = await read_feed(client, author=str(ada.id))
    (following,) = [link.href for link in first.feed.links if link.rel == "next"]
    second = await read_feed(client, urlsplit(following).path, **parse_qs(urlsplit(following).query))
    titles = [entry.title for entry in (*first.entries, *second.entries)]
    assert titles == [f"Post {number}" for number in reversed(range(23))]
    assert [link for link in second.feed.links if link.rel == "next"] == []


async def test_an_empty_feed_is_one_too(client: AsyncClient) -> None:
    assert (await read_feed(client, tag="nobody uses this")).entries == []


@pytest.mark.parametrize(
    "text", ["a\x0bb\x1fc", "\ufffe\uffff", "]]> <![CDATA[ x ]]>", "\U0001f642 \u202e", "&amp; &lt;"]
)
async def test_whatever_is_written_the_feed_stays_well_formed(client: AsyncClient, ada: Person, text: str) -> None:
    tag = f"t{uuid4().hex}"
    title = "".join(letter for letter in text if letter >= " ")
    await write(ada, title, text, tags=[tag])
    assert len((await read_feed(client, tag=tag)).entries) == 1


async def test_a_locked_post_is_a_summary(client: AsyncClient, ada: Person) -> None:
    tag = f"t{uuid4().hex}"
    post = await write(ada, body="Shown. " * 60 + "The secret end.", tags=[tag])
    price = {"amount": 100, "currency": "EUR", "account_id": await ada.account()}
    await ada.client.put(f"{POSTS}/{post['id']}/price", json=price, headers=ada.auth)
    (entry,) = (await read_feed(client, tag=tag)).entries
    assert "secret" not in str(entry)
    assert "secret" not in (await client.get(f"{POSTS}/{post['id']}/preview")).text


async def test_a_reader_of_links_finds_what_to_show(client: AsyncClient, ada: Person) -> None:
    body = 'It\'s "quoted" & <b>not bold</b>. ![x](https://pictures.example/a.png?b=1&c=2)'
    post = await write(ada, 'Fish & "chips" <now>', body, tags=["a tag"])
    answer = await client.get(f"{POSTS}/{post['slug']}/preview")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    page = metadata_parser.MetadataParser(
        html=answer.text, url=f"{SITE}/x", search_head_only=True, allow_localhosts=True
    )
    result = page.parsed_result
    for name, expected in (
        ("title", 'Fish & "chips" <now>'),
        ("description", post["excerpt"]),
        ("image", "https://pictures.example/a.png?b=1&c=2"),
    ):
        assert result.get_metadatas(name, strategy=["og"]) == {"og": [expected]}
    assert page.get_discrete_url(require_public_global=False) == f"{SITE}/posts/{post['slug']}"
    assert answer.text.count("<h1>") == 1
    assert "<now>" not in answer.text


async def test_what_is_not_shown_has_no_preview(client: AsyncClient, ada: Person) -> None:
    draft = await write(ada, draft=True)
    for name in (draft["id"], draft["slug"], "no-such-post"):
        assert (await client.get(f"{POSTS}/{name}/preview")).status_code == 404


async def _addresses(client: AsyncClient, path: str) -> list[str]:
    answer = await client.get(path)
    assert answer.headers["content-type"] == "application/xml; charset=utf-8"
    return [loc.text or "" for loc in ET.fromstring(answer.content).iter(f"{_SITEMAP}loc")]  # noqa: S314 - our own


async def test_the_sitemap_lists_each_shown_post_once(
    client: AsyncClient, ada: Person, monkeypatch: pytest.MonkeyPatch, owner_connection: psycopg.Connection
) -> None:
    for name in ("_ENDS", "_FIRST", "_LATER"):
        statement = getattr(sitemap, name)
        monkeypatch.setattr(
            sitemap, name, statement.replace("OFFSET 9999", "OFFSET 2").replace("LIMIT 10000", "LIMIT 3")
        )
    for number in range(7):
        await write(ada, f"Post {number}")
    await write(ada, "Draft", draft=True)
    pages = await _addresses(client, f"{POSTS}/sitemap.xml")
    listed = [address for page in pages for address in await _addresses(client, page.removeprefix(SITE))]
    shown = owner_connection.execute(
        "SELECT slug FROM posts.posts WHERE deleted_at IS NULL AND hidden_at IS NULL AND published_at <= now()"
        " ORDER BY published_at DESC, id DESC"
    ).fetchall()
    assert listed == [f"{SITE}/posts/{slug}" for (slug,) in shown]
    assert len(pages) == len(listed) // 3 + 1


async def test_the_sitemap_says_when_a_post_was_changed(client: AsyncClient, ada: Person) -> None:
    post = await write(ada)
    answer = await client.get(f"{POSTS}/sitemap/posts.xml")
    entry = next(iter(ET.fromstring(answer.content)))  # noqa: S314 - our own
    assert [child.text for child in entry] == [f"{SITE}/posts/{post['slug']}", post["updated_at"]]


async def test_what_is_no_cursor_is_told_so(client: AsyncClient, people: People) -> None:
    for path in (FEED, f"{POSTS}/sitemap/posts.xml"):
        assert (await client.get(path, params={"cursor": "x"})).status_code == 400
