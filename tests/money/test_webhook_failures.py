"""Receivers that are down, slow, hostile or gone: what is tried again, when, and when no more."""

import pytest

from money.background import run_due
from money.webhooks import queue, sending
from tests.money import receiver as server
from tests.money.notices import ENDPOINTS, Sql, again, deliveries, endpoint, events, read, tell
from tests.money.receiver import Receiver, says
from tests.people import Person

SCHEDULE_S = [5, 60, 300, 1800, 7200, 21600, 43200, 86400, 86400]


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
