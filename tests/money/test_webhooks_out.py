"""Webhooks on their way out: real HTTP to a real receiver, which verifies with the standard's own library."""

import asyncio
import base64
import time

import pytest
from standardwebhooks.webhooks import WebhookVerificationError

from money.background import run_due
from money.webhooks import queue, sending
from money.webhooks.delivering import deliver
from tests.money import receiver as server
from tests.money.notices import ENDPOINTS, Sql, again, deliveries, endpoint, events, now, read, tell
from tests.money.receiver import Receiver, says
from tests.people import People, Person

SCHEDULE_S = [5, 60, 300, 1800, 7200, 21600, 43200, 86400, 86400]


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


# What goes wrong ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 400, 404, 500, 503])
async def test_whatever_is_not_2xx_is_tried_again_under_the_same_id(
    ada: Person, receiver: Receiver, sql: Sql, status: int
) -> None:
    made = await endpoint(ada, receiver.url)
    receiver.answers = [says(status, b"no"), says(200)]
    tell(sql, ada)
    await run_due()
    (delivery,) = await deliveries(ada, made)
    assert (delivery["status"], delivery["attempts"], delivery["response_status"]) == ("pending", 1, status)
    assert delivery["response"] == "no"
    assert (await read(ada, made))["failing_since"] is not None
    await run_due()
    assert len(receiver.received) == 1  # it is not due yet
    await again(sql, made)
    (delivery,) = await deliveries(ada, made)
    assert (delivery["status"], delivery["attempts"]) == ("delivered", 2)
    first, second = receiver.received
    assert (first.id, first.body) == (second.id, second.body)
    assert second.verified(made["secret"])
    assert (await read(ada, made))["failing_since"] is None


async def test_redirects_are_not_followed(ada: Person, receiver: Receiver, sql: Sql) -> None:
    with server.listening() as other:
        made = await endpoint(ada, receiver.url)
        receiver.answers = [says(307, Location=other.url)]
        tell(sql, ada)
        await run_due()
        assert other.received == []
        assert [each["status"] for each in await deliveries(ada, made)] == ["pending"]


async def test_waits_grow_from_seconds_to_a_day_and_then_it_is_given_up(
    ada: Person, receiver: Receiver, sql: Sql
) -> None:
    made = await endpoint(ada, receiver.url)
    receiver.answers = [says(500)]
    tell(sql, ada)
    await run_due()
    query = "SELECT extract(epoch FROM due_at - now())::float8 FROM money.deliveries WHERE endpoint_id = %s"
    for usual in SCHEDULE_S:
        (wait,) = sql(query, made["id"])[0]
        assert usual * 0.8 - 30 <= wait <= usual * 1.2
        await again(sql, made)
    (delivery,) = await deliveries(ada, made)
    assert (delivery["status"], delivery["attempts"]) == ("failed", len(SCHEDULE_S) + 1)
    await again(sql, made)
    assert len(receiver.received) == len(SCHEDULE_S) + 1
    assert (await read(ada, made))["enabled"]


def test_those_that_failed_together_are_not_tried_again_together() -> None:
    waits = {queue.wait_after(4, queue.Answer(500)) for _ in range(50)}
    assert len(waits) > 40


async def test_who_asks_to_be_left_alone_for_a_while_is(ada: Person, receiver: Receiver, sql: Sql) -> None:
    made = await endpoint(ada, receiver.url)
    query = "SELECT extract(epoch FROM due_at - now())::float8 FROM money.deliveries WHERE endpoint_id = %s"
    for given, expected in (("1000", 1000), ("99999", 86400), ("1" * 30, 5), ("soon", 5)):
        sql("DELETE FROM money.deliveries WHERE endpoint_id = %s", made["id"])
        receiver.answers = [says(429, Retry_After=given)]
        tell(sql, ada)
        await run_due()
        assert sql(query, made["id"])[0][0] == pytest.approx(expected, abs=30)


