"""What somebody leaves behind in the posts group beside their posts."""

from typing import Any
from uuid import uuid4

import psycopg
from httpx import AsyncClient
from sqlalchemy.engine import make_url

from common.settings import settings
from tests.people import Person

_BY_HAND = """
INSERT INTO posts.idempotency_keys (person_id, key, fingerprint, subject_id) VALUES (%(me)s, %(word)s, '', uuidv7());
INSERT INTO posts.purchases (post_id, reader_id, attempt, amount, currency, payee_account_id)
VALUES (uuidv7(), %(me)s, 1, 300, 'EUR', uuidv7());
INSERT INTO posts.purchases (
    post_id, reader_id, attempt, amount, currency, payee_account_id, status, transaction_id, paid_at
) VALUES (uuidv7(), %(me)s, 1, 300, 'EUR', uuidv7(), 'paid', uuidv7(), now());
WITH reported AS (
    INSERT INTO posts.moderation_cases (subject_kind, subject_id, reports) VALUES ('post', uuidv7(), 1) RETURNING id
)
INSERT INTO posts.reports (case_id, reporter_id, reason, words) SELECT id, %(me)s, 'spam', %(word)s FROM reported;
WITH reported AS (
    INSERT INTO posts.moderation_cases (subject_kind, subject_id, reports) VALUES ('post', %(post)s, 1) RETURNING id
)
INSERT INTO posts.reports (case_id, reporter_id, reason, words)
SELECT id, uuidv7(), 'spam', %(word)s || ' is rude' FROM reported;
INSERT INTO posts.moderation_actions (actor_id, subject_kind, subject_id, action, reason) VALUES
    (%(me)s, 'post', uuidv7(), 'hide', %(word)s),
    (uuidv7(), 'post', %(post)s, 'hide', %(word)s || ' is rude');
WITH reported AS (
    INSERT INTO posts.moderation_cases (subject_kind, subject_id) VALUES ('comment', %(post)s) RETURNING id
)
INSERT INTO posts.appeals (action_id, case_id, words)
SELECT a.id, r.id, %(word)s FROM posts.moderation_actions AS a, reported AS r WHERE a.subject_id = %(post)s;
"""


def _owner(statement: str, values: dict[str, Any]) -> None:
    given = settings().database_url
    assert given
    url = make_url(given.get_secret_value())
    with psycopg.connect(
        user=url.username, dbname=url.database, host=str(url.query["host"]), cursor_factory=psycopg.ClientCursor
    ) as connection:
        connection.execute("SET ROLE artel_owner")
        connection.execute(statement.encode(), values)


async def leave_posts(person: Person, word: str, post_id: str) -> None:
    """`post_id` is a post of theirs."""
    _owner(_BY_HAND, {"me": person.id, "word": word, "post": post_id})
    content = f"{word}-{uuid4()}".encode()
    begun = await person.post("/v1/posts/images", {"content_type": "image/png", "bytes": len(content)})
    assert begun.status_code == 201, begun.text
    async with AsyncClient() as browser:
        sent = await browser.post(begun.json()["url"], data=begun.json()["fields"], files={"file": ("me", content)})
    assert sent.status_code < 300
