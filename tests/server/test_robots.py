"""Who reads the page without running it gets posts as documents of their own."""

from pathlib import Path

import pytest
from httpx import AsyncClient

from server import robots
from tests.people import Person
from tests.posts.test_posts import write

ROBOTS = [
    "TelegramBot (like TwitterBot)",
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)",
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "WhatsApp/2.23.20.0",
    "Mozilla/5.0 (compatible; vkShare; +http://vk.com/dev/Share)",
    "Mastodon/4.3.0 (http.rb/5.2.0; +https://mastodon.example/)",
]
PEOPLE = [
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Linux; Android 13; CUBOT X70) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Mobile Safari/537.36",
    "",
]


@pytest.mark.parametrize("agent", ROBOTS)
async def test_a_robot_gets_what_to_show_of_a_post(client: AsyncClient, ada: Person, agent: str) -> None:
    post = await write(ada, "Shown to robots")
    path = f"/posts/{post['slug']}"
    answer = await client.get(path, headers={"User-Agent": agent})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert '<meta property="og:title" content="Shown to robots">' in answer.text
    assert (await client.get("/posts/no-such-post", headers={"User-Agent": agent})).status_code == 404
    assert (await client.head(path, headers={"User-Agent": agent})).status_code == 200
    for other in ("/", "/posts", "/posts/new", f"{path}/edit"):
        assert "og:title" not in (await client.get(other, headers={"User-Agent": agent})).text


@pytest.mark.parametrize("agent", PEOPLE)
async def test_people_get_the_page(client: AsyncClient, ada: Person, agent: str) -> None:
    post = await write(ada)
    answer = await client.get(f"/posts/{post['slug']}", headers={"User-Agent": agent})
    assert answer.status_code == 200
    assert "og:title" not in answer.text


async def test_robots_are_told_where_the_sitemap_is(client: AsyncClient) -> None:
    answer = await client.get("/robots.txt")
    assert answer.headers["content-type"].startswith("text/plain")
    assert "Sitemap: http://localhost:8000/v1/posts/sitemap.xml\n" in answer.text


def test_nginx_knows_the_same_robots() -> None:
    nginx = Path(__file__).parents[2] / "deploy" / "nginx"
    assert f'"~*^GET .*(?:{robots.NAMES})" 1;' in (nginx / "default.conf.template").read_text()
    assert all(f"{name}$" in (nginx / "snippets" / "page.conf").read_text() for name in robots.OWN_VIEWS)