async def test_a_receiver_that_is_down_is_tried_again(ada: Person, receiver: Receiver, sql: Sql) -> None:
    with server.listening() as gone:
        made = await endpoint(ada, gone.url)
    tell(sql, ada)
    await run_due()
    (delivery,) = await deliveries(ada, made)
    assert (delivery["status"], delivery["response_status"]) == ("pending", None)
    assert delivery["error"].startswith("No connection")
    await ada.client.patch(f"{ENDPOINTS}/{made['id']}", json={"url": receiver.url}, headers=ada.auth)
    await again(sql, made)
    assert [each["status"] for each in await deliveries(ada, made)] == ["delivered"]


async def test_a_receiver_that_does_not_answer_is_not_waited_for(
    ada: Person, receiver: Receiver, sql: Sql, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "TIMEOUT_S", 0.2)
    made = await endpoint(ada, receiver.url)
    receiver.answers = [server.waits(2)]
    tell(sql, ada)
    await run_due()
    (delivery,) = await deliveries(ada, made)
    assert (delivery["status"], delivery["response_status"]) == ("pending", None)
    assert delivery["error"].startswith("No answer within")


async def test_of_an_answer_without_end_the_beginning_is_kept_and_no_more_is_read(
    ada: Person, receiver: Receiver, sql: Sql, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "_BODY_S", 10.0)
    made = await endpoint(ada, receiver.url)
    written: list[int] = []
    receiver.answers = [server.says_endlessly(written)]
    tell(sql, ada)
    await run_due()
    (delivery,) = await deliveries(ada, made)
    assert (delivery["status"], delivery["response_status"]) == ("delivered", 200)
    assert delivery["response"] == "x" * 1024
    assert sum(written) < 2**24  # what buffers of both machines hold


async def test_success_that_takes_its_time_to_say_more_is_success(
    ada: Person, receiver: Receiver, sql: Sql, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "_BODY_S", 0.3)
    made = await endpoint(ada, receiver.url)
    receiver.answers = [server.says_slowly]
    tell(sql, ada)
    await run_due()
    (delivery,) = await deliveries(ada, made)
    assert (delivery["status"], delivery["response_status"]) == ("delivered", 200)
    assert set(delivery["response"]) == {"y"}


async def test_an_answer_that_is_no_text_is_kept_as_well_as_can_be(ada: Person, receiver: Receiver, sql: Sql) -> None:
    made = await endpoint(ada, receiver.url)
    receiver.answers = [says(200, b"\x1f\x8b\x00\xff\xd0", Content_Encoding="gzip")]
    tell(sql, ada)
    await run_due()
    (delivery,) = await deliveries(ada, made)
    assert delivery["status"] == "delivered"
    assert len(delivery["response"]) == 5


async def test_what_is_not_http_is_a_failure(ada: Person, receiver: Receiver, sql: Sql) -> None:
    made = await endpoint(ada, receiver.url)
    receiver.answers = [server.is_no_http]
    tell(sql, ada)
    await run_due()
    (delivery,) = await deliveries(ada, made)
    assert (delivery["status"], delivery["error"]) == ("pending", "The answer is not HTTP.")


async def test_who_says_gone_is_switched_off_and_the_owner_is_told(ada: Person, receiver: Receiver, sql: Sql) -> None:
    gone = await endpoint(ada, receiver.url + "/gone", "hold.*")
    receiver.answers = [says(410)]
    tell(sql, ada)
    await run_due()
    receiver.answers = [says(200)]
    told = await endpoint(ada, receiver.url + "/told", "webhook_endpoint.*")
    assert (await read(ada, gone))["disabled_reason"] == "gone"
    assert [each["status"] for each in await deliveries(ada, gone)] == ["failed"]
    tell(sql, ada)
    await run_due()
    (notice,) = (each.event for each in receiver.received if each.path == "/hook/told")
    assert notice["type"] == "webhook_endpoint.disabled"
    assert notice["data"] == {"endpoint_id": gone["id"], "reason": "gone"}
    assert (await events(ada, type="webhook_endpoint."))[0]["data"]["endpoint_id"] == gone["id"]
    assert len([each for each in receiver.received if each.path == "/hook/gone"]) == 1
    assert (await read(ada, told))["enabled"]


