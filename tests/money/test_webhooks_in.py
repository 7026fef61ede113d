"""Events from outside: only signed ones count, each counts once, and none is lost."""

import asyncio
import hashlib
import hmac
import itertools
import json
import time
from typing import Any
from uuid import uuid4

import pytest

from common.db import transaction
from money import inbox, signatures
from money.errors import SignatureRefused
from money.providers import sandbox
from tests.money.paying import DEPOSITS, SECRET, Sql, deliver, listening, make_due, message, order, read
from tests.people import Person
from tests.server.ways import lambda_process

__all__ = ["listening"]
WEBHOOKS = "/v1/money/webhooks/sandbox"


@pytest.fixture
async def hers(ada: Person) -> str:
    return await ada.account()


@pytest.fixture
async def waiting(ada: Person, hers: str, listening: None) -> dict[str, Any]:
    """A deposit of which the bank has not said anything yet."""
    made = (await ada.post(DEPOSITS, order(hers, 70, method="pending"))).json()
    assert made["status"] == "pending"
    return dict(made)


def _stored(sql: Sql, event: dict[str, Any]) -> list[Any]:
    return sql("SELECT processed_at IS NOT NULL FROM money.webhook_inbox WHERE event_id = %s", event["id"])


async def test_a_signed_event_is_stored_answered_and_done(
    ada: Person, hers: str, waiting: dict[str, Any], sql: Sql
) -> None:
    event = message(waiting, "succeeded")
    answer = await deliver(ada.client, event)
    assert (answer.status_code, answer.content) == (204, b"")
    assert (_stored(sql, event), await ada.balance(hers)) == ([(True,)], 70)
    ((payload,),) = sql("SELECT payload FROM money.webhook_inbox WHERE event_id = %s", event["id"])
    assert bytes(payload) == json.dumps(event).encode()


async def test_the_scheme_is_stripes() -> None:
    """Written out here, so that both sides cannot be wrong together."""
    body, now = b'{"id": "evt_1"}', int(time.time())
    digest = hmac.new(b"whsec_x", f"{now}.".encode() + body, hashlib.sha256).hexdigest()
    signatures.verify(f"t={now},v1={digest}", body, ("whsec_x",))
    assert signatures.sign("whsec_x", body, now) == f"t={now},v1={digest}"


async def test_duplicates_at_the_same_moment_and_later_move_money_once(
    ada: Person, hers: str, waiting: dict[str, Any], sql: Sql
) -> None:
    event = message(waiting, "succeeded")
    answers = await asyncio.gather(*(deliver(ada.client, event) for _ in range(12)))
    answers.append(await deliver(ada.client, event))
    assert {answer.status_code for answer in answers} == {204}
    other = message(waiting, "succeeded", id="another event of the same")
    await asyncio.gather(*(deliver(ada.client, other) for _ in range(3)))
    assert await ada.balance(hers) == 70


@pytest.mark.parametrize("statuses", list(itertools.permutations(["pending", "failed", "succeeded"])))
async def test_any_order_ends_the_same(
    ada: Person, hers: str, waiting: dict[str, Any], statuses: tuple[str, ...]
) -> None:
    """An attempt that failed is told of before or after the one that succeeded."""
    for status in statuses:
        assert (await deliver(ada.client, message(waiting, status, failure="card declined"))).status_code == 204
    found = await read(ada, waiting)
    assert (found["status"], found["failure"], await ada.balance(hers)) == ("succeeded", None, 70)


async def test_without_success_the_order_does_not_matter_either(ada: Person, waiting: dict[str, Any]) -> None:
    for status in ("failed", "canceled", "failed", "pending"):
        await deliver(ada.client, message(waiting, status, id=str(uuid4()), failure="no"))
    assert (await read(ada, waiting))["status"] == "canceled"


