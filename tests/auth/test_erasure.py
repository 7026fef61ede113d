"""For good, thirty days after: nothing is left of a person but an id, and nothing of anybody else is gone."""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID

import psycopg
import pytest
from httpx import AsyncClient
from sqlalchemy.engine import make_url

from auth import erasure
from common import storage
from common.errors import ServiceUnavailable
from common.settings import settings
from tests.auth.traces import Traces, delete_me, leave, places, stored_objects
from tests.people import People, Person

PASSWORD = "correct horse battery"

BEFORE = {
    "analytics.dataset_tables",
    "analytics.datasets",
    "analytics.uploads",
    "auth.audit_log",
    "auth.challenges",
    "auth.external_identities",
    "auth.mail_tokens",
    "auth.mails",
    "auth.passkeys",
    "auth.personal_tokens",
    "auth.recovery_codes",
    "auth.sessions",
    "auth.totp",
    "auth.users",
    "money.accounts",
    "money.idempotency_keys",
    "money.transactions",
    "posts.appeals",
    "posts.moderation_actions",
    "posts.comments",
    "posts.posts",
    "posts.reports",
    "posts.tags",
}


@pytest.mark.usefixtures("no_nudge")
async def test_of_who_was_erased_nothing_is_left_in_any_table_or_bucket(
    traces: Traces, bob: Person, owner_connection: psycopg.Connection, long_ago: Callable[[UUID], None]
) -> None:
    me = traces.person.id
    assert places(owner_connection, traces.marks) >= BEFORE
    assert (
        len(stored_objects(me, traces.word)) >= 7
    )  # two squares, one not chosen, an export, a workbook, its table, an image
    assert (await delete_me(traces.person)).status_code == 204
    long_ago(me)
    assert await erasure.erase_all() >= 1
    assert places(owner_connection, traces.marks) == set()
    assert stored_objects(me, traces.word) == []

    row = owner_connection.execute(
        "SELECT display_name, email, email_key, roles, erased_at IS NOT NULL FROM auth.users WHERE id = %s", [me]
    ).fetchone()
    nobody = f"deleted+{me}@deleted.invalid"
    assert row == ("Deleted account", nobody, nobody, [], True)
    # The ledger is whole, and so is what others have of it.
    assert owner_connection.execute("SELECT * FROM money.violations()").fetchall() == []
    accounts = (await bob.get("/v1/money/accounts")).json()["items"]
    assert [account["balance"] for account in accounts] == [1005]  # five for a request
    history = (await bob.get(f"/v1/money/accounts/{accounts[0]['id']}/entries")).json()["items"]
    assert sorted(entry["description"] for entry in history if entry["kind"] == "transfer") == [
        "",
        "",  # for a request
        "from a friend",
    ]


@pytest.mark.usefixtures("no_nudge")
async def test_the_log_still_says_what_happened_but_not_where(
    traces: Traces, owner_connection: psycopg.Connection, long_ago: Callable[[UUID], None]
) -> None:
    await delete_me(traces.person)
    long_ago(traces.person.id)
    await erasure.erase_all()
    query = "SELECT event, address || user_agent || request_id, detail FROM auth.audit_log WHERE user_id = %s"
    lines = owner_connection.execute(query, [traces.person.id]).fetchall()
    assert {"profile_changed", "signed_in", "deletion_asked", "erased"} <= {event for event, _, _ in lines}
    assert {(where, str(detail)) for _, where, detail in lines} == {("", "{}")}


@pytest.mark.usefixtures("no_nudge")
async def test_others_words_and_files_stay(
    client: AsyncClient,
    people: People,
    traces: Traces,
    bob: Person,
    owner_connection: psycopg.Connection,
    long_ago: Callable[[UUID], None],
) -> None:
    friend = await leave(client, people, bob)
    before = places(owner_connection, friend.marks), sorted(stored_objects(friend.person.id, friend.word))
    await delete_me(traces.person)
    long_ago(traces.person.id)
    await erasure.erase_all()
    after = places(owner_connection, friend.marks), sorted(stored_objects(friend.person.id, friend.word))
    assert after == before


@pytest.mark.usefixtures("no_nudge")
async def test_before_thirty_days_nobody_is_erased(ada: Person, owner_connection: psycopg.Connection) -> None:
    await delete_me(ada)
    almost = "UPDATE auth.users SET deleted_at = now() - interval '29 days 23 hours' WHERE id = %s"
    owner_connection.execute(almost, [ada.id])
    await erasure.erase_all()
    assert owner_connection.execute("SELECT email FROM auth.users WHERE id = %s", [ada.id]).fetchone() == (ada.email,)


@pytest.mark.usefixtures("no_nudge")
async def test_the_address_of_the_erased_is_free_again(
    ada: Person, client: AsyncClient, owner_connection: psycopg.Connection, long_ago: Callable[[UUID], None]
) -> None:
    await delete_me(ada)
    long_ago(ada.id)
    await erasure.erase_all()
    order = {"email": ada.email, "password": PASSWORD, "display_name": "Another Ada"}
    assert (await client.post("/v1/auth/register", json=order)).status_code == 202
    found = owner_connection.execute("SELECT id FROM auth.users WHERE email = %s", [ada.email]).fetchone()
    assert found is not None
    assert found[0] != ada.id