async def test_who_only_fails_for_five_days_is_switched_off(ada: Person, receiver: Receiver, sql: Sql) -> None:
    made = await endpoint(ada, receiver.url)
    receiver.answers = [says(500)]
    tell(sql, ada, number=1)
    await run_due()
    tell(sql, ada, number=2)
    sql(
        "UPDATE money.webhook_endpoints SET failing_since = now() - interval '4 days 23 hours' WHERE id = %s",
        made["id"],
    )
    await again(sql, made)
    assert (await read(ada, made))["enabled"]
    sql("UPDATE money.webhook_endpoints SET failing_since = now() - interval '5 days' WHERE id = %s", made["id"])
    await again(sql, made)
    assert (await read(ada, made))["disabled_reason"] == "failing"
    assert {each["status"] for each in await deliveries(ada, made)} == {"failed"}
    await run_due()
    (notice,) = await events(ada, type="webhook_endpoint.")
    assert notice["data"]["reason"] == "failing"


async def test_a_failure_of_last_month_does_not_count_against_one_of_today(
    ada: Person, receiver: Receiver, sql: Sql
) -> None:
    made = await endpoint(ada, receiver.url)
    sql(
        "UPDATE money.webhook_endpoints SET failing_since = now() - interval '30 days',"
        " last_failed_at = now() - interval '27 days' WHERE id = %s",
        made["id"],
    )
    receiver.answers = [says(500)]
    tell(sql, ada)
    await run_due()
    assert (await read(ada, made))["enabled"]


async def test_what_waits_for_an_endpoint_that_is_switched_off_is_given_up_and_nothing_new_is_kept_for_it(
    ada: Person, receiver: Receiver, sql: Sql
) -> None:
    made = await endpoint(ada, receiver.url)
    receiver.answers = [says(500), says(200)]
    path = f"{ENDPOINTS}/{made['id']}"
    tell(sql, ada, number=1)
    await run_due()
    await ada.client.patch(path, json={"enabled": False}, headers=ada.auth)
    tell(sql, ada, number=2)
    await again(sql, made)
    (delivery,) = await deliveries(ada, made)
    assert (delivery["status"], delivery["error"]) == ("failed", "The endpoint was switched off.")
    await ada.client.patch(path, json={"enabled": True}, headers=ada.auth)
    tell(sql, ada, number=3)
    await again(sql, made)
    assert [each.event["data"]["number"] for each in receiver.received] == [1, 3]


# Again, and with another secret ----------------------------------------------------------------------------------------------


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


# Several at once -------------------------------------------------------------------------------------------------------------


async def test_two_workers_at_once_send_each_event_once(people: People, receiver: Receiver, sql: Sql) -> None:
    """So many that neither can take all at once."""
    for person in range(12):
        somebody = await people.person("Sam")
        await endpoint(somebody, receiver.url)
        for number in range(8):
            tell(sql, somebody, number=person * 8 + number)
    await queue.announce()
    counts = await asyncio.gather(deliver(), deliver())
    assert sql("SELECT DISTINCT error, attempts FROM money.deliveries") == [("", 1)]
    assert sum(counts) == 96
    assert min(counts) > 0
    assert sorted(each.event["data"]["number"] for each in receiver.received) == list(range(96))


async def test_what_a_killed_sender_had_taken_is_sent_by_another_and_its_late_report_changes_nothing(
    ada: Person, receiver: Receiver, sql: Sql
) -> None:
    made = await endpoint(ada, receiver.url)
    tell(sql, ada)
    await queue.announce()
    (lost,) = await queue.take(1)
    await deliver()
    assert receiver.received == []
    sql("UPDATE money.deliveries SET leased_until = now() WHERE endpoint_id = %s", made["id"])
    await deliver()
    await queue.report(lost, queue.Answer(410))
    (delivery,) = await deliveries(ada, made)
    assert (delivery["status"], delivery["attempts"], delivery["response_status"]) == ("delivered", 2, 204)
    assert (await read(ada, made))["enabled"]
    assert len(receiver.received) == 1