async def test_a_bad_signature_is_refused_and_nothing_is_stored(
    ada: Person, hers: str, waiting: dict[str, Any], sql: Sql
) -> None:
    event = message(waiting, "succeeded")
    body, now = json.dumps(event).encode(), int(time.time())
    good = signatures.sign(SECRET, body)
    altered = body.replace(b'"amount": 70', b'"amount": 71')
    assert altered != body
    wrong = [
        (altered, good),
        (body + b" ", good),
        (body, signatures.sign("another secret", body)),
        (body, signatures.sign("", body)),
        (body, signatures.sign(SECRET, body, now - 301)),
        (body, signatures.sign(SECRET, body, now + 310)),
        (body, good.replace(f"t={now}", f"t={now - 1}")),
        (body, good.replace("v1=", "v0=")),
        (body, good.replace("t=", "t=+")),
        (body, f"t={now},{good}"),
        (body, f"t={now}"),
        (body, "v1=" + good.partition("v1=")[2]),
        (body, f"t={now},v1="),
        (body, f"t={now},v1=ÿ".encode("latin-1")),
        (body, "nonsense"),
        (body, ""),
        (body, None),
    ]
    for sent, header in wrong:
        headers: Any = {} if header is None else {sandbox.HEADER: header}
        answer = await ada.client.post(WEBHOOKS, content=sent, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (400, "SignatureRefused"), header
    assert (_stored(sql, event), await ada.balance(hers)) == ([], 0)


@pytest.mark.parametrize("age", [-290, 290])
async def test_clocks_may_differ_by_less_than_five_minutes(
    ada: Person, hers: str, waiting: dict[str, Any], age: int
) -> None:
    moment = int(time.time()) - age
    assert (await deliver(ada.client, message(waiting, "succeeded"), moment=moment)).status_code == 204
    assert await ada.balance(hers) == 70


async def test_while_a_secret_is_changed_the_old_and_the_new_one_are_good(
    ada: Person, waiting: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SANDBOX_WEBHOOK_SECRETS", "the new one, the old one,")
    for secret, status in (("the new one", 204), ("the old one", 204), ("", 400), (" the old one", 400), (SECRET, 400)):
        event = message(waiting, "pending", id=f"{waiting['id']} {secret}")
        assert (await deliver(ada.client, event, secret)).status_code == status
    body = json.dumps(message(waiting, "succeeded")).encode()
    now = int(time.time())
    both = [signatures.sign(secret, body, now).partition(",")[2] for secret in ("unknown", "the old one")]
    header = ",".join([f"t={now}", *both])
    assert (await ada.client.post(WEBHOOKS, content=body, headers={sandbox.HEADER: header})).status_code == 204


@pytest.mark.parametrize("secrets", [None, "", " ", ",", " , "])
async def test_without_a_secret_there_is_no_webhook(
    ada: Person, waiting: dict[str, Any], sql: Sql, monkeypatch: pytest.MonkeyPatch, secrets: str | None
) -> None:
    if secrets is None:
        monkeypatch.delenv("SANDBOX_WEBHOOK_SECRETS")
    else:
        monkeypatch.setenv("SANDBOX_WEBHOOK_SECRETS", secrets)
    event = message(waiting, "succeeded")
    for secret in ("", " ", SECRET):
        answer = await deliver(ada.client, event, secret)
        assert (answer.status_code, answer.json()["code"]) == (404, "NoSuchWebhook")
    assert _stored(sql, event) == []


def test_an_empty_secret_never_matches() -> None:
    body = b"{}"
    for secrets in ((), ("",), ("", "other")):
        with pytest.raises(SignatureRefused):
            signatures.verify(signatures.sign("", body), body, secrets)


@pytest.mark.parametrize("name", ["stripe", "piggybank", "..%2Fsandbox", "sandbox/", "SANDBOX"])
async def test_a_provider_that_is_not_switched_on_sends_nothing(
    ada: Person, listening: None, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("STRIPE_WEBHOOK_SECRETS", SECRET)
    headers = {sandbox.HEADER: signatures.sign(SECRET, b"{}"), "stripe-signature": signatures.sign(SECRET, b"{}")}
    assert (await ada.client.post(f"/v1/money/webhooks/{name}", content=b"{}", headers=headers)).status_code == 404


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"\xff", b'{"id": "evt"}'])
async def test_what_is_signed_and_makes_no_sense_is_refused(ada: Person, listening: None, body: bytes) -> None:
    headers = {sandbox.HEADER: signatures.sign(SECRET, body)}
    answer = await ada.client.post(WEBHOOKS, content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "UnreadableEvent")


async def test_an_event_that_is_quicker_than_we_are_waits_for_its_payment(
    ada: Person, hers: str, listening: None, sql: Sql, alarms: list[str]
) -> None:
    early = {"id": str(uuid4()), "amount": 70, "currency": "EUR"}
    event = message(early, "succeeded")
    assert (await deliver(ada.client, event)).status_code == 204
    for _ in range(2):
        sql("UPDATE money.webhook_inbox SET due_at = now() WHERE event_id = %s", event["id"])
        await inbox.process_due()
    waits = sql("SELECT problem, attempts, processed_at FROM money.webhook_inbox WHERE event_id = %s", event["id"])
    assert waits == [("no such payment", 2, None)]
    sql(
        "INSERT INTO money.payments (id, direction, owner_id, account_id, provider, amount, currency) "
        "VALUES (%s, 'deposit', %s, %s, 'sandbox', 70, 'EUR')",
        early["id"],
        ada.id,
        hers,
    )
    sql("UPDATE money.webhook_inbox SET due_at = now() WHERE event_id = %s", event["id"])
    await asyncio.gather(*(inbox.process_due() for _ in range(3)))
    assert (_stored(sql, event), await ada.balance(hers), alarms) == ([(True,)], 70, [])


async def test_an_event_about_nobody_is_kept_and_raises_an_alarm_once(
    ada: Person, listening: None, sql: Sql, alarms: list[str]
) -> None:
    event = message({"id": str(uuid4()), "amount": 70, "currency": "EUR"}, "succeeded")
    await deliver(ada.client, event)
    waits = []
    for _ in range(12):
        sql("UPDATE money.webhook_inbox SET due_at = now() WHERE event_id = %s", event["id"])
        await inbox.process_due()
        query = "SELECT round(extract(epoch FROM due_at - now()))::int FROM money.webhook_inbox WHERE event_id = %s"
        waits.append(sql(query, event["id"])[0][0])
    assert waits[:4] == [10, 20, 40, 80]
    assert max(waits) <= 6 * 3600
    assert (_stored(sql, event), alarms) == ([(False,)], ["webhook_stuck"])


async def test_a_stored_event_that_nobody_got_to_is_done_by_the_schedule(
    ada: Person, hers: str, waiting: dict[str, Any], sql: Sql, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def killed(_key: inbox.Key) -> None:
        raise OSError("the database went away")

    event = message(waiting, "succeeded")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inbox, "process", killed)
        assert (await deliver(ada.client, event)).status_code == 204
    assert (_stored(sql, event), await ada.balance(hers)) == ([(False,)], 0)
    await asyncio.gather(*(inbox.process_due() for _ in range(3)))
    assert (_stored(sql, event), await ada.balance(hers)) == ([(True,)], 70)


async def test_one_event_that_cannot_be_done_keeps_no_other_from_it(
    ada: Person, hers: str, waiting: dict[str, Any], sql: Sql, alarms: list[str]
) -> None:
    poison, good = message(waiting, "succeeded", id=f"poison {waiting['id']}"), message(waiting, "succeeded")
    for event, payload in ((poison, b"not what it should be"), (good, json.dumps(good).encode())):
        row = "INSERT INTO money.webhook_inbox (provider, event_id, type, payload) VALUES ('sandbox', %s, 'x', %s)"
        sql(row, event["id"], payload)
    await inbox.process_due()
    assert (_stored(sql, poison), _stored(sql, good)) == ([(False,)], [(True,)])
    assert (await ada.balance(hers), alarms) == (70, ["webhook_stuck"])
    sql("UPDATE money.webhook_inbox SET processed_at = now() WHERE event_id = %s", poison["id"])


async def test_what_an_event_says_is_forgotten_after_a_month_and_the_event_is_not(
    ada: Person, hers: str, waiting: dict[str, Any], sql: Sql
) -> None:
    event = message(waiting, "succeeded")
    await deliver(ada.client, event)
    sql("UPDATE money.webhook_inbox SET processed_at = now() - interval '31 days' WHERE event_id = %s", event["id"])
    assert await inbox.empty_old() >= 1
    assert sql("SELECT payload FROM money.webhook_inbox WHERE event_id = %s", event["id"]) == [(b"",)]
    await deliver(ada.client, event)
    await inbox.process(("sandbox", event["id"]))
    assert await ada.balance(hers) == 70


@pytest.mark.parametrize("other", [{"direction": "withdrawal"}, {"reference": "sbx_of_another_payment"}])
async def test_an_event_must_be_about_this_payment(
    ada: Person, hers: str, waiting: dict[str, Any], sql: Sql, other: dict[str, str]
) -> None:
    event = message(waiting, "succeeded", **other)
    await deliver(ada.client, event)
    assert (_stored(sql, event), await ada.balance(hers)) == ([(False,)], 0)


async def test_the_gateways_base64_leaves_the_signature_whole(ada: Person, hers: str, waiting: dict[str, Any]) -> None:
    """stripe-node #1768: what is signed are the bytes that the provider sent, and not what a gateway makes of them."""
    event = message(waiting, "succeeded", failure="перевод — «без» ошибок")
    body = json.dumps(event, ensure_ascii=False, indent=3).encode()
    headers = {sandbox.HEADER: signatures.sign(SECRET, body), "content-type": "application/json; charset=utf-8"}
    with lambda_process() as way:
        altered = await way("POST", WEBHOOKS, headers, body.replace(b"   ", b"  "))
        assert (altered.status, altered.json["code"]) == (400, "SignatureRefused")
        taken = await way("POST", WEBHOOKS, headers, body)
    assert (taken.status, taken.body) == (204, b"")
    assert await ada.balance(hers) == 70


async def test_only_functions_touch_payments_and_what_is_done_with_events(waiting: dict[str, Any]) -> None:
    from sqlalchemy import text
    from sqlalchemy.exc import ProgrammingError

    for statement in (
        "UPDATE money.payments SET status = 'succeeded'",
        "UPDATE money.payments SET amount = 1",
        "DELETE FROM money.payments",
        "INSERT INTO money.payments (direction) VALUES ('deposit')",
        "UPDATE money.webhook_inbox SET processed_at = now()",
        "DELETE FROM money.webhook_inbox",
        "UPDATE money.provider_transactions SET amount = 1",
        "UPDATE money.reconciliations SET unmatched = 0",
        "SELECT money.suspend(uuidv7(), uuidv7(), 'sandbox', 1, 'EUR', '')",
        "SELECT money.reconcile_currency(uuidv7(), 'sandbox', 'EUR', now(), now())",
    ):
        with pytest.raises(ProgrammingError, match="permission denied"):
            async with transaction("money") as session:
                await session.execute(text(statement))


def test_the_payment_itself_cannot_be_deleted_even_by_the_owner(waiting: dict[str, Any], sql: Sql) -> None:
    import psycopg

    make_due(sql, waiting)
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
        sql("DELETE FROM money.payments")
