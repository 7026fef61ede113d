"""Sending to people. Whether an address is somebody's is told to nobody who does not know it anyhow."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from httpx import Response
from sqlalchemy import event

from common.db import engine
from money import background, upkeep
from money.addresses import key
from money.schemas.transfers import TransferCreate
from tests.money.parties import (
    TRANSFERS,
    Sql,
    call,
    end_fee_rules,
    entries,
    events,
    fee_rule,
    look_through,
    new_address,
    new_handle,
    register,
    state,
    to_email,
    to_handle,
)
from tests.people import People, Person

pytestmark = pytest.mark.usefixtures("what_waits_is_what_is_there")

# Not the same for two requests of one kind either.
_OWN_HEADERS = {"date", "x-request-id"}
_OWN_FIELDS = {"id", "created_at", "request_id", "transaction_id", "posted_at"}
STATES = ["known", "without an account", "with another currency", "frozen", "unverified", "disabled", "deleted"]


@pytest.fixture
async def hers(ada: Person) -> str:
    return await ada.account(1000)


async def _address(state_of_it: str, people: People, sql: Sql) -> str:
    email = new_address("a" * 9)
    if state_of_it == "unknown":
        return email
    person = await register(people, email, verified=state_of_it != "unverified")
    if state_of_it != "without an account":
        account = await person.account(currency="USD" if state_of_it == "with another currency" else "EUR")
        if state_of_it == "frozen":
            sql("UPDATE money.accounts SET status = 'frozen' WHERE id = %s", UUID(account))
    if state_of_it in ("disabled", "deleted"):
        await state(person, **{f"{state_of_it}_at": datetime.now(UTC)})
    return email


def _without(found: Any, own: dict[str, str]) -> Any:
    """The same thing, less what is not the same for two requests of one kind either."""
    if isinstance(found, dict):
        return {k: "…" if k in _OWN_FIELDS else _without(v, own) for k, v in found.items()}
    if isinstance(found, list | tuple):
        return [_without(each, own) for each in found]
    return own.get(found, found) if isinstance(found, str) else found


def _told(answer: Response, own: dict[str, str]) -> Any:
    headers = {k: v for k, v in answer.headers.items() if k not in _OWN_HEADERS}
    return answer.status_code, headers, list(answer.json()), _without(answer.json(), own)


async def _everything(people: People, email: str, sql: Sql) -> list[Any]:
    """All that a sender can see of one transfer to this address."""
    person = await people.person("Ada")
    account = await person.account(1000)
    own = {email: "the address", account: "the account"}
    first = await person.post(TRANSFERS, to_email(account, email, description="for you"), "k-" + email)
    again = await person.post(TRANSFERS, to_email(account, email, description="for you"), "k-" + email)
    await upkeep.publish()
    await upkeep.fold()
    transfer = first.json()["id"]
    read = [
        await person.get(path)
        for path in (
            f"{TRANSFERS}/{transfer}",
            f"/v1/money/accounts/{account}",
            f"/v1/money/accounts/{account}/entries?limit=1",
            "/v1/money/accounts",
        )
    ]
    giving_back = [await person.post(f"{TRANSFERS}/{transfer}/{what}", {}) for what in ("refunds", "reverse")]
    refused = [
        await person.post(TRANSFERS, to_email(account, email, amount, currency))
        for amount, currency in ((10**9, "EUR"), (1, "USD"), (1, "ZZZ"))
    ]
    trials = [await person.post(TRANSFERS, to_email(account, email, amount, dry_run=True)) for amount in (1, 10**9)]
    told = [_told(each, own) for each in (first, again, *read, *giving_back, *refused, *trials)]
    return [*told, _without(events(sql, person), own)]


@pytest.mark.parametrize("whose", STATES)
async def test_a_sender_sees_the_same_whether_or_not_an_address_is_somebodys(
    people: People, sql: Sql, whose: str
) -> None:
    seen, unknown = [await _everything(people, await _address(which, people, sql), sql) for which in (whose, "unknown")]
    assert seen == unknown
    assert seen[0][0] == 201
    assert seen[0][3]["recipient"] == "the address"
    assert [kind for kind, _ in seen[-1]] == ["deposit.received", "transfer.sent"]


async def test_with_fees_it_is_no_different(people: People, sql: Sql) -> None:
    await fee_rule(sql, "EUR", 3)
    try:
        known, unknown = [
            await _everything(people, await _address(which, people, sql), sql) for which in ("known", "unknown")
        ]
        assert known == unknown
        assert known[0][3]["fee"] == 3
        assert known[0][3]["balance_after"] == 1000 - 103
    finally:
        end_fee_rules(sql)


@contextmanager
def _statements() -> Iterator[list[str]]:
    """What the services ask of the database meanwhile."""
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        asked.append(statement)

    sync = engine("money").sync_engine
    event.listen(sync, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(sync, "before_cursor_execute", note)


def _written(sql: Sql) -> Counter[str]:
    """Rows by table. An entry that has its place and one that has not yet are one each."""
    tables = (
        "transactions",
        "claims",
        "letters",
        "idempotency_keys",
        "outbox",
        "events",
        "rate_limits",
        "sides",
        "spent",
    )
    return Counter({table: sql(f"SELECT count(*) FROM money.{table}")[0][0] for table in tables})


async def test_the_same_is_asked_and_written_whether_or_not_an_address_is_somebodys(
    people: People, ada: Person, hers: str, sql: Sql
) -> None:
    await ada.post(TRANSFERS, to_email(hers, new_address()))  # the account for what waits is there from now on
    cost = []
    for which in ("known", "unknown"):
        email = await _address(which, people, sql)
        before = _written(sql)
        with _statements() as asked:
            assert (await ada.post(TRANSFERS, to_email(hers, email))).status_code == 201
        after = _written(sql)
        cost.append((asked, after - before))
    assert cost[0] == cost[1]
    assert len(cost[0][0]) >= 2
    assert cost[0][1] == Counter(
        {"transactions": 1, "claims": 1, "letters": 1, "idempotency_keys": 1, "outbox": 1, "sides": 2, "rate_limits": 1}
    )


async def test_what_only_the_recipients_account_could_refuse_is_told_to_nobody(
    people: People, ada: Person, sql: Sql
) -> None:
    email = new_address()
    rich = await register(people, email)
    # In a currency that nothing else is in: the sandbox's bank has a largest balance too.
    hers, full = await ada.account(1000, "ISK"), await rich.account(2**53 - 1 - 500, "ISK")
    assert (await ada.post(TRANSFERS, to_email(hers, email, 501, "ISK", dry_run=True))).status_code == 200
    assert (await ada.post(TRANSFERS, to_email(hers, email, 501, "ISK"))).status_code == 201
    assert await rich.balance(full) == 2**53 - 1 - 500
    await look_through(sql)
    assert await rich.balance(full) == 2**53 - 1 - 500
    another = await rich.account(0, "ISK")
    await rich.post(TRANSFERS, {"from_account_id": full, "to_account_id": another, "amount": 1, "currency": "ISK"})
    await look_through(sql)
    assert await rich.balance(full) == 2**53 - 1


async def test_money_for_a_known_address_is_there_at_once(people: People, ada: Person, hers: str) -> None:
    email = new_address()
    bob = await register(people, email)
    oldest, newer = await bob.account(), await bob.account()
    sent = await ada.post(TRANSFERS, to_email(hers, email.upper(), 120, description="lunch"))
    assert (sent.status_code, sent.json()["recipient"]) == (201, email.upper())
    assert (await bob.balance(oldest), await bob.balance(newer)) == (120, 0)


async def test_the_recipient_learns_who_sent_it_by_name_and_handle_and_nothing_else(
    people: People, ada: Person, hers: str
) -> None:
    handle = await call(ada)
    email = new_address()
    bob = await register(people, email)
    his = await bob.account()
    transfer = (await ada.post(TRANSFERS, to_email(hers, email))).json()["id"]
    got = await bob.get(f"{TRANSFERS}/{transfer}")
    assert got.json()["sender"] == {"display_name": "Ada", "handle": handle}
    assert (got.json()["to_account_id"], got.json()["recipient"], got.json()["balance_after"]) == (his, None, 100)
    assert ada.email not in got.text + (await bob.get(f"/v1/money/accounts/{his}/entries")).text


async def test_the_sender_never_sees_an_account_or_a_name(people: People, ada: Person, hers: str) -> None:
    email = new_address()
    bob = await register(people, email)
    his, handle = await bob.account(), await call(bob)
    for order in (to_email(hers, email), to_handle(hers, handle)):
        sent = await ada.post(TRANSFERS, order)
        read = await ada.get(f"{TRANSFERS}/{sent.json()['id']}")
        assert read.json() == sent.json()
        history = await ada.get(f"/v1/money/accounts/{hers}/entries")
        assert history.json()["items"][0]["counterparty_account_id"] is None
        assert history.json()["items"][0]["recipient"] == order.get("to_email", order.get("to_handle"))
        for text in (sent.text, read.text, history.text):
            assert his not in text
            assert str(bob.id) not in text
            assert "Newcomer" not in text


async def test_an_export_shows_the_sender_no_more(people: People, ada: Person, hers: str, sql: Sql) -> None:
    email = new_address()
    bob = await register(people, email)
    his = await bob.account()
    transfer = (await ada.post(TRANSFERS, to_email(hers, email))).json()["id"]
    await bob.post(f"{TRANSFERS}/{transfer}/refunds", {"amount": 1})
    lines = [row for (row,) in sql("SELECT identity.export_money_entries(%s)", ada.id)]
    assert his not in str(lines)
    assert [line["recipient"] for line in lines] == [None, email, email]
    assert hers in str(sql("SELECT identity.export_money_entries(%s)", bob.id))


async def test_neither_lists_nor_statements_show_the_sender_more(people: People, ada: Person, hers: str) -> None:
    email = new_address()
    bob = await register(people, email)
    his = await bob.account()
    transfer = (await ada.post(TRANSFERS, to_email(hers, email))).json()["id"]
    await bob.post(f"{TRANSFERS}/{transfer}/refunds", {"amount": 1})
    for person, other, shown in ((ada, his, False), (bob, hers, True)):
        mine = hers if person is ada else his
        listed = (await person.get(TRANSFERS)).text
        statement = f"/v1/money/accounts/{mine}/statement"
        texts = [listed, *[(await person.get(f"{statement}?format={form}")).text for form in ("json", "csv")]]
        assert [other in text for text in texts] == [shown] * 3
    assert [each["recipient"] for each in (await ada.get(TRANSFERS)).json()["items"]] == [email, email]


# By handle -------------------------------------------------------------------------------------------------------------------


async def test_a_handle_that_is_nobodys_is_refused_for_ever_under_its_key(ada: Person, hers: str, bob: Person) -> None:
    handle = new_handle()
    missed = await ada.post(TRANSFERS, to_handle(hers, handle), "k")
    assert (missed.status_code, missed.json()["code"]) == (404, "RecipientNotFound")
    await call(bob, handle)
    again = await ada.post(TRANSFERS, to_handle(hers, handle), "k")
    assert (again.status_code, again.headers["idempotent-replayed"]) == (404, "true")
    assert (await ada.post(TRANSFERS, to_handle(hers, handle), "k2")).status_code == 201


@pytest.mark.parametrize("how", ["disabled_at", "deleted_at"])
async def test_who_has_left_is_not_found_by_handle(ada: Person, hers: str, bob: Person, how: str) -> None:
    handle = await call(bob)
    await bob.account()
    await state(bob, **{how: datetime.now(UTC)})
    assert (await ada.post(TRANSFERS, to_handle(hers, handle))).json()["code"] == "RecipientNotFound"


async def test_by_handle_without_an_account_the_money_waits_for_that_person(
    ada: Person, hers: str, bob: Person, sql: Sql
) -> None:
    handle = await call(bob)
    assert (await ada.post(TRANSFERS, to_handle(hers, handle, 7))).status_code == 201
    assert [kind for kind, _ in events(sql, bob)] == ["claim.waiting"]
    await call(bob)  # whoever has the handle now, it was sent to Bob
    assert await bob.balance(await bob.account()) == 7


async def test_handles_cannot_be_gone_through(ada: Person, hers: str, bob: Person) -> None:
    handle = await call(bob)
    guesses = [await ada.post(TRANSFERS, to_handle(hers, new_handle(), dry_run=n % 2 == 0), f"g{n}") for n in range(21)]
    assert [guess.status_code for guess in guesses] == [404] * 20 + [429]
    assert guesses[-1].headers["retry-after"] == "900"
    assert (await ada.post(TRANSFERS, to_handle(hers, handle), "new")).status_code == 429
    assert (await ada.post(TRANSFERS, to_handle(hers, handle, dry_run=True))).status_code == 429
    # What has an answer keeps it; accounts and addresses are not looked up by handle.
    assert (await ada.post(TRANSFERS, to_handle(hers, new_handle()), "g1")).status_code == 422
    assert (await ada.post(TRANSFERS, to_email(hers, new_address()))).status_code == 201


async def test_a_key_that_was_stopped_works_later(ada: Person, hers: str, bob: Person, sql: Sql) -> None:
    handle = await call(bob)
    for _ in range(20):
        await ada.post(TRANSFERS, to_handle(hers, new_handle()))
    assert (await ada.post(TRANSFERS, to_handle(hers, handle), "later")).status_code == 429
    sql("UPDATE money.rate_limits SET window_ends = now() - interval '1 second'")
    assert (await ada.post(TRANSFERS, to_handle(hers, handle), "later")).status_code == 201


# What is asked for ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"to_handle": "ada_l", "to_email": "ada@example.org"},
        {"to_handle": "ada_l", "to_account_id": "019a0000-0000-7000-8000-000000000000"},
        {"to_email": "ada@example.org", "to_account_id": "019a0000-0000-7000-8000-000000000000"},
        {"to_email": "nobody"},
        {"to_email": "Ada <ada@example.org>"},
        {"to_email": "ada@example.org\r\nBcc: eve@example.org"},
        {"to_email": "a" * 250 + "@example.org"},
        {"to_handle": "@ada"},
        {"to_handle": "Ada"},
        {"to_handle": ""},
        {"to_email": ""},
    ],
)
async def test_exactly_one_recipient_is_named_as_it_should_be(ada: Person, hers: str, given: dict[str, Any]) -> None:
    order = {"from_account_id": hers, "amount": 1, "currency": "EUR", **given}
    refused = await ada.post(TRANSFERS, order)
    assert (refused.status_code, refused.json()["code"]) == (422, "MalformedRequest")
    assert await ada.balance(hers) == 1000


@pytest.mark.parametrize(
    "email",
    ["Ada@Example.ORG", "straße@example.org", "ADA+tag@example.org", "ada@bücher.example.org", "\u212bda@example.org"],
)
def test_addresses_are_compared_as_accounts_compare_them(email: str) -> None:
    from pydantic import TypeAdapter

    from auth.accounts import email_key
    from auth.schemas.fields import Email

    assert key(email) == email_key(TypeAdapter(Email).validate_python(email))


def test_an_order_to_an_account_has_the_fingerprint_it_always_had() -> None:
    one = "019a0000-0000-7000-8000-000000000001"
    order = TransferCreate(from_account_id=UUID(one), to_account_id=UUID(one), amount=1, currency="EUR")
    assert order.model_dump_json() == (
        f'{{"from_account_id":"{one}","to_account_id":"{one}","amount":1,"currency":"EUR","description":"","dry_run":false}}'
    )


async def test_only_ones_own_open_account_pays(ada: Person, bob: Person, hers: str, sql: Sql) -> None:
    email = new_address()
    closed = await ada.account()
    sql("UPDATE money.accounts SET status = 'closed' WHERE id = %s", UUID(closed))
    for person, account, code in ((bob, hers, "AccountNotFound"), (ada, closed, "AccountClosed")):
        assert (await person.post(TRANSFERS, to_email(account, email))).json()["code"] == code


async def test_to_oneself_it_goes_to_the_other_account_or_is_refused(people: People) -> None:
    email = new_address()
    me = await register(people, email)
    oldest, newer = await me.account(100), await me.account(100)
    assert (await me.post(TRANSFERS, to_email(oldest, email, 5))).json()["code"] == "SameAccount"
    assert (await me.post(TRANSFERS, to_email(newer, email, 5))).status_code == 201
    assert (await me.balance(oldest), await me.balance(newer)) == (105, 95)


async def test_limits_count_what_is_sent_to_people(ada: Person, hers: str, sql: Sql) -> None:
    sql("INSERT INTO money.limits (owner_id, currency, per_day, created_by) VALUES (%s, 'EUR', 150, uuidv7())", ada.id)
    try:
        answers = [await ada.post(TRANSFERS, to_email(hers, new_address(), 100)) for _ in range(2)]
        answers.append(await ada.post(TRANSFERS, to_email(hers, new_address(), 2000)))
        answers.append(await ada.post(TRANSFERS, to_email(hers, new_address(), 50)))
        assert [answer.json().get("code") for answer in answers] == [None, "LimitExceeded", "LimitExceeded", None]
    finally:
        sql("DELETE FROM money.limits WHERE owner_id = %s", ada.id)


async def test_what_is_refused_counts_towards_no_limit(ada: Person, sql: Sql) -> None:
    poor = await ada.account(10)
    sql("INSERT INTO money.limits (owner_id, currency, per_day, created_by) VALUES (%s, 'EUR', 150, uuidv7())", ada.id)
    try:
        assert (await ada.post(TRANSFERS, to_email(poor, new_address(), 100))).json()["code"] == "InsufficientFunds"
        assert sql("SELECT amount FROM money.spent WHERE owner_id = %s", ada.id) == [(0,)]
    finally:
        sql("DELETE FROM money.limits WHERE owner_id = %s", ada.id)


async def test_a_retry_gets_the_first_answer_though_somebody_has_come_meanwhile(
    people: People, ada: Person, hers: str
) -> None:
    email = new_address()
    first = await ada.post(TRANSFERS, to_email(hers, email), "k")
    bob = await register(people, email)
    his = await bob.account()
    again = await ada.post(TRANSFERS, to_email(hers, email), "k")
    assert again.json() == first.json()
    assert again.headers["idempotent-replayed"] == "true"
    assert (await bob.balance(his), await ada.balance(hers)) == (100, 900)


async def test_32_tasks_with_one_key_send_once(ada: Person, hers: str) -> None:
    order = to_email(hers, new_address())
    answers = await asyncio.gather(*(ada.post(TRANSFERS, order, "k") for _ in range(32)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert await ada.balance(hers) == 900


async def test_many_at_once_spend_no_more_than_there_is(people: People, ada: Person, hers: str) -> None:
    email = new_address()
    bob = await register(people, email)
    his = await bob.account()
    orders = [to_email(hers, email if n % 2 else new_address(), 100) for n in range(20)]
    answers = await asyncio.gather(*(ada.post(TRANSFERS, order) for order in orders))
    assert Counter(answer.status_code for answer in answers) == {201: 10, 409: 10}
    assert await ada.balance(hers) == 0
    assert await bob.balance(his) % 100 == 0


async def test_people_who_send_to_each_other_never_wait_in_a_circle(people: People) -> None:
    emails = [new_address(), new_address()]
    both = [await register(people, email) for email in emails]
    accounts = [await person.account(500) for person in both]
    answers = await asyncio.gather(
        *(both[n % 2].post(TRANSFERS, to_email(accounts[n % 2], emails[1 - n % 2], 1)) for n in range(40)),
        background.run_due(),
    )
    assert {answer.status_code for answer in answers[:-1] if isinstance(answer, Response)} == {201}
    assert [await person.balance(account) for person, account in zip(both, accounts, strict=True)] == [500, 500]


# Giving back ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_refund_looks_the_same_whenever_the_recipient_came(
    people: People, ada: Person, hers: str, when: str
) -> None:
    email = new_address()
    bob = None
    if when == "before":
        bob = await register(people, email)
        await bob.account()
    transfer = (await ada.post(TRANSFERS, to_email(hers, email))).json()["id"]
    bob = bob or await register(people, email)
    if when == "after":
        await bob.account()
    mine = (await bob.get("/v1/money/accounts")).json()["items"][0]["id"]
    theirs = (await entries(bob, mine))[0]["transaction_id"]
    refund = await bob.post(f"{TRANSFERS}/{theirs}/refunds", {"amount": 30, "description": "too much"})
    assert (refund.status_code, refund.json()["to_account_id"]) == (201, hers)
    seen = (await ada.get(f"{TRANSFERS}/{refund.json()['id']}")).json()
    assert (seen["from_account_id"], seen["to_account_id"], seen["recipient"]) == (None, hers, email)
    assert (seen["kind"], seen["amount"], seen["original_id"]) == ("refund", 30, transfer)
    assert (await entries(ada, hers))[0]["counterparty_account_id"] is None
    rest = await bob.post(f"{TRANSFERS}/{theirs}/refunds", {})
    assert rest.json()["amount"] == 70
    assert (await bob.post(f"{TRANSFERS}/{transfer}/refunds", {})).json()["code"] == "RefundTooLarge"
    assert await ada.balance(hers) == 1000


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_reversal_gives_the_fee_back_too(people: People, ada: Person, hers: str, when: str, sql: Sql) -> None:
    await fee_rule(sql, "EUR", 5)
    try:
        email = new_address()
        bob = await register(people, email, verified=when == "before")
        if when == "before":
            await bob.account()
        await ada.post(TRANSFERS, to_email(hers, email))
        assert await ada.balance(hers) == 895
        if when == "after":
            await state(bob, email_verified_at=datetime.now(UTC))
            await bob.account()
        mine = (await bob.get("/v1/money/accounts")).json()["items"][0]["id"]
        theirs = (await entries(bob, mine))[0]["transaction_id"]
        reversal = await bob.post(f"{TRANSFERS}/{theirs}/reverse", {})
        assert reversal.status_code == 201, reversal.text
        assert (await ada.balance(hers), await bob.balance(mine)) == (1000, 0)
        seen = (await ada.get(f"{TRANSFERS}/{reversal.json()['id']}")).json()
        assert (seen["kind"], seen["from_account_id"], seen["amount"]) == ("reversal", None, 100)
        assert (await bob.post(f"{TRANSFERS}/{theirs}/reverse", {})).json()["code"] == "AlreadyReversed"
    finally:
        end_fee_rules(sql)


async def test_a_stranger_cannot_give_back_what_waits(ada: Person, bob: Person, hers: str) -> None:
    transfer = (await ada.post(TRANSFERS, to_email(hers, new_address()))).json()["id"]
    for person in (ada, bob):
        for what in ("refunds", "reverse"):
            answer = await person.post(f"{TRANSFERS}/{transfer}/{what}", {})
            assert answer.json()["code"] == "TransferNotFound"
    assert (await bob.get(f"{TRANSFERS}/{transfer}")).status_code == 404


async def test_two_who_give_back_at_once_give_back_once(people: People, ada: Person, hers: str) -> None:
    email = new_address()
    bob = await register(people, email)
    his = await bob.account(1000)
    transfer = (await ada.post(TRANSFERS, to_email(hers, email))).json()["id"]
    ways = [bob.post(f"{TRANSFERS}/{transfer}/{what}", {}) for what in ("refunds", "reverse") * 8]
    answers = await asyncio.gather(*ways)
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 15}
    assert (await ada.balance(hers), await bob.balance(his)) == (1000, 1000)