async def test_one_persons_backlog_does_not_keep_another_waiting(
    ada: Person, bob: Person, receiver: Receiver, sql: Sql
) -> None:
    for name in ("a", "b", "c"):
        await endpoint(ada, f"{receiver.url}/{name}")
    await endpoint(bob, receiver.url)
    for number in range(50):
        tell(sql, ada, number=number)
    tell(sql, bob, words="his")
    await queue.announce()
    taken = await queue.take(3)
    assert any(b"his" in each.body for each in taken)
    rest = await queue.take(40)
    assert len(taken) + len(rest) == 1 + queue.OF_AN_OWNER
    assert await queue.take(40) == []


async def test_one_endpoints_backlog_does_not_keep_another_of_the_same_owner_waiting(
    ada: Person, receiver: Receiver, sql: Sql
) -> None:
    await endpoint(ada, f"{receiver.url}/slow", "hold.*")
    await endpoint(ada, f"{receiver.url}/quick", "account.*")
    for number in range(50):
        tell(sql, ada, number=number)
    await queue.announce()
    assert len(await queue.take(40)) == queue.OF_AN_ENDPOINT
    tell(sql, ada, "account.frozen")
    await queue.announce()
    assert [each.url for each in await queue.take(40)] == [f"{receiver.url}/quick"]


async def test_a_slow_receiver_keeps_nothing_else_waiting(
    ada: Person, bob: Person, receiver: Receiver, sql: Sql
) -> None:
    """Not even what happens while it is waited for."""
    with server.listening() as slow:
        slow.answers = [server.waits(3)]
        await endpoint(ada, slow.url)
        tell(sql, ada)
        working = asyncio.create_task(run_due())
        while not slow.received:
            await asyncio.sleep(0.02)
        await endpoint(bob, receiver.url)
        tell(sql, bob)
        while not receiver.received:
            assert not working.done()
            await asyncio.sleep(0.02)
        await working


async def test_an_address_that_was_changed_meanwhile_is_not_blamed_for_the_old_one(
    ada: Person, receiver: Receiver, sql: Sql
) -> None:
    made = await endpoint(ada, receiver.url + "/old")
    tell(sql, ada)
    await queue.announce()
    (taken,) = await queue.take(1)
    await ada.client.patch(f"{ENDPOINTS}/{made['id']}", json={"url": receiver.url}, headers=ada.auth)
    await queue.report(taken, queue.Answer(410))
    endpoint_now = await read(ada, made)
    assert (endpoint_now["enabled"], endpoint_now["failing_since"]) == (True, None)
    await again(sql, made)
    assert [each.path for each in receiver.received] == ["/hook"]


async def test_switching_off_while_it_is_sent_keeps_what_arrived_and_retries_nothing(
    ada: Person, receiver: Receiver, sql: Sql
) -> None:
    made = await endpoint(ada, receiver.url)
    for number in range(2):
        tell(sql, ada, number=number)
    await queue.announce()
    arrived, failed = await queue.take(2)
    await ada.client.patch(f"{ENDPOINTS}/{made['id']}", json={"enabled": False}, headers=ada.auth)
    await queue.report(arrived, queue.Answer(200))
    await queue.report(failed, queue.Answer(500))
    assert sorted(each["status"] for each in await deliveries(ada, made)) == ["delivered", "failed"]
    now(sql, made)
    assert await queue.take(10) == []


async def test_deleting_an_endpoint_while_something_is_sent_there_is_no_error(
    ada: Person, receiver: Receiver, sql: Sql
) -> None:
    made = await endpoint(ada, receiver.url)
    tell(sql, ada)
    await queue.announce()
    (taken,) = await queue.take(1)
    assert (await ada.client.delete(f"{ENDPOINTS}/{made['id']}", headers=ada.auth)).status_code == 204
    await queue.report(taken, queue.Answer(410))
    assert base64.b64encode(taken.secrets[0]).decode() in made["secret"]
