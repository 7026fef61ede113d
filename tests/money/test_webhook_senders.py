"""Several senders at once, killed ones, and people who change things while something is being sent."""

import asyncio
import base64

from money.background import run_due
from money.webhooks import queue
from money.webhooks.delivering import deliver
from tests.money import receiver as server
from tests.money.notices import ENDPOINTS, Sql, again, deliveries, endpoint, now, read, tell
from tests.money.receiver import Receiver
from tests.people import People, Person


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
