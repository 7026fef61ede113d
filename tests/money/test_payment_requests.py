"""Asking for money. One acceptance wins, and an address that is asked is not revealed."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from httpx import Response

from auth import outbox
from common.mail import Mail
from money import background, correspondence, standing_orders
from tests.money.parties import TRANSFERS, Sql, call, entries, events, new_address, new_handle, register, state
from tests.people import People, Person

REQUESTS = "/v1/money/payment-requests"
_OWN = {"id", "created_at", "expires_at", "request_id"}


def ask(account: str, amount: int = 100, currency: str = "EUR", **other: Any) -> dict[str, Any]:
    return {"account_id": account, "amount": amount, "currency": currency, **other}


@pytest.fixture
async def hers(ada: Person) -> str:
    return await ada.account()


@pytest.fixture
async def his(bob: Person) -> str:
    return await bob.account(500)


async def _made(person: Person, order: dict[str, Any]) -> str:
    made = await person.post(REQUESTS, order)
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def _accept(person: Person, request: str, account: str, key: str | None = None) -> Response:
    return await person.post(f"{REQUESTS}/{request}/accept", {"from_account_id": account}, key)


async def _decide(person: Person, request: str, what: str, key: str | None = None) -> Response:
    return await person.post(f"{REQUESTS}/{request}/{what}", None, key)


def _expired(sql: Sql, request: str) -> None:
    sql("UPDATE money.payment_requests SET expires_at = now() - interval '1 second' WHERE id = %s", UUID(request))


# Asking and paying -----------------------------------------------------------------------------------------------------------


async def test_who_is_asked_by_handle_sees_it_and_pays(ada: Person, bob: Person, hers: str, his: str, sql: Sql) -> None:
    handle = await call(bob)
    request = await _made(ada, ask(hers, 120, to_handle=handle, note="Tickets"))
    (seen,) = (await bob.get(REQUESTS, params={"direction": "received"})).json()["items"]
    assert (seen["id"], seen["status"], seen["direction"], seen["note"]) == (request, "open", "received", "Tickets")
    assert seen["requester"] == {"display_name": "Ada", "handle": None}
    assert (seen["account_id"], seen["recipient"]) == (None, None)
    paid = await _accept(bob, request, his)
    assert (paid.status_code, paid.json()["status"]) == (200, "accepted")
    assert (await ada.balance(hers), await bob.balance(his)) == (120, 380)
    transfer = (await ada.get(f"{TRANSFERS}/{paid.json()['transfer_id']}")).json()
    assert (transfer["amount"], transfer["description"], transfer["to_account_id"]) == (120, "Tickets", hers)
    mine = (await ada.get(f"{REQUESTS}/{request}")).json()
    assert (mine["transfer_id"], mine["recipient"], mine["account_id"]) == (transfer["id"], handle, hers)
    assert ("payment_request.received", request) in [(k, d.get("payment_request_id")) for k, d in events(sql, bob)]
    assert ("payment_request.accepted", request) in [(k, d.get("payment_request_id")) for k, d in events(sql, ada)]


async def test_by_address_it_is_for_who_has_it_verified_then(people: People, ada: Person, hers: str, his: str) -> None:
    email = new_address()
    request = await _made(ada, ask(hers, to_email=email.upper()))
    carl = await register(people, email, verified=False)
    account = await carl.account(100)
    assert (await carl.get(f"{REQUESTS}/{request}")).status_code == 404
    assert (await _accept(carl, request, account)).json()["code"] == "PaymentRequestNotFound"
    await state(carl, email_verified_at=datetime.now(UTC))
    assert [each["id"] for each in (await carl.get(REQUESTS)).json()["items"]] == [request]
    assert (await _accept(carl, request, account)).status_code == 200


async def test_without_a_recipient_it_is_for_whoever_has_the_link(
    people: People, ada: Person, bob: Person, hers: str, his: str
) -> None:
    request = await _made(ada, ask(hers))
    eve = await people.person("Eve")
    assert (await eve.get(f"{REQUESTS}/{request}")).json()["status"] == "open"
    assert (await bob.get(REQUESTS)).json()["items"] == []
    assert (await _accept(bob, request, his)).status_code == 200
    assert [each["id"] for each in (await bob.get(REQUESTS, params={"direction": "received"})).json()["items"]] == [
        request
    ]
    late = (await eve.get(f"{REQUESTS}/{request}")).json()
    assert (late["status"], late["transfer_id"]) == ("accepted", None)
    assert (await _accept(eve, request, await eve.account(100))).json()["code"] == "PaymentRequestDecided"


async def test_nobody_else_learns_of_a_request_that_is_somebodys(
    people: People, ada: Person, bob: Person, hers: str
) -> None:
    request = await _made(ada, ask(hers, to_handle=await call(bob)))
    eve = await people.person("Eve")
    account = await eve.account(100)
    answers = [
        await eve.get(f"{REQUESTS}/{request}"),
        await _accept(eve, request, account),
        await _decide(eve, request, "decline"),
        await _decide(eve, request, "cancel"),
    ]
    absent = [
        await eve.get(f"{REQUESTS}/{uuid4()}"),
        await _accept(eve, str(uuid4()), account),
        await _decide(eve, str(uuid4()), "decline"),
        await _decide(eve, str(uuid4()), "cancel"),
    ]
    assert {answer.json()["code"] for answer in answers + absent} == {"PaymentRequestNotFound"}
    assert await eve.balance(account) == 100


# Deciding otherwise ------------------------------------------------------------------------------------------------------------


async def test_who_is_asked_may_decline_and_who_asks_may_cancel(
    ada: Person, bob: Person, hers: str, his: str, sql: Sql
) -> None:
    handle = await call(bob)
    declined, canceled = [await _made(ada, ask(hers, to_handle=handle)) for _ in range(2)]
    assert (await _decide(bob, canceled, "cancel")).json()["code"] == "OnlyTheRequesterMayCancel"
    assert (await _decide(ada, declined, "decline")).json()["code"] == "OnlyTheRequestedMayDecline"
    assert (await _decide(bob, declined, "decline")).json()["status"] == "declined"
    assert (await _decide(ada, canceled, "cancel")).json()["status"] == "canceled"
    for request in (declined, canceled):
        for answer in (await _accept(bob, request, his), await _decide(bob, request, "decline")):
            assert answer.json()["code"] == "PaymentRequestDecided"
    assert await bob.balance(his) == 500
    assert [kind for kind, _ in events(sql, ada)] == ["payment_request.declined"]
    assert [kind for kind, _ in events(sql, bob)].count("payment_request.canceled") == 1


async def test_a_link_cannot_be_declined_for_everybody(ada: Person, bob: Person, hers: str) -> None:
    request = await _made(ada, ask(hers))
    assert (await _decide(bob, request, "decline")).json()["code"] == "OnlyTheRequestedMayDecline"
    assert (await _decide(ada, request, "cancel")).status_code == 200


async def test_nobody_pays_a_request_of_their_own(ada: Person, hers: str) -> None:
    request = await _made(ada, ask(hers))
    assert (await _accept(ada, request, await ada.account(100))).json()["code"] == "OwnPaymentRequest"


async def test_past_its_time_it_cannot_be_accepted_whether_or_not_anybody_has_swept(
    ada: Person, bob: Person, hers: str, his: str, sql: Sql
) -> None:
    request = await _made(ada, ask(hers, to_handle=await call(bob)))
    _expired(sql, request)
    assert (await bob.get(f"{REQUESTS}/{request}")).json()["status"] == "expired"
    for answer in (
        await _accept(bob, request, his),
        await _decide(bob, request, "decline"),
        await _decide(ada, request, "cancel"),
    ):
        assert answer.json()["code"] == "PaymentRequestExpired"
    assert await standing_orders.expire_requests() == 1
    await background.run_due()
    for person in (ada, bob):
        assert [kind for kind, _ in events(sql, person)].count("payment_request.expired") == 1
    assert (await _accept(bob, request, his)).json()["code"] == "PaymentRequestExpired"


async def test_what_cannot_be_paid_stays_open(ada: Person, bob: Person, hers: str, his: str) -> None:
    request = await _made(ada, ask(hers, 501, to_handle=await call(bob)))
    assert (await _accept(bob, request, his, "k")).json()["code"] == "InsufficientFunds"
    assert (await _accept(bob, request, hers)).json()["code"] == "AccountNotFound"
    assert (await _accept(bob, request, await bob.account(900, "USD"))).json()["code"] == "CurrencyMismatch"
    await bob.post("/v1/money/deposits", {"account_id": his, "amount": 1, "currency": "EUR"})
    assert (await _accept(bob, request, his, "k")).json()["code"] == "InsufficientFunds"  # the key's answer for ever
    assert (await _accept(bob, request, his)).status_code == 200
    assert await ada.balance(hers) == 501


async def test_into_an_account_that_is_closed_by_then_nothing_is_paid(
    ada: Person, bob: Person, hers: str, his: str, sql: Sql
) -> None:
    request = await _made(ada, ask(hers))
    sql("UPDATE money.accounts SET status = 'closed' WHERE id = %s", UUID(hers))
    assert (await _accept(bob, request, his)).json()["code"] == "RecipientNotFound"
    assert await bob.balance(his) == 500


# At once ----------------------------------------------------------------------------------------------------------------------


async def test_of_32_who_accept_at_once_one_pays(people: People, ada: Person, hers: str) -> None:
    request = await _made(ada, ask(hers, 10))
    payers = [await people.person(f"P{number}") for number in range(4)]
    accounts = [await payer.account(1000) for payer in payers]
    answers = await asyncio.gather(*(_accept(payers[n % 4], request, accounts[n % 4]) for n in range(32)))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 409: 31}
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"PaymentRequestDecided"}
    assert await ada.balance(hers) == 10
    assert len(await entries(ada, hers)) == 1
    assert sorted([await p.balance(a) for p, a in zip(payers, accounts, strict=True)]) == [990, 1000, 1000, 1000]


async def test_32_tasks_with_one_key_accept_once_and_get_one_answer(
    ada: Person, bob: Person, hers: str, his: str
) -> None:
    request = await _made(ada, ask(hers, 10))
    answers = await asyncio.gather(*(_accept(bob, request, his, "k") for _ in range(32)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert sum("idempotent-replayed" not in answer.headers for answer in answers) == 1
    assert (await ada.balance(hers), await bob.balance(his)) == (10, 490)


async def test_accepting_declining_canceling_and_expiring_at_once_is_one_of_them(
    ada: Person, bob: Person, hers: str, his: str, sql: Sql
) -> None:
    handle = await call(bob)
    paid = 0
    for _ in range(6):
        request = await _made(ada, ask(hers, 10, to_handle=handle))
        answers = await asyncio.gather(
            *(_accept(bob, request, his) for _ in range(3)),
            *(_decide(bob, request, "decline") for _ in range(3)),
            *(_decide(ada, request, "cancel") for _ in range(3)),
        )
        assert Counter(answer.status_code for answer in answers) == {200: 1, 409: 8}
        paid += (await ada.get(f"{REQUESTS}/{request}")).json()["status"] == "accepted"
    assert await ada.balance(hers) == 10 * paid


async def test_paying_many_requests_and_sending_at_once_never_waits_in_a_circle(
    ada: Person, bob: Person, hers: str, his: str, sql: Sql
) -> None:
    sql("INSERT INTO money.limits (owner_id, currency, per_day, created_by) VALUES (%s, 'EUR', 9999, uuidv7())", bob.id)
    try:
        requests = [await _made(ada, ask(hers, 1)) for _ in range(12)]
        back = {"from_account_id": his, "to_account_id": hers, "amount": 1, "currency": "EUR"}
        answers = await asyncio.gather(
            *(_accept(bob, request, his) for request in requests), *(bob.post(TRANSFERS, back) for _ in range(12))
        )
        assert Counter(answer.status_code for answer in answers) == {200: 12, 201: 12}
    finally:
        sql("DELETE FROM money.limits WHERE owner_id = %s", bob.id)
    assert (await ada.balance(hers), await bob.balance(his)) == (24, 476)


# What is asked for --------------------------------------------------------------------------------------------------------------


def _told(answer: Response, email: str) -> Any:
    headers = {k: v for k, v in answer.headers.items() if k not in ("date", "x-request-id")}
    body = {k: "address" if v == email else v for k, v in answer.json().items() if k not in _OWN}
    return answer.status_code, headers, list(answer.json()), body


@pytest.mark.parametrize("verified", [True, False], ids=["known", "unverified"])
async def test_asking_a_known_address_looks_like_asking_an_unknown_one(
    people: People, ada: Person, hers: str, sql: Sql, verified: bool
) -> None:
    known, unknown = new_address("k" * 9), new_address("u" * 9)
    person = await register(people, known, verified=verified)
    await person.account()
    seen = []
    for email in (known, unknown):
        made = await ada.post(REQUESTS, ask(hers, to_email=email))
        read = await ada.get(f"{REQUESTS}/{made.json()['id']}")
        tables = [sql(f"SELECT count(*) FROM money.{t}")[0][0] for t in ("payment_requests", "letters")]
        seen.append((_told(made, email), _told(read, email), tables))
    assert seen[0][:2] == seen[1][:2]
    assert [after - before for before, after in zip(seen[0][2], seen[1][2], strict=True)] == [1, 1]
    assert events(sql, ada) == []
    assert len(events(sql, person)) == verified


async def test_an_unknown_handle_is_told_and_cannot_be_gone_through(ada: Person, hers: str) -> None:
    answers = [await ada.post(REQUESTS, ask(hers, to_handle=new_handle())) for _ in range(21)]
    assert [answer.status_code for answer in answers] == [404] * 20 + [429]
    assert (await ada.post(REQUESTS, ask(hers))).status_code == 201


async def test_nobody_is_flooded_with_requests(ada: Person, bob: Person, hers: str) -> None:
    handle = await call(bob)
    answers = [await ada.post(REQUESTS, ask(hers, to_handle=handle), f"k{n}") for n in range(31)]
    assert [answer.status_code for answer in answers] == [201] * 30 + [429]
    assert (await ada.post(REQUESTS, ask(hers, to_email=new_address()))).status_code == 429
    assert (await ada.post(REQUESTS, ask(hers, to_handle=handle), "k0")).headers["idempotent-replayed"] == "true"
    assert (await ada.post(REQUESTS, ask(hers))).status_code == 201


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": 0},
        {"amount": 1.5},
        {"to_handle": "ada_l", "to_email": "ada@example.org"},
        {"to_email": "nobody"},
        {"expires_at": "2030-01-01T00:00:00"},
        {"note": "a\nb"},
        {"extra": 1},
    ],
)
async def test_a_malformed_request_is_refused(ada: Person, hers: str, wrong: dict[str, Any]) -> None:
    assert (await ada.post(REQUESTS, ask(hers) | wrong)).json()["code"] == "MalformedRequest"


async def test_it_is_paid_into_ones_own_account_of_its_currency_and_ends_within_a_year(
    ada: Person, bob: Person, hers: str, his: str
) -> None:
    now = datetime.now(UTC)
    for order, code in (
        (ask(his), "AccountNotFound"),
        (ask(hers, currency="USD"), "CurrencyMismatch"),
        (ask(hers, expires_at=(now - timedelta(seconds=1)).isoformat()), "InvalidRequestExpiry"),
        (ask(hers, expires_at=(now + timedelta(days=367)).isoformat()), "InvalidRequestExpiry"),
    ):
        assert (await ada.post(REQUESTS, order)).json()["code"] == code
    usual = (await ada.post(REQUESTS, ask(hers))).json()
    lasts = datetime.fromisoformat(usual["expires_at"]) - now
    assert timedelta(days=29, hours=23) < lasts < timedelta(days=30, hours=1)


@pytest.mark.parametrize("path", ["", "/{}/accept", "/{}/decline", "/{}/cancel"])
async def test_each_step_needs_a_key(ada: Person, hers: str, path: str) -> None:
    answer = await ada.client.post(REQUESTS + path.format(uuid4()), json=ask(hers), headers=ada.auth)
    assert answer.json()["code"] in ("IdempotencyKeyMissing", "MalformedRequest")
    assert answer.status_code in (400, 422)


async def test_lists_page_without_gap_or_repetition_and_are_filtered(
    ada: Person, bob: Person, hers: str, his: str, sql: Sql
) -> None:
    handle = await call(bob)
    made = [await _made(ada, ask(hers, n, to_handle=handle)) for n in range(1, 8)]
    await _accept(bob, made[0], his)
    await _decide(bob, made[1], "decline")
    _expired(sql, made[2])
    for person, direction in ((ada, "sent"), (bob, "received")):
        seen: list[str] = []
        cursor = None
        while True:
            query = {"limit": 3, "direction": direction} | ({"cursor": cursor} if cursor else {})
            answer = (await person.get(REQUESTS, params=query)).json()
            seen += [each["id"] for each in answer["items"]]
            cursor = answer["next_cursor"]
            if cursor is None:
                break
        assert seen == made[::-1]
        for status, wanted in (
            ("accepted", made[:1]),
            ("declined", made[1:2]),
            ("expired", made[2:3]),
            ("open", made[:2:-1]),
        ):
            listed = (await person.get(REQUESTS, params={"status": status})).json()["items"]
            assert [each["id"] for each in listed] == wanted
    assert (await ada.get(REQUESTS, params={"direction": "received"})).json()["items"] == []
    assert (await ada.get(REQUESTS, params={"cursor": "nonsense"})).status_code == 400


async def test_letters_go_to_addresses_and_say_who_asks(
    people: People, ada: Person, hers: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await correspondence.write_letters()
    await outbox.deliver()
    taken: list[Mail] = []

    async def take(mail: Mail) -> None:
        taken.append(mail)

    monkeypatch.setattr("auth.outbox.send", take)
    known, unknown = new_address(), new_address()
    await register(people, known)
    for email in (known, unknown):
        await _made(ada, ask(hers, 1999, to_email=email, note="secret"))
    await _made(ada, ask(hers))
    await correspondence.write_letters()
    await outbox.deliver()
    letters = {mail.to: mail for mail in taken}
    assert letters.keys() == {known, unknown}
    assert "Ada asks you for 19.99 EUR. Until" in letters[known].text
    assert "sign up" in letters[unknown].text
    assert "secret" not in letters[known].text + letters[unknown].text