@pytest.mark.usefixtures("no_nudge")
async def test_while_a_file_cannot_be_deleted_nothing_of_its_owner_is_and_others_do_not_wait(
    traces: Traces,
    bob: Person,
    owner_connection: psycopg.Connection,
    long_ago: Callable[[UUID], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    me, delete = traces.person.id, storage.delete
    for person in (traces.person, bob):
        await delete_me(person)
        long_ago(person.id)

    async def stubborn(bucket: str, prefix: str) -> None:
        if str(me) in prefix:
            raise storage.StorageUnavailable
        await delete(bucket, prefix)

    monkeypatch.setattr(storage, "delete", stubborn)
    await _until(lambda: _is_erased(owner_connection, bob.id))
    assert not _is_erased(owner_connection, me)
    assert places(owner_connection, traces.marks) >= BEFORE - {"auth.mails"}
    monkeypatch.undo()
    await erasure.erase_all()
    assert places(owner_connection, traces.marks) == set()


def _is_erased(connection: psycopg.Connection, person: UUID) -> bool:
    row = connection.execute("SELECT erased_at FROM auth.users WHERE id = %s", [person]).fetchone()
    return row is not None and row[0] is not None


async def _until(done: Callable[[], bool]) -> None:
    """Erase again and again, as the schedule does, whoever stands in the way."""
    for _ in range(200):
        (_problem,) = await asyncio.gather(erasure.erase_all(), return_exceptions=True)
        if done():
            return
    pytest.fail("it never happened")


@pytest.mark.usefixtures("no_nudge")
async def test_two_who_erase_at_once_do_not_get_in_each_other_s_way(
    people: People, owner_connection: psycopg.Connection, long_ago: Callable[[UUID], None]
) -> None:
    left = [await people.person(f"Leaver{number}") for number in range(6)]
    for person in left:
        await delete_me(person)
        long_ago(person.id)
    erased = await asyncio.gather(*[erasure.erase_all() for _ in range(3)])
    assert sum(erased) == 6
    query = "SELECT count(*) FROM auth.audit_log WHERE event = 'erased' AND user_id = ANY(%s)"
    assert owner_connection.execute(query, [[person.id for person in left]]).fetchone() == (6,)


async def test_a_picture_and_no_bucket_is_a_fault_that_is_told_and_nothing_is_lost(
    ada: Person,
    owner_connection: psycopg.Connection,
    long_ago: Callable[[UUID], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    owner_connection.execute(
        "UPDATE auth.users SET deleted_at = now(), avatar_id = gen_random_uuid() WHERE id = %s", [ada.id]
    )
    long_ago(ada.id)
    monkeypatch.delenv("ACCOUNTS_BUCKET", raising=False)
    settings.cache_clear()
    with pytest.raises(ServiceUnavailable):
        await erasure.erase_all()
    assert not _is_erased(owner_connection, ada.id)
    owner_connection.execute("UPDATE auth.users SET avatar_id = NULL WHERE id = %s", [ada.id])
    await erasure.erase_all()
    assert _is_erased(owner_connection, ada.id)
    monkeypatch.undo()
    settings.cache_clear()


# What the database itself allows -----------------------------------------------------------------------------------------


async def _as_auth(database: str, statement: str, person: UUID) -> Any:
    url = make_url(database)
    host = str(url.query["host"])
    async with await psycopg.AsyncConnection.connect(
        user="artel_auth", dbname=url.database, host=host, autocommit=True
    ) as connection:
        return await (await connection.execute(statement, [person])).fetchall()


async def test_the_service_cannot_erase_who_has_not_left(database: str, ada: Person) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="has not deleted the account"):
        await _as_auth(database, "SELECT identity.erase(%s)", ada.id)


@pytest.mark.parametrize("group", ["money", "posts", "analytics"])
def test_other_groups_cannot_read_or_erase_a_person(database: str, group: str) -> None:
    url = make_url(database)
    host = str(url.query["host"])
    functions = ("erase", "stored_files", "export_posts", "export_posts_comments", "export_uploads", "export_datasets")
    money = ("export_money_accounts", "export_money_entries", "export_money_requests")
    with psycopg.connect(user=f"artel_{group}", dbname=url.database, host=host, autocommit=True) as connection:
        for function in (*functions, *money):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(f"SELECT identity.{function}(uuidv7())")


async def test_the_owner_of_the_tables_can_blank_words_of_the_ledger_and_no_more(
    ada: Person, bob: Person, owner_connection: psycopg.Connection
) -> None:
    order = {"from_account_id": await ada.account(10), "to_account_id": await bob.account(), "amount": 1}
    paid = await ada.post("/v1/money/transfers", {**order, "currency": "EUR", "description": "lunch"})
    owner_connection.execute("SET ROLE artel_owner")
    owner_connection.execute("SET artel.erasing = 'on'")
    for change in (
        "description = 'dinner'",
        "description = '', kind = 'deposit'",
        "posted_at = now(), description = ''",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
            owner_connection.execute(f"UPDATE money.transactions SET {change} WHERE id = %s", [paid.json()["id"]])
    for statement in ("DELETE FROM money.transactions", "UPDATE money.entries SET amount = 1"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
            owner_connection.execute(statement)
