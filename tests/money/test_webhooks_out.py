"""Webhooks on their way out: real HTTP to a real receiver, which verifies with the standard's own library."""

import time

import pytest
from standardwebhooks.webhooks import WebhookVerificationError

from money.background import run_due
from tests.money.notices import ENDPOINTS, Sql, again, deliveries, endpoint, events, tell
from tests.money.receiver import Receiver, says
from tests.people import Person


async def test_a_transfer_reaches_both_sides_endpoints_signed(ada: Person, bob: Person, receiver: Receiver) -> None:
    hers, his = await ada.account(500), await bob.account()
    await run_due()
    mine, yours = await endpoint(ada, receiver.url + "/ada"), await endpoint(bob, receiver.url + "/bob")
    order = {"from_account_id": hers, "to_account_id": his, "amount": 120, "currency": "EUR"}
    transfer = (await ada.post("/v1/money/transfers", order)).json()
    await run_due()
    got = {each.path: each for each in receiver.received}
    assert len(receiver.received) == 2
    sent = got["/hook/ada"].verified(mine["secret"])
    came = got["/hook/bob"].verified(yours["secret"])
    assert (sent["type"], came["type"]) == ("transfer.sent", "transfer.received")
    assert came["data"]["transaction_id"] == transfer["id"]
    assert (came["data"]["amount"], came["data"]["account_id"]) == (120, his)
    with pytest.raises(WebhookVerificationError):
        got["/hook/ada"].verified(yours["secret"])


async def test_the_body_is_the_event_as_it_can_be_looked_up_and_the_id_is_its_own(
    ada: Person, receiver: Receiver, sql: Sql
) -> None:
    await endpoint(ada, receiver.url)
    tell(sql, ada, words="Обед", amount=2**53 - 1)
    await run_due()
    (got,) = receiver.received
    (event,) = await events(ada)
    assert got.event == event
    assert got.id == event["id"]
    assert got.headers["content-type"] == "application/json"
    assert got.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert abs(int(got.headers["webhook-timestamp"]) - time.time()) < 60


async def test_a_delivery_that_arrived_is_done(ada: Person, receiver: Receiver, sql: Sql) -> None:
    made = await endpoint(ada, receiver.url)
    receiver.answers = [says(200, b"thanks")]
    tell(sql, ada)
    await run_due()
    await again(sql, made)
    (delivery,) = await deliveries(ada, made)
    assert len(receiver.received) == 1
    assert (delivery["status"], delivery["attempts"], delivery["event_type"]) == ("delivered", 1, "hold.placed")
    assert (delivery["response_status"], delivery["response"], delivery["error"]) == (200, "thanks", "")
    assert delivery["next_attempt_at"] is None
    assert delivery["finished_at"] is not None
    assert delivery["event_id"] == receiver.received[0].id


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ((), ["account.frozen", "hold.placed", "transfer.sent"]),
        (("hold.placed",), ["hold.placed"]),
        (("hold.*", "transfer.*"), ["hold.placed", "transfer.sent"]),
        (("hold.voided", "exchange.*"), []),
    ],
)
async def test_an_endpoint_gets_the_types_it_asked_for(
    ada: Person, receiver: Receiver, sql: Sql, wanted: tuple[str, ...], expected: list[str]
) -> None:
    await endpoint(ada, receiver.url, *wanted)
    for each in ("hold.placed", "transfer.sent", "account.frozen"):
        tell(sql, ada, each)
    await run_due()
    assert sorted(receiver.types) == expected


async def test_nobody_gets_another_persons_events_nor_those_before_there_was_an_endpoint(
    ada: Person, bob: Person, receiver: Receiver, sql: Sql
) -> None:
    tell(sql, ada)
    await run_due()
    await endpoint(ada, receiver.url)
    tell(sql, bob)
    await run_due()
    assert receiver.received == []


async def test_every_event_of_many_arrives_once_at_every_endpoint(ada: Person, receiver: Receiver, sql: Sql) -> None:
    for name in ("a", "b"):
        await endpoint(ada, f"{receiver.url}/{name}")
    for number in range(30):
        tell(sql, ada, number=number)
    await run_due()
    for name in ("a", "b"):
        got = [each.event["data"]["number"] for each in receiver.received if each.path.endswith(name)]
        assert sorted(got) == list(range(30))


async def test_after_a_rotation_either_secret_verifies_for_a_day(ada: Person, receiver: Receiver, sql: Sql) -> None:
    made = await endpoint(ada, receiver.url)
    rotated = (await ada.post(f"{ENDPOINTS}/{made['id']}/rotate-secret", None)).json()
    tell(sql, ada)
    await run_due()
    assert receiver.received[0].verified(made["secret"]) == receiver.received[0].verified(rotated["secret"])
    assert len(receiver.received[0].headers["webhook-signature"].split()) == 2
    sql("UPDATE money.webhook_endpoints SET old_secret_until = now() WHERE id = %s", made["id"])
    tell(sql, ada)
    await run_due()
    assert receiver.received[1].verified(rotated["secret"])
    with pytest.raises(WebhookVerificationError):
        receiver.received[1].verified(made["secret"])


async def test_rotating_again_within_the_day_keeps_its_promise_to_the_first_secret(
    ada: Person, receiver: Receiver, sql: Sql
) -> None:
    made = await endpoint(ada, receiver.url)
    secrets = [made["secret"]]
    for _ in range(5):
        secrets.append((await ada.post(f"{ENDPOINTS}/{made['id']}/rotate-secret", None)).json()["secret"])
        tell(sql, ada)
        await run_due()
        for secret in secrets[-4:]:
            assert receiver.received[-1].verified(secret)
    assert len(receiver.received[-1].headers["webhook-signature"].split()) == 4


async def test_a_ping_goes_to_the_one_endpoint_that_is_tried(ada: Person, receiver: Receiver) -> None:
    made = await endpoint(ada, receiver.url + "/tried", "transfer.*")
    await endpoint(ada, receiver.url + "/other")
    asked = await ada.post(f"{ENDPOINTS}/{made['id']}/test", None, "k")
    assert asked.status_code == 202
    assert (asked.json()["status"], asked.json()["event_type"]) == ("pending", "ping")
    again = await ada.post(f"{ENDPOINTS}/{made['id']}/test", None, "k")
    assert (again.json()["id"], again.headers["idempotent-replayed"]) == (asked.json()["id"], "true")
    await run_due()
    (got,) = receiver.received
    assert got.path == "/hook/tried"
    assert got.verified(made["secret"])["type"] == "ping"


async def test_an_event_is_sent_again_under_the_same_id_when_somebody_asks(
    ada: Person, receiver: Receiver, sql: Sql
) -> None:
    made = await endpoint(ada, receiver.url)
    tell(sql, ada)
    await run_due()
    (first,) = await deliveries(ada, made)
    path = f"{ENDPOINTS}/{made['id']}/deliveries/{first['id']}/replay"
    asked = await ada.post(path, None, "k")
    assert asked.status_code == 202
    assert (asked.json()["status"], asked.json()["event_id"]) == ("pending", first["event_id"])
    twice = await ada.post(path, None)
    assert (twice.status_code, twice.json()["code"]) == (409, "DeliveryPending")
    assert (await ada.post(path, None, "k")).json()["id"] == asked.json()["id"]
    await run_due()
    assert [each.id for each in receiver.received] == [first["event_id"]] * 2
    assert [each["status"] for each in await deliveries(ada, made)] == ["delivered", "delivered"]


async def test_deliveries_are_listed_newest_first_over_pages_and_by_status(
    ada: Person, receiver: Receiver, sql: Sql
) -> None:
    made = await endpoint(ada, receiver.url)
    for status in (200, 500, 200):
        receiver.answers = [says(status)]
        tell(sql, ada)
        await run_due()
    listed = await deliveries(ada, made)
    assert [each["response_status"] for each in listed] == [200, 500, 200]
    path = f"{ENDPOINTS}/{made['id']}/deliveries"
    first = (await ada.get(path, params={"limit": 2})).json()
    rest = (await ada.get(path, params={"cursor": first["next_cursor"]})).json()
    assert first["items"] + rest["items"] == listed
    assert rest["next_cursor"] is None
    assert await deliveries(ada, made, status="pending") == [listed[1]]
